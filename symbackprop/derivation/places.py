"""Where an equation is valid: the free letters of instances with their ranges, and layer runs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sympy import Expr, Indexed, Integer, Symbol, ceiling, floor

from symbackprop.calculus.adjoints import range_conditions
from symbackprop.errors import ModelError
from symbackprop.model.definitions import Definition
from symbackprop.model.model import Model, recurrence_axis
from symbackprop.notation.conditions import affine, contradictory, implied, reduced
from symbackprop.notation.expressions import Bound, Condition, at_least, equal
from symbackprop.notation.quantities import Kind, Quantity


def indices_of(instance: Expr) -> tuple[Expr, ...]:
    """The indices of an instance; none for a scalar."""
    return tuple(instance.indices) if isinstance(instance, Indexed) else ()


def is_letter(expr: Expr) -> bool:
    """Whether an index expression is a plain letter (not a size, a number or a sum)."""
    return isinstance(expr, Symbol) and not expr.is_positive


def letters_in(condition: Condition) -> set[Symbol]:
    """The letters that a condition is about (not its sizes)."""
    return {s for s in condition.expr.free_symbols if is_letter(s)} - {
        one.base.label for one in condition.expr.atoms(Indexed)
    }


def letters_of(
    model: Model, instances: Iterable[Expr], given: Iterable[Condition] = ()
) -> tuple[Bound, ...]:
    """The free letters of some instances with their ranges, narrowed by the conditions given."""
    found: dict[Symbol, Bound] = {}
    for instance in instances:
        quantity = model.quantity(instance)
        indices = indices_of(instance)
        for axis, value in zip(quantity.ranges(indices), indices, strict=True):
            for bound in _bounds(value, axis.low, axis.high):
                found.setdefault(bound.letter, bound)
    known = tuple(given)
    narrowed = [_narrowed(bound, known) for bound in found.values()]
    ordered: list[Bound] = []
    while narrowed:
        names = {b.letter for b in narrowed}
        ready = [b for b in narrowed if not (b.low.free_symbols | b.high.free_symbols) & names]
        ordered += ready or narrowed
        narrowed = [b for b in narrowed if ready and b not in ready]
    return tuple(ordered)


def _narrowed(bound: Bound, given: tuple[Condition, ...]) -> Bound:
    """The bound, tightened by conditions on its letter alone (and sizes)."""
    low, high = bound.low, bound.high
    for condition in given:
        parsed = affine(condition.expr)
        if parsed is None or letters_in(condition) != {bound.letter}:
            continue
        coefficient = parsed[0].get(bound.letter, 0)
        if abs(coefficient) != 1 or any(
            a.has(bound.letter) for a in parsed[0] if a != bound.letter
        ):
            continue
        limit = (bound.letter - condition.expr / coefficient).expand()
        if coefficient == 1 and implied(at_least(limit, low + 1), ()):
            low = limit
        if coefficient == -1 and implied(at_least(high - 1, limit), ()):
            high = limit
    return Bound(bound.letter, low, high)


def _bounds(value: Expr, low: Expr, high: Expr) -> list[Bound]:
    """The range of the one letter in an index such as l - 1, 4 - j or 2 i."""
    parsed = affine(value)
    letters = [s for s in value.free_symbols if is_letter(s)]
    if parsed is None or len(letters) != 1 or letters[0] not in parsed[0]:
        return []
    coefficient = parsed[0][letters[0]]
    shift = (value - coefficient * letters[0]).expand()
    ends = [((end - shift) / coefficient).expand() for end in (low, high)]
    first, last = ends if coefficient > 0 else ends[::-1]
    return [Bound(letters[0], ceiling(first), floor(last))]


def conditions_of(model: Model, instances: Iterable[Expr]) -> tuple[Condition, ...]:
    """The range conditions of some instances."""
    return tuple(
        condition
        for instance in instances
        for condition in range_conditions(model.quantity(instance), indices_of(instance))
    )


def known_of(
    model: Model, instances: Iterable[Expr], context: Iterable[Condition]
) -> tuple[Condition, ...]:
    """The range conditions of some instances, and what the context says of the same letters."""
    every = tuple(instances)
    used = {s for one in every for i in indices_of(one) for s in i.free_symbols}
    within = [c for c in context if letters_in(c) <= used]
    return tuple(dict.fromkeys((*conditions_of(model, every), *within)))


def assumptions_of(model: Model, instances: Iterable[Expr]) -> tuple[Condition, ...]:
    """What a reader must be told for the numbers in these instances to exist: n_L >= 3, L >= 2.

    Raises ModelError where they do not exist in any network, or not at the sizes of the model.
    """
    every = tuple(instances)
    found = _demanded(model, every)
    if found is None:
        raise ModelError("no network has these indices: " + ", ".join(map(str, every)))
    if not _met(model, found):
        raise ModelError(f"an index is out of range in {', '.join(map(str, every))}")
    return tuple(c for c in found if not _at_sizes(model, c).is_Integer)


def exist(model: Model, instances: Iterable[Expr]) -> bool:
    """Whether there are such instances at the sizes of the model: h[T - 1] is none where T = 1."""
    found = _demanded(model, instances)
    return found is not None and _met(model, found)


def _demanded(model: Model, instances: Iterable[Expr]) -> tuple[Condition, ...] | None:
    """What sizes must satisfy for the numbers in some instances to exist; None: they never do."""
    conditions = conditions_of(model, instances)
    return reduced([c for c in conditions if not letters_in(c)], ())


def _met(model: Model, conditions: Iterable[Condition]) -> bool:
    numbers = ((c, _at_sizes(model, c)) for c in conditions)
    return all(c.holds(int(value)) for c, value in numbers if value.is_Integer)


def _at_sizes(model: Model, condition: Condition) -> Expr:
    return condition.expr.xreplace({k: Integer(v) for k, v in model.sizes.items()})


def definition_at(model: Model, instance: Expr, context: Iterable[Condition] = ()) -> Definition:
    """The definition of an instance at its place.

    Raises ModelError when none applies, or when what is known leaves open which one does.
    """
    known = tuple(context)
    quantity = model.quantity(instance)
    several = model.definitions_of(quantity)
    found = [
        place
        for definition in several
        for place in [definition.at(indices_of(instance))]
        if place is not None
        and (
            len(several) == 1
            or not contradictory((*known, *domain_conditions(definition, instance)))
        )
    ]
    if len(found) != 1:
        which = "no definition" if not found else "several definitions"
        raise ModelError(f"{instance} has {which} in model {model.name}")
    return found[0]


def domain_conditions(definition: Definition, instance: Expr) -> tuple[Condition, ...]:
    """The conditions of a definition's domain at an instance of its target."""
    mapping: dict[Expr, Expr] = dict(zip(definition.indices, indices_of(instance), strict=True))
    letters = {b.letter for b in definition.domain}
    kept = {k: v for k, v in mapping.items() if k in letters}
    return tuple(condition.replaced(kept) for condition in definition.conditions)


@dataclass(frozen=True, slots=True)
class Run:
    """Consecutive places of a recurrence with the same definitions: layers ``low``..``high``."""

    low: Expr
    high: Expr

    @property
    def fixed(self) -> bool:
        """Whether the run is a single place."""
        return bool(self.low == self.high)

    def conditions(self, letter: Expr) -> tuple[Condition, ...]:
        """The conditions that the letter of the recurrence satisfies inside the run."""
        return at_least(letter, self.low), at_least(self.high, letter)


def layer_axis(quantity: Quantity) -> int | None:
    """The position of the layer axis, if there is one."""
    position = recurrence_axis(quantity)
    if position is None or quantity.axes[position].kind is not Kind.LAYER:
        return None
    return position


def runs(model: Model, quantity: Quantity) -> tuple[Run, ...]:
    """The layers of a quantity, cut where the definitions change; one run for symbolic depth."""
    position = layer_axis(quantity)
    if position is None:
        return ()
    axis = quantity.axes[position]
    if not (axis.low.is_Integer and axis.high.is_Integer):
        return (Run(axis.low, axis.high),)
    found: list[tuple[Run, frozenset[int]]] = []
    for layer in range(int(axis.low), int(axis.high) + 1):
        active = frozenset(n for n, d in enumerate(model.definitions) if _covers(d, layer))
        if found and found[-1][1] == active:
            found[-1] = (Run(found[-1][0].low, Integer(layer)), active)
        else:
            found.append((Run(Integer(layer), Integer(layer)), active))
    return tuple(run for run, _ in found)


def uniform(model: Model) -> bool:
    """Whether all layers have the same definitions."""
    layered = [q for q in model.quantities if layer_axis(q) is not None]
    return all(len([run for run in runs(model, q) if run.high != 0]) == 1 for q in layered)


def _covers(definition: Definition, layer: int) -> bool:
    position = layer_axis(definition.quantity)
    if position is None:
        return False
    here = equal(definition.indices[position], Integer(layer))
    return not contradictory((here, *definition.conditions))
