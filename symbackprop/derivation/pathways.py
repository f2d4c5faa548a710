"""Through which instances one instance answers to another: whether there is one path, or several.

A path runs from reader to reader. Along a recurrence it moves a fixed number of places with each
reading, so that what lies between two places can be told from what does not.
"""

from __future__ import annotations

from collections.abc import Iterable

from sympy import Expr, Integer

from symbackprop.calculus.adjoints import adjoint_at
from symbackprop.derivation.places import indices_of, known_of
from symbackprop.model.definitions import Definition, name_of
from symbackprop.model.model import Model, distance, recurrence_axis
from symbackprop.notation.expressions import Condition, Partial

_FURTHEST = 12
"""So many places apart, two instances may lie; beyond, a path is taken to be possible."""


def only_path(model: Model, links: tuple[Partial, ...], context: Iterable[Condition] = ()) -> bool:
    """Whether the product of these local derivatives is the total one: no other path joins them.

    links: from the last instance to the first: ∂u_0/∂u_1, ∂u_1/∂u_2, ...
    """
    goal = links[0].args[0]
    for link in links:
        reader, instance = link.args
        given = known_of(model, [instance], context)
        readers = [one.partial.args[0] for one in adjoint_at(model, instance, given).contributions]
        onward = [one for one in readers if one == goal or may_reach(model, one, goal)]
        if onward != [reader]:
            return False
        own = next(
            one
            for one in adjoint_at(model, instance, given).contributions
            if one.partial.args[0] == reader
        )
        if own.chain.sums:
            return False
    return True


def may_reach(model: Model, start: Expr, goal: Expr) -> bool:
    """Whether ``goal`` may be computed, through one or more readings, from ``start``."""
    gap = _gap(model, start, goal)
    seen: set[tuple[str, int | None]] = set()
    stack: list[tuple[str, int | None]] = [(name_of(start), 0)]
    while stack:
        name, moved = stack.pop()
        for reader, step in _readings(model, name):
            there = None if moved is None or step is None else moved + step
            if there is not None and abs(there) > _FURTHEST:
                there = None
            if reader == name_of(goal) and (gap is None or there is None or there == gap):
                return True
            if (reader, there) not in seen and not _past(gap, there):
                seen.add((reader, there))
                stack.append((reader, there))
    return False


def _past(gap: int | None, there: int | None) -> bool:
    """Whether a path has gone so far beyond its goal that no reading leads back."""
    return gap is not None and there is not None and abs(there - gap) > _FURTHEST


def _gap(model: Model, start: Expr, goal: Expr) -> int | None:
    """How many places the goal lies behind the start; None where it is no fixed number."""
    places = []
    for one in (start, goal):
        position = recurrence_axis(model.quantity(one))
        if position is None:
            return None
        places.append(indices_of(one)[position])
    found = (places[1] - places[0]).expand()
    return int(found) if isinstance(found, Integer) else None


def _readings(model: Model, name: str) -> list[tuple[str, int | None]]:
    """Who reads a quantity, and how many places further on; None where that is not fixed."""
    known = model.notes.setdefault("readings", {})
    if name not in known:
        known[name] = list(
            dict.fromkeys(
                (definition.quantity.name, _step(model, definition, one))
                for definition in model.definitions
                for one in definition.instances()
                if name_of(one) == name
            )
        )
    found: list[tuple[str, int | None]] = known[name]
    return found


def _step(model: Model, definition: Definition, one: Expr) -> int | None:
    axes = [recurrence_axis(model.quantity(one)), recurrence_axis(definition.quantity)]
    if None in axes:
        return None
    back = distance(definition, one, model)
    return None if back is None else -back
