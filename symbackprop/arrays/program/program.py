"""The array program: operations on arrays in the order of evaluation, each named by its position.

An operation says what it computes and which earlier ones it reads (``args``), and the shape of its
result. Extents are integers, or the symbol N of a number of samples that is known only when the
program runs. Elementwise operations broadcast as NumPy does, from the last axis; `Align` reorders
axes and inserts new ones before that. Nothing in here knows what the numbers mean.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from sympy import Expr, Integer, Symbol

from symbackprop.errors import ModelError
from symbackprop.model.functions import FunctionRow
from symbackprop.notation.symbols import spelled

Extent: TypeAlias = int | Symbol
Shape: TypeAlias = tuple[Extent, ...]


@dataclass(frozen=True, slots=True)
class Op:
    """What all operations have: the operations they read, and the shape of the result."""

    args: tuple[int, ...]
    shape: Shape


@dataclass(frozen=True, slots=True)
class Input(Op):
    """An array that is given: an input, a target, a parameter; ``place`` picks one of a tuple."""

    name: str
    place: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Number(Op):
    """A number: a SymPy expression without letters, except the number of samples."""

    value: Expr


@dataclass(frozen=True, slots=True)
class Elementwise(Op):
    """A function of arrays, entry by entry: ``add`` and ``multiply`` take any number of them."""

    function: str


@dataclass(frozen=True, slots=True)
class Named(Op):
    """A named function of one array, or one of its derivatives; see the table of functions."""

    head: str
    order: int


@dataclass(frozen=True, slots=True)
class Row(Op):
    """``softmax`` or ``log_sum_exp`` of a row of numbers.

    The row is an axis of one array, and log-sum-exp leaves it with extent 1. Where ``axis`` is
    None, the arguments are its numbers, and a softmax has the one whose value is wanted in front
    of them.
    """

    function: str
    axis: int | None


@dataclass(frozen=True, slots=True)
class Align(Op):
    """The axes of an array in another order; None is a new axis of extent 1."""

    axes: tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class Contract(Op):
    """A product of arrays under sums: axes with one label are one index, kept ones in ``output``.

    It is einsum's notation with numbers for letters.
    """

    labels: tuple[tuple[int, ...], ...]
    output: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Matmul(Op):
    """The matrix product of two arrays of one or two axes, each transposed first if so marked."""

    transposed: tuple[bool, bool]


@dataclass(frozen=True, slots=True)
class Tensordot(Op):
    """A product of two arrays, summed over these axes of each."""

    axes: tuple[tuple[int, ...], tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class Reduce(Op):
    """The sum or the maximum over some axes, which stay with extent 1 when they are kept."""

    function: str
    axes: tuple[int, ...]
    keep: bool


@dataclass(frozen=True, slots=True)
class Pick(Op):
    """A part of one axis: one position (the axis goes), or every ``step``-th from start to stop."""

    axis: int
    start: int
    stop: int | None
    step: int = 1


@dataclass(frozen=True, slots=True)
class Windows(Op):
    """All windows of one axis: the axis becomes (window, position in the window)."""

    axis: int
    length: int
    step: int


@dataclass(frozen=True, slots=True)
class Spread(Op):
    """An axis with zeros: ``step`` - 1 between its entries, and some before and after."""

    axis: int
    step: int
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class Fill(Op):
    """An array of this shape that repeats a smaller one."""


@dataclass(frozen=True, slots=True)
class Stack(Op):
    """Arrays of one shape along a new axis."""

    axis: int


@dataclass(frozen=True, slots=True)
class Join(Op):
    """Vectors one after the other."""


@dataclass(frozen=True, slots=True)
class Label:
    """What a value is in the model: an instance of a quantity, and the equation it comes from."""

    name: str
    place: tuple[int, ...]
    equation: int

    @property
    def variable(self) -> str:
        """The name of its quantity as that of a variable: ``d_z`` for the derivative by z."""
        return spelled(self.name)

    @property
    def identifier(self) -> str:
        """Its name as a variable: ``z2`` for z at layer 2."""
        return self.variable + "_".join(str(p) if p >= 0 else f"m{-p}" for p in self.place)


@dataclass(frozen=True)
class Program:
    """Operations in order, the values that have names, and the values that are wanted.

    functions: what is known of the functions that `Named` operations name.
    """

    ops: tuple[Op, ...]
    labels: tuple[tuple[int, Label], ...]
    results: tuple[int, ...]
    functions: Mapping[str, FunctionRow] = field(default_factory=dict, compare=False)

    def function(self, head: str) -> FunctionRow:
        """What is known of a named function."""
        if head not in self.functions:
            raise ModelError(f"function {head!r} is used, but no row defines it")
        return self.functions[head]

    def uses(self) -> list[int]:
        """How often each value is read, by operations and as a result."""
        counts = [0] * len(self.ops)
        for op in self.ops:
            for arg in op.args:
                counts[arg] += 1
        for result in self.results:
            counts[result] += 1
        return counts


@dataclass
class Builder:
    """Appends operations."""

    ops: list[Op] = field(default_factory=list)

    def append(self, op: Op) -> int:
        """The position of the operation."""
        self.ops.append(op)
        return len(self.ops) - 1

    def shape(self, node: int) -> Shape:
        """The shape of a value."""
        return self.ops[node].shape

    def number(self, value: Expr | int) -> int:
        """A number."""
        return self.append(Number((), (), Integer(value) if isinstance(value, int) else value))

    def value(self, node: int) -> Expr | None:
        """The number that a value is, if it is one."""
        op = self.ops[node]
        return op.value if isinstance(op, Number) else None


Rewrite = Callable[[Builder, Op], int | None]


def rewritten(program: Program, rewrite: Rewrite) -> Program:
    """The program with each operation, its arguments already rewritten, passed to ``rewrite``.

    What it returns takes the operation's place; None keeps it.
    """
    builder = Builder()
    places: dict[int, int] = {}
    for position, op in enumerate(program.ops):
        moved = _refitted(
            builder,
            replace(op, args=tuple(places[arg] for arg in op.args)),
            [program.ops[arg].shape for arg in op.args],
        )
        found = rewrite(builder, moved)
        places[position] = builder.append(moved) if found is None else found
    return relabelled(builder.ops, program, places)


def _refitted(builder: Builder, op: Op, shapes: Sequence[Shape]) -> Op:
    """An operation whose arguments may have become smaller than these shapes: a slope that is 1.

    What works entry by entry broadcasts, so that it becomes smaller itself; all else counts axes.
    """
    found = [builder.shape(arg) for arg in op.args]
    if found == list(shapes):
        return op
    if isinstance(op, Elementwise | Named):
        return replace(op, shape=broadcast(found))
    args = (
        arg if now == shape else builder.append(Fill((arg,), shape))
        for arg, now, shape in zip(op.args, found, shapes, strict=True)
    )
    return replace(op, args=tuple(args))


def relabelled(ops: Iterable[Op], program: Program, places: Mapping[int, int]) -> Program:
    """A program of other operations with the labels and results of ``program`` at their places."""
    labels: dict[int, Label] = {}
    for node, label in program.labels:
        if node in places:
            labels.setdefault(places[node], label)
    results = tuple(places[node] for node in program.results)
    return replace(program, ops=tuple(ops), labels=tuple(labels.items()), results=results)


def broadcast(shapes: Iterable[Shape]) -> Shape:
    """The shape that these shapes have together, by NumPy's rules.

    >>> broadcast([(5, 1), (3,), ()])
    (5, 3)
    """
    result: list[Extent] = []
    for shape in shapes:
        result = [1] * (len(shape) - len(result)) + result
        for back in range(1, len(shape) + 1):
            if result[-back] == 1:
                result[-back] = shape[-back]
    return tuple(result)
