"""Contraction: the form it gives on known sums, and its value against the sum written out."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sympy import Expr, IndexedBase, Integer, Max, Min

from symbackprop.calculus.contract import contract, expanded, settle
from symbackprop.notation.expressions import (
    Bound,
    Condition,
    Delta,
    Plus,
    Relation,
    Term,
    at_least,
    equal,
    term,
)
from symbackprop.notation.symbols import base, index, size
from tests.calculus.place import Numbers

f, x, w, matrix = base("f"), base("x"), base("w"), base("A")
i, j, k, m, q, r = map(index, "ijkmqr")
n, taps = size("n"), size("M")
ZERO = Integer(0)


def within(letter: Expr, low: Expr | int, high: Expr | int) -> tuple[Condition, Condition]:
    return Bound(letter, Integer(low) if isinstance(low, int) else low,
                 Integer(high) if isinstance(high, int) else high).conditions  # fmt: skip


def test_a_delta_under_a_sum_picks_the_term() -> None:
    (found,) = contract(
        (term(f[k], Delta(k, q), sums=[Bound(k, ZERO, n - 1)]),), within(q, ZERO, n - 1)
    )
    assert found == term(f[q])


def test_the_range_stays_as_a_guard_where_the_context_does_not_give_it() -> None:
    (found,) = contract((term(f[k], Delta(k, q), sums=[Bound(k, ZERO, n - 1)]),), ())
    assert found.factors == (f[q],)
    assert set(found.guards) == set(within(q, ZERO, n - 1))


def test_a_term_that_nothing_can_satisfy_is_gone() -> None:
    outside = within(q, n, n + 3)
    assert contract((term(f[k], Delta(k, q), sums=[Bound(k, ZERO, n - 1)]),), outside) == ()


def test_a_shifted_index_is_solved() -> None:
    depth, layer = size("L"), index("l")
    mentioned = term(f[layer], Delta(layer - 1, m), sums=[Bound(layer, Integer(1), depth)])
    (found,) = contract((mentioned,), within(m, ZERO, depth))
    assert found.factors == (f[m + 1],)
    assert found.guards == (at_least(depth, m + 1),)


def test_the_solution_reaches_inner_bounds() -> None:
    widths = IndexedBase("n", integer=True, positive=True)
    layer, depth = index("l"), size("L")
    inner = Bound(j, ZERO, widths[layer] - 1)
    outer = Bound(layer, Integer(1), depth)
    start = term(matrix[layer, j], Delta(layer, m), sums=[outer, inner])
    (found,) = contract((start,), within(m, 1, depth))
    assert found.factors == (matrix[m, j],)
    assert found.sums == (Bound(j, ZERO, widths[m] - 1),)


def test_of_two_bound_indices_the_one_with_a_unit_coefficient_goes() -> None:
    """x[2i + m]: m = q - 2i is exact, i = (q - m)/2 is not."""
    stride = term(f[i], w[m], Delta(2 * i + m, q),
                  sums=[Bound(i, ZERO, n - 1), Bound(m, ZERO, taps - 1)])  # fmt: skip
    (found,) = contract((stride,), within(q, ZERO, 2 * n + taps - 3))
    assert [b.letter for b in found.sums] == [i]
    assert found.factors == (f[i], w[q - 2 * i])
    assert not any(g.relation is Relation.DIVISIBLE for g in found.guards)


def test_without_a_unit_coefficient_a_divisibility_guard_stays() -> None:
    both = term(f[i], w[m], Delta(3 * i + 2 * m, q),
                sums=[Bound(i, ZERO, n - 1), Bound(m, ZERO, taps - 1)])  # fmt: skip
    (found,) = contract((both,), ())
    (guard,) = [g for g in found.guards if g.relation is Relation.DIVISIBLE]
    assert guard.modulus in (2, 3)
    assert len(found.sums) == 1


def test_a_delta_between_free_indices_becomes_a_guard_or_is_kept() -> None:
    diagonal = term(f[j], Delta(j, k))
    (guarded,) = contract((diagonal,), ())
    assert guarded == term(f[j], guards=[equal(j, k)])
    assert contract((diagonal,), (), keep=True) == (diagonal,)


def test_the_diagonal_of_a_matrix() -> None:
    """Of sum_i A[i, i] by A[j, k], j = k is left."""
    trace = term(Delta(i, j), Delta(i, k), sums=[Bound(i, ZERO, n - 1)])
    context = (*within(j, ZERO, n - 1), *within(k, ZERO, n - 1))
    (found,) = contract((trace,), context)
    assert found.sums == ()
    assert found.factors == (1,)
    assert found.guards in ((equal(j, k),), (equal(k, j),))


def test_a_delta_that_the_context_decides_leaves_no_trace() -> None:
    assert contract((term(f[j], Delta(j, k)),), (equal(j, k),)) == (term(f[j]),)
    assert contract((term(f[j], Delta(j, k)),), (at_least(j, k + 1),)) == ()
    assert contract((term(f[j], Delta(j, j)),), ()) == (term(f[j]),)


def test_only_sums_with_a_delta_are_multiplied_out() -> None:
    softmax = term(f[j], Plus(Delta(j, q), -f[q]), Plus(f[j], f[q]))
    first, second = expanded(softmax)
    assert first.factors == (f[j], Delta(j, q), Plus(f[j], f[q]))
    assert second.factors == (f[j], -1, f[q], Plus(f[j], f[q]))


def test_a_guard_on_a_bound_index_becomes_its_bound() -> None:
    start = term(f[i], sums=[Bound(i, ZERO, n - 1)], guards=[at_least(i, q - 2), at_least(q, i)])
    found = settle(start, ())
    assert found is not None
    assert found.guards == ()
    assert found.sums == (Bound(i, Max(ZERO, q - 2), Min(n - 1, q)),)


NUMBERS = Numbers(
    {
        "f": np.array([2.0, -3.0, 5.0, 7.0]),
        "w": np.array([11.0, 13.0, -17.0]),
        "A": np.arange(1.0, 13.0).reshape(4, 3) ** 1.5,
    },
    {"n": 4, "M": 3, "idx": [2, 0, 2, 1]},
)


@pytest.mark.parametrize(
    "delta",
    [
        Delta(2 * i + m, q),
        Delta(3 * i + 2 * m, q),
        Delta(2 * i + 2 * m, q),
        Delta(2 * i - m, q),
        Delta(-2 * i + 3 * m + 1, q),
        Delta(i + m, q + 1),
        Delta(2 * i, q),
        Delta(3 * m, 2 * q),
        Delta(i - m, ZERO),
        Delta(n - 1 - i, q),
        Delta(i * m, q),
        Delta(IndexedBase("idx", integer=True)[i], q),
        Delta(IndexedBase("idx", integer=True)[i], m),
    ],
    ids=str,
)
def test_every_delta_against_the_sum_written_out(delta: Expr) -> None:
    start = term(f[i], w[m], delta, sums=[Bound(i, ZERO, n - 1), Bound(m, ZERO, taps - 1)])
    found = contract((start,), ())
    values = [NUMBERS.value((start,), q=number) for number in range(-8, 20)]
    assert [NUMBERS.value(found, q=number) for number in range(-8, 20)] == values
    assert any(values)


coefficients = st.integers(-3, 3)


@st.composite
def deltas(draw: st.DrawFn) -> Expr:
    left = draw(coefficients) * i + draw(coefficients) * m + draw(st.integers(-2, 2))
    return Delta(left, draw(st.sampled_from([q, r, q + r, 2 * q, ZERO, i, m])))


@given(st.lists(deltas(), min_size=1, max_size=3))
def test_products_of_random_deltas_against_the_sum_written_out(several: list[Expr]) -> None:
    start = term(matrix[i, m], *several, sums=[Bound(i, ZERO, n - 1), Bound(m, ZERO, taps - 1)])
    context = (*within(q, -2, 6), *within(r, 0, 3))
    found = contract((start,), context)
    for a, b in itertools.product(range(-2, 7), range(4)):
        assert NUMBERS.value(found, q=a, r=b) == pytest.approx(
            NUMBERS.value((start,), q=a, r=b), rel=1e-14
        )


@given(st.integers(1, 3), st.integers(-2, 2), st.integers(0, 2), st.integers(1, 3))
def test_bounds_that_depend_on_the_eliminated_index(
    stride: int, shift: int, low: int, other: int
) -> None:
    """A triangle: m runs up to i + shift, and i is solved for or m is."""
    triangle = Bound(m, ZERO, Min(taps - 1, i + shift))
    start = Term(
        ((matrix[i, m], Delta(stride * i + other * m, q)),),
        (Bound(i, Integer(low), n - 1), triangle),
    )
    found = contract((start,), ())
    for number in range(-2, 18):
        assert NUMBERS.value(found, q=number) == NUMBERS.value((start,), q=number)


@pytest.mark.parametrize(
    ("bound", "guard", "context", "low", "high"),
    [
        (Bound(i, q, n - 1), at_least(i, r), at_least(q, r), q, n - 1),
        (Bound(i, q, n - 1), at_least(i, r), at_least(r, q), r, n - 1),
        (Bound(i, q, n - 1), at_least(i, r), at_least(k, r), Max(q, r), n - 1),
        (Bound(i, ZERO, q), at_least(r, i), at_least(r, q), ZERO, q),
        (Bound(i, ZERO, q), at_least(r, i), at_least(q, r), ZERO, r),
        (Bound(i, ZERO, q), at_least(r, i), at_least(k, r), ZERO, Min(q, r)),
    ],
)
def test_of_two_bounds_the_tighter_one_is_kept(bound, guard, context, low, high) -> None:
    found = settle(term(f[i], sums=[bound], guards=[guard]), (context,))
    assert found == term(f[i], sums=[Bound(i, low, high)])


def test_a_guard_between_bound_indices_becomes_the_bound_of_the_inner_one() -> None:
    start = term(
        matrix[i, m],
        sums=[Bound(i, ZERO, n - 1), Bound(m, ZERO, i)],
        guards=[at_least(i, m + 2)],
    )
    found = settle(start, ())
    assert found is not None
    assert found.guards == ()
    values = [NUMBERS.value((one,)) for one in (start, found)]
    assert values[0] == pytest.approx(values[1], rel=1e-14)
