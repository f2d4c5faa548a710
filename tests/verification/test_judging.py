"""Where equalities are judged: both sides of every break, enough values, samples, rounding."""

from __future__ import annotations

import numpy as np
import pytest
from sympy import Integer, Max, Min, Piecewise, Sum, log, sqrt

from symbackprop import Dense, Network
from symbackprop.derivation.derive import derive
from symbackprop.derivation.verify import assumed_depth, needed_values, references_of, verify
from symbackprop.errors import NotSupported
from symbackprop.model.definitions import define
from symbackprop.model.functions import FunctionRow, T
from symbackprop.model.model import Model
from symbackprop.notation.expressions import Bound, Product, Term, at_least
from symbackprop.notation.functions import apply
from symbackprop.notation.quantities import Axis, Quantity, Role
from symbackprop.notation.symbols import index, size
from symbackprop.verification.draw import Manner, small_sizes
from symbackprop.verification.equality import MOST, Equality, assignments, judge
from symbackprop.verification.evaluate import magnitude_evaluator, term_evaluator
from symbackprop.verification.points import points
from symbackprop.verification.reference import Reference
from tests.support.models import softmax_row

k, j = index("k"), index("j")
K = size("K")
nodes = (Axis(k, Integer(0), K - 1),)
w, x = Quantity("w", Role.PARAMETER, nodes), Quantity("x", Role.INPUT, nodes)
cost = Quantity("C0", Role.COST)


def model(right, *functions: FunctionRow) -> Model:
    return Model("m", (w, x, cost), (define(cost, (), right),), {}, functions or ())


def of_one(derivative) -> Network:
    row = FunctionRow("six", "six", "six", formula=Min(Max(T, 0), 6), derivative=derivative)
    return Network(1, [Dense(1, row)])


def test_a_derivative_that_forgets_a_break_is_found() -> None:
    right = Piecewise((0, T < 0), (0, T > 6), (1, True))
    assert of_one(right).derive().verify().ok
    report = of_one(Piecewise((0, T < 0), (1, True))).derive().verify()
    assert {step.key for step in report.failures} >= {"derivative:six"}


def test_arguments_lie_on_both_sides_of_every_break_and_far_out() -> None:
    reference = Reference(softmax_row(), {"K": 2, "D": 2})
    formula = Piecewise((T, T > 3), (T**2, T > -7), (0, True)) + Max(T, 11)
    found = points((formula,), T, reference)
    for place in (3, -7, 11):
        assert any(place - 0.1 < one < place for one in found)
        assert any(place < one < place + 0.1 for one in found)
    assert min(found) < -15
    assert max(found) > 15


def test_arguments_stay_where_a_function_has_values() -> None:
    row = FunctionRow("root", "root", "root", formula=sqrt(T))
    reference = Reference(model(Sum(w[k] * x[k], (k, 0, K - 1)), row), {"K": 2})
    found = points((apply("root", T),), T, reference)
    assert found
    assert min(found) > 0


def test_ranges_have_as_many_values_as_a_term_has_letters() -> None:
    triple = Sum(w[k] * x[j] * w[index("i")], (k, 0, K - 1), (j, 0, K - 1), (index("i"), 0, K - 1))
    derivation = derive(model(triple))
    assert needed_values(derivation)[K] >= 3
    assert small_sizes(derivation.model, needed=needed_values(derivation))["K"] >= 3


def test_values_are_drawn_where_the_model_has_some() -> None:
    logarithm = model(Sum(log(w[k]) * x[k], (k, 0, K - 1)))
    assert verify(derive(logarithm)).ok
    (found,) = references_of(logarithm, {"K": 3}, (1,))
    assert found.manner is not Manner.MIXED
    with pytest.raises(NotSupported, match="C0 has no real value"):
        references_of(model(Sum(log(-(w[k] ** 2) - 1), (k, 0, K - 1))), {"K": 3}, (1,))


def test_of_many_assignments_a_sample_is_judged_with_both_ends() -> None:
    reference = Reference(softmax_row(), {"K": 40, "D": 2})
    letters = (Bound(k, Integer(0), K - 1), Bound(j, Integer(0), K - 1))
    env, every = assignments(letters, (), reference)
    assert every == 1600
    assert len(env["k"]) <= MOST
    assert {0, 39} <= set(env["k"].tolist()) & set(env["j"].tolist())
    few, all_of_them = assignments(letters[:1], (), Reference(softmax_row(), {"K": 5, "D": 2}))
    assert (few["k"].tolist(), all_of_them) == ([0, 1, 2, 3, 4], 5)


@pytest.mark.parametrize("slip", [1.001, 0.999])
def test_a_slip_in_one_small_entry_is_found(slip: float) -> None:
    """An entry a million times smaller than its neighbours is judged by its own size."""
    values = {("w", (i,)): complex(10.0 ** (-6 * (i == 2))) for i in range(3)}
    reference = Reference(model(Sum(w[k] * x[k], (k, 0, K - 1))), {"K": 3}, values)
    bounds = (Bound(k, Integer(0), K - 1),)
    wrong = Piecewise((w[k] * slip, k > 1), (w[k], True))
    right = judge(Equality((Term(((w[k],),)),), (Term(((w[k],),)),), bounds), [reference])
    found = judge(Equality((Term(((w[k],),)),), (Term(((wrong,),)),), bounds), [reference])
    assert right.holds(1e-10)
    assert found.error == pytest.approx(1e-3, rel=0.01)


def test_what_cancels_to_rounding_is_no_difference() -> None:
    left = Term(((Product(w[k], 1 / w[k]),),)), Term(((Integer(-1),),))
    zero = (Term(((Integer(0),),)),)
    reference = Reference(model(Sum(w[k] * x[k], (k, 0, K - 1))), {"K": 3})
    assert judge(Equality(left, zero, (Bound(k, Integer(0), K - 1),)), [reference]).holds(1e-10)


def test_no_place_outside_the_ranges_has_a_value() -> None:
    reference = Reference(model(Sum(w[k] * x[k], (k, 0, K - 1))), {"K": 3})
    with pytest.raises(NotSupported, match=r"w\[3\] is outside"):
        reference.read("w", (3,))
    found = reference.read("w", (np.array([0, 3]),))
    assert np.isnan(found).tolist() == [False, True]
    assert np.isnan(reference.total("C0", (), "w", (np.array([2, -1]),))).tolist() == [False, True]


def test_of_a_long_range_the_ends_and_the_middle_are_taken() -> None:
    reference = Reference(softmax_row(), {"K": 100, "D": 2})
    env, every = assignments((Bound(k, Integer(0), K - 1),), (), reference)
    assert env["k"].tolist() == [0, 1, 2, 49, 50, 97, 98, 99]
    assert every == 100
    shifted, every = assignments((Bound(k, Integer(3), K + 16),), (), reference)
    assert shifted["k"].tolist() == [3, 4, 5, 59, 60, 114, 115, 116]
    assert every == 114
    for last, wanted in ((11, 12), (12, 8)):
        found, every = assignments((Bound(k, Integer(0), Integer(last)),), (), reference)
        assert (len(found["k"]), every) == (wanted, last + 1)


def test_an_empty_range_has_no_assignment() -> None:
    reference = Reference(softmax_row(), {"K": 3, "D": 2})
    nothing = Bound(k, Integer(2), Integer(1))
    for letters in ((nothing,), (nothing, Bound(j, Integer(0), K - 1))):
        env, every = assignments(letters, (), reference)
        assert {name: len(value) for name, value in env.items()} == {
            one.letter.name: 0 for one in letters
        }
        assert every == 0
    env, every = assignments((Bound(k, Integer(0), size("Q") - 1),), (), reference)
    assert (env, every) == ({}, 0)
    for holds in (True, False):
        test = at_least(Integer(1 if holds else -1), Integer(0))
        env, every = assignments((), (test,), reference)
        assert every == int(holds)
        assert all(len(value) == 0 for value in env.values())


def test_how_many_assignments_were_judged_and_of_how_many() -> None:
    one = model(Sum(w[k] * x[k], (k, 0, K - 1)))
    few, many = (Reference(one, {"K": n}) for n in (3, 40))
    same = (Term(((x[k], w[j]),)),)
    letters = (Bound(k, Integer(0), K - 1), Bound(j, Integer(0), K - 1))
    verdict = judge(Equality(same, same, letters), [few, many])
    assert verdict.possible == 9 + 1600
    assert verdict.assignments == 9 + 64
    assert verdict.error == 0


def test_the_size_of_a_term_is_that_of_its_products() -> None:
    reference = Reference(model(Sum(w[k] * x[k], (k, 0, K - 1))), {"K": 5}, seed=2)
    values = [reference.read("w", (n,)) * reference.read("x", (n,)) for n in range(5)]
    assert any(v.real < 0 for v in values)
    summed = Term(((w[k], x[k]),), (Bound(k, Integer(0), K - 1),))
    assert term_evaluator(summed)({}, reference) == pytest.approx(sum(values), rel=1e-14)
    assert magnitude_evaluator(summed)({}, reference) == pytest.approx(
        sum(map(abs, values)), rel=1e-14
    )


def test_arguments_lie_beside_the_breaks_of_a_function_that_is_only_named() -> None:
    row = FunctionRow("bent", "bent", "bent", formula=Piecewise((T, T < 27), (2 * T - 27, True)))
    reference = Reference(model(Sum(w[k] * x[k], (k, 0, K - 1)), row), {"K": 2})
    found = points((apply("bent", T),), T, reference)
    assert any(26 < one < 27 for one in found)
    assert any(27 < one < 28 for one in found)


def test_the_depth_that_is_assumed_is_that_of_the_longest_composition() -> None:
    for layers in (0, 2, 6):
        derivation = Network.general().derive("w", unfold=layers).derived
        assert assumed_depth(derivation) >= layers
    assert assumed_depth(Network.general().derive("w[1,2]@L-4").derived) >= 4
