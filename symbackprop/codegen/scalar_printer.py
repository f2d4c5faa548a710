"""Programs of single numbers as plain Python: every sum written out, ``math`` for functions."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from symbackprop.codegen.numpy_printer import NumpyPrinter
from symbackprop.codegen.printer import Code, Level
from symbackprop.codegen.program import Elementwise, Input, Program


class ScalarPrinter(NumpyPrinter):
    """One variable a number; given numbers are variables too, ``w0_1_2``."""

    prefix = "math."
    own_functions: frozenset[str] = frozenset()
    names_of_functions: Mapping[str, str] = MappingProxyType({})

    def __init__(self, program: Program, names: Mapping[str, str], samples: str = "samples"):
        super().__init__(program, names, samples)
        self.passing = set()
        self.taken |= {self.print_input(op).text for op in program.ops if isinstance(op, Input)}

    def print_input(self, op: Input) -> Code:
        """A given number."""
        return Code("_".join((self.names[op.name], *map(str, op.place))))

    def print_elementwise(self, op: Elementwise) -> Code:
        """Python's own functions where NumPy has others."""
        args = [self.code(arg) for arg in op.args]
        match op.function:
            case "maximum" | "minimum":
                left, right = args[0].text, args[1].text
                return Code(f"{op.function[:3]}({left}, {right})")
            case "absolute":
                return Code(f"abs({args[0].text})")
            case "sign":
                value = args[0].at(Level.ADD)
                return Code(f"({value} > 0) - ({value} < 0)", Level.ADD)
        return super().print_elementwise(op)

    def elementwise_where(self, op: Elementwise) -> Code:
        """A choice as a conditional expression."""
        test, yes, no = (self.code(arg).at(Level.ADD) for arg in op.args)
        test = self.code(op.args[0]).text
        return Code(f"({yes} if {test} else {no})")

    def elementwise_square(self, op: Elementwise) -> Code:
        """A square as a product, which is faster for numbers."""
        inner = self.code(op.args[0])
        if inner.text.isidentifier():
            return Code(f"{inner.text} * {inner.text}", Level.MULTIPLY)
        return super().elementwise_square(op)


class FlatPrinter(ScalarPrinter):
    """The same, reading entries of vectors: ``theta[3]``, ``x[0]``."""

    def __init__(self, program: Program, entries: Mapping[tuple[str, tuple[int, ...]], str]):
        self.entries = entries
        super().__init__(program, {name: name for name, _ in entries})

    def print_input(self, op: Input) -> Code:
        """An entry of the vector that holds the number."""
        return Code(self.entries[op.name, op.place])
