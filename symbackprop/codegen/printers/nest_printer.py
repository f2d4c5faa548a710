"""Programs as loop nests and BLAS products: what numba compiles."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import count

from symbackprop.arrays.passes.nests import Nest, is_transposed, plan
from symbackprop.arrays.program.program import (
    Contract,
    Elementwise,
    Extent,
    Input,
    Matmul,
    Op,
    Program,
    Reduce,
    Shape,
    Stack,
    Tensordot,
)
from symbackprop.codegen.printers.entry_printer import EntryPrinter
from symbackprop.codegen.printers.printer import Level, Statement
from symbackprop.errors import NotSupported

LETTERS = "jkmnpqruv"
LONGEST = 60


class NestPrinter(EntryPrinter):
    """Prints a program as loops over the entries of arrays that exist beforehand.

    ``arrays``: for each array that the statements fill, its variable, by the value it holds.
    """

    def __init__(self, program: Program, names: Mapping[str, str], samples: str = "samples"):
        super().__init__(program, names, samples)
        self.passing = set()
        self.plan = plan(program)
        self.held = set(self.plan.held)
        self.lines: list[str] = []
        self.pad = ""
        given = set(self.names.values())
        self.letters = [letter for letter in LETTERS if letter not in given]
        self.sample = "s" if "s" not in given else "s_"
        self.taken |= {self.sample, "memory", "out", "kind", "rows", "total", *self.letters}
        for node in self.plan.held:
            self.arrays[node] = self._new_name(node)

    def run(self) -> tuple[list[Statement], list[str]]:
        """The statements, and the code of each result."""
        for item in self.plan.items:
            if isinstance(item, Nest):
                self._nest(item)
            else:
                self._alone(item, self.program.ops[item])
        results = [self.arrays.get(node) or self.code(node).text for node in self.program.results]
        return [Statement("", line, 0) for line in self.lines], results

    def _new_name(self, node: int) -> str:
        label = self.labels.get(node)
        if label is not None:
            name = self._free(label.identifier)
        else:
            name = next(t for t in (f"t{n}" for n in count(1)) if t not in self.taken)
        self.taken.add(name)
        return name

    def _write(self, line: str, node: int | None = None) -> None:
        label = None if node is None else self.labels.get(node)
        self.lines.append(f"{self.pad}{line}" + (f"  # ({label.equation})" if label else ""))

    @contextmanager
    def _loops(self, shape: Shape, letters: Sequence[str]) -> Iterator[None]:
        """What is written inside stands in loops over the entries of this shape."""
        before = self.pad
        for extent, letter in zip(shape, letters, strict=True):
            if letter != "0":
                self._write(f"for {letter} in range({self._extent(extent)}):")
                self.pad += "    "
        yield
        self.pad = before

    def _letters(self, shape: Shape) -> tuple[str, ...]:
        """A letter for each axis; an axis of one entry needs none."""
        letters = iter(self.letters)
        return tuple(
            "0" if extent == 1 else next(letters) if isinstance(extent, int) else self.sample
            for extent in shape
        )

    def _nest(self, nest: Nest) -> None:
        """A nest: the sums that are added up in it begin at zero."""
        letters, before = self._letters(nest.shape), dict(self.variables)
        for node in nest.members:
            if isinstance(self.program.ops[node], Reduce):
                self._write(f"{self.arrays[node]}[:] = 0")
        with self._loops(nest.shape, letters):
            for node in nest.members:
                self._entry(node, letters)
        self.variables = before
        for node in self.held.intersection(nest.members):
            self.variables[node] = self.arrays[node]

    def _entry(self, node: int, letters: tuple[str, ...]) -> None:
        """The statement that computes one entry of a value."""
        op = self.program.ops[node]
        if isinstance(op, Reduce):
            target = self._subscript(self.arrays[node], letters[1:])
            self._write(f"{target} += {self._at(op.args[0], letters).text}", node)
            return
        code = self._short(node, letters)
        if node not in self.held:
            self.variables[node] = self._new_name(node)
            self._write(f"{self.variables[node]} = {code}", node)
        elif node in self.plan.local:
            local = self._free(f"{self.arrays[node]}_")
            self.taken.add(local)
            self._write(f"{local} = {code}", node)
            self._write(f"{self._subscript(self.arrays[node], letters)} = {local}")
            self.variables[node] = local
        else:
            self._write(f"{self._subscript(self.arrays[node], letters)} = {code}", node)

    def _short(self, node: int, letters: tuple[str, ...]) -> str:
        """The code of an entry; while it is too long for a line, parts of it become variables."""
        while True:
            code = self._made(node, letters).text
            part = self._longest_argument(node, letters)
            if len(code) + len(self.pad) <= LONGEST or part is None:
                return code
            name = self._new_name(part)
            self._write(f"{name} = {self._short(part, letters)}")
            self.variables[part] = name

    def _longest_argument(self, node: int, letters: tuple[str, ...]) -> int | None:
        """The argument that is computed in place and has the longest code."""
        op = self.program.ops[node]
        found = [
            arg
            for arg in op.args
            if isinstance(inner := self.program.ops[arg], Elementwise)
            and inner.shape == op.shape
            and arg not in self.variables
            and arg not in self.held
        ]
        return max(found, key=lambda arg: len(self._at(arg, letters).text), default=None)

    def _alone(self, node: int, op: Op) -> None:
        """An operation that has loops of its own, or is a product of BLAS."""
        if node in self.arrays:
            self.variables[node] = self.arrays[node]
        if op.shape == () and not isinstance(op, Matmul | Tensordot | Contract | Reduce):
            self._scalar(node, self._made(node, ()).text)
        elif isinstance(op, Matmul) and op.shape == ():
            left, right = (self._operand(arg, False) for arg in op.args)
            self._scalar(node, f"np.dot({left}, {right})")
        elif isinstance(op, Matmul):
            left, right = map(self._operand, op.args, op.transposed)
            self._write(f"np.dot({left}, {right}, {self.arrays[node]})", node)
        elif isinstance(op, Reduce):
            self._reduced(node, op)
        elif isinstance(op, Contract | Tensordot):
            self._contracted(node, op)
        elif isinstance(op, Stack):
            self._stacked(node, op)
        else:
            raise NotSupported(f"no loops are written for {type(op).__name__}")

    def _scalar(self, node: int, code: str) -> None:
        name = self._new_name(node)
        self._write(f"{name} = {code}", node)
        self.variables[node] = name

    def _operand(self, node: int, flip: bool) -> str:
        """An array as an argument of a product."""
        op = self.program.ops[node]
        if node in self.arrays or isinstance(op, Input):
            name = self.arrays.get(node) or self.print_input(op).text  # type: ignore[arg-type]
            return f"{name}.T" if flip else name
        if is_transposed(self.program, op):
            return self._operand(op.args[0], not flip)
        raise NotSupported(f"a product of a {type(op).__name__}")

    def _accumulated(
        self, node: int, kept: tuple[str, ...], inner: Sequence[tuple[Extent, str]], value: str
    ) -> None:
        """The entries of a value, each the sum or the maximum of other entries."""
        op = self.program.ops[node]
        total = "total" if op.shape else self._new_name(node)
        start, line = self._constant("0"), f"{total} += {value}"
        if isinstance(op, Reduce) and op.function == "max":
            start, line = self._constant("-np.inf"), f"{total} = max({total}, {value})"
        with self._loops(op.shape, kept):
            self._write(f"{total} = {start}")
            with self._loops(tuple(e for e, _ in inner), [letter for _, letter in inner]):
                self._write(line, None if op.shape else node)
            if op.shape:
                self._write(f"{self._subscript(self.arrays[node], kept)} = {total}", node)
        if not op.shape:
            self.variables[node] = total

    def _reduced(self, node: int, op: Reduce) -> None:
        """A sum or a maximum over some axes."""
        (arg,) = op.args
        shape = self.program.ops[arg].shape
        letters = self._letters(shape)
        kept = tuple(
            "0" if axis in op.axes else letter
            for axis, letter in enumerate(letters)
            if op.keep or axis not in op.axes
        )
        inner = [(shape[axis], letters[axis]) for axis in op.axes]
        self._accumulated(node, kept, inner, self._at(arg, letters).text)

    def _contracted(self, node: int, op: Contract | Tensordot) -> None:
        """A product under sums."""
        labels, output = (op.labels, op.output) if isinstance(op, Contract) else self._labels(op)
        extents = {
            label: extent
            for arg, own in zip(op.args, labels, strict=True)
            for label, extent in zip(own, self.program.ops[arg].shape, strict=True)
        }
        order = list(dict.fromkeys([*output, *(x for own in labels for x in own)]))
        letters = dict(zip(order, self._letters(tuple(extents[x] for x in order)), strict=True))
        inner = [(extents[x], letters[x]) for x in order if x not in output]
        factors = [
            self._at(arg, tuple(letters[x] for x in own)).at(Level.SIGN)
            for arg, own in zip(op.args, labels, strict=True)
        ]
        kept = tuple(letters[x] for x in output)
        self._accumulated(node, kept, inner, " * ".join(factors))

    def _labels(self, op: Tensordot) -> tuple[tuple[tuple[int, ...], ...], tuple[int, ...]]:
        """The labels of the axes of a product, as einsum has them."""
        first, second = op.axes
        left = tuple(range(len(self.program.ops[op.args[0]].shape)))
        fresh = count(len(left))
        right = tuple(
            left[first[second.index(axis)]] if axis in second else next(fresh)
            for axis in range(len(self.program.ops[op.args[1]].shape))
        )
        output = [x for axis, x in enumerate(left) if axis not in first]
        output += [x for axis, x in enumerate(right) if axis not in second]
        return (left, right), tuple(output)

    def _stacked(self, node: int, op: Stack) -> None:
        """Arrays one after the other along a new axis."""
        for place, arg in enumerate(op.args):
            shape = self.program.ops[arg].shape
            letters = self._letters(shape)
            target = (*letters[: op.axis], str(place), *letters[op.axis :])
            with self._loops(shape, letters):
                code = self._at(arg, letters).text
                self._write(f"{self._subscript(self.arrays[node], target)} = {code}", node)
