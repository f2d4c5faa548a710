"""Equalities judged in numbers: both sides, for every value of the free indices."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from sympy import Symbol

from symbackprop.errors import NotSupported
from symbackprop.notation.expressions import Bound, Condition, Terms
from symbackprop.verification.evaluate import (
    Env,
    Evaluator,
    Place,
    condition,
    integer,
    magnitude_evaluator,
    term_evaluator,
)
from symbackprop.verification.reference import Reference


@dataclass(frozen=True)
class Equality:
    """left = right for every value of ``letters`` that satisfies the conditions ``given``.

    argument: a real variable that both sides use, as in sigma(t) = 1/(1 + exp(-t)); it takes
    several values.
    """

    left: Terms
    right: Terms
    letters: tuple[Bound, ...] = ()
    given: tuple[Condition, ...] = ()
    argument: Symbol | None = None


_POINTS = (-2.3, -0.7, 0.4, 1.9)
_LONGEST = 8


@dataclass(frozen=True, slots=True)
class Verdict:
    """How an equality came out.

    error: the largest |left - right| / max(|left|, |right|). assignments: how many index values
    were tried. worst: the index values of the largest difference, with both sides.
    """

    error: float
    assignments: int
    worst: tuple[tuple[tuple[str, float], ...], complex, complex] | None = None

    def holds(self, tolerance: float) -> bool:
        """Whether it was tried at all and no difference exceeds the tolerance."""
        return self.assignments > 0 and self.error <= tolerance


def judge(equality: Equality, references: Sequence[Reference]) -> Verdict:
    """Evaluate both sides for every assignment of the free indices, in every reference."""
    left, right = _side(equality.left), _side(equality.right)
    given = [condition(one) for one in equality.given]
    error, count, worst = 0.0, 0, None
    for reference in references:
        for env in _with_argument(equality, assignments(equality.letters, given, reference)):
            first, second = left(env, reference), right(env, reference)
            difference = relative(first, second)
            if difference > _SUSPECT:
                difference = min(difference, _of_summands(equality, first, second, env, reference))
            count += 1
            if difference > error or worst is None:
                error = max(error, difference)
                worst = (tuple((name, number.real) for name, number in env.items()), first, second)
    return Verdict(error, count, worst)


def _with_argument(equality: Equality, envs: Iterator[Env]) -> Iterator[Env]:
    for env in envs:
        if equality.argument is None:
            yield env
        else:
            yield from ({**env, equality.argument.name: complex(point)} for point in _POINTS)


def relative(first: complex, second: complex) -> float:
    """The difference relative to the larger of both; nan counts as infinitely different."""
    difference = abs(first - second)
    if difference != difference:
        return float("inf")
    scale = max(abs(first), abs(second))
    return difference / scale if scale else 0.0


_SUSPECT = 1e-12


def _of_summands(
    equality: Equality, first: complex, second: complex, env: Env, reference: Reference
) -> float:
    """The difference relative to the largest summand: where summands cancel, rounding stays."""
    sizes = [
        abs(size(env, reference))
        for terms in (equality.left, equality.right)
        for size in (magnitude_evaluator(term) for term in terms)
    ]
    largest = max(sizes, default=0.0)
    return abs(first - second) / largest if largest else float("inf")


def _side(terms: Terms) -> Evaluator:
    parts = [term_evaluator(term) for term in terms]

    def value(env: Env, place: Place) -> complex:
        total = 0j
        for part in parts:
            total += part(env, place)
        return total

    return value


def assignments(
    letters: tuple[Bound, ...],
    given: Sequence[Callable[[Env, Reference], bool]],
    reference: Reference,
) -> Iterator[Env]:
    """Every assignment of the letters within their ranges that satisfies the conditions.

    The sizes of a reference are small; what is longer is the depth of a deep network, of which the
    first, the middle and the last layers are taken.
    """

    def walk(position: int, env: Env) -> Iterator[Env]:
        if position == len(letters):
            if all(test(env, reference) for test in given):
                yield dict(env)
            return
        bound = letters[position]
        try:
            low = int(integer(bound.low)(env, reference))
            high = int(integer(bound.high)(env, reference))
        except NotSupported:
            return
        for number in _sampled(low, high):
            env[bound.letter.name] = number
            yield from walk(position + 1, env)
        env.pop(bound.letter.name, None)

    yield from walk(0, {})


def _sampled(low: int, high: int) -> Sequence[int]:
    if high - low < _LONGEST:
        return range(low, high + 1)
    middle = (low + high) // 2
    return (low, low + 1, middle, middle + 1, high - 1, high)
