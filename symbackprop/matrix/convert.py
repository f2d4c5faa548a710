"""The operations of an array program as matrix expressions: axes become rows and columns.

It is the program that code is printed from, before functions are written out: what the document
shows in matrices is what the code computes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from sympy import Expr, Integer, Rational

from symbackprop.arrays.program.program import (
    Align,
    Elementwise,
    Extent,
    Fill,
    Input,
    Label,
    Matmul,
    Named,
    Number,
    Op,
    Program,
    Reduce,
    Row,
)
from symbackprop.errors import NotSupported
from symbackprop.matrix import expressions as mx
from symbackprop.matrix.expressions import ONE, Constant, Matrix
from symbackprop.notation.elementary import OF_ONE

ValueOf = Callable[[Op, Label | None, Expr, Expr], mx.Value]


@dataclass
class _Factors:
    """The factors of a product: numbers, what is multiplied, what is divided by."""

    numbers: list[Matrix] = field(default_factory=list)
    above: list[Matrix] = field(default_factory=list)
    below: list[Matrix] = field(default_factory=list)


class Converter:
    """Reads one program; ``value`` makes the leaf of an input or of a labelled operation.

    size: what an extent of the program stands for. labels: the operations whose values have a
    name and an equation of their own; the others are written inside.
    """

    def __init__(
        self,
        program: Program,
        value: ValueOf,
        size: Callable[[Extent], Expr],
        labels: Mapping[int, Label],
    ) -> None:
        self.program = program
        self.labels = labels
        self.value = value
        self.size = size

    def right_side(self, node: int) -> Matrix:
        """What the operation of a labelled value computes."""
        return self._operation(self.program.ops[node])

    def reference(self, node: int) -> Matrix:
        """A value as it stands in other equations: its name where it has one."""
        op = self.program.ops[node]
        if isinstance(op, Input) or node in self.labels:
            return self.value(op, self.labels.get(node), *self._shape(op))
        return self._operation(op)

    def _shape(self, op: Op) -> tuple[Expr, Expr]:
        """Rows and columns: one axis is a column."""
        sizes = [self.size(extent) for extent in op.shape]
        if len(sizes) > 2:
            raise NotSupported("the matrix form is for values of at most two axes")
        rows, cols = (*sizes, ONE, ONE)[:2]
        return rows, cols

    def _operation(self, op: Op) -> Matrix:
        match op:
            case Number():
                sizes = {one: self.size(one) for one in op.value.free_symbols}
                return Constant(ONE, ONE, op.value.xreplace(sizes))
            case Named():
                return self._named(op)
            case Align():
                return self._aligned(op)
            case Row(function="softmax", axis=int(along)):
                inner = self.reference(op.args[0])
                return mx.OnLines(inner.rows, inner.cols, (inner,), "softmax", along)
            case Matmul():
                return self._matmul(op)
            case Reduce():
                return self._reduced(op)
            case Elementwise():
                return self._elementwise(op)
            case Fill():
                return self._repeated(op.args[0], op)
        raise NotSupported(f"the matrix form does not know the operation {type(op).__name__}")

    def _named(self, op: Named) -> Matrix:
        inner = self.reference(op.args[0])
        label = self.labels.get(op.args[0])
        place = label.place[-1] if label is not None and label.place else 0
        return mx.Function(inner.rows, inner.cols, (inner,), op.head, op.order, place)

    def _aligned(self, op: Align) -> Matrix:
        inner = self.reference(op.args[0])
        match op.axes:
            case (0, None) | (0,) | (0, 1) | ():
                return inner
            case (None, 0) | (1, 0):
                return mx.transposed(inner)
        raise NotSupported(f"the matrix form does not know the order of axes {op.axes}")

    def _matmul(self, op: Matmul) -> Matrix:
        left, right = (self.reference(arg) for arg in op.args)
        ranks = [len(self.program.ops[arg].shape) for arg in op.args]
        left = mx.transposed(left) if op.transposed[0] else left
        right = mx.transposed(right) if op.transposed[1] else right
        if ranks == [1, 2]:
            return mx.times(mx.transposed(right), left)
        return mx.times(mx.transposed(left) if ranks == [1, 1] else left, right)

    def _reduced(self, op: Reduce) -> Matrix:
        """A sum as a product with ones: behind the columns, or transposed in front of the rows."""
        if op.function != "sum":
            raise NotSupported(f"the matrix form does not know the {op.function} of a line")
        inner = self.reference(op.args[0])
        rank = len(self.program.ops[op.args[0]].shape)
        if rank == 2 and 1 in op.axes:
            inner = mx.times(inner, mx.Ones(inner.cols, ONE))
        if 0 in op.axes:
            inner = mx.times(_row_of_ones(inner.rows), inner)
        return mx.transposed(inner) if rank == 2 and op.axes == (0,) and not op.keep else inner

    # -- entry by entry -------------------------------------------------------------------------

    def _elementwise(self, op: Elementwise) -> Matrix:
        match op.function:
            case "add":
                return self._sum(op)
            case "multiply":
                return self._product(op)
            case "square" | "sqrt":
                inner = self.reference(op.args[0])
                power = Integer(2) if op.function == "square" else Rational(1, 2)
                return mx.Power(inner.rows, inner.cols, (inner,), power)
            case "reciprocal":
                inner = self.reference(op.args[0])
                return mx.Quotient(inner.rows, inner.cols, (self._ones(op), inner))
            case "power" if self._number(op.args[1]) is not None:
                inner = self.reference(op.args[0])
                exponent = self._number(op.args[1])
                return mx.Power(inner.rows, inner.cols, (inner,), exponent)
            case name if name in OF_ONE:
                inner = self.reference(op.args[0])
                return mx.Function(inner.rows, inner.cols, (inner,), name, named=False)
        raise NotSupported(f"the matrix form does not know {op.function}")

    def _number(self, node: int) -> Expr | None:
        """The number that a value is, if it is one and no size is in it."""
        op = self.program.ops[node]
        return op.value if isinstance(op, Number) and not op.value.free_symbols else None

    def _sum(self, op: Elementwise) -> Matrix:
        args = [self._repeated(arg, op) for arg in op.args]
        plain = [arg for arg in args if not _leads_with_minus(arg)]
        ordered = plain[:1] + [arg for arg in args if not plain or arg is not plain[0]]
        return mx.Plus(*self._shape(op), tuple(ordered))

    def _product(self, op: Elementwise) -> Matrix:
        """Numbers in front, then what is multiplied, over what is divided by."""
        factors = _Factors()
        for arg in op.args:
            self._sort(arg, op, factors)
        body = self._entries(factors.above, op)
        divisor = self._entries(factors.below, op)
        if divisor is not None:
            body = mx.Quotient(*self._shape(op), (body or self._ones(op), divisor))
        return mx.scaled(factors.numbers, body)

    def _sort(self, arg: int, op: Op, factors: _Factors) -> None:
        """Put a factor where it stands: in front as a number, above or below a fraction's line."""
        inner = self.program.ops[arg]
        if isinstance(inner, Elementwise) and inner.function == "reciprocal":
            factors.below.append(self._repeated(inner.args[0], op))
            return
        found = self.reference(arg)
        if isinstance(found, mx.Scaled) and not found.is_scalar:
            factors.numbers += found.args[:-1]
            found = found.args[-1]
        if found.is_scalar and not inner.shape:
            factors.numbers.append(found)
        else:
            factors.above.append(self._spread(found, inner, op))

    def _entries(self, factors: Sequence[Matrix], op: Op) -> Matrix | None:
        if len(factors) < 2:
            return factors[0] if factors else None
        opened: list[Matrix] = []
        for one in factors:
            opened += one.args if isinstance(one, mx.Entrywise) else (one,)
        return mx.Entrywise(*self._shape(op), tuple(opened))

    def _repeated(self, node: int, op: Op) -> Matrix:
        """A value in the shape of an operation that reads it."""
        return self._spread(self.reference(node), self.program.ops[node], op)

    def _spread(self, found: Matrix, source: Op, op: Op) -> Matrix:
        """A matrix in the shape of ``op``: lines that NumPy repeats are multiplied with ones."""
        rows, cols = self._shape(op)
        if len(source.shape) == 1 and len(op.shape) == 2:
            found = mx.transposed(found)
        if (found.rows, found.cols) == (rows, cols):
            return found
        if found.is_scalar:
            return mx.scaled([found], self._ones(op))
        if found.rows == 1 and found.cols == cols:
            return mx.times(mx.Ones(rows, ONE), found)
        if found.cols == 1 and found.rows == rows:
            return mx.times(found, _row_of_ones(cols))
        raise NotSupported("the matrix form does not know how these shapes go together")

    def _ones(self, op: Op) -> Matrix:
        rows, cols = self._shape(op)
        column = mx.Ones(rows, ONE)
        return column if cols == 1 else mx.times(column, _row_of_ones(cols))


def _leads_with_minus(node: Matrix) -> bool:
    first = node.args[0] if isinstance(node, mx.Scaled) else node
    return isinstance(first, Constant) and bool(first.value.could_extract_minus_sign())


def _row_of_ones(extent: Expr) -> Matrix:
    return mx.transposed(mx.Ones(extent, ONE))
