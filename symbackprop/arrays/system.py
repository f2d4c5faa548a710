"""A model and its adjoint equations, numbered, at concrete sizes: what functions are made from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from math import prod

from sympy import Integer

from symbackprop.arrays.passes.pipeline import improved
from symbackprop.arrays.program.instances import Schedule, instances_in
from symbackprop.arrays.program.lower import lowered
from symbackprop.arrays.program.placed import Key, Place
from symbackprop.arrays.program.program import Program
from symbackprop.arrays.program.sizes import Sizes
from symbackprop.calculus.adjoints import Adjoint, adjoints
from symbackprop.errors import UsageError
from symbackprop.model.arrays import listed
from symbackprop.model.batch import SAMPLE, SAMPLES, batched
from symbackprop.model.definitions import Definition, name_of
from symbackprop.model.functions import Form
from symbackprop.model.model import Model, noted
from symbackprop.notation.expressions import Bound
from symbackprop.notation.quantities import Quantity, Role


@dataclass(frozen=True)
class System:
    """Definitions and adjoint equations of a model by their numbers, and the sizes.

    unrolled: every instance is one number. without: the passes that its programs go without.
    """

    model: Model
    definitions: dict[int, Definition]
    sizes: Sizes
    unrolled: bool = False
    without: frozenset[str] = frozenset()

    @cached_property
    def schedule(self) -> Schedule:
        """The instances of the equations."""
        return Schedule(self.definitions, self.model.by_name, self.sizes, unrolled=self.unrolled)

    def going_without(self, passes: frozenset[str]) -> System:
        """The same with other passes left out."""
        return self if passes == self.without else replace(self, without=passes)

    @cached_property
    def outputs(self) -> tuple[Key, ...]:
        """What the model computes from inputs alone and nothing but the cost goes on from.

        An instance that does not depend on targets, read only by instances that do.
        """
        order = self._forward()
        tainted: set[Key] = set()
        read_on: set[Key] = set()
        for key in order:
            reads = self.schedule.mentions(key)
            if key[0] == self.model.cost.name or self._reads_target(key) or tainted & set(reads):
                tainted.add(key)
            else:
                read_on.update(reads)
        return tuple(key for key in order if key not in tainted and key not in read_on)

    def _reads_target(self, key: Key) -> bool:
        targets = {q.name for q in self.model.with_role(Role.TARGET)}
        return any(
            name_of(one) in targets
            for term in self.schedule.instance(key).terms
            for factor in term.factors
            for one in instances_in(factor)
        )

    def _forward(self) -> list[Key]:
        """All instances that the model defines, each after those that it reads."""
        names = dict.fromkeys(d.quantity.name for d in self.model.definitions)
        keys = [(name, place) for name in names for place in self.schedule.places(name)]
        return sorted(keys, key=lambda key: self.schedule.depth(key))

    def gradients(self, quantity: Quantity) -> list[Key]:
        """The adjoints of a given quantity: one, or one an array of its tuple."""
        places = self.schedule.places_of(quantity, self.schedule.listed(quantity))
        return [(quantity.adjoint.name, place) for place in places]

    def program(
        self,
        wanted: Sequence[Key],
        *,
        each: bool = False,
        exact_saturation: bool = False,
        form: Form = Form.STABLE,
    ) -> tuple[Program, tuple[Key, ...]]:
        """The program for some results, and their order in it: what is ready first comes first."""
        order = tuple(sorted(wanted, key=self.schedule.depth))
        samples = Bound(SAMPLE, Integer(0), SAMPLES - 1) if each else None
        program = lowered(self.schedule, order, each=samples)
        rows = {row.name: row for row in self.model.functions}
        if exact_saturation:
            rows = {name: row.exact for name, row in rows.items()}
        rows = {name: row.in_form(form) for name, row in rows.items()}
        program = improved(replace(program, functions=rows), self.without)
        return program, order


@noted
def systems(model: Model) -> tuple[System, System]:
    """The system of the mean cost over samples, and that of the cost of one sample.

    Equations that say the same of one sample and of all have the same number.
    """
    missing = [s for s in model.symbols if s not in model.sizes]
    if missing:
        names = ", ".join(map(str, missing))
        raise UsageError(f"model {model.name}: code needs a number for the size {names}")
    mean = batched(model)
    backward = adjoints(mean)
    first = len(mean.definitions) + 1
    numbers = {name: position for position, name in enumerate(backward, start=first)}
    sizes = Sizes({key: Integer(value) for key, value in model.sizes.items()}, (SAMPLES,))
    return (
        System(mean, _numbered(mean, backward, numbers), sizes),
        System(model, _numbered(model, adjoints(model), numbers), sizes),
    )


def _numbered(
    model: Model, backward: dict[str, Adjoint], numbers: dict[str, int]
) -> dict[int, Definition]:
    found = dict(enumerate(model.definitions, start=1))
    return found | {numbers[name]: adjoint.equation for name, adjoint in backward.items()}


def shapes_of(system: System, quantity: Quantity) -> list[tuple[int, ...]]:
    """The shapes of the arrays that hold a given quantity (of one sample)."""
    flags = listed(quantity)
    shapes: list[tuple[int, ...]] = []
    for place in system.schedule.places_of(quantity, flags):
        values = iter(place)
        indices = [
            Integer(next(values)) if flag else axis.letter
            for flag, axis in zip(flags, quantity.axes, strict=True)
        ]
        axes = quantity.ranges(tuple(indices))
        shapes.append(
            tuple(
                system.sizes.number(axis.high - axis.low + 1)
                for flag, axis in zip(flags, axes, strict=True)
                if not flag
            )
        )
    return shapes


def count_entries(system: System, quantities: Iterable[Quantity]) -> int:
    """How many numbers these given quantities have together (for one sample)."""
    return sum(prod(shape) for quantity in quantities for shape in shapes_of(system, quantity))


def places_from_zero(system: System, quantity: Quantity) -> list[Place]:
    """The places of all entries of a given quantity, each index counted from 0."""
    found: list[Place] = []
    for place in system.schedule.places_of(quantity, (True,) * len(quantity.axes)):
        ranges = quantity.ranges(tuple(map(Integer, place)))
        lows = [system.sizes.number(axis.low) for axis in ranges]
        found.append(tuple(p - low for p, low in zip(place, lows, strict=True)))
    return found
