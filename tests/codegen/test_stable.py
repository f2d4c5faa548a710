"""Formulas written by hand, computed in a stable form: right far out, by every target."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest
from sympy import Integer, Mul, Piecewise, Sum, cosh, exp, log, sqrt, tanh
from sympy.codegen.cfunctions import log1p

from symbackprop.codegen.row_judge import judge
from symbackprop.codegen.stable import ROOT, stable
from symbackprop.model.costs import cost
from symbackprop.model.definitions import define
from symbackprop.model.functions import FunctionRow, T
from symbackprop.model.layers import layered_model
from symbackprop.model.model import Model
from symbackprop.notation.quantities import Axis, Quantity, Role
from symbackprop.notation.symbols import index
from tests.codegen.support import TARGETS, made

SIGMOID = 1 / (1 + exp(-T))
FORMULAS = {
    "softplus": log(1 + exp(T)),
    "softplus by log1p": log1p(exp(2 * T)),
    "mish": T * tanh(log(1 + exp(T))),
    "sigmoid": SIGMOID,
    "sigmoid from above": exp(T) / (1 + exp(T)),
    "slope of a sigmoid": exp(-T) / (1 + exp(-T)) ** 2,
    "log sigmoid": log(SIGMOID),
    "minus log sigmoid": -log(exp(T) / (exp(T) + 1)),
    "log of the rest": log(1 - SIGMOID),
    "silu": T / (1 + exp(-T)),
    "tanh": exp(T) / (exp(T) + exp(-T)) - exp(-T) / (exp(T) + exp(-T)),
    "log cosh": log(cosh(T)),
    "log cosh by exponentials": log((exp(T) + exp(-T)) / 2),
    "three exponentials": log(exp(T) + exp(-2 * T) + 3),
    "softmax of three": exp(T) / (exp(T) + exp(2 * T) + exp(-T)),
    "in a choice": Piecewise((log(1 + exp(T)), T > 1), (T, True)),
    "a power of a sigmoid": SIGMOID**2,
    "a logarithm of a product": log(2 * exp(T) * (1 + exp(-T)) ** 3),
}
PLAIN = [target for target in TARGETS if target != "numba"]
FAR = (-1000.0, -710.0, -40.0, -1.5, 0.0, 0.7, 40.0, 710.0, 1000.0)
ROLES = {"x": Role.INPUT, "w": Role.PARAMETER, "C0": Role.COST}
x, w, c0 = (Quantity(name, role) for name, role in ROLES.items())


def right(formula, at):
    """A value and a slope in many digits; mpmath's own differentiation."""
    value = lambda t: mpmath.mpf(_number(formula, t))  # noqa: E731
    with mpmath.workdps(900):
        step = mpmath.mpf(10) ** -300
        point = mpmath.mpf(at)
        return value(point), (value(point + step) - value(point)) / step


def _number(expr, t):
    """An expression by mpmath."""
    if expr == T:
        return t
    if expr.is_Rational:
        return mpmath.mpf(expr.p) / expr.q
    if isinstance(expr, Piecewise):
        return _number(
            next(v for v, test in expr.args if test in (True,) or bool(test.subs(T, float(t)))), t
        )
    args = [_number(arg, t) for arg in expr.args]
    if expr.is_Add:
        return mpmath.fsum(args)
    if isinstance(expr, Mul):
        return mpmath.fprod(args)
    return args[0] ** args[1] if expr.is_Pow else getattr(mpmath, expr.func.__name__)(*args)


@pytest.mark.parametrize(
    ("name", "target"),
    [
        pytest.param(
            name, target, marks=[] if target == "numpy" or name == "mish" else [pytest.mark.full]
        )
        for name in FORMULAS
        for target in PLAIN
    ],
)
@pytest.mark.filterwarnings("error")
def test_far_out(name, target):
    """As a cost of w x, and as an activation: value and slope, relative to 1."""
    with np.errstate(over="ignore" if target == "numba plain" else "warn"):  # it may, on its way
        far_out(name, target)


def far_out(name, target):
    formula = FORMULAS[name]
    model = Model("m", (x, w, c0), (define(c0, (), formula.xreplace({T: w[()] * x[()]})),))
    row = FunctionRow("own", "own", "own", formula=formula)
    layer = layered_model("net", (row,), cost("squared_error"), widths=(1, 1))
    plain, net = made(model, target), made(layer, target)
    for at in FAR:
        value, slope = right(formula, at)
        found, gradient = plain.cost_and_gradient(plain.Parameters(w=np.array(1.0)), np.array(at))
        assert float(found) == pytest.approx(float(value), rel=1e-12, abs=1e-12)
        assert float(gradient.w) == pytest.approx(float(slope * at), rel=1e-12, abs=1e-12)
        given = net.Parameters(w=(np.ones((1, 1)),), b=(np.zeros(1),))
        target_value = np.array([float(value) - 0.5])
        gradient = net.gradient(given, np.array([at]), target_value)
        assert float(gradient.b[0][0]) == pytest.approx(float(slope), rel=1e-11, abs=1e-12)


@pytest.mark.parametrize("target", PLAIN)
@pytest.mark.filterwarnings("error")
def test_the_norm_of_a_vector_of_zeros(target):
    i = index("i")
    v = Quantity("v", Role.PARAMETER, (Axis(i, Integer(0), Integer(2)),))
    norm = sqrt(Sum((v[i] * x[()]) ** 2, (i, 0, 2)))
    module = made(Model("m", (x, v, c0), (define(c0, (), norm),)), target)
    for given, wanted in (([0.0, 0, 0], [0.0, 0, 0]), ([3.0, 0, 4], [0.6, 0, 0.8])):
        found = module.gradient(module.Parameters(v=np.array(given)), np.array(1.0))
        assert np.allclose(found.v, wanted, rtol=1e-15)


def test_what_has_no_other_form_is_left_alone():
    others = (exp(T), log(T), log(1 + T**2), T * exp(-(T**2)), 1 / (2 + exp(T)), sqrt(1 + T**2))
    for formula in others:
        assert stable(formula) == formula


def test_the_root_is_what_it_says():
    judge(layered_model("net", (ROOT,), cost("squared_error"), widths=(1, 1)))
