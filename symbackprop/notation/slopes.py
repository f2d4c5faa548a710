"""Derivatives of formulas by a letter: the chain rule over the table of elementary functions."""

from __future__ import annotations

from sympy import (
    Abs,
    Add,
    Derivative,
    DiracDelta,
    Expr,
    Heaviside,
    Integer,
    Max,
    Min,
    Mul,
    Piecewise,
    Pow,
    Subs,
    Sum,
    ceiling,
    floor,
    log,
    sign,
)

from symbackprop.errors import NotSupported
from symbackprop.notation.elementary import BY_HEAD, slope
from symbackprop.notation.functions import Apply

_UNLIKE = (Abs, sign, Heaviside, floor, ceiling, Max, Min)
"""The functions whose derivative SymPy has otherwise."""

_OUTSIDE = (Derivative, Subs, DiracDelta)


def derivative(expr: Expr, by: Expr) -> Expr:
    """The derivative of a formula by a letter, inside this table.

    Where SymPy's own derivative stays inside the table it is taken, in the form in which SymPy
    has it. Raises NotSupported for what has no derivative there.
    """
    if not expr.has(by):
        return Integer(0)
    found = _derivative(expr, by)
    stray = next(iter(found.atoms(*_OUTSIDE)), None)
    if stray is not None:
        raise NotSupported(f"the derivative of {expr} by {by} is not known")
    return found


def _derivative(expr: Expr, by: Expr) -> Expr:
    if not expr.has(by):
        return Integer(0)
    if not expr.has(*_UNLIKE):
        return expr.diff(by)
    if expr.func in BY_HEAD:
        inner = [_derivative(arg, by) for arg in expr.args]
        return Add(*(slope(expr, n) * one for n, one in enumerate(inner) if one != 0))
    if isinstance(expr, Add):
        return Add(*(_derivative(arg, by) for arg in expr.args))
    if isinstance(expr, Mul):
        args = expr.args
        return Add(
            *(
                Mul(*args[:n], _derivative(arg, by), *args[n + 1 :])
                for n, arg in enumerate(args)
                if arg.has(by)
            )
        )
    if isinstance(expr, Pow):
        base, exponent = expr.args
        result = exponent * base ** (exponent - 1) * _derivative(base, by)
        return result + expr * log(base) * _derivative(exponent, by) if exponent.has(by) else result
    if isinstance(expr, Piecewise):
        return Piecewise(*((_derivative(value, by), test) for value, test in expr.args))
    if isinstance(expr, Sum):
        return Sum(_derivative(expr.function, by), *expr.limits)
    if isinstance(expr, Apply):
        return expr.fdiff() * _derivative(expr.argument, by)
    raise NotSupported(f"the derivative of {expr.func.__name__} is not known: {expr}")
