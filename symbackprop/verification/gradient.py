"""A gradient that somebody wrote, compared with the reference entry by entry."""

from __future__ import annotations

import random
from collections import namedtuple
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from sympy import Expr, Indexed, Integer

from symbackprop.errors import UsageError
from symbackprop.model.batch import SAMPLES, batched
from symbackprop.model.model import Model
from symbackprop.notation.quantities import Kind, Quantity, Role
from symbackprop.verification.equality import relative
from symbackprop.verification.evaluate import integer
from symbackprop.verification.reference import Key, Reference

_MOST = 40
"""Entries of one array that are compared; larger arrays are sampled."""


@dataclass(frozen=True, slots=True)
class GradientReport:
    """How a gradient compares with the reference.

    worst: the entry with the largest difference, as it is written in the model (``w[1, 0, 2]``),
    with the given and the right value. checked, entries: how many entries of how many.
    """

    tolerance: float
    max_error: float
    worst: str
    given: float
    right: float
    checked: int
    entries: int

    @property
    def ok(self) -> bool:
        """Whether every entry that was compared agrees."""
        return self.checked > 0 and self.max_error <= self.tolerance

    def __str__(self) -> str:
        """One line for people."""
        count = f"{self.checked} of {self.entries} entries"
        if self.ok:
            return f"agrees: {count}, largest relative difference {self.max_error:.1e}"
        return (
            f"differs: {self.worst} is {self.given:.10g}, right is {self.right:.10g} "
            f"(relative difference {self.max_error:.1e}; {count} compared)"
        )


def check_gradient(
    function: Callable[..., Any],
    model: Model,
    *,
    samples: int = 3,
    seed: int = 0,
    tolerance: float = 1e-8,
) -> GradientReport:
    """Compare a gradient function with the reference at random parameters, inputs and targets.

    function: called as ``function(parameters, x, y)``; parameters is a named tuple with one field
        a parameter, in each a tuple of arrays, one a layer (``parameters.w[0]`` is layer 1, of
        shape (n_1, n_0)), or a plain array where the parameter has no layers. x has the shape
        (samples, n_0), y (samples, n_L), float64. It returns the derivatives of the mean cost in
        the same structure.
    model: a `Model` with concrete sizes, or a `Network`.

    Raises UsageError when the model has symbolic sizes or the result has another structure.
    """
    model = getattr(model, "model", model)
    batch = batched(model)
    sizes = _concrete(batch, samples)
    reference = Reference(batch, sizes, seed=seed)
    shapes = _Shapes(reference)
    parameters = model.with_role(Role.PARAMETER)
    fill = {q.name: shapes.arrays(q, _drawn(seed, q)) for q in batch.quantities if _given(q)}
    for quantity in batch.quantities:
        if _given(quantity):
            for key, value in shapes.entries(quantity, fill[quantity.name]):
                reference.values[key] = complex(value)
    parts = namedtuple("Parameters", [q.name for q in parameters])  # type: ignore[misc]
    data = [fill[q.name] for q in batch.quantities if q.role in (Role.INPUT, Role.TARGET)]
    answer = function(parts(*(fill[q.name] for q in parameters)), *data)
    return _compared(reference, shapes, parameters, fill, answer, tolerance, seed)


def _given(quantity: Quantity) -> bool:
    return quantity.role in (Role.INPUT, Role.PARAMETER, Role.TARGET)


def _drawn(seed: int, quantity: Quantity) -> np.random.Generator:
    return np.random.default_rng([seed, *quantity.name.encode()])


def _concrete(batch: Model, samples: int) -> dict[object, int]:
    """The sizes of the model, with the number of samples; every one must be a number."""
    sizes: dict[object, int] = {SAMPLES.name: samples}
    for size, value in batch.sizes.items():
        sizes[_size_key(size)] = value
    missing = [s.name for s in batch.symbols if s.name not in sizes]
    if missing or (batch.size_families and not batch.sizes):
        raise UsageError(
            f"check_gradient needs concrete sizes; model {batch.name} has symbolic ones"
        )
    return sizes


def _size_key(size: Expr) -> object:
    if isinstance(size, Indexed):
        return (str(size.base.label.name), *(int(i) for i in size.indices))
    return str(size)


class _Shapes:
    """The arrays of a model's quantities: shapes, random values, entries with their keys."""

    def __init__(self, reference: Reference) -> None:
        self.reference = reference

    def arrays(self, quantity: Quantity, rng: np.random.Generator) -> Any:
        """Random values: a tuple of arrays, one a layer, or one array."""
        layers = self._layers(quantity)
        if layers is None:
            return self._values(quantity, self._shape(quantity, None), rng)
        return tuple(self._values(quantity, self._shape(quantity, n), rng) for n in layers)

    def _values(
        self, quantity: Quantity, shape: tuple[int, ...], rng: np.random.Generator
    ) -> np.ndarray:
        if quantity.role is Role.TARGET:
            return rng.uniform(0.15, 0.85, shape)
        return rng.uniform(-1.0, 1.0, shape)

    def _layers(self, quantity: Quantity) -> range | None:
        for axis in quantity.axes:
            if axis.kind is Kind.LAYER:
                return range(self._int(axis.low, {}), self._int(axis.high, {}) + 1)
        return None

    def _shape(self, quantity: Quantity, layer: int | None) -> tuple[int, ...]:
        env = {a.letter: Integer(layer) for a in quantity.axes if a.kind is Kind.LAYER}
        return tuple(
            self._int(axis.high, env) - self._int(axis.low, env) + 1
            for axis in quantity.axes
            if axis.kind is not Kind.LAYER
        )

    def _int(self, expr: Expr, env: Mapping[Expr, Expr]) -> int:
        return int(integer(expr.xreplace(dict(env)))({}, self.reference))

    def entries(self, quantity: Quantity, arrays: Any) -> Iterator[tuple[Key, float]]:
        """Every entry with the key of its instance."""
        layers = self._layers(quantity)
        for number, layer in enumerate(layers if layers is not None else (None,)):
            array = arrays if layer is None else arrays[number]
            env = {a.letter: Integer(layer) for a in quantity.axes if a.kind is Kind.LAYER}
            for place in np.ndindex(*self._shape(quantity, layer)):
                inner = iter(place)
                indices = tuple(
                    layer if axis.kind is Kind.LAYER else next(inner) + self._int(axis.low, env)
                    for axis in quantity.axes
                )
                yield (quantity.name, indices), float(np.asarray(array)[place])  # type: ignore[misc]


def _compared(
    reference: Reference,
    shapes: _Shapes,
    parameters: tuple[Quantity, ...],
    fill: Mapping[str, Any],
    answer: Any,
    tolerance: float,
    seed: int,
) -> GradientReport:
    cost = reference.model.cost.name
    chooser = random.Random(seed)
    worst, checked, total = (-1.0, "", 0.0, 0.0), 0, 0
    for quantity in parameters:
        given = list(shapes.entries(quantity, _answered(answer, quantity, fill[quantity.name])))
        total += len(given)
        chosen = given if len(given) <= _MOST else chooser.sample(given, _MOST)
        scale = max((abs(value) for _, value in given), default=0.0)
        for (name, indices), value in chosen:
            right = reference.total(cost, (), name, indices).real
            error = _error(value, right, scale)
            checked += 1
            if error > worst[0]:
                worst = (error, f"{name}{list(indices)}", value, right)
    return GradientReport(tolerance, max(worst[0], 0.0), *worst[1:], checked, total)


def _error(value: float, right: float, scale: float) -> float:
    """Relative to the entry, or to the largest of its array where the entry itself is rounding."""
    difference = abs(value - right)
    if difference != difference:
        return float("inf")
    return min(relative(value, right), difference / scale if scale else float("inf"))


def _answered(answer: Any, quantity: Quantity, like: Any) -> Any:
    """The answer for one parameter, its structure checked."""
    try:
        found = getattr(answer, quantity.name)
    except AttributeError:
        raise UsageError(
            f"the gradient has no field {quantity.name}: return the structure of the parameters"
        ) from None
    several = isinstance(like, tuple)
    if several and len(found) != len(like):
        raise UsageError(
            f"the gradient by {quantity.name} has {len(found)} layers, not {len(like)}"
        )
    for own, other in zip(
        found if several else (found,), like if several else (like,), strict=True
    ):
        if np.shape(own) != np.shape(other):
            raise UsageError(
                f"the gradient by {quantity.name} has shape {np.shape(own)}, not {np.shape(other)}"
            )
    return found
