"""The table of costs: what one output contributes to the cost of one sample."""

from __future__ import annotations

from dataclasses import dataclass, field

from sympy import Expr, Integer, Interval, Pow, Rational, Sum, exp, log, oo

from symbackprop.arguments import TEXT, check, instance
from symbackprop.errors import ModelError, UsageError
from symbackprop.model.functions import ROW, SELF_ROW, WIDTH, J, Q, R
from symbackprop.notation.domains import (
    INSIDE_UNIT,
    POSITIVE,
    REAL,
    SIGNS,
    SIMPLEX,
    UNIT,
    Domain,
)
from symbackprop.notation.expressions import Delta, Plus, Product
from symbackprop.notation.functions import apply
from symbackprop.notation.symbols import is_name, own, scalar

A, Y = scalar(own("a")), scalar(own("y"))

UNSTATED = Domain("not stated")
"""Stands for the widest domain of targets in which the summand is real."""


@dataclass(frozen=True)
class FromLogits:
    """The summand of a cost after one activation, written in the activation's arguments.

    activation: the name of the activation of the last layer.
    summand: what output j contributes, in ``ROW[J]`` (its z), ``ROW[i]`` and ``Y``.
    derivative: its derivative by ``ROW[Q]``, in ``SELF_ROW`` (the activations), ``Y``, ``Delta``.
    """

    activation: str
    summand: Expr
    derivative: Expr


@dataclass(frozen=True)
class CostRow:
    """One cost. The cost of a sample is the sum of ``summand`` over the outputs.

    name: what users type.
    summand: what output j contributes, in ``A`` (its activation), ``Y`` (its target) and ``WIDTH``
        (the number of outputs).
    domain: the interval that activations must stay in.
    targets: what targets mean: checks draw them from it. Where it is not stated: any real numbers,
        or positive ones, or numbers between 0 and 1, as the logarithms of the summand need.
    from_logits: the forms in the weighted inputs z that stay exact where the activation saturates.
    """

    name: str
    summand: Expr
    domain: Interval = field(default_factory=lambda: Interval(-oo, oo))
    targets: Domain = UNSTATED
    from_logits: tuple[FromLogits, ...] = ()

    def __post_init__(self) -> None:
        """Check the name and what the summand uses."""
        check("the name of a cost", self.name, TEXT)
        check(f"cost {self.name}: the summand", self.summand, instance("a formula", Expr))
        if not is_name(self.name):
            raise ModelError(f"{self.name!r} cannot name a cost: use letters, digits and _")
        stray = {s for s in self.summand.free_symbols if s.is_real} - {A, Y, WIDTH}
        if stray:
            names = ", ".join(sorted(map(str, stray)))
            raise ModelError(
                f"cost {self.name}: the summand uses {names}; it may use A (the activation), "
                "Y (the target) and WIDTH (the number of outputs)"
            )
        if self.targets is UNSTATED:
            object.__setattr__(self, "targets", _needed(self.summand, self.domain))


def _needed(summand: Expr, domain: Interval) -> Domain:
    """The widest domain of targets in which logarithms and roots of them are real."""
    inside = [log_.args[0] for log_ in summand.atoms(log)]
    inside += [power.base for power in summand.atoms(Pow) if not power.exp.is_Integer]
    inside = [one for one in inside if one.has(Y)]

    def real(targets: Domain) -> bool:
        activations = _inside(float(domain.start), float(domain.end))
        return not any(
            one.xreplace({A: a, Y: y, WIDTH: Integer(3)}).is_negative
            for one in inside
            for y in _inside(*targets.span)
            for a in activations
        )

    return next((one for one in (REAL, POSITIVE, INSIDE_UNIT) if real(one)), REAL)


def _inside(low: float, high: float) -> list[Expr]:
    """Numbers inside an interval, one end or both of which may be infinite."""
    start, end = Domain("", low, high).span
    steps = (Rational(n, 6) for n in range(7))
    return [Rational(start) + step * (Rational(end) - Rational(start)) for step in steps]


COSTS: tuple[CostRow, ...] = (
    CostRow("squared_error", (A - Y) ** 2),
    CostRow("half_squared_error", (A - Y) ** 2 / 2),
    CostRow("mean_squared_error", (A - Y) ** 2 / WIDTH),
    CostRow("absolute_error", apply("absolute", A - Y)),
    CostRow("huber", apply("huber_function", A - Y)),
    CostRow("log_cosh", apply("log_cosh_function", A - Y)),
    CostRow(
        "binary_cross_entropy",
        -Y * log(A) - (1 - Y) * log(1 - A),
        domain=Interval.open(0, 1),
        targets=UNIT,
        from_logits=(
            FromLogits(
                "sigmoid",
                apply("softplus", ROW[J]) - Y * ROW[J],
                Product(Plus(SELF_ROW[J], -Y), Delta(J, Q)),
            ),
        ),
    ),
    CostRow(
        "categorical_cross_entropy",
        -Y * log(A),
        domain=Interval.Lopen(0, 1),
        targets=SIMPLEX,
        from_logits=(
            FromLogits(
                "softmax",
                Y * (log(Sum(exp(ROW[R]), (R, 0, WIDTH - 1))) - ROW[J]),
                Product(Y, Plus(SELF_ROW[Q], -Delta(J, Q))),
            ),
            FromLogits(
                "sigmoid",
                Y * (apply("softplus", ROW[J]) - ROW[J]),
                Product(Y, Plus(SELF_ROW[J], Integer(-1)), Delta(J, Q)),
            ),
        ),
    ),
    CostRow("hinge", apply("positive_part", 1 - Y * A), targets=SIGNS),
)


def cost(name: str | CostRow) -> CostRow:
    """The cost called ``name``, or the row itself. Raises UsageError for an unknown name."""
    if isinstance(name, CostRow):
        return name
    for row in COSTS:
        if row.name == name:
            return row
    raise UsageError(f"unknown cost {name!r}; known are {', '.join(row.name for row in COSTS)}")
