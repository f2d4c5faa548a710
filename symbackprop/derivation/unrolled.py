"""Every layer, or time, by its number: its derivatives from those of the next one, and written out.

From the last place down. Near the end the whole path to the cost is written out, one sum a layer;
where that would grow beyond what can be read, the derivative by what the next place reads stays by
name: what is written is linear in the depth. A target without layers, such as a weight that all
times share, is derived by the chain rule.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sympy import Expr

from symbackprop.derivation.chain import chain_equation
from symbackprop.derivation.collect import Chains
from symbackprop.derivation.local import slug
from symbackprop.derivation.places import exist, indices_of, is_letter
from symbackprop.derivation.steps import Equation, Section
from symbackprop.model.model import Model, directions, recurrence_axis
from symbackprop.notation.quantities import Axis, Kind, Quantity, Role

_FIRST = 3
"""So many places, counted from the last, are derived where there are symbolically many."""

_READABLE = 40
"""So many factors may an equation have that is written out down to the cost."""


@dataclass(frozen=True, slots=True)
class _Target:
    """A target along a recurrence; back: its distance from the end, None for every place."""

    instance: Expr
    back: int | None


def unrolled(model: Model, targets: Sequence[Expr], layers: int | None) -> list[Section]:
    """One section a layer, from the last one back, then what has no layers.

    layers: how many of them, at least the last; when it is not given, all of a concrete depth, and
    three where the depth is a symbol. A target at a layer of its own is always derived.
    """
    placed = [one for one in (_placed_target(model, target) for target in targets) if one]
    sections = _places(model, placed, layers) if placed else []
    known = {one.instance for one in placed}
    rest = Chains(model)
    for target in targets:
        if target not in known:
            rest.add(target)
    rest.close()
    return [*sections, *rest.sections()]


def _placed_target(model: Model, target: Expr) -> _Target | None:
    quantity = model.quantity(target)
    position = recurrence_axis(quantity)
    if position is None or quantity.axes[position].kind is not Kind.LAYER:
        return None
    place = indices_of(target)[position]
    if is_letter(place):
        return _Target(target, None)
    behind = (quantity.axes[position].high - place).expand()
    return _Target(target, int(behind)) if behind.is_Integer else None


def _places(model: Model, targets: list[_Target], layers: int | None) -> list[Section]:
    axis = _axis(model, targets[0].instance)
    depth = (axis.high - axis.low + 1).expand()
    count = int(depth) if depth.is_Integer else _FIRST
    count = min(count, max(1, layers)) if layers is not None else count
    if all(target.back is not None for target in targets):
        count = 0
    fixed = [target.back + 1 for target in targets if target.back is not None]
    sections: list[Section] = []
    explicit = True
    for back in range(max(count, *fixed) if fixed else count):
        here = [t for t in targets if t.back == back or (t.back is None and back < count)]
        equations = tuple(_at(model, here, axis.high - back, explicit))
        if explicit and any(_factors(one) > _READABLE for one in equations):
            explicit = False
            equations = tuple(_at(model, here, axis.high - back, explicit))
        if equations:
            sections.append(Section("layer", equations, axis.high - back))
    return sections


def _axis(model: Model, target: Expr) -> Axis:
    quantity = model.quantity(target)
    return quantity.axes[recurrence_axis(quantity) or 0]


def _factors(equation: Equation) -> int:
    return sum(len(term.factors) for term in equation.result)


def _at(
    model: Model, targets: Sequence[_Target], layer: Expr, explicit: bool
) -> Iterator[Equation]:
    stations: frozenset[str] | None = frozenset() if explicit else None
    wanted = [_placed(quantity, layer) for quantity in _carriers(model)]
    for target in targets:
        quantity = model.quantity(target.instance)
        wanted.append(target.instance if target.back is not None else _placed(quantity, layer))
    for instance in dict.fromkeys(one for one in wanted if exist(model, [one])):
        yield chain_equation(model, instance, key=slug(model, instance), stations=stations)


def _carriers(model: Model) -> list[Quantity]:
    """The quantities that the next layer reads."""
    found: dict[str, Quantity] = {}
    forward = directions(model)
    for definition in model.definitions:
        position = recurrence_axis(definition.quantity)
        for one in definition.instances():
            quantity = model.by_name.get(str(getattr(one, "base", one)))
            own = None if quantity is None else recurrence_axis(quantity)
            if quantity is None or position is None or own is None:
                continue
            if quantity.role is not Role.INTERMEDIATE or quantity.name not in forward:
                continue
            if indices_of(one)[own] != definition.indices[position]:
                found.setdefault(quantity.name, quantity)
    return list(found.values())


def _placed(quantity: Quantity, layer: Expr) -> Expr:
    position = recurrence_axis(quantity)
    return quantity[
        tuple(layer if n == position else letter for n, letter in enumerate(quantity.letters))
    ]
