"""The operations of a program that compute something, in order, and what each of them reads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from symbackprop.arrays.program.program import (
    Align,
    Elementwise,
    Fill,
    Input,
    Label,
    Number,
    Op,
    Pick,
    Program,
    Shape,
)

Family: TypeAlias = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Slot:
    """One of many values that can be kept in a list: its family, and its place in that."""

    family: Family
    place: int


@dataclass(frozen=True, slots=True)
class Operand:
    """What an operation reads, seen through views: which ones, from what positions, of what."""

    views: tuple[int, ...]
    form: tuple[Any, ...]
    starts: tuple[int, ...]
    leaf: int


@dataclass
class Order:
    """The operations that compute something, in order, and what each of them reads."""

    program: Program
    labels: dict[int, Label] = field(init=False)
    nodes: list[int] = field(init=False)
    index: dict[int, int] = field(init=False)
    operands: list[tuple[Operand, ...]] = field(init=False)

    def __post_init__(self) -> None:
        self.labels = dict(self.program.labels)
        uses = self.program.uses()
        self.nodes = [
            node
            for node, op in enumerate(self.program.ops)
            if node in self.labels
            or not (_is_view(op, uses[node]) or isinstance(op, Input | Number))
        ]
        self.index = {node: position for position, node in enumerate(self.nodes)}
        self.operands = [
            tuple(self.operand(arg) for arg in self.program.ops[node].args) for node in self.nodes
        ]

    def operand(self, node: int) -> Operand:
        """A value as views of another one, which is given, a number, or computed in the order."""
        views: list[int] = []
        form: list[tuple[Any, ...]] = []
        starts: list[int] = []
        op = self.program.ops[node]
        while node not in self.index and not isinstance(op, Input | Number):
            views.append(node)
            if isinstance(op, Pick) and op.stop is None:
                form.append((Pick, op.shape, op.axis))
                starts.append(op.start)
            else:
                form.append((type(op), op.shape, _fields(op)))
            (node,) = op.args
            op = self.program.ops[node]
        form.append(("number", op.value) if isinstance(op, Number) else ("array", op.shape))
        return Operand(tuple(views), tuple(form), tuple(starts), node)

    def signature(self, position: int) -> tuple[Any, ...]:
        """What operations that are alike have in common."""
        node = self.nodes[position]
        op, label = self.program.ops[node], self.labels.get(node)
        shape: Shape = op.shape
        named = (label.name, label.equation, len(label.place)) if label else ()
        forms = tuple(operand.form for operand in self.operands[position])
        return type(op), shape, _fields(op), named, forms

    def begins_statement(self, position: int) -> bool:
        """Whether a new statement begins at a position."""
        return position == 0 or self.nodes[position - 1] in self.labels

    def label_slots(self) -> Iterator[tuple[int, Slot]]:
        """The slots of values by their labels, of labels that only one value has."""
        found: dict[tuple[str, tuple[int, ...]], list[int]] = {}
        for node, label in self.labels.items():
            found.setdefault((label.name, label.place), []).append(node)
        for (name, place), nodes in found.items():
            if len(nodes) == 1:
                for axis in range(len(place)):
                    yield nodes[0], label_slot(name, place, axis)


def _is_view(op: Op, uses: int) -> bool:
    """Whether an operation is written where it is read: views, and what is divided by once."""
    if isinstance(op, Elementwise):
        return op.function == "reciprocal" and uses == 1
    return isinstance(op, Align | Pick | Fill)


def _fields(op: Op) -> tuple[Any, ...]:
    """The fields of an operation besides those that all have."""
    return tuple(getattr(op, name) for name in type(op).__slots__)


def label_slot(name: str, place: Sequence[int], axis: int) -> Slot:
    """The slot of a labelled value along one axis of its place."""
    return Slot((name, *place[:axis], *place[axis + 1 :], axis), place[axis])
