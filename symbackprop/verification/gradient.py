"""A gradient that somebody wrote, compared with the reference entry by entry."""

from __future__ import annotations

import math
from collections import namedtuple
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from symbackprop.arguments import CALLABLE, NUMBER, Kind, check, instance, is_whole, optional
from symbackprop.errors import UsageError
from symbackprop.model.arrays import Leaf, field_name, leaves, listed
from symbackprop.model.model import Model
from symbackprop.notation.quantities import Quantity, Role
from symbackprop.verification.entries import Arrays, Point, Slopes, chosen, usual_samples
from symbackprop.verification.environment import VANISHING

_STEP = 1e-3
"""The part of the tolerance by which numbers are moved to see how well a derivative is known."""

_VAGUE = 1e-2
"""A derivative that moves by more than this part of itself is the rounding error of a zero."""

_TRIALS = 2
_WORST = 0.9
"""Of differences within this part of the largest, the first is reported."""


@dataclass(frozen=True, slots=True)
class GradientReport:
    """How a gradient compares with the reference.

    worst: the entry with the largest difference, as Python writes it
        (``parameters.w[1][0, 2]`` is layer 2, to node 0 from node 2), with the given and the right
        value. max_error: their difference over the size of the right value; infinite where that is
        0 and the given value is not.
    checked, entries: how many entries of how many. rounded: how many of them differ only where the
        right value is a sum that cancels, by no more than its rounding.
    case: what was compared, or where the worst entry is: "3 samples", "one sample alone".
    alone: why one sample alone was not compared; empty if it was.
    """

    tolerance: float
    max_error: float
    worst: str
    given: float
    right: float
    checked: int
    entries: int
    rounded: int = 0
    case: str = ""
    alone: str = ""

    @property
    def ok(self) -> bool:
        """Whether every entry that was compared agrees."""
        return self.checked > 0 and self.max_error <= self.tolerance

    def __str__(self) -> str:
        """One line for people."""
        count = f"{self.checked} of {self.entries} entries"
        without = f"; {self.alone}" if self.alone else ""
        if self.ok:
            rounded = f", {self.rounded} to rounding" if self.rounded else ""
            largest = f"largest relative difference {self.max_error:.1e}{rounded}"
            return f"agrees: {count}, {largest} ({self.case}{without})"
        gap = f"{_difference(self.given, self.right)}; {self.case}; {count} compared{without}"
        if not math.isfinite(self.given):
            entry = self.worst.replace("parameters", "gradient", 1)
            return f"differs: {entry} is {self.given!r}, right is {self.right!r} ({gap})"
        return (
            f"differs: the derivative by {self.worst} is {self.given!r}, "
            f"right is {self.right!r} ({gap})"
        )


_MODEL = instance("a Model or a Network", Model)
_SAMPLES = Kind("a number of samples from 1 to 100,000", lambda n: is_whole(n, 1, 100_000))
_SEED = Kind("a whole number from 0 on", lambda n: is_whole(n, 0, None))


def _difference(given: float, right: float) -> str:
    """The difference of two numbers, over the second where that is not 0."""
    if right == 0:
        return f"absolute difference {abs(given - right):.2e}"
    return f"relative difference {abs(given - right) / abs(right):.2e}"


def check_gradient(
    function: Callable[..., Any],
    model: Model,
    *,
    samples: int | None = None,
    seed: int = 0,
    tolerance: float = 1e-8,
    alone: bool = True,
) -> GradientReport:
    """Compare a gradient function with the reference at random parameters, inputs and targets.

    function: called as ``function(parameters, x, y)``; parameters is a named tuple with one field
        a parameter, in each a tuple of arrays, one a layer (``parameters.w[0]`` is layer 1, of
        shape (n_1, n_0)), or a plain array where the parameter has no layers. x has the shape
        (samples, n_0), y (samples, n_L), float64; targets are drawn from what they mean for the
        cost. It returns the derivatives of the mean cost in the same structure.
    model: a `Model` with concrete sizes, or a `Network`.
    samples: how many; without, 16, or fewer in a large model.
    tolerance: the largest difference, over the size of the right value.
    alone: whether to call it with one sample alone too: x of the shape (n_0,), and no mean. A
        function that raises an error then is compared for several samples only; the report says so.

    Every entry is compared where there are fewer than 5,000; in larger models, some of every array.

    Raises UsageError when an argument is of the wrong kind, the model has symbolic sizes, or the
    result has another structure.
    """
    model = getattr(model, "model", model)
    check("function", function, CALLABLE)
    check("model", model, _MODEL)
    check("samples", samples, optional(_SAMPLES))
    check("seed", seed, _SEED)
    check("tolerance", tolerance, NUMBER)
    count = usual_samples(model) if samples is None else samples
    given = Point.drawn(model, count, seed)
    judge, slopes = _Check(model, seed, tolerance), Slopes(given)
    if not model.with_role(Role.INPUT, Role.TARGET):
        return judge.of(slopes.of_first(), function(*_arguments(given, True)), "no samples")
    words = "1 sample" if count == 1 else f"{count} samples"
    several = judge.of(slopes, function(*_arguments(given, False)), words)
    if not alone or not several.ok:
        return several
    try:
        answer = function(*_arguments(given, True))
    except Exception as error:
        reason = f"not for one sample alone, where it raises {type(error).__name__}: {error}"
        return _with_note(several, reason)
    one = judge.of(slopes.of_first(), answer, "one sample alone")
    return _both(several, one) if one.ok else one


def _with_note(report: GradientReport, note: str) -> GradientReport:
    return replace(report, alone=" ".join(note.split()))


def _both(several: GradientReport, one: GradientReport) -> GradientReport:
    """The report of two comparisons that agree."""
    worse = max(several, one, key=lambda report: report.max_error)
    return replace(worse, case=f"{several.case}, and one alone", rounded=several.rounded)


def _arguments(point: Point, alone: bool) -> list[Any]:
    """The parameters, inputs and targets as a gradient function takes them, in fresh arrays."""
    model = point.model
    parameters = model.with_role(Role.PARAMETER)
    parts = namedtuple("Parameters", [field_name(q) for q in parameters])  # type: ignore[misc]
    fields = [_field(q, point.parameters[q.name]) for q in parameters]
    data = [q for q in model.quantities if q.role in (Role.INPUT, Role.TARGET)]
    samples = [
        _field(q, point.samples[0][q.name])
        if alone
        else _field(
            q, [np.stack(rows) for rows in zip(*(s[q.name] for s in point.samples), strict=True)]
        )
        for q in data
    ]
    return [parts(*fields), *samples]


def _field(quantity: Quantity, arrays: Sequence[np.ndarray]) -> Any:
    copies = tuple(np.array(array) for array in arrays)
    return copies if any(listed(quantity)) else copies[0]


@dataclass(frozen=True)
class _Check:
    """The comparison of answers with the reference."""

    model: Model
    seed: int
    tolerance: float

    def of(self, slopes: Slopes, answer: Any, case: str) -> GradientReport:
        """Compare an answer with the right derivatives."""
        found = _Answer(self.model, answer, case).arrays()
        rows = self._rows(slopes, found)
        given = np.concatenate([row.given for row in rows] or [np.zeros(0)])
        right = np.concatenate([row.right for row in rows] or [np.zeros(0)])
        names = [row.leaf.entry(place) for row in rows for place in row.places]
        self._require_finite(right, names)
        error = _relative(given, right)
        wrong = ~(error <= self.tolerance)
        rounded = np.zeros_like(wrong)
        if wrong.any():
            rounded = wrong & (
                np.abs(given - right) <= self._slack(slopes.point, rows, right, wrong)
            )
            error = np.where(rounded, 0.0, error)
            wrong = wrong & ~rounded
        entries = sum(array.size for part in found.values() for array in part)
        if not len(error):
            return GradientReport(self.tolerance, 0.0, "", 0.0, 0.0, 0, entries, 0, case)
        place = _first(error, wrong)
        return GradientReport(
            self.tolerance,
            float(error[place]),
            f"parameters.{names[place]}",
            float(given[place]),
            float(right[place]),
            len(error),
            entries,
            int(rounded.sum()),
            case,
        )

    def _rows(self, slopes: Slopes, found: Arrays) -> list[_Row]:
        """The entries of each array that are compared, with the given and the right values."""
        every = [
            leaf for q in self.model.with_role(Role.PARAMETER) for leaf in leaves(self.model, q)
        ]
        rows = []
        for leaf, places in chosen(every, np.random.default_rng(self.seed)):
            array = found[leaf.quantity.name][leaf.position or 0]
            odd = np.argwhere(~np.isfinite(array))
            if len(odd):
                places = sorted({*places, tuple(int(i) for i in odd[0])})
            given = np.array([array[place] for place in places], float)
            rows.append(_Row(leaf, places, given, slopes.at(leaf, places)))
        return rows

    def _require_finite(self, right: np.ndarray, names: Sequence[str]) -> None:
        for name, value in zip(names, right, strict=True):
            if not math.isfinite(value):
                raise UsageError(
                    f"model {self.model.name} has no finite derivative by parameters.{name} at "
                    f"the numbers drawn ({value!r}): give its quantities the domain of their values"
                )

    def _slack(
        self, point: Point, rows: Sequence[_Row], right: np.ndarray, wrong: np.ndarray
    ) -> np.ndarray:
        """By how much each right value is unknown: how far it moves with its last digits."""
        step = _STEP * self.tolerance
        moved = np.zeros_like(right)
        for trial in range(_TRIALS):
            slopes = Slopes(point.moved(step, self.seed + trial))
            start = 0
            for row in rows:
                part = slice(start, start + len(row.places))
                start = part.stop
                mask = wrong[part]
                places = [place for place, asked in zip(row.places, mask, strict=True) if asked]
                if places:
                    gap = np.abs(slopes.at(row.leaf, places) - row.right[mask])
                    moved[part][mask] = np.maximum(moved[part][mask], gap)
        vague = moved >= _VAGUE * np.abs(right)
        return 4 * moved + np.where(vague, step * np.abs(right).max(initial=0.0), 0.0)


@dataclass(frozen=True)
class _Row:
    """The entries of one array that are compared."""

    leaf: Leaf
    places: list[tuple[int, ...]]
    given: np.ndarray
    right: np.ndarray


def _relative(given: np.ndarray, right: np.ndarray) -> np.ndarray:
    """The differences over the right values: 0 where there is none, infinite for no number."""
    with np.errstate(all="ignore"):
        gap = np.abs(given - right)
        found = gap / np.maximum(np.abs(right), VANISHING)
    return np.where(np.isfinite(given) & ~np.isnan(found), found, np.inf)


def _first(error: np.ndarray, wrong: np.ndarray) -> int:
    """The first of the largest differences."""
    if not wrong.any():
        return int(np.argmax(error))
    largest = error[wrong].max()
    near = wrong & ((error >= _WORST * largest) if math.isfinite(largest) else np.isinf(error))
    return int(np.argmax(near))


@dataclass(frozen=True)
class _Answer:
    """What a gradient function returned, its structure checked."""

    model: Model
    answer: Any
    case: str

    def arrays(self) -> Arrays:
        """The arrays of each parameter. Raises UsageError that names what is wrong."""
        parameters = self.model.with_role(Role.PARAMETER)
        return {
            q.name: list(self._arrays(q, self._field(q, number, len(parameters))))
            for number, q in enumerate(parameters)
        }

    def _field(self, quantity: Quantity, number: int, count: int) -> Any:
        name = field_name(quantity)
        named = name in getattr(self.answer, "_fields", ())
        plain = isinstance(self.answer, tuple | list)
        if named or (not plain and hasattr(self.answer, name)):
            return getattr(self.answer, name)
        if plain and len(self.answer) == count:
            return self.answer[number]
        raise UsageError(
            f"the gradient has no field {name}: return the structure of the parameters, "
            f"not {type(self.answer).__name__}"
        )

    def _arrays(self, quantity: Quantity, found: Any) -> Iterator[np.ndarray]:
        own = leaves(self.model, quantity)
        if any(listed(quantity)):
            try:
                parts = list(found)
            except TypeError:
                parts = [found]
            if len(parts) != len(own):
                raise UsageError(
                    f"gradient.{field_name(quantity)} has {len(parts)} arrays, not {len(own)} "
                    f"({self.case})"
                )
        else:
            parts = [found]
        for leaf, part in zip(own, parts, strict=True):
            yield self._array(leaf, part)

    def _array(self, leaf: Leaf, part: Any) -> np.ndarray:
        try:
            array = np.asarray(part)
            if array.dtype.kind not in "biuf":
                raise TypeError(f"entries of {array.dtype}")
        except (TypeError, ValueError) as error:
            raise UsageError(
                f"gradient.{leaf.name} is no array of real numbers: {error} ({self.case})"
            ) from None
        if array.shape != leaf.shape:
            raise UsageError(
                f"gradient.{leaf.name} has shape {array.shape}, not {leaf.shape} ({self.case})"
            )
        return array
