"""Where the values of a program with loops are: in variables, or in lists with one entry a place.

A value that another loop, or a much later turn, reads at its place goes to a list. One that only
the same turn or the next one reads goes to a variable, which every turn writes again, so that its
array is freed. Times are positions in the order of evaluation, all turns one after the other.
Variables share a name only if the times at which they are needed do not overlap.
"""

from __future__ import annotations

import keyword
from bisect import bisect
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count

from symbackprop.arrays.passes.loops import Loop, initial_slot
from symbackprop.arrays.program.order import Family, Order, Slot
from symbackprop.arrays.program.program import Label


@dataclass(eq=False)
class Variable:
    """Values that share a variable: those of one operation of a loop, or a single one.

    last: the value that it has in the end. start, end: the first and the last time that it is
    needed. looped: whether it has values of several places.
    """

    label: Label | None
    last: int
    start: float
    end: float
    looped: bool
    name: str = ""


@dataclass
class Kept:
    """A list of values: its name, the place of its first entry, how many it has.

    growing: the values are made in the order of their places, so that they can be appended.
    given: the entries that are there from the beginning.
    """

    name: str
    low: int
    length: int
    growing: bool
    given: list[tuple[Slot, int]]


@dataclass(frozen=True)
class Copy:
    """A value that is put into a list or a variable before a loop begins."""

    node: int
    to: Slot | Variable


class Storage:
    """Names for all values that have one.

    named: the values that have one. cells: those in lists; lists: by family. variables: those in
    variables. copies: what is done before each loop. freed: by loop and operation of a turn, the
    values that are taken from the ends of lists behind it, since nothing reads them again.
    """

    def __init__(self, order: Order, loops: tuple[Loop, ...], taken: set[str]) -> None:
        self.order, self.loops, self.taken = order, loops, taken
        self.turn_of: dict[int, tuple[int, int, int]] = {
            node: (number, turn, phase)
            for number, loop in enumerate(loops)
            for turn, nodes in enumerate(loop.turns)
            for phase, node in enumerate(nodes)
        }
        self.last_time = len(order.nodes)
        self.readers = self._readers()
        self.named = self._named()
        self.times = self._times()
        self.cells: dict[int, Slot] = {}
        self.variables: dict[int, Variable] = {}
        self.lists: dict[Family, Kept] = {}
        self.copies: list[list[Copy]] = [[] for _ in loops]
        self._busy: dict[str, list[tuple[float, float]]] = {}
        self._make_lists()
        self._make_variables()
        self._name_variables()
        self.freed: dict[tuple[int, int], list[int]] = {}
        self._free_lists()

    def _readers(self) -> dict[int, list[int]]:
        """When each value is read: the positions of operations, the last time for a result."""
        found: dict[int, list[int]] = {node: [] for node in self.order.nodes}
        for position, operands in enumerate(self.order.operands):
            for operand in operands:
                if operand.leaf in found:
                    found[operand.leaf].append(position)
        for result in self.order.program.results:
            leaf = self.order.operand(result).leaf
            if leaf in found:
                found[leaf].append(self.last_time)
        return found

    def _turn_and_phase(self, time: int) -> tuple[int, int, int] | None:
        """The loop, the turn and the operation of a time."""
        if not 0 <= time < self.last_time:
            return None
        return self.turn_of.get(self.order.nodes[time])

    def _turn(self, time: int) -> tuple[int, int] | None:
        """The loop and the turn of a time."""
        found = self._turn_and_phase(time)
        return found[:2] if found else None

    def _named(self) -> set[int]:
        """Values with a label, read twice or from another turn, each in all turns of its loop."""
        found: set[int] = set()
        for time, node in enumerate(self.order.nodes):
            readers = self.readers[node]
            own = self._turn(time)
            if (
                node in self.order.labels
                or len(readers) > 1
                or any(self._turn(reader) != own for reader in readers)
            ):
                found.add(node)
        for loop in self.loops:
            for nodes in zip(*loop.turns, strict=True):
                if not found.isdisjoint(nodes):
                    found.update(nodes)
        return found

    def _times(self) -> list[int]:
        """When each operation is evaluated: one without a name, where it is read."""
        found = list(range(self.last_time + 1))
        for time in range(self.last_time - 1, -1, -1):
            node = self.order.nodes[time]
            if node not in self.named and self.readers[node]:
                found[time] = found[self.readers[node][0]]
        return found

    def _end(self, node: int) -> int:
        """The last time that a value is read."""
        return max((self.times[reader] for reader in self.readers[node]), default=-1)

    def _listed(self) -> set[Family]:
        """The families of which values are read where a variable has another one already."""
        found = {
            read.family
            for loop in self.loops
            for reads in loop.reads
            for read in reads
            if read.kind == "slot"
        }
        for node, (number, turn, phase) in self.turn_of.items():
            loop = self.loops[number]
            if node not in self.named:
                continue
            time = self.order.index[node]
            final = turn == len(loop.turns) - 1
            for reader in self.readers[node]:
                where = self._turn(reader)
                inside = where is not None and where[0] == number
                if self.times[reader] - time > loop.period if inside else not final:
                    found.add(loop.slots[phase].family)
        return found

    def _make_lists(self) -> None:
        families = self._listed()
        for node, slot in self.order.label_slots():
            if slot.family in families:
                self.cells[node] = slot
        for loop in self.loops:
            for turn, nodes in enumerate(loop.turns):
                for node, slot in zip(nodes, loop.slots, strict=True):
                    if slot.family in families:
                        self.cells[node] = Slot(slot.family, slot.place + turn * loop.step)
        given: list[tuple[Slot, int]] = []
        stored: dict[Slot, float] = {
            slot: float(self.order.index[node]) for node, slot in self.cells.items()
        }
        for number, loop in enumerate(self.loops):
            for turn, phase, node in loop.initial:
                slot = initial_slot(loop, turn, phase)
                if slot.family in families and slot not in stored:
                    if node in self.order.index:
                        stored[slot] = loop.first - 0.5
                        self.copies[number].append(Copy(node, slot))
                    else:
                        stored[slot] = -1.0
                        given.append((slot, node))
        self._name_lists(stored)
        for slot, node in sorted(given, key=lambda one: one[0].place):
            self.lists[slot.family].given.append((slot, node))

    def _name_lists(self, stored: dict[Slot, float]) -> None:
        places: dict[Family, list[int]] = {}
        for slot, _ in sorted(stored.items(), key=lambda pair: (pair[1], pair[0].place)):
            places.setdefault(slot.family, []).append(slot.place)
        for family, found in places.items():
            low, length = min(found), max(found) - min(found) + 1
            if isinstance(family[0], str):
                name = self.free(Label(family[0], family[1:-1], 0).identifier)
            else:
                name = next(self._temporaries())
            self.taken.add(name)
            growing = found == list(range(low, low + length))
            self.lists[family] = Kept(name, low, length, growing, [])

    def _free_lists(self) -> None:
        """Which loops read a list for the last time, from its end on, one entry a turn."""
        at = {slot: node for node, slot in self.cells.items()}
        for family, kept in self.lists.items():
            last = kept.low + kept.length - 1
            node = at.get(Slot(family, last))
            where = None if node is None else self._turn_and_phase(self._end(node))
            if node is None or where is None or not kept.growing:
                continue
            number, turn, phase = where
            loop = self.loops[number]
            if turn or loop.step != -1 or self.order.index[node] >= loop.first:
                continue
            read = [at.get(Slot(family, last - turn)) for turn in range(len(loop.turns))]
            ends = [None if one is None else self._end(one) for one in read]
            shown = read[loop.shown]
            if shown is not None and ends == [self.order.index[t[phase]] for t in loop.turns]:
                self.freed.setdefault((number, phase), []).append(shown)

    def _make_variables(self) -> None:
        for node in self.order.nodes:
            if node in self.named and node not in self.cells and node not in self.turn_of:
                self.variables[node] = self._variable((node,))
        for number, loop in enumerate(self.loops):
            for phase, nodes in enumerate(zip(*loop.turns, strict=True)):
                if nodes[0] in self.named and nodes[0] not in self.cells:
                    self._make_looped(number, phase, nodes)

    def _make_looped(self, number: int, phase: int, nodes: tuple[int, ...]) -> None:
        """The variable of an operation of a loop; it may already have the value before that."""
        loop = self.loops[number]
        found = self._variable(nodes)
        before = [node for _, source, node in loop.initial if source == phase]
        known = self.variables.get(before[0]) if before else None
        if known is not None and self._goes_on(known, before[0], found):
            known.end, known.last, known.label = found.end, found.last, found.label
            known.looped = found.looped
            found = known
        elif before:
            found.start = loop.first - 0.5
            self.copies[number].append(Copy(before[0], found))
        for node in nodes:
            self.variables[node] = found

    def _goes_on(self, known: Variable, before: int, found: Variable) -> bool:
        """Whether a variable can take the next values as well."""
        same = known.label is None or (
            found.label is not None and known.label.name == found.label.name
        )
        return same and known.last == before and known.end <= found.start

    def _variable(self, nodes: tuple[int, ...]) -> Variable:
        start = self.order.index[nodes[0]]
        end = max(map(self._end, nodes))
        label = self.order.labels.get(nodes[0])
        looped = label != self.order.labels.get(nodes[-1])
        return Variable(label, nodes[-1], start, max(end, start), looped)

    def _name_variables(self) -> None:
        every = sorted(dict.fromkeys(self.variables.values()), key=lambda one: one.start)
        passing = _passing(every)
        shared: dict[str, str] = {}
        for one in every:
            if one.label is None:
                one.name = self.temporary(one.start, one.end)
            elif one.label.name in passing:
                if one.label.name not in shared:
                    shared[one.label.name] = self.free(one.label.variable)
                    self.taken.add(shared[one.label.name])
                one.name = shared[one.label.name]
            else:
                one.name = self.free(one.label.variable if one.looped else one.label.identifier)
                self.taken.add(one.name)

    def free(self, name: str) -> str:
        """A name that no value has."""
        while name in self.taken or keyword.iskeyword(name):
            name += "_"
        return name

    def temporary(self, start: float, end: float) -> str:
        """The first name among t1, t2, ... that nobody needs from start to end; it is taken."""
        for name in self._temporaries():
            busy = self._busy.setdefault(name, [])
            place = bisect(busy, (start, end))
            free_before = place == 0 or busy[place - 1][1] <= start
            if free_before and (place == len(busy) or end <= busy[place][0]):
                busy.insert(place, (start, end))
                return name
        raise AssertionError

    def release(self, name: str, start: float, end: float) -> None:
        """A name that was taken for these times is free again."""
        self._busy[name].remove((start, end))

    def _temporaries(self) -> Iterator[str]:
        return (name for n in count(1) if (name := f"t{n}") not in self.taken)


def _passing(every: list[Variable]) -> set[str]:
    """The quantities whose variables, the earliest first, do not overlap: they share one name."""
    ends: dict[str, float] = {}
    kept: set[str] = set()
    for one in every:
        if one.label is not None:
            if ends.get(one.label.name, -1) > one.start:
                kept.add(one.label.name)
            ends[one.label.name] = max(ends.get(one.label.name, -1), one.end)
    return set(ends) - kept
