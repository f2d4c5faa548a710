"""Which operations share a loop nest, which stand alone, and which values need memory.

For code that is compiled: there, elementwise operations on one shape cost least when they are done
entry by entry, one after the other, in one pass over memory.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from symbackprop.arrays.passes.buffers import COMPARISONS
from symbackprop.arrays.program.program import (
    Align,
    Elementwise,
    Fill,
    Input,
    Matmul,
    Number,
    Op,
    Pick,
    Program,
    Reduce,
    Shape,
    Spread,
    Windows,
)

READINGS = Align | Pick | Windows | Spread | Fill
"""Operations that only say where an entry is read."""


@dataclass
class Nest:
    """Loops over the entries of a shape; at each entry, these values are computed in order.

    A sum over the first axis is added up in passing.
    """

    shape: Shape
    members: list[int] = field(default_factory=list)


@dataclass(frozen=True)
class Plan:
    """Nests, and operations that stand alone, in order.

    held: the values that are kept in memory. local: those that are read again in their own nest.
    """

    items: tuple[Nest | int, ...]
    held: tuple[int, ...]
    local: frozenset[int]


def plan(program: Program) -> Plan:
    """The nests of a program.

    >>> x, y = Input((), (5, 3), "x", ()), Input((), (5, 3), "y", ())
    >>> ops = (x, y, Elementwise((0, 1), (5, 3), "subtract"), Elementwise((2,), (5, 3), "exp"))
    >>> total = Reduce((3,), (3,), "sum", (0,), False)
    >>> found = plan(Program((*ops, total), (), (4,)))
    >>> found.items, found.held
    ((Nest(shape=(5, 3), members=[3, 4]),), (4,))
    """
    return _Planner(program).run()


def is_outer(program: Program, op: Op) -> bool:
    """Whether an operation is the product of a column and a row."""
    if not isinstance(op, Matmul) or any(op.transposed) or len(op.shape) < 2:
        return False
    return program.ops[op.args[0]].shape[1:] == (1,)


def is_transposed(program: Program, op: Op) -> bool:
    """Whether an operation is a matrix with its axes exchanged."""
    return isinstance(op, Align) and op.axes == (1, 0)


def is_running_sum(program: Program, op: Op) -> bool:
    """Whether an operation is the sum of rows: it can be added up while the rows are made."""
    if not isinstance(op, Reduce) or op.function != "sum" or op.keep or op.axes != (0,):
        return False
    return len(program.ops[op.args[0]].shape) == 2


class _Planner:
    def __init__(self, program: Program) -> None:
        self.program = program
        self.ops = program.ops
        self.named = {node for node, _ in program.labels}
        self.users: list[list[int]] = [[] for _ in program.ops]
        for node, op in enumerate(program.ops):
            for arg in op.args:
                self.users[arg].append(node)
        self.items: list[Nest | int] = []
        self.place: dict[int, int] = {}
        self.held: dict[int, None] = {}
        self.local: set[int] = set()

    def run(self) -> Plan:
        results = set(self.program.results)
        for node, op in enumerate(self.ops):
            kept = node in results and op.shape != ()
            if isinstance(op, Number | Input | READINGS):
                if kept or self._is_copied(node):
                    self._join(node, op.shape)
            elif isinstance(op, Elementwise) and op.shape != ():
                if self._is_statement(node, op):
                    self._join(node, op.shape)
            elif is_outer(self.program, op):
                self._join(node, op.shape)
            elif is_running_sum(self.program, op) and self._is_value(op.args[0]):
                self._join(node, self.ops[op.args[0]].shape)
            else:
                self._append(node)
            if kept:
                self.held[node] = None
        self._hold()
        return Plan(tuple(self.items), tuple(sorted(self.held)), frozenset(self.local))

    def _is_copied(self, node: int) -> bool:
        """Whether a product needs an array where there is only a way of reading one."""
        op = self.ops[node]
        if not isinstance(op, READINGS) or is_transposed(self.program, op):
            return False
        users = [self.ops[user] for user in self.users[node]]
        users += [
            self.ops[later]
            for user in self.users[node]
            if is_transposed(self.program, self.ops[user])
            for later in self.users[user]
        ]
        return any(isinstance(one, Matmul) and not is_outer(self.program, one) for one in users)

    def _is_value(self, node: int) -> bool:
        """Whether a value is computed in a nest as a statement of its own."""
        return isinstance(self.ops[node], Elementwise) and node in self.place

    def _is_statement(self, node: int, op: Elementwise) -> bool:
        """Whether a value is computed once, rather than where it is read.

        Truth values are no numbers to keep: they are found again where they are read.
        """
        if op.function in COMPARISONS:
            return not all(isinstance(self.ops[user], Elementwise) for user in self.users[node])
        if node in self.named or node in self.program.results or len(self.users[node]) != 1:
            return True
        (user,) = self.users[node]
        return not isinstance(self.ops[user], Elementwise) or self.ops[user].shape != op.shape

    def sources(self, node: int) -> list[tuple[int, bool]]:
        """The statements that an operation reads, and whether each at the entry's own place."""
        found: list[tuple[int, bool]] = []
        shape = self.ops[node].shape
        stack = [(arg, isinstance(self.ops[node], Elementwise)) for arg in self.ops[node].args]
        while stack:
            arg, here = stack.pop()
            op = self.ops[arg]
            if arg in self.place:
                found.append((arg, here and op.shape == shape))
            elif not isinstance(op, Number | Input):
                here = here and isinstance(op, Elementwise)
                stack.extend((one, here) for one in op.args)
        return found

    def _join(self, node: int, shape: Shape) -> None:
        """Into the last nest of this shape that comes after all that is read, or a new one."""
        first = 0
        for source, here in self.sources(node):
            place = self.place[source]
            item = self.items[place]
            if is_running_sum(self.program, self.ops[node]):
                here = source == self.ops[node].args[0]
            summed = isinstance(self.ops[source], Reduce)
            fits = here and not summed and isinstance(item, Nest) and item.shape == shape
            first = max(first, place if fits else place + 1)
        for place in range(len(self.items) - 1, first - 1, -1):
            item = self.items[place]
            if isinstance(item, Nest) and item.shape == shape:
                item.members.append(node)
                self.place[node] = place
                return
        self.place[node] = len(self.items)
        self.items.append(Nest(shape, [node]))

    def _append(self, node: int) -> None:
        self.place[node] = len(self.items)
        self.items.append(node)

    def _hold(self) -> None:
        """Memory for what is read outside of its nest, or at another place, or by a product."""
        for node in list(self.place):
            op = self.ops[node]
            if op.shape != () and not self._passes(op):
                self.held[node] = None
            for source, here in self.sources(node):
                if is_running_sum(self.program, op):
                    here = source == op.args[0]
                same = self.place[source] == self.place[node]
                if self.ops[source].shape != () and not (same and here):
                    self.held[source] = None
                elif same:
                    self.local.add(source)

    @staticmethod
    def _passes(op: Op) -> bool:
        """Whether a value may be a variable of its nest."""
        return isinstance(op, Elementwise)
