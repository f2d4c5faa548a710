"""Which layers and which nodes are drawn, and what is left out between them."""

from __future__ import annotations

from dataclasses import dataclass

from sympy import Expr, Integer, Symbol

from symbackprop.derivation.places import indices_of, layer_axis
from symbackprop.diagram.carriers import Carriers
from symbackprop.diagram.paths import Paths
from symbackprop.model.model import Model

_LAYERS, _NODES = 6, 6
"""Up to so many layers, and nodes in a layer, nothing is left out."""


@dataclass(frozen=True, slots=True)
class Column:
    """A layer that is drawn, with the nodes that are drawn of it, None where some are left out.

    apart: whether layers are left out before it.
    """

    layer: Expr
    nodes: tuple[Expr | None, ...]
    apart: bool


def columns(carriers: Carriers, paths: Paths | None) -> tuple[Column, ...]:
    """The columns of a diagram, from the first layer to the last."""
    layers = _layers(carriers, paths)
    found: list[Column] = []
    for position, layer in enumerate(layers):
        apart = position > 0 and not _next(layers[position - 1], layer)
        found.append(Column(layer, _nodes(carriers, layer, paths), apart))
    return tuple(found)


def example(carriers: Carriers, target: Expr) -> Expr:
    """The target with numbers for letters where the network's own sizes are numbers."""
    quantity = carriers.model.quantity(target)
    indices = indices_of(target)
    mapping: dict[Expr, Expr] = {}
    for axis, value in zip(quantity.axes, indices, strict=True):
        known = _known(carriers.model, axis.high.xreplace(mapping))
        if isinstance(value, Symbol) and not value.is_positive and known:
            mapping[value] = axis.low
    return quantity[tuple(value.xreplace(mapping) for value in indices)]


def _next(before: Expr, after: Expr) -> bool:
    """Whether one index follows the other with nothing between them."""
    return bool((after - before).expand() == 1)


def _known(model: Model, size: Expr) -> bool:
    return bool(size.xreplace({k: Integer(v) for k, v in model.sizes.items()}).is_Integer)


def _layers(carriers: Carriers, paths: Paths | None) -> list[Expr]:
    first, last = carriers.first, carriers.last
    if last.is_Integer and int(last) < _LAYERS:
        return [Integer(n) for n in range(int(first), int(last) + 1)]
    wanted: dict[Expr, None] = dict.fromkeys((first, last))
    if paths is not None:
        wanted.update(dict.fromkeys(_of_paths(carriers, paths)))
    elif last.is_Integer:
        wanted.update(dict.fromkeys((first + 1, last - 1)))
    else:
        layer = carriers.weights.axes[0].letter
        wanted.update(dict.fromkeys((layer - 1, layer)))
    return sorted(wanted, key=lambda one: _rank(one, last))


def _of_paths(carriers: Carriers, paths: Paths) -> list[Expr]:
    """The layers that paths pass, and the one that a weight comes from; of a long way the ends."""
    passed = sorted(paths.visited, key=lambda one: _rank(one, carriers.last))
    shown = passed if len(passed) < _LAYERS else [*passed[:2], *passed[-2:]]
    source = origin(carriers, paths.target)
    return shown if source is None else [source[0], *shown]


def origin(carriers: Carriers, target: Expr) -> tuple[Expr, Expr] | None:
    """The layer and the node that a weight comes from; None for anything else."""
    if carriers.model.quantity(target) != carriers.weights:
        return None
    layer, *nodes = indices_of(target)
    return layer - 1, nodes[-1] if nodes else Integer(0)


def _rank(layer: Expr, last: Expr) -> tuple[int, int]:
    """Numbers first, then letters, then what counts back from the last layer."""
    constant = int(layer.as_coeff_Add()[0])
    if layer.is_Integer:
        return 0, constant
    return (2 if layer.has(last) else 1), constant


def _nodes(carriers: Carriers, layer: Expr, paths: Paths | None) -> tuple[Expr | None, ...]:
    width = carriers.width(layer)
    if width.is_Integer and int(width) <= _NODES:
        return tuple(Integer(n) for n in range(int(width)))
    wanted: dict[Expr, None] = {Integer(0): None, width - 1: None}
    wanted.update(dict.fromkeys(_named(carriers, layer, paths)))
    if len(wanted) < 3:
        wanted[Integer(1)] = None
    found: list[Expr | None] = []
    for node in sorted(wanted, key=lambda one: _rank(one, width)):
        if found and found[-1] is not None and not _next(found[-1], node):
            found.append(None)
        found.append(node)
    return tuple(found)


def _named(carriers: Carriers, layer: Expr, paths: Paths | None) -> list[Expr]:
    """The nodes of a layer that the paths, or the letters of a weight, name."""
    if paths is not None:
        found = sorted(paths.visited.get(layer) or (), key=str)
        source = origin(carriers, paths.target)
        return [*found, source[1]] if source is not None and source[0] == layer else found
    letters = carriers.weights.letters
    if len(letters) < 3 or layer.is_Integer or layer_axis(carriers.weights) != 0:
        return []
    by_layer = {letters[0]: letters[1], letters[0] - 1: letters[2]}
    return [by_layer[layer]] if layer in by_layer else []
