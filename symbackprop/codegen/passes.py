"""Passes: plain functions from program to program, which leave the results what they are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from sympy import Expr, Symbol

from symbackprop.codegen import algebra
from symbackprop.codegen.expressions import Expressions, Scope, Value
from symbackprop.codegen.program import (
    Align,
    Builder,
    Contract,
    Elementwise,
    Matmul,
    Named,
    Op,
    Program,
    Tensordot,
    relabelled,
    rewritten,
)
from symbackprop.errors import NotSupported
from symbackprop.model.functions import SELF, FunctionRow, T
from symbackprop.notation.symbols import index

RowOf = Callable[[str], FunctionRow]


def expand_functions(
    program: Program, row_of: RowOf, *, exact: bool = False, direct: bool = False
) -> Program:
    """Named functions replaced by the formulas that their rows give for code.

    The derivative may use the function's own value, which the program computes anyway.

    exact: take the forms of derivatives that keep their digits in saturation.
    direct: take forms of values that may overflow on the way, which is silent in compiled code.
    """
    forms = _Forms(row_of, exact, direct)

    def change(builder: Builder, op: Op) -> int | None:
        return _expanded(builder, op, forms) if isinstance(op, Named) else None

    return rewritten(program, change)


@dataclass(frozen=True)
class _Forms:
    """The formulas of functions and of their derivatives, each in the form that is wanted."""

    row_of: RowOf
    exact: bool
    direct: bool

    def formula(self, name: str, order: int) -> Expr:
        row = self.row_of(name)
        if order > 1:
            choices = [None if row.formula is None else row.formula.diff(T, order)]
        elif order == 1:
            choices = [row.exact_slope if self.exact else None, row.slope, row.printed_derivative]
        else:
            choices = [row.direct if self.direct else None, row.stable, row.formula]
        found = next((one for one in choices if one is not None), None)
        if found is None:
            raise NotSupported(f"function {name} has no formula, so no code can compute it")
        return found


def _expanded(builder: Builder, op: Named, forms: _Forms) -> int:
    letters: tuple[Symbol, ...] = tuple(index(f"axis{n}") for n in range(len(op.shape)))
    scope = Scope(rank={letter: n for n, letter in enumerate(letters)})

    def read(expr: Expr, _: Scope) -> Value:
        if expr == T:
            return Value(op.args[0], letters)
        if expr == SELF:
            return Value(_expanded(builder, replace(op, order=0), forms), letters)
        raise NotSupported(f"function {op.head}: its formula uses {expr}")

    expressions = Expressions(_Inner(builder, forms), read)
    return expressions.lower(forms.formula(op.head, op.order), scope).node


class _Inner(Builder):
    """A builder that expands named functions inside of formulas at once."""

    def __init__(self, outer: Builder, forms: _Forms) -> None:
        super().__init__(outer.share, outer.ops, outer._known)
        self._forms = forms

    def append(self, op: Op) -> int:
        if isinstance(op, Named):
            return _expanded(self, op, self._forms)
        return super().append(op)


def fold_choices(program: Program) -> Program:
    """A choice of two numbers that is multiplied, as a choice of two products, or as a mask.

    It costs less, and arrays of numbers keep their type: where(t, 1, 0) * x is t * x.
    """

    def change(builder: Builder, op: Op) -> int | None:
        if not isinstance(op, Elementwise) or op.function != "multiply":
            return None
        for place, arg in enumerate(op.args):
            rest = [*op.args[:place], *op.args[place + 1 :]]
            if _is_choice(builder, arg) and any(_is_real(builder, one) for one in rest):
                return _chosen(builder, arg, rest)
        return None

    return rewritten(program, change)


def _is_choice(builder: Builder, node: int) -> bool:
    op = builder.ops[node]
    if not isinstance(op, Elementwise) or op.function != "where":
        return False
    return all(builder.value(arg) is not None for arg in op.args[1:])


def _is_real(builder: Builder, node: int) -> bool:
    """Whether a value is an array of numbers, not of truth values and not one number."""
    return builder.value(node) is None and not _is_choice(builder, node)


def _chosen(builder: Builder, choice: int, rest: list[int]) -> int:
    test, yes, no = builder.ops[choice].args
    if builder.value(no) == 0:
        return algebra.multiply(builder, [*rest, yes, test])
    cases = [algebra.multiply(builder, [value, *rest]) for value in (yes, no)]
    return algebra.elementwise(builder, "where", [test, *cases])


def order_contractions(program: Program) -> Program:
    """Products of more than two arrays under sums, two at a time, the cheapest pair first.

    The samples count as 1000.
    """

    def change(builder: Builder, op: Op) -> int | None:
        if isinstance(op, Contract) and len(op.args) > 2:
            return _pairwise(builder, op)
        return None

    return rewritten(program, change)


def _pairwise(builder: Builder, op: Contract) -> int:
    operands = list(zip(op.args, op.labels, strict=True))
    extent: dict[int, int] = {}
    for node, labels in operands:
        for label, size in zip(labels, builder.shape(node), strict=True):
            extent[label] = size if isinstance(size, int) else 1000
    while len(operands) > 2:
        best: tuple[int, int, int] | None = None
        for first in range(len(operands)):
            for second in range(first + 1, len(operands)):
                cost = 1
                for label in {*operands[first][1], *operands[second][1]}:
                    cost *= extent[label]
                if best is None or cost < best[0]:
                    best = (cost, first, second)
        assert best is not None
        _, first, second = best
        pair = [operands[first], operands[second]]
        rest = [one for n, one in enumerate(operands) if n not in (first, second)]
        needed = set(op.output).union(*(labels for _, labels in rest))
        kept = tuple(dict.fromkeys(x for _, labels in pair for x in labels if x in needed))
        joined = algebra.contract(builder, [n for n, _ in pair], [x for _, x in pair], kept)
        operands = [*rest[:first], (joined, kept), *rest[first:]]
    nodes = [node for node, _ in operands]
    return algebra.contract(builder, nodes, [own for _, own in operands], op.output)


def recognise_products(program: Program) -> Program:
    """Contractions of two arrays that are matrix products, outer products or products of entries.

    >>> builder = Builder()
    >>> a, w = builder.append(Op((), (5, 3))), builder.append(Op((), (2, 3)))
    >>> z = algebra.contract(builder, [a, w], [(0, 2), (1, 2)], (0, 1))
    >>> after = recognise_products(Program(tuple(builder.ops), (), (z,)))
    >>> after.ops[-1]
    Matmul(args=(0, 1), shape=(5, 2), transposed=(False, True))
    """

    def change(builder: Builder, op: Op) -> int | None:
        if isinstance(op, Contract) and len(op.args) == 2:
            return _product(builder, op)
        if isinstance(op, Elementwise) and op.function == "multiply" and len(op.args) == 2:
            return _column_times_row(builder, op)
        return None

    return rewritten(program, change)


@dataclass(frozen=True)
class _Pair:
    """The labels of a contraction of two arrays, by where they occur."""

    shared: tuple[int, ...]
    summed: tuple[int, ...]
    left: tuple[int, ...]
    right: tuple[int, ...]


def _pair(op: Contract) -> _Pair | None:
    first, second = op.labels
    if len(set(first)) < len(first) or len(set(second)) < len(second):
        return None
    both = [x for x in first if x in second]
    return _Pair(
        tuple(x for x in both if x in op.output),
        tuple(x for x in both if x not in op.output),
        tuple(x for x in first if x not in second),
        tuple(x for x in second if x not in first),
    )


def _product(builder: Builder, op: Contract) -> int | None:
    pair = _pair(op)
    if pair is None or set(pair.left + pair.right) - set(op.output):
        return None
    if (
        pair.shared
        or not pair.summed
        or (not pair.left and not pair.right and len(pair.summed) > 1)
    ):
        return _entries(builder, op, pair)
    if len(pair.summed) == 1 and len(pair.left) <= 1 and len(pair.right) <= 1:
        return _matmul(builder, op, pair)
    return _tensordot(builder, op, pair)


def _tensordot(builder: Builder, op: Contract, pair: _Pair) -> int:
    """Several axes at once; what comes out has the axes of the left array, then of the right."""
    args, labels, found = op.args, op.labels, (*pair.left, *pair.right)
    if pair.right and (not pair.left or op.output[0] in pair.right):
        args, labels, found = args[::-1], labels[::-1], (*pair.right, *pair.left)
    axes = tuple(tuple(own.index(x) for x in pair.summed) for own in labels)
    extents = dict(zip(op.output, op.shape, strict=True))
    shape = tuple(extents[x] for x in found)
    node = builder.append(Tensordot(args, shape, (axes[0], axes[1])))
    return algebra.align(builder, node, [found.index(x) for x in op.output])


def _column_times_row(builder: Builder, op: Elementwise) -> int | None:
    """Two vectors multiplied each entry by each, as a matrix product: several times faster."""
    for column, row in (op.args, op.args[::-1]):
        aligned = builder.ops[column]
        if not isinstance(aligned, Align) or aligned.axes != (0, None):
            continue
        if len(builder.shape(row)) == 1 and len(builder.shape(aligned.args[0])) == 1:
            return _outer(builder, column, row)
    return None


def _outer(builder: Builder, left: int, row: int) -> int:
    (height, _), (width,) = builder.shape(left), builder.shape(row)
    right = builder.append(Align((row,), (1, width), (None, 0)))
    return builder.append(Matmul((left, right), (height, width), (False, False)))


def _matmul(builder: Builder, op: Contract, pair: _Pair) -> int:
    args, labels = op.args, op.labels
    backwards = bool(op.output and pair.left) and op.output[0] != pair.left[0]
    into_rows = len(labels[0]) == 1 and len(labels[1]) == 2 and labels[1][1] in pair.summed
    if backwards or into_rows:
        args, labels = args[::-1], labels[::-1]
    (summed,) = pair.summed
    first, second = labels
    flips = (len(first) == 2 and first[0] == summed, len(second) == 2 and second[1] == summed)
    return builder.append(Matmul(tuple(args), op.shape, flips))


def _entries(builder: Builder, op: Contract, pair: _Pair) -> int | None:
    """Entries multiplied, then summed: for products with an axis in common that stays."""
    if pair.summed and pair.left and pair.right:
        return None
    every = (*op.output, *pair.summed)
    nodes = [
        algebra.align(builder, node, [own.index(x) if x in own else None for x in every])
        for node, own in zip(op.args, op.labels, strict=True)
    ]
    product = algebra.multiply(builder, nodes)
    axes = range(len(op.output), len(every))
    return algebra.reduce(builder, "sum", product, list(axes), False)


def drop_unused(program: Program) -> Program:
    """The program without the operations that no result needs.

    >>> builder = Builder()
    >>> x = builder.append(Op((), (3,)))
    >>> dead, wanted = builder.number(1), algebra.elementwise(builder, "exp", [x])
    >>> len(drop_unused(Program(tuple(builder.ops), (), (wanted,))).ops)
    2
    """
    needed = set(program.results)
    for position in range(len(program.ops) - 1, -1, -1):
        if position in needed:
            needed.update(program.ops[position].args)
    places: dict[int, int] = {}
    ops: list[Op] = []
    for position, op in enumerate(program.ops):
        if position in needed:
            places[position] = len(ops)
            ops.append(replace(op, args=tuple(places[arg] for arg in op.args)))
    return relabelled(ops, program, places)


def share_common(program: Program) -> Program:
    """The program with equal operations made one.

    >>> x = Op((), (3,))
    >>> twice = Program(
    ...     (x, Elementwise((0,), (3,), "exp"), Elementwise((0,), (3,), "exp")), (), (1, 2)
    ... )
    >>> share_common(twice).results
    (1, 1)
    """
    return rewritten(program, lambda builder, op: None)


__all__ = [
    "drop_unused",
    "expand_functions",
    "fold_choices",
    "order_contractions",
    "recognise_products",
    "share_common",
]
