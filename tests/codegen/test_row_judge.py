"""A form of a row that says something else than its formula is found, wherever the slip is."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sympy import Abs, Expr, Integer, Max, Min, Piecewise, Rational, Sum, erfc, exp, log, sqrt, tanh
from sympy.codegen.cfunctions import log1p

from symbackprop.codegen import generate
from symbackprop.codegen.row_judge import judge
from symbackprop.errors import ModelError
from symbackprop.model.costs import cost
from symbackprop.model.functions import (
    ACTIVATIONS,
    COST_FUNCTIONS,
    FUNCTIONS,
    ROW,
    SELF,
    SELF_ROW,
    WIDTH,
    FunctionRow,
    J,
    Q,
    R,
    T,
    activation,
)
from symbackprop.model.layers import layered_model
from symbackprop.notation.expressions import Delta
from symbackprop.notation.functions import apply

FORMS = ("derivative", "stable", "direct", "clipped", "slope", "exact_slope")
RELU6 = Piecewise((0, T < 0), (6, T > 6), (T, True))


def model_of(row: FunctionRow):
    return layered_model("net", (row,), cost("squared_error"), widths=(2, 3))


def own(formula: Expr, **forms) -> FunctionRow:
    return FunctionRow("own", "own", "own", formula=formula, **forms)


@pytest.mark.parametrize("row", [*ACTIVATIONS, *COST_FUNCTIONS], ids=lambda row: row.name)
def test_every_row_of_the_table_passes_under_a_name_of_its_own(row):
    judge(model_of(replace(row, name=f"own_{row.name}")))


SLIPS = {
    "square, slope of a cube": own(T**2, slope=3 * T),
    "relu6 forgets its cap": own(RELU6, derivative=Piecewise((0, T < 0), (1, True))),
    "relu6 forgets its floor": own(RELU6, stable=Min(T, 6)),
    "slope 0.1 % off": own(tanh(T), slope=Rational(1001, 1000) * (1 - SELF**2)),
    "wrong between 2 and 3": own(T**2, stable=T**2 + Max(0, 1 - 4 * Abs(T - Rational(5, 2)))),
    "wrong far out": own(tanh(T), stable=tanh(T) * (1 - Max(0, T - 500))),
    "wrong far out on the left": own(1 + T**2, slope=Piecewise((0, T < -100), (2 * T, True))),
    "wrong at a kink": own(
        Abs(T), kinks=((Integer(0), Integer(0)),), derivative=Piecewise((1, T >= 0), (-1, True))
    ),
    "wrong at a point": own(T**2, stable=Piecewise((T**2, T < 1), (2, T <= 1), (T**2, True))),
    "digits of a tail": own(
        T * erfc(-T / sqrt(2), evaluate=False) / 2,
        stable=T * erfc(-T / sqrt(2), evaluate=False) / 2 * (1 + Rational(1, 1000)),
    ),
    "softplus without its sign": own(log(1 + exp(T)), stable=Max(T, 0) + log1p(exp(-T))),
    "another function's slope": own(log(1 + exp(T)), slope=1 - apply("sigmoid", T)),
    "exact slope": own(tanh(T), exact_slope=exp(-2 * Abs(T))),
    "clipped too early": own(exp(T), clipped=exp(Max(T, -20))),
    "direct": own(exp(T), direct=1 + T),
}  # fmt: skip


@pytest.mark.parametrize("name", SLIPS)
@pytest.mark.parametrize("target", ["numpy", "scalar"])
def test_a_slip_is_named_before_code_is_written(name, target):
    row = SLIPS[name]
    forms = [form for form in FORMS if getattr(row, form) is not None]
    with pytest.raises(
        ModelError, match=rf"function own: its ({'|'.join(forms)}) form is .* at t ="
    ):
        generate(model_of(row), target=target)


def test_what_is_right_passes():
    good = (
        own(T**2, slope=2 * T, stable=T * T),
        own(RELU6, stable=Min(Max(T, 0), 6), slope=Piecewise((1, (T > 0) & (T < 6)), (0, True))),
        own(log(1 + exp(T)), stable=Max(T, 0) + log1p(exp(-Abs(T))), slope=apply("sigmoid", T)),
        own(log(T), slope=1 / T),
    )
    for row in good:
        judge(model_of(row))


def test_a_softmax_of_ones_own():
    formula = exp(2 * ROW[J]) / Sum(exp(2 * ROW[R]), (R, 0, WIDTH - 1))
    right = 2 * SELF_ROW[J] * (Delta(J, Q) - SELF_ROW[Q])
    judge(model_of(own(formula, derivative=right)))
    for wrong in (right / 2, 2 * SELF_ROW[J] * (Delta(J, Q) - SELF_ROW[J])):
        with pytest.raises(ModelError, match=r"its derivative form is .* of the row"):
            judge(model_of(own(formula, derivative=wrong)))


def test_a_function_is_known_by_what_it_is():
    """The form of a cost in logits goes with the softmax's formula, not with its name."""
    usual, pair = activation("softmax"), cost("categorical_cross_entropy")
    twice = replace(
        usual,
        formula=exp(2 * ROW[J]) / Sum(exp(2 * ROW[R]), (R, 0, WIDTH - 1)),
        derivative=2 * usual.derivative,
    )

    def last(row):
        model = layered_model("net", (row,), pair, widths=(2, 3), from_logits=True)
        return [d.terms for d in model.definitions if d.quantity.name == "c"]

    assert last(replace(usual, name="mine")) == last(usual)
    assert last(replace(twice, name="mine")) != last(usual)
    (found,) = last(replace(twice, name="mine"))
    assert any(factor.has(log) and not factor.has(exp) for factor in found[0].factors)


def test_the_forms_of_a_row_are_those_that_are_judged():
    """A new form of a row, of this kind, must be judged too."""
    fields = {name for name in FunctionRow.__dataclass_fields__ if name not in FORMS}
    assert fields == {
        "name", "latex", "text", "formula", "slope_latex", "slope_text", "kinks", "image",
        "by_layer", "image_of_several",
    }  # fmt: skip
    assert len(FUNCTIONS) == len(ACTIVATIONS) + len(COST_FUNCTIONS) + 1
