"""The forms of a function's row, judged against its formula before code is written.

A row may say its value for code (``stable``, ``direct``, ``clipped``) and its slope
(``derivative``, ``slope``, ``exact_slope``) in other forms than its formula. Each is compared with
the formula, in many digits: on both sides of every point where formula or form change their case,
at such points, around 0, at both far ends, and at a kink with the slope that the row says stands
there.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from itertools import pairwise
from typing import Any, TypeAlias

import mpmath
from sympy import (
    Abs,
    Add,
    Expr,
    Float,
    Heaviside,
    Integer,
    Max,
    Min,
    Mul,
    NumberSymbol,
    Piecewise,
    Pow,
    Rational,
    Sum,
    ceiling,
    floor,
    sign,
)
from sympy.core.relational import Eq, Ge, Gt, Le, Lt, Ne, Relational
from sympy.logic.boolalg import And, Not, Or

from symbackprop.errors import ModelError, NotSupported
from symbackprop.model.functions import (
    FUNCTIONS,
    ROW,
    SELF,
    SELF_ROW,
    WIDTH,
    FunctionRow,
    J,
    Q,
    T,
)
from symbackprop.model.model import Model
from symbackprop.notation.elementary import TABLE
from symbackprop.notation.expressions import Delta, Plus, Product
from symbackprop.notation.functions import Apply

DIGITS, PLACES, SMALLEST = 60, 1e-9, 1e-30
"""Digits, and how near a value must be: relatively, and to 0, since forms are limited far out."""
STEP = Rational(1, 10**15)
BESIDE = Rational(1, 10**6)
ENDS = tuple(map(Integer, (-1000, -200, -40, 40, 200, 1000)))
BETWEEN = tuple(
    Rational(n, 97) for n in (-1301, -731, -443, -255, -101, -59, -22, 15, 31, 77, 142, 291, 853)
)
ROUND_ZERO = (-Rational(1, 10**8), -BESIDE, Integer(0), BESIDE, Rational(1, 10**8))
VALUES = ("stable", "direct", "clipped")
SLOPES = ("derivative", "slope", "exact_slope")

Rows = Mapping[str, FunctionRow]
Number: TypeAlias = Any
"""A number of mpmath."""

FUNCTIONS_OF_NUMBERS: dict[type, Callable[..., Number]] = {
    one.head: getattr(mpmath, one.head.__name__)
    for one in TABLE
    if hasattr(mpmath, one.head.__name__)
} | {
    Abs: abs,
    ceiling: mpmath.ceil,
    Max: max,
    Min: min,
    Heaviside: lambda x, at: at if x == 0 else mpmath.mpf(x > 0),
}
COMPARISONS: dict[type, Callable[[Number, Number], bool]] = {
    Gt: operator.gt, Ge: operator.ge, Lt: operator.lt, Le: operator.le, Eq: operator.eq,
    Ne: operator.ne,
}  # fmt: skip


def judge(model: Model) -> None:
    """Judge the rows of a model that are not those of the table, which are judged by its tests.

    Raises ModelError with the row, the form, the argument and both values.
    """
    rows = {row.name: row for row in model.functions}
    for row in rows.values():
        if row not in FUNCTIONS and row.formula is not None:
            _judged(row, tuple(rows.values()))


@cache
def _judged(row: FunctionRow, known: tuple[FunctionRow, ...]) -> None:
    """Judge one row. Raises ModelError for a form that says something else than the formula."""
    rows = {one.name: one for one in known}
    (_row_of_arguments if row.reads_row else _one_argument)(row, rows)


def _one_argument(row: FunctionRow, rows: Rows) -> None:
    formula = _written(row.formula, row, rows)
    forms = {name: getattr(row, name) for name in (*VALUES, *SLOPES)}
    written = {name: _written(one, row, rows) for name, one in forms.items() if one is not None}
    breaks = sorted({p for one in (formula, *written.values()) for p in _breaks(one)})
    stated = dict(row.kinks)
    sides = [p + side for p in breaks for side in (-BESIDE, BESIDE)]
    points = sorted({*ROUND_ZERO, *BETWEEN, *ENDS, *sides, *breaks})
    for point in points:
        for name, form in written.items():
            wanted = None
            if name in VALUES:
                wanted = _at(formula, point)
            elif point in stated:
                wanted = _at(stated[point], point)
            elif point not in breaks:
                wanted = _slope_at(formula, point)
            _compare(row, name, f"t = {_short(point)}", wanted, _at(form, point))


def _compare(
    row: FunctionRow, name: str, where: str, wanted: Number | None, value: Number | None
) -> None:
    """Raise ModelError where a form differs from the formula; None is a point without a value."""
    if wanted is None:
        return
    if value is None or abs(value - wanted) > PLACES * abs(wanted) + SMALLEST:
        what = "the formula" if name in VALUES else "the derivative of the formula"
        shown = "no real number" if value is None else _short(value)
        raise ModelError(
            f"function {row.name}: its {name} form is {shown} at {where}, where {what} is "
            f"{_short(wanted)}"
        )


def _short(value: Any) -> str:
    return f"{float(value):.10g}"


def _written(expr: Expr, row: FunctionRow, rows: Rows) -> Expr:
    """An expression with the functions it names, and the function's own value, written out."""
    expr = expr.xreplace({SELF: row.formula})
    while calls := [one for one in expr.atoms(Apply) if not one.argument.has(Apply)]:
        expr = expr.xreplace({one: _call(one, rows) for one in calls})
    return expr


def _call(one: Apply, rows: Rows) -> Expr:
    row = rows.get(one.head)
    found = None if row is None else row.formula if one.order == 0 else row.printed_derivative
    if row is None or found is None or one.order > 1:
        raise ModelError(f"function {one.head} is used in a form, but no row says what it is")
    return found.xreplace({SELF: row.formula, T: one.argument})


def _at(expr: Expr, point: Expr) -> Number | None:
    """The value at a point; None where there is no real one."""
    with mpmath.workdps(DIGITS):
        return _value(expr, mpmath.mpf(point.p) / point.q)


def _value(expr: Expr, t: Number) -> Number | None:
    """The value of a formula at a number in many digits; None where there is no real one."""
    try:
        found = _number(expr, t)
    except (ValueError, ZeroDivisionError, OverflowError):
        return None
    return found if isinstance(found, mpmath.mpf) and mpmath.isfinite(found) else None


def _number(expr: Expr, t: Number) -> Number:
    if expr == T:
        return t
    if isinstance(expr, Rational):
        return mpmath.mpf(expr.p) / expr.q
    if isinstance(expr, NumberSymbol | Float):
        return mpmath.mpf(str(expr.evalf(DIGITS)))
    if isinstance(expr, Piecewise):
        return _number(next(value for value, test in expr.args if _holds(test, t)), t)
    args = [_number(arg, t) for arg in expr.args]
    if isinstance(expr, Pow):
        return args[0] ** args[1]
    if isinstance(expr, Add | Plus):
        return mpmath.fsum(args)
    if isinstance(expr, Mul | Product):
        return mpmath.fprod(args)
    if expr.func not in FUNCTIONS_OF_NUMBERS:
        raise NotSupported(f"no form of a function is judged with {expr.func.__name__}: {expr}")
    return FUNCTIONS_OF_NUMBERS[expr.func](*args)


def _holds(test: Expr, t: Number) -> bool:
    """Whether a condition holds at a number; none holds in the end where no case is left."""
    if isinstance(test, Relational):
        left, right = (_number(arg, t) for arg in test.args)
        return bool(COMPARISONS[test.func](left, right))
    if isinstance(test, And | Or | Not):
        parts = [_holds(arg, t) for arg in test.args]
        return not parts[0] if isinstance(test, Not) else (all, any)[isinstance(test, Or)](parts)
    return bool(test)


def _slope_at(formula: Expr, point: Expr) -> Number | None:
    """The slope by values on both sides, in so many digits that it is exact to about 25."""
    low, high = (_at(formula, point + side) for side in (-STEP, STEP))
    return None if low is None or high is None else _difference(low, high)


def _difference(low: Number, high: Number) -> Number:
    with mpmath.workdps(DIGITS):
        return (high - low) * STEP.q / 2


def _breaks(expr: Expr) -> Iterator[Expr]:
    """The points where an expression may change its case."""
    for switch in _switches(expr):
        if switch.has(T):
            yield from _zeros(switch)


def _switches(expr: Expr) -> Iterator[Expr]:
    """What changes its sign where an expression changes its case."""
    for one in expr.atoms(Relational):
        yield one.lhs - one.rhs
    for one in expr.atoms(Abs, sign, Heaviside):
        yield one.args[0]
    for one in expr.atoms(Max, Min):
        yield from (first - other for n, first in enumerate(one.args) for other in one.args[:n])
    for one in expr.atoms(floor, ceiling):
        yield from (one.args[0] - whole for whole in range(-3, 4))


def _zeros(switch: Expr) -> Iterator[Expr]:
    """The zeros of a switch: exactly where it is linear, else between points of other signs."""
    slope = switch.diff(T)
    if slope.is_Rational and slope != 0:
        yield -switch.xreplace({T: Integer(0)}) / slope
        return
    grid = (*ENDS[:3], *BETWEEN, *ENDS[3:])
    signs = [(point, value > 0) for point in grid if (value := _at(switch, point)) is not None]
    for (low, before), (high, after) in pairwise(signs):
        if before != after:
            yield _bisected(switch, low, high, after)


def _bisected(switch: Expr, low: Expr, high: Expr, rising: bool) -> Expr:
    for _ in range(60):
        middle = (low + high) / 2
        value = _at(switch, middle)
        low, high = (low, middle) if value is not None and (value > 0) == rising else (middle, high)
    return low


ROWS_OF_NUMBERS = (
    tuple(Rational(n, 97) for n in (31, -142, 77, 5)),
    tuple(map(Integer, (40, -3, 2, -40))),
)


def _row_of_arguments(row: FunctionRow, rows: Rows) -> None:
    """The same of a function that reads its whole layer: rows of four numbers."""
    for numbers in ROWS_OF_NUMBERS:
        values = [_entry(row.formula, numbers, {}, own, 0, rows) for own in range(len(numbers))]
        shown = [Float(mpmath.nstr(value, DIGITS), DIGITS) for value in values]
        for own in range(len(numbers)):
            for name in VALUES:
                if (form := getattr(row, name)) is not None:
                    found = _entry(form, numbers, {}, own, 0, rows)
                    _compare(row, name, _of_row(numbers, own), values[own], found)
            for by in range(len(numbers)):
                sides = []
                for side in (-STEP, STEP):
                    moved = tuple(x + side * int(n == by) for n, x in enumerate(numbers))
                    sides.append(_entry(row.formula, moved, {}, own, by, rows))
                wanted = _difference(*sides)
                for name in SLOPES:
                    if (form := getattr(row, name)) is not None:
                        found = _entry(form, numbers, dict(enumerate(shown)), own, by, rows)
                        where = f"{_of_row(numbers, own)} by argument {by}"
                        _compare(row, name, where, wanted, found)


def _of_row(numbers: tuple[Expr, ...], own: int) -> str:
    return f"argument {own} of the row ({', '.join(map(_short, numbers))})"


def _entry(
    expr: Expr,
    numbers: tuple[Expr, ...],
    values: Mapping[int, Expr],
    own: int,
    by: int,
    rows: Rows,
) -> Number | None:
    """The value of an expression of a row at one of its places."""
    found = expr.xreplace({WIDTH: Integer(len(numbers)), J: Integer(own), Q: Integer(by)})
    while sums := found.atoms(Sum):
        inner = {one for one in sums if not one.function.has(Sum)}
        found = found.xreplace({one: _spelt(one) for one in inner})
    known: dict[Expr, Expr] = {ROW[n]: x for n, x in enumerate(numbers)}
    known |= {SELF_ROW[n]: x for n, x in values.items()}
    found = found.xreplace(known)
    found = found.replace(Delta, lambda a, b: Integer(a == b))
    while calls := [one for one in found.atoms(Apply) if not one.argument.has(Apply)]:
        found = found.xreplace({one: _call(one, rows) for one in calls})
    with mpmath.workdps(DIGITS):
        return _value(found, mpmath.mpf(0))


def _spelt(one: Sum) -> Expr:
    """A sum, its summands written out."""
    ((letter, low, high),) = one.limits
    total: Expr = Integer(0)
    for value in range(int(low), int(high) + 1):
        total += one.function.xreplace({letter: Integer(value)})
    return total


__all__ = ["judge"]
