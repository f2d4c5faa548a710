r"""The table of elementary functions: what a formula may be written with.

One row holds all that is known of a function: its derivative, where it has none, how it is
printed, what it is called in each kind of code, and its value. Derivation, verification, print and
code read this table and know no elementary function by name. Powers (and square roots, which are
powers), sums, products and `Piecewise` are structure, not functions, and have no rows.

    slope(Max(0, T), 1)              # by its argument at position 1: to SymPy numbers come first

and `symbackprop.notation.slopes.derivative(Max(T, 0) ** 2, T)` is the chain rule by a letter.

SymPy's own derivatives are not used where they leave the table: of ``Max`` it makes a
``Heaviside``, of that a ``DiracDelta``, of ``floor`` a ``Derivative``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from sympy import (
    Abs,
    And,
    Eq,
    Expr,
    FiniteSet,
    Heaviside,
    Integer,
    Interval,
    Max,
    Min,
    Piecewise,
    S,
    Set,
    acos,
    acosh,
    asin,
    asinh,
    atan,
    atanh,
    ceiling,
    cos,
    cosh,
    erf,
    erfc,
    exp,
    floor,
    log,
    oo,
    pi,
    sign,
    sin,
    sinh,
    sqrt,
    tan,
    tanh,
)
from sympy.codegen.cfunctions import expm1, log1p
from sympy.core.parameters import distribute

from symbackprop.errors import NotSupported
from symbackprop.notation import complex_values as values
from symbackprop.notation.complex_values import Array
from symbackprop.notation.symbols import scalar

T, U = scalar("t"), scalar("u")
"""The first and the second argument, in the expressions of a row."""


@dataclass(frozen=True)
class Elementary:
    r"""One elementary function.

    head: its SymPy class.
    code: its name in array programs, which is NumPy's. Empty where no library has it: then
        ``written`` says it in other functions of this table.
    value: its value on complex arrays, exact for a complex step: for an argument x + ih of tiny h
        the real part is f(x) and the imaginary part h f'(x), the branch chosen by the real part.
        It uses no derivative of this table.
    slopes: the derivative by each argument, in ``T`` and ``U``. Empty for a function that picks
        one of its arguments (``picks``): that one has slope 1, the first where several are equal.
    math: the code of the function of one Python number, ``#`` its argument, where it is not the
        function of ``math`` that has SymPy's name.
    standard: its name in the array API standard, where that is not SymPy's.
    latex, text: its printed name, or a pattern around the argument ``#``.
    kinks: the arguments without a derivative; for one that picks, the differences of two of its
        arguments. What stands for its slope there is what ``slopes`` says of that argument.
    domain: the real arguments that have a value.
    """

    head: type[Expr]
    code: str
    value: Callable[..., Array]
    slopes: tuple[Expr, ...] = ()
    math: str = ""
    standard: str = ""
    latex: str = ""
    text: str = ""
    kinks: Set = S.EmptySet
    domain: Set = S.Reals
    written: Expr | None = None

    @property
    def picks(self) -> bool:
        """Whether the value is one of the arguments."""
        return not self.slopes

    @property
    def text_name(self) -> str:
        """Its name or pattern on a terminal."""
        return self.text or self.head.__name__

    @property
    def number_code(self) -> str:
        """The pattern of its code for one Python number."""
        return self.math or f"math.{self.head.__name__}(#)"

    @property
    def standard_name(self) -> str:
        """Its name in the array API standard."""
        return self.standard or self.head.__name__


_ZERO = FiniteSet(Integer(0))
_BELL = 2 * exp(-(T**2)) / sqrt(pi)
_STEP = Piecewise((Integer(1), T > 0), (U, Eq(T, 0)), (Integer(0), True))

TABLE: tuple[Elementary, ...] = (
    Elementary(exp, "exp", np.exp, (exp(T),), latex="e^{#}", text="exp"),
    Elementary(
        log, "log", np.log, (1 / T,), latex=r"\log", text="log", domain=Interval.open(0, oo)
    ),
    Elementary(sin, "sin", np.sin, (cos(T),), latex=r"\sin"),
    Elementary(cos, "cos", np.cos, (-sin(T),), latex=r"\cos"),
    Elementary(tan, "tan", np.tan, (1 + tan(T) ** 2,), latex=r"\tan"),
    Elementary(
        asin,
        "arcsin",
        values.precise("asin"),
        (1 / sqrt(1 - T**2),),
        latex=r"\arcsin",
        text="arcsin",
        domain=Interval.open(-1, 1),
    ),
    Elementary(
        acos,
        "arccos",
        values.precise("acos"),
        (-1 / sqrt(1 - T**2),),
        latex=r"\arccos",
        text="arccos",
        domain=Interval.open(-1, 1),
    ),
    Elementary(
        atan,
        "arctan",
        values.precise("atan"),
        (1 / (1 + T**2),),
        latex=r"\arctan",
        text="arctan",
    ),
    Elementary(sinh, "sinh", np.sinh, (cosh(T),), latex=r"\sinh"),
    Elementary(cosh, "cosh", np.cosh, (sinh(T),), latex=r"\cosh"),
    Elementary(tanh, "tanh", np.tanh, (1 - tanh(T) ** 2,), latex=r"\tanh"),
    Elementary(
        asinh,
        "arcsinh",
        values.precise("asinh"),
        (1 / sqrt(1 + T**2),),
        latex=r"\operatorname{arsinh}",
        text="arsinh",
    ),
    Elementary(
        acosh,
        "arccosh",
        values.precise("acosh"),
        (1 / (sqrt(T - 1) * sqrt(T + 1)),),
        latex=r"\operatorname{arcosh}",
        text="arcosh",
        domain=Interval.open(1, oo),
    ),
    Elementary(
        atanh,
        "arctanh",
        values.precise("atanh"),
        (1 / (1 - T**2),),
        latex=r"\operatorname{artanh}",
        text="artanh",
        domain=Interval.open(-1, 1),
    ),
    Elementary(erf, "erf", values.precise("erf"), (_BELL,), latex=r"\operatorname{erf}"),
    Elementary(erfc, "erfc", values.precise("erfc"), (-_BELL,), latex=r"\operatorname{erfc}"),
    Elementary(expm1, "expm1", values.exp_minus_one, (exp(T),), latex=r"\operatorname{expm1}"),
    Elementary(
        log1p,
        "log1p",
        values.log_of_one_plus,
        (1 / (1 + T),),
        latex=r"\operatorname{log1p}",
        domain=Interval.open(-1, oo),
    ),
    Elementary(
        Abs,
        "absolute",
        values.absolute,
        (sign(T),),
        math="abs(#)",
        standard="abs",
        latex=r"\left|#\right|",
        text="|#|",
        kinks=_ZERO,
    ),
    Elementary(
        sign,
        "sign",
        values.stepwise(np.sign),
        (Integer(0),),
        math="(1.0 if # > 0 else -1.0 if # < 0 else 0.0)",
        latex=r"\operatorname{sgn}",
        text="sgn",
        kinks=_ZERO,
    ),
    Elementary(
        Heaviside,
        "",
        values.stepwise(np.heaviside),
        (Integer(0), Piecewise((Integer(1), Eq(T, 0)), (Integer(0), True))),
        latex="H",
        text="H",
        kinks=_ZERO,
        written=_STEP,
    ),
    Elementary(
        floor,
        "floor",
        values.stepwise(np.floor),
        (Integer(0),),
        latex=r"\left\lfloor # \right\rfloor",
        text="⌊#⌋",
        kinks=S.Integers,
    ),
    Elementary(
        ceiling,
        "ceil",
        values.stepwise(np.ceil),
        (Integer(0),),
        math="math.ceil(#)",
        standard="ceil",
        latex=r"\left\lceil # \right\rceil",
        text="⌈#⌉",
        kinks=S.Integers,
    ),
    Elementary(
        Max,
        "maximum",
        values.largest,
        math="max(#)",
        standard="maximum",
        latex=r"\max",
        text="max",
        kinks=_ZERO,
    ),
    Elementary(
        Min,
        "minimum",
        values.smallest,
        math="min(#)",
        standard="minimum",
        latex=r"\min",
        text="min",
        kinks=_ZERO,
    ),
)
"""Every elementary function."""

BY_HEAD = {row.head: row for row in TABLE}
OF_ONE = {row.code: row for row in TABLE if row.code and len(row.slopes) == 1}
"""The functions of one argument, by their names in array programs."""


def row_of(expr: Expr) -> Elementary | None:
    """The row of an expression's outermost function, None if that is not in the table."""
    return BY_HEAD.get(expr.func)


def slope(expr: Expr, position: int = 0) -> Expr:
    """The derivative of a function by its argument at ``position``, inside this table.

    expr: a function of the table, applied to anything: ``slope(tanh(x), 0)`` is
    ``1 - tanh(x)**2``, whatever x is; the caller multiplies by the derivative of the argument.
    Raises NotSupported for a function that is not in the table.

    >>> from sympy import Symbol
    >>> x = Symbol("x", real=True)
    >>> slope(Max(0, x), 1)
    Piecewise((1, x > 0), (0, True))
    """
    row = row_of(expr)
    if row is None:
        raise NotSupported(f"the derivative of {expr.func.__name__} is not known: {expr}")
    if row.picks:
        return _picked(expr, position)
    return row.slopes[position].xreplace(dict(zip((T, U), expr.args, strict=False)))


def _picked(expr: Expr, position: int) -> Expr:
    """1 where this argument is the first of those with the largest (smallest) value, else 0."""
    own, up = expr.args[position], expr.func is Max
    tests = []
    with distribute(True):
        for place, other in enumerate(expr.args):
            if place != position:
                above, below = (own, other) if up else (other, own)
                tests.append(above > below if place < position else above >= below)
        return Piecewise((Integer(1), And(*tests)), (Integer(0), True))


def written(expr: Expr) -> Expr | None:
    """A function that no library has, in others that every library has; None for any other."""
    row = row_of(expr)
    if row is None or row.written is None:
        return None
    return row.written.xreplace(dict(zip((T, U), expr.args, strict=False)))
