"""Passes: plain functions from program to program, which leave the results what they are."""

from __future__ import annotations

from dataclasses import replace

from symbackprop.arrays.program import algebra
from symbackprop.arrays.program.program import (
    Builder,
    Elementwise,
    Op,
    Program,
    relabelled,
    rewritten,
)


def fold_choices(program: Program) -> Program:
    """A choice of two numbers that is multiplied, as a choice of two products, or as a mask.

    It costs less, and arrays of numbers keep their type: where(t, 1, 0) * x is t * x.

    >>> builder = Builder()
    >>> x, test = builder.append(Op((), (3,))), builder.append(Op((), (3,)))
    >>> choice = [test, builder.number(1), builder.number(0)]
    >>> slope = algebra.elementwise(builder, "where", choice)
    >>> product = algebra.elementwise(builder, "multiply", [x, slope])
    >>> fold_choices(Program((*builder.ops,), (), (product,))).ops[-1]
    Elementwise(args=(0, 1), shape=(3,), function='multiply')
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
    known: dict[Op, int] = {}

    def change(builder: Builder, op: Op) -> int:
        if op not in known:
            known[op] = builder.append(op)
        return known[op]

    return rewritten(program, change)


__all__ = ["drop_unused", "fold_choices", "share_common"]
