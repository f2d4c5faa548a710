"""The tables of activations and costs: every field of a row agrees with the row's formula."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from scipy import special
from sympy import (
    Abs,
    Expr,
    Max,
    Min,
    Piecewise,
    Sum,
    Symbol,
    erf,
    erfc,
    exp,
    log,
    preorder_traversal,
)
from sympy.codegen.cfunctions import expm1, log1p

from symbackprop.model.costs import COSTS, A, CostRow, FromLogits, Y
from symbackprop.model.functions import (
    ACTIVATIONS,
    COST_FUNCTIONS,
    ROW,
    SELF,
    SELF_ROW,
    WIDTH,
    FunctionRow,
    J,
    Q,
    T,
)
from symbackprop.notation.expressions import Delta, Plus, Product
from symbackprop.notation.functions import Apply

ROWS = (*ACTIVATIONS, *COST_FUNCTIONS)
ELEMENTWISE = tuple(row for row in ROWS if not row.reads_row)
BY_NAME = {row.name: row for row in ROWS}
POINTS = np.array([-3.1, -1.4, -0.35, 0.2, 0.85, 1.6, 4.2])
HUGE = np.array([-1000.0, -750.0, -40.0, 40.0, 750.0, 1000.0])


def in_doubles(expr: Expr, env: dict[Expr, Any]) -> Any:
    """An expression as NumPy computes it, nothing rearranged: a small interpreter of our own."""
    if expr in env:
        return env[expr]
    if isinstance(expr, Apply):
        row = BY_NAME[expr.head]
        inner = in_doubles(expr.argument, env)
        return value(row, inner) if expr.order == 0 else slope(row, inner)
    if isinstance(expr, Delta):
        left, right = (int(in_doubles(arg, env)) for arg in expr.args)
        return float(left == right)
    if isinstance(expr, Sum):
        letter, low, high = expr.limits[0]
        numbers = range(int(in_doubles(low, env)), int(in_doubles(high, env)) + 1)
        return sum(in_doubles(expr.function, {**env, letter: n}) for n in numbers)
    if getattr(expr, "is_Indexed", False):
        return env[expr.base][int(in_doubles(expr.indices[0], env))]
    if isinstance(expr, Piecewise):
        tests = [np.asarray(relation(test, env)) for _, test in expr.args]
        arms = [np.asarray(in_doubles(arm, env), float) for arm, _ in expr.args]
        return np.select(np.broadcast_arrays(*tests), np.broadcast_arrays(*arms, tests[0])[:-1])
    if expr.is_number and not expr.args:
        return float(expr)
    parts = [in_doubles(arg, env) for arg in expr.args]
    if expr.is_Add or isinstance(expr, Plus):
        return sum(parts)
    if expr.is_Mul or isinstance(expr, Product):
        return math.prod(parts) if len(parts) > 1 else parts[0]
    if expr.is_Pow:
        return np.power(parts[0], parts[1])
    functions: dict[Any, Any] = {
        exp: np.exp, log: np.log, erf: special.erf, erfc: special.erfc, Abs: np.abs,
        Max: np.maximum, Min: np.minimum, expm1: np.expm1, log1p: np.log1p,
    }  # fmt: skip
    return functions.get(expr.func, getattr(np, expr.func.__name__, None))(*parts)


def relation(test: Expr, env: dict[Expr, Any]) -> Any:
    if not test.args:
        return bool(test)
    left, right = (in_doubles(arg, env) for arg in test.args)
    return {">": left > right, "<": left < right, ">=": left >= right, "<=": left <= right}[
        test.rel_op
    ]


def value(row: FunctionRow, at: Any) -> Any:
    return in_doubles(row.stable if row.stable is not None else row.formula, {T: at})


def slope(row: FunctionRow, at: Any) -> Any:
    form = row.slope if row.slope is not None else row.printed_derivative
    return in_doubles(form, {T: at, SELF: value(row, at)})


def by_differences(row: FunctionRow, at: np.ndarray) -> np.ndarray:
    """The slope of the formula by a stencil of sixth order."""
    h = 2e-3

    def formula(x: np.ndarray) -> np.ndarray:
        return np.asarray(in_doubles(row.formula, {T: x}), float) * np.ones_like(x)

    weights = {1: 45, 2: -9, 3: 1}
    return sum(w * (formula(at + n * h) - formula(at - n * h)) for n, w in weights.items()) / (
        60 * h
    )


@pytest.mark.parametrize("row", ELEMENTWISE, ids=lambda row: row.name)
def test_the_printed_derivative_is_that_of_the_formula(row: FunctionRow) -> None:
    own = np.asarray(in_doubles(row.formula, {T: POINTS}), float)
    printed = in_doubles(row.printed_derivative, {T: POINTS, SELF: own}) * np.ones_like(POINTS)
    np.testing.assert_allclose(printed, by_differences(row, POINTS), rtol=1e-9, atol=1e-10)


@pytest.mark.parametrize("row", ELEMENTWISE, ids=lambda row: row.name)
def test_the_stable_form_has_the_value_of_the_formula(row: FunctionRow) -> None:
    plain = in_doubles(row.formula, {T: POINTS}) * np.ones_like(POINTS)
    np.testing.assert_allclose(value(row, POINTS), plain, rtol=2e-13, atol=1e-16)


@pytest.mark.parametrize("field", ["slope", "exact_slope"])
@pytest.mark.parametrize("row", ELEMENTWISE, ids=lambda row: row.name)
def test_the_slopes_for_code_are_those_of_the_formula(row: FunctionRow, field: str) -> None:
    form = getattr(row, field)
    if form is None:
        form = row.printed_derivative
    found = in_doubles(form, {T: POINTS, SELF: value(row, POINTS)}) * np.ones_like(POINTS)
    np.testing.assert_allclose(found, by_differences(row, POINTS), rtol=1e-9, atol=1e-10)


@pytest.mark.parametrize("row", ELEMENTWISE, ids=lambda row: row.name)
def test_stable_forms_are_finite_far_out(row: FunctionRow) -> None:
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        forms = [value(row, HUGE), slope(row, HUGE)]
        if row.exact_slope is not None:
            forms.append(in_doubles(row.exact_slope, {T: HUGE, SELF: value(row, HUGE)}))
    for found in forms:
        assert np.isfinite(found).all()


@pytest.mark.parametrize("name", ["sigmoid", "tanh"])
def test_exact_slopes_keep_the_digits_that_fast_ones_lose(name: str) -> None:
    import mpmath

    row, at = BY_NAME[name], np.array([-45.0, -20.0, 20.0, 45.0])
    exact = {
        "sigmoid": lambda x: mpmath.exp(-x) / (1 + mpmath.exp(-x)) ** 2,
        "tanh": lambda x: mpmath.sech(x) ** 2,
    }[name]
    with mpmath.workdps(60):
        wanted = [float(exact(mpmath.mpf(x))) for x in at]
    np.testing.assert_allclose(in_doubles(row.exact_slope, {T: at}), wanted, rtol=1e-14)
    assert (np.abs(slope(row, at) - wanted) / wanted).max() > 1e-9


def test_gelu_and_elu_keep_their_digits_on_the_left() -> None:
    assert value(BY_NAME["gelu"], np.array([-10.0]))[0] == pytest.approx(-7.6198530241605e-23)
    assert value(BY_NAME["elu"], np.array([-1e-12]))[0] == pytest.approx(-1e-12, rel=1e-11)
    assert value(BY_NAME["softplus"], np.array([-50.0]))[0] == pytest.approx(math.exp(-50))


@pytest.mark.parametrize("row", ELEMENTWISE, ids=lambda row: row.name)
def test_kinks_are_where_the_slope_jumps_and_have_their_value(row: FunctionRow) -> None:
    kinks = {float(place): float(at) for place, at in row.kinks}
    for place in np.linspace(-2, 2, 17):
        left, right = (float(slope(row, np.array([place + s]))[()].item())
                       if np.ndim(slope(row, np.array([place + s])))
                       else float(slope(row, np.array([place + s])))
                       for s in (-1e-9, 1e-9))  # fmt: skip
        assert (abs(left - right) > 1e-6) == (place in kinks), (row.name, place, left, right)
    for place, wanted in kinks.items():
        printed = in_doubles(row.printed_derivative, {T: np.array([place])})
        assert np.ravel(printed)[0] == wanted
        assert np.ravel(slope(row, np.array([place])))[0] == wanted


@pytest.mark.parametrize(
    ("name", "wanted"), [("relu", 0), ("leaky_relu", 0.01), ("absolute", 0), ("positive_part", 0)]
)
def test_the_conventions_at_kinks(name: str, wanted: float) -> None:
    assert [(float(p), float(v)) for p, v in BY_NAME[name].kinks] == [(0, wanted)]


@pytest.mark.parametrize("row", ELEMENTWISE, ids=lambda row: row.name)
def test_values_stay_in_the_image(row: FunctionRow) -> None:
    found = np.ravel(value(row, np.concatenate([POINTS, [-8.0, 8.0]])) * np.ones(9))
    assert all(x in row.image for x in found.tolist())
    inside = row.image
    tried = np.ravel(value(row, np.linspace(-9, 9, 1801)) * np.ones(1801))
    for end in (inside.start, inside.end):
        if end.is_finite:
            assert np.abs(tried - float(end)).min() < 0.01, "the image is larger than the values"


Z = np.array([0.4, -1.1, 0.9, 0.2])


def softmax(z: np.ndarray) -> np.ndarray:
    return np.exp(z) / np.exp(z).sum()


def test_the_softmax_row() -> None:
    row = BY_NAME["softmax"]
    a = softmax(Z)
    for j in range(4):
        env = {ROW: Z, ROW.label: Z, WIDTH: 4, J: j, SELF_ROW: a}
        assert in_doubles(row.formula, env) == pytest.approx(a[j], rel=1e-15)
        for q in range(4):
            e = np.eye(4)[q] * 1e-6
            wanted = (softmax(Z + e)[j] - softmax(Z - e)[j]) / 2e-6
            assert in_doubles(row.derivative, {**env, Q: q}) == pytest.approx(wanted, rel=1e-7)


def activations(name: str, z: np.ndarray) -> np.ndarray:
    return softmax(z) if name == "softmax" else np.asarray(value(BY_NAME[name], z))


FORMS = [(cost, form) for cost in COSTS for form in cost.from_logits]


def summand(cost: CostRow, name: str, z: np.ndarray, j: int, y: float) -> float:
    return float(in_doubles(cost.summand, {A: activations(name, z)[j], Y: y, WIDTH: len(z)}))


@pytest.mark.parametrize(
    ("cost", "form"), FORMS, ids=lambda one: getattr(one, "name", None) or one.activation
)
def test_the_forms_in_logits_are_the_summand_of_the_activation(
    cost: CostRow, form: FromLogits
) -> None:
    a = activations(form.activation, Z)
    for j in range(4):
        for y in (0.0, 0.3, 1.0):
            env = {ROW: Z, WIDTH: 4, J: j, Y: y, SELF_ROW: a}
            wanted = summand(cost, form.activation, Z, j, y)
            assert in_doubles(form.summand, env) == pytest.approx(wanted, rel=1e-13, abs=1e-15)
            for q in range(4):
                e = np.eye(4)[q] * 1e-6
                above, below = (summand(cost, form.activation, z, j, y) for z in (Z + e, Z - e))
                assert in_doubles(form.derivative, {**env, Q: q}) == pytest.approx(
                    (above - below) / 2e-6, rel=1e-6, abs=1e-9
                )


def test_saturating_costs_have_a_form_in_logits() -> None:
    found = {(cost.name, form.activation) for cost, form in FORMS}
    assert found >= {
        ("binary_cross_entropy", "sigmoid"),
        ("categorical_cross_entropy", "softmax"),
    }


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("squared_error", 0.49),
        ("half_squared_error", 0.245),
        ("mean_squared_error", 0.1225),
        ("absolute_error", 0.7),
        ("huber", 0.245),
        ("log_cosh", math.log(math.cosh(0.7))),
        ("binary_cross_entropy", -0.2 * math.log(0.9) - 0.8 * math.log(0.1)),
        ("categorical_cross_entropy", -0.2 * math.log(0.9)),
        ("hinge", 1 - 0.18),
    ],
)
def test_the_conventions_of_costs(name: str, wanted: float) -> None:
    """One output's share at a = 0.9, y = 0.2, with four outputs."""
    (cost,) = [row for row in COSTS if row.name == name]
    assert in_doubles(cost.summand, {A: 0.9, Y: 0.2, WIDTH: 4}) == pytest.approx(wanted, rel=1e-14)


def test_huber_beyond_its_threshold() -> None:
    (cost,) = [row for row in COSTS if row.name == "huber"]
    assert in_doubles(cost.summand, {A: 3.0, Y: 0.5, WIDTH: 1}) == pytest.approx(2.0)
    assert in_doubles(cost.summand, {A: -3.0, Y: 0.5, WIDTH: 1}) == pytest.approx(3.0)


def test_rows_have_names_of_their_own() -> None:
    assert len(BY_NAME) == len(ROWS)
    assert len({row.latex for row in ROWS}) == len(ROWS)
    assert len({row.text for row in ROWS}) == len(ROWS)
    assert len({cost.name for cost in COSTS}) == len(COSTS)
    for row in ROWS:
        letters = {s for s in preorder_traversal(row.formula) if isinstance(s, Symbol)}
        assert letters, row.name
