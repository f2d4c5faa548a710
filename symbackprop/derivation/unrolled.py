"""Every layer by its number: its derivatives from those of the next layer, and written out.

From the last layer down. Near the output the whole path to the cost is written out, one sum a
layer; further down that grows with every layer, so there the derivative by the activations of the
next layer stays by name: what is written is linear in the depth.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sympy import Expr

from symbackprop.derivation.chain import chain_equation
from symbackprop.derivation.local import slug
from symbackprop.derivation.places import indices_of, is_letter, layer_axis
from symbackprop.derivation.steps import Equation, Section
from symbackprop.model.model import Model
from symbackprop.notation.quantities import Quantity, Role

_EXPLICIT = 3
"""So many layers, counted from the last, are written out down to the cost."""


def unrolled(model: Model, targets: Sequence[Expr], layers: int | None) -> list[Section]:
    """One section a layer, from the last one back.

    layers: how many of them; all of a concrete depth, and three where the depth is a symbol, when
    it is not given.
    """
    placed = [t for t in targets if _layer(model, t) is not None]
    if not placed:
        return []
    quantity = model.quantity(placed[0])
    axis = quantity.axes[layer_axis(quantity) or 0]
    depth = (axis.high - axis.low + 1).expand()
    count = int(depth) if depth.is_Integer else _EXPLICIT
    count = min(count, layers) if layers is not None else count
    sections = []
    for back in range(count):
        equations = tuple(_at(model, placed, axis.high - back, back))
        sections.append(Section("layer", equations, axis.high - back))
    return sections


def _layer(model: Model, target: Expr) -> Expr | None:
    position = layer_axis(model.quantity(target))
    if position is None or not is_letter(indices_of(target)[position]):
        return None
    return indices_of(target)[position]


def _at(model: Model, targets: list[Expr], layer: Expr, back: int) -> Iterator[Equation]:
    stations: frozenset[str] | None = frozenset() if back < _EXPLICIT else None
    for quantity in _activations(model):
        instance = _placed(quantity, layer)
        yield chain_equation(model, instance, key=slug(model, instance), stations=stations)
    for target in targets:
        instance = _placed(model.quantity(target), layer)
        yield chain_equation(model, instance, key=slug(model, instance), stations=stations)


def _activations(model: Model) -> list[Quantity]:
    """The quantities that the next layer reads."""
    found: dict[str, Quantity] = {}
    for definition in model.definitions:
        position = layer_axis(definition.quantity)
        for one in definition.instances():
            quantity = model.quantity(one)
            own = layer_axis(quantity)
            if position is None or own is None or quantity.role is not Role.INTERMEDIATE:
                continue
            if indices_of(one)[own] != definition.indices[position]:
                found.setdefault(quantity.name, quantity)
    return list(found.values())


def _placed(quantity: Quantity, layer: Expr) -> Expr:
    position = layer_axis(quantity)
    return quantity[
        tuple(layer if n == position else letter for n, letter in enumerate(quantity.letters))
    ]
