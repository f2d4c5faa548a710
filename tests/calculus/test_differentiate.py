"""Local derivatives: their form on small cases, their value against JAX on larger ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from sympy import Expr, Integer, Piecewise, Sum, cos, exp, log, sin, tanh

from symbackprop.calculus.differentiate import differentiate
from symbackprop.model.definitions import as_terms
from symbackprop.notation.expressions import Bound, Delta, Plus, Product, Terms, term
from symbackprop.notation.functions import apply
from symbackprop.notation.symbols import base, fresh, index, scalar
from tests.calculus.place import Numbers

x, c, matrix = base("x"), base("c"), base("A")
i, j, k, q = map(index, "ijkq")
s = scalar("s")
ALL = (0, 2)


def derivative(expr: Expr, by: Expr) -> Terms:
    return differentiate(tuple(t.refreshed() for t in as_terms(expr)), by)


def test_an_instance_answers_to_itself_with_1_and_a_delta_for_each_other_index() -> None:
    (same,) = derivative(matrix[i, j], matrix[i, j])
    assert same.factors == (1,)
    (other,) = derivative(matrix[i, j], matrix[k, j])
    assert other.factors == (1, Delta(i, k)) or other.factors == (Delta(i, k),)
    (both,) = derivative(matrix[i, j], matrix[k, q])
    assert both.factors[-2:] == (Delta(i, k), Delta(j, q))


def test_nothing_answers_to_what_it_does_not_mention() -> None:
    assert derivative(c[i] * exp(c[j]), x[q]) == ()
    assert derivative(Integer(3), x[q]) == ()
    assert derivative(x[i], s) == ()


def test_a_scalar_answers_to_itself() -> None:
    assert [t.factors for t in derivative(s, s)] == [(1,)]
    assert [t.factors for t in derivative(s**3, s)] == [(3, s**2)] or [
        t.factors for t in derivative(s**3, s)
    ] == [(3 * s**2,)]


def test_the_derivative_of_a_factor_stands_in_its_place() -> None:
    product = term(c[i], x[i], sin(x[i]))
    first, second = differentiate((product,), x[q])
    assert first.factors == (c[i], sin(x[i]), Delta(i, q))
    assert second.factors == (c[i], x[i], cos(x[i]), Delta(i, q))


def test_the_links_of_a_chain_keep_their_order() -> None:
    chained = term(c[i]).links + term(x[i] ** 2).links + term(c[j]).links
    (found,) = differentiate((term().__class__(chained),), x[q])
    assert found.links == ((c[i],), (2 * x[i],), (c[j],), (Delta(i, q),)) or found.links == (
        (c[i],),
        (Integer(2), x[i]),
        (c[j],),
        (Delta(i, q),),
    )


def test_a_sum_inside_a_function_is_bound_by_the_term_with_a_letter_of_its_own() -> None:
    (found,) = derivative(exp(Sum(c[j] * x[j], (j, *ALL))), x[j])
    (bound,) = found.sums
    assert bound.letter != j
    assert (bound.low, bound.high) == ALL
    assert Delta(bound.letter, j) in found.factors


def test_the_letter_of_the_target_may_be_the_bound_letter_of_a_sum() -> None:
    """SymPy gives Sum(c[j], j) for this one, silently."""
    numbers = Numbers({"c": np.array([2.0, 3.0, 5.0]), "x": np.zeros(3)})
    found = derivative(Sum(c[j] * x[j], (j, *ALL)), x[j])
    assert [numbers.value(found, j=n) for n in range(3)] == [2, 3, 5]


def test_a_difference_is_not_multiplied_out() -> None:
    (found,) = derivative((x[i] - c[i]) ** 2, x[q])
    assert found.factors == (2, x[i] - c[i], Delta(i, q))


@dataclass(frozen=True)
class Sample:
    """An expression, and the same function written in JAX by hand."""

    name: str
    expr: Expr
    function: Callable[[jax.Array], jax.Array]


C = np.array([0.7, -0.4, 1.3])
A = np.array([[0.2, -0.5, 0.9], [1.1, 0.3, -0.8], [-0.6, 0.4, 0.5]])
X = np.array([0.6, -1.2, 0.35])


def over(letter: Expr, body: Expr) -> Sum:
    return Sum(body, (letter, *ALL))


SAMPLES = (
    Sample("squares", over(i, c[i] * x[i] ** 2), lambda v: (C * v**2).sum()),
    Sample("two sums", Sum(matrix[i, j] * x[i] * x[j], (j, *ALL), (i, *ALL)), lambda v: v @ A @ v),
    Sample(
        "nested sums", over(i, over(j, matrix[i, j] * x[j]) ** 2), lambda v: ((A @ v) ** 2).sum()
    ),
    Sample(
        "power of a sum of powers",
        over(i, over(j, matrix[i, j] * x[j] ** 3) ** 3),
        lambda v: ((A @ v**3) ** 3).sum(),
    ),
    Sample("exp of a sum", exp(over(i, c[i] * x[i])), lambda v: jnp.exp(C @ v)),
    Sample(
        "sum of exp of sums",
        over(i, exp(over(j, matrix[i, j] * x[j])) * x[i]),
        lambda v: (jnp.exp(A @ v) * v).sum(),
    ),
    Sample(
        "sums three deep",
        over(i, tanh(over(j, matrix[i, j] * sin(over(k, matrix[j, k] * x[k]))))),
        lambda v: jnp.tanh(A @ jnp.sin(A @ v)).sum(),
    ),
    Sample(
        "quotient",
        over(i, c[i] * exp(x[i])) / over(j, exp(x[j])),
        lambda v: (C * jnp.exp(v)).sum() / jnp.exp(v).sum(),
    ),
    Sample(
        "ordered quotient",
        Product(exp(x[0]), 1 / over(j, exp(x[j]))),
        lambda v: jnp.exp(v[0]) / jnp.exp(v).sum(),
    ),
    Sample(
        "product of functions",
        log(1 + over(i, x[i] ** 2)) * over(j, sin(x[j])),
        lambda v: jnp.log(1 + v @ v) * jnp.sin(v).sum(),
    ),
    Sample(
        "piecewise",
        over(i, c[i] * Piecewise((x[i] ** 2, x[i] > 0), (x[i] / 10, True))),
        lambda v: (C * jnp.where(v > 0, v**2, v / 10)).sum(),
    ),
    Sample(
        "piecewise of sums",
        over(i, Piecewise((over(j, matrix[i, j] * x[j]) ** 2, c[i] > 0), (3 * x[i], True))),
        lambda v: jnp.where(C > 0, (A @ v) ** 2, 3 * v).sum(),
    ),
    Sample(
        "named function",
        over(i, c[i] * apply("sigmoid", over(j, matrix[i, j] * x[j]))),
        lambda v: C @ jax.nn.sigmoid(A @ v),
    ),
    Sample(
        "named function of a layer",
        over(i, apply("g", x[i], Integer(2))),
        lambda v: (0.64 * v + 0.5 * jnp.sin(v + 0.7)).sum(),
    ),
    Sample(
        "ordered sums and products",
        over(i, Plus(Product(c[i], x[i], Plus(x[i], -c[i])), sin(Plus(x[i], c[i])))),
        lambda v: (C * v * (v - C) + jnp.sin(v + C)).sum(),
    ),
    Sample("one index fixed", x[1] ** 2 * over(i, x[i]), lambda v: v[1] ** 2 * v.sum()),
    Sample("shifted indices", Sum(x[i] * x[i + 1], (i, 0, 1)), lambda v: v[0] * v[1] + v[1] * v[2]),
    Sample("square root", (over(i, x[i] ** 2)) ** Integer(2) ** -1, lambda v: jnp.sqrt(v @ v)),
)


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_against_jax(sample: Sample) -> None:
    numbers = Numbers({"x": X, "c": C, "A": A})
    found = derivative(sample.expr, x[q])
    wanted = jax.grad(sample.function)(jnp.asarray(X))
    values = [numbers.value(found, q=n) for n in range(3)]
    np.testing.assert_allclose(values, wanted, rtol=1e-13, atol=1e-14)
    assert np.abs(wanted).max() > 0.05


def test_a_second_derivative_is_the_derivative_of_the_terms() -> None:
    expr = over(i, sin(over(j, matrix[i, j] * x[j])) ** 2)
    first = derivative(expr, x[q])
    second = differentiate(tuple(t.refreshed() for t in first), x[k])
    numbers = Numbers({"x": X, "c": C, "A": A})
    wanted = jax.hessian(lambda v: (jnp.sin(A @ v) ** 2).sum())(jnp.asarray(X))
    values = [[numbers.value(second, q=n, k=m) for m in range(3)] for n in range(3)]
    np.testing.assert_allclose(values, wanted, rtol=1e-12)


def test_a_guard_stays_on_the_derivative() -> None:
    from symbackprop.notation.expressions import at_least

    guard = at_least(i, Integer(1))
    (found,) = differentiate((term(x[i] ** 2, guards=[guard]),), x[q])
    assert found.guards == (guard,)


def test_fresh_letters_of_the_terms_stay_bound() -> None:
    letter = fresh(i)
    (found,) = differentiate(
        (term(c[letter], x[letter], sums=[Bound(letter, *map(Integer, ALL))]),), x[q]
    )
    assert [b.letter for b in found.sums] == [letter]
    assert found.factors == (c[letter], Delta(letter, q))
