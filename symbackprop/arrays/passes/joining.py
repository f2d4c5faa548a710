"""The same arithmetic on several vectors, done once on all of them side by side.

A call costs more than the arithmetic on a short vector: the slopes of all layers, which are the
same function of their activations, take as many calls as those of one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from symbackprop.arrays.program.program import (
    Elementwise,
    Join,
    Number,
    Op,
    Pick,
    Program,
    relabelled,
)


@dataclass(frozen=True)
class _Chain:
    """Arithmetic on one vector and numbers: its last value, and all of its operations in order."""

    root: int
    base: int
    nodes: tuple[int, ...]


def join_vectors(program: Program) -> Program:
    """Equal chains of operations on several vectors as one chain on the vectors joined.

    >>> x, y = Op((), (3,)), Op((), (2,))
    >>> a, b = Elementwise((0,), (3,), "exp"), Elementwise((1,), (2,), "exp")
    >>> roots = [Elementwise((n,), op.shape, "square") for n, op in ((2, a), (3, b))]
    >>> uses = [Elementwise((n, n - 2), op.shape, "add") for n, op in ((4, a), (5, b))]
    >>> after = join_vectors(Program((x, y, a, b, *roots, *uses), (), (6, 7)))
    >>> [type(op).__name__ for op in after.ops[4:]]
    ['Join', 'Elementwise', 'Pick', 'Pick', 'Elementwise', 'Elementwise']
    """
    groups: dict[tuple[object, ...], list[_Chain]] = {}
    users = _users(program)
    inside: set[int] = set()
    for node in range(len(program.ops) - 1, -1, -1):
        chain = None if node in inside else _chain(program, users, node)
        if chain is not None:
            inside.update(chain.nodes)
            groups.setdefault(_signature(program, chain), []).append(chain)
    for chains in groups.values():
        chains.reverse()
    wanted: list[list[_Chain]] = []
    bases: set[int] = set()
    for chains in groups.values():
        own = {chain.base for chain in chains}
        if _may_join(users, chains) and not own & (bases | inside):
            wanted.append(chains)
            bases |= own
    return _joined(program, wanted) if wanted else program


def _users(program: Program) -> list[list[int]]:
    """The operations that read each value; a result is read at the end."""
    users: list[list[int]] = [[] for _ in program.ops]
    for node, op in enumerate(program.ops):
        for arg in op.args:
            users[arg].append(node)
    for node in program.results:
        users[node].append(len(program.ops))
    return users


def _is_vector(op: Op) -> bool:
    return isinstance(op, Elementwise) and len(op.shape) == 1 and isinstance(op.shape[0], int)


def _chain(program: Program, users: list[list[int]], root: int) -> _Chain | None:
    """The chain that ends in a value: its inner values are read by nothing else."""
    if not _is_vector(program.ops[root]):
        return None
    nodes, bases = {root}, set()
    for node in range(root, -1, -1):
        if node not in nodes:
            continue
        for arg in program.ops[node].args:
            op = program.ops[arg]
            if isinstance(op, Number):
                continue
            if _is_vector(op) and op.shape == program.ops[root].shape and nodes >= {*users[arg]}:
                nodes.add(arg)
            else:
                bases.add(arg)
    if len(bases) != 1:
        return None
    (base,) = bases
    fits = _is_vector(program.ops[base]) and program.ops[base].shape == program.ops[root].shape
    return _Chain(root, base, tuple(sorted(nodes))) if fits else None


def _signature(program: Program, chain: _Chain) -> tuple[object, ...]:
    """What a chain does, whatever it does it to."""
    place = {chain.base: 0} | {node: n for n, node in enumerate(chain.nodes, start=1)}
    return tuple(
        (
            program.ops[node].function,  # type: ignore[attr-defined]
            *(place.get(arg, program.ops[arg]) for arg in program.ops[node].args),
        )
        for node in chain.nodes
    )


def _may_join(users: list[list[int]], chains: list[_Chain]) -> bool:
    """Whether no chain is read before the vectors of all of them exist."""
    ready = max(chain.base for chain in chains)
    bases = {chain.base for chain in chains}
    return 1 < len(chains) == len(bases) and all(
        user > ready for chain in chains for user in users[chain.root]
    )


def _joined(program: Program, groups: list[list[_Chain]]) -> Program:
    """The program with each group's chain after the last of its vectors."""
    due = {max(chain.base for chain in chains): chains for chains in groups}
    dropped = {node for chains in groups for chain in chains for node in chain.nodes}
    ops: list[Op] = []
    places: dict[int, int] = {}
    for node, op in enumerate(program.ops):
        if node not in dropped:
            places[node] = len(ops)
            ops.append(replace(op, args=tuple(places[arg] for arg in op.args)))
        if node in due:
            _append(program, due[node], ops, places)
    return relabelled(ops, program, places)


def _append(program: Program, chains: list[_Chain], ops: list[Op], places: dict[int, int]) -> None:
    """The chain of a group, and where each of its parts begins."""
    extents = [int(str(program.ops[chain.base].shape[0])) for chain in chains]
    shape = (sum(extents),)
    first = chains[0]
    ops.append(Join(tuple(places[chain.base] for chain in chains), shape))
    moved = {first.base: len(ops) - 1}
    for node in first.nodes:
        op = program.ops[node]
        for arg in op.args:
            if arg not in moved and arg not in places:  # a number that comes later
                ops.append(program.ops[arg])
                places[arg] = len(ops) - 1
        args = tuple(moved.get(arg, places.get(arg, 0)) for arg in op.args)
        ops.append(replace(op, args=args, shape=shape))
        moved[node] = len(ops) - 1
    start = 0
    for chain, extent in zip(chains, extents, strict=True):
        ops.append(Pick((moved[first.root],), (extent,), 0, start, start + extent))
        places[chain.root] = len(ops) - 1
        start += extent
