"""What a diagram shows of a model: the quantity that goes from layer to layer, and its weights."""

from __future__ import annotations

from dataclasses import dataclass

from sympy import Expr, Integer

from symbackprop.derivation.places import indices_of, layer_axis
from symbackprop.errors import UsageError
from symbackprop.model.definitions import Definition
from symbackprop.model.model import Model
from symbackprop.notation.quantities import Kind, Quantity, Role


@dataclass(frozen=True)
class Carriers:
    """nodes: the quantity of the nodes (a). weights: that of the edges (w). input: what enters."""

    model: Model
    nodes: Quantity
    weights: Quantity
    input: Quantity | None

    @property
    def first(self) -> Expr:
        """The first layer."""
        return self.nodes.axes[0].low

    @property
    def last(self) -> Expr:
        """The last layer: a number, or the symbol L."""
        return self.nodes.axes[0].high

    def width(self, layer: Expr) -> Expr:
        """How many nodes a layer has: a number where it is known, 1 without node indices."""
        axes = [axis for axis in self.nodes.axes if axis.kind is Kind.NODE]
        if not axes:
            return Integer(1)
        axis = axes[0].replaced({self.nodes.axes[0].letter: layer})
        count = axis.high - axis.low + 1
        return Integer(self.model.sizes[count]) if count in self.model.sizes else count

    def node(self, layer: Expr, node: Expr) -> Expr:
        """The instance that a node shows."""
        return self.nodes[(layer, node)[: len(self.nodes.axes)]]

    def weight(self, layer: Expr, to: Expr, source: Expr) -> Expr:
        """The instance of an edge into a layer."""
        return self.weights[(layer, to, source)[: len(self.weights.axes)]]

    def entering(self, node: Expr) -> Expr | None:
        """The input that a node of the first layer is."""
        return None if self.input is None else self.input[(node,)[: len(self.input.axes)]]


def carriers(model: Model) -> Carriers:
    """What to draw of a model. Raises UsageError for one that has no layers."""
    for definition in model.definitions:
        found = _between_layers(model, definition)
        if found is not None:
            return Carriers(model, *found, _input(model, found[0]))
    raise UsageError(f"model {model.name} has no layers with weights between them to draw")


def _between_layers(model: Model, definition: Definition) -> tuple[Quantity, Quantity] | None:
    """The quantity that a definition reads from the layer before, and the weight beside it."""
    position = layer_axis(definition.quantity)
    if position is None:
        return None
    here = definition.indices[position]
    instances = [(model.quantity(one), one) for one in definition.instances()]
    read = [
        quantity
        for quantity, one in instances
        if quantity.role is Role.INTERMEDIATE
        and layer_axis(quantity) == 0
        and indices_of(one)[0] == here - 1
    ]
    weights = [q for q, _ in instances if q.role is Role.PARAMETER and q.axes[0].kind is Kind.LAYER]
    if not read or not weights:
        return None
    return read[0], max(weights, key=lambda q: len(q.axes) * 10 - instances_index(instances, q))


def instances_index(instances: list[tuple[Quantity, Expr]], quantity: Quantity) -> int:
    """Where a quantity is mentioned first."""
    return next(n for n, (one, _) in enumerate(instances) if one == quantity)


def _input(model: Model, nodes: Quantity) -> Quantity | None:
    for definition in model.definitions_of(nodes):
        for one in definition.instances():
            if model.quantity(one).role is Role.INPUT:
                return model.quantity(one)
    return None
