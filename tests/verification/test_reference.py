"""The reference evaluator: complex steps, local against total, branches, saturation, sizes."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable

import mpmath
import numpy as np
import pytest
from sympy import (
    Abs,
    Expr,
    Integer,
    Max,
    Piecewise,
    Rational,
    Sum,
    cos,
    cosh,
    erf,
    erfc,
    exp,
    log,
    pi,
    sin,
    sinh,
    sqrt,
    tanh,
)

from symbackprop.errors import NotSupported
from symbackprop.model.builtin import build
from symbackprop.model.definitions import define
from symbackprop.model.functions import FunctionRow, T, activation
from symbackprop.model.model import Model
from symbackprop.notation.expressions import Delta, Partial, Plus, Product, Total, term
from symbackprop.notation.functions import apply
from symbackprop.notation.quantities import Quantity, Role
from symbackprop.notation.symbols import base, index, own, scalar
from symbackprop.verification.draw import small_sizes
from symbackprop.verification.environment import STEP, argument_key
from symbackprop.verification.equality import Equality, Verdict, judge, relative
from symbackprop.verification.evaluate import evaluator
from symbackprop.verification.functions import function_value
from symbackprop.verification.reference import Reference
from tests.support.models import BARE_MODELS, recurrent, skip_connection, two_layer_cost

t = scalar("t")


class Nowhere:
    """A place that has nothing: formulas in ``t`` need nothing of it."""


def stepped(expr: Expr, at: float) -> float:
    """The derivative by a complex step."""
    return evaluator(expr)({argument_key(t): complex(at, STEP)}, Nowhere()).imag / STEP  # type: ignore[arg-type]


ANALYTIC: tuple[tuple[Expr, Callable[[float], float]], ...] = (
    (t**3, lambda x: 3 * x**2),
    (1 / t, lambda x: -1 / x**2),
    (sqrt(t**2 + 1), lambda x: x / math.sqrt(x * x + 1)),
    (exp(-t), lambda x: -math.exp(-x)),
    (log(t**2), lambda x: 2 / x),
    (sin(t) * cos(t), lambda x: math.cos(2 * x)),
    (tanh(t), lambda x: 1 / math.cosh(x) ** 2),
    (sinh(t) + cosh(t), math.exp),
    (erf(t), lambda x: 2 / math.sqrt(math.pi) * math.exp(-x * x)),
    (erfc(t), lambda x: -2 / math.sqrt(math.pi) * math.exp(-x * x)),
    (Abs(t), lambda x: math.copysign(1, x)),
    (Piecewise((t**2, t > 0), (3 * t, True)), lambda x: 2 * x if x > 0 else 3),
    (Plus(Product(t, t), -t, Rational(1, 3)), lambda x: 2 * x - 1),
    (t * pi, lambda x: math.pi),
)


@pytest.mark.parametrize("at", [-2.5, -0.3, 0.7, 4.0])
@pytest.mark.parametrize(("expr", "derivative"), ANALYTIC, ids=[str(e) for e, _ in ANALYTIC])
def test_a_complex_step_is_exact(expr: Expr, derivative: Callable, at: float) -> None:
    assert stepped(expr, at) == pytest.approx(derivative(at), rel=4e-15)


@pytest.mark.parametrize("at", [-40.0, -25.0, -8.0, 20.0, 35.0, 200.0])
@pytest.mark.parametrize("name", ["sigmoid", "tanh", "softplus", "gelu", "silu"])
def test_saturated_slopes_keep_their_digits(name: str, at: float) -> None:
    exact: dict[str, Callable] = {
        "sigmoid": lambda x: mpmath.exp(-x) / (1 + mpmath.exp(-x)) ** 2,
        "tanh": lambda x: mpmath.sech(x) ** 2,
        "softplus": lambda x: 1 / (1 + mpmath.exp(-x)),
        "gelu": lambda x: mpmath.ncdf(x) + x * mpmath.npdf(x),
        "silu": lambda x: (1 + mpmath.exp(-x) * (1 + x)) / (1 + mpmath.exp(-x)) ** 2,
    }
    with mpmath.workdps(80):
        wanted = float(exact[name](mpmath.mpf(at)))
    found = function_value(activation(name), 0, 1, complex(at)).real
    lost = 1e-14 if name == "gelu" else 0  # its formula takes 1 + erf(t/sqrt 2) in doubles
    assert found == pytest.approx(wanted, rel=1e-9, abs=lost)


@pytest.mark.parametrize("at", [-6.0, -0.4, 0.0, 1.3, 5.0])
def test_erf_of_a_complex_number_keeps_its_imaginary_part(at: float) -> None:
    """With 15 digits the fourth digit of the slope is wrong."""
    wanted = 2 / math.sqrt(math.pi) * math.exp(-at * at)
    assert stepped(erf(t), at) == pytest.approx(wanted, rel=1e-13)


@pytest.mark.parametrize("name", ["relu", "leaky_relu", "elu", "absolute", "positive_part"])
def test_the_branch_is_chosen_by_the_real_part(name: str) -> None:
    row = build("3-2").function(name)
    right = {"relu": (0, 1), "leaky_relu": (0.01, 1), "elu": (math.exp(-0.5), 1),
             "absolute": (-1, 1), "positive_part": (0, 1)}[name]  # fmt: skip
    found = tuple(function_value(row, 0, 1, complex(x)).real for x in (-0.5, 0.5))
    assert found == pytest.approx(right, rel=1e-15)


@pytest.mark.parametrize("order", [2, 3])
@pytest.mark.parametrize("name", ["sigmoid", "tanh", "sin", "gelu", "softplus", "silu"])
def test_higher_derivatives_of_a_row(name: str, order: int) -> None:
    row = activation(name)
    assert row.formula is not None
    for at in (-1.3, 0.2, 2.1):
        wanted = float(row.formula.diff(T, order).xreplace({T: Rational(str(at))}).evalf(30))
        assert function_value(row, 0, order, complex(at)).real == pytest.approx(wanted, rel=1e-12)
        above = float(row.formula.diff(T, order + 1).xreplace({T: Rational(str(at))}).evalf(30))
        stepped_once = function_value(row, 0, order, complex(at, STEP)).imag / STEP
        assert stepped_once == pytest.approx(above, rel=1e-12)


@pytest.mark.parametrize("layer", range(1, 5))
def test_abstract_functions_are_smooth_and_not_odd_and_differ(layer: int) -> None:
    row = activation("g")

    def g(at: float, place: int = layer, order: int = 0) -> float:
        return function_value(row, place, order, complex(at)).real

    for order in range(3):
        slope = (g(0.4 + 1e-5, order=order) - g(0.4 - 1e-5, order=order)) / 2e-5
        assert g(0.4, order=order + 1) == pytest.approx(slope, rel=1e-8)
    assert abs(g(0.7) + g(-0.7)) > 0.05
    assert abs(g(1.0) - 2 * g(0.5) + g(0.0)) > 0.005
    assert abs(g(0.7) - g(0.7, layer + 1)) > 0.01


def test_local_and_total_derivatives_differ_in_a_recurrent_net() -> None:
    model = recurrent()
    reference = Reference(model, {"T": 3, "H": 2, "D": 2}, seed=1)
    local = reference.local("z", (2, 0), "w", (0, 1)).real
    total = reference.total("z", (2, 0), "w", (0, 1)).real
    assert local == pytest.approx(reference.read("h", (1, 1)).real, rel=1e-15)
    before = reference.read("w", (0, 0)).real * reference.total("h", (1, 0), "w", (0, 1)).real
    assert total == pytest.approx(local + before, rel=1e-14)
    z, w = base("z"), base("w")
    assert evaluator(Partial(z[2, 0], w[0, 1]))({}, reference) == local
    assert evaluator(Total(z[2, 0], w[0, 1]))({}, reference) == total
    first = reference.total("h", (1, 0), "w", (0, 1)).real
    assert first == 0, "h_0 is 0, so the first step does not answer to w"
    deeper = (reference.local("z", (3, 0), "w", (0, 1)), reference.total("z", (3, 0), "w", (0, 1)))
    assert abs(deeper[0] - deeper[1]) > 1e-3


def test_local_and_total_derivatives_differ_along_a_skip_connection() -> None:
    reference = Reference(skip_connection(), {"K": 2, "D": 3}, seed=1)
    local = reference.local("a", (0,), "h", (0,)).real
    total = reference.total("a", (0,), "h", (0,)).real
    assert local == 1
    assert abs(total - local) > 1e-3


@pytest.mark.parametrize("model", BARE_MODELS, ids=lambda model: model.name)
def test_the_marked_partials_are_those_that_differ(model: Model) -> None:
    """A pair that carries no plus has equal local and total derivatives at every place."""
    reference = Reference(model, small_sizes(model), seed=1)
    differing = set()
    reference.read(model.cost.name, ())
    known = sorted(reference.known)
    for definition in model.definitions:
        for one in {str(getattr(i, "base", i)) for i in definition.instances()}:
            for of in (key for key in known if key[0] == definition.quantity.name):
                for by in (key for key in known if key[0] == one and key != of):
                    local = reference.local(*of, *by)
                    if local and abs(local - reference.total(*of, *by)) > 1e-12:
                        differing.add((of[0], by[0]))
    assert differing == set(model.ambiguous_partials)


def test_an_adjoint_is_the_total_derivative_of_the_cost() -> None:
    reference = Reference(two_layer_cost(), {"L": 3, "K": 2}, seed=1)
    assert reference.read(own("d_a"), (1, 0)) == reference.total("C0", (), "a", (1, 0))
    assert reference.read(own("d_C0"), ()) == 1


def test_derivatives_by_nothing_that_matters_are_0() -> None:
    reference = Reference(build("general"), small_sizes(build("general")), seed=1)
    assert reference.total("z", (1, 0), "w", (2, 0, 0)) == 0
    assert reference.local("z", (2, 0), "w", (1, 0, 0)) == 0


@pytest.mark.parametrize(
    ("name", "indices"),
    [("a", (4, 0)), ("a", (-1, 0)), ("w", (0, 0, 0)), ("w", (1, 9, 0)), ("x", (7,)), ("y", (-1,))],
)
def test_what_is_out_of_range_is_refused(name: str, indices: tuple[int, ...]) -> None:
    reference = Reference(build("general"), small_sizes(build("general")), seed=1)
    with pytest.raises(NotSupported, match=r"outside|no number"):
        reference.read(name, indices)


def test_a_size_without_a_number_is_refused() -> None:
    with pytest.raises(NotSupported, match=r"size n\[2\]"):
        Reference(build("general"), {"L": 2, ("n", 0): 2, ("n", 1): 2}).read("C0", ())


def test_given_values_are_used_and_others_drawn_the_same_each_time() -> None:
    model = build("3-2")
    sizes = small_sizes(model)
    first = Reference(model, sizes, {("x", (0,)): 5.0 + 0j}, seed=1)
    second, third = Reference(model, sizes, seed=1), Reference(model, sizes, seed=2)
    assert first.read("a", (0, 0)) == 5
    assert first.read("w", (1, 0, 0)) == third.read("w", (1, 0, 0))
    assert first.read("x", (1,)) == second.read("x", (1,)) != third.read("x", (1,))
    assert first.read("y", (0,)) != third.read("y", (0,))


@pytest.mark.parametrize("depth", [1, 2, 3, 6])
@pytest.mark.parametrize("least", [2, 3])
@pytest.mark.parametrize("name", ["general", "4-3-2"])
def test_neighbouring_small_widths_are_unequal(name: str, least: int, depth: int) -> None:
    sizes = small_sizes(build(name), depth, least)
    widths = [n for key, n in sizes.items() if isinstance(key, tuple)]
    assert len(widths) == (depth if name == "general" else 2) + 1
    assert min(widths) >= least
    assert all(a != b for a, b in itertools.pairwise(widths))
    assert all(a != b for a, b in zip(widths, widths[2:], strict=False))


@pytest.mark.parametrize("model", BARE_MODELS, ids=lambda model: model.name)
def test_small_plain_sizes_are_unequal(model: Model) -> None:
    sizes = small_sizes(model)
    assert len(set(sizes.values())) == len(sizes) == len(model.symbols)
    assert min(sizes.values()) >= 2


# -- the judge can fail ----------------------------------------------------------------------------


def verdict(left: Expr, right: Expr, model: Model | None = None) -> Verdict:
    model = model or build("general")
    sizes = small_sizes(model)
    references = [Reference(model, sizes, seed=s) for s in (1, 2)]
    (letters,) = [d.domain for d in model.definitions if str(d.target) == "z[l, j]"]
    return judge(Equality((term(left),), (term(right),), letters), references)


def test_a_right_equality_holds_and_says_how_often_it_was_tried() -> None:
    l, j, k = map(index, "ljk")  # noqa: E741
    sizes = build("general").size_families[0]
    inner = Sum(base("w")[l, j, k] * base("a")[l - 1, k], (k, 0, sizes[l - 1] - 1))
    found = verdict(base("z")[l, j], inner + base("b")[l, j])
    assert found.holds(1e-14)
    assert found.assignments == 2 * (2 + 4 + 3)


def test_a_wrong_equality_fails_with_its_place_and_both_sides() -> None:
    l, j = map(index, "lj")  # noqa: E741
    found = verdict(base("z")[l, j], base("a")[l, j])
    assert not found.holds(1e-10)
    assert found.worst is not None
    place, left, right = found.worst
    assert {name for name, _ in place} == {"l", "j"}
    assert relative(left, right) == found.error > 0.01


@pytest.mark.parametrize("factor", [1 + 1e-9, 1 - 1e-9, -1, 2])
def test_a_wrong_factor_is_seen(factor: float) -> None:
    from sympy import Float

    l, j = map(index, "lj")  # noqa: E741
    assert verdict(base("z")[l, j], base("z")[l, j]).holds(0)
    assert not verdict(base("z")[l, j], Float(factor, 17) * base("z")[l, j]).holds(1e-10)


def test_what_was_never_tried_does_not_hold() -> None:
    assert not Verdict(0.0, 0).holds(1e-10)
    assert Verdict(0.0, 1).holds(1e-10)


def test_no_number_is_no_agreement() -> None:
    assert relative(complex(math.nan), 1) == math.inf
    assert relative(0j, 0j) == 0
    assert relative(1e-300 + 0j, 0j) == 1


def test_an_equality_of_functions_is_tried_at_several_arguments() -> None:
    model = build("3-2")
    references = [Reference(model, small_sizes(model))]

    def holds(right: Expr) -> bool:
        left = (term(apply("sigmoid", T, order=1)),)
        found = judge(Equality(left, (term(right),), argument=T), references)
        assert found.assignments >= 3
        return found.holds(1e-12)

    s = apply("sigmoid", T)
    assert holds(Product(s, Plus(Integer(1), -s)))
    assert not holds(Product(s, Plus(Integer(1), s)))
    assert not holds(s)


def test_a_delta_is_1_where_its_indices_agree_and_0_elsewhere() -> None:
    j, k = index("j"), index("k")
    value = evaluator(Delta(j, k + 1))
    assert [value({"j": 2, "k": n}, Nowhere()) for n in (0, 1, 2)] == [0, 1, 0]  # type: ignore[arg-type]


def test_what_the_reference_does_not_know_is_refused() -> None:
    from sympy import gamma

    with pytest.raises(NotSupported, match="gamma"):
        evaluator(gamma(t))


def test_the_larger_of_two_is_evaluated_with_its_branch() -> None:
    larger = evaluator(Max(t, 1))
    assert larger({argument_key(t): np.array([0.5, 2.0 + 1e-30j])}, Nowhere()).tolist() == [
        1,
        2.0 + 1e-30j,
    ]  # type: ignore[arg-type]


def test_a_users_row_is_evaluated_by_its_formula() -> None:
    row = FunctionRow("cube", "c", "c", formula=T**3 + T)
    x = Quantity("x", Role.PARAMETER)
    cost = Quantity("C0", Role.COST)
    model = Model("m", (x, cost), (define(cost, (), apply("cube", x[()])),), functions=(row,))
    reference = Reference(model, {}, {("x", ()): 2 + 0j})
    assert reference.read("C0", ()) == 10
    assert reference.total("C0", (), "x", ()) == pytest.approx(13, rel=1e-15)
    assert reference.function("cube", 0, 2, 2 + 0j) == pytest.approx(12, rel=1e-13)
