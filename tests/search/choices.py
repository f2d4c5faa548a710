"""Choices that can be repeated, recorded and made smaller: what a random model is drawn with."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import TypeVar

X = TypeVar("X")


class Choices:
    """Whole numbers, drawn from a seed or read from a script; the least is the simplest choice."""

    def __init__(self, seed: int | None = None, script: Sequence[int] = ()) -> None:
        self._random = None if seed is None else random.Random(seed)
        self._script = list(script)
        self.record: list[int] = []

    def below(self, count: int) -> int:
        """A whole number from 0 to count - 1."""
        if self._random is not None:
            found = self._random.randrange(count)
        else:
            place = len(self.record)
            found = min(self._script[place], count - 1) if place < len(self._script) else 0
        self.record.append(found)
        return found

    def pick(self, options: Sequence[X]) -> X:
        """One of some options; the simplest stands first."""
        return options[self.below(len(options))]

    def chance(self, percent: int) -> bool:
        """True so often; False is simpler."""
        return self.below(100) >= 100 - percent

    def between(self, low: int, high: int) -> int:
        """A whole number from low to high."""
        return low + self.below(high - low + 1)


def shrunk(
    script: Sequence[int], fails: Callable[[list[int]], bool], tries: int = 400
) -> list[int]:
    """A shorter script, of smaller numbers, that still fails.

    Pieces are left out, then numbers lowered, until nothing smaller fails or the tries are over.
    """
    best = list(script)
    left = tries

    def better(candidate: list[int]) -> bool:
        nonlocal best, left
        if left <= 0 or candidate == best:
            return False
        left -= 1
        if fails(candidate):
            best = candidate
            return True
        return False

    changed = True
    while changed and left > 0:
        changed = False
        length = max(1, len(best) // 2)
        while length:
            start = 0
            while start < len(best):
                if better(best[:start] + best[start + length :]):
                    changed = True
                else:
                    start += length
            length //= 2
        for place in range(len(best)):
            for lower in (0, best[place] // 2, best[place] - 1):
                if 0 <= lower < best[place] and better([*best[:place], lower, *best[place + 1 :]]):
                    changed = True
                    break
    return best
