"""The paths from a quantity to the cost: the instances that its derivative passes through.

They are read off the chain rule of the derivation, station by station. A sum over a layer means
that every node of it is a path.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from sympy import Expr, Symbol

from symbackprop.calculus.adjoints import adjoint_at
from symbackprop.derivation.places import indices_of, known_of, layer_axis
from symbackprop.diagram.carriers import Carriers
from symbackprop.notation.expressions import Condition, Partial, Term, at_least
from symbackprop.notation.quantities import Quantity
from symbackprop.notation.readable import readable


@dataclass
class Paths:
    """Where the paths from ``target`` lead.

    visited: by layer, the nodes that they pass; None stands for every node. skipped: whether there
    are layers on the way that are not listed. counted: the layers that multiply the paths.
    """

    target: Expr
    visited: dict[Expr, set[Expr] | None] = field(default_factory=dict)
    counted: list[Expr] = field(default_factory=list)
    skipped: bool = False

    def passes(self, layer: Expr, node: Expr) -> bool:
        """Whether a path passes this node."""
        nodes = self.visited.get(layer, set())
        return nodes is None or node in nodes


def paths(carriers: Carriers, target: Expr) -> Paths:
    """The paths from an instance to the cost."""
    model = carriers.model
    found = Paths(target)
    start = _layer_of(model.quantity(target), target)
    start = carriers.first if start is None else start
    context: tuple[Condition, ...] = ()
    if not (carriers.last - start).is_Integer:
        context = (at_least(carriers.last, start + 1),)
    waiting: list[tuple[Expr, tuple[Condition, ...], frozenset[Symbol]]] = [
        (target, context, frozenset())
    ]
    seen: set[tuple[str, Expr | None]] = set()
    while waiting:
        instance, context, wide = waiting.pop(0)
        quantity = model.quantity(instance)
        layer = _layer_of(quantity, instance)
        place = (quantity.name, layer)
        if place in seen:
            continue
        seen.add(place)
        if quantity == carriers.nodes:
            _visit(found, carriers, instance, wide)
        known = known_of(model, [instance], context)
        chain = readable(adjoint_at(model, instance, known).chain, frozenset(instance.free_symbols))
        if quantity == carriers.nodes and any(term.guards for term in chain):
            found.skipped = True
            last = carriers.node(carriers.last, *_letters(carriers))
            waiting.append((last, (), frozenset(_letters(carriers))))
            continue
        for term in chain:
            for station in _stations(term):
                if station != model.cost.symbol:
                    given = (*known, *(c for bound in term.sums for c in bound.conditions))
                    letters = wide | {bound.letter for bound in term.sums}
                    waiting.append((station, given, letters))
    return found


def _letters(carriers: Carriers) -> tuple[Symbol, ...]:
    return (*carriers.nodes.letters[1:], Symbol("j", integer=True))[:1]


def _stations(term: Term) -> list[Expr]:
    return [factor.args[0] for factor in term.factors if isinstance(factor, Partial)]


def _visit(found: Paths, carriers: Carriers, instance: Expr, wide: frozenset[Symbol]) -> None:
    layer, *nodes = indices_of(instance)
    node = nodes[0] if nodes else layer * 0
    if node.free_symbols & wide and nodes:
        found.visited[layer] = None
        found.counted.append(layer)
    elif found.visited.get(layer, set()) is not None:
        found.visited.setdefault(layer, set())
        found.visited[layer].add(node)  # type: ignore[union-attr]


def _layer_of(quantity: Quantity, instance: Expr) -> Expr | None:
    position = layer_axis(quantity)
    return None if position is None else indices_of(instance)[position]
