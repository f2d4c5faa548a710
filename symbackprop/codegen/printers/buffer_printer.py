"""Programs as NumPy that writes into buffers: one call an operation, its result by position."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from itertools import count

from sympy import Expr

from symbackprop.arrays.passes.binary import split_steps
from symbackprop.arrays.passes.buffers import Allocation, allocate, is_held, roots
from symbackprop.arrays.passes.passes import drop_unused
from symbackprop.arrays.passes.pipeline import JOIN_VECTORS, REUSE_BUFFERS
from symbackprop.arrays.program.program import (
    Elementwise,
    Extent,
    Input,
    Join,
    Matmul,
    Number,
    Op,
    Program,
    Reduce,
    Shape,
)
from symbackprop.codegen.printers.numpy_printer import NumpyPrinter
from symbackprop.codegen.printers.printer import Code, Level, Statement


@dataclass
class Region:
    """Consecutive elementwise calls on arrays with one row a sample: done block by block."""

    shape: tuple[Extent, ...]
    names: list[str] = field(default_factory=list)
    sliced: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)


class BufferPrinter(NumpyPrinter):
    """Prints a program as calls that write into the arrays of a workspace.

    What it finds besides the statements: ``arrays``, the code that allocates each variable, in
    order of need; ``functions``, the names that are imported from NumPy. without: passes left out.
    """

    def __init__(
        self,
        program: Program,
        names: Mapping[str, str],
        samples: str = "samples",
        without: Collection[str] = (),
    ):
        stepped = drop_unused(split_steps(program))
        if JOIN_VECTORS.name not in without:
            stepped = JOIN_VECTORS.change(stepped)
        super().__init__(stepped, names, samples)
        reuse = REUSE_BUFFERS.name not in without
        self.allocation: Allocation = allocate(stepped, reuse=reuse)
        self.arrays: dict[str, str] = {}
        self.functions: set[str] = set()
        self.lines: list[str] = []
        self.region: Region | None = None
        self.regions = 0
        self.widths: set[str] = set()
        self.memory = roots(stepped)
        self.prefixes = {one: self._prefix(one) for one in ("r", "v", "k", "blocks")}

    def _prefix(self, name: str) -> str:
        """What numbers follow in the names of arrays: no value of the model is called so."""
        used = {*self.names.values(), *self.spoken}
        while any(re.match(rf"{name}\d", one) for one in used):
            name += name[0]
        return name

    def run(self) -> tuple[list[Statement], list[str]]:
        """The statements, and the code of each result."""
        for node, op in enumerate(self.program.ops):
            if isinstance(op, Number | Input):
                continue
            if is_held(op):
                self.variables[node] = self._buffer(node)
                self._call(node, op)
            elif isinstance(op, Join):
                self.variables[node] = self._buffer(node)
            elif op.shape == ():  # at once: the buffers it reads may be used again
                self._close()
                self.lines.append(self._scalar(node))
        self._close()
        return [Statement("", line, 0) for line in self.lines], [
            self.code(node).text for node in self.program.results
        ]

    def _scalar(self, node: int) -> str:
        label = self.labels.get(node)
        name = self._temporary(node) if label is None else self._free(label.identifier)
        comment = f"  # ({label.equation})" if label else ""
        line = f"{name} = {self.operation(node).text}{comment}"
        self.variables[node] = name
        self.taken.add(name)
        return line

    def _buffer(self, node: int) -> str:
        """The variable of the buffer of a value; it is named after the first value it holds."""
        position = self.allocation.of[node]
        assert position is not None
        name = f"{self.prefixes['r']}{position + 1}"
        buffer = self.allocation.buffers[position]
        extents = ", ".join(self._extent(extent) for extent in buffer.shape)
        shape = f"({extents},)" if len(buffer.shape) == 1 else f"({extents})"
        kind = "bool" if buffer.logical else "dtype"
        code = f"_aligned({shape}, {kind})"
        if self._is_batch(buffer.shape):
            self.widths.add(str(buffer.shape[1]))
            code = f"_batch({extents}, {kind}, columns)"
        self.arrays.setdefault(name, code)
        if node not in self.allocation.parts:
            return name
        start, stop = self.allocation.parts[node]
        part = f"{name}_{start}"
        self.arrays.setdefault(part, f"{name}[{start}:{stop}]")
        return part

    @staticmethod
    def _is_batch(shape: Shape) -> bool:
        """Whether an array has one row a sample."""
        return len(shape) == 2 and not isinstance(shape[0], int)

    def view(self, node: int, flip: bool = False) -> Code:
        """The code of an operand; views of buffers are taken once, and not at each call."""
        code = self.code(node)
        text = f"{code.at(Level.ATOM)}.T" if flip else code.text
        if text == code.text and node in self.variables:
            return code
        memory = self.memory[node]
        kept = is_held(self.program.ops[memory]) or isinstance(self.program.ops[memory], Join)
        if memory not in self.variables or not kept:
            return Code(text)
        for name, known in self.arrays.items():
            if known == text:
                return Code(name)
        taken = {*self.arrays, *self.names.values(), *self.variables.values()}
        views = (f"{self.prefixes['v']}{n}" for n in count(1))
        name = next(view for view in views if view not in taken)
        self.arrays[name] = text
        return Code(name)

    def _call(self, node: int, op: Op) -> None:
        label = self.labels.get(node)
        comment = f"  # ({label.equation})" if label else ""
        out = self.variables[node]
        if isinstance(op, Elementwise):
            self._elementwise(op, out, comment)
            return
        self._close()
        if isinstance(op, Matmul):
            self.lines.append(f"{self._product(op, out)}{comment}")
        elif isinstance(op, Reduce):
            self.lines.append(f"{self._reduce(op, out)}{comment}")
        else:
            self.lines.append(f"np.copyto({out}, {self.operation(node).text}){comment}")

    def _product(self, op: Matmul, out: str) -> str:
        left, right = (
            self.view(arg, flip).at(Level.ATOM)
            for arg, flip in zip(op.args, op.transposed, strict=True)
        )
        narrow = self.program.ops[op.args[0]].shape[1:] == (1,) and not self._is_batch(op.shape)
        if len(op.shape) < 2 or narrow:
            return f"{left}.dot({right}, {out})"
        rows, columns = (self._extent(extent) for extent in op.shape)
        flag = ", columns" if self._is_batch(op.shape) else ""
        name = f"product_{rows}_{columns}"
        self.arrays.setdefault(name, f"_product({rows}, {columns}{flag})")
        return f"{name}({left}, {right}, {out})"

    def _reduce(self, op: Reduce, out: str) -> str:
        inner = self.program.ops[op.args[0]]
        code = self.code(op.args[0])
        if op.function == "sum" and op.axes == (0,) and len(inner.shape) == 2 and not op.keep:
            extent = self._extent(inner.shape[0])
            name = f"ones_{extent}"
            self.arrays.setdefault(name, f"np.ones({extent}, dtype)")
            return f"{name}.dot({code.text}, {out})"
        function = {"sum": "add", "max": "maximum"}[op.function]
        self.functions.add(function)
        axis = op.axes[0] if len(op.axes) == 1 else op.axes
        return f"{function}.reduce({code.text}, {axis}, None, {out}, {op.keep})"

    def _elementwise(self, op: Elementwise, out: str, comment: str) -> None:
        blocked = len(op.shape) == 2 and not isinstance(op.shape[0], int)
        if not blocked or (self.region is not None and self.region.shape != op.shape):
            self._close()
        if blocked and self.region is None:
            self.region = Region(op.shape)
        args = [self._operand(arg, op) for arg in op.args]
        target = self._local(out)
        lines = self._written(op, args, target)
        lines[-1] += comment
        (self.lines if self.region is None else self.region.lines).extend(lines)

    def _written(self, op: Elementwise, args: list[str], out: str) -> list[str]:
        if op.function == "where":
            return [f"np.copyto({out}, {args[2]})", f"np.copyto({out}, {args[1]}, where={args[0]})"]
        if op.function in self.own_functions:
            self.helpers.add(op.function)
            return [f"np.copyto({out}, _{op.function}({args[0]}))"]
        self.functions.add(op.function)
        by = "out=" if op.function in ("maximum", "minimum") else ""
        return [f"{op.function}({', '.join(args)}, {by}{out})"]

    def _operand(self, node: int, op: Elementwise) -> str:
        """An argument: a number as an array without axes, an array of samples by its block."""
        inner = self.program.ops[node]
        if isinstance(inner, Number):
            return self._constant(inner.value)
        code = self.view(node).text if self.region is None else self.code(node).text
        per_sample = len(inner.shape) == 2 and inner.shape[0] == op.shape[0]
        if self.region is None or not per_sample:
            return code
        if node in self.variables:
            return self._local(code)
        self.region.sliced = [*dict.fromkeys([*self.region.sliced, code])]
        return f"{self.code(node).at(Level.ATOM)}[rows]"

    def _local(self, name: str) -> str:
        """A buffer inside of a region: its block."""
        if self.region is None:
            return name
        if name not in self.region.names:
            self.region.names.append(name)
        return f"{name}_"

    def _constant(self, value: Expr) -> str:
        """An array without axes, which costs less in a call than a Python number."""
        code = self._number(value).text
        for name, known in self.arrays.items():
            if known == f"np.array({code}, dtype)":
                return name
        prefix = self.prefixes["k"]
        name = f"{prefix}{1 + sum(key.startswith(prefix) for key in self.arrays)}"
        self.arrays[name] = f"np.array({code}, dtype)"
        return name

    def _close(self) -> None:
        """Print the region that is open as a loop over blocks of rows."""
        region, self.region = self.region, None
        if region is None:
            return
        self.regions += 1
        name = f"{self.prefixes['blocks']}{self.regions}"
        width = self._extent(region.shape[1])
        arrays = ", ".join(region.names)
        self.arrays[name] = f"_blocks({self.samples}, {width}, dtype, {arrays})"
        locals_ = "".join(f", {one}_" for one in region.names)
        self.lines.append(f"for rows{locals_} in {name}:")
        self.lines.extend(f"    {line}" for line in region.lines)


__all__ = ["BufferPrinter", "Code"]
