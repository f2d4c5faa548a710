"""Values of named functions, and of their derivatives by a complex step of the function itself."""

from __future__ import annotations

from functools import cache
from typing import Any, cast

import mpmath
import numpy as np
from sympy import Expr, Float

from symbackprop.model.functions import FunctionRow, T
from symbackprop.verification.environment import STEP, Place, Values, argument_key
from symbackprop.verification.evaluate import evaluator

DIGITS = 40


_NOWHERE = cast(Place, None)
"""Where formulas are evaluated: they mention their argument and nothing else."""


def function_value(row: FunctionRow, place: Values, order: int, argument: Values) -> Values:
    """The order-th derivative of a named function at ``argument`` (a number, or an array)."""
    at = np.asarray(argument, complex)
    with np.errstate(all="ignore"):
        return _value(row, place, order, at)[()]


def _value(row: FunctionRow, place: Values, order: int, at: np.ndarray) -> Any:
    if row.formula is None:
        return _abstract(place, at, order)
    formula = evaluator(row.formula)
    if order == 0:
        return np.asarray(formula({argument_key(T): at}, _NOWHERE))
    if order == 1 and not at.imag.any():
        found = np.asarray(formula({argument_key(T): at.real + 1j * STEP}, _NOWHERE))
        return np.broadcast_to(found.imag / STEP + 0j, at.shape)
    opened = row.formula
    first = _each(lambda t: _by_steps(opened, order, t), at.real)
    if not at.imag.any():
        return first + 0j
    return first + 1j * at.imag * _each(lambda t: _by_steps(opened, order + 1, t), at.real)


def _each(function: Any, at: np.ndarray) -> np.ndarray:
    points, back = np.unique(at, return_inverse=True)
    return np.array([function(float(t)) for t in points])[back].reshape(at.shape)


@cache
def _by_steps(formula: Expr, order: int, at: float) -> float:
    """The order-th derivative at a real number, by small steps in many digits."""

    def value(t: mpmath.mpf) -> mpmath.mpf:
        number = formula.xreplace({T: Float(t, mpmath.mp.dps)}).evalf(mpmath.mp.dps)
        return mpmath.mpf(number)

    with mpmath.workdps(DIGITS):
        return float(mpmath.diff(value, mpmath.mpf(at), order))


def _abstract(place: Values, t: np.ndarray, order: int) -> np.ndarray:
    """A smooth, non-odd, non-linear g^(l), another one in each layer, and its derivatives.

    g(t) = alpha t + beta sin(t + gamma): sums and shifts keep every derivative in closed form.
    """
    alpha, beta, gamma = 0.5 + 0.07 * place, 0.4 + 0.05 * (place % 3), 0.3 + 0.2 * place
    turned = _sine(t + gamma, order)
    linear = (alpha * t, alpha, 0.0)[min(order, 2)]
    return np.asarray(linear + beta * turned)


def _sine(t: np.ndarray, order: int) -> np.ndarray:
    return (np.sin, np.cos, lambda u: -np.sin(u), lambda u: -np.cos(u))[order % 4](t)
