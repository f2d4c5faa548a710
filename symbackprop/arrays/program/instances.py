"""Definitions at concrete sizes, one instance a layer or time: the schedule of the recurrences.

An axis is *scheduled* when it counts layers or times, or when the ranges of later axes depend on
it; each of its values is an instance of its own, with a place in the order of evaluation. All
other axes become axes of arrays.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from sympy import Expr, Indexed, Integer, Sum, Symbol
from sympy.core.parameters import distribute

from symbackprop.arrays.program.placed import Instance, Key, Place, PlacedCondition, PlacedRule
from symbackprop.arrays.program.refusals import named
from symbackprop.arrays.program.rows import LogSumExp, LogSumExpOf, Softmax, SoftmaxOf, stable_rows
from symbackprop.arrays.program.sizes import Sizes
from symbackprop.errors import NotSupported
from symbackprop.model.arrays import listed, others_depend, time_axes
from symbackprop.model.definitions import Definition, name_of
from symbackprop.notation import symbols
from symbackprop.notation.conditions import affine
from symbackprop.notation.expressions import Bound, Term, substitute
from symbackprop.notation.quantities import Axis, Kind, Quantity, is_scalar


def scheduled(quantity: Quantity) -> tuple[bool, ...]:
    """For each axis, whether its values are instances of their own."""
    return tuple(
        axis.kind in (Kind.LAYER, Kind.TIME) or others_depend(quantity, axis.letter)
        for axis in quantity.axes
    )


class Schedule:
    """All instances of a system of definitions, made when they are asked for."""

    def __init__(
        self,
        definitions: Mapping[int, Definition],
        quantities: Mapping[str, Quantity],
        sizes: Sizes,
        *,
        unrolled: bool = False,
    ) -> None:
        """``definitions`` by the number of their equation.

        unrolled: every axis is scheduled, so that each instance is one number.
        """
        self.sizes = sizes
        self.unrolled = unrolled
        self.quantities = quantities
        self._scheduled: dict[Quantity, tuple[bool, ...]] = {}
        self._listed: dict[Quantity, tuple[bool, ...]] = {}
        self._ranges: dict[tuple[Quantity, tuple[Expr, ...]], tuple[Axis, ...]] = {}
        self._rules: dict[str, list[PlacedRule]] = {}
        for equation, definition in definitions.items():
            rule = self._rule(equation, definition)
            self._rules.setdefault(definition.quantity.name, []).append(rule)
        self._instances: dict[Key, Instance] = {}
        self._mentions: dict[Key, tuple[Key, ...]] = {}
        self._depths: dict[Key, int] = {}

    def scheduled(self, quantity: Quantity) -> tuple[bool, ...]:
        """For each axis, whether its values are instances of their own in this schedule."""
        if quantity not in self._scheduled:
            flags = tuple(self.unrolled or flag for flag in scheduled(quantity))
            self._scheduled[quantity] = flags
        return self._scheduled[quantity]

    def listed(self, quantity: Quantity) -> tuple[bool, ...]:
        """For each axis of a given quantity, whether it is read at one place at a time."""
        if quantity not in self._listed:
            flags = tuple(self.unrolled or flag for flag in listed(quantity))
            self._listed[quantity] = flags
        return self._listed[quantity]

    def ranges(self, quantity: Quantity, indices: tuple[Expr, ...]) -> tuple[Axis, ...]:
        """The axes of a quantity, their bounds as numbers, for these indices."""
        key = (quantity, indices)
        if key not in self._ranges:
            self._ranges[key] = tuple(
                replace(axis, low=self.sizes.bound(axis.low), high=self.sizes.bound(axis.high))
                for axis in quantity.ranges(indices)
            )
        return self._ranges[key]

    def defines(self, name: str) -> bool:
        """Whether some definition defines this quantity."""
        return name in self._rules

    def letter(self, name: str, position: int) -> str:
        """The letter of one of the axes that make up the places of a quantity."""
        quantity = self.quantities[name]
        flags = self.scheduled(quantity) if self.defines(name) else self.listed(quantity)
        letters = [axis.letter for axis, flag in zip(quantity.axes, flags, strict=True) if flag]
        return symbols.hint(letters[position])

    def places(self, name: str) -> list[Place]:
        """The places at which a quantity is defined or given, in ascending order."""
        quantity = self.quantities[name]
        flags = self.scheduled(quantity) if self.defines(name) else self.listed(quantity)
        return self.places_of(quantity, flags)

    def places_of(self, quantity: Quantity, flags: tuple[bool, ...]) -> list[Place]:
        """All values of the marked axes of a quantity."""
        found: list[dict[Expr, Expr]] = [{}]
        for axis, flag in zip(quantity.axes, flags, strict=True):
            if flag:
                found = [
                    {**known, axis.letter: Integer(value)}
                    for known in found
                    for value in self._range(axis.low.xreplace(known), axis.high.xreplace(known))
                ]
        return [tuple(int(value) for value in one.values()) for one in found]

    def _range(self, low: Expr, high: Expr) -> range:
        return range(self.sizes.number(low), self.sizes.number(high) + 1)

    def instance(self, key: Key) -> Instance:
        """The instance with this key."""
        if key not in self._instances:
            with named(self.quantities[key[0]]):
                self._instances[key] = self._make(key)
        return self._instances[key]

    def parts(self, key: Key) -> list[Key]:
        """The instances that a result is made of: itself, or all times that one array holds."""
        name, place = key
        quantity = self.quantities[name]
        flags = self.scheduled(quantity)
        if len(place) == sum(flags):
            return [key]
        inside = [mark for mark, flag in zip(self.listed(quantity), flags, strict=True) if flag]
        return [
            (name, whole)
            for whole in self.places_of(quantity, flags)
            if tuple(p for p, mark in zip(whole, inside, strict=True) if mark) == place
        ]

    def turns(self, key: Key) -> list[tuple[int, int]]:
        """How the parts of a result are stacked: how many at a time, along which axis, in turn.

        The last axis of times comes first; those before it are not there yet.
        """
        quantity = self.quantities[key[0]]
        flags = self.scheduled(quantity)
        marks = [mark for mark, flag in zip(self.listed(quantity), flags, strict=True) if flag]
        places = [
            [p for p, mark in zip(place, marks, strict=True) if not mark]
            for _, place in self.parts(key)
        ]
        counts = [len(set(column)) for column in zip(*places, strict=True)]
        axes = time_axes(quantity)
        steps = zip(counts, (axis - earlier for earlier, axis in enumerate(axes)), strict=True)
        return list(steps)[::-1]

    def mentions(self, key: Key) -> tuple[Key, ...]:
        """The defined instances that an instance reads, in the order of reading."""
        if key not in self._mentions:
            found: dict[Key, None] = {}
            for term in self.instance(key).terms:
                for factor in term.factors:
                    for one in sorted(map(self.key, instances_in(factor))):
                        if self.defines(one[0]):
                            found.setdefault(one)
            self._mentions[key] = tuple(found)
        return self._mentions[key]

    def depth(self, key: Key) -> int:
        """How many instances stand one after the other before this one is known."""
        parts = self.parts(key)
        stack = list(parts)
        while stack:
            reads = self.mentions(stack[-1])
            waiting = [one for one in reads if one not in self._depths]
            if waiting:
                stack.extend(waiting)
            else:
                self._depths[stack.pop()] = 1 + max((self._depths[one] for one in reads), default=0)
        return max(self._depths[one] for one in parts)

    def key(self, one: Expr) -> Key:
        """The key of a mentioned instance."""
        name = name_of(one)
        indices = tuple(one.indices) if isinstance(one, Indexed) else ()
        quantity = self.quantities[name]
        place: list[int] = []
        for flag, index in zip(self.scheduled(quantity), indices, strict=True):
            if flag:
                index = self.sizes.bound(index)
                if not isinstance(index, Integer):
                    axes = zip(quantity.axes, indices, strict=True)
                    own = [str(i) for axis, i in axes if axis.kind is not Kind.SAMPLE]
                    raise NotSupported(
                        f"{name}[{', '.join(own)}] is read at the place {index}, "
                        "which is not known when code is written"
                    )
                place.append(int(index))
        return name, tuple(place)

    def _rule(self, equation: int, definition: Definition) -> PlacedRule:
        flags = self.scheduled(definition.quantity)
        bounds = {bound.letter: bound for bound in definition.domain}
        fixed: list[tuple[int, int]] = []
        letters: list[tuple[int, Symbol]] = []
        position = 0
        for flag, index in zip(flags, definition.indices, strict=True):
            if flag and index in bounds:
                letters.append((position, index))
            elif flag:
                fixed.append((position, self.sizes.number(index)))
            elif index not in bounds:
                raise NotSupported(f"{definition.target} defines a part of an array only")
            position += flag
        own = {letter for _, letter in letters}
        ranges = tuple(
            (b.letter, self.sizes.bound(b.low), self.sizes.bound(b.high))
            for b in definition.domain
            if b.letter in own
        )
        guards = tuple(self._tests(term, own) for term in definition.terms)
        return PlacedRule(definition, equation, tuple(fixed), tuple(letters), ranges, guards)

    def _tests(self, term: Term, letters: set[Symbol]) -> tuple[PlacedCondition, ...]:
        tests: list[PlacedCondition] = []
        for guard in term.guards:
            parsed = affine(self.sizes.bound(guard.expr))
            if parsed is None or not set(parsed[0]) <= letters:
                continue
            tests.append(PlacedCondition(tuple(parsed[0].items()), parsed[1], guard))
        return tuple(tests)

    def _make(self, key: Key) -> Instance:
        name, place = key
        for rule in self._rules[name]:
            if any(place[position] != value for position, value in rule.fixed):
                continue
            at = {letter: place[position] for position, letter in rule.letters}
            if self._inside(rule, at):
                return self._instance(key, rule, at)
        raise NotSupported(f"{name}{list(place)} is outside every definition of {name}")

    def _inside(self, rule: PlacedRule, at: Mapping[Symbol, int]) -> bool:
        mapping = {letter: Integer(value) for letter, value in at.items()}
        for letter, low, high in rule.ranges:
            least = int(low) if low.is_Integer else self.sizes.number(low.xreplace(mapping))
            most = int(high) if high.is_Integer else self.sizes.number(high.xreplace(mapping))
            if not least <= at[letter] <= most:
                return False
        return True

    def _instance(self, key: Key, rule: PlacedRule, at: Mapping[Symbol, int]) -> Instance:
        mapping: dict[Expr, Expr] = {letter: Integer(value) for letter, value in at.items()}
        axes = tuple(
            self._bound(bound.replaced(mapping))
            for bound in rule.definition.domain
            if bound.letter not in at
        )
        terms: list[Term] = []
        with distribute(False):
            for term, tests in zip(rule.definition.terms, rule.guards, strict=True):
                if all(test.holds(at) for test in tests):
                    tested = {test.condition for test in tests}
                    left = replace(term, guards=tuple(g for g in term.guards if g not in tested))
                    left = stable_rows(left.replaced(mapping) if mapping else left)
                    terms.extend(self._unrolled(left))
        return Instance(key, axes, tuple(terms), rule.equation)

    def _bound(self, bound: Bound) -> Bound:
        return Bound(bound.letter, self.sizes.bound(bound.low), self.sizes.bound(bound.high))

    def _unrolled(self, term: Term) -> Iterator[Term]:
        """The term with its sums over places written out, its other sums with bounds as numbers."""
        for position, bound in enumerate(term.sums):
            if self._counts_places(term, bound.letter):
                rest = replace(term, sums=term.sums[:position] + term.sums[position + 1 :])
                for value in self._range(bound.low, bound.high):
                    yield from self._unrolled(rest.replaced({bound.letter: Integer(value)}))
                return
        bounded = replace(term, sums=tuple(self._bound(bound) for bound in term.sums))
        yield bounded.mapped(self._inner)

    def _counts_places(self, term: Term, letter: Symbol) -> bool:
        """Whether a letter stands where an instance has its place, or in the bounds of a sum."""
        for bound in term.sums:
            if (
                letter in bound.low.free_symbols | bound.high.free_symbols
                and bound.letter != letter
            ):
                return True
        return any(self._is_place(factor, letter) for factor in term.factors)

    def _is_place(self, factor: Expr, letter: Symbol) -> bool:
        for one in factor.atoms(Indexed):
            quantity = None if one.is_integer else self.quantities.get(name_of(one))
            if quantity is None:
                continue
            for flag, index in zip(self.scheduled(quantity), one.indices, strict=True):
                if flag and letter in index.free_symbols:
                    return True
        return False

    def _row(self, expr: Expr) -> Expr:
        """A function of a row with sizes as numbers; unrolled, with its values written out."""
        body, letter, low, high = expr.args[:4]
        if not self.unrolled:
            return self.sizes.inside(expr)
        row = [substitute(body, {letter: Integer(v)}) for v in self._range(low, high)]
        if isinstance(expr, LogSumExp):
            return LogSumExpOf(*row)
        return SoftmaxOf(substitute(body, {letter: expr.args[4]}), *row)

    def _inner(self, expr: Expr) -> Expr:
        """An expression with its inner sums over places written out, and sizes as numbers."""
        if isinstance(expr, Softmax | LogSumExp):
            return self._row(expr)
        if not expr.has(Sum, Softmax, LogSumExp):
            return self.sizes.inside(expr)
        if not isinstance(expr, Sum):
            with distribute(False):
                return expr.func(*[self._inner(arg) for arg in expr.args])
        letter, low, high = expr.limits[0]
        body = expr.function if len(expr.limits) == 1 else Sum(expr.function, *expr.limits[1:])
        if self._is_place(body, letter):
            values = self._range(low, high)
            return sum(
                (self._inner(substitute(body, {letter: Integer(v)})) for v in values), Integer(0)
            )
        bounds = (letter, self.sizes.bound(low), self.sizes.bound(high))
        return Sum(self._inner(body), bounds)


def instances_in(expr: Expr) -> set[Expr]:
    """Every instance of a quantity in an expression, sizes left out."""
    atoms = {one for one in expr.atoms(Indexed) if not one.is_integer}
    labels = {one.base.label for one in atoms}
    return atoms | {one for one in expr.atoms(Symbol) if is_scalar(one) and one not in labels}
