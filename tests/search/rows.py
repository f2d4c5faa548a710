"""Functions of a user's own, and which rows of the table a definition may be written with."""

from sympy import (
    Abs,
    Heaviside,
    Max,
    Min,
    Piecewise,
    Rational,
    atan,
    cos,
    cosh,
    erf,
    exp,
    log,
    pi,
    sign,
    sqrt,
    tanh,
)

from symbackprop.model.functions import ACTIVATIONS, COST_FUNCTIONS, FunctionRow, T

OF_ONE = tuple(row.name for row in ACTIVATIONS if not row.reads_row)
"""Every activation of one argument."""
OF_RESIDUALS = tuple(row.name for row in COST_FUNCTIONS)
"""Every function that costs are written with."""

HALF = Rational(1, 2)

FORMULAS = (
    ("square_plus", T + T**2),
    ("soft", T / (1 + T**2)),
    ("leaky", Piecewise((T, T > 0), (T / 5, True))),
    ("bent", Piecewise((T**2, T > 0), (T / 2, True))),
    ("three", Piecewise((T - HALF, T > 1), (-T - HALF, T < -1), (T**2 / 2, True))),
    ("cut", Max(T, T / 10)),
    ("relu6", Min(Max(T, 0), 6)),
    ("clip", Max(-HALF, Min(HALF, T))),
    ("size", Abs(T)),
    ("softsign", T / (1 + Abs(T))),
    ("signed_log", sign(T) * log(1 + Abs(T))),
    ("arctan", atan(T)),
    ("mish", T * tanh(log(1 + exp(T)))),
    ("bell", exp(-(T**2))),
    ("root", sqrt(1 + T**2)),
    ("bump", log(1 + T**2)),
    ("swish", T / (1 + exp(-T))),
    ("wave", cos(pi * T) / 2),
    ("hat", Max(0, 1 - Abs(T))),
    ("error", erf(T)),
    ("catenary", cosh(T / 2)),
    ("step", T * Heaviside(T)),
    ("least", Min(T, T**3)),
    ("gate", Piecewise((0, T < -1), (1, T > 1), ((T + 1) / 2, True))),
)

OWN = tuple(
    FunctionRow(name, rf"\operatorname{{{name.replace('_', ' ')}}}", name, formula=formula)
    for name, formula in FORMULAS
)
"""Rows that a user might add."""
