"""Passes on products under sums: in which order, and by which operation."""

from __future__ import annotations

from dataclasses import dataclass

from symbackprop.arrays.program import algebra
from symbackprop.arrays.program.program import (
    Align,
    Builder,
    Contract,
    Elementwise,
    Matmul,
    Op,
    Program,
    Tensordot,
    rewritten,
)

SAMPLES = 1000
"""What a number of samples counts as that only a run will know."""


def order_contractions(program: Program) -> Program:
    """Products of more than two arrays under sums, two at a time, in the cheapest order.

    >>> builder = Builder()
    >>> u, v, w = (builder.append(Op((), shape)) for shape in ((9, 9), (9, 9), (9,)))
    >>> product = algebra.contract(builder, [u, v, w], [(0, 1), (1, 2), (2,)], [0])
    >>> after = order_contractions(Program((*builder.ops,), (), (product,)))
    >>> [op.args for op in after.ops if isinstance(op, Contract)]
    [(1, 2), (0, 3)]
    """

    def change(builder: Builder, op: Op) -> int | None:
        if isinstance(op, Contract) and len(op.args) > 2:
            return _pairwise(builder, op)
        return None

    return rewritten(program, change)


def _pairwise(builder: Builder, op: Contract) -> int:
    from opt_einsum import get_symbol, paths  # most programs have no such product

    extents = {
        label: extent
        for node, own in zip(op.args, op.labels, strict=True)
        for label, extent in zip(own, builder.shape(node), strict=True)
    }
    unknown = [label for label, extent in extents.items() if not isinstance(extent, int)]
    sizes = {get_symbol(label): extent for label, extent in extents.items()}
    sizes |= {get_symbol(label): SAMPLES for label in unknown}
    names = [frozenset(map(get_symbol, own)) for own in op.labels]
    steps = paths.auto(names, frozenset(map(get_symbol, op.output)), sizes)
    operands = list(zip(op.args, op.labels, strict=True))
    for step in steps[:-1]:
        pair = [operands[place] for place in step]
        operands = [one for place, one in enumerate(operands) if place not in step]
        needed = set(op.output).union(*(own for _, own in operands))
        found = dict.fromkeys(x for _, own in pair for x in own if x in needed)
        kept = tuple(sorted(found, key=lambda label: label not in unknown))  # rows are samples
        joined = algebra.contract(builder, [n for n, _ in pair], [x for _, x in pair], kept)
        operands.append((joined, kept))
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


__all__ = ["order_contractions", "recognise_products"]
