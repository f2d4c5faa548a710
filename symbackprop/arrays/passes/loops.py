"""Loops of a program: which groups of operations repeat, and where their values stand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from symbackprop.arrays.program.order import Family, Slot


@dataclass(frozen=True, slots=True, order=True)
class Read:
    """How what is read changes from turn to turn.

    kind: ``same``, ``carried``, ``input`` or ``slot``. distance: how many operations ago a carried
    value was made. axis, family: which place of an input, or the values of which family, change
    by the step of the loop. starts: for each position that views start from, by how much it
    changes.
    """

    kind: str
    distance: int = 0
    axis: int = 0
    family: Family = ()
    starts: tuple[int, ...] = ()


@dataclass(frozen=True)
class Loop:
    """Groups of operations, alike one by one, and what they read.

    first: the position of the first operation in the order of those that compute something.
    turns: the operations of each turn. step: by how much places change from turn to turn.
    reads: for each operation of a turn, how each of its operands changes. slots: the families of
    the values that a turn makes. initial: values from before the first turn that stand in for
    those of turns before it, by turn (-1 is the one before) and operation of the turn. shown: a
    turn in which no two things that change in different ways are the same thing.
    """

    first: int
    turns: tuple[tuple[int, ...], ...]
    step: int
    reads: tuple[tuple[Read, ...], ...]
    slots: tuple[Slot, ...]
    initial: tuple[tuple[int, int, int], ...]
    shown: int

    @property
    def period(self) -> int:
        """How many operations a turn has."""
        return len(self.turns[0])

    def source(self, phase: int, distance: int) -> tuple[int, int]:
        """The operation of a turn that made a carried value, and how many turns ago."""
        turns, found = divmod(phase - distance, self.period)
        return found, -turns


def initial_slot(loop: Loop, turn: int, phase: int) -> Slot:
    """The slot of what stands in for a value of a turn before the first."""
    return Slot(loop.slots[phase].family, loop.slots[phase].place + loop.step * turn)


def change(one: Sequence[int], other: Sequence[int]) -> tuple[int, int] | None:
    """The axis along which two places differ, and by how much; None for several."""
    axes = [axis for axis, (a, b) in enumerate(zip(one, other, strict=True)) if a != b]
    if len(axes) != 1 or abs(other[axes[0]] - one[axes[0]]) != 1:
        return None
    return axes[0], other[axes[0]] - one[axes[0]]
