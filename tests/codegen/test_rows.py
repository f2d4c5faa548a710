"""Softmaxes and logarithms of sums of exponentials over whole rows and parts of them, and where."""

from __future__ import annotations

from unittest import mock

import numpy as np
import pytest
from sympy import Expr, Integer, Sum, exp, log

from symbackprop.codegen import generate, load
from symbackprop.codegen.targets import TARGETS, Target
from symbackprop.errors import NotSupported
from symbackprop.model.definitions import define
from symbackprop.model.model import Model
from symbackprop.notation.expressions import Product
from symbackprop.notation.functions import apply
from symbackprop.notation.quantities import Axis, Kind, Quantity, Role
from symbackprop.notation.symbols import index, size
from symbackprop.verification.reference import Reference

COUNT, SAMPLES = 4, 3
i, j, k, m, t = (index(name) for name in "ijkmt")
n = size("n")


def quantity(name: str, role: Role, low: Expr, high: Expr) -> Quantity:
    return Quantity(name, role, (Axis(i, low, high, Kind.NODE),), name)


def row_model(first: int, low: Expr, high: Expr, *right: Expr) -> Model:
    """p_i of z = w x, whose indices count from ``first``; p has the indices low to high."""
    start, end = Integer(first), n - 1 + first
    x, w, z = (
        quantity(name, role, start, end)
        for name, role in (("x", Role.INPUT), ("w", Role.PARAMETER), ("z", Role.INTERMEDIATE))
    )
    p = quantity("p", Role.INTERMEDIATE, low, high)
    y, total = Quantity("y", Role.TARGET), Quantity("E", Role.COST)
    squares = Sum((p[i] - y.symbol) ** 2 * w[i], (i, low, high))
    return Model(
        "rows",
        (x, w, z, p, y, total),
        (define(z, (i,), w[i] * x[i]), define(p, (i,), *right), define(total, (), squares)),
        {n: COUNT},
    )


def softmax(at: Expr, low: Expr, high: Expr) -> Expr:
    z = quantity("z", Role.INTERMEDIATE, low, high)
    return Product(exp(z.symbol.base[at]), 1 / Sum(exp(z.symbol.base[j]), (j, low, high)))


def sums(low: Expr, high: Expr, letter: Expr = j) -> Expr:
    return log(Sum(exp(quantity("z", Role.INTERMEDIATE, low, high)[letter]), (letter, low, high)))


ZERO, ONE = Integer(0), Integer(1)
CASES = {
    "a whole row": row_model(0, ZERO, n - 1, softmax(i, ZERO, n - 1)),
    "a row that counts from 1": row_model(1, ONE, n, softmax(i, ONE, n)),
    "a row read backwards": row_model(0, ZERO, n - 1, softmax(n - 1 - i, ZERO, n - 1)),
    "a part of a row": row_model(0, ZERO, n - 1, softmax(i, ONE, n - 1)),
    "the head of a row": row_model(0, ZERO, n - 1, softmax(i, ZERO, n - 2)),
    "a whole row for some": row_model(0, ONE, n - 1, softmax(i, ZERO, n - 1)),
    "one of a row": row_model(0, ZERO, n - 1, softmax(ZERO, ZERO, n - 1)),
    "a row one further on": row_model(0, ZERO, n - 2, softmax(i + 1, ZERO, n - 1)),
    "two rows by one letter": row_model(0, ZERO, n - 1, sums(ZERO, n - 1), sums(ONE, n - 1)),
    "a sum from 1": row_model(1, ONE, n, sums(ONE, n)),
}
ALWAYS = ("a whole row", "a row that counts from 1", "a row read backwards", "a sum from 1")
"""Those that no target may refuse."""

ANY = ("loops", "scalar")
"""The targets that refuse none."""


def agrees(model: Model, target: Target) -> None:
    """The mean cost is the reference's, and the gradients are those of finite differences."""
    text = generate(model, target=target.name, buffers=target.buffers)
    with mock.patch("numba.njit", return_value=lambda function: function):  # quicker than compiling
        module = load(text)
    given = [q for q in model.quantities if q.role in (Role.INPUT, Role.TARGET, Role.PARAMETER)]
    arrays = {}
    references = [Reference(model, {"n": COUNT}, seed=seed) for seed in range(SAMPLES)]
    for q in given:
        low = int(q.axes[0].low) if q.axes else 0
        places = [(low + one,) for one in range(extent(q))] if q.axes else [()]
        rows = [[r.read(q.name, place).real for place in places] for r in references]
        arrays[q.name] = np.array(rows).reshape(SAMPLES, *([len(places)] if q.axes else []))
    wanted = [reference.read(model.cost.name, ()).real for reference in references]
    parameters = module.Parameters(*(arrays[q.name][0] for q in model.with_role(Role.PARAMETER)))
    samples = [arrays[q.name] for q in model.with_role(Role.INPUT, Role.TARGET)]
    assert module.cost(parameters, *samples) == pytest.approx(np.mean(wanted), rel=1e-12)
    assert module._self_check() < 1e-5


def extent(quantity: Quantity) -> int:
    axis = quantity.axes[0]
    return int((axis.high - axis.low + 1).subs(n, COUNT))


@pytest.mark.parametrize("target", TARGETS, ids=lambda row: f"{row.name}-{row.buffers}")
@pytest.mark.parametrize("case", CASES)
def test_a_row_is_right_or_refused(case: str, target: Target) -> None:
    try:
        agrees(CASES[case], target)
    except NotSupported:
        assert case not in ALWAYS
        assert target.name not in ANY


def strided() -> Model:
    """e_k = w_m f_{2k + m} with one m: every other f takes no part, and the adjoint of e is one."""
    f = quantity("f", Role.INPUT, ZERO, 2 * n - 2)
    w = Quantity("w", Role.PARAMETER, (Axis(m, ZERO, ZERO, Kind.NODE),))
    e = Quantity("e", Role.INTERMEDIATE, (Axis(k, ZERO, n - 1, Kind.NODE),))
    y, total = Quantity("y", Role.TARGET), Quantity("E", Role.COST)
    inner = Sum(e[k], (k, ZERO, n - 1)) - y.symbol
    return Model(
        "strided",
        (f, w, e, y, total),
        (
            define(e, (k,), Sum(Product(w[m], f[2 * k + m]), (m, ZERO, ZERO))),
            define(total, (), apply("tanh", inner) ** 2),
        ),
        {n: COUNT},
    )


@pytest.mark.parametrize("target", TARGETS, ids=lambda row: f"{row.name}-{row.buffers}")
def test_what_is_the_same_everywhere_is_nothing_beyond_its_axis(target: Target) -> None:
    agrees(strided(), target)


def chosen() -> Model:
    """A slope that is one of two numbers, by a value whose variable is used again."""
    times = Axis(t, ONE, n, Kind.TIME)
    f = Quantity("f", Role.INPUT, (times,))
    u, y = Quantity("u", Role.INPUT), Quantity("y", Role.TARGET)
    x = Quantity("x", Role.INTERMEDIATE, (times,))
    w = Quantity("w", Role.PARAMETER, (times,))
    z, total = Quantity("z", Role.INTERMEDIATE), Quantity("E", Role.COST)
    inner = Sum(Product(w[t], x[t]), (t, ONE, n)) + Sum(Product(u.symbol, x[t]), (t, ONE, n))
    return Model(
        "chosen",
        (f, u, x, w, z, y, total),
        (
            define(x, (t,), apply("tanh", f[t])),
            define(z, (), apply("leaky_relu", inner)),
            define(total, (), apply("absolute", z.symbol - y.symbol)),
        ),
        {n: COUNT},
    )


@pytest.mark.parametrize("target", TARGETS, ids=lambda row: f"{row.name}-{row.buffers}")
def test_a_choice_between_numbers_has_the_type_of_what_is_given(target: Target) -> None:
    agrees(chosen(), target)
