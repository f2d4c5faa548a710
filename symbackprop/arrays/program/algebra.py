"""Operations appended with the simplifications that never change a value: by 0, 1, of numbers."""

from __future__ import annotations

from collections.abc import Sequence

from sympy import Add, Expr, Integer, Mul

from symbackprop.arrays.program.program import (
    Align,
    Builder,
    Contract,
    Elementwise,
    Op,
    Pick,
    Reduce,
    Row,
    Shape,
    broadcast,
)


def elementwise(builder: Builder, function: str, args: Sequence[int]) -> int:
    """A function entry by entry."""
    shape = broadcast(builder.shape(arg) for arg in args)
    return builder.append(Elementwise(tuple(args), shape, function))


def multiply(builder: Builder, args: Sequence[int]) -> int:
    """The product of some values: its numbers are multiplied now and come first.

    >>> builder = Builder()
    >>> x = builder.append(Op((), (3,)))
    >>> multiply(builder, [x, builder.number(1)]) == x
    True
    """
    coefficient, others = _parted(builder, args)
    if coefficient == 0 or not others:
        return builder.number(coefficient)
    nodes = others if coefficient == 1 else [builder.number(coefficient), *others]
    return nodes[0] if len(nodes) == 1 else elementwise(builder, "multiply", nodes)


def _parted(builder: Builder, args: Sequence[int]) -> tuple[Expr, list[int]]:
    """The product of the numbers among the arguments, and the others."""
    coefficient: Expr = Integer(1)
    others: list[int] = []
    for arg in args:
        value = builder.value(arg)
        if value is None:
            others.append(arg)
        else:
            coefficient = Mul(coefficient, value)
    return coefficient, others


def coefficient_of(builder: Builder, node: int) -> tuple[Expr, tuple[int, ...]]:
    """A value as a number times other values."""
    op = builder.ops[node]
    if isinstance(op, Elementwise) and op.function == "multiply":
        value = builder.value(op.args[0])
        if value is not None:
            return value, op.args[1:]
        return Integer(1), op.args
    return Integer(1), (node,)


def add(builder: Builder, args: Sequence[int]) -> int:
    """The sum of some values; a coefficient that all share is taken out of it."""
    constant = Add(*[v for v in map(builder.value, args) if v is not None])
    others = [arg for arg in args if builder.value(arg) is None]
    if not others:
        return builder.number(constant)
    if constant != 0:
        place = next(i for i, arg in enumerate(args) if builder.value(arg) is not None)
        others.insert(min(place, len(others)), builder.number(constant))
    if len(others) == 1:
        return others[0]
    shared = None if constant != 0 else _shared(builder, others)
    if shared is None:
        return elementwise(builder, "add", others)
    inner = [
        multiply(builder, [builder.number(c / shared), *rest])
        for c, rest in (coefficient_of(builder, node) for node in others)
    ]
    return multiply(builder, [builder.number(shared), elementwise(builder, "add", inner)])


def _shared(builder: Builder, nodes: Sequence[int]) -> Expr | None:
    """The coefficient that every summand has, up to its sign; None when that is 1."""
    found = [coefficient_of(builder, node)[0] for node in nodes]
    first = found[0]
    if all(c in (first, -first) for c in found) and first not in (1, -1):
        return first
    return None


def reciprocal(builder: Builder, node: int) -> int:
    """One over a value."""
    value = builder.value(node)
    if value is not None:
        return builder.number(1 / value)
    return elementwise(builder, "reciprocal", [node])


def align(builder: Builder, node: int, axes: Sequence[int | None]) -> int:
    """The axes in this order; new ones in front are left to broadcasting."""
    order = list(axes)
    while order and order[0] is None:
        order.pop(0)
    op = builder.ops[node]
    if order == list(range(len(op.shape))):
        return node
    if isinstance(op, Pick) and op.stop is None:
        restored = _unpicked(builder, op, order)
        if restored is not None:
            return restored
    shape: Shape = tuple(1 if axis is None else op.shape[axis] for axis in order)
    return builder.append(Align((node,), shape, tuple(order)))


def _unpicked(builder: Builder, op: Pick, order: list[int | None]) -> int | None:
    """An axis of extent 1 that was picked away and comes back where it was: nothing is done."""
    (source,) = op.args
    if builder.shape(source)[op.axis] != 1:
        return None
    before = [axis if axis < op.axis else axis + 1 for axis in range(len(op.shape))]
    moved = [None if axis is None else before[axis] for axis in order]
    wanted: list[int | None] = list(range(len(op.shape) + 1))
    wanted[op.axis] = None
    return source if moved == wanted else None


def reduce(builder: Builder, function: str, node: int, axes: Sequence[int], keep: bool) -> int:
    """The sum or the maximum over some axes."""
    if not axes:
        return node
    shape = builder.shape(node)
    left: Shape = tuple(
        1 if axis in axes else extent
        for axis, extent in enumerate(shape)
        if keep or axis not in axes
    )
    return builder.append(Reduce((node,), left, function, tuple(sorted(axes)), keep))


def softmax(builder: Builder, node: int, axis: int) -> int:
    """The softmax along an axis."""
    return builder.append(Row((node,), builder.shape(node), "softmax", axis))


def log_sum_exp(builder: Builder, node: int, axis: int) -> int:
    """The logarithm of the sum of the exponentials along an axis."""
    shape = builder.shape(node)
    kept = (*shape[:axis], 1, *shape[axis + 1 :])
    return pick(builder, builder.append(Row((node,), kept, "log_sum_exp", axis)), axis, 0)


def contract(
    builder: Builder,
    args: Sequence[int],
    labels: Sequence[Sequence[int]],
    output: Sequence[int],
) -> int:
    """A product under sums."""
    extents = {
        label: extent
        for arg, own in zip(args, labels, strict=True)
        for label, extent in zip(own, builder.shape(arg), strict=True)
    }
    shape: Shape = tuple(extents[label] for label in output)
    packed = tuple(tuple(own) for own in labels)
    return builder.append(Contract(tuple(args), shape, packed, tuple(output)))


def pick(builder: Builder, node: int, axis: int, position: int) -> int:
    """The part of an array at one position of an axis."""
    shape = builder.shape(node)
    return builder.append(Pick((node,), shape[:axis] + shape[axis + 1 :], axis, position, None))


__all__ = [
    "Op",
    "add",
    "align",
    "contract",
    "elementwise",
    "log_sum_exp",
    "multiply",
    "pick",
    "reciprocal",
    "reduce",
    "softmax",
]
