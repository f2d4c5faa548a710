"""Expressions as closures over arrays of complex numbers: nothing clever, no calculus.

The value of an index is a whole number or an array of them; all arrays of an `Env` broadcast
against each other, so that one call answers for many places at once. A sum gives its index an axis
of its own, the last one. What stands behind a condition is evaluated only where it holds: nothing
is ever read at a place that an equation does not speak of.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
from sympy import (
    Add,
    Expr,
    Indexed,
    Integer,
    Mul,
    Number,
    NumberSymbol,
    Piecewise,
    Pow,
    Sum,
    Symbol,
)
from sympy.core.relational import Eq, Ge, Gt, Le, Lt, Ne
from sympy.logic.boolalg import And, BooleanFalse, BooleanTrue, Not, Or

from symbackprop.errors import NotSupported
from symbackprop.notation.elementary import BY_HEAD
from symbackprop.notation.expressions import (
    Applied,
    Delta,
    Partial,
    Plus,
    Product,
    Term,
)
from symbackprop.notation.functions import Apply
from symbackprop.notation.quantities import is_scalar
from symbackprop.verification.environment import (
    HIDDEN,
    Env,
    Evaluator,
    Place,
    Test,
    Values,
    argument_key,
    is_array,
    shape_of,
    where,
)
from symbackprop.verification.indices import condition, integer, ratio

_LARGEST = 1 << 19
"""So many numbers are computed at once; a longer sum is added up in parts."""


# -- expressions of quantities ------------------------------------------------------------------


@cache
def evaluator(expr: Expr) -> Evaluator:
    """A closure for an expression of quantities. Raises NotSupported for what it does not know."""
    for kind, build in _BUILDERS.items():
        if isinstance(expr, kind):
            return build(expr)
    if expr.func in BY_HEAD:
        return _elementary(expr)
    raise NotSupported(f"the reference cannot evaluate {type(expr).__name__}: {expr}")


def _number(expr: Expr) -> Evaluator:
    value = complex(float(expr))
    return lambda env, place: value


def _symbol(expr: Expr) -> Evaluator:
    if is_scalar(expr):
        name, key = expr.name, argument_key(expr)
        return lambda env, place: env[key] if key in env else place.read(name, (), env)
    return integer(expr)


def _indexed(expr: Expr) -> Evaluator:
    if expr.is_integer:
        return integer(expr)
    name, inner = expr.base.label.name, [integer(i) for i in expr.indices]
    return lambda env, place: place.read(name, tuple(f(env, place) for f in inner), env)


def _sum(expr: Expr) -> Evaluator:
    parts = [evaluator(arg) for arg in expr.args]

    def value(env: Env, place: Place) -> Values:
        total: Values = 0j
        for part in parts:
            total = total + part(env, place)
        return total

    return value


def _mul(expr: Expr) -> Evaluator:
    return _factors(expr.args)


def _power(expr: Expr) -> Evaluator:
    base, exponent = evaluator(expr.args[0]), expr.args[1]
    if isinstance(exponent, Integer):
        number = int(exponent)
        return lambda env, place: np.power(np.asarray(base(env, place), complex), number)[()]
    other = evaluator(exponent)
    return lambda env, place: np.power(np.asarray(base(env, place), complex), other(env, place))[()]


def _bound_sum(expr: Expr) -> Evaluator:
    body, names = evaluator(expr.function), names_in(expr.function)
    for letter, low, high in expr.limits:
        names |= names_in(low) | names_in(high)
        body = _loop(body, letter, integer(low), integer(high), frozenset(names))
    return body


def names_in(expr: Expr) -> set[str]:
    """The names that the value of an expression may depend on."""
    return {symbol.name for symbol in expr.free_symbols}


def _loop(
    body: Evaluator, letter: Symbol, low: Evaluator, high: Evaluator, names: frozenset[str]
) -> Evaluator:
    """The sum of ``body`` over a letter. Letters that it does not name take no part in it."""
    name = letter.name

    def value(env: Env, place: Place) -> Values:
        env = {k: v for k, v in env.items() if k in names or k.startswith(HIDDEN)}
        first, last = low(env, place), high(env, place)
        start, stop = int(np.min(first)), int(np.max(last))
        ragged = bool(np.any(first != start) or np.any(last != stop))
        inner = {k: v[..., None] if is_array(v) else v for k, v in env.items()}
        step = max(1, _LARGEST // max(1, int(np.prod(shape_of(env), dtype=int))))
        total: Values = 0j
        for begin in range(start, stop + 1, step):
            inner[name] = numbers = np.arange(begin, min(begin + step, stop + 1))
            if ragged:
                mask = (numbers >= _widened(first)) & (numbers <= _widened(last))
                part = where(mask, body, inner, place)
            else:
                part = body(inner, place)
            total = total + _added(part, len(numbers))
        return total

    return value


def _widened(value: Values) -> Values:
    return value[..., None] if is_array(value) else value


def _added(part: Values, count: int) -> Values:
    """The sum over the last axis, which what does not depend on it has not."""
    if not is_array(part):
        return part * count
    return part[..., 0] * count if part.shape[-1] == 1 else part.sum(-1)


def _equal(delta: Expr) -> Test:
    """Whether both arguments of a delta are equal; fractions are compared exactly."""
    (first, over), (second, under) = ratio(delta.args[0]), ratio(delta.args[1])
    left, right = integer(first), integer(second)
    return lambda env, place: left(env, place) * under == right(env, place) * over


def _delta(expr: Expr) -> Evaluator:
    test = _equal(expr)
    return lambda env, place: np.where(test(env, place), 1 + 0j, 0j)[()]


def _apply(expr: Apply) -> Evaluator:
    head, order = expr.head, expr.order
    place_of, argument = integer(expr.place), evaluator(expr.argument)
    return lambda env, place: place.function(
        head, place_of(env, place), order, argument(env, place)
    )


def _partial(expr: Partial) -> Evaluator:
    return lambda env, place: place.partial(expr, env)


def _applied(expr: Applied) -> Evaluator:
    return evaluator(expr.args[0])


def _piecewise(expr: Expr) -> Evaluator:
    def nothing(env: Env, place: Place) -> Values:
        raise NotSupported(f"no case of {expr} applies")

    found: Evaluator = nothing
    for value, test in reversed(expr.args):
        found = _either(_logic(test), evaluator(value), found)
    return found


def _either(test: Test, first: Evaluator, second: Evaluator) -> Evaluator:
    def value(env: Env, place: Place) -> Values:
        mask = test(env, place)
        if not is_array(mask):
            return first(env, place) if mask else second(env, place)
        return where(mask, first, env, place) + where(~mask, second, env, place)

    return value


_COMPARE: dict[type, Callable[[Values, Values], Values]] = {
    Gt: lambda a, b: a > b,
    Ge: lambda a, b: a >= b,
    Lt: lambda a, b: a < b,
    Le: lambda a, b: a <= b,
    Eq: lambda a, b: a == b,
    Ne: lambda a, b: a != b,
}


def _logic(test: Expr) -> Test:
    """The branch is chosen by the real part."""
    if isinstance(test, BooleanTrue | BooleanFalse):
        fixed = bool(test)
        return lambda env, place: fixed
    if test.func in _COMPARE:
        compare = _COMPARE[test.func]
        left, right = evaluator(test.args[0]), evaluator(test.args[1])
        return lambda env, place: compare(left(env, place).real, right(env, place).real)
    parts = [_logic(arg) for arg in test.args]
    if isinstance(test, And):
        return lambda env, place: np.logical_and.reduce(
            np.broadcast_arrays(*(part(env, place) for part in parts))
        )[()]
    if isinstance(test, Or):
        return lambda env, place: np.logical_or.reduce(
            np.broadcast_arrays(*(part(env, place) for part in parts))
        )[()]
    if isinstance(test, Not):
        return lambda env, place: np.logical_not(parts[0](env, place))[()]
    raise NotSupported(f"the reference cannot decide {test}")


def _elementary(expr: Expr) -> Evaluator:
    function, arguments = BY_HEAD[expr.func].value, [evaluator(arg) for arg in expr.args]

    def value(env: Env, place: Place) -> Values:
        found = [np.asarray(one(env, place), complex) for one in arguments]
        with np.errstate(all="ignore"):
            return function(*found)[()]

    return value


_BUILDERS: dict[type, Callable[[Expr], Evaluator]] = {
    Indexed: _indexed,
    Number: _number,
    NumberSymbol: _number,
    Symbol: _symbol,
    Add: _sum,
    Plus: _sum,
    Mul: _mul,
    Product: _mul,
    Sum: _bound_sum,
    Pow: _power,
    Delta: _delta,
    Apply: _apply,
    Partial: _partial,
    Applied: _applied,
    Piecewise: _piecewise,
}


# -- terms --------------------------------------------------------------------------------------


def magnitude_evaluator(term: Term) -> Evaluator:
    """A closure for the sum of the absolute values of a term's products."""
    return _term(term, absolute=True)


def term_evaluator(term: Term) -> Evaluator:
    """A closure for a term: sums over axes, each guard tested as soon as its letters are known."""
    return _term(term, absolute=False)


def _term(term: Term, *, absolute: bool) -> Evaluator:
    bound = {b.letter for b in term.sums}
    outer = [condition(g) for g in term.guards if not g.expr.free_symbols & bound]
    inner = [condition(g) for g in term.guards if g.expr.free_symbols & bound]
    product = _factors(term.factors)
    if absolute:
        signed = product
        product = lambda env, place: abs(signed(env, place)) + 0j  # noqa: E731
    value = _guarded(product, inner)
    names: set[str] = set().union(*(names_in(factor) for factor in term.factors))
    names |= set().union(*(names_in(guard.expr) for guard in term.guards))
    for one in reversed(term.sums):
        names |= names_in(one.low) | names_in(one.high)
        value = _loop(value, one.letter, integer(one.low), integer(one.high), frozenset(names))
    return _guarded(value, outer)


def _factors(factors: tuple[Expr, ...]) -> Evaluator:
    parts = [evaluator(factor) for factor in factors]

    def value(env: Env, place: Place) -> Values:
        total: Values = 1 + 0j
        for part in parts:
            total = total * part(env, place)
        return total

    return value


def _guarded(value: Evaluator, guards: list[Test]) -> Evaluator:
    """The value where the guards hold, else 0; each guard is asked where those before it hold."""
    for guard in reversed(guards):
        value = _behind(guard, value)
    return value


def _behind(guard: Test, value: Evaluator) -> Evaluator:
    return lambda env, place: where(guard(env, place), value, env, place)
