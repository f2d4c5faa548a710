"""Programs as statements of Python: what all printers of array code have in common."""

from __future__ import annotations

import keyword
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from itertools import count

from sympy import Add, Expr, Integer, Mul, Pow, Rational, Symbol

from symbackprop.arrays.program.program import (
    Align,
    Elementwise,
    Fill,
    Input,
    Number,
    Op,
    Pick,
    Program,
)
from symbackprop.codegen.reserved import RESERVED
from symbackprop.errors import NotSupported


class Level(IntEnum):
    """How tightly the outermost operator of some code binds."""

    COMPARE = 1
    ADD = 2
    MULTIPLY = 3
    SIGN = 4
    POWER = 5
    ATOM = 6


@dataclass(frozen=True, slots=True)
class Code:
    """A piece of code and how tightly it binds."""

    text: str
    level: Level = Level.ATOM

    def at(self, level: Level) -> str:
        """The text, in parentheses if it binds less tightly than ``level``."""
        return self.text if self.level >= level else f"({self.text})"


@dataclass(frozen=True, slots=True)
class Statement:
    """An assignment, and the number of the equation that it implements, 0 for none."""

    target: str
    code: str
    equation: int

    @property
    def line(self) -> str:
        """The statement as a line of code."""
        comment = f"  # ({self.equation})" if self.equation else ""
        return f"{self.target} = {self.code}{comment}"


WIDTH = 84


class Printer:
    """Prints the operations of one program; a subclass has a method for each kind of operation.

    names: how given arrays are called, by quantity; ``samples`` is the code of their number.
    """

    reserved = RESERVED

    def __init__(self, program: Program, names: Mapping[str, str], samples: str = "samples"):
        self.program = program
        self.names = dict(names)
        self.samples = samples
        self.like = next(iter(self.names.values()))
        self.uses = program.uses()
        self.labels = dict(program.labels)
        self.variables: dict[int, str] = {}
        self.taken = set(self.names.values()) | self.reserved
        self.spoken = {
            name for one in self.labels.values() for name in (one.variable, one.identifier)
        }
        self.shared: dict[str, str] = {}
        self.statements: list[Statement] = []
        self.last = self._last_reads()
        self.passing = self._passing()
        self._busy: dict[str, int] = {}

    def run(self) -> tuple[list[Statement], list[str]]:
        """The statements, and the code of each result."""
        for node in range(len(self.program.ops)):
            if node in self.labels or self._worth_a_name(node):
                self._assign(node)
        results = [self.code(node).text for node in self.program.results]
        return self.statements, results

    def _worth_a_name(self, node: int) -> bool:
        op = self.program.ops[node]
        if isinstance(op, Input | Number) or self.uses[node] < 2:
            return False
        return not self.is_view(op)

    def is_view(self, op: Op) -> bool:
        """Whether an operation costs nothing, so that it is written where it is used."""
        return isinstance(op, Align | Pick | Fill)

    def _assign(self, node: int) -> None:
        label = self.labels.get(node)
        code = self.fitted(node, 0 if label is None else 8)
        name = self._name(node)
        self.statements.append(Statement(name, code.text, label.equation if label else 0))
        self.variables[node] = name

    def fitted(self, node: int, margin: int) -> Code:
        """The code of an operation, parts of it put into variables until it fits a line."""
        while True:
            code = self.operation(node)
            if len(code.text) + margin + 16 <= WIDTH:
                return code
            longest = self._longest_part(node)
            if longest is None:
                return code
            self._assign(longest)

    def _longest_part(self, node: int) -> int | None:
        """The argument, at any depth, whose code is longest but fits a line.

        A reciprocal is no such part: written where it is used, it is a division.
        """
        best: tuple[int, int] | None = None
        stack = list(self.program.ops[node].args)
        while stack:
            arg = stack.pop()
            op = self.program.ops[arg]
            if arg in self.variables or isinstance(op, Input | Number):
                continue
            stack.extend(op.args)
            if is_reciprocal(op):
                continue
            length = len(self.operation(arg).text)
            if length <= WIDTH - 16 and length > 12 and (best is None or length >= best[0]):
                best = (length, arg)
        return None if best is None else best[1]

    def _name(self, node: int) -> str:
        label = self.labels.get(node)
        if label is None:
            name = self._temporary(node)
        elif label.name in self.passing:
            name = self.shared.get(label.name) or self._free(label.variable)
            self.shared[label.name] = name
        else:
            name = self._free(label.identifier)
        if label is not None:
            self.taken.add(name)
        return name

    def _free(self, name: str) -> str:
        """A name for a labelled value that no other has."""
        while name in self.taken or keyword.iskeyword(name):
            name += "_"
        return name

    def _temporary(self, node: int) -> str:
        """The first name among t1, t2, ... whose value is not read any more."""
        for number in count(1):
            name = f"t{number}"
            if name in self.taken or name in self.spoken:
                continue
            if self._busy.get(name, -1) <= node:
                self._busy[name] = self.last[node]
                return name
        raise AssertionError

    def _last_reads(self) -> list[int]:
        """For each value, the position of the last statement that reads it."""
        end = len(self.program.ops)
        last = list(range(end))
        for result in self.program.results:
            last[result] = end
        for node in range(end - 1, -1, -1):
            named = node in self.labels or self._worth_a_name(node)
            for arg in self.program.ops[node].args:
                last[arg] = max(last[arg], node if named else last[node])
        return last

    def _passing(self) -> set[str]:
        """The quantities of which one instance is no longer read when the next is made.

        They share one variable, so that their arrays are freed.
        """
        ends: dict[str, int] = {}
        kept: set[str] = set()
        for node, label in sorted(self.labels.items()):
            if ends.get(label.name, -1) > node:
                kept.add(label.name)
            ends[label.name] = max(ends.get(label.name, -1), self.last[node])
        return {name for name, end in ends.items() if end < len(self.program.ops)} - kept

    def code(self, node: int) -> Code:
        """The code of a value: its variable, or the operation itself."""
        if node in self.variables:
            return Code(self.variables[node])
        return self.operation(node)

    def operation(self, node: int) -> Code:
        """The code of the operation that makes a value."""
        op = self.program.ops[node]
        method = getattr(self, f"print_{type(op).__name__.lower()}", None)
        if method is None:
            raise NotSupported(f"{type(self).__name__} prints no {type(op).__name__}")
        found: Code = method(op)
        return found

    def print_input(self, op: Input) -> Code:
        """A given array, or one of a tuple."""
        name = self.names[op.name]
        return Code(name + "".join(f"[{position}]" for position in self.positions(op)))

    def positions(self, op: Input) -> tuple[int, ...]:
        """Places counted from 0; a printer knows where the first one is."""
        return op.place

    def print_number(self, op: Number) -> Code:
        """A number, exact where Python writes it exactly."""
        return number_code(op.value, self.samples)


def is_reciprocal(op: Op) -> bool:
    """Whether an operation divides one by a value."""
    return isinstance(op, Elementwise) and op.function == "reciprocal"


def number_code(value: Expr, samples: str) -> Code:
    """The code of a number; the only letter in it is the number of samples.

    >>> number_code(Rational(-1, 3), "samples").text
    '-1 / 3'
    """
    if isinstance(value, Integer):
        return Code(str(value), Level.SIGN if value.is_negative else Level.ATOM)
    if isinstance(value, Rational):
        short = repr(float(value))
        if len(short) <= 8:
            return Code(short, Level.SIGN if value.is_negative else Level.ATOM)
        return Code(f"{value.p} / {value.q}", Level.MULTIPLY)
    if not value.free_symbols:
        return Code(repr(float(value)), Level.SIGN if value.is_negative else Level.ATOM)
    top, bottom = value.as_numer_denom()
    over = _polynomial(top, samples)
    if bottom == 1:
        return over
    below = _polynomial(bottom, samples).at(Level.ATOM)
    return Code(f"{over.at(Level.MULTIPLY)} / {below}", Level.MULTIPLY)


def _polynomial(value: Expr, samples: str) -> Code:
    """Sums and products of numbers and of the number of samples."""
    if not value.free_symbols:
        return number_code(value, samples)
    if isinstance(value, Symbol):
        return Code(samples)
    parts = [_polynomial(part, samples) for part in value.args]
    if isinstance(value, Add):
        text = " + ".join(part.at(Level.MULTIPLY) for part in parts)
        return Code(text.replace("+ -", "- "), Level.ADD)
    if isinstance(value, Mul):
        return Code(" * ".join(part.at(Level.SIGN) for part in parts), Level.MULTIPLY)
    if isinstance(value, Pow):
        return Code("**".join(part.at(Level.ATOM) for part in parts), Level.POWER)
    raise NotSupported(f"no code is written for the number {value}")
