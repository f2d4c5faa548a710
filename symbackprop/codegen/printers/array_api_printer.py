"""Programs in the Python array API standard: NumPy, JAX, PyTorch, CuPy, Dask."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from symbackprop.arrays.passes.buffers import COMPARISONS
from symbackprop.arrays.passes.nests import is_outer
from symbackprop.arrays.program.program import (
    Align,
    Elementwise,
    Fill,
    Matmul,
    Pick,
    Tensordot,
    Windows,
)
from symbackprop.codegen.printers.numpy_printer import NumpyPrinter
from symbackprop.codegen.printers.printer import Code, Level
from symbackprop.model.functions import Form
from symbackprop.notation.elementary import TABLE


class ArrayApiPrinter(NumpyPrinter):
    """The names of the standard, where they are not NumPy's; what it lacks is spelt out.

    It has no einsum, which prints what is no matrix product; all these libraries have it.
    """

    prefix = "xp."
    form = Form.CLIPPED
    prologue = "xp = array_namespace({})"
    methods = False
    quick = False
    rest = ", ..."
    names_of_functions: Mapping[str, str] = MappingProxyType(
        {row.code: row.standard_name for row in TABLE}
    )

    def print_elementwise(self, op: Elementwise) -> Code:
        """As in NumPy, but the standard has no maximum of an array and a number."""
        if op.function in ("maximum", "minimum"):
            return self._extremum(op)
        return super().print_elementwise(op)

    def _extremum(self, op: Elementwise) -> Code:
        values = [(self._value(arg), arg) for arg in op.args]
        array = next((arg for value, arg in values if value is None), None)
        if array is None:
            inside = ", ".join(self.code(arg).text for arg in op.args)
            return Code(f"{op.function[:3]}({inside})")
        # A bound that is no float is no bound of floats in the standard.
        bound = next((float(value) for value, _ in values if value is not None), None)
        if bound is None:
            return super().print_elementwise(op)
        ends = "min" if op.function == "maximum" else "max"
        return Code(f"xp.clip({self.code(array).text}, {ends}={bound})")

    def elementwise_where(self, op: Elementwise) -> Code:
        """A choice between numbers alone is a mask, as numbers."""
        if any(self._value(arg) is None for arg in op.args[1:]):
            return super().elementwise_where(op)
        mask = self._mask(op.args[0])
        yes, no = (self._value(arg) for arg in op.args[1:])
        assert yes is not None
        assert no is not None
        text = mask if yes - no == 1 else f"{self._number(yes - no).at(Level.SIGN)} * {mask}"
        if no == 0:
            return Code(text, Level.ATOM if yes == 1 else Level.MULTIPLY)
        return Code(f"{self._number(no).at(Level.ADD)} + {text}", Level.ADD)

    def _mask(self, node: int) -> str:
        """A comparison as zeros and ones: the standard multiplies no truth values."""
        return f"xp.astype({self.code(node).text}, {self.like}.dtype)"

    def factor(self, node: int) -> Code:
        """A value as a factor of a product."""
        op = self.program.ops[node]
        if isinstance(op, Elementwise) and op.function in COMPARISONS:
            return Code(self._mask(node))
        return super().factor(node)

    def print_matmul(self, op: Matmul) -> Code:
        """A product of a column and a row is one of entries."""
        if is_outer(self.program, op):
            left, right = (self.code(arg).at(Level.SIGN) for arg in op.args)
            return Code(f"{left} * {right}", Level.MULTIPLY)
        return super().print_matmul(op)

    def print_tensordot(self, op: Tensordot) -> Code:
        """The axes are a keyword in the standard."""
        left, right = (self.code(arg).text for arg in op.args)
        return Code(f"xp.tensordot({left}, {right}, axes={op.axes})")

    def print_align(self, op: Align) -> Code:
        """Axes in another order by ``permute_dims``, new ones inserted."""
        inner = self.code(op.args[0])
        old = [axis for axis in op.axes if axis is not None]
        if old == [1, 0]:
            inner = Code(f"{inner.at(Level.ATOM)}.T")
        elif old != sorted(old):
            inner = Code(f"xp.permute_dims({inner.text}, {tuple(old)})")
        if None not in op.axes:
            return inner
        parts = ["None" if axis is None else ":" for axis in op.axes]
        while len(parts) > 1 and parts[-2:] == [":", ":"]:
            parts.pop()
        if parts[-1] == ":":
            parts[-1] = "..."
        return Code(f"{inner.at(Level.ATOM)}[{', '.join(parts)}]")

    def print_pick(self, op: Pick) -> Code:
        """A part of an axis; the standard wants every axis of what is indexed, or an ellipsis."""
        shape = self.program.ops[op.args[0]].shape
        if op.step < 0:
            return Code(f"xp.flip({self._upwards(op)}, axis={op.axis})")
        code = super().print_pick(op)
        if op.axis == len(shape) - 1:
            return code
        return Code(f"{code.text[:-1]}, ...]")

    def _upwards(self, op: Pick) -> str:
        """The code of a part that is read backwards, in the order of its axis."""
        length, count = self.program.ops[op.args[0]].shape[op.axis], op.shape[op.axis]
        if (count, op.step) == (length, -1):
            return self.code(op.args[0]).text
        low = op.start + op.step * (int(str(count)) - 1)
        part = Pick(op.args, op.shape, op.axis, low, op.start + 1, -op.step)
        return self.print_pick(part).text

    def print_windows(self, op: Windows) -> Code:
        """The windows as slices, one for each position in them."""
        inner = self.code(op.args[0]).at(Level.ATOM)
        count = op.shape[op.axis]
        reach = op.step * (int(str(count)) - 1) + 1
        step = f" : {op.step}" if op.step > 1 else ""
        part = f"{':, ' * op.axis}i : i + {reach}{step}"
        rank = len(self.program.ops[op.args[0]].shape)
        part += ", ..." if op.axis < rank - 1 else ""
        slices = f"[{inner}[{part}] for i in range({op.length})]"
        return Code(f"xp.stack({slices}, axis={op.axis + 1})")

    def print_fill(self, op: Fill) -> Code:
        """An array that repeats another one."""
        inner = self.code(op.args[0]).text
        extents = [self._extent(extent) for extent in op.shape]
        shape = f"({extents[0]},)" if len(extents) == 1 else f"({', '.join(extents)})"
        if self._value(op.args[0]) is not None:
            return Code(f"xp.full({shape}, {inner}, dtype={self.like}.dtype)")
        return Code(f"xp.broadcast_to({inner}, {shape})")
