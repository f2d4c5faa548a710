"""The small network in which a document's statements are evaluated, and walks over its indices."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from sympy import Expr

from symbackprop.derivation.derive import Derivation
from symbackprop.derivation.verify import (
    assumed_depth,
    depth_for,
    least_width,
    references_of,
)
from symbackprop.errors import NotSupported
from symbackprop.notation.expressions import Bound, Condition
from symbackprop.notation.quantities import Quantity
from symbackprop.verification.draw import small_sizes
from symbackprop.verification.environment import Env
from symbackprop.verification.indices import condition, integer
from symbackprop.verification.reference import Reference
from symbackprop.verification.spaces import count_of, enumerated

ENDS = 2
"""Of a long range, so many numbers from each end and from the middle are taken."""


def stand_in(derivation: Derivation) -> Reference:
    """One sample of the model at small sizes in which every index of the derivation exists."""
    model, targets = derivation.model, derivation.targets
    depth = max(depth_for(model, targets), assumed_depth(derivation))
    sizes = small_sizes(model, depth, least_width(model, targets))
    return references_of(model, sizes, (1,))[0]


def walk(
    letters: Sequence[Bound], given: Sequence[Condition], env: Env, reference: Reference
) -> Iterator[Env]:
    """Every assignment of the letters that ``env`` leaves open and that the conditions allow.

    Of long ranges both ends and the middle are taken.
    """
    tests = [condition(one) for one in given]

    def inner(position: int, known: Env) -> Iterator[Env]:
        if position == len(letters):
            if all(test(known, reference) for test in tests):
                yield known
            return
        bound = letters[position]
        low = int(integer(bound.low)(known, reference))
        high = int(integer(bound.high)(known, reference))
        if bound.letter.name in env:
            if low <= env[bound.letter.name] <= high:
                yield from inner(position + 1, known)
            return
        for number in sampled(low, high):
            yield from inner(position + 1, {**known, bound.letter.name: number})

    try:
        yield from inner(0, dict(env))
    except NotSupported:
        return


def every(
    letters: Sequence[Bound], given: Sequence[Condition], env: Env, reference: Reference
) -> Env:
    """Every assignment that ``env`` leaves open and the conditions allow, one array a letter."""
    nothing: Env = {"\0": np.zeros(0, int)}
    fixed = [condition(c) for b in letters if b.letter.name in env for c in b.conditions]
    if not all(test(env, reference) for test in fixed):
        return nothing
    open_ones = [b for b in letters if b.letter.name not in env]
    found = enumerated(open_ones, env, reference)
    kept = np.ones(count_of(found), bool)
    for one in given:
        kept &= condition(one)(found, reference)
    if not found:
        return {} if kept.all() else nothing
    return {name: np.broadcast_to(value, kept.shape)[kept] for name, value in found.items()}


def sampled(low: int, high: int) -> Sequence[int]:
    """The numbers from low to high, or the ends and the middle of a long range."""
    if high - low < 4 * ENDS:
        return range(low, high + 1)
    middle = (low + high) // 2
    return (
        *range(low, low + ENDS),
        *range(middle, middle + ENDS),
        *range(high - ENDS + 1, high + 1),
    )


def places(
    quantity: Quantity,
    reference: Reference,
    start: tuple[int, ...] = (),
    of_range: Callable[[int, int], Sequence[int]] = sampled,
) -> Iterator[tuple[int, ...]]:
    """The indices of instances of a quantity that begin with ``start``.

    of_range: which numbers of a range are taken; of long ones some, unless it says otherwise.
    """

    def inner(found: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
        if len(found) == len(quantity.axes):
            yield found
            return
        axis = quantity.axes[len(found)]
        env: Env = {a.letter.name: n for a, n in zip(quantity.axes, found, strict=False)}
        low = int(integer(axis.low)(env, reference))
        high = int(integer(axis.high)(env, reference))
        for number in of_range(low, high):
            yield from inner((*found, number))

    yield from inner(start)


def numbers(indices: Sequence[Expr], env: Env, reference: Reference) -> tuple[int, ...]:
    """The numbers that index expressions stand for."""
    return tuple(int(integer(one)(env, reference)) for one in indices)
