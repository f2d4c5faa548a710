"""The decision procedure: sound against brute force over small boxes of integers."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sympy import Expr, Integer, Max, Min

from symbackprop.notation.conditions import (
    affine,
    contradictory,
    implied,
    negations,
    reduced,
    solve_for,
    split_extrema,
)
from symbackprop.notation.expressions import Condition, Relation, at_least, equal
from symbackprop.notation.symbols import index, size, sizes

j, k = index("j"), index("k")
n = size("n")
LETTERS = (j, k, n)
BOX = [dict(zip(LETTERS, v, strict=True)) for v in itertools.product(
    range(-4, 5), range(-4, 5), range(1, 6))]  # fmt: skip


def holds(condition: Condition, at: dict[Expr, int]) -> bool:
    return condition.holds(int(condition.expr.xreplace({s: Integer(v) for s, v in at.items()})))


@st.composite
def conditions(draw: st.DrawFn) -> Condition:
    expr = sum(draw(st.integers(-2, 2)) * letter for letter in LETTERS) + draw(st.integers(-4, 4))
    relation = draw(st.sampled_from([Relation.NONNEGATIVE, Relation.NONNEGATIVE, Relation.ZERO,
                                     Relation.DIVISIBLE]))  # fmt: skip
    modulus = draw(st.integers(2, 3)) if relation is Relation.DIVISIBLE else 1
    return Condition(Integer(0) + expr, relation, modulus)


several = st.lists(conditions(), min_size=1, max_size=4)


@given(several)
def test_what_is_contradictory_holds_nowhere(some: list[Condition]) -> None:
    if contradictory(some):
        assert not any(all(holds(c, at) for c in some) for at in BOX)


@given(conditions(), several)
def test_what_is_implied_holds_wherever_the_context_does(
    one: Condition, context: list[Condition]
) -> None:
    if implied(one, context):
        assert all(holds(one, at) for at in BOX if all(holds(c, at) for c in context))


@given(several, several)
def test_what_is_reduced_says_the_same(some: list[Condition], context: list[Condition]) -> None:
    left = reduced(some, context)
    for at in BOX:
        if all(holds(c, at) for c in context):
            kept = left is not None and all(holds(c, at) for c in left)
            assert kept == all(holds(c, at) for c in some)
    assert left is None or set(left) <= set(some)


@given(conditions())
def test_negations_hold_exactly_where_the_condition_fails(one: Condition) -> None:
    opposite = negations(one)
    if one.relation is Relation.DIVISIBLE:
        assert opposite == ()
    else:
        for at in BOX:
            assert holds(one, at) != any(holds(c, at) for c in opposite)


extremes = st.sampled_from([Min(j, k), Max(j, k), Min(n - 1, k), Max(0, j - n)])


@given(extremes, st.integers(-2, 2), st.integers(-3, 3))
def test_splitting_extrema_says_the_same(extreme: Expr, factor: int, shift: int) -> None:
    one = at_least(factor * extreme, k - shift)
    parts = split_extrema(one)
    for at in BOX:
        assert holds(one, at) == all(holds(c, at) for c in parts)


def test_min_above_and_max_below_are_split() -> None:
    assert split_extrema(at_least(Min(j, k), n)) == (at_least(j, n), at_least(k, n))
    assert split_extrema(at_least(n, Max(j, k))) == (at_least(n, j), at_least(n, k))
    assert len(split_extrema(at_least(Max(j, k), n))) == 1


@pytest.mark.parametrize(
    "some",
    [
        (equal(j, k), at_least(k, j + 1)),
        (at_least(j, Integer(3)), at_least(Integer(2), j)),
        (at_least(Integer(0), n),),
        (equal(2 * j, Integer(1)),),
        (at_least(2 * j, Integer(1)), at_least(Integer(1), 2 * j)),
        (equal(j, n), at_least(n - 1, j)),
        (equal(j, k), at_least(sizes("w")[k] - 1, n), at_least(n, sizes("w")[j])),
    ],
)
def test_contradictions_that_the_engine_needs_are_found(some: tuple[Condition, ...]) -> None:
    assert contradictory(some)


@pytest.mark.parametrize(
    ("one", "context"),
    [
        (at_least(n, Integer(1)), ()),
        (at_least(sizes("w")[j], Integer(1)), ()),
        (at_least(j, Integer(0)), (at_least(j, k), at_least(k, Integer(0)))),
        (at_least(n, j), (at_least(n - 1, j),)),
        (equal(j, k), (at_least(j, k), at_least(k, j))),
        (Condition(2 * j + 4 * k, Relation.DIVISIBLE, 2), ()),
    ],
)
def test_implications_that_the_engine_needs_are_found(
    one: Condition, context: tuple[Condition, ...]
) -> None:
    assert implied(one, context)


@pytest.mark.parametrize(
    ("one", "context"),
    [
        (at_least(n, Integer(2)), ()),
        (at_least(j, Integer(0)), (at_least(j, k),)),
        (Condition(2 * j + k, Relation.DIVISIBLE, 2), ()),
        (equal(j, k), (at_least(j, k),)),
    ],
)
def test_what_does_not_follow_is_not_implied(
    one: Condition, context: tuple[Condition, ...]
) -> None:
    assert not implied(one, context)


def test_reduction_drops_what_is_known_and_says_what_cannot_be() -> None:
    known = at_least(j, Integer(1))
    assert reduced([at_least(j, Integer(0)), at_least(k, j)], [known]) == (at_least(k, j),)
    assert reduced([at_least(Integer(0), j)], [known]) is None
    assert reduced([], []) == ()


def test_affine_reads_integer_coefficients_only() -> None:
    assert affine(2 * j - 3 * k + 4) == ({j: 2, k: -3}, 4)
    assert affine(3 * (j - k)) == ({j: 3, k: -3}, 0)
    assert affine(j * k + 1) == ({j * k: 1}, 1)
    assert affine(j / 2) is None
    assert affine(Integer(7)) == ({}, 7)


def test_an_equation_is_solved_for_a_letter_with_factor_1_or_minus_1() -> None:
    assert solve_for(j - k + 1, j) == k - 1
    assert solve_for(n - 2 * k - j, j) == n - 2 * k
    assert solve_for(2 * j - k, j) is None
    assert solve_for(k - 1, j) is None
    assert solve_for(j + sizes("w")[j], j) is None


@pytest.mark.parametrize(
    ("relation", "modulus", "true"),
    [
        (Relation.ZERO, 1, {0}),
        (Relation.NONNEGATIVE, 1, {0, 1, 2, 3, 4, 6}),
        (Relation.DIVISIBLE, 3, {-3, 0, 3, 6}),
    ],
)
def test_a_condition_on_its_value(relation: Relation, modulus: int, true: set[int]) -> None:
    one = Condition(j, relation, modulus)
    assert {v for v in (-3, -2, -1, 0, 1, 2, 3, 4, 6) if one.holds(v)} == true
