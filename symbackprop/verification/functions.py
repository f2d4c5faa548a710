"""Values of named functions, and of their derivatives by a complex step of the function itself."""

from __future__ import annotations

from functools import cache
from typing import Any, cast

import mpmath
import numpy as np
from sympy import Expr, Float

from symbackprop.model.functions import FUNCTIONS, FunctionRow, T
from symbackprop.notation.functions import Apply
from symbackprop.verification.environment import STEP, Place, Values, argument_key
from symbackprop.verification.evaluate import evaluator

DIGITS = 40


class _Nowhere:
    """A place without quantities: formulas of functions mention none but other functions."""

    def function(self, head: str, place: Values, order: int, argument: Values) -> Values:
        row = next(row for row in FUNCTIONS if row.name == head)
        return function_value(row, place, order, argument)


NOWHERE = cast(Place, _Nowhere())


def function_value(
    row: FunctionRow, place: Values, order: int, argument: Values, where: Place = NOWHERE
) -> Values:
    """The order-th derivative of a named function at ``argument`` (a number, or an array).

    where: the place that knows the functions which the formula names.
    """
    at = np.asarray(argument, complex)
    with np.errstate(all="ignore"):
        return _value(row, place, order, at, where)[()]


def _value(row: FunctionRow, place: Values, order: int, at: np.ndarray, where: Place) -> Any:
    if row.formula is None:
        return _abstract(place, at, order)
    formula = evaluator(row.formula)
    if order == 0:
        return np.asarray(formula({argument_key(T): at}, where))
    if order == 1 and not at.imag.any():
        found = np.asarray(formula({argument_key(T): at.real + 1j * STEP}, where))
        return np.broadcast_to(found.imag / STEP + 0j, at.shape)
    opened = _opened(row.formula, where)
    first = _each(lambda t: _by_steps(opened, order, t), at.real)
    if not at.imag.any():
        return first + 0j
    return first + 1j * at.imag * _each(lambda t: _by_steps(opened, order + 1, t), at.real)


def _opened(formula: Expr, where: Place) -> Expr:
    """A formula with the formulas of the functions that it names put in."""
    rows = getattr(where, "model", None)
    for one in sorted(formula.atoms(Apply), key=str):
        row = rows.function(one.head) if rows is not None else _row(one.head)
        inner: Expr = row.formula
        formula = formula.xreplace({one: _opened(inner.xreplace({T: one.argument}), where)})
    return formula


def _row(head: str) -> FunctionRow:
    return next(row for row in FUNCTIONS if row.name == head)


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
