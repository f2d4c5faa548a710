"""Sums and products of many values as steps of two: what a machine does at a time."""

from __future__ import annotations

from collections.abc import Sequence

from sympy import Expr

from symbackprop.arrays.passes.passes import share_common
from symbackprop.arrays.program import algebra
from symbackprop.arrays.program.program import Builder, Elementwise, Op, Program, rewritten


def split_steps(program: Program) -> Program:
    """Each elementwise operation as operations of at most two arguments.

    a - b is one subtraction, and x / y one division. Steps that are equal are made one.

    >>> builder = Builder()
    >>> a, b = builder.append(Op((), (3,))), builder.append(Op((), (1,)))
    >>> minus = algebra.multiply(builder, [builder.number(-1), b])
    >>> total = algebra.elementwise(builder, "add", [a, minus])
    >>> split_steps(Program(tuple(builder.ops), (), (total,))).ops[-1].function
    'subtract'
    """

    def change(builder: Builder, op: Op) -> int | None:
        if not isinstance(op, Elementwise):
            return None
        if op.function == "add":
            return _sum(builder, op.args)
        if op.function == "multiply":
            return _product(builder, op.args)
        return None

    return share_common(rewritten(program, change))


def _sum(builder: Builder, args: Sequence[int]) -> int:
    signed = [_signed(builder, arg) for arg in args]
    signed.sort(key=lambda one: not one[0])
    plus, result = signed[0]
    if not plus:
        result = algebra.elementwise(builder, "negative", [result])
    for plus, node in signed[1:]:
        result = algebra.elementwise(builder, "add" if plus else "subtract", [result, node])
    return result


def _signed(builder: Builder, node: int) -> tuple[bool, int]:
    """Whether a summand is added, and what is added or subtracted."""
    op = builder.ops[node]
    value = builder.value(node)
    if value is not None and value.is_negative:
        return False, builder.number(-value)
    if isinstance(op, Elementwise) and op.function == "negative":
        return False, op.args[0]
    if isinstance(op, Elementwise) and op.function in ("multiply", "divide"):
        first: Expr | None = builder.value(op.args[0])
        if first is not None and first.could_extract_minus_sign():
            positive = builder.number(-first)
            return False, algebra.elementwise(builder, op.function, [positive, *op.args[1:]])
    return True, node


def _product(builder: Builder, args: Sequence[int]) -> int:
    tops: list[int] = []
    bottoms: list[int] = []
    for arg in args:
        op = builder.ops[arg]
        below = isinstance(op, Elementwise) and op.function == "reciprocal"
        (bottoms if below else tops).append(op.args[0] if below else arg)
    negative = bool(tops) and builder.value(tops[0]) == -1
    if negative and (len(tops) > 1 or bottoms):
        tops = tops[1:]
    numbers = [arg for arg in tops if builder.value(arg) is not None]
    rest = [arg for arg in tops if builder.value(arg) is None]
    rest.sort(key=lambda arg: len(builder.shape(arg)))
    ordered = numbers + rest
    result = ordered[0] if ordered else builder.number(1)
    for arg in ordered[1:]:
        result = algebra.elementwise(builder, "multiply", [result, arg])
    for arg in bottoms:
        result = algebra.elementwise(builder, "divide", [result, arg])
    return algebra.elementwise(builder, "negative", [result]) if negative else result
