"""A loop in the finding: how far the operations of one turn are like those of the next."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from symbackprop.arrays.passes.loops import Loop, Read, initial_slot
from symbackprop.arrays.passes.loops import change as change_of
from symbackprop.arrays.program.order import Slot, label_slot
from symbackprop.arrays.program.program import Pick

if TYPE_CHECKING:
    from symbackprop.arrays.passes.repeats import Search


class Scan:
    """A loop that is being found: how far it goes, and what the reads so far can be."""

    def __init__(self, search: Search, first: int, period: int, step: int) -> None:
        self.search = search
        self.order = search.order
        self.first, self.period, self.step = first, period, step
        self.position = first
        self.allowed: list[list[frozenset[Read]] | None] = [None] * period
        self.changes: list[tuple[int, int] | None] = [None] * period
        self.before: dict[int, int] = {}
        self.distances: dict[int, tuple[int, ...]] = {}

    def advance(self) -> bool:
        """Compare one more operation with the one that is a period later."""
        one, other = self.position, self.position + self.period
        search = self.search
        if other >= len(self.order.nodes) or search.signatures[one] != search.signatures[other]:
            return False
        phase = (one - self.first) % self.period
        if not self._places(one, other, phase):
            return False
        pairs = zip(self.order.operands[one], self.order.operands[other], strict=True)
        found = [
            search.reads(self, a, b, one, distance)
            for (a, b), distance in zip(pairs, self._distances(phase), strict=True)
        ]
        known = self.allowed[phase]
        if known is not None:
            found = [a & b for a, b in zip(known, found, strict=True)]
        if not all(found):
            return False
        self.allowed[phase] = found
        self.position += 1
        return True

    def _distances(self, phase: int) -> tuple[int, ...]:
        """How long before an operation of a late turn the values that it reads are made there."""
        if phase not in self.distances:
            position = self.first + phase + (self.search.least - 1) * self.period
            made = [self.order.index.get(one.leaf, -1) for one in self.order.operands[position]]
            self.distances[phase] = tuple(
                position - other if other >= self.first else 0 for other in made
            )
        return self.distances[phase]

    def _places(self, one: int, other: int, phase: int) -> bool:
        """Whether the labels of two values differ by the step along the same axis as before."""
        nodes, labels = self.order.nodes, self.order.labels
        if nodes[one] not in labels:
            return True
        a, b = labels[nodes[one]].place, labels[nodes[other]].place
        change = (0, 0) if a == b else change_of(a, b)
        if change is None or change[1] not in (0, self.step):
            return False
        if self.changes[phase] not in (None, change):
            return False
        self.changes[phase] = change
        return True

    def stands_for(self, position: int, node: int) -> bool:
        """Whether a value is the one of a position; before the first turn, it may be any other."""
        if position >= self.first:
            return self.order.nodes[position] == node
        if self.order.index.get(node, -1) >= self.first:
            return False
        return self.before.setdefault(position, node) == node

    def loop(self, turns: int) -> Loop | None:
        """The loop of so many turns; None when a value would need two places at once."""
        nodes, period = self.order.nodes, self.period
        groups = tuple(
            tuple(nodes[self.first + turn * period : self.first + (turn + 1) * period])
            for turn in range(turns)
        )
        reads = tuple(tuple(min(found) for found in known or ()) for known in self.allowed)
        slots = tuple(self._slot(phase) for phase in range(period))
        found = Loop(self.first, groups, self.step, reads, slots, (), 0)
        initial = self._initial(found)
        shown = next((n for n in range(turns - 1, 0, -1) if self._clear(found, n)), None)
        if initial is None or shown is None:
            return None
        return replace(found, initial=initial, shown=shown)

    def _initial(self, loop: Loop) -> tuple[tuple[int, int, int], ...] | None:
        """What stands in for earlier turns; None where another value has its place in a list."""
        found: dict[tuple[int, int], int] = {}
        for turn in range(len(loop.turns)):
            for phase, reads in enumerate(loop.reads):
                operands = self.order.operands[self.first + turn * self.period + phase]
                for read, operand in zip(reads, operands, strict=True):
                    if read.kind == "carried":
                        source, back = loop.source(phase, read.distance)
                        if turn < back:
                            found[turn - back, source] = operand.leaf
        listed = tuple((turn, phase, node) for (turn, phase), node in sorted(found.items()))
        for turn, phase, node in listed:
            if self.search.filled.get(initial_slot(loop, turn, phase), node) != node:
                return None
        return listed

    def _clear(self, loop: Loop, turn: int) -> bool:
        """Whether a turn shows what changes: each thing that it reads changes in one way."""
        ways: dict[Any, Read | bool] = {}
        for phase, (node, reads) in enumerate(zip(loop.turns[turn], loop.reads, strict=True)):
            operands = self.order.operands[self.order.index[node]]
            for read, operand in zip(reads, operands, strict=True):
                if read.kind == "carried" and turn < loop.source(phase, read.distance)[1]:
                    return False
                if read.kind == "slot" and (operand.leaf, read.family) in self.search.copied:
                    return False
                way = replace(read, distance=0, starts=())
                if ways.setdefault(operand.leaf, way) != way:
                    return False
                ops = [self.order.program.ops[view] for view in operand.views]
                picks = [op for op in ops if isinstance(op, Pick) and op.stop is None]
                for pick, change in zip(picks, read.starts, strict=True):
                    if ways.setdefault(pick, change != 0) != (change != 0):
                        return False
        return True

    def _slot(self, phase: int) -> Slot:
        """Where the value of the first turn is: by its label, or by its operation of the turn."""
        node = self.order.nodes[self.first + phase]
        change = self.changes[phase]
        if change is not None and change[1]:
            label = self.order.labels[node]
            found = label_slot(label.name, label.place, change[0])
            if self.search.filled.get(found) == node and self.search.may_list(found.family):
                return found
        return Slot((self.first, phase), 0)
