"""Equalities judged in numbers: both sides, at many values of the free indices at once."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from sympy import Expr, Symbol

from symbackprop.errors import NotSupported
from symbackprop.notation.expressions import Bound, Condition, Terms
from symbackprop.verification.environment import (
    HIDDEN,
    Env,
    Evaluator,
    Place,
    Values,
    argument_key,
    is_array,
)
from symbackprop.verification.evaluate import magnitude_evaluator, term_evaluator
from symbackprop.verification.indices import condition, integer
from symbackprop.verification.points import points
from symbackprop.verification.reference import Reference
from symbackprop.verification.spaces import count_of, enumerated


@dataclass(frozen=True)
class Equality:
    """left = right for every value of ``letters`` that satisfies the conditions ``given``.

    argument: a real variable that both sides use, as in sigma(t) = 1/(1 + exp(-t)); it takes values
    on both sides of every break, and far ones.
    """

    left: Terms
    right: Terms
    letters: tuple[Bound, ...] = ()
    given: tuple[Condition, ...] = ()
    argument: Symbol | None = None

    @property
    def factors(self) -> Iterator[Expr]:
        """Every factor of both sides."""
        return (factor for term in (*self.left, *self.right) for factor in term.factors)


MOST = 200
"""So many assignments of index values are judged in one reference; of more, a sample."""

_LONGEST = 12
"""A range of more values than this is thinned out: its ends, its middle, a few between."""

_ROUNDING = 1e-13
"""What rounding leaves of the largest number that takes part."""

_LEAST = 4e-15
"""What rounding leaves of a cost: derivatives that are 0 because everything cancels come out so."""

_SUSPECT = 1e-12


@dataclass(frozen=True, slots=True)
class Verdict:
    """How an equality came out.

    error: the largest |left - right| / max(|left|, |right|). assignments: how many index values
    were tried. possible: how many there are. worst: the index values of the largest difference,
    with both sides.
    """

    error: float
    assignments: int
    worst: tuple[tuple[tuple[str, float], ...], complex, complex] | None = None
    possible: int = 0

    def holds(self, tolerance: float) -> bool:
        """Whether it was tried at all and no difference exceeds the tolerance."""
        return self.assignments > 0 and self.error <= tolerance


def judge(equality: Equality, references: Sequence[Reference]) -> Verdict:
    """Evaluate both sides at the assignments of the free indices, in every reference.

    Where a difference is no larger than what rounding leaves of the summands, or of the values
    that the same side has at other indices, it is measured against these; no difference counts that
    is below the last digit of the cost.
    """
    left, right = _side(equality.left), _side(equality.right)
    error, count, possible, worst = 0.0, 0, 0, None
    for reference in references:
        env, every = assignments(equality.letters, equality.given, reference)
        possible += every
        env = _with_argument(equality, env, reference)
        number = count_of(env)
        if not number or (equality.letters and not env):
            continue
        with np.errstate(all="ignore"):
            first = np.broadcast_to(np.asarray(left(env, reference)), (number,))
            second = np.broadcast_to(np.asarray(right(env, reference)), (number,))
            errors = _errors(equality, first, second, env, reference)
        count += number
        row = int(np.argmax(errors))
        if errors[row] > error or worst is None:
            error = max(error, float(errors[row]))
            values = tuple(
                (name.removeprefix(f"{HIDDEN}="), float(np.real(_at(v, row))))
                for name, v in env.items()
            )
            worst = (values, complex(first[row]), complex(second[row]))
    return Verdict(error, count, worst, max(possible, count))


def _at(value: Values, row: int) -> Values:
    return value[row] if is_array(value) else value


def _with_argument(equality: Equality, env: Env, reference: Reference) -> Env:
    """Every assignment with every point of the argument."""
    if equality.argument is None:
        return env
    number = count_of(env)
    values = np.array(points(equality.factors, equality.argument, reference))
    found = {k: np.repeat(v, len(values)) if is_array(v) else v for k, v in env.items()}
    return {**found, argument_key(equality.argument): np.tile(values, number) + 0j}


def relative(first: complex, second: complex) -> float:
    """The difference relative to the larger of both; nan counts as infinitely different."""
    return float(_relative(np.array([first]), np.array([second]))[0])


def _relative(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    scale = np.maximum(abs(first), abs(second))
    found = abs(first - second) / np.where(scale > 0, scale, 1)
    return np.where(np.isfinite(found), found, np.inf)


def _errors(
    equality: Equality, first: np.ndarray, second: np.ndarray, env: Env, reference: Reference
) -> np.ndarray:
    found = _relative(first, second)
    suspect = found > _SUSPECT
    if not suspect.any():
        return found
    known = np.fmax.reduce(abs(np.concatenate((first, second))), initial=0.0)
    largest = np.full(len(first), known)
    for term in (*equality.left, *equality.right):
        size = np.broadcast_to(np.real(magnitude_evaluator(term)(env, reference)), (len(first),))
        largest = np.fmax(largest, size)
    difference = abs(first - second)
    rounding = suspect & (difference <= _ROUNDING * largest)
    found = np.where(rounding, np.minimum(found, difference / largest), found)
    cost = abs(reference.read(reference.model.cost.name, ()))
    least = _LEAST * max(1.0, float(cost))
    return np.where(difference <= least, np.minimum(found, difference), found)


def _side(terms: Terms) -> Evaluator:
    parts = [term_evaluator(term) for term in terms]

    def value(env: Env, place: Place) -> Values:
        total: Values = 0j
        for part in parts:
            total = total + part(env, place)
        return total

    return value


def assignments(
    letters: tuple[Bound, ...], given: Sequence[Condition], reference: Reference
) -> tuple[Env, int]:
    """Assignments of the letters within their ranges that satisfy the conditions, and how many.

    Of more than `MOST` a fixed sample is taken that has the first and the last value of each
    letter. A range that the reference has no size for has no assignments.
    """
    try:
        env, thinned = _enumerated(letters, reference)
        kept = np.ones(count_of(env), bool)
        for one in given:
            kept &= condition(one)(env, reference)
    except NotSupported:
        return {}, 0
    env = {name: value[kept] for name, value in env.items()}
    if not letters:
        return ({}, 1) if kept.all() else ({HIDDEN: np.zeros(0)}, 0)
    number = count_of(env)
    every = round(number * thinned)
    if number > MOST:
        rows = _sample(env, number)
        env = {name: value[rows] for name, value in env.items()}
    return env, every


def _enumerated(letters: tuple[Bound, ...], reference: Reference) -> tuple[Env, float]:
    """All values of the letters, of long ranges some; and how many stand for each of them."""
    env: Env = {}
    share = 1.0
    for bound in letters:
        before = count_of(env)
        env = enumerated((bound,), env, reference)
        if not count_of(env):
            return {b.letter.name: np.zeros(0, int) for b in letters}, 1.0
        length = count_of(env) / max(1, before)
        if length > _LONGEST:
            name = bound.letter.name
            low = int(np.min(integer(bound.low)(env, reference)))
            high = int(np.max(integer(bound.high)(env, reference)))
            middle = (low + high) // 2
            wanted = (low, low + 1, low + 2, middle, middle + 1, high - 2, high - 1, high)
            kept = np.isin(env[name], wanted)
            share *= len(kept) / max(1, int(kept.sum()))
            env = {k: v[kept] for k, v in env.items()}
    return env, share


def _sample(env: Env, number: int) -> np.ndarray:
    """Rows of a sample: for each letter some with its first and last value, others by chance."""
    source = random.Random(number)
    rows: dict[int, None] = {0: None, number - 1: None}
    for value in env.values():
        for end in (value.min(), value.max()):
            there = np.flatnonzero(value == end).tolist()
            rows.update(dict.fromkeys(source.sample(there, min(8, len(there)))))
    rows.update(dict.fromkeys(source.sample(range(number), MOST)))
    return np.array(sorted(list(rows)[:MOST]))


def each(env: Env) -> Iterator[Env]:
    """The assignments of an environment one by one."""
    for row in range(count_of(env)):
        yield {name: _at(value, row) for name, value in env.items()}
