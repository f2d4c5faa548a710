"""A first look at an equation: which letters count nodes, which samples, which layers are open."""

from __future__ import annotations

from dataclasses import dataclass, field

from symbackprop.checker.meaning.lookup import Lookup, is_layered, nodes_of
from symbackprop.reading.syntax.tree import (
    Group,
    Node,
    Number,
    Reduction,
    Relation,
    Symbol,
    script_items,
)
from symbackprop.reading.syntax.walk import letters, terms, walk

Offset = tuple[str, int]
"""Where a node letter lives if layers are not written: a base ("0", "L" or open) and a distance."""


@dataclass(frozen=True)
class Surroundings:
    """What is known of the letters of one equation before it is read.

    nodes, samples: the letters that count nodes or samples. counts: bare letters that are upper
    bounds of node letters. bare, indexed: whether quantities with nodes stand without and with
    node indices. layered: whether layers are written. places: where node letters live, if not, and
    depth: how many layers there are, where weights lead from inputs to outputs, else 0.
    """

    nodes: frozenset[str] = frozenset()
    samples: frozenset[str] = frozenset()
    counts: frozenset[str] = frozenset()
    bare: bool = False
    indexed: bool = False
    layered: bool = True
    places: dict[str, Offset] = field(default_factory=dict)
    depth: int = 0


def look(body: Node, lookup: Lookup, *, single: bool = False) -> Surroundings:
    """Look at an equation. single: in a chain of neurons, whose only subscripts are samples."""
    nodes: set[str] = set()
    bare = indexed = marked = False
    seen: list[tuple[str, tuple[Node, ...]]] = []
    for symbol in terms(body):
        quantity = lookup.quantity(symbol)
        is_error = symbol.name == "delta" and bool(symbol.above)
        if quantity is None and not is_error:
            nodes |= _nodes_of_cost(symbol, lookup)
            continue
        marked |= bool(symbol.above)
        items = indices_of(symbol)
        if quantity is None:
            nodes |= {name for item in items[-1:] for name in letters(item)} - {"L"}
            indexed |= bool(items) and not single
            bare |= not items
            continue
        if not is_layered(quantity) and nodes_of(quantity) == 0 and not single:
            continue
        count = 0 if single else nodes_of(quantity)
        bare |= not items
        indexed |= bool(items) and not single
        own = items[len(items) - count :] if len(items) >= count else items
        nodes |= {name for item in own for name in letters(item)}
        seen.append((quantity.name, own))
    samples, counts = _bounds(body, nodes, lookup)
    layered = marked or not seen
    places, depth = ({}, 0) if layered else _places(seen, lookup.profile.weight_from_first)
    return Surroundings(frozenset(nodes), samples, counts, bare, indexed, layered, places, depth)


def indices_of(symbol: Symbol) -> tuple[Node, ...]:
    """The subscripts of a symbol one by one; ``12`` is two digits, ``new`` is none."""
    items: list[Node] = []
    for script in symbol.below:
        for item in script_items(script):
            if isinstance(item, Number) and item.text.isdigit() and len(item.text) > 1:
                items += [
                    Number(item.start + n, item.start + n + 1, digit)
                    for n, digit in enumerate(item.text)
                ]
            elif not (isinstance(item, Symbol) and item.name in ("new", "old", "next")):
                items.append(item.body if isinstance(item, Group) else item)
    return tuple(items)


def _nodes_of_cost(symbol: Symbol, lookup: Lookup) -> set[str]:
    """The letter of the output of a cost with two subscripts: C_{0j}."""
    items = indices_of(symbol) if lookup.is_cost(symbol) else ()
    return letters(items[1]) if len(items) == 2 else set()


def _bounds(body: Node, nodes: set[str], lookup: Lookup) -> tuple[frozenset[str], frozenset[str]]:
    """The letters of sums over samples, and the letters that count the nodes of sums."""
    samples: set[str] = set()
    counts: set[str] = set()
    layers = {name for s in terms(body) for script in s.above for name in letters(script)}
    for one in walk(body):
        if not isinstance(one, Reduction) or one.operator != "sum":
            continue
        letter = _letter(one.below)
        if letter in layers:
            continue
        named = {s.name for s in walk(one.above) if isinstance(s, Symbol)} if one.above else set()
        widths = one.above is not None and any(
            isinstance(s, Symbol) and lookup.is_width(s) for s in walk(one.above)
        )
        if letter in nodes or widths:
            if not widths:
                counts |= {name for name in named if name not in ("L", "l")}
            nodes.add(letter)
        elif letter and (named or one.above is None) and not _digits_only(one.above):
            samples.add(letter)
    return frozenset(samples - nodes), frozenset(counts)


def _digits_only(node: Node | None) -> bool:
    return node is not None and not any(isinstance(s, Symbol) for s in walk(node))


def _letter(below: Node | None) -> str:
    if isinstance(below, Relation):
        below = below.members[0]
    return below.name if isinstance(below, Symbol) else ""


def _places(
    seen: list[tuple[str, tuple[Node, ...]]], turned: bool
) -> tuple[dict[str, Offset], int]:
    """The layer of each node letter where layers are not written: weights go one layer down.

    turned: whether the first index of a weight is the node that it comes from.
    """
    every = [(name, [i.name if isinstance(i, Symbol) else "" for i in items])
             for name, items in seen]  # fmt: skip
    found: dict[str, Offset] = {}
    for name, items in every:
        if name == "y" and items:
            found[items[-1]] = ("L", 0)
        if name == "x" and items:
            found[items[-1]] = ("0", 0)
    weights = [items[-2:] for name, items in every if len(items) >= 2]
    if turned:
        weights = [pair[::-1] for pair in weights]
    loose = [items[-1] for _, items in every if items]
    depth = _steps(found, weights)
    for letter in [*found, *dict.fromkeys(i for pair in weights for i in pair), *loose]:
        if letter:
            found.setdefault(letter, (f"·layer:{letter}", 0))
            _spread(found, weights, letter)
    return found, depth


def _steps(found: dict[str, Offset], weights: list[list[str]]) -> int:
    """How many weights lead from an input to an output; 0 where none do."""
    inputs = {letter: place for letter, place in found.items() if place[0] == "0"}
    reached = dict(inputs)
    for letter in inputs:
        _spread(reached, weights, letter)
    ends = [reached[letter][1] for letter in found if letter in reached and letter not in inputs]
    return max([0, *ends])


def _spread(found: dict[str, Offset], weights: list[list[str]], start: str) -> None:
    """Give the letters that weights connect with one letter their places."""
    todo = [start]
    done = {letter for letter in found if not found[letter][0].startswith("·")} | {start}
    while todo:
        here = todo.pop()
        base, offset = found[here]
        for upper, lower in weights:
            for one, step in ((lower, -1),) if upper == here else ((upper, 1),) * (lower == here):
                if one and one not in done:
                    found[one] = (base, offset + step)
                    done.add(one)
                    todo.append(one)
