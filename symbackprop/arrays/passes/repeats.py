"""Groups of operations that repeat, found in a program: what is printed as a loop.

Two operations are alike when they do the same to arrays of the same shapes. A group repeats when
each operation of the next one is like it, and reads what corresponds: the same value, the value of
its own turn or of an earlier one, or arrays whose place is one further. A value that is known
before the first turn may stand in for that of an earlier one. No name means anything in here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from symbackprop.arrays.passes.loops import Loop, Read, initial_slot
from symbackprop.arrays.passes.loops import change as change_of
from symbackprop.arrays.passes.running_sums import running_sums
from symbackprop.arrays.passes.scan import Scan
from symbackprop.arrays.program.order import Family, Operand, Order, Slot
from symbackprop.arrays.program.program import Input, Number, Program


def with_loops(program: Program, least: int) -> tuple[Program, tuple[Loop, ...]]:
    """The program and its loops, its long sums as running ones where that makes more loops."""
    loops = find_loops(program, least)
    summed = running_sums(program, least)
    if len(summed.ops) > len(program.ops):
        more = find_loops(summed, least)
        if len(more) > len(loops):
            return summed, more
    return program, loops


def find_loops(program: Program, least: int) -> tuple[Loop, ...]:
    """The loops of at least so many turns, in the order of the program.

    >>> from symbackprop.arrays.program.program import Elementwise, Label
    >>> label = lambda n: (n, Label("a", (n,), 2))
    >>> x, ops = Input((), (3,), "x", ()), [Elementwise((n,), (3,), "tanh") for n in range(5)]
    >>> program = Program((x, *ops), tuple(map(label, range(1, 6))), (5,))
    >>> (loop,) = find_loops(program, 3)
    >>> loop.turns, loop.initial, loop.reads
    (((1,), (2,), (3,), (4,), (5,)), ((-1, 0, 0),), ((Read(kind='carried', distance=1, ...),),))
    """
    return tuple(Search(program, least).run())


class Search:
    """Goes through a program once; ``slots`` are the places that values are known to have."""

    def __init__(self, program: Program, least: int) -> None:
        self.order = Order(program)
        self.least = least
        self.results = set(program.results)
        known: dict[Any, int] = {}
        self.signatures = [
            known.setdefault(self.order.signature(n), len(known))
            for n in range(len(self.order.nodes))
        ]
        self.periods = self._periods()
        self.alike: dict[int, list[int]] = {}
        self.slots: dict[int, list[Slot]] = {}
        self.filled: dict[Slot, int] = {}
        self.copied: set[tuple[int, Family]] = set()
        self.axes: dict[str, int] = {}
        self.lowest: dict[Family, int] = {}
        for node, slot in self.order.label_slots():
            self._fill(node, slot)

    def run(self) -> Iterator[Loop]:
        """The loops, the earliest first."""
        position = 0
        while position < len(self.order.nodes):
            loop = self._best(position)
            if loop is None:
                position += 1
                continue
            self._accept(loop)
            yield loop
            position = loop.first + loop.period * len(loop.turns)

    def _fill(self, node: int, slot: Slot) -> None:
        self.slots.setdefault(node, []).append(slot)
        self.filled[slot] = node
        self.lowest[slot.family] = min(slot.place, self.lowest.get(slot.family, slot.place))

    def _periods(self) -> list[int]:
        """For each position, how far it is to the next one like the next labelled value."""
        following: dict[int, int] = {}
        found = [0] * len(self.signatures)
        period = 0
        for position in range(len(self.signatures) - 1, -1, -1):
            kind = self.signatures[position]
            if self.order.nodes[position] in self.order.labels:
                period = following.get(kind, position) - position
                following[kind] = position
            found[position] = period
        return found

    def _alike(self, period: int) -> list[int]:
        """For each position, how many from there on are like those one period later."""
        if period not in self.alike:
            kinds = self.signatures
            found = [0] * (len(kinds) + 1)
            for n in range(len(kinds) - period - 1, -1, -1):
                found[n] = found[n + 1] + 1 if kinds[n] == kinds[n + period] else 0
            self.alike[period] = found
        return self.alike[period]

    def _possible(self, position: int) -> bool:
        """Whether a loop may begin at a position, as far as one can see at once."""
        period = self.periods[position]
        if not 0 < period <= len(self.order.nodes) // self.least:
            return False
        if not self.order.begins_statement(position):
            return False
        return self._alike(period)[position] >= period * (self.least - 1)

    def _best(self, position: int) -> Loop | None:
        """The best of the loops that begin in the turn from a position on, if one begins there.

        It has most turns, then the fewest different indices, then values of one place in a turn.
        """
        if not self._possible(position):
            return None
        found = self._loop(position)
        if found is None:
            return None
        best = (self._rank(found), found)
        for start in range(position + 1, position + found.period):
            if self._possible(start) and self.periods[start] == found.period:
                other = self._loop(start)
                if other is not None and self._rank(other) < best[0]:
                    best = (self._rank(other), other)
        return best[1]

    def _rank(self, loop: Loop) -> tuple[int, int, int]:
        """Lower is better."""
        indices: set[int] = set()
        places: set[int] = set()
        for node, reads, slot in zip(loop.turns[0], loop.reads, loop.slots, strict=True):
            for read, operand in zip(
                reads, self.order.operands[self.order.index[node]], strict=True
            ):
                op = self.order.program.ops[operand.leaf]
                if read.kind == "input" and isinstance(op, Input):
                    indices.add(op.place[read.axis])
            if isinstance(slot.family[0], str):
                places.add(slot.place)
                if node in self.results:
                    indices.add(slot.place - self.lowest[slot.family])
        return -len(loop.turns), len(indices), len(places)

    def _loop(self, first: int) -> Loop | None:
        period = self.periods[first]
        found = [self._scanned(first, period, step) for step in self._steps(first, period)]
        return max((one for one in found if one), key=lambda one: len(one.turns), default=None)

    def _steps(self, first: int, period: int) -> tuple[int, ...]:
        """By what the places may change: what the first label that changes says."""
        for n in range(first, first + period):
            one = self.order.labels.get(self.order.nodes[n])
            other = self.order.labels.get(self.order.nodes[n + period])
            if one is not None and other is not None and one.place != other.place:
                change = change_of(one.place, other.place)
                return () if change is None else (change[1],)
        return (1, -1)

    def _scanned(self, first: int, period: int, step: int) -> Loop | None:
        """The loop from a position on, as long as what is read goes on as it began."""
        scan = Scan(self, first, period, step)
        while scan.advance():
            pass
        turns = (scan.position + period - first) // period
        return scan.loop(turns) if turns >= self.least else None

    def reads(
        self, scan: Scan, one: Operand, other: Operand, position: int, distance: int
    ) -> frozenset[Read]:
        """All ways in which the operand of one turn may lead to that of the next.

        distance: how long before it is read the value of a later turn is made, 0 if it is not.
        """
        starts = tuple(b - a for a, b in zip(one.starts, other.starts, strict=True))
        if any(change not in (0, scan.step) for change in starts):
            return frozenset()
        a, b = one.leaf, other.leaf
        ops, index = self.order.program.ops, self.order.index
        found: list[Read] = []
        if distance:
            after = position + scan.period - distance
            if scan.stands_for(position - distance, a) and scan.stands_for(after, b):
                found.append(Read("carried", distance, starts=starts))
        if index.get(b, -1) >= scan.first:
            return frozenset(found)
        if a == b or isinstance(ops[a], Number):
            found.append(Read("same", starts=starts))
        x, y = ops[a], ops[b]
        if isinstance(x, Input) and isinstance(y, Input) and x.name == y.name:
            change = change_of(x.place, y.place)
            if change is not None and change[1] == scan.step:
                found.append(Read("input", axis=change[0], starts=starts))
        places = {slot.family: slot.place for slot in self.slots.get(a, ())}
        for slot in self.slots.get(b, ()):
            if places.get(slot.family) == slot.place - scan.step and self.may_list(slot.family):
                found.append(Read("slot", family=slot.family, starts=starts))
        return frozenset(found)

    def may_list(self, family: Family) -> bool:
        """Whether values of a family may stand in a list: those of a quantity along one axis."""
        return self.axes.get(family[0], family[-1]) == family[-1]

    def _accept(self, loop: Loop) -> None:
        """Remember where the values of a loop are."""
        families = [slot.family for slot in loop.slots]
        families += [read.family for reads in loop.reads for read in reads if read.kind == "slot"]
        for family in families:
            if isinstance(family[0], str):
                self.axes[family[0]] = family[-1]
        for turn, nodes in enumerate(loop.turns):
            for node, slot in zip(nodes, loop.slots, strict=True):
                if not isinstance(slot.family[0], str):
                    self._fill(node, Slot(slot.family, slot.place + loop.step * turn))
        for turn, phase, node in loop.initial:
            slot = initial_slot(loop, turn, phase)
            if self.filled.get(slot) != node:
                self._fill(node, slot)
                self.copied.add((node, slot.family))
