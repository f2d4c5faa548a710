"""Expressions in numbers: one place and many at once, boundaries, and what has no value."""

import math

import numpy as np
import pytest
from sympy import (
    And,
    Eq,
    Ge,
    Gt,
    Integer,
    Le,
    Lt,
    Max,
    Min,
    Ne,
    Not,
    Or,
    Piecewise,
    Rational,
    Xor,
    ceiling,
    exp,
    floor,
    sqrt,
)

from symbackprop.errors import NotSupported
from symbackprop.model.functions import FunctionRow, T
from symbackprop.notation.expressions import Partial, Total
from symbackprop.notation.quantities import Quantity, Role
from symbackprop.notation.symbols import base, index, scalar
from symbackprop.verification.draw import Manner, drawn_array
from symbackprop.verification.environment import argument_key, where
from symbackprop.verification.evaluate import evaluator
from symbackprop.verification.functions import function_value
from symbackprop.verification.indices import integer
from symbackprop.verification.points import switches
from symbackprop.verification.reference import Reference
from tests.support.models import nodes, recurrent
from tests.support.networks import NETWORKS
from tests.support.parts import K, k

t = scalar("t")
AT = (-2.0, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0)


class Nowhere:
    """A place that has nothing."""


def values(expr, at=AT):
    """An expression at each number alone, and at all of them at once: the same, bit for bit."""
    found = evaluator(expr)
    single = [complex(found({argument_key(t): complex(one)}, Nowhere())) for one in at]
    many = found({argument_key(t): np.array(at, complex)}, Nowhere())
    assert np.broadcast_to(many, len(at)).tolist() == single
    return [one.real for one in single]


def split(test):
    return Piecewise((t + 10, test), (-t, True))


TESTS = (
    (Lt(t, 1), lambda x: x < 1),
    (Le(t, 1), lambda x: x <= 1),
    (Gt(t, 1), lambda x: x > 1),
    (Ge(t, 1), lambda x: x >= 1),
    (Eq(t, 1), lambda x: x == 1),
    (Ne(t, 1), lambda x: x != 1),
    (And(t > -1, t < 1), lambda x: -1 < x < 1),
    (Or(t < -1, t > 1), lambda x: abs(x) > 1),
    (Not(Or(t < -1, Eq(t, 1)), evaluate=False), lambda x: not (x < -1 or x == 1)),
    (Or(And(t > 0, t < 1), t < -1), lambda x: 0 < x < 1 or x < -1),
)


@pytest.mark.parametrize(("test", "holds"), TESTS, ids=[str(test) for test, _ in TESTS])
def test_a_condition_holds_where_it_says(test, holds):
    assert values(split(test)) == [x + 10 if holds(x) else -x for x in AT]


def test_cases_that_are_settled_or_missing():
    assert values(Piecewise((t, t > 0), (3, True))) == [x if x > 0 else 3 for x in AT]
    with pytest.raises(NotSupported, match="no case of"):
        values(Piecewise((t, t > 0)))
    with pytest.raises(NotSupported, match="cannot decide"):
        evaluator(Piecewise((t, Xor(t > 0, t < 1)), (0, True)))


@pytest.mark.parametrize(
    ("expr", "right"),
    [
        (t**3, lambda x: x**3),
        ((t + 3) ** -2, lambda x: (x + 3) ** -2),
        ((t + 3) ** Rational(5, 2), lambda x: (x + 3) ** 2.5),
        (sqrt(t + 3), lambda x: math.sqrt(x + 3)),
        (Integer(3) ** t, lambda x: 3**x),
        (Max(t, 1 - t, 0), lambda x: max(x, 1 - x, 0)),
        (Min(t, 1 - t, 0), lambda x: min(x, 1 - x, 0)),
        (2 * t - t / 4 + 1, lambda x: 2 * x - x / 4 + 1),
    ],
    ids=lambda one: None if callable(one) else str(one),
)
def test_arithmetic(expr, right):
    assert values(expr) == pytest.approx([right(x) for x in AT], rel=1e-15)


def test_derivatives_of_each_order():
    row = FunctionRow("twice", "f", "f", formula=T / (1 + exp(-2 * T)))
    at = np.array([-0.4, 0.3, 1.2])
    s = 1 / (1 + np.exp(-2 * at))
    slope, bend = 2 * s * (1 - s), 4 * s * (1 - s) * (1 - 2 * s)
    for order, right in enumerate((s * at, slope * at + s, bend * at + 2 * slope)):
        assert function_value(row, 0, order, at + 0j).real == pytest.approx(right, rel=1e-9)


@pytest.mark.parametrize(
    ("expr", "places"),
    [
        (Piecewise((t, t > 2), (0, True)), {2}),
        (Max(t, 3), {3}),
        (Min(t, -1, 4), {-1}),
        (abs(t - 5), {5}),
        (floor(t), {-2, -1, 0, 1, 2}),
        (ceiling(t / 2), {-4, -2, 0, 2, 4}),
    ],
    ids=str,
)
def test_where_something_switches_over(expr, places):
    zeros = {p for one in switches(expr) for p in range(-9, 10) if one.subs(t, p) == 0}
    assert places <= zeros


def test_index_expressions():
    i, m = index("i"), index("m")
    env = {"i": np.array([0, 1, 2, 3, 4, 5]), "m": 3}
    for expr, right in (
        (floor((2 * i + 1) / Integer(3)), lambda n: (2 * n + 1) // 3),
        (ceiling((i - 4) / Integer(2)), lambda n: math.ceil((n - 4) / 2)),
        (Max(i, m), lambda n: max(n, 3)),
        (Min(i, m, 2), lambda n: min(n, 2)),
        (i * m - 1, lambda n: 3 * n - 1),
    ):
        many = integer(expr)(env, Nowhere())
        single = [integer(expr)({"i": n, "m": 3}, Nowhere()) for n in range(6)]
        assert many.tolist() == single == [right(n) for n in range(6)]
    with pytest.raises(NotSupported, match="is no index expression"):
        integer(i**m)


@pytest.mark.parametrize("role", [Role.INPUT, Role.PARAMETER, Role.TARGET])
@pytest.mark.parametrize("manner", list(Manner))
def test_many_numbers_are_drawn_as_few_are(role, manner):
    """In their range, the same for the same seed; parameters do not change with it."""
    quantity = Quantity("v", role, (nodes(k, K),))
    for count in (20, 20_001):
        columns = (np.arange(count),)
        first, again, other = (
            drawn_array(quantity, columns, seed, manner, mixed=False) for seed in (1, 1, 2)
        )
        assert first.shape == (count,)
        assert (first == again).all()
        assert (first == other).all() == (role is Role.PARAMETER)
        low, high, signed = (0.15, 0.85, False) if role is Role.TARGET else manner.value
        assert ((abs(first) >= low) & (abs(first) <= high)).all()
        assert (first < 0).any() == signed
        assert len(set(first.tolist())) == count


def test_values_where_a_mask_says():
    """Elsewhere nothing is evaluated, and the value is 0."""

    def body(env, place):
        assert (env["x"] > 0).all()
        return 1 / env["x"]

    mask = np.array([True, False, True])
    found = where(mask, body, {"x": np.array([2.0, -1.0, 4.0]), "c": 1}, Nowhere())
    assert found.tolist() == [0.5, 0, 0.25]
    none = where(np.zeros(3, bool), body, {"x": np.array([2.0, -1.0, 4.0])}, Nowhere())
    assert np.broadcast_to(none, 3).tolist() == [0, 0, 0]


def test_what_a_reference_does_not_have():
    reference = Reference(recurrent(), {"D": 2, "T": 3, "H": 2})
    with pytest.raises(NotSupported, match="nothing is no quantity of model recurrent"):
        reference.read("nothing", ())
    with pytest.raises(NotSupported, match=r"outside the ranges of"):
        reference.read("x", (1, 99))


def test_given_values_lie_in_their_ranges():
    model = NETWORKS[4]
    with pytest.raises(NotSupported, match=r"x\[9\] is outside the ranges of x"):
        _ = Reference(model, {"K": 3}, values={("x", (9,)): 1.0}).arrays


@pytest.mark.parametrize(
    "by", [("w", (0, 1)), ("b", (1,)), ("x", (1, 0)), ("z", (1, 1)), ("h", (1, 1)), ("h", (2, 0))]
)
def test_the_total_derivative_of_a_compound(by):
    """The product rule, with the total derivatives of its factors; alone and at many places."""
    reference = Reference(recurrent(), {"D": 2, "T": 3, "H": 2}, seed=3)
    name, at = by
    h, v, p = base("h"), base(name), index("p")
    v = v[at]

    def total(*place):
        return reference.total("h", place, name, at)

    def value(*place):
        return reference.read("h", place)

    found = evaluator(Total(h[3, p] * h[1, 1], v))
    right = [value(3, n) * total(1, 1) + total(3, n) * value(1, 1) for n in (0, 1)]
    assert [found({"p": n}, reference) for n in (0, 1)] == pytest.approx(right, rel=1e-13)
    assert found({"p": np.array([0, 1])}, reference) == pytest.approx(right, rel=1e-13)
    assert any(right)
    itself = evaluator(Total(2 * v, v))({}, reference)
    assert itself == 2
    frozen = evaluator(Partial(h[3, 0] * v, v))({}, reference)
    assert frozen == value(3, 0)
