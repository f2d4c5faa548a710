"""In which order the definitions of a model are evaluated at concrete sizes.

Quantities that need each other form a group; groups come in the order in which they need each
other. A group that recurs, along layers or times, is evaluated place by place: first what stands
first in the direction of its recurrence, and at one place what needs nothing else there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sympy import Expr, Symbol

from symbackprop.errors import NotSupported
from symbackprop.model.definitions import Definition, name_of
from symbackprop.model.model import Model, directions, distance, recurrence_axis

Edge = tuple[str, int | None]
"""A quantity that is needed, and how far along the recurrence it stands; None: anywhere."""


@dataclass(frozen=True, slots=True, eq=False)
class Turn:
    """A definition in the order of evaluation.

    along: the position of the index along which the group recurs; None where it does not.
    needs: what it reads.
    """

    definition: Definition
    along: int | None
    needs: tuple[Edge, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Definitions that are evaluated together.

    turns: at one place, in order. offsets: by how many places each definition lags behind, so that
    all that it needs is there. direction: 1 or -1 along the recurrence; 0 without one.
    """

    turns: tuple[Turn, ...]
    offsets: tuple[int, ...]
    direction: int


def groups(model: Model) -> tuple[Group, ...]:
    """The definitions of a model in the order of evaluation."""
    edges = _edges(model)
    sign = directions(model)
    return tuple(_group(model, names, edges, sign) for names in _ordered(edges))


def needs(model: Model, definition: Definition) -> tuple[Edge, ...]:
    """What a definition reads, with the distance along the recurrence where it is fixed."""
    found: dict[Edge, None] = {}
    for one in definition.instances():
        name = name_of(one)
        if name in model.by_name:
            found.setdefault((name, distance(definition, one, model)))
    return tuple(found)


def _edges(model: Model) -> dict[str, tuple[Edge, ...]]:
    found: dict[str, dict[Edge, None]] = {d.quantity.name: {} for d in model.definitions}
    for definition in model.definitions:
        for edge in needs(model, definition):
            if edge[0] in found:
                found[definition.quantity.name].setdefault(edge)
    return {name: tuple(edges) for name, edges in found.items()}


def _ordered(edges: dict[str, tuple[Edge, ...]]) -> Iterator[tuple[str, ...]]:
    """The groups of names that need each other, each after those that it needs."""
    reached = {name: _reached(edges, name) for name in edges}
    done: set[str] = set()
    waiting = list(
        dict.fromkeys(
            tuple(
                other
                for other in edges
                if other == name or (other in reached[name] and name in reached[other])
            )
            for name in edges
        )
    )
    while waiting:
        ready = next(
            names
            for names in waiting
            if all(other in done or other in names for n in names for other in reached[n])
        )
        waiting.remove(ready)
        done |= set(ready)
        yield ready


def _reached(edges: dict[str, tuple[Edge, ...]], start: str) -> set[str]:
    seen: set[str] = set()
    stack = [start]
    while stack:
        for name, _ in edges[stack.pop()]:
            if name not in seen:
                seen.add(name)
                stack.append(name)
    return seen


def _group(
    model: Model, names: tuple[str, ...], edges: dict[str, tuple[Edge, ...]], sign: dict[str, int]
) -> Group:
    definitions = [d for name in names for d in model.definitions_of(model.quantity(name))]
    recurs = any(other in names for name in names for other, _ in edges[name])
    if not recurs:
        return Group(
            tuple(Turn(d, None, needs(model, d)) for d in definitions), (0,) * len(definitions), 0
        )
    direction = sign[names[0]]
    lag = _lags(names, edges, direction)
    order = _within(names, edges, direction, lag)
    definitions.sort(key=lambda d: order.index(d.quantity.name))
    turns = tuple(Turn(d, recurrence_axis(d.quantity), needs(model, d)) for d in definitions)
    return Group(turns, tuple(lag[d.quantity.name] for d in definitions), direction)


def _lags(
    names: tuple[str, ...], edges: dict[str, tuple[Edge, ...]], direction: int
) -> dict[str, int]:
    """For each name the smallest lag behind which all that it needs has been evaluated."""
    lag = dict.fromkeys(names, 0)
    for _ in names:
        for name in names:
            for other, step in edges[name]:
                if other in lag and step is not None:
                    lag[name] = max(lag[name], lag[other] + direction * step)
    return lag


def _within(
    names: tuple[str, ...],
    edges: dict[str, tuple[Edge, ...]],
    direction: int,
    lag: dict[str, int],
) -> list[str]:
    """The names so that each comes after what it needs in the same turn."""
    order: list[str] = []

    def ready(name: str) -> bool:
        return name not in order and all(
            other in order
            for other, step in edges[name]
            if other in lag and step is not None and lag[other] + direction * step == lag[name]
        )

    while len(order) < len(names):
        following = next((name for name in names if ready(name)), None)
        if following is None:
            raise NotSupported(f"no order of evaluation was found for {', '.join(names)}")
        order.append(following)
    return order


def letter_of(turn: Turn) -> Symbol | None:
    """The letter of the index along which a turn recurs; None where that index is fixed."""
    if turn.along is None:
        return None
    index: Expr = turn.definition.indices[turn.along]
    return index if any(b.letter == index for b in turn.definition.domain) else None
