"""Index expressions and conditions as closures over whole numbers, or arrays of them."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
from sympy import Add, Expr, Indexed, Integer, Max, Min, Mul, Rational, Symbol, ceiling, floor
from sympy.core.parameters import distribute

from symbackprop.errors import NotSupported
from symbackprop.notation.expressions import Condition, Plus, Relation
from symbackprop.verification.environment import Env, Evaluator, Place, Test, Values, is_array

NOWHERE = -(2**40)
"""An index that no quantity has: what a fraction stands for where it is no whole number."""


@cache
def integer(expr: Expr) -> Evaluator:
    """A closure for an index expression: whole numbers, or `NOWHERE` where it is a fraction."""
    if isinstance(expr, Integer):
        number = int(expr)
        return lambda env, place: number
    if isinstance(expr, Symbol):
        return _letter(expr)
    if isinstance(expr, Indexed):
        label, inner = expr.base.label.name, [integer(i) for i in expr.indices]
        return lambda env, place: place.size(label, tuple(f(env, place) for f in inner))
    if isinstance(expr, floor | ceiling):
        return _rounded(expr)
    numerator, denominator = ratio(expr)
    if denominator == 1:
        return _arithmetic(numerator)
    value = integer(numerator)

    def exact(env: Env, place: Place) -> Values:
        number = value(env, place)
        return np.where(number % denominator == 0, number // denominator, NOWHERE)[()]

    return exact


@cache
def ratio(expr: Expr) -> tuple[Expr, int]:
    """An index expression as an expression without fractions over a positive number."""
    if not any(not number.is_Integer for number in expr.atoms(Rational)):
        return expr, 1
    with distribute(True):
        numerator, denominator = expr.as_numer_denom()
        return numerator.expand(), int(denominator)


def _letter(letter: Symbol) -> Evaluator:
    name = letter.name
    if letter.is_positive:
        return lambda env, place: place.size(name, ())
    return lambda env, place: env[name]


def _rounded(expr: Expr) -> Evaluator:
    numerator, denominator = ratio(expr.args[0])
    value = integer(numerator)
    if isinstance(expr, floor):
        return lambda env, place: value(env, place) // denominator
    return lambda env, place: -(-value(env, place) // denominator)


_ARITHMETIC: dict[type, Callable[[Values, Values], Values]] = {
    Add: lambda a, b: a + b,
    Plus: lambda a, b: a + b,
    Mul: lambda a, b: a * b,
    Max: lambda a, b: np.maximum(a, b)[()] if is_array(a) or is_array(b) else max(a, b),
    Min: lambda a, b: np.minimum(a, b)[()] if is_array(a) or is_array(b) else min(a, b),
}


def _arithmetic(expr: Expr) -> Evaluator:
    if expr.func not in _ARITHMETIC:
        raise NotSupported(f"{expr} is no index expression")
    combine = _ARITHMETIC[expr.func]
    first, *others = [integer(arg) for arg in expr.args]

    def value(env: Env, place: Place) -> Values:
        found = first(env, place)
        for other in others:
            found = combine(found, other(env, place))
        return found

    return value


@cache
def condition(one: Condition) -> Test:
    """A closure for a condition on indices."""
    numerator, denominator = ratio(one.expr)
    value = integer(numerator)
    match one.relation:
        case Relation.NONNEGATIVE:
            return lambda env, place: value(env, place) >= 0
        case Relation.ZERO:
            return lambda env, place: value(env, place) == 0
        case Relation.DIVISIBLE:
            modulus = one.modulus * denominator
            return lambda env, place: value(env, place) % modulus == 0
