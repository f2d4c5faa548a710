"""The table of elementary functions: every row's value, slope, kinks and print."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest
from sympy import (
    Derivative,
    DiracDelta,
    Expr,
    Float,
    Heaviside,
    Integer,
    Max,
    Min,
    Piecewise,
    Rational,
    S,
    Subs,
    Symbol,
    exp,
    gamma,
    lambdify,
    preorder_traversal,
)

from symbackprop.errors import NotSupported
from symbackprop.model import functions
from symbackprop.model.functions import FunctionRow
from symbackprop.notation import complex_values
from symbackprop.notation.elementary import BY_HEAD, TABLE, Elementary, T, U, slope, written
from symbackprop.notation.printers.printer import Printer
from symbackprop.notation.printers.speech import SPEECH, SpeechPrinter
from symbackprop.notation.printers.styles import LATEX, TEXT
from symbackprop.notation.slopes import derivative
from tests.support.math import check_formula

ROWS = pytest.mark.parametrize("row", TABLE, ids=lambda row: row.head.__name__)
POINTS = (
    -60, -20, -7.3, -1.5, -0.99, -0.3, -1e-9, -1e-20, 1e-20, 1e-12, 0.2, 0.7, 0.999, 1.2, 1.7, 3.3,
    20, 60,
)  # fmt: skip
STEP = 1e-30
STYLES = ((Printer, LATEX), (Printer, TEXT), (SpeechPrinter, SPEECH))
BESIDE = 1e-9


def _arguments(row: Elementary) -> tuple[Expr, ...]:
    if row.picks:
        return (T, U)
    return (T, U)[: len(row.slopes)]


def _call(row: Elementary) -> Expr:
    return row.head(*_arguments(row))


def _points(row: Elementary) -> list[float]:
    """The points of the domain, and both sides of each kink."""
    kinks = [0, 3, -2] if row.kinks is S.Integers else list(row.kinks)
    beside = [float(k) + side for k in kinks for side in (-BESIDE, BESIDE)]
    inside = [p for p in (*POINTS, *beside) if row.domain.contains(Float(p)) == S.true]
    return [p for p in inside if row.kinks.contains(Rational(p)) != S.true]


def _stepped(row: Elementary, point: float, position: int) -> complex:
    """Value and slope of one argument by the row's own evaluation."""
    others = [0.25 + 0j] * len(_arguments(row))
    others[position] = complex(point, STEP)
    return complex(row.value(*(np.array([z]) for z in others))[0])


@ROWS
def test_value_is_the_functions(row: Elementary) -> None:
    for point in _points(row):
        values = dict(zip(_arguments(row), (Rational(point), Rational(1, 4)), strict=False))
        right = float(_call(row).xreplace(values).evalf(40))
        assert _stepped(row, point, 0).real == pytest.approx(right, rel=1e-15, abs=1e-300)


@ROWS
def test_slope_is_that_of_a_complex_step(row: Elementary) -> None:
    """On both sides of each kink, by every argument."""
    call = _call(row)
    for position, _ in enumerate(call.args):
        found = slope(call, position)
        for point in _points(row):
            if position == 1 and not row.picks:
                continue
            given = [Rational(1, 4)] * len(call.args)
            given[position] = Rational(point)
            number = found.xreplace(dict(zip(call.args, given, strict=True))).evalf(40)
            right = _stepped(row, point, _arguments(row).index(call.args[position])).imag / STEP
            assert float(number) == pytest.approx(right, rel=1e-14, abs=1e-60)


@ROWS
def test_slope_at_a_kink_is_that_of_the_evaluation(row: Elementary) -> None:
    if row.picks or not row.kinks:
        return
    assert row.kinks.contains(Integer(0)) == S.true
    at = slope(_call(row)).xreplace({T: Integer(0)})
    assert float(at) == _stepped(row, 0.0, 0).imag / STEP


@ROWS
def test_derivatives_stay_inside_the_table(row: Elementary) -> None:
    """To any order: no Derivative, no DiracDelta, no half of a Heaviside."""
    found = _call(row)
    for _ in range(3):
        found = derivative(found, T)
        assert not found.has(Derivative, Subs, DiracDelta)
        for node in preorder_traversal(found):
            if node.is_Function and not isinstance(node, Piecewise):
                assert node.func in BY_HEAD


@ROWS
def test_a_row_prints_in_every_spelling(row: Elementary) -> None:
    printers = [kind({}, {}, "C0", style=style) for kind, style in STYLES]
    latex, text, said = (printer.expr(_call(row)) for printer in printers)
    check_formula(latex)
    assert "t" in text
    assert "#" not in latex + text + said
    if row.latex and "#" not in row.latex:
        assert row.latex in latex


def test_the_first_argument_counts_where_two_are_equal() -> None:
    for kind in (Max, Min):
        call = kind(T, U)
        slopes = [slope(call, n).xreplace({T: Integer(2), U: Integer(2)}) for n in (0, 1)]
        assert slopes == [1, 0]
        both = [np.array([2 + STEP * 1j]), np.array([2 + 0j])]
        assert BY_HEAD[kind].value(*both)[0].imag == STEP
        assert BY_HEAD[kind].value(*both[::-1])[0].imag == 0


def test_three_arguments() -> None:
    x, y, z = (Symbol(name, real=True) for name in "xyz")
    call = Max(x, y, z)
    for values in ((1, 2, 3), (3, 1, 2), (2, 3, 1), (2, 2, 1), (1, 2, 2)):
        at = dict(zip(call.args, map(Integer, values), strict=True))
        slopes = [slope(call, n).xreplace(at) for n in range(3)]
        assert slopes == [int(n == values.index(max(values))) for n in range(3)]


def test_the_chain_rule_reaches_through_structure() -> None:
    """Sums, products, powers, choices, functions inside functions, against a complex step."""
    formulas = (
        Min(Max(T, 0), 6) * exp(-T),
        Max(T, 0) ** 3 / (1 + abs(T)),
        Piecewise((abs(T) * T, T > 1), (Max(T, T**2), True)),
        (1 + abs(T)) ** Max(T, 2),
    )
    for formula in formulas:
        found = lambdify(T, derivative(formula, T), "mpmath")
        for point in (-2.5, -0.4, 0.3, 1.7, 7.5):
            stepped = _evaluated(formula, complex(point, STEP))
            assert found(mpmath.mpf(point)) == pytest.approx(stepped.imag / STEP, rel=1e-13)


def _evaluated(expr: Expr, at: complex) -> complex:
    """A formula by the rows' own values."""
    if expr == T:
        return at
    if expr.is_number:
        return complex(expr)
    if isinstance(expr, Piecewise):
        return next(_evaluated(value, at) for value, test in expr.args if test.subs(T, at.real))
    inner = [_evaluated(arg, at) for arg in expr.args]
    if expr.func in BY_HEAD:
        return complex(BY_HEAD[expr.func].value(*map(np.array, inner)))
    if expr.is_Add:
        return sum(inner)
    if expr.is_Mul:
        return complex(np.prod(inner))
    return inner[0] ** inner[1]


def test_a_step_keeps_its_value_at_zero() -> None:
    for at_zero in (Integer(0), Rational(1, 2), Integer(1)):
        step = written(Heaviside(T, at_zero))
        assert step is not None
        assert [step.xreplace({T: Integer(n)}) for n in (-1, 0, 1)] == [0, at_zero, 1]
    assert written(exp(T)) is None


def test_what_is_not_in_the_table_has_no_slope() -> None:
    with pytest.raises(NotSupported, match="gamma"):
        slope(gamma(T))


def test_complex_values_keep_their_digits() -> None:
    tiny = np.array([1e-20 + STEP * 1j])
    assert complex_values.log_of_one_plus(tiny)[0].real == 1e-20
    assert complex_values.exp_minus_one(tiny)[0].real == 1e-20


def test_a_row_of_the_user_is_differentiated_inside_the_table() -> None:
    t = functions.T
    row = FunctionRow("relu6", "relu6", "relu6", formula=Min(Max(t, 0), 6))
    found = row.printed_derivative
    assert found is not None
    assert not found.has(Heaviside)
    assert [found.xreplace({t: Integer(n)}) for n in (-1, 0, 3, 6, 7)] == [0, 0, 1, 0, 0]
