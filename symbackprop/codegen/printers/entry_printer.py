"""The code of one entry of a value, as loops have it that compute entry by entry."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sympy import Expr

from symbackprop.arrays.passes.nests import is_outer
from symbackprop.arrays.program.program import (
    Align,
    Elementwise,
    Fill,
    Input,
    Number,
    Op,
    Pick,
    Program,
    Spread,
    Windows,
)
from symbackprop.codegen.printers.numpy_printer import NumpyPrinter
from symbackprop.codegen.printers.printer import Code, Level
from symbackprop.codegen.printers.scalar_printer import WORDS, joined_tests
from symbackprop.errors import NotSupported


class EntryPrinter(NumpyPrinter):
    """Prints operations at one place of their arrays.

    ``arrays``: the variables of values that stand in memory; ``here``: the place that is printed;
    ``numbers``: the code of each number, by its variable. Each takes the type of the arrays.
    """

    prefix = "np."

    def __init__(self, program: Program, names: Mapping[str, str], samples: str = "samples"):
        super().__init__(program, names, samples)
        self.arrays: dict[int, str] = {}
        self.numbers: dict[str, str] = {}
        self.here: tuple[str, ...] = ()

    def _made(self, node: int, letters: tuple[str, ...]) -> Code:
        """The code of the operation that makes one entry of a value."""
        op = self.program.ops[node]
        if is_outer(self.program, op):
            left, right = (
                self._at(arg, index).at(Level.SIGN)
                for arg, index in zip(op.args, ((letters[0], "0"), ("0", letters[1])), strict=True)
            )
            return Code(f"{left} * {right}", Level.MULTIPLY)
        if not isinstance(op, Elementwise):
            return self._read(op, letters)
        before, self.here = self.here, letters
        try:
            return self.print_elementwise(op)
        finally:
            self.here = before

    def code(self, node: int) -> Code:
        """The code of the entry of an argument that belongs to the entry that is printed."""
        shape = self.program.ops[node].shape
        letters = self.here[len(self.here) - len(shape) :] if shape else ()
        index = tuple(
            "0" if extent == 1 else letter for extent, letter in zip(shape, letters, strict=True)
        )
        return self._at(node, index)

    def _at(self, node: int, index: tuple[str, ...]) -> Code:
        """The code of an entry of a value."""
        op = self.program.ops[node]
        name = self.variables.get(node)
        if name is not None:
            return Code(self._subscript(name, index) if name == self.arrays.get(node) else name)
        if isinstance(op, Number):
            return self.print_number(op)
        if isinstance(op, Input):
            return Code(self._subscript(self.print_input(op).text, index))
        if isinstance(op, Elementwise):
            return self._made(node, index)
        return self._read(op, index)

    def _read(self, op: Op, index: tuple[str, ...]) -> Code:
        """The code of an entry of an operation that reads it somewhere else."""
        (source, *_) = op.args
        shape = self.program.ops[source].shape
        match op:
            case Align():
                places = {axis: place for place, axis in enumerate(op.axes) if axis is not None}
                return self._at(source, tuple(index[places[axis]] for axis in range(len(shape))))
            case Pick() if op.stop is None:
                return self._at(source, (*index[: op.axis], str(op.start), *index[op.axis :]))
            case Pick():
                moved = _affine(op.step, index[op.axis], op.start)
                return self._at(source, (*index[: op.axis], moved, *index[op.axis + 1 :]))
            case Windows():
                first, second = index[op.axis : op.axis + 2]
                moved = f"{_affine(op.step, first, 0)} + {second}"
                return self._at(source, (*index[: op.axis], moved, *index[op.axis + 2 :]))
            case Spread():
                return self._spread(op, index)
            case Fill():
                before, self.here = self.here, index
                try:
                    return self.code(source)
                finally:
                    self.here = before
        raise NotSupported(f"no loops are written for {type(op).__name__}")

    def _spread(self, op: Spread, index: tuple[str, ...]) -> Code:
        """An entry where there is one, else zero."""
        extent = self._extent(self.program.ops[op.args[0]].shape[op.axis])
        place = index[op.axis] if op.before == 0 else f"({index[op.axis]} - {op.before})"
        inner = place if op.step == 1 else f"{place} // {op.step}"
        inside = f"0 <= {inner} < {extent}"
        if op.step > 1:
            inside += f" and {place} % {op.step} == 0"
        moved = (*index[: op.axis], inner.strip("()"), *index[op.axis + 1 :])
        value = self._at(op.args[0], moved).text
        return Code(f"({value} if {inside} else {self._constant('0')})")

    @staticmethod
    def _subscript(name: str, index: Sequence[str]) -> str:
        return f"{name}[{', '.join(index)}]" if index else f"{name}[()]"

    def print_number(self, op: Number) -> Code:
        """A number, as a variable of the type of the arrays."""
        return Code(self._constant(super().print_number(op).text))

    def _number(self, value: Expr) -> Code:
        return self.print_number(Number((), (), value))

    def _constant(self, code: str) -> str:
        for name, known in self.numbers.items():
            if known == code:
                return name
        name = f"k{len(self.numbers) + 1}"
        while name in self.taken:
            name += "_"
        self.taken.add(name)
        self.numbers[name] = code
        return name

    def print_elementwise(self, op: Elementwise) -> Code:
        """Python's own functions where NumPy's are for arrays."""
        if op.function in ("maximum", "minimum"):
            left, right = (self.code(arg).text for arg in op.args)
            return Code(f"{op.function[:3]}({left}, {right})")
        if op.function in ("erf", "erfc"):
            self.helpers.add("math")
            return Code(f"math.{op.function}({self.code(op.args[0]).text})")
        if op.function in WORDS:
            tests = [self.code(arg).at(Level.COMPARE) for arg in op.args]
            return joined_tests(op.function, tests)
        return super().print_elementwise(op)

    def elementwise_where(self, op: Elementwise) -> Code:
        """A choice."""
        test, yes, no = (self.code(arg) for arg in op.args)
        return Code(f"({yes.at(Level.ADD)} if {test.text} else {no.at(Level.ADD)})")

    def elementwise_reciprocal(self, op: Elementwise) -> Code:
        """One over a value."""
        return Code(
            f"{self._constant('1')} / {self.code(op.args[0]).at(Level.SIGN)}", Level.MULTIPLY
        )


def _affine(step: int, letter: str, start: int) -> str:
    """An index that counts in steps from a start."""
    text = letter if step == 1 else f"{step} * {letter}"
    return f"{text} + {start}" if start else text
