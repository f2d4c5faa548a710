"""Which array holds which value: a buffer is used again once its value is not read any more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from symbackprop.arrays.program.program import (
    Align,
    Elementwise,
    Input,
    Join,
    Number,
    Op,
    Pick,
    Program,
    Shape,
    Windows,
)

COMPARISONS = frozenset(
    {"greater", "greater_equal", "less", "less_equal", "equal", "not_equal"}
    | {"logical_and", "logical_or", "logical_not"}
)
"""What gives truth values."""
VIEWS = Align | Pick | Windows


@dataclass(frozen=True, slots=True)
class Buffer:
    """An array of the workspace."""

    shape: Shape
    logical: bool = False


@dataclass(frozen=True)
class Allocation:
    """The buffers, and for each value the position of its buffer; None for what needs none.

    parts: the values that are a part of their buffer, and where it begins and ends.
    """

    buffers: tuple[Buffer, ...]
    of: tuple[int | None, ...]
    parts: Mapping[int, tuple[int, int]]


def is_held(op: Op) -> bool:
    """Whether a value is put into a buffer: not what is given, a number, a view or one number."""
    return not isinstance(op, Input | Number | Join | VIEWS) and op.shape != ()


def joined(program: Program) -> dict[int, tuple[int, int, int]]:
    """The values that are joined: into which one, and where each begins and ends in it."""
    found: dict[int, tuple[int, int, int]] = {}
    for node, op in enumerate(program.ops):
        if isinstance(op, Join):
            start = 0
            for arg in op.args:
                stop = start + int(str(program.ops[arg].shape[0]))
                found[arg] = (node, start, stop)
                start = stop
    return found


def roots(program: Program) -> list[int]:
    """For each value, the value whose memory it is: itself, or what it is a view or a part of."""
    found = list(range(len(program.ops)))
    for part, (whole, _, _) in joined(program).items():
        found[part] = whole
    for node, op in enumerate(program.ops):
        if isinstance(op, VIEWS):
            found[node] = found[op.args[0]]
    return found


def allocate(program: Program, *, reuse: bool = True) -> Allocation:
    """A buffer for each value; with ``reuse``, one whose value has been read for the last time.

    >>> x = Input((), (3,), "x", ())
    >>> chain = (x, Elementwise((0,), (3,), "exp"), Elementwise((1,), (3,), "negative"))
    >>> len(allocate(Program(chain, (), (2,))).buffers)
    1
    >>> len(allocate(Program(chain, (), (2,)), reuse=False).buffers)
    2
    """
    memory, last, parts = roots(program), _last_reads(program), joined(program)
    buffers: list[Buffer] = []
    of: list[int | None] = [None] * len(program.ops)
    free: list[int] = []
    for node, op in enumerate(program.ops):
        dying = {memory[arg] for arg in op.args if last[memory[arg]] == node}
        ending = [of[one] for one in sorted(dying) if of[one] is not None]
        in_place = isinstance(op, Elementwise) and op.function != "where"
        if reuse and in_place:
            free.extend(place for place in ending if place is not None)
        if node in parts:
            whole = parts[node][0]
            if of[whole] is None:
                of[whole] = _take(program.ops[whole], buffers, free)
            of[node] = of[whole]
        elif is_held(op):
            of[node] = _take(op, buffers, free)
        if reuse and not in_place:
            free.extend(place for place in ending if place is not None)
    places = {node: (start, stop) for node, (_, start, stop) in parts.items()}
    return Allocation(tuple(buffers), tuple(of), places)


def _take(op: Op, buffers: list[Buffer], free: list[int]) -> int:
    logical = isinstance(op, Elementwise) and op.function in COMPARISONS
    wanted = Buffer(op.shape, logical)
    for position in range(len(free) - 1, -1, -1):
        if buffers[free[position]] == wanted:
            return free.pop(position)
    buffers.append(wanted)
    return len(buffers) - 1


def _last_reads(program: Program) -> list[int]:
    """For each value, the position of the last operation that reads its memory."""
    memory = roots(program)
    last = list(range(len(program.ops)))
    for node, op in enumerate(program.ops):
        for arg in op.args:
            last[memory[arg]] = max(last[memory[arg]], node)
    for node in program.results:
        last[memory[node]] = len(program.ops)
    return last
