"""Quantities where they stand: which one, in which layer, at which nodes, of which sample."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from symbackprop.checker.meaning import surroundings
from symbackprop.checker.meaning.arrays import Array
from symbackprop.checker.meaning.context import PATTERN, SAMPLE, Context, Index, Scope, Slot
from symbackprop.checker.meaning.conventions import Reading
from symbackprop.checker.meaning.indexing import index
from symbackprop.checker.meaning.lookup import is_layered, nodes_of
from symbackprop.checker.meaning.worlds import OutOfRange, node_of
from symbackprop.notation.quantities import Kind, Quantity
from symbackprop.reading.syntax.tree import (
    Add,
    Group,
    Node,
    Number,
    Product,
    Sequence,
    Symbol,
    script_items,
)
from symbackprop.verification.reference import Key

TRANSPOSED = ("T", "top", "intercal", "tr")


@dataclass(frozen=True, slots=True)
class Spot:
    """A quantity where it stands.

    key: its instance; None for all nodes at once, whose instances are then in keys (an array).
    power: what it is raised to. transposed: whether a T stands above it.
    """

    quantity: Quantity
    key: Callable[[Scope], Key] | None
    keys: Callable[[Scope], Array] | None
    power: Node | None = None
    transposed: bool = False


@dataclass(frozen=True, slots=True)
class Above:
    """What stands above a symbol: its layer, its sample, a power, a transpose."""

    layer: Node | None = None
    sample: Node | None = None
    power: Node | None = None
    transposed: bool = False


def above_of(symbol: Symbol, context: Context, layered: bool) -> Above:
    """Sort what stands above a symbol."""
    items = [item for script in symbol.above for item in _above_items(script)]
    found = Above()
    for item in items:
        if isinstance(item, Symbol) and item.name in TRANSPOSED and not item.below:
            found = Above(found.layer, found.sample, found.power, True)
        elif isinstance(item, Group) and item.bracket == "(" and (not layered or found.layer):
            found = Above(found.layer, item.body, found.power, found.transposed)
        elif layered and found.layer is None and _is_layer(item, context):
            body = item.body if isinstance(item, Group) else item
            found = Above(body, found.sample, found.power, found.transposed)
        elif isinstance(item, Number | Symbol) and found.power is None:
            found = Above(found.layer, found.sample, item, found.transposed)
        else:
            raise context.not_understood(item, "a layer, a power or a transpose")
    return found


def _above_items(script: Node) -> tuple[Node, ...]:
    if isinstance(script, Product | Sequence):
        return script_items(script)
    return (script,)


def _is_layer(item: Node, context: Context) -> bool:
    if isinstance(item, Number):
        return context.conventions.bare_layers
    return isinstance(item, Group | Symbol | Add)


def spot(symbol: Symbol, quantity: Quantity, context: Context) -> Spot:
    """The quantity at its layer, nodes and sample. Raises NotUnderstood."""
    layered = is_layered(quantity)
    above = above_of(symbol, context, layered)
    items = surroundings.indices_of(symbol)
    count = nodes_of(quantity)
    sampled = quantity.axes[:1] and quantity.axes[0].kind is Kind.SAMPLE
    sample = above.sample
    if len(items) == count + 1 and sampled and sample is None:
        sample, items = items[0], items[1:]
    if len(items) not in (0, count) and not (len(items) == 1 and count == 2):
        raise context.not_understood(
            symbol, f"{count} node indices below {quantity.name}" if count else "no index below"
        )
    if count == 2 and len(items) == 2 and context.conventions.profile.weight_from_first:
        items = (items[1], items[0])
    build = _Builder(context, quantity)
    if sampled:
        build.sample(sample)
    if layered:
        build.layer(symbol, above.layer, items)
    return build.finish(items, above)


class _Builder:
    """Collects the indices of an instance in the order of its axes."""

    def __init__(self, context: Context, quantity: Quantity) -> None:
        self.context = context
        self.quantity = quantity
        self.indices: list[Callable[[Scope], int]] = []
        self.written: list[Index] = []
        self.where: Index | None = None

    def sample(self, node: Node | None) -> None:
        """The sample: the one that is written, or the one that the equation speaks of."""
        first = self.context.conventions.first
        if node is None:
            self.context.use(SAMPLE, "current")
            self.indices.append(lambda scope: scope.env[SAMPLE])
        else:
            self._slot(index(node, self.context, "sample"), first)

    def layer(self, symbol: Symbol, node: Node | None, items: tuple[Node, ...]) -> None:
        """The layer: as it is written, or as the node letters tell."""
        if node is not None:
            found = self._into_layer(index(node, self.context, "layer"))
            self.context.deepest = max(self.context.deepest, found.number or 0)
        else:
            found = self._open_layer(symbol, items)
        self.where = found
        self.context.layers.append(found.value)
        self._slot(found, 0)

    def _into_layer(self, written: Index) -> Index:
        """The layer that a parameter leads into, where it is marked with the one it comes from."""
        if self.quantity.name not in self.context.conventions.early:
            return written
        number = None if written.number is None else written.number + 1
        return Index(
            lambda scope: written.value(scope) + 1, written.letter, written.offset + 1, number
        )

    def _open_layer(self, symbol: Symbol, items: tuple[Node, ...]) -> Index:
        if not items and not self.context.around.layered:
            return Index(lambda scope: scope.world.depth)
        letter = items[0].name if items and isinstance(items[0], Symbol) else ""
        place = self.context.around.places.get(letter)
        if place is None:
            raise self.context.not_understood(symbol, "a layer above it")
        base, offset = place
        if base == "L":
            return Index(lambda scope: scope.world.depth + offset)
        if base == "0":
            return Index(lambda scope: offset)
        self.context.use(base, "layer")
        return Index(lambda scope: scope.env[base] + offset, base, offset)

    def _slot(self, written: Index, shift: int) -> None:
        slot = Slot(self.quantity, tuple(self.indices), written, shift, self.where)
        self.context.slots.append(slot)
        self.indices.append(lambda scope: written.value(scope) - shift)

    def finish(self, items: tuple[Node, ...], above: Above) -> Spot:
        """The spot, with its nodes."""
        name, count = self.quantity.name, nodes_of(self.quantity)
        first = self.context.conventions.first
        for item in items:
            found = index(item, self.context, "node")
            self.context.least = max(self.context.least, (found.number or 0) + 1 - first)
            self._slot(found, first)
        indices = tuple(self.indices)
        if len(items) == count:
            return Spot(
                self.quantity,
                lambda scope: (name, tuple(each(scope) for each in indices)),
                None,
                above.power,
                above.transposed,
            )
        if self.context.reading is Reading.ENTRIES:
            key = self._entry(indices)
            return Spot(self.quantity, key, None, above.power, above.transposed)
        return Spot(self.quantity, None, self._all(indices), above.power, above.transposed)

    def _entry(self, indices: tuple[Callable[[Scope], int], ...]) -> Callable[[Scope], Key]:
        """The instance at the nodes that the pattern of the scope chooses for each layer."""
        quantity, where = self.quantity, self.where
        self.context.use(PATTERN, "pattern")

        def key(scope: Scope) -> Key:
            before = tuple(each(scope) for each in indices)
            layer = where.value(scope) if where else _own_layer(scope, quantity)
            nodes = [
                node_of(layer - down, len(values), scope.env[PATTERN])
                for down, values in enumerate(scope.world.ranges(quantity, before))
            ]
            return quantity.name, (*before, *nodes)

        return key

    def _all(self, indices: tuple[Callable[[Scope], int], ...]) -> Callable[[Scope], Array]:
        """All instances, as a column, a row or a matrix of keys."""
        quantity = self.quantity
        row = len(indices) > 0 and nodes_of(quantity) == 2 and self._has_first_node(indices)

        def keys(scope: Scope) -> Array:
            before = tuple(each(scope) for each in indices)
            values = scope.world.ranges(quantity, before)
            if len(values) == 2:
                rows = [[(quantity.name, (*before, j, k)) for k in values[1]] for j in values[0]]
            elif row:
                rows = [[(quantity.name, (*before, k)) for k in values[0]]]
            else:
                rows = [[(quantity.name, (*before, j))] for j in values[0]]
            return _object_array(rows)

        return keys

    def _has_first_node(self, indices: tuple[Callable[[Scope], int], ...]) -> bool:
        return len(indices) == len(self.quantity.axes) - 1


def _own_layer(scope: Scope, quantity: Quantity) -> int:
    """The layer that inputs and targets belong to."""
    return 0 if quantity.name == "x" else scope.world.depth


def _object_array(rows: list[list[Key]]) -> Array:
    if not rows or not rows[0]:
        raise OutOfRange
    found = np.empty((len(rows), len(rows[0])), dtype=object)
    for i, row in enumerate(rows):
        for j, key in enumerate(row):
            found[i, j] = key
    return found
