"""Long sums of terms that are alike, as running sums: each term is added as soon as it is known."""

from __future__ import annotations

from dataclasses import replace
from itertools import groupby
from typing import Any

from symbackprop.arrays.program.program import Elementwise, Label, Number, Op, Program, broadcast


def running_sums(program: Program, least: int) -> Program:
    """The program with its named sums of at least so many terms that are alike added one by one.

    All parts of such a sum have its name. The order of summation stays, and so does every bit of
    the result.

    >>> from symbackprop.arrays.program.program import Input
    >>> x = [Input((), (3,), "x", (n,)) for n in range(3)]
    >>> e = [Elementwise((n,), (3,), "exp") for n in range(3)]
    >>> total = Elementwise((3, 4, 5), (3,), "add")
    >>> after = running_sums(Program((*x, *e, total), ((6, Label("s", (), 1)),), (6,)), 3)
    >>> [(op.function, op.args) for op in after.ops[3:]]
    [('exp', (0,)), ('exp', (1,)), ('add', (3, 4)), ('exp', (2,)), ('add', (5, 6))]
    >>> [node for node, _ in after.labels], after.results
    ([3, 5, 7], (7,))
    """
    named = dict(program.labels)
    uses = program.uses()
    parts = {
        node: found
        for node, op in enumerate(program.ops)
        if node in named and (found := _parts(program, op, least))
    }
    due: dict[int, list[tuple[int, tuple[int, ...]]]] = {}
    for node, found in parts.items():
        ready = 0
        first = found[0]
        if len(first) == 1 and (first[0] in named or uses[first[0]] > 1):
            found[:2] = [found[0] + found[1]]
        for part in found:
            ready = max(ready, *part)
            due.setdefault(ready, []).append((node, part))
    ops: list[Op] = []
    labels: dict[int, Label] = {}
    places: dict[int, int] = {}
    for node, op in enumerate(program.ops):
        if node not in parts:
            places[node] = len(ops)
            ops.append(replace(op, args=tuple(places[arg] for arg in op.args)))
            if node in named:
                labels[places[node]] = named[node]
        for total, part in due.get(node, ()):
            args = tuple(places[arg] for arg in part)
            if total in places:
                args = (places[total], *args)
            places[total] = args[0]
            if len(args) > 1:
                places[total] = len(ops)
                shape = broadcast(ops[arg].shape for arg in args)
                ops.append(Elementwise(args, shape, "add"))
            labels[places[total]] = named[total]
    results = tuple(places[node] for node in program.results)
    return Program(tuple(ops), tuple(labels.items()), results)


def _parts(program: Program, op: Op, least: int) -> list[tuple[int, ...]]:
    """The summands in the groups that are added at a time; nothing if too few are alike."""
    if not isinstance(op, Elementwise) or op.function != "add" or len(op.args) < least:
        return []
    if _begins_with_sign(program, op.args[0]):
        return []
    groups = [
        tuple(group) for _, group in groupby(op.args, lambda arg: _kind(program, program.ops[arg]))
    ]
    if max(map(len, groups)) < least:
        return []
    found: list[tuple[int, ...]] = []
    for group in groups:
        found += [(one,) for one in group] if len(group) >= least else [group]
    return found


def _begins_with_sign(program: Program, node: int) -> bool:
    """Whether a summand is negative, so that another one may be written before it."""
    op = program.ops[node]
    if isinstance(op, Elementwise) and op.function == "multiply":
        op = program.ops[op.args[0]]
    return isinstance(op, Number) and bool(op.value.could_extract_minus_sign())


def _kind(program: Program, op: Op) -> tuple[Any, ...]:
    """What summands that are alike have in common: what they do, to what shapes."""
    shapes = tuple(program.ops[arg].shape for arg in op.args)
    return type(op), op.shape, shapes, tuple(getattr(op, name) for name in type(op).__slots__)
