"""Programs of single numbers as plain Python: every sum written out, ``math`` for functions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from symbackprop.arrays.program.program import Elementwise, Input, Program
from symbackprop.codegen.printers.numpy_printer import NumpyPrinter
from symbackprop.codegen.printers.printer import Code, Level
from symbackprop.notation.elementary import TABLE

NUMBER_CODE = {row.code: row.number_code for row in TABLE if row.code}
"""The code of each elementary function of one number."""

WORDS = {"logical_and": " and ", "logical_or": " or ", "logical_not": "not "}
"""How Python joins tests of single numbers."""


def joined_tests(function: str, tests: Sequence[str]) -> Code:
    """Tests of single numbers joined, in parentheses."""
    word = WORDS[function]
    return Code(f"({word}{tests[0]})" if len(tests) == 1 else f"({word.join(tests)})")


class ScalarPrinter(NumpyPrinter):
    """One variable a number. entries: the code of each given number, ``w_1_2`` or ``theta[3]``."""

    prefix = "math."

    def __init__(self, program: Program, entries: Mapping[tuple[str, tuple[int, ...]], str]):
        super().__init__(program, {name: name for name, _ in entries})
        self.entries = entries
        self.passing = set()
        self.taken |= {self.print_input(op).text for op in program.ops if isinstance(op, Input)}

    def print_input(self, op: Input) -> Code:
        """The code of a given number."""
        return Code(self.entries[op.name, op.place])

    def print_elementwise(self, op: Elementwise) -> Code:
        """Python's own functions where NumPy has others."""
        args = [self.code(arg) for arg in op.args]
        if op.function in WORDS:
            return joined_tests(op.function, [arg.at(Level.COMPARE) for arg in args])
        if op.function in NUMBER_CODE:
            inside = ", ".join(arg.at(Level.ADD) for arg in args)
            return Code(NUMBER_CODE[op.function].replace("#", inside))
        return super().print_elementwise(op)

    def elementwise_where(self, op: Elementwise) -> Code:
        """A choice as a conditional expression."""
        yes, no = (self.code(arg).at(Level.ADD) for arg in op.args[1:])
        test = self.code(op.args[0]).text
        return Code(f"({yes} if {test} else {no})")

    def elementwise_square(self, op: Elementwise) -> Code:
        """A square as a product, which is faster for numbers."""
        inner = self.code(op.args[0])
        if inner.text.isidentifier():
            return Code(f"{inner.text} * {inner.text}", Level.MULTIPLY)
        return super().elementwise_square(op)
