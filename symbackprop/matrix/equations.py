"""Matrix equations read off an array program: which values have one, and where they come from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from sympy import Expr, Integer, Symbol

from symbackprop.arrays.program import refusals
from symbackprop.arrays.program.program import Elementwise, Extent, Input, Label, Op, Program
from symbackprop.arrays.system import System
from symbackprop.errors import NotSupported
from symbackprop.matrix import expressions as mx
from symbackprop.matrix.convert import Converter
from symbackprop.matrix.expressions import Key, Matrix
from symbackprop.model.batch import SAMPLES
from symbackprop.model.model import Model
from symbackprop.notation.quantities import Kind, Role


@dataclass(frozen=True)
class MatrixEquation:
    """A value of the program as an equation: the left side, the right side, whence it comes.

    definitions: the numbers of the index equations that were lowered to it, the own one first.
    """

    left: mx.Value
    right: Matrix
    definitions: tuple[tuple[Key, int], ...]

    @property
    def key(self) -> Key:
        """The instance on the left."""
        return self.left.key

    @property
    def place(self) -> int:
        """Its layer; 0 where it has none."""
        return self.key[1][-1] if self.key[1] else 0

    def with_columns(self) -> MatrixEquation:
        """The equation with samples as columns: its transpose, where the left side has samples."""
        left, right = mx.samples_as_columns(self.left), mx.samples_as_columns(self.right)
        if self.left.sampled or self.left.is_scalar:
            left, right = mx.transposed(left), mx.transposed(right)
        assert isinstance(left, mx.Value)
        return replace(self, left=left, right=right)


@dataclass(frozen=True)
class Reader:
    """Reads the equations off one program.

    widths: the sizes that its symbolic extents stand for. order: its results. errors: the quantity
    whose adjoint is the error.
    """

    system: System
    widths: Mapping[Symbol, Expr]
    program: Program
    order: tuple[Key, ...]
    errors: str

    def equations(self) -> list[MatrixEquation]:
        """One for each named value, and for each result that only repeats one.

        No value of the forward pass is written through a derivative of the cost, though the
        program may compute what both have in common once.
        """
        every = Converter(self.program, self._value, self._size, self._named)
        forward = Converter(self.program, self._value, self._size, self._forward)
        found = []
        wanted = {
            key: node
            for key, node in zip(self.order, self.program.results, strict=True)
            if self._all.get(node) is None or (self._all[node].name, self._all[node].place) != key
        }
        for node in sorted(self._named):
            own = forward if node in self._forward else every
            with refusals.named(self.system.model.by_name[self._named[node].name]):
                self._check_varies(node)
                left = own.reference(node)
                assert isinstance(left, mx.Value)
                found.append(MatrixEquation(left, own.right_side(node), self._sources(node)))
            for key, same in wanted.items():
                if same == node:
                    found.append(self._repeated(key, left))
        return found

    def _check_varies(self, node: int) -> None:
        """Raise NotSupported where a value is one number for all of its nodes, so no vector."""
        label = self._named[node]
        instance = self.system.schedule.instance((label.name, label.place))
        if len(self.program.ops[node].shape) < len(instance.axes):
            raise NotSupported("no matrix form is written for what is the same for all nodes")

    def _repeated(self, key: Key, of: mx.Value) -> MatrixEquation:
        """A result that is the same as another value: the bias's derivative."""
        equation = self.system.schedule.instance(key).equation
        return MatrixEquation(replace(of, key=key), of, ((key, equation),))

    @cached_property
    def _all(self) -> dict[int, Label]:
        return dict(self.program.labels)

    @cached_property
    def _named(self) -> dict[int, Label]:
        """The labels of values that get an equation: summands of the cost do not."""
        readers: dict[int, list[int]] = {}
        for node, op in enumerate(self.program.ops):
            for arg in op.args:
                readers.setdefault(arg, []).append(node)
        return {
            node: label
            for node, label in self._all.items()
            if not self._is_summand(label) and not self._is_inside(label, readers.get(node, []))
        }

    @cached_property
    def _forward(self) -> dict[int, Label]:
        """The labels of the values of the forward pass."""
        of = self.system.model.by_name
        return {n: one for n, one in self._named.items() if of[one.name].adjoint_of is None}

    def _is_summand(self, label: Label) -> bool:
        """Whether a value is only a part of the cost: the cost of an output, of a sample."""
        model = self.system.model
        return label.name != model.cost.name and serves_cost(model, label.name)

    def _is_inside(self, label: Label, readers: list[int]) -> bool:
        """Whether an adjoint is written inside the error that alone is computed from it."""
        if not self.errors or len(readers) != 1 or self._is_error(label):
            return False
        of = self.system.model.by_name[label.name].adjoint_of
        reader = self._all.get(readers[0])
        multiplied = isinstance(self.program.ops[readers[0]], Elementwise)
        return (
            of is not None
            and of.role is Role.INTERMEDIATE
            and reader is not None
            and multiplied
            and self._is_error(reader)
        )

    def _is_error(self, label: Label) -> bool:
        """Whether a value is the error delta."""
        of = self.system.model.by_name[label.name].adjoint_of
        return of is not None and of.name == self.errors

    def _sources(self, node: int) -> tuple[tuple[Key, int], ...]:
        """The index equations behind a value: its own, and those of what is written inside."""
        label = self._all[node]
        found = [((label.name, label.place), label.equation)]
        waiting = list(self.program.ops[node].args)
        named = self._forward if node in self._forward else self._named
        of = self.system.model.by_name
        while waiting:
            arg = waiting.pop(0)
            if arg in named:
                continue
            inner = self._all.get(arg)
            if inner is not None and (named is self._named or of[inner.name].adjoint_of is None):
                found.append(((inner.name, inner.place), inner.equation))
            waiting += self.program.ops[arg].args
        return tuple(dict.fromkeys(found))

    def _size(self, extent: Extent) -> Expr:
        if isinstance(extent, int):
            return Integer(extent)
        return self.widths.get(extent, extent)

    def _value(self, op: Op, label: Label | None, rows: Expr, cols: Expr) -> mx.Value:
        if label is not None:
            key: Key = (label.name, label.place)
        else:
            assert isinstance(op, Input)
            key = (op.name, self._place(op))
        return mx.Value(rows, cols, key, SAMPLES in (rows, cols))

    def _place(self, op: Input) -> tuple[int, ...]:
        """The layer of one of a tuple of arrays."""
        quantity = self.system.model.by_name[op.name]
        lows = [int(axis.low) for axis in quantity.axes if axis.kind is Kind.LAYER]
        return tuple(place + low for place, low in zip(op.place, lows, strict=True))


def serves_cost(model: Model, name: str) -> bool:
    """Whether nothing but the cost is computed from a quantity, which belongs to no layer."""
    quantity = model.by_name[name]
    if quantity == model.cost:
        return True
    users = [definition.quantity.name for definition in model.uses_of(quantity)]
    layered = any(axis.kind is Kind.LAYER for axis in quantity.axes)
    return bool(users) and not layered and all(serves_cost(model, user) for user in users)
