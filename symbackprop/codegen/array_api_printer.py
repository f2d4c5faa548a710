"""Programs in the Python array API standard: NumPy, JAX, PyTorch, CuPy, Dask."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from symbackprop.codegen.numpy_printer import NumpyPrinter
from symbackprop.codegen.printer import Code, Level
from symbackprop.codegen.program import (
    Align,
    Elementwise,
    Fill,
    Matmul,
    Pick,
    Tensordot,
    Windows,
)
from symbackprop.errors import NotSupported


class ArrayApiPrinter(NumpyPrinter):
    """The names of the standard, where they are not NumPy's; what it lacks is spelt out."""

    prefix = "xp."
    prologue = "xp = array_namespace({})"
    methods = False
    names_of_functions: Mapping[str, str] = MappingProxyType({"absolute": "abs"})

    def function(self, name: str) -> str:
        """The name of a function as code; the module's own ones are told the namespace."""
        found = super().function(name)
        return found if found.startswith("xp.") else f"{found}"

    def print_elementwise(self, op: Elementwise) -> Code:
        """As in NumPy, but the standard has no maximum of an array and a number."""
        if op.function in ("maximum", "minimum"):
            return self._extremum(op)
        return super().print_elementwise(op)

    def _extremum(self, op: Elementwise) -> Code:
        numbers = [arg for arg in op.args if self._value(arg) is not None]
        if not numbers:
            return super().print_elementwise(op)
        array = next(arg for arg in op.args if arg not in numbers)
        inner, bound = self.code(array).text, self.code(numbers[0]).text
        ends = f"min={bound}" if op.function == "maximum" else f"max={bound}"
        return Code(f"xp.clip({inner}, {ends})")

    def elementwise_where(self, op: Elementwise) -> Code:
        """A choice between numbers alone is a mask in the type of what is tested."""
        if any(self._value(arg) is None for arg in op.args[1:]):
            return super().elementwise_where(op)
        test = self.program.ops[op.args[0]]
        source = next(arg for arg in test.args if self._value(arg) is None)
        mask = f"xp.astype({self.code(op.args[0]).text}, {self.code(source).at(Level.ATOM)}.dtype)"
        yes, no = (self._value(arg) for arg in op.args[1:])
        assert yes is not None
        assert no is not None
        code = self._factors([self._number(yes - no)] if yes - no != 1 else [], [])
        text = mask if yes - no == 1 else f"{code.at(Level.SIGN)} * {mask}"
        if no == 0:
            return Code(text, Level.ATOM if yes == 1 else Level.MULTIPLY)
        return Code(f"{self._number(no).at(Level.ADD)} + {text}", Level.ADD)

    def print_matmul(self, op: Matmul) -> Code:
        """A product of a column and a row is one of entries."""
        if not any(op.transposed) and self.program.ops[op.args[0]].shape[1:] == (1,):
            left, right = (self.code(arg).at(Level.SIGN) for arg in op.args)
            return Code(f"{left} * {right}", Level.MULTIPLY)
        return super().print_matmul(op)

    def print_tensordot(self, op: Tensordot) -> Code:
        """The axes are a keyword in the standard."""
        left, right = (self.code(arg).text for arg in op.args)
        return Code(f"xp.tensordot({left}, {right}, axes={op.axes})")

    def print_align(self, op: Align) -> Code:
        """Axes in another order by ``permute_dims``."""
        old = [axis for axis in op.axes if axis is not None]
        if old == sorted(old) or old == [1, 0]:
            return super().print_align(op)
        if None in op.axes:
            raise NotSupported("axes are reordered and inserted at once")
        return Code(f"xp.permute_dims({self.code(op.args[0]).text}, {tuple(old)})")

    def print_pick(self, op: Pick) -> Code:
        """A part of an axis; the standard wants every axis of what is indexed, or an ellipsis."""
        rank = len(self.program.ops[op.args[0]].shape)
        if op.step < 0:
            return Code(f"xp.flip({self.code(op.args[0]).text}, axis={op.axis})")
        code = super().print_pick(op)
        if op.axis == rank - 1:
            return code
        return Code(f"{code.text[:-1]}, ...]")

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
