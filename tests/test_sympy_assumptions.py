"""What the project relies on in SymPy, and what it works around: a new release tells here at once.

A test of a workaround fails when SymPy mends the fault: then the workaround may go.
"""

from __future__ import annotations

import pytest
from sympy import (
    Abs,
    Derivative,
    Heaviside,
    Idx,
    Indexed,
    IndexedBase,
    Integer,
    KroneckerDelta,
    Max,
    Min,
    Mul,
    Piecewise,
    Sum,
    Symbol,
    erfc,
    exp,
    latex,
    sin,
    sqrt,
    symbols,
)
from sympy.core.parameters import distribute

from symbackprop.notation import symbols as factory
from symbackprop.notation.expressions import Plus, Product, put_in, substitute
from symbackprop.notation.functions import Apply, apply

i, j, k, l, m, n, q = map(factory.index, "ijklmnq")  # noqa: E741
a, c, w, x, y, z = map(factory.base, "acwxyz")
size = factory.size("M")


# -- relied on -------------------------------------------------------------------------------------


def test_an_instance_by_an_instance_is_a_delta_for_each_index_the_layer_included() -> None:
    found = w[l, j, k].diff(w[m, i, q])
    assert found == KroneckerDelta(l, m) * KroneckerDelta(j, i) * KroneckerDelta(k, q)


def test_the_derivative_under_a_sum_is_right_with_letters_of_its_own() -> None:
    found = Sum(c[i] * x[i], (i, 1, n)).diff(x[j])
    assert found == Sum(c[i] * KroneckerDelta(i, j), (i, 1, n))


def test_a_product_of_two_mentions_answers_twice() -> None:
    assert (x[i] * x[j]).diff(x[q]) == x[i] * KroneckerDelta(j, q) + x[j] * KroneckerDelta(i, q)


def test_equal_names_of_one_factory_are_equal_and_hash_alike() -> None:
    assert factory.base("w") is factory.base("w")
    assert factory.index("j") == Symbol("j", integer=True)
    assert hash(w[j]) == hash(factory.base("w")[factory.index("j")])


def test_indexed_keeps_its_indices_as_they_are_given() -> None:
    assert w[l - 1, j].indices == (l - 1, j)
    assert isinstance(w[l, j], Indexed)
    assert w[j].is_real
    assert factory.sizes("n")[l].is_positive
    assert factory.sizes("n")[l].is_integer


def test_a_named_function_keeps_its_name_when_its_argument_is_a_sum() -> None:
    inner = Sum(w[j] * x[j], (j, 0, 3))
    assert apply("g", z[q], l).diff(z[q]) == apply("g", z[q], l, order=1)
    assert apply("g", z[q], l, order=1).xreplace({z[q]: inner}) == apply("g", inner, l, order=1)
    assert isinstance(apply("g", z[q]).diff(z[q]).diff(z[q]), Apply)


def test_xreplace_replaces_a_node_before_it_looks_inside() -> None:
    assert sin(x[i] + 1).xreplace({x[i] + 1: x[j], x[i]: x[k]}) == sin(x[j])


def test_nodes_of_our_own_are_rebuilt_in_order() -> None:
    ordered = Product(y[j], Plus(a[j], -y[j]), 2)
    assert ordered.xreplace({j: k}).args == (y[k], Plus(a[k], -y[k]), 2)
    assert (ordered + 1 - 1) == ordered


def test_without_distribution_a_number_stays_before_its_parentheses() -> None:
    with distribute(False):
        assert (2 * (a[j] - y[j])).is_Mul
        assert (2 * (a[j] - y[j])).xreplace({j: k}) == 2 * (a[k] - y[k])
    assert substitute(Mul(2, a[j] - y[j], evaluate=False), {j: k}).is_Mul


def test_a_sum_of_integers_over_integers_expands_to_what_affine_reads() -> None:
    assert ((2 * i + m - 3) - (q - 1)).expand().as_coefficients_dict() == {
        i: 2, m: 1, q: -1, Integer(1): -2,
    }  # fmt: skip


def test_the_assumptions_of_sizes_decide_comparisons_with_numbers() -> None:
    assert (size >= 1) == True  # noqa: E712
    assert (i >= 0) not in (True, False)


# -- worked around ---------------------------------------------------------------------------------


def test_fault_the_letter_of_the_target_is_taken_for_the_bound_one() -> None:
    """sympy#21891: true is c[i]."""
    assert Sum(c[i] * x[i], (i, 1, n)).diff(x[i]) == Sum(c[i], (i, 1, n))


def test_fault_substitution_captures() -> None:
    found = Sum(z[k] * y[j], (k, 0, n - 1)).subs(j, k)
    assert found == Sum(z[k] * y[k], (k, 0, n - 1))
    under = Sum(w[l, j, k] * a[l - 1, k], (k, 0, n)).xreplace({j: k})
    assert under.function.has(w[l, k, k])


def test_fault_substitution_of_an_instance_does_nothing_without_a_word() -> None:
    """sympy#20127, sympy#11829."""
    first, second = IndexedBase("A"), IndexedBase("B")
    total = Sum(first[m, n], (m, 0, 5))
    assert total.subs(first[m, n], second[m, n]) == total


def test_fault_one_name_with_two_assumptions_is_two_symbols() -> None:
    assert IndexedBase("x", real=True)[j].diff(IndexedBase("x")[j]) == 0


def test_a_node_of_our_own_is_not_differentiated_hence_plain() -> None:
    ordered = Plus(a[j], Integer(1))
    assert ordered.diff(a[j]) == Derivative(ordered, a[j])


def test_fault_a_number_is_multiplied_into_a_sum() -> None:
    """sympy#4596."""
    assert (2 * (a[j] - y[j])).is_Add


def test_fault_doit_turns_delta_sums_into_piecewise() -> None:
    total = Sum(KroneckerDelta(i, j) * x[i], (i, 0, size - 1))
    assert total.doit().has(Piecewise)


def test_fault_the_derivative_of_max_is_half_at_the_kink() -> None:
    t = Symbol("t", real=True)
    assert Max(0, t).diff(t) == Heaviside(t)
    assert Heaviside(0) == Integer(1) / 2
    assert Piecewise((t, t > 0), (0, True)).diff(t).subs(t, 0) == 0


def test_fault_printing_reorders_factors_and_indices() -> None:
    p, d = symbols("p d")
    assert latex(p * d) == "d p"
    assert latex(IndexedBase("w^{(l)}")[j, k] ** 2) == "{w^{(l)}}_{j,k}^{2}"


def test_fault_a_ranged_index_prints_its_range_or_carries_it() -> None:
    ranged = Idx("j", (0, 3))
    assert ranged.lower == 0
    assert ranged != Idx("j", (0, 4))


def test_fault_erfc_of_a_negative_number_loses_its_digits() -> None:
    t = Symbol("t", real=True)
    assert erfc(-t / sqrt(2)) == 2 - erfc(t / sqrt(2)) or erfc(-t) == 2 - erfc(t)


def test_fault_the_slope_of_the_sigmoid_overflows_as_sympy_writes_it() -> None:
    t = Symbol("t", real=True)
    assert (1 / (1 + exp(-t))).diff(t) == exp(-t) / (1 + exp(-t)) ** 2


def test_fault_comparing_recurses_without_distribution() -> None:
    """Min(q, n - 1) of index arithmetic, hence `put_in`, `expand` and `extremum`."""
    with distribute(False), pytest.raises(RecursionError):
        Abs(size - 1 - q)
    low = Min(q, size - 1)
    with distribute(False):
        assert put_in(low, {q: q + 2}) == low.xreplace({q: q + 2})
