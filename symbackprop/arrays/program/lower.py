"""Instances to an array program: each becomes one named value, made after those that it reads."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from sympy import Expr, Indexed, Symbol

from symbackprop.arrays.program import algebra
from symbackprop.arrays.program.expressions import Expressions, Scope, Value
from symbackprop.arrays.program.instances import Schedule
from symbackprop.arrays.program.placed import Instance, Key, Place
from symbackprop.arrays.program.program import (
    Builder,
    Extent,
    Fill,
    Input,
    Label,
    Number,
    Program,
    Stack,
)
from symbackprop.arrays.program.refusals import named
from symbackprop.arrays.program.shifts import opened, read_axis, stays_on
from symbackprop.errors import NotSupported
from symbackprop.model.definitions import name_of
from symbackprop.notation.expressions import Bound
from symbackprop.notation.quantities import Axis, Quantity, Role

Result = tuple[str, Place]


@dataclass(frozen=True)
class Stored:
    """A lowered instance; its axes are those of the quantity (by position) or a sample letter."""

    node: int
    axes: tuple[int | Symbol, ...]


@dataclass
class Lowering:
    """Lowers what is asked for, and what that reads.

    each: an axis of samples that every quantity but the parameters gets in front, so that a model
        of one sample is computed for many of them; without, the model is lowered as it is.
    """

    schedule: Schedule
    builder: Builder
    each: Bound | None = None
    stored: dict[Key, Stored] = field(default_factory=dict)
    labels: dict[int, Label] = field(default_factory=dict)

    def run(self, wanted: Iterable[Result]) -> list[int]:
        """The nodes of what is wanted, each an array of its full shape."""
        results = list(wanted)
        for key in results:
            for part in self.schedule.parts(key):
                self._need(part)
        return [self._result(key) for key in results]

    def _result(self, key: Key) -> int:
        """A result in the layout of its quantity: the values along a time axis are stacked."""
        parts = [self._whole(part) for part in self.schedule.parts(key)]
        if len(parts) == 1 and self.schedule.parts(key) == [key]:
            return parts[0]
        lead = 0 if self._varies(key[0]) is None else 1
        for count, axis in self.schedule.turns(key):
            groups = [tuple(parts[n : n + count]) for n in range(0, len(parts), count)]
            parts = [self._stacked(group, axis + lead) for group in groups]
        return parts[0]

    def _stacked(self, parts: tuple[int, ...], axis: int) -> int:
        shape = self.builder.shape(parts[0])
        return self.builder.append(Stack(parts, (*shape[:axis], len(parts), *shape[axis:]), axis))

    def _need(self, key: Key) -> None:
        """Lower an instance after all that it reads, without recursion: nets may be deep."""
        stack = [key]
        while stack:
            top = stack[-1]
            if top in self.stored:
                stack.pop()
                continue
            waiting = [one for one in self.schedule.mentions(top) if one not in self.stored]
            if waiting:
                stack.extend(reversed(waiting))
                continue
            stack.pop()
            self._store(self.schedule.instance(top))

    def _store(self, instance: Instance) -> None:
        with named(self.schedule.quantities[instance.key[0]]):
            self._lower(instance)

    def _lower(self, instance: Instance) -> None:
        scope = Scope()
        if self.each is not None:
            scope.enter([self.each])
        scope.enter(instance.axes)
        expressions = Expressions(self.builder, self._read, self.schedule.sizes.free)
        values: list[Value] = []
        for whole in instance.terms:
            if whole.guards:
                raise NotSupported(f"no code is written for a condition on {whole.guards[0].expr}")
            term = opened(whole, scope.bounds)
            values.append(expressions.product(term.factors, term.sums, scope))
        value = expressions.sum(values, scope) if values else Value(self.builder.number(0))
        letters = scope.sorted(value.letters)
        node = expressions.align(value, letters)
        places: dict[Symbol, int | Symbol] = {b.letter: i for i, b in enumerate(instance.axes)}
        axes = tuple(places.get(letter, letter) for letter in letters)
        self.stored[instance.key] = Stored(node, axes)
        if not isinstance(self.builder.ops[node], Input | Number):
            label = Label(*instance.key, instance.equation)
            self.labels.setdefault(node, label)

    def _read(self, one: Expr, scope: Scope) -> Value:
        """The value of an instance that is given or already lowered."""
        name = name_of(one)
        indices = tuple(one.indices) if isinstance(one, Indexed) else ()
        quantity = self.schedule.quantities[name]
        if not self.schedule.defines(name):
            return self._given(quantity, indices, scope)
        stored = self.stored[self.schedule.key(one)]
        flags = self.schedule.scheduled(quantity)
        pairs = [
            (axis, index)
            for flag, axis, index in zip(
                flags, self.schedule.ranges(quantity, indices), indices, strict=True
            )
            if not flag
        ]
        constant = [n for n in range(len(pairs)) if n not in stored.axes]
        leaving = [n for n in constant if not stays_on(*pairs[n], scope.bounds)]
        node = self._along(stored, [pairs[n][0] for n in leaving]) if leaving else stored.node
        kept = [pairs[axis] if isinstance(axis, int) else axis for axis in stored.axes]
        return self._indexed(node, [*kept, *(pairs[n] for n in leaving)], scope)

    def _along(self, stored: Stored, axes: list[Axis]) -> int:
        """A value that is the same along some axes, as an array with these at its end.

        An index that leaves an axis reads 0 there, so that a value must have the axis.
        """
        shape = self.builder.shape(stored.node)
        node = algebra.align(self.builder, stored.node, [*range(len(shape)), *[None] * len(axes)])
        extents = (self.schedule.sizes.extent(axis.high - axis.low + 1) for axis in axes)
        return self.builder.append(Fill((node,), (*shape, *extents)))

    def _given(self, quantity: Quantity, indices: tuple[Expr, ...], scope: Scope) -> Value:
        """An input, a target or a parameter: an array, or one of a tuple of arrays."""
        place: list[int] = []
        kept: list[tuple[Axis, Expr] | Symbol] = []
        shape: list[Extent] = []
        if self.each is not None and quantity.role is not Role.PARAMETER:
            kept.append(self.each.letter)
            shape.append(scope.extent(self.each.letter))
        for flag, axis, index in zip(
            self.schedule.listed(quantity),
            self.schedule.ranges(quantity, indices),
            indices,
            strict=True,
        ):
            if flag:
                place.append(int(index) - self.schedule.sizes.number(axis.low))
            else:
                kept.append((axis, index))
                shape.append(self.schedule.sizes.extent(axis.high - axis.low + 1))
        node = self.builder.append(Input((), tuple(shape), quantity.name, tuple(place)))
        return self._indexed(node, kept, scope)

    def _indexed(
        self, node: int, pairs: Iterable[tuple[Axis, Expr] | Symbol], scope: Scope
    ) -> Value:
        """An array with an index expression for each axis (a letter alone: samples)."""
        letters: list[Symbol] = []
        for pair in pairs:
            if isinstance(pair, Symbol):
                letters.append(pair)
                continue
            axis, index = pair
            bound = scope.bounds.get(index) if isinstance(index, Symbol) else None
            if bound is not None and (bound.low, bound.high) == (axis.low, axis.high):
                letters.append(index)
                continue
            node, found = read_axis(
                self.builder, node, len(letters), index - axis.low, scope.bounds
            )
            letters.extend(found)
        return Value(node, tuple(letters))

    def _whole(self, key: Key) -> int:
        """A result as an array of its full shape, also where it is the same along an axis."""
        instance, stored = self.schedule.instance(key), self.stored[key]
        full: list[int | Symbol] = [*range(len(instance.axes))]
        extents: list[Extent] = [
            self.schedule.sizes.extent(b.high - b.low + 1) for b in instance.axes
        ]
        own = self._varies(key[0])
        if own is not None:
            full.insert(0, own.letter)
            extents.insert(0, self.schedule.sizes.extent(own.high - own.low + 1))
        number = isinstance(self.builder.ops[stored.node], Number) and not self.schedule.unrolled
        if tuple(full) == stored.axes and not number:
            return stored.node
        order = [stored.axes.index(a) if a in stored.axes else None for a in full]
        aligned = algebra.align(self.builder, stored.node, order)
        node = self.builder.append(Fill((aligned,), tuple(extents)))
        self.labels.setdefault(node, Label(*key, instance.equation))
        return node

    def _varies(self, name: str) -> Bound | None:
        """The axis of samples in front of a result; only a parameter itself has none."""
        parameter = self.schedule.quantities[name].role is Role.PARAMETER
        return None if parameter else self.each


def lowered(schedule: Schedule, wanted: Iterable[Result], *, each: Bound | None = None) -> Program:
    """The array program that computes ``wanted``, results in that order."""
    lowering = Lowering(schedule, Builder(), each)
    results = lowering.run(wanted)
    return Program(tuple(lowering.builder.ops), tuple(lowering.labels.items()), tuple(results))
