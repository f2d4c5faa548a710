"""What the meaning of a formula depends on, and where it is evaluated."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from symbackprop.checker.meaning.arrays import Array
from symbackprop.checker.meaning.conventions import Conventions, Layout, Reading
from symbackprop.checker.meaning.lookup import Lookup
from symbackprop.checker.meaning.surroundings import Surroundings
from symbackprop.checker.meaning.worlds import World
from symbackprop.notation.quantities import Quantity
from symbackprop.reading.syntax.tree import Node
from symbackprop.reading.text.source import NotUnderstood, Source

SAMPLE = "·sample"
PATTERN = "·pattern"
ARGUMENT = "·argument"
COUNT = "·count"
HIDDEN = "·layer"


@dataclass(slots=True)
class Scope:
    """Where a formula is evaluated: a world, the values of the letters as they are written."""

    world: World
    env: dict[str, Any]
    layout: Layout = Layout.LIKE_VARIABLE

    def inside(self, **letters: Any) -> Scope:
        """The same with more letters."""
        return Scope(self.world, {**self.env, **letters}, self.layout)


Value = Callable[[Scope], Array]


@dataclass(frozen=True, slots=True)
class Index:
    """An index as it is written: its value; letter and offset where it is a letter plus a number.

    number: the value where it has no letters.
    """

    value: Callable[[Scope], int]
    letter: str = ""
    offset: int = 0
    number: int | None = None


@dataclass(frozen=True, slots=True)
class Slot:
    """A place in which an index counts: the axis of a quantity, and its indices up to there.

    shift: what is taken off the written index to count from 0.
    """

    quantity: Quantity
    indices: tuple[Callable[[Scope], int], ...]
    index: Index
    shift: int
    layer: Index | None = None

    def values(self, scope: Scope) -> range:
        """The values of the letter for which the index is in its range. Raises OutOfRange."""
        before = tuple(index(scope) for index in self.indices)
        found = scope.world.axis_range(self.quantity, before, len(before))
        move = self.shift - self.index.offset
        return range(found.start + move, found.stop + move)


@dataclass
class Context:
    """What a formula is read with; filled while it is read."""

    source: Source
    lookup: Lookup
    conventions: Conventions
    reading: Reading
    around: Surroundings
    slots: list[Slot] = field(default_factory=list)
    layers: list[Callable[[Scope], int]] = field(default_factory=list)
    bound: list[str] = field(default_factory=list)
    free: dict[str, str] = field(default_factory=dict)
    least: int = 0
    deepest: int = 0
    widths: list[tuple[int | None, int]] = field(default_factory=list)
    speaks_of_mean: bool = False
    under_derivative: bool = False
    around_argument: str = ""
    constants: frozenset[str] = frozenset()

    def not_understood(self, node: Node, expected: str) -> NotUnderstood:
        """The error for a node; the caller raises it."""
        met = self.source.quote(node.start, node.end)
        return self.source.not_understood(node.start, met, expected)

    def use(self, letter: str, kind: str) -> None:
        """Note that a letter counts layers, nodes or samples here; a free one is tried with all."""
        if letter not in self.bound and (kind == "layer" or letter not in self.free):
            self.free[letter] = kind
