"""Domains: which values a quantity takes, as data that is drawn from, tested and printed.

A target has a meaning: a probability, a distribution over the outputs, -1 or 1. A check that
ignores it judges a gradient where nobody uses it, and calls right ones wrong.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from symbackprop.errors import ModelError

if TYPE_CHECKING:
    import numpy as np

_SLACK = 1e-9
"""By how much a sum of given values may miss its total: they are often rounded."""


@dataclass(frozen=True, slots=True)
class Domain:
    """The values of one entry of a quantity, or of its entries along the last index.

    phrase: what they are, for documents: "probabilities that sum to 1".
    low, high: the ends of the interval they lie in; open_low, open_high: without the end itself.
    values: the only values there are, where they are few.
    total: what the entries along the last index sum to, if they do; a quantity without indices is
        then this number.
    """

    phrase: str
    low: float = -math.inf
    high: float = math.inf
    open_low: bool = False
    open_high: bool = False
    values: tuple[float, ...] = ()
    total: float | None = None

    def __post_init__(self) -> None:
        """Check that there is something between the ends."""
        if not self.low < self.high:
            raise ModelError(
                f"domain {self.phrase!r}: nothing lies between {self.low} and {self.high}"
            )
        if self.total is not None and not (self.low >= 0 and self.total > 0):
            raise ModelError(f"domain {self.phrase!r}: what sums to a total must not be negative")

    @property
    def span(self) -> tuple[float, float]:
        """The interval that entries are drawn from: inside the domain, away from its ends."""
        if math.isinf(self.low) and math.isinf(self.high):
            return -1.0, 1.0
        if math.isinf(self.high):
            return self.low + 0.2, self.low + 1.4
        if math.isinf(self.low):
            return self.high - 1.4, self.high - 0.2
        margin = 0.15 * (self.high - self.low)
        return self.low + margin, self.high - margin

    def fault(self, entries: Any) -> str:
        """Why an array of one sample is outside the domain; empty where it is inside.

        >>> import numpy as np
        >>> SIGNS.fault(np.array([1.0, 0.5])), SIMPLEX.fault(np.array([0.25, 0.75]))
        ('0.5 at [1] is not -1 or 1', '')
        """
        for place, entry in _entries(entries):
            if not self._has(entry):
                where = f" at [{', '.join(map(str, place))}]" if place else ""
                return f"{entry:.10g}{where} is not {self._one()}"
        if self.total is None:
            return ""
        sums = entries.sum(axis=-1) if getattr(entries, "ndim", 0) else entries
        for _, found in _entries(sums):
            if abs(found - self.total) > _SLACK * self.total:
                return f"the sum is {found:.10g}, not {self.total:g}"
        return ""

    def _has(self, entry: float) -> bool:
        if self.values:
            return entry in self.values
        above = self.low < entry if self.open_low else self.low <= entry
        below = entry < self.high if self.open_high else entry <= self.high
        return math.isfinite(entry) and above and below

    def _one(self) -> str:
        """What one entry may be."""
        if self.values:
            return " or ".join(f"{value:g}" for value in self.values)
        left = "(" if self.open_low or math.isinf(self.low) else "["
        right = ")" if self.open_high or math.isinf(self.high) else "]"
        return f"a number in {left}{self.low:g}, {self.high:g}{right}"


def _entries(array: Any) -> Sequence[tuple[tuple[int, ...], float]]:
    """The entries of an array, or the only one of a number, with their places."""
    shape = getattr(array, "shape", ())
    if not shape:
        return [((), float(array))]
    return [
        ((position, *place), entry)
        for position in range(shape[0])
        for place, entry in _entries(array[position])
    ]


def draw(
    domain: Domain, rng: np.random.Generator, shape: tuple[int, ...], samples: int | None = None
) -> Any:
    """Random entries of a quantity: for one sample, or for several along a first axis.

    shape: of one sample. A total is that of the last axis of ``shape``; without an axis, every
    entry is the total.

    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> draw(SIMPLEX, rng, (4,), samples=3).sum(axis=1).round(12)
    array([1., 1., 1.])
    >>> sorted(set(draw(SIGNS, rng, (50,)).tolist()))
    [-1.0, 1.0]
    """
    whole = shape if samples is None else (samples, *shape)
    if domain.values:
        return rng.choice([float(value) for value in domain.values], whole)
    found = rng.uniform(*domain.span, whole)
    if domain.total is None:
        return found
    sums = found.sum(axis=-1, keepdims=True) if shape else found
    return found / sums * domain.total


REAL = Domain("any real numbers")
POSITIVE = Domain("positive numbers", low=0.0, open_low=True)
UNIT = Domain("probabilities, each from 0 to 1", low=0.0, high=1.0)
INSIDE_UNIT = Domain("probabilities, each between 0 and 1", 0.0, 1.0, open_low=True, open_high=True)
SIMPLEX = Domain("probabilities that sum to 1", low=0.0, high=1.0, total=1.0)
SIGNS = Domain("-1 or 1", low=-1.0, high=1.0, values=(-1.0, 1.0))
