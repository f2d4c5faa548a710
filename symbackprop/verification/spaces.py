"""Where the numbers of a quantity stand: its indices at concrete sizes, in a dense array."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from symbackprop.notation.expressions import Bound
from symbackprop.notation.quantities import Quantity
from symbackprop.verification.environment import Env, Place, Values, is_array
from symbackprop.verification.indices import integer


def enumerated(bounds: Iterable[Bound], env: Env, place: Place) -> Env:
    """All values of some letters, one array a letter; bounds may use letters in front of them.

    env: arrays of one common length, or nothing.
    """
    found: Env = dict(env)
    count = max((len(v) for v in env.values() if is_array(v)), default=1)
    for bound in bounds:
        low = np.broadcast_to(integer(bound.low)(found, place), (count,))
        high = np.broadcast_to(integer(bound.high)(found, place), (count,))
        sizes = np.maximum(high - low + 1, 0)
        rows = np.repeat(np.arange(count), sizes)
        starts = np.repeat(np.cumsum(sizes) - sizes, sizes)
        found = {k: v[rows] if is_array(v) else v for k, v in found.items()}
        count = int(sizes.sum())
        found[bound.letter.name] = low[rows] + np.arange(count) - starts
    return found


def count_of(env: Env) -> int:
    """How many places an enumeration has; 1 without a letter."""
    return max((len(v) for v in env.values() if is_array(v)), default=1)


@dataclass(frozen=True)
class Space:
    """The indices of a quantity: the lowest value and the number of values of each."""

    low: tuple[int, ...]
    shape: tuple[int, ...]

    def position(self, indices: Sequence[Values]) -> tuple[tuple[Values, ...], Values]:
        """Where in the array these indices stand, and whether they stand in it at all."""
        inside: Values = True
        found = []
        for index, low, size in zip(indices, self.low, self.shape, strict=True):
            place = index - low
            within = (place >= 0) & (place < size)
            inside = inside & within
            found.append(np.where(within, place, 0) if is_array(place) else int(place) * within)
        return tuple(found), inside

    def flat(self, position: Sequence[Values]) -> Values:
        """The number of a position among all of the array."""
        number: Values = 0
        for place, size in zip(position, self.shape, strict=True):
            number = number * size + place
        return number

    def unravelled(self, flats: np.ndarray) -> tuple[np.ndarray, ...]:
        """The indices of numbered positions."""
        if not self.shape:
            return ()
        found = np.unravel_index(flats, self.shape)
        return tuple(place + low for place, low in zip(found, self.low, strict=True))


def space_of(quantity: Quantity, place: Place) -> tuple[Space, Env]:
    """The space of a quantity, and every index that it has."""
    bounds = [Bound(axis.letter, axis.low, axis.high) for axis in quantity.axes]
    env = enumerated(bounds, {}, place)
    columns = [env[axis.letter.name] for axis in quantity.axes]
    low = tuple(int(c.min()) if c.size else 0 for c in columns)
    shape = tuple(
        int(c.max()) - start + 1 if c.size else 0 for c, start in zip(columns, low, strict=True)
    )
    return Space(low, shape), env
