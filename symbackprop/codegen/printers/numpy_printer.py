"""Programs as NumPy that allocates its results: what one writes beside the equations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from sympy import Expr

from symbackprop.arrays.program.program import (
    Align,
    Contract,
    Elementwise,
    Fill,
    Matmul,
    Number,
    Pick,
    Reduce,
    Spread,
    Stack,
    Tensordot,
    Windows,
)
from symbackprop.codegen.printers.printer import Code, Level, Printer
from symbackprop.model.functions import Form

OPERATORS = {
    "greater": ">",
    "greater_equal": ">=",
    "less": "<",
    "less_equal": "<=",
    "equal": "==",
    "not_equal": "!=",
}
LETTERS = "abcdefghijklmnopqrstuvwxyz"


class NumpyPrinter(Printer):
    """One expression of NumPy an operation."""

    prefix = "np."
    prologue = ""
    form = Form.STABLE
    methods = True
    quick = True
    """Whether arguments of kinds that were examined before pass unexamined."""
    rest = ""
    """What ends an index that names fewer axes than there are."""
    own_functions = frozenset({"erf", "erfc"})
    names_of_functions: Mapping[str, str] = MappingProxyType({"absolute": "abs"})

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.helpers: set[str] = set()

    def function(self, name: str) -> str:
        """The name of a function as code; those that NumPy lacks stand in the module itself."""
        if name in self.own_functions:
            self.helpers.add(name)
            return f"_{name}"
        return self.prefix + self.names_of_functions.get(name, name)

    def print_elementwise(self, op: Elementwise) -> Code:
        """An operator where there is one, else a function's call."""
        if op.function in OPERATORS:
            left, right = (self.code(arg).at(Level.ADD) for arg in op.args)
            return Code(f"{left} {OPERATORS[op.function]} {right}", Level.COMPARE)
        special = getattr(self, f"elementwise_{op.function}", None)
        if special is not None:
            found: Code = special(op)
            return found
        args = ", ".join(self.code(arg).text for arg in op.args)
        return Code(f"{self.function(op.function)}({args})")

    def elementwise_add(self, op: Elementwise) -> Code:
        """A sum: the first summand is one without a minus sign, where there is one."""
        signed = [self._signed(arg) for arg in op.args]
        ordered = [one for one in signed if one[0] > 0][:1]
        ordered += [one for one in signed if one is not (ordered[0] if ordered else None)]
        text = (
            ordered[0][1].at(Level.ADD) if ordered[0][0] > 0 else f"-{ordered[0][1].at(Level.SIGN)}"
        )
        for sign, code in ordered[1:]:
            text += f" {'+' if sign > 0 else '-'} {code.at(Level.MULTIPLY)}"
        return Code(text, Level.ADD)

    def _signed(self, node: int) -> tuple[int, Code]:
        """A value as its sign and the code of what follows it."""
        op = self.program.ops[node]
        if isinstance(op, Number) and op.value.is_negative:
            return -1, self._number(-op.value)
        if node in self.variables or not isinstance(op, Elementwise):
            return 1, self.code(node)
        if op.function == "multiply":
            value = self._value(op.args[0])
            if value is not None and value.could_extract_minus_sign():
                return -1, self._times(-value, op.args[1:])
        return 1, self.code(node)

    def _value(self, node: int) -> Expr | None:
        op = self.program.ops[node]
        return op.value if isinstance(op, Number) else None

    def _number(self, value: Expr) -> Code:
        return self.print_number(Number((), (), value))

    def elementwise_multiply(self, op: Elementwise) -> Code:
        """A product, with divisions for its reciprocals."""
        value = self._value(op.args[0])
        if value is None:
            return self._factors([], op.args)
        if op.shape == () and value.free_symbols and value.as_numer_denom()[0] == 1:
            below = self._number(1 / value)
            return Code(
                f"{self._factors([], op.args[1:]).at(Level.MULTIPLY)} / {below.at(Level.SIGN)}",
                Level.MULTIPLY,
            )
        if value.could_extract_minus_sign():
            code = self._times(-value, op.args[1:])
            return Code(f"-{code.at(Level.MULTIPLY)}", Level.MULTIPLY)
        return self._times(value, op.args[1:])

    def _times(self, value: Expr, args: Sequence[int]) -> Code:
        """A positive number times values."""
        if value == 1:
            return self._factors([], args)
        return self._factors([self._number(value)], args)

    def _factors(self, numbers: Sequence[Code], args: Sequence[int]) -> Code:
        tops = list(numbers)
        bottoms: list[Code] = []
        for arg in args:
            op = self.program.ops[arg]
            below = isinstance(op, Elementwise) and op.function == "reciprocal"
            if below and arg not in self.variables:
                bottoms.append(self.code(op.args[0]))
            else:
                tops.append(self.factor(arg))
        if not tops:
            tops = [Code("1")]
        if len(tops) == 1 and not bottoms:
            return tops[0]
        first = tops[0].at(Level.SIGN if len(tops) > 1 and numbers else Level.MULTIPLY)
        text = " * ".join([first, *(code.at(Level.SIGN) for code in tops[1:])])
        text += "".join(f" / {code.at(Level.SIGN)}" for code in bottoms)
        return Code(text, Level.MULTIPLY)

    def factor(self, node: int) -> Code:
        """A value as a factor of a product."""
        return self.code(node)

    def elementwise_reciprocal(self, op: Elementwise) -> Code:
        """One over a value."""
        return Code(f"1 / {self.code(op.args[0]).at(Level.SIGN)}", Level.MULTIPLY)

    def elementwise_square(self, op: Elementwise) -> Code:
        """A square, as a power."""
        return power(self.code(op.args[0]), Code("2"))

    def elementwise_power(self, op: Elementwise) -> Code:
        """A power."""
        base, exponent = (self.code(arg) for arg in op.args)
        return power(base, exponent)

    def elementwise_where(self, op: Elementwise) -> Code:
        """A choice; numbers alone take the type of what is given."""
        args = ", ".join(self.code(arg).text for arg in op.args)
        text = f"{self.prefix}where({args})"
        if all(self._value(arg) is not None for arg in op.args[1:]):
            text = f"{text}.astype({self.like}.dtype)"
        return Code(text)

    def print_matmul(self, op: Matmul) -> Code:
        """A matrix product with its transposes; ``dot`` with vectors, which costs least there."""
        sides = [self.code(arg) for arg in op.args]
        texts = [
            f"{side.at(Level.ATOM)}.T" if flip else side.at(Level.SIGN)
            for side, flip in zip(sides, op.transposed, strict=True)
        ]
        outer = self.program.ops[op.args[0]].shape[1:] == (1,) and not any(op.transposed)
        if self.methods and (outer or len(op.shape) < 2):
            left = texts[0] if op.transposed[0] else sides[0].at(Level.ATOM)
            right = texts[1] if op.transposed[1] else sides[1].text
            return Code(f"{left}.dot({right})")
        left = texts[0] if op.transposed[0] else sides[0].at(Level.MULTIPLY)
        return Code(f"{left} @ {texts[1]}", Level.MULTIPLY)

    def print_tensordot(self, op: Tensordot) -> Code:
        """A product summed over several axes."""
        left, right = (self.code(arg) for arg in op.args)
        last = len(self.program.ops[op.args[0]].shape) - 1
        # Of more axes than two ``@`` sums over the last but one.
        if op.axes == ((last,), (0,)) and len(self.program.ops[op.args[1]].shape) <= 2:
            return Code(f"{left.at(Level.MULTIPLY)} @ {right.at(Level.SIGN)}", Level.MULTIPLY)
        return Code(f"{self.prefix}tensordot({left.text}, {right.text}, {op.axes})")

    def print_contract(self, op: Contract) -> Code:
        """What is no matrix product, in einsum's letters."""
        left = ",".join("".join(LETTERS[label] for label in own) for own in op.labels)
        right = "".join(LETTERS[label] for label in op.output)
        args = ", ".join(self.code(arg).text for arg in op.args)
        return Code(f'{self.prefix}einsum("{left}->{right}", {args})')

    def print_reduce(self, op: Reduce) -> Code:
        """A sum or a maximum over axes."""
        inner = self.code(op.args[0])
        every = len(self.program.ops[op.args[0]].shape)
        axis = str(op.axes[0]) if len(op.axes) == 1 else str(op.axes)
        options = "" if len(op.axes) == every and not op.keep else f", axis={axis}"
        options += ", keepdims=True" if op.keep else ""
        if inner.level is Level.ATOM and self.methods:
            return Code(f"{inner.text}.{op.function}({options.removeprefix(', ')})")
        return Code(f"{self.prefix}{op.function}({inner.text}{options})")

    def print_align(self, op: Align) -> Code:
        """Axes in another order, new ones inserted."""
        inner = self.code(op.args[0]).at(Level.ATOM)
        old = [axis for axis in op.axes if axis is not None]
        if old != sorted(old):
            rank = len(old)
            inner += ".T" if old == list(range(rank))[::-1] else f".transpose({str(old)[1:-1]})"
        if None not in op.axes:
            return Code(inner)
        axes = list(op.axes)
        while axes[-1] is not None:
            axes.pop()
        parts = ["None" if axis is None else ":" for axis in axes]
        return Code(f"{inner}[{', '.join(parts)}]")

    def print_pick(self, op: Pick) -> Code:
        """One position of an axis, or a slice of it."""
        inner = self.code(op.args[0]).at(Level.ATOM)
        part = self.start(op) if op.stop is None else self._range(op, op.stop)
        return Code(f"{inner}[{':, ' * op.axis}{part}]")

    def start(self, op: Pick) -> str:
        """The position that is picked, or the first of several."""
        return str(op.start)

    def _range(self, op: Pick, stop: int) -> str:
        """A slice, its ends left out where they are those of the axis."""
        length = self.program.ops[op.args[0]].shape[op.axis]
        if op.step < 0:
            start = "" if op.start + 1 == length else str(op.start)
            return f"{start}:{'' if stop < 0 else stop}:{op.step}"
        start = str(op.start) if op.start else ""
        end = str(stop) if not isinstance(length, int) or stop <= length - op.step else ""
        return f"{start}:{end}" + (f":{op.step}" if op.step > 1 else "")

    def print_windows(self, op: Windows) -> Code:
        """All windows of an axis."""
        inner = self.code(op.args[0]).text
        rank = len(self.program.ops[op.args[0]].shape)
        windows = (
            f"{self.prefix}lib.stride_tricks.sliding_window_view({inner}, {op.length}, {op.axis})"
        )
        if op.step > 1:
            windows += f"[{':, ' * op.axis}::{op.step}]"
        if op.axis == rank - 1:
            return Code(windows)
        order = list(range(rank))
        order.insert(op.axis + 1, rank)
        return Code(f"{windows}.transpose({str(order)[1:-1]})")

    def print_spread(self, op: Spread) -> Code:
        """An axis with zeros between and around its entries."""
        inner = self.code(op.args[0]).text
        self.helpers.add("spread")
        return Code(f"_spread({inner}, {op.axis}, {op.step}, {op.before}, {op.after})")

    def print_stack(self, op: Stack) -> Code:
        """Arrays along a new axis."""
        parts = ", ".join(self.code(arg).text for arg in op.args)
        return Code(f"{self.prefix}stack([{parts}], axis={op.axis})")

    def print_fill(self, op: Fill) -> Code:
        """An array that repeats another one."""
        inner = self.code(op.args[0]).text
        extents = [self._extent(extent) for extent in op.shape]
        shape = f"({extents[0]},)" if len(extents) == 1 else f"({', '.join(extents)})"
        self.helpers.add("fill")
        return Code(f"_filled({inner}, {shape}, {self.like}.dtype)")

    def _extent(self, extent: object) -> str:
        return str(extent) if isinstance(extent, int) else self.samples


def power(base: Code, exponent: Code) -> Code:
    """A power as formatters write it: without spaces where both sides are simple."""
    left, right = base.at(Level.ATOM), exponent.at(Level.ATOM)
    simple = all(part.replace(".", "_").isidentifier() or part.isdigit() for part in (left, right))
    return Code(f"{left}**{right}" if simple else f"{left} ** {right}", Level.POWER)
