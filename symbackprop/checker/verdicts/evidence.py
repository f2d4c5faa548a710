"""What the formulas of a text tell of its conventions, where the notation leaves them open."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from symbackprop.checker.meaning.conventions import Bare, Conventions
from symbackprop.checker.meaning.lookup import Lookup, is_layered
from symbackprop.checker.meaning.spots import TRANSPOSED
from symbackprop.checker.meaning.surroundings import indices_of
from symbackprop.notation.profiles import LayerMark, Profile
from symbackprop.reading.syntax.tree import (
    Call,
    Derivative,
    Group,
    Node,
    Norm,
    Number,
    Product,
    Reduction,
    Relation,
    Scripted,
    Statement,
    Symbol,
)
from symbackprop.reading.syntax.walk import children, letters, terms, walk


def conventions(
    statements: Iterable[Statement], lookup: Lookup, *, chosen: bool, bare: Bare | None
) -> Conventions:
    """The conventions of a text. chosen: whether the user chose the notation.

    bare: what quantities without nodes are, where the model tells.
    """
    bodies = [statement.body for statement in statements]
    bare_layers = _has_bare_layers(bodies, lookup)
    return Conventions(
        lookup.profile,
        lookup.profile.first_index if chosen else _first(bodies, lookup.profile),
        bare_layers,
        bare=bare if bare is not None else _bare(bodies, lookup),
        layers=_layers(bodies, lookup, bare_layers),
    )


def _layered(bodies: Iterable[Node], lookup: Lookup) -> Iterator[Symbol]:
    for body in bodies:
        for symbol in terms(body):
            quantity = lookup.quantity(symbol)
            if quantity is not None and is_layered(quantity) and symbol.above:
                yield symbol


def _has_bare_layers(bodies: list[Node], lookup: Lookup) -> bool:
    """Whether numbers above quantities are layers: where letters stand there without brackets."""
    numbers = groups = False
    for symbol in _layered(bodies, lookup):
        for script in symbol.above:
            if isinstance(script, Group):
                groups = True
            elif isinstance(script, Number):
                quantity = lookup.quantity(symbol)
                numbers |= quantity is not None and quantity.name in ("z", "w", "b")
            elif letters(script) & {"l", "L"}:
                return True
    return (numbers and not groups) or (not groups and lookup.profile.layer_mark is LayerMark.BARE)


def _first(bodies: list[Node], profile: Profile) -> int:
    lows: list[int] = []
    for body in bodies:
        for one in walk(body):
            if isinstance(one, Reduction) and isinstance(one.below, Relation) and one.above:
                low = one.below.members[-1]
                if isinstance(low, Number) and low.text in "01" and letters(one.above) - {"L"}:
                    lows.append(int(low.text))
    if lows and len(set(lows)) == 1:
        return lows[0]
    return profile.first_index


def _bare(bodies: list[Node], lookup: Lookup) -> Bare:
    """A norm, an elementwise product or a transpose speaks of layers, a square of neurons."""
    neuron = False
    for body in bodies:
        nodes = tuple(walk(body))
        for node in nodes:
            if isinstance(node, Norm) and _has_bare(node, lookup):
                return Bare.LAYER
            if isinstance(node, Product) and "\\odot" in node.signs:
                return Bare.LAYER
            if isinstance(node, Scripted | Symbol) and _is_transposed(node):
                return Bare.LAYER
            if isinstance(node, Scripted) and isinstance(node.base, Group):
                squared = any(isinstance(script, Number) for script in node.above)
                alone = not any(indices_of(one) for one in terms(body) if lookup.quantity(one))
                neuron |= squared and alone and _has_bare(node.base, lookup)
    return Bare.NEURON if neuron else Bare.OPEN


def _is_transposed(node: Scripted | Symbol) -> bool:
    return any(isinstance(s, Symbol) and s.name in TRANSPOSED for s in node.above)


def _has_bare(node: Node, lookup: Lookup) -> bool:
    return any(
        (quantity := lookup.quantity(symbol)) is not None
        and is_layered(quantity)
        and not indices_of(symbol)
        for symbol in terms(node)
    )


def _layers(bodies: list[Node], lookup: Lookup, bare_layers: bool) -> int:
    """The largest number of a layer."""
    found = 0
    for symbol in _layered(bodies, lookup):
        for script in symbol.above:
            body = script.body if isinstance(script, Group) else script if bare_layers else None
            if isinstance(body, Number) and body.text.isdigit():
                found = max(found, int(body.text))
    return found


def factors_of_layers(node: Node, lookup: Lookup) -> bool:
    """Whether several quantities that have nodes are multiplied, outside of derivatives."""
    if isinstance(node, Product):
        count = sum(_mentions(factor, lookup) for factor in node.factors)
        if count > 1:
            return True
    if isinstance(node, Call) and not node.certain and lookup.quantity(node.head) is not None:
        return _mentions(node.arguments[0], lookup)
    if isinstance(node, Derivative):
        return False
    return any(factors_of_layers(part, lookup) for part in children(node))


def _mentions(node: Node, lookup: Lookup) -> bool:
    return any(
        lookup.quantity(symbol) is not None or symbol.name == "delta" for symbol in terms(node)
    )
