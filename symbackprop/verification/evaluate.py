"""Expressions as plain Python closures over complex numbers: nothing clever, no calculus."""

from __future__ import annotations

import cmath
from collections.abc import Callable
from fractions import Fraction
from functools import cache
from typing import Any, Protocol

import mpmath
from sympy import (
    Abs,
    Add,
    Expr,
    Indexed,
    Integer,
    Max,
    Min,
    Mul,
    Number,
    NumberSymbol,
    Piecewise,
    Pow,
    Rational,
    Sum,
    Symbol,
    ceiling,
    cos,
    cosh,
    erf,
    erfc,
    exp,
    floor,
    log,
    sin,
    sinh,
    tanh,
)
from sympy.core.relational import Eq, Ge, Gt, Le, Lt, Ne
from sympy.logic.boolalg import And, BooleanFalse, BooleanTrue, Not, Or

from symbackprop.errors import NotSupported
from symbackprop.notation.expressions import (
    Applied,
    Condition,
    Delta,
    Partial,
    Plus,
    Product,
    Relation,
    Term,
)
from symbackprop.notation.functions import Apply
from symbackprop.notation.quantities import is_scalar
from symbackprop.notation.symbols import is_own

STEP = 1e-30
"""The imaginary step: its square vanishes, so imaginary part over step is the exact derivative."""

DIGITS = 40

Env = dict[str, Any]
"""Values of indices and arguments by name: a name hashes quickly, a SymPy symbol does not."""


class Place(Protocol):
    """What an expression is evaluated in: values of instances, derivatives, functions, sizes."""

    def read(self, name: str, indices: tuple[int, ...]) -> complex:
        """The value of an instance."""

    def partial(self, node: Partial, env: Env) -> complex:
        """The value of a derivative written by name."""

    def function(self, head: str, place: int, order: int, argument: complex) -> complex:
        """The value of a named function or of one of its derivatives."""

    def size(self, name: str, indices: tuple[int, ...]) -> int:
        """The number that a symbolic size stands for."""


Evaluator = Callable[[Env, Place], complex]
Index = Callable[[Env, Place], Fraction | int]


@cache
def integer(expr: Expr) -> Index:
    """A closure for an index expression."""
    if isinstance(expr, Integer):
        number = int(expr)
        return lambda env, place: number
    if isinstance(expr, Rational):
        fraction = Fraction(int(expr.p), int(expr.q))
        return lambda env, place: fraction
    if isinstance(expr, Symbol):
        name = expr.name
        if not expr.is_positive:
            return lambda env, place: env[name]
        return lambda env, place: place.size(name, ())
    if expr.is_Add and len(expr.args) == 2 and expr.args[0].is_Integer:
        shift, rest = int(expr.args[0]), integer(expr.args[1])
        return lambda env, place: rest(env, place) + shift
    if isinstance(expr, Indexed):
        label, inner = expr.base.label.name, [integer(i) for i in expr.indices]
        return lambda env, place: place.size(label, tuple(int(f(env, place)) for f in inner))
    if expr.func not in _INTEGER:
        raise NotSupported(f"{expr} is no index expression")
    combine = _INTEGER[expr.func]
    parts = [integer(arg) for arg in expr.args]
    return lambda env, place: combine([part(env, place) for part in parts])


def _product(values: list[Fraction | int]) -> Fraction | int:
    result: Fraction | int = 1
    for value in values:
        result = result * value
    return result


_INTEGER: dict[type, Callable[[list[Any]], Any]] = {
    Add: sum,
    Mul: _product,
    Max: max,
    Min: min,
    floor: lambda v: v[0].__floor__(),
    ceiling: lambda v: v[0].__ceil__(),
}


@cache
def condition(one: Condition) -> Callable[[Env, Place], bool]:
    """A closure for a condition on indices."""
    value = integer(one.expr)
    match one.relation:
        case Relation.NONNEGATIVE:
            return lambda env, place: value(env, place) >= 0
        case Relation.ZERO:
            return lambda env, place: value(env, place) == 0
    return lambda env, place: one.holds(int(value(env, place)))


@cache
def evaluator(expr: Expr) -> Evaluator:
    """A closure for an expression of quantities."""
    for kind, build in _BUILDERS.items():
        if isinstance(expr, kind):
            return build(expr)
    raise NotSupported(f"the reference cannot evaluate {type(expr).__name__}: {expr}")


def _number(expr: Expr) -> Evaluator:
    value = complex(float(expr))
    return lambda env, place: value


def _symbol(expr: Expr) -> Evaluator:
    if is_scalar(expr):
        name = expr.name
        if is_own(name):
            return lambda env, place: env[name] if name in env else place.read(name, ())
        return lambda env, place: place.read(name, ())
    value = integer(expr)
    return lambda env, place: complex(value(env, place))


def _indexed(expr: Expr) -> Evaluator:
    if expr.is_integer:
        size = integer(expr)
        return lambda env, place: complex(size(env, place))
    name, inner = expr.base.label.name, [integer(i) for i in expr.indices]
    return lambda env, place: place.read(name, tuple([int(f(env, place)) for f in inner]))


def _sum(expr: Expr) -> Evaluator:
    parts = [evaluator(arg) for arg in expr.args]

    def value(env: Env, place: Place) -> complex:
        total = 0j
        for part in parts:
            total += part(env, place)
        return total

    return value


def _mul(expr: Expr) -> Evaluator:
    return _factors([evaluator(arg) for arg in expr.args])


def _power(expr: Expr) -> Evaluator:
    base, exponent = evaluator(expr.args[0]), expr.args[1]
    if isinstance(exponent, Integer):
        number = int(exponent)
        return lambda env, place: base(env, place) ** number
    other = evaluator(exponent)
    return lambda env, place: base(env, place) ** other(env, place)


def _bound_sum(expr: Expr) -> Evaluator:
    body = evaluator(expr.function)
    for letter, low, high in expr.limits:
        body = _loop(body, letter, integer(low), integer(high))
    return body


def _loop(body: Evaluator, letter: Symbol, low: Index, high: Index) -> Evaluator:
    name = letter.name

    def value(env: Env, place: Place) -> complex:
        total = 0j
        inner = dict(env)
        for number in range(int(low(env, place)), int(high(env, place)) + 1):
            inner[name] = number
            total += body(inner, place)
        return total

    return value


def _delta(expr: Expr) -> Evaluator:
    left, right = integer(expr.args[0]), integer(expr.args[1])
    return lambda env, place: complex(left(env, place) == right(env, place))


def _apply(expr: Apply) -> Evaluator:
    head, order = expr.head, expr.order
    place_of, argument = integer(expr.place), evaluator(expr.argument)
    return lambda env, place: place.function(
        head, int(place_of(env, place)), order, argument(env, place)
    )


def _partial(expr: Partial) -> Evaluator:
    return lambda env, place: place.partial(expr, env)


def _applied(expr: Applied) -> Evaluator:
    return evaluator(expr.args[0])


def _piecewise(expr: Expr) -> Evaluator:
    arms = [(evaluator(value), _logic(test)) for value, test in expr.args]

    def value(env: Env, place: Place) -> complex:
        for arm, test in arms:
            if test(env, place):
                return arm(env, place)
        raise NotSupported(f"no case of {expr} applies")

    return value


_COMPARE: dict[type, Callable[[float, float], bool]] = {
    Gt: lambda a, b: a > b,
    Ge: lambda a, b: a >= b,
    Lt: lambda a, b: a < b,
    Le: lambda a, b: a <= b,
    Eq: lambda a, b: a == b,
    Ne: lambda a, b: a != b,
}


def _logic(test: Expr) -> Callable[[Env, Place], bool]:
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
        return lambda env, place: all(part(env, place) for part in parts)
    if isinstance(test, Or):
        return lambda env, place: any(part(env, place) for part in parts)
    if isinstance(test, Not):
        return lambda env, place: not parts[0](env, place)
    raise NotSupported(f"the reference cannot decide {test}")


def _accurate(name: str, quick: Callable[[complex], complex] | None) -> Callable[[Expr], Evaluator]:
    """A function by cmath where that is accurate, else (saturation, erf) by mpmath."""
    precise = getattr(mpmath, name)

    def build(expr: Expr) -> Evaluator:
        argument = evaluator(expr.args[0])

        def value(env: Env, place: Place) -> complex:
            z = argument(env, place)
            if quick is not None and abs(z.real) < 30:
                return quick(z)
            with mpmath.workdps(DIGITS):
                return complex(precise(mpmath.mpc(z)))

        return value

    return build


def _log(z: complex) -> complex:
    """Log, whose real part cmath gets wrong by an ulp near 1 only; the imaginary part is exact."""
    return cmath.log(z)


def _absolute(expr: Expr) -> Evaluator:
    inner = evaluator(expr.args[0])

    def value(env: Env, place: Place) -> complex:
        z = inner(env, place)
        return z if z.real > 0 else -z

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
    exp: _accurate("exp", cmath.exp),
    Pow: _power,
    Delta: _delta,
    Apply: _apply,
    Partial: _partial,
    Applied: _applied,
    Piecewise: _piecewise,
    Abs: _absolute,
    log: _accurate("log", _log),
    tanh: _accurate("tanh", cmath.tanh),
    sinh: _accurate("sinh", cmath.sinh),
    cosh: _accurate("cosh", cmath.cosh),
    sin: _accurate("sin", cmath.sin),
    cos: _accurate("cos", cmath.cos),
    erf: _accurate("erf", None),
    erfc: _accurate("erfc", None),
    floor: lambda e: _symbolic_integer(e),
    ceiling: lambda e: _symbolic_integer(e),
}


def _symbolic_integer(expr: Expr) -> Evaluator:
    value = integer(expr)
    return lambda env, place: complex(value(env, place))


def magnitude_evaluator(term: Term) -> Evaluator:
    """A closure for the sum of the absolute values of a term's products."""
    return _term(term, absolute=True)


def term_evaluator(term: Term) -> Evaluator:
    """A closure for a term: sums as loops, each guard tested as soon as its letters are known."""
    return _term(term, absolute=False)


def _term(term: Term, *, absolute: bool) -> Evaluator:
    bound = {b.letter for b in term.sums}
    outer = [condition(g) for g in term.guards if not g.expr.free_symbols & bound]
    inner = [condition(g) for g in term.guards if g.expr.free_symbols & bound]
    product = _factors([evaluator(factor) for factor in term.factors])
    if absolute:
        signed = product
        product = lambda env, place: complex(abs(signed(env, place)))  # noqa: E731
    value = _guarded(product, inner)
    for one in reversed(term.sums):
        value = _loop(value, one.letter, integer(one.low), integer(one.high))
    return _guarded(value, outer)


def _factors(parts: list[Evaluator]) -> Evaluator:
    def value(env: Env, place: Place) -> complex:
        total = 1 + 0j
        for part in parts:
            total *= part(env, place)
        return total

    return value


def _guarded(value: Evaluator, guards: list[Callable[[Env, Place], bool]]) -> Evaluator:
    if not guards:
        return value
    return lambda env, place: (
        value(env, place) if all(guard(env, place) for guard in guards) else 0j
    )
