"""The table of named functions: activations, and the functions that costs are written with.

One row holds all that is known of a function; nothing else in symbackprop knows any by name.
A formula is a SymPy expression in ``T``, the argument. A derivative may also use ``SELF``, the
function's own value: sigma' = sigma (1 - sigma) is written ``SELF*(1 - SELF)``. A *row function*,
such as the softmax, reads its whole layer: its formula uses ``ROW[J]``, its own argument, and
``ROW[i]`` under a `Sum` over i from 0 to ``WIDTH - 1``; its derivative by ``ROW[Q]`` may use
``SELF_ROW[i]``, its values, and ``Delta``.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from enum import Enum, auto

from sympy import (
    Abs,
    Expr,
    Integer,
    Interval,
    Max,
    Min,
    Piecewise,
    Rational,
    Sum,
    cos,
    erf,
    erfc,
    exp,
    log,
    oo,
    pi,
    sign,
    sin,
    sqrt,
    tanh,
)
from sympy.codegen.cfunctions import expm1, log1p

from symbackprop.arguments import FORMULA, PRINTABLE, TEXT, check, instance, optional
from symbackprop.errors import ModelError, UsageError
from symbackprop.notation.expressions import Delta
from symbackprop.notation.functions import Apply, apply
from symbackprop.notation.slopes import derivative
from symbackprop.notation.symbols import base, index, is_name, own, scalar, size

T = scalar(own("t"))
SELF = scalar(own("self"))
ROW, SELF_ROW = base(own("row")), base(own("self_row"))
J, Q, R = index("j"), index("q"), index("i")
WIDTH = size(own("width"))


def heads_in(*expressions: Expr) -> frozenset[str]:
    """The names of the functions that some expressions apply."""
    return frozenset(one.head for expr in expressions for one in expr.atoms(Apply))


_FORMULA = instance("a formula", Expr)


class Form(Enum):
    """In which form code computes the value of a function.

    STABLE: keeps its digits and never overflows; cheapest for NumPy, function by function.
    DIRECT: may overflow to infinity on its way to the right value: for code that is compiled by
        itself, where that raises nothing.
    CLIPPED: the same of an argument that is limited, so that it never overflows: for arrays of any
        library, which may warn, and may be compiled.
    """

    STABLE = auto()
    DIRECT = auto()
    CLIPPED = auto()


@dataclass(frozen=True)
class FunctionRow:
    r"""One named function of one argument (or of a row of arguments).

    name: what users type; a plain identifier.
    latex, text: its printed name, for TeX and for a terminal. A name with ``#`` in it is a pattern
        around the argument: ``\left|#\right|``.
    formula: its value, in ``T`` (or ``ROW``, see the module). None for an abstract function g.
    derivative: its derivative in the best printed form, in ``T`` and ``SELF``; SymPy's own
        derivative of the formula when it is not given.
    slope_latex, slope_text: a pattern for the derivative where f' is not the usual name.
    kinks: the points without a derivative, each with the value that stands for it there.
    image: the interval of its values; a cost whose domain it leaves cannot follow it.
    image_of_several: the same of a row function where its row has two or more arguments, if it
        differs: the only value of a softmax of one argument is 1, and none of several is.
    stable: the numerically stable form of the value for generated code; the formula if not given.
    direct, clipped: the value in other forms for code, see ``Form``; the stable one if not given.
    slope: the derivative for generated code, in ``T`` and ``SELF``, the fast choice.
    exact_slope: the same without loss of digits in saturation.
    by_layer: an abstract function that differs from layer to layer, g^(l).
    """

    name: str
    latex: str
    text: str
    formula: Expr | None
    derivative: Expr | None = None
    slope_latex: str | None = None
    slope_text: str | None = None
    kinks: tuple[tuple[Expr, Expr], ...] = ()
    image: Interval = field(default_factory=lambda: Interval(-oo, oo))
    image_of_several: Interval | None = None
    stable: Expr | None = None
    direct: Expr | None = None
    clipped: Expr | None = None
    slope: Expr | None = None
    exact_slope: Expr | None = None
    by_layer: bool = False

    def __post_init__(self) -> None:
        """Check the name and that the formula uses what a formula may use."""
        self._check_kinds()
        if not is_name(self.name):
            raise ModelError(f"{self.name!r} cannot name a function: use letters, digits and _")
        if self.formula is not None:
            stray = self.formula.free_symbols - _ALLOWED - {J, R} - self.formula.atoms(type(ROW[J]))
            if stray:
                names = ", ".join(sorted(map(str, stray)))
                raise ModelError(
                    f"function {self.name}: the formula uses {names}; it may use T (its argument) "
                    "or, to read a whole layer, ROW[J], ROW[i] and WIDTH"
                )

    def _check_kinds(self) -> None:
        check("the name of a function", self.name, TEXT)
        for name in ("latex", "slope_latex"):
            check(f"function {self.name}: {name}", getattr(self, name), optional(FORMULA))
        for name in ("text", "slope_text"):
            check(f"function {self.name}: {name}", getattr(self, name), optional(PRINTABLE))
        for name in ("formula", "derivative", "stable", "direct", "clipped", "slope",
                     "exact_slope"):  # fmt: skip
            check(f"function {self.name}: {name}", getattr(self, name), optional(_FORMULA))

    @property
    def reads_row(self) -> bool:
        """Whether the function reads its whole layer."""
        return self.formula is not None and self.formula.has(ROW)

    def is_same(self, other: FunctionRow) -> bool:
        """Whether another row is this function, by whatever name: its formula is the same."""
        if self.formula is None or other.formula is None:
            return self == other
        return bool(self.formula == other.formula)

    @property
    def heads(self) -> frozenset[str]:
        """The names of the functions that its forms are written with."""
        forms = (getattr(self, one.name) for one in fields(self))
        return heads_in(*(form for form in forms if isinstance(form, Expr)))

    def image_of(self, width: int | None) -> Interval:
        """The interval of its values in a layer of so many nodes; None: a symbolic number."""
        several = width is not None and width > 1 and self.image_of_several is not None
        return self.image_of_several if several else self.image

    @property
    def printed_derivative(self) -> Expr | None:
        """The derivative in its best printed form; None for an abstract function."""
        if self.derivative is not None or self.formula is None or self.reads_row:
            return self.derivative
        return derivative(self.formula, T)

    @property
    def exact(self) -> FunctionRow:
        """The row whose slope for code is the one that loses no digits in saturation."""
        return self if self.exact_slope is None else replace(self, slope=self.exact_slope)

    def in_form(self, form: Form) -> FunctionRow:
        """The row whose value for code has this form."""
        value = {Form.DIRECT: self.direct, Form.CLIPPED: self.clipped}.get(form)
        return self if value is None else replace(self, stable=value)


_ALLOWED = {T, WIDTH, ROW.label, SELF_ROW.label}
_SIGMOID = 1 / (1 + exp(-T))
_STABLE_SIGMOID = (1 + tanh(T / 2)) / 2
_SOFTPLUS = log(1 + exp(T))
# Unevaluated: SymPy writes 2 - erfc(t/sqrt 2), which has no digits left at t = -10.
_UPPER = erfc(-T / sqrt(2), evaluate=False)


def _stable_softplus(t: Expr) -> Expr:
    return Max(t, 0) + log1p(exp(-Abs(t)))


ACTIVATIONS: tuple[FunctionRow, ...] = (
    FunctionRow(
        "identity",
        r"\operatorname{id}",
        "id",
        formula=T,
        derivative=Integer(1),
    ),
    FunctionRow(
        "sigmoid",
        r"\sigma",
        "σ",
        formula=_SIGMOID,
        derivative=SELF * (1 - SELF),
        image=Interval.open(0, 1),
        stable=_STABLE_SIGMOID,
        direct=_SIGMOID,
        clipped=_SIGMOID.xreplace({T: Max(T, -80)}),
        slope=SELF * (1 - SELF),
        exact_slope=exp(-Abs(T)) / (1 + exp(-Abs(T))) ** 2,
    ),
    FunctionRow(
        "tanh",
        r"\tanh",
        "tanh",
        formula=tanh(T),
        derivative=1 - SELF**2,
        image=Interval.open(-1, 1),
        slope=1 - SELF**2,
        exact_slope=4 * exp(-2 * Abs(T)) / (1 + exp(-2 * Abs(T))) ** 2,
    ),
    FunctionRow(
        "relu",
        r"\operatorname{ReLU}",
        "ReLU",
        formula=Piecewise((T, T > 0), (0, True)),
        derivative=Piecewise((1, T > 0), (0, True)),
        kinks=((Integer(0), Integer(0)),),
        image=Interval(0, oo),
        stable=Max(T, 0),
    ),
    FunctionRow(
        "leaky_relu",
        r"\operatorname{LeakyReLU}",
        "LeakyReLU",
        formula=Piecewise((T, T > 0), (T / 100, True)),
        derivative=Piecewise((1, T > 0), (Rational(1, 100), True)),
        kinks=((Integer(0), Rational(1, 100)),),
        stable=Max(T, T / 100),
    ),
    FunctionRow(
        "elu",
        r"\operatorname{ELU}",
        "ELU",
        formula=Piecewise((T, T > 0), (exp(T) - 1, True)),
        derivative=Piecewise((1, T > 0), (exp(T), True)),
        image=Interval.open(-1, oo),
        stable=Max(T, 0) + expm1(Min(T, 0)),
        slope=exp(Min(T, 0)),
    ),
    FunctionRow(
        "softplus",
        r"\operatorname{softplus}",
        "softplus",
        formula=_SOFTPLUS,
        derivative=apply("sigmoid", T),
        image=Interval.open(0, oo),
        stable=_stable_softplus(T),
        slope=apply("sigmoid", T),
    ),
    FunctionRow(
        "silu",
        r"\operatorname{SiLU}",
        "SiLU",
        formula=T * _SIGMOID,
        derivative=apply("sigmoid", T) * (1 + T * (1 - apply("sigmoid", T))),
        stable=T * apply("sigmoid", T),
        slope=apply("sigmoid", T) + SELF * (1 - apply("sigmoid", T)),
    ),
    FunctionRow(
        "gelu",
        r"\operatorname{GELU}",
        "GELU",
        formula=T * (1 + erf(T / sqrt(2))) / 2,
        derivative=(1 + erf(T / sqrt(2))) / 2 + T * exp(-(T**2) / 2) / sqrt(2 * pi),
        stable=T * _UPPER / 2,
        slope=_UPPER / 2 + T * exp(-(T**2) / 2) / sqrt(2 * pi),
    ),
    FunctionRow(
        "sin",
        r"\sin",
        "sin",
        formula=sin(T),
        derivative=cos(T),
        image=Interval(-1, 1),
    ),
    FunctionRow(
        "softmax",
        r"\operatorname{softmax}",
        "softmax",
        formula=exp(ROW[J]) / Sum(exp(ROW[R]), (R, 0, WIDTH - 1)),
        derivative=SELF_ROW[J] * (Delta(J, Q) - SELF_ROW[Q]),
        image=Interval.Lopen(0, 1),
        image_of_several=Interval.open(0, 1),
    ),
)

ABSTRACT = FunctionRow("g", "g", "g", formula=None, by_layer=True)

#: Functions that costs are written with.
COST_FUNCTIONS: tuple[FunctionRow, ...] = (
    FunctionRow(
        "absolute",
        r"\left|#\right|",
        "|#|",
        formula=Piecewise((T, T > 0), (-T, True)),
        derivative=Piecewise((1, T > 0), (-1, T < 0), (0, True)),
        slope_latex=r"\operatorname{sgn}",
        slope_text="sgn",
        kinks=((Integer(0), Integer(0)),),
        stable=Abs(T),
        slope=sign(T),
    ),
    FunctionRow(
        "huber_function",
        r"\operatorname{H}",
        "H",
        formula=Piecewise(
            (T - Rational(1, 2), T > 1), (-T - Rational(1, 2), T < -1), (T**2 / 2, True)
        ),
        derivative=Piecewise((1, T > 1), (-1, T < -1), (T, True)),
        slope=Max(-1, Min(1, T)),
    ),
    FunctionRow(
        "log_cosh_function",
        r"\log\cosh",
        "log cosh",
        formula=log((exp(T) + exp(-T)) / 2),
        derivative=tanh(T),
        slope_latex=r"\tanh",
        slope_text="tanh",
        stable=Abs(T) + log1p(exp(-2 * Abs(T))) - log(2),
    ),
    FunctionRow(
        "positive_part",
        r"\max\left(0, #\right)",
        "max(0, #)",
        formula=Piecewise((T, T > 0), (0, True)),
        derivative=Piecewise((1, T > 0), (0, True)),
        slope_latex=r"\left[# > 0\right]",
        slope_text="[# > 0]",
        kinks=((Integer(0), Integer(0)),),
        stable=Max(T, 0),
    ),
)

FUNCTIONS = (*ACTIVATIONS, ABSTRACT, *COST_FUNCTIONS)


def with_named(rows: tuple[FunctionRow, ...]) -> tuple[FunctionRow, ...]:
    """Some rows, those of the table that their forms name, and those that no name keeps out.

    A row of the table is left out where another function has its name and nothing needs it.
    """
    table = {row.name: row for row in FUNCTIONS}
    found = dict.fromkeys(rows)
    waiting = [head for row in rows for head in sorted(row.heads)]
    while waiting:
        row = table.get(waiting.pop())
        if row is not None and row not in found:
            found[row] = None
            waiting += sorted(row.heads)
    names = {row.name for row in found}
    return (*found, *(row for row in FUNCTIONS if row.name not in names))


def activation(name: str | FunctionRow) -> FunctionRow:
    """The activation called ``name``, or the row itself. Raises UsageError for an unknown name."""
    if isinstance(name, FunctionRow):
        return name
    for row in (*ACTIVATIONS, ABSTRACT):
        if row.name == name:
            return row
    known = ", ".join(row.name for row in ACTIVATIONS)
    raise UsageError(f"unknown activation {name!r}; known are {known}")
