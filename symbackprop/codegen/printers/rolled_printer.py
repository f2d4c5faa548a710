"""Programs with loops as statements of Python: the body of a loop is printed once."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from symbackprop.arrays.passes.loops import Loop
from symbackprop.arrays.passes.storage import Copy, Storage
from symbackprop.arrays.program.order import Family, Order, Slot
from symbackprop.arrays.program.program import Input, Pick, Program, Stack
from symbackprop.codegen.printers.array_api_printer import ArrayApiPrinter
from symbackprop.codegen.printers.numpy_printer import NumpyPrinter
from symbackprop.codegen.printers.printer import Code, Statement

LetterOf = Callable[[str, int], str]


@dataclass(frozen=True, slots=True)
class Line(Statement):
    """A statement at some depth. A target that opens a bracket is closed after the code."""

    depth: int = 0

    @property
    def line(self) -> str:
        """The statement as a line of code."""
        closing = {"(": ")", "[": "]"}.get(self.target[-1:])
        if closing is not None:
            text = f"{self.target}{self.code}{closing}"
        else:
            text = f"{self.target} = {self.code}"
        comment = f"  # ({self.equation})" if self.equation else ""
        return f"{'    ' * self.depth}{text}{comment}"


@dataclass(frozen=True, slots=True)
class Head(Statement):
    """The line that begins a loop: ``target`` is its letter, ``code`` what it runs through."""

    @property
    def line(self) -> str:
        """The line of code."""
        return f"for {self.target} in {self.code}:"


@dataclass(frozen=True, slots=True)
class Removal(Statement):
    """The line that takes an entry out of a list."""

    @property
    def line(self) -> str:
        """The line of code."""
        return f"    del {self.target}"


class RolledPrinter(NumpyPrinter):
    """Prints a program with its loops.

    letter_of: the letter of an axis of a quantity, as the equations have it.
    """

    reserved = NumpyPrinter.reserved | {"range", "tuple", "Any"}

    def __init__(
        self,
        program: Program,
        names: Mapping[str, str],
        loops: tuple[Loop, ...],
        letter_of: LetterOf,
    ) -> None:
        super().__init__(program, names)
        self.order = Order(program)
        self.loops = {loop.first: number for number, loop in enumerate(loops)}
        self.storage = Storage(self.order, loops, self.taken)
        self.letter_of = letter_of
        self.letter = ""
        self.value = 0
        self.depth = 0
        self.span = (0.0, 0.0)
        self.parts: list[tuple[int, str]] = []
        self.moving: set[Pick] = set()
        self.begun: set[Family] = set()
        for node, variable in self.storage.variables.items():
            self.variables[node] = variable.name
        for node, slot in self.storage.cells.items():
            self.variables[node] = self._entry(slot)

    def run(self) -> tuple[list[Statement], list[str]]:
        """The statements, and the code of each result."""
        time = 0
        while time < len(self.order.nodes):
            node = self.order.nodes[time]
            if time in self.loops:
                time = self._loop(self.loops[time])
                continue
            if node in self.storage.named:
                self.span = (time - 0.5, time + 0.5)
                self._store(node)
            time += 1
        return self.statements, [self.code(node).text for node in self.program.results]

    def whole(self, codes: tuple[str, ...]) -> str | None:
        """The list whose entries these are, all of them in their order."""
        for kept in self.storage.lists.values():
            if codes == tuple(f"{kept.name}[{n}]" for n in range(kept.length)):
                return kept.name
        return None

    def print_stack(self, op: Stack) -> Code:
        """Arrays that stand in a list of their own are stacked as it is."""
        name = self.whole(tuple(self.code(arg).text for arg in op.args))
        if name is None:
            return super().print_stack(op)
        return Code(f"{self.prefix}stack({name}, axis={op.axis})")

    def start(self, op: Pick) -> str:
        """The position that is picked, in a loop by its letter if it changes."""
        return self._index(op.start) if op in self.moving else super().start(op)

    def _store(self, node: int) -> None:
        """The statement that makes a value and puts it where it is kept."""
        label, slot = self.labels.get(node), self.storage.cells.get(node)
        equation = label.equation if label else 0
        target = self._opening(slot) if slot else self.storage.variables[node].name
        around = len(Line(target, "", equation, self.depth).line)
        code = self.fitted(node, around - 16)
        self._emit(target, code.text, equation)
        for part, name in self.parts:
            del self.variables[part]
            self.storage.release(name, *self.span)
        self.parts.clear()

    def _assign(self, node: int) -> None:
        """A part of a long statement in a variable of its own."""
        code = self.fitted(node, 4 * self.depth)
        name = self.storage.temporary(*self.span)
        self.parts.append((node, name))
        self._emit(name, code.text, 0)
        self.variables[node] = name

    def _emit(self, target: str, code: str, equation: int) -> None:
        self.statements.append(Line(target, code, equation, self.depth))

    def _opening(self, slot: Slot) -> str:
        """What puts a value into a list: the beginning of the list, a call, or an entry."""
        kept = self.storage.lists[slot.family]
        if not kept.growing:
            self._begin(slot.family)
            return self._entry(slot) if not self.depth else self._moving_entry(slot)
        if slot.family not in self.begun and not kept.given:
            self.begun.add(slot.family)
            return f"{kept.name} = ["
        self._begin(slot.family)
        return f"{kept.name}.append("

    def _begin(self, family: Family) -> None:
        """The statements that make a list with the entries that are given."""
        if family in self.begun:
            return
        self.begun.add(family)
        kept = self.storage.lists[family]
        if kept.growing and kept.given:
            self._emit(
                f"{kept.name} = [", ", ".join(self.code(one).text for _, one in kept.given), 0
            )
            return
        value = "[]" if kept.growing else f"[None] * {kept.length}"
        self._emit(f"{kept.name}: list[Any]", value, 0)
        for slot, node in kept.given:
            self._emit(self._entry(slot), self.code(node).text, 0)

    def _entry(self, slot: Slot) -> str:
        kept = self.storage.lists[slot.family]
        return f"{kept.name}[{slot.place - kept.low}]"

    def _moving_entry(self, slot: Slot) -> str:
        kept = self.storage.lists[slot.family]
        return f"{kept.name}[{self._index(slot.place - kept.low)}]"

    def _index(self, place: int) -> str:
        """A place relative to the letter of the loop."""
        difference = place - self.value
        if not difference:
            return self.letter
        return f"{self.letter} {'+' if difference > 0 else '-'} {abs(difference)}"

    def _loop(self, number: int) -> int:
        """Print a loop, and before it what it goes on from; the time after it."""
        loop = self.storage.loops[number]
        after = loop.first + loop.period * len(loop.turns)
        self.span = (loop.first - 0.5, after - 0.5)
        for copy in self.storage.copies[number]:
            self._copy(copy)
        nodes = [node for node in loop.turns[loop.shown] if node in self.storage.named]
        for node in nodes:
            if node in self.storage.cells:
                self._begin(self.storage.cells[node].family)
        outside = dict(self.variables)
        place = len(self.statements)
        self._enter(loop)
        for phase, node in enumerate(loop.turns[loop.shown]):
            if node in self.storage.named:
                self._store(node)
            for freed in self.storage.freed.get((number, phase), ()):
                self.statements.append(Removal(self.variables[freed], "", 0))
        self.statements.insert(place, self._head(loop, self.statements[place:]))
        self.variables, self.depth = outside, 0
        self.moving.clear()
        return after

    def _copy(self, copy: Copy) -> None:
        """A value from before a loop, where the first turn reads it."""
        code = self.code(copy.node).text
        target = self._opening(copy.to) if isinstance(copy.to, Slot) else copy.to.name
        self._emit(target, code, 0)

    def _enter(self, loop: Loop) -> None:
        """Let what changes from turn to turn be printed with the letter of the loop."""
        cells = self.storage.cells
        turn = loop.turns[loop.shown]
        inputs: dict[int, int] = {}
        slots = {node: cells[node] for node in turn if node in cells}
        for node, reads in zip(turn, loop.reads, strict=True):
            operands = self.order.operands[self.order.index[node]]
            for read, operand in zip(reads, operands, strict=True):
                if read.kind == "input":
                    inputs[operand.leaf] = read.axis
                elif read.kind != "same" and operand.leaf in cells:
                    slots[operand.leaf] = cells[operand.leaf]
                picks = [op for op in map(self.program.ops.__getitem__, operand.views) if _one(op)]
                changes = zip(picks, read.starts, strict=True)
                self.moving |= {op for op, change in changes if change and isinstance(op, Pick)}
        self._choose_letter(loop, inputs, slots)
        self.depth = 1
        for node, axis in inputs.items():
            op = self.program.ops[node]
            assert isinstance(op, Input)
            places = [
                self._index(place) if number == axis else str(place)
                for number, place in enumerate(op.place)
            ]
            self.variables[node] = self.names[op.name] + "".join(f"[{one}]" for one in places)
        for node, slot in slots.items():
            self.variables[node] = self._moving_entry(slot)

    def _choose_letter(self, loop: Loop, inputs: dict[int, int], slots: dict[int, Slot]) -> None:
        """The letter, and its value in the turn that is printed: most places are the letter."""
        families = [slot.family for slot in loop.slots]
        families += [read.family for reads in loop.reads for read in reads if read.family]
        named = [(family[0], family[-1]) for family in families if isinstance(family[0], str)]
        places = [pick.start for pick in self.moving]
        for node, axis in inputs.items():
            op = self.program.ops[node]
            assert isinstance(op, Input)
            named.append((op.name, axis))
            places.append(op.place[axis])
        places += [slot.place - self.storage.lists[slot.family].low for slot in slots.values()]
        counts = Counter(sorted(places))
        self.value = max(counts, key=lambda place: counts[place], default=loop.shown)
        self.letter = self.storage.free(self.letter_of(*named[0]) if named else "i")

    def _head(self, loop: Loop, body: list[Statement]) -> Head:
        """The line that begins a loop; a letter that is not read has no name."""
        turns = len(loop.turns)
        words = set(re.findall(r"\w+", " ".join(one.line for one in body)))
        if self.letter not in words:
            return Head("_", f"range({turns})", 0)
        start = self.value - loop.step * loop.shown
        ends = [start, start + loop.step * turns, loop.step]
        if loop.step == 1:
            ends = ends[1:2] if start == 0 else ends[:2]
        return Head(self.letter, f"range({', '.join(map(str, ends))})", 0)


def _one(op: object) -> bool:
    """Whether an operation picks one position."""
    return isinstance(op, Pick) and op.stop is None


class RolledArrayApiPrinter(RolledPrinter, ArrayApiPrinter):
    """The same in the array API standard."""
