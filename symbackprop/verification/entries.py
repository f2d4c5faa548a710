"""Random values for a model's arrays, the right derivatives by their entries, and which to take."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from sympy import Expr, Indexed

from symbackprop.model.arrays import Leaf, leaves
from symbackprop.model.model import Model
from symbackprop.notation.domains import draw
from symbackprop.notation.quantities import Quantity, Role
from symbackprop.verification.reference import Key, Reference

ALL = 5000
"""With fewer parameters than this, every entry is compared."""

_MOST = 40
"""Entries of one array that are compared in a larger model."""

_FACTORS = (1.0, 2.0, 4.0)
"""Inputs grow from sample to sample, so that kinks have samples on both sides."""

_FEWEST, _SAMPLES, _WORK = 4, 16, 4000
"""Samples that are drawn: so many, or as many as make this number of entries of all samples."""

Arrays = dict[str, list[np.ndarray]]
"""The arrays of each quantity by its name."""


def given(quantity: Quantity) -> bool:
    """Whether the values of a quantity come from outside."""
    return quantity.role in (Role.INPUT, Role.PARAMETER, Role.TARGET)


@dataclass(frozen=True)
class Point:
    """Values of the parameters, and of the inputs and targets of some samples."""

    model: Model
    parameters: Arrays
    samples: tuple[Arrays, ...]

    @classmethod
    def drawn(cls, model: Model, samples: int, seed: int) -> Point:
        """Random values, each within its domain."""
        parameters = {
            q.name: [
                _parameter(q, leaf, _rng(seed, q, n)) for n, leaf in enumerate(leaves(model, q))
            ]
            for q in model.with_role(Role.PARAMETER)
        }
        data = model.with_role(Role.INPUT, Role.TARGET)
        rows = tuple(
            {
                q.name: [
                    _sample(q, leaf, _rng(seed, q, s, n), s)
                    for n, leaf in enumerate(leaves(model, q))
                ]
                for q in data
            }
            for s in range(samples)
        )
        return cls(model, parameters, rows)

    def moved(self, step: float, seed: int) -> Point:
        """The same with every parameter and input changed by this part of itself, up or down."""
        rng = np.random.default_rng([seed, 1])
        kept = {q.name for q in self.model.with_role(Role.TARGET)}

        def change(arrays: Arrays) -> Arrays:
            return {
                name: [
                    array if name in kept else array * (1 + step * rng.choice((-1, 1), array.shape))
                    for array in part
                ]
                for name, part in arrays.items()
            }

        return Point(self.model, change(self.parameters), tuple(map(change, self.samples)))

    def of_first(self) -> Point:
        """The parameters with the first of the samples."""
        return Point(self.model, self.parameters, self.samples[:1])


def _rng(seed: int, quantity: Quantity, *numbers: int) -> np.random.Generator:
    return np.random.default_rng([seed, *numbers, *quantity.name.encode()])


def _parameter(quantity: Quantity, leaf: Leaf, rng: np.random.Generator) -> np.ndarray:
    """A parameter; smaller where many are summed, so that no sum saturates what reads it."""
    array = np.asarray(draw(quantity.domain, rng, leaf.shape), float)
    if len(leaf.shape) > 1 and math.isinf(quantity.domain.low) and math.isinf(quantity.domain.high):
        array = array * min(1.0, math.sqrt(3 / leaf.shape[-1]))
    return array


def _sample(quantity: Quantity, leaf: Leaf, rng: np.random.Generator, number: int) -> np.ndarray:
    array = np.asarray(draw(quantity.domain, rng, leaf.shape), float)
    free = math.isinf(quantity.domain.low) and math.isinf(quantity.domain.high)
    if quantity.role is Role.INPUT and free:
        array = array * _FACTORS[number % len(_FACTORS)]
    return array


@dataclass
class Slopes:
    """The right derivatives of the mean cost at a point, by a reference for each sample."""

    point: Point
    _references: list[Reference] = field(default_factory=list)

    def at(self, leaf: Leaf, places: Sequence[tuple[int, ...]]) -> np.ndarray:
        """The derivatives by some entries of an array."""
        indices = [leaf.indices(place) for place in places]
        parts = [_adjoints(one, leaf.quantity.name, indices) for one in self.references()]
        return np.asarray(sum(parts) / len(parts), float)

    def references(self) -> list[Reference]:
        """One reference a sample, made when first needed."""
        if not self._references:
            self._references = [self._reference(one) for one in self.point.samples]
        return self._references

    def of_first(self) -> Slopes:
        """The derivatives of the cost of the first sample, nothing evaluated again."""
        return Slopes(self.point.of_first(), self.references()[:1])

    def _reference(self, sample: Arrays) -> Reference:
        model = self.point.model
        values: dict[Key, complex] = {}
        for quantity in model.quantities:
            if given(quantity):
                arrays = {**self.point.parameters, **sample}[quantity.name]
                for leaf, array in zip(leaves(model, quantity), arrays, strict=True):
                    for place in np.ndindex(*leaf.shape):
                        values[quantity.name, leaf.indices(place)] = complex(array[place])
        sizes = {_size_key(size): number for size, number in model.sizes.items()}
        return Reference(model, sizes, values)


def _adjoints(reference: Reference, name: str, indices: Sequence[tuple[int, ...]]) -> np.ndarray:
    """The derivatives of the cost by some instances, all at once."""
    columns = tuple(np.array(column, int) for column in zip(*indices, strict=True))
    found = np.asarray(reference.total(reference.model.cost.name, (), name, columns))
    return np.broadcast_to(found.real, len(indices))


def _size_key(size: Expr) -> object:
    if isinstance(size, Indexed):
        return (str(size.base.label.name), *(int(i) for i in size.indices))
    return str(size)


def usual_samples(model: Model) -> int:
    """How many samples a check takes: enough for both sides of a kink, fewer in large models."""
    arrays = [leaf for q in model.with_role(Role.PARAMETER) for leaf in leaves(model, q)]
    entries = sum(math.prod(leaf.shape) for leaf in arrays)
    return max(_FEWEST, min(_SAMPLES, _WORK // max(1, entries)))


def chosen(
    every: Sequence[Leaf], rng: np.random.Generator
) -> list[tuple[Leaf, list[tuple[int, ...]]]]:
    """The entries that are compared: all of a small model, some of every array of a large one.

    Of a large array: both ends of every axis, the first and the last entry, and some in between.
    """
    total = sum(math.prod(leaf.shape) for leaf in every)
    most = max(1, min(_MOST, ALL // len(every))) if every else 0
    return [
        (
            leaf,
            list(np.ndindex(*leaf.shape))
            if total < ALL or math.prod(leaf.shape) <= most
            else _some(leaf.shape, most, rng),
        )
        for leaf in every
    ]


def _some(shape: tuple[int, ...], most: int, rng: np.random.Generator) -> list[tuple[int, ...]]:
    def anywhere() -> tuple[int, ...]:
        return tuple(int(n) for n in rng.integers(shape))

    found = [(0,) * len(shape), tuple(length - 1 for length in shape)]
    for axis, length in enumerate(shape):
        for end in (0, length - 1):
            place = anywhere()
            found.append((*place[:axis], end, *place[axis + 1 :]))
    found += [anywhere() for _ in range(most - len(found))]
    return sorted(set(found))
