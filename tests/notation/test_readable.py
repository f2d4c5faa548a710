"""Letters: fresh ones equal no other, readable ones are never captured."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sympy import Expr, Integer, Sum, Symbol

from symbackprop.notation import symbols
from symbackprop.notation.expressions import Bound, Term, term
from symbackprop.notation.readable import inner, readable
from symbackprop.notation.symbols import base, fresh, hint, index, is_fresh, is_name
from tests.calculus.place import Numbers

f, g, h = map(base, "fgh")
NUMBERS = Numbers({
    "f": [[1.5, -2, 3], [5, 7, -11], [13, 17, 19]],
    "g": [[2, 3.25, 5], [-7, 11, 13], [17, -19, 23]],
    "h": [0.5, -1.5, 2.5],
})  # fmt: skip
NAMES = ("j", "k", "i", "m", "l")


def test_a_fresh_letter_is_new_and_remembers_where_it_came_from() -> None:
    letter = index("k")
    first, second = fresh(letter), fresh(letter)
    assert len({letter, first, second}) == 3
    assert hint(first) == hint(fresh(first)) == "k"
    assert is_fresh(first)
    assert not is_fresh(letter)


def test_the_hinted_letter_is_taken_where_it_is_free() -> None:
    k = fresh(index("k"))
    start = term(f[index("j"), k], sums=[Bound(k, Integer(0), Integer(2))])
    (found,) = readable((start,))
    assert found == term(
        f[index("j"), index("k")], sums=[Bound(index("k"), Integer(0), Integer(2))]
    )


def test_a_letter_in_use_or_taken_is_left_alone() -> None:
    j = fresh(index("j"))
    start = term(f[index("j"), j], sums=[Bound(j, Integer(0), Integer(2))])
    (found,) = readable((start,), frozenset({index("k")}))
    assert found.sums[0].letter not in {index("j"), index("k")}
    assert not is_fresh(found.sums[0].letter)


def test_letters_do_not_run_out() -> None:
    taken = {index(name) for name in (*symbols.NODE_LETTERS, "j")}
    assert symbols.readable(index("j"), taken) == index("j1")
    assert symbols.readable(index("j"), taken | {index("j1")}) == index("j2")


@st.composite
def nested(draw: st.DrawFn) -> Term:
    """A term with sums outside and inside its factors, letters of all sorts, fresh and not."""
    free = draw(st.sampled_from([index(name) for name in NAMES]))
    outer = [fresh(index(draw(st.sampled_from(NAMES)))) for _ in range(draw(st.integers(0, 2)))]
    scope: list[Expr] = [free, *outer]

    def instance(scope: list[Expr]) -> Expr:
        quantity = draw(st.sampled_from([f, g]))
        return quantity[draw(st.sampled_from(scope)), draw(st.sampled_from(scope))]

    def total(scope: list[Expr], depth: int) -> Expr:
        letter = fresh(index(draw(st.sampled_from(NAMES))))
        own = [*scope, letter]
        body = instance(own) * h[letter]
        if depth:
            body = body * (instance(own) + total(own, depth - 1)) ** 2
        return Sum(body, (letter, 0, 2))

    factors = (instance(scope), total(scope, draw(st.integers(0, 2))), total(scope, 0))
    return term(*factors, sums=[Bound(b, Integer(0), Integer(2)) for b in outer])


def letters_of(one: Term) -> set[Expr]:
    return {s for s in one.free_symbols if isinstance(s, Symbol) and s.is_integer}


@given(nested())
def test_readable_letters_change_no_value(start: Term) -> None:
    (found,) = readable((start,))
    free = letters_of(start)
    assert letters_of(found) == free
    for number in range(3):
        at = {str(letter): number for letter in free}
        assert NUMBERS.value((found,), **at) == pytest.approx(
            NUMBERS.value((start,), **at), rel=1e-13
        )


@given(nested())
def test_no_fresh_letter_is_left_and_none_is_bound_twice(start: Term) -> None:
    (found,) = readable((start,))
    letters = [bound.letter for bound in found.sums]
    assert len(set(letters)) == len(letters)
    assert not any(is_fresh(s) for s in found.free_symbols | set(letters))

    def walk(expr: Expr, around: frozenset) -> None:
        if isinstance(expr, Sum):
            own = frozenset(limit[0] for limit in expr.limits)
            assert not own & around
            assert not any(is_fresh(s) for s in own)
            around = around | own
        for arg in expr.args:
            walk(arg, around)

    for factor in found.factors:
        walk(factor, frozenset(letters) | letters_of(found))


def test_inner_leaves_an_expression_without_sums() -> None:
    assert inner(f[index("j"), index("k")], frozenset()) == f[index("j"), index("k")]


@pytest.mark.parametrize("text", ["w", "W1", "C0", "a_b", "x" * 40])
def test_identifiers_are_names(text: str) -> None:
    assert is_name(text)


@pytest.mark.parametrize(
    "text",
    ["", "1w", "_w", "w}", "w x", "w\n", r"w}\input{/etc/passwd}", "x; import os", "é", "w·1", "ß"],
)
def test_nothing_else_is(text: str) -> None:
    assert not is_name(text)


def test_a_hundred_fresh_letters_are_a_hundred() -> None:
    found = {fresh(index(name)) for name, _ in itertools.product(NAMES, range(20))}
    assert len(found) == 100
