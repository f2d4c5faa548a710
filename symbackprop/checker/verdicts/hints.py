"""Signs in an equation that it may speak of something else than the network it is judged in."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property

from symbackprop.checker.meaning.functions import depends
from symbackprop.checker.meaning.lookup import Lookup, is_layered
from symbackprop.checker.meaning.surroundings import indices_of
from symbackprop.checker.verdicts.definitions import COST
from symbackprop.checker.verdicts.settle import Chosen, Settled
from symbackprop.checker.verdicts.variants import calls_activation
from symbackprop.model.functions import ACTIVATIONS
from symbackprop.notation.quantities import Role
from symbackprop.reading.syntax.tree import (
    Add,
    Call,
    Derivative,
    Differential,
    Gradient,
    Group,
    Matrix,
    Node,
    Number,
    Relation,
    Symbol,
)
from symbackprop.reading.syntax.walk import children, symbols, walk


@dataclass(frozen=True)
class Case:
    """An equation that does not hold, and what is known of its text; see `Doubts`."""

    body: Node
    settled: Settled
    chosen: Chosen
    letters: frozenset[str]
    samples: frozenset[str]

    @property
    def lookup(self) -> Lookup:
        """The letters."""
        return self.settled.judge.lookup

    @cached_property
    def names(self) -> frozenset[str]:
        """What the equation speaks of."""
        return mentions(self.body, self.lookup)

    @property
    def members(self) -> tuple[Node, ...]:
        """Its members."""
        return self.body.members if isinstance(self.body, Relation) else (self.body,)

    def stated(self, choice: str) -> bool:
        """Whether the text, or the user, states what a choice is."""
        return self.settled.choices[choice].stated


def mentions(body: Node, lookup: Lookup) -> frozenset[str]:
    """The names of the quantities that a formula speaks of; every cost is `COST`."""
    found: set[str] = set()
    for one in walk(body):
        if isinstance(one, Differential | Gradient):
            found.add(COST)
        if not isinstance(one, Symbol):
            continue
        quantity = lookup.quantity(one)
        if lookup.is_cost(one) or (one.name == "delta" and one.above):
            found.add(COST)
        elif quantity is not None:
            found.add(quantity.name)
        elif lookup.is_activation(one):
            found.add("a")
    return frozenset(found)


# --- the numbers of an example --------------------------------------------------------------------


def is_example(body: Node) -> bool:
    """Whether numbers are given for quantities: a member, or a matrix, of nothing but numbers."""
    members = body.members if isinstance(body, Relation) else ()
    return any(_is_literal(one) for one in members) or any(
        (isinstance(one, Matrix) and _is_literal(one))
        or (isinstance(one, Number) and "." in one.text and one.text not in ("0.5", ".5"))
        for one in walk(body)
    )


def _is_literal(node: Node) -> bool:
    return not any(isinstance(one, Symbol | Call | Derivative) for one in walk(node))


def numbers(case: Case) -> str:
    """Values that are given as numbers are those of an example."""
    return "these are the numbers of an example" if is_example(case.body) else ""


def written_out(case: Case) -> str:
    """A sum that is written out, node by node, says how many nodes there are; or part of it."""
    if case.chosen.model:
        return ""
    for node in walk(case.body):
        if not isinstance(node, Add):
            continue
        seen: dict[tuple[str, tuple[Node, ...]], set[tuple[Node, ...]]] = {}
        for one in symbols(node):
            items = indices_of(one)
            if case.lookup.quantity(one) and any(isinstance(item, Number) for item in items):
                seen.setdefault((one.name, one.above), set()).add(items)
        if any(len(found) > 1 for found in seen.values()):
            return "a sum is written out, and the text does not say how many nodes a layer has"
    return ""


# --- letters --------------------------------------------------------------------------------------


def sample_marks(bodies: Iterable[Node], lookup: Lookup) -> frozenset[str]:
    """The letters in brackets above inputs and targets: they count samples, not layers."""
    found = set()
    for body in bodies:
        for one in symbols(body):
            quantity = lookup.quantity(one)
            if quantity is not None and not is_layered(quantity) and quantity.role in _GIVEN:
                found |= {
                    script.body.name
                    for script in one.above
                    if isinstance(script, Group) and isinstance(script.body, Symbol)
                }
    return frozenset(found)


_GIVEN = (Role.INPUT, Role.TARGET)


def samples_above(case: Case) -> str:
    """A superscript that counts samples elsewhere is no layer."""
    for one in symbols(case.body):
        quantity = case.lookup.quantity(one)
        for script in one.above if quantity is not None and is_layered(quantity) else ():
            inside = script.body if isinstance(script, Group) else script
            if isinstance(inside, Symbol) and inside.name in case.samples:
                return f"({inside.name}) counts samples above x or y, and would be a layer here"
    return ""


_ACTIVATIONS = frozenset(row.name for row in ACTIVATIONS)


def several_functions(case: Case) -> str:
    """Two letters of functions are two functions; only one is known."""
    names = dict.fromkeys(
        one.head.name
        for one in walk(case.body)
        if isinstance(one, Call)
        and (case.lookup.is_activation(one.head) or case.lookup.function(one.head) in _ACTIVATIONS)
    )
    return f"{' and '.join(names)} would be one and the same function" if len(names) > 1 else ""


def other_letters(case: Case) -> str:
    """A derivative of what does not answer to its variable: the letters mean something else."""
    for one in walk(case.body):
        if not isinstance(one, Derivative):
            continue
        for variable in one.variables:
            said = _unanswered(one.operand, variable, case.lookup)
            if said:
                return said
    return ""


def _unanswered(operand: Node, variable: Node, lookup: Lookup) -> str:
    of, by = _bare(operand), _bare(variable)
    if not isinstance(of, Symbol) or not isinstance(by, Symbol) or lookup.is_cost(of):
        return ""
    first, second = lookup.quantity(of), lookup.quantity(by)
    if first is None or second is None or first == second:
        return ""
    if depends(lookup.model, first.name, second.name):
        return ""
    return f"{of.name} does not depend on {by.name} in a network: the letters may mean others"


def _bare(node: Node) -> Node:
    while isinstance(node, Group):
        node = node.body
    return node


def unknown_letters(case: Case) -> str:
    """Letters without layers that no definition ties to the network."""
    if case.chosen.model or case.chosen.notation:
        return ""
    loose: dict[str, None] = {}
    for one in symbols(case.body):
        quantity = case.lookup.quantity(one)
        if quantity is None or not is_layered(quantity):
            continue
        if one.above:
            return ""
        if quantity.name not in case.letters:
            loose[one.name] = None
    return f"the text does not define {', '.join(loose)}" if loose else ""


# --- slopes of what is not stated -----------------------------------------------------------------


def slope_of_cost(case: Case) -> str:
    """The derivative of a cost that is not stated, put in."""
    if case.stated("cost") or COST not in case.names:
        return ""
    if all(COST in mentions(one, case.lookup) for one in case.members):
        return ""
    return "the text does not define its cost"


def slope_of_activation(case: Case) -> str:
    """The derivative of an activation that is not stated, put in."""
    if case.stated("activation") or "a" not in case.names | {"a"} & _through(case):
        return ""
    for member in case.members:
        alone = _is_slope(member, case.lookup)
        if alone and any(not _has_function(one, case.lookup) for one in case.members):
            return "the text does not define its activation"
    if calls_activation(case.body, case.lookup) or not _plain(case):
        return ""
    crossed = _through(case)
    weighted = any("w" in _outside(one, case.lookup) for one in case.members)
    if crossed & {"z", "w", "b", "x"} or ("a" in crossed and weighted):
        return "the text does not define its activation"
    return ""


def _is_slope(member: Node, lookup: Lookup) -> bool:
    """Whether a member is nothing but sigma'(z), or the derivative of a by z."""
    node = _bare(member)
    if isinstance(node, Call):
        return lookup.is_activation(node.head) and bool(node.head.primes + node.primes)
    if not isinstance(node, Derivative) or len(node.variables) != 1:
        return False
    by = _bare(node.variables[0])
    quantity = lookup.quantity(by) if isinstance(by, Symbol) else None
    through = _has_function(node.operand, lookup) or mentions(node.operand, lookup) == {"a"}
    return through and quantity is not None and quantity.name == "z"


def _has_function(node: Node, lookup: Lookup) -> bool:
    """Whether the activation stands in a formula: by its letter, or as the derivative of a."""
    return calls_activation(node, lookup) or any(isinstance(one, Derivative) for one in walk(node))


def _through(case: Case) -> set[str]:
    """By what derivatives are taken, and errors, which are derivatives by z."""
    found = set()
    for one in walk(case.body):
        if isinstance(one, Derivative):
            found |= {name for by in one.variables for name in mentions(by, case.lookup)}
        elif isinstance(one, Gradient) and one.variable is not None:
            found |= mentions(one.variable, case.lookup)
        elif isinstance(one, Differential):
            found |= mentions(one.operand, case.lookup)
        elif isinstance(one, Symbol) and one.name == "delta" and one.above:
            found.add("z")
    return found


def _plain(case: Case) -> bool:
    """Whether activations or weighted inputs stand outside of derivatives."""
    return any(_outside(one, case.lookup) & {"a", "z"} for one in case.members)


def _outside(node: Node, lookup: Lookup) -> set[str]:
    """What is mentioned outside of derivatives."""
    if isinstance(node, Derivative | Differential | Gradient):
        return set()
    if isinstance(node, Symbol):
        quantity = lookup.quantity(node)
        return set() if quantity is None else {quantity.name}
    found: set[str] = set()
    for part in children(node):
        found |= _outside(part, lookup)
    return found


RULES: tuple[Callable[[Case], str], ...] = (
    numbers,
    written_out,
    samples_above,
    several_functions,
    other_letters,
    unknown_letters,
    slope_of_cost,
    slope_of_activation,
)
"""The signs, each with the reason it gives, or an empty text; the first one that speaks is told."""
