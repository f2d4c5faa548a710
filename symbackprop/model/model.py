"""Models: definitions in order, ending in one scalar, the cost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property, wraps
from typing import Any, TypeVar

from sympy import Expr, Indexed

from symbackprop.arguments import MAPPING, TEXT, check, instance
from symbackprop.errors import ModelError
from symbackprop.model.definitions import Definition, name_of, targets_overlap
from symbackprop.model.functions import FUNCTIONS, FunctionRow
from symbackprop.model.names import Names, check_functions
from symbackprop.notation.conditions import affine, contradictory
from symbackprop.notation.expressions import Condition, at_least, equal
from symbackprop.notation.quantities import Kind, Quantity, Role

_PARTS = {
    "quantities": instance("a Quantity", Quantity),
    "definitions": instance("a Definition", Definition),
    "functions": instance("a FunctionRow", FunctionRow),
}


@dataclass(frozen=True)
class Model(Names):
    """Quantities and the definitions that connect them; the last definition is the cost's.

    ``sizes`` binds symbolic sizes to numbers for printing and code: ``{n[0]: 4, n[1]: 3}``. The
    calculus never looks at it. A model may leave sizes unbound. ``functions`` are the rows of the
    named functions that the definitions use.

    Raises ModelError when something is mentioned and not declared, defined twice, never defined,
    an index is out of its range, or a definition needs its own result.
    """

    name: str
    quantities: tuple[Quantity, ...]
    definitions: tuple[Definition, ...]
    sizes: dict[Expr, int] = field(default_factory=dict)
    functions: tuple[FunctionRow, ...] = FUNCTIONS

    def __post_init__(self) -> None:
        """Check the model as a whole."""
        check("the name of a model", self.name, TEXT)
        for name, kind in _PARTS.items():
            check(f"model {self.name}: {name}", getattr(self, name), instance("a tuple", tuple))
            for part in getattr(self, name):
                check(f"model {self.name}: each of {name}", part, kind)
        check(f"model {self.name}: sizes", self.sizes, MAPPING)
        names = [q.name for q in self.quantities]
        for name in names:
            if names.count(name) > 1:
                raise ModelError(f"model {self.name}: quantity {name} is declared twice")
        check_functions(self.name, self.functions)
        if not self.definitions:
            raise ModelError(f"model {self.name}: there is no definition")
        for definition in self.definitions:
            self._check_mentions(definition)
        self._check_defined()
        self._check_overlaps()
        if self.cost.axes:
            raise ModelError(
                f"model {self.name}: the last definition must be a scalar cost; "
                f"{self.cost.name} has indices"
            )
        directions(self)

    @cached_property
    def notes(self) -> dict[str, dict[Any, Any]]:
        """Results that depend on the model alone, kept by whoever computes them."""
        return {}

    @cached_property
    def by_name(self) -> dict[str, Quantity]:
        """The quantities by name, adjoints included."""
        found = {q.name: q for q in self.quantities}
        found.update({q.adjoint.name: q.adjoint for q in self.quantities})
        return found

    @property
    def cost(self) -> Quantity:
        """The scalar that is differentiated."""
        return self.definitions[-1].quantity

    def quantity(self, instance: Expr | str) -> Quantity:
        """The quantity of an instance, or of a name."""
        name = instance if isinstance(instance, str) else name_of(instance)
        try:
            return self.by_name[name]
        except KeyError:
            known = ", ".join(q.name for q in self.quantities)
            raise ModelError(
                f"model {self.name} has no quantity {name!r}; it has {known}"
            ) from None

    def function(self, head: str) -> FunctionRow:
        """The row of a named function."""
        if head in self.rows:
            return self.rows[head]
        raise ModelError(f"model {self.name} uses function {head!r}, which no row defines")

    def with_role(self, *roles: Role) -> tuple[Quantity, ...]:
        """The quantities with one of these roles, in order."""
        return tuple(q for q in self.quantities if q.role in roles)

    def definitions_of(self, quantity: Quantity) -> tuple[Definition, ...]:
        """The definitions of a quantity, in order."""
        return tuple(d for d in self.definitions if d.quantity == quantity)

    def uses_of(self, quantity: Quantity) -> tuple[Definition, ...]:
        """The definitions whose right side mentions a quantity."""
        return tuple(d for d in self.definitions if d.mentions(quantity))

    @cached_property
    def ambiguous_partials(self) -> frozenset[tuple[str, str]]:
        """Pairs (of, by) of names whose local and total derivatives differ.

        They differ where ``by`` is also mentioned by something else that ``of`` depends on: a
        shared weight of a recurrent net, a skip connection, a cost that reads two layers. What a
        definition mentions at one place of a recurrence only is mentioned nowhere before it.
        """
        return frozenset(
            (definition.quantity.name, name_of(one))
            for definition in self.definitions
            for one in definition.instances()
            if any(_also_before(self, definition, one, other) for other in self.definitions)
        )

    def _check_mentions(self, definition: Definition) -> None:
        for one in definition.instances():
            if not isinstance(one, Indexed):
                self.quantity(one)
                continue
            if one.base in self.size_families:
                continue
            quantity = self.quantity(one)
            try:
                quantity[tuple(one.indices)]
            except ModelError as error:
                raise ModelError(f"definition of {definition.target}: {error}") from None

    def _check_defined(self) -> None:
        defined = {d.quantity.name for d in self.definitions}
        for q in self.quantities:
            needs = q.role in (Role.INTERMEDIATE, Role.COST)
            if needs and q.name not in defined:
                raise ModelError(f"model {self.name}: {q.name} is never defined")
            if not needs and q.name in defined:
                raise ModelError(
                    f"model {self.name}: {q.name} is declared as {q.role} and defined all the same"
                )

    def _check_overlaps(self) -> None:
        for position, first in enumerate(self.definitions):
            for second in self.definitions[position + 1 :]:
                if first.quantity == second.quantity and not contradictory(
                    targets_overlap(first, second)
                ):
                    raise ModelError(
                        f"model {self.name}: {first.target} and {second.target} may define "
                        f"the same {first.quantity.name}; give them disjoint domains"
                    )


def recurrence_axis(quantity: Quantity) -> int | None:
    """The position of the axis along which a quantity may refer to itself: a layer or a time."""
    for position, axis in enumerate(quantity.axes):
        if axis.kind in (Kind.LAYER, Kind.TIME):
            return position
    return None


def distance(definition: Definition, one: Indexed, model: Model) -> int | None:
    """By how much the mention lies behind (negative) or before its definition, if both recur."""
    there = recurrence_axis(model.quantity(one))
    here = recurrence_axis(definition.quantity)
    if there is None or here is None or not isinstance(one, Indexed):
        return 0
    parsed = affine(one.indices[there] - definition.indices[here])
    if parsed is None or parsed[0]:
        return None
    return parsed[1]


def directions(model: Model) -> dict[str, int]:
    """For each defined quantity, +1 or -1: the direction in which its recurrence runs.

    Raises ModelError when a definition needs its own result (a cycle).
    """
    edges: dict[str, list[tuple[str, int]]] = {d.quantity.name: [] for d in model.definitions}
    for definition in model.definitions:
        for one in definition.instances():
            name = name_of(one)
            if name not in edges:
                continue
            step = distance(definition, one, model)
            if step is None:
                if _reaches(model, name, definition.quantity.name):
                    raise ModelError(
                        f"definition of {definition.target}: the place of {one} relative to it is "
                        "not a fixed distance, so no order of evaluation can be found"
                    )
                continue
            edges[definition.quantity.name].append((name, step))
    found: dict[str, int] = {}
    for name in edges:
        if all(_falls(edges, name, sign) for sign in (1,)):
            found[name] = 1
        elif _falls(edges, name, -1):
            found[name] = -1
        else:
            raise ModelError(
                f"model {model.name}: {name} is defined by itself at the same place (a cycle)"
            )
    return found


Result = TypeVar("Result")


def noted(function: Callable[[Model], Result]) -> Callable[[Model], Result]:
    """A function of a model alone whose result the model keeps."""

    @wraps(function)
    def kept(model: Model) -> Result:
        notes = model.notes.setdefault(function.__qualname__, {})
        if None not in notes:
            notes[None] = function(model)
        found: Result = notes[None]
        return found

    return kept


def _also_before(model: Model, definition: Definition, one: Expr, other: Definition) -> bool:
    """Whether ``other``, where ``definition`` depends on it, mentions the instance ``one`` too."""
    if not _depends_on(model, definition, other.quantity.name):
        return False
    clean = other.refreshed()
    behind = _behind(definition, clean)
    if behind is None:
        return False
    for two in clean.instances():
        if name_of(two) != name_of(one):
            continue
        pairs = zip(_indices(one), _indices(two), strict=True)
        same = tuple(equal(a, b) for a, b in pairs)
        if not contradictory((*same, *behind, *definition.conditions, *clean.conditions)):
            return True
    return False


def _indices(instance: Expr) -> tuple[Expr, ...]:
    return tuple(instance.indices) if isinstance(instance, Indexed) else ()


def _behind(definition: Definition, other: Definition) -> tuple[Condition, ...] | None:
    """The condition that ``other`` stands before ``definition``; None where it never does."""
    here = recurrence_axis(definition.quantity)
    there = recurrence_axis(other.quantity)
    same = definition.quantity == other.quantity
    if here is None or there is None:
        return None if same else ()
    gap = definition.indices[here] - other.indices[there]
    return (at_least(gap, int(same)),)


def _depends_on(model: Model, definition: Definition, name: str) -> bool:
    """Whether what a definition mentions is, or is computed from, the quantity called ``name``."""
    return any(
        name_of(one) == name or _reaches(model, name_of(one), name)
        for one in definition.instances()
    )


def _reaches(model: Model, start: str, goal: str) -> bool:
    seen: set[str] = set()
    stack = [start]
    while stack:
        name = stack.pop()
        if name == goal:
            return True
        if name in seen:
            continue
        seen.add(name)
        for d in model.definitions:
            if d.quantity.name == name:
                stack.extend(name_of(one) for one in d.instances())
    return False


def _falls(edges: dict[str, list[tuple[str, int]]], start: str, sign: int) -> bool:
    """Whether every cycle through ``start`` goes strictly back (sign 1) or forward (sign -1).

    A longest-path search: a cycle of weight >= 0 is a cycle that never leaves its place.
    """
    best: dict[str, int] = {}
    frontier: dict[str, int] = {}
    for name, distance in edges[start]:
        frontier[name] = max(frontier.get(name, sign * distance), sign * distance)
    for _ in range(len(edges) + 1):
        following: dict[str, int] = {}
        for name, weight in frontier.items():
            if name == start:
                if weight >= 0:
                    return False
                continue
            if best.get(name, weight - 1) >= weight:
                continue
            best[name] = weight
            for other, distance in edges.get(name, []):
                total = weight + sign * distance
                following[other] = max(following.get(other, total), total)
        frontier = following
    return True
