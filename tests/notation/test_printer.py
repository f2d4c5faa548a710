"""The printer: what must keep its order, and how a lecturer writes it, in TeX and in text."""

from __future__ import annotations

import itertools

import pytest
from sympy import Expr, Integer, Mul, Rational, Sum, exp, log, sqrt

from symbackprop.errors import NotSupported, UsageError
from symbackprop.model.builtin import build
from symbackprop.notation.expressions import (
    Bound,
    Condition,
    Delta,
    Partial,
    Plus,
    Product,
    Relation,
    Term,
    at_least,
    equal,
    term,
)
from symbackprop.notation.functions import apply
from symbackprop.notation.printers.printer import Printer
from symbackprop.notation.printers.styles import BREAK, LATEX, TEXT
from symbackprop.notation.profiles import (
    DEFAULT,
    PROFILES,
    ChainOrder,
    LayerMark,
    Profile,
    profile,
)
from symbackprop.notation.symbols import base, index, own, size, sizes
from tests.support.math import check_formula

MODEL = build("general")
w, a, b, z, y = map(base, "wabzy")
dz, da = base(own("d_z")), base(own("d_a"))
l, j, k = map(index, "ljk")  # noqa: E741
s = index(own("s"))
L, n, N = size("L"), sizes("n"), size(own("N"))
difference = a[L, j] - y[j]


def printer(notation: str | Profile = DEFAULT, style: object = LATEX, **options: object) -> Printer:
    functions = {row.name: row for row in MODEL.functions}
    return Printer(MODEL.by_name, functions, "C0", profile(notation), style, **options)  # type: ignore[arg-type]


def latex(*terms: Term, notation: str = "deeplizard") -> str:
    return printer(notation).terms(terms).replace(BREAK, "")


def text(*terms: Term, notation: str = "deeplizard") -> str:
    return printer(notation, TEXT).terms(terms)


EXPRESSIONS: tuple[tuple[Expr, str, str], ...] = (
    (w[l, j, k], "w_{jk}^{(l)}", "w_jk^(l)"),
    (w[L - 1, 1, 2], "w_{12}^{(L-1)}", "w_12^(L-1)"),
    (w[l, j, k + 1], "w_{j,k+1}^{(l)}", "w_{j,k+1}^(l)"),
    (a[l - 1, k], "a_k^{(l-1)}", "a_k^(l-1)"),
    (y[j], "y_j", "y_j"),
    (n[l - 1] - 1, "n_{l-1} - 1", "n_{l-1} - 1"),
    (L - l - 2, "L - l - 2", "L - l - 2"),
    (Mul(2, difference, evaluate=False), "2(a_j^{(L)} - y_j)", "2(a_j^(L) - y_j)"),
    (difference**2, "(a_j^{(L)} - y_j)^{2}", "(a_j^(L) - y_j)²"),
    (a[l, j] ** 2, "(a_j^{(l)})^{2}", "(a_j^(l))²"),
    (y[j] ** 3, "(y_j)^{3}", "(y_j)³"),
    (1 / a[l, j], r"\frac{1}{a_j^{(l)}}", "1/a_j^(l)"),
    (Rational(-1, 2), r"-\frac{1}{2}", "-1/2"),
    (Integer(-3), "-3", "-3"),
    (-a[l, j], "-a_j^{(l)}", "-a_j^(l)"),
    (1 - a[l, j], "1 - a_j^{(l)}", "1 - a_j^(l)"),
    (exp(-z[l, j]), "e^{-z_j^{(l)}}", "exp(-z_j^(l))"),
    (1 / (1 + exp(-z[l, j])), r"\frac{1}{1 + e^{-z_j^{(l)}}}", "1/(1 + exp(-z_j^(l)))"),
    (sqrt(a[l, j]), r"\sqrt{a_j^{(l)}}", "√(a_j^(l))"),
    (log(a[l, j]), r"\log(a_j^{(l)})", "log(a_j^(l))"),
    (apply("g", z[l, j], l), "g^{(l)}(z_j^{(l)})", "g^(l)(z_j^(l))"),
    (apply("sigmoid", z[l, j], order=1), r"\sigma'(z_j^{(l)})", "σ'(z_j^(l))"),
    (
        Partial(z[l, j], w[l, j, k]),
        r"\frac{\partial z_j^{(l)}}{\partial w_{jk}^{(l)}}",
        "∂z_j^(l)/∂w_jk^(l)",
    ),
    (da[l, j], r"\frac{\partial C_0}{\partial a_j^{(l)}}", "∂C_0/∂a_j^(l)"),
    (Delta(j, k), r"\delta_{jk}", "δ_jk"),
    (Product(y[j], Plus(a[L, j], -y[j])), "y_j (a_j^{(L)} - y_j)", "y_j (a_j^(L) - y_j)"),
    (Plus(-y[j], a[L, j]), "-y_j + a_j^{(L)}", "-y_j + a_j^(L)"),
)


@pytest.mark.parametrize(
    ("expr", "tex", "plain"), EXPRESSIONS, ids=[plain for _, _, plain in EXPRESSIONS]
)
def test_an_expression(expr: Expr, tex: str, plain: str) -> None:
    found = printer().expr(expr).replace(BREAK, "").replace(r" \, ", " ")
    assert found == tex
    assert printer(style=TEXT).expr(expr) == plain
    check_formula(found)


def test_a_slope_of_a_layer_is_a_name_of_its_own() -> None:
    found = printer().expr(apply("g", z[l, j], l, order=1))
    assert found in (
        r"g^{(l)\prime}(z_j^{(l)})",
        r"{g^{(l)}}'(z_j^{(l)})",
        r"g^{\prime(l)}(z_j^{(l)})",
    )


FACTORS = (da[l, j], apply("sigmoid", z[l, j], order=1), a[l - 1, k], w[l, j, k])


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))))
def test_no_order_of_a_chain_is_changed(order: tuple[int, ...]) -> None:
    one = Term(tuple((FACTORS[p],) for p in order))
    printed = [printer(style=TEXT).expr(FACTORS[p]) for p in order]
    assert text(one) == " ".join(printed)
    assert text(one, notation="3blue1brown") == " ".join(
        printer("3blue1brown", TEXT).expr(FACTORS[p]) for p in reversed(order)
    )


def test_a_link_keeps_its_order_when_the_chain_is_written_from_the_other_end() -> None:
    one = Term(((Integer(2), difference), (apply("sigmoid", z[l, j], order=1),), (a[l - 1, k],)))
    assert text(one) == "2(a_j^(L) - y_j) σ'(z_j^(l)) a_k^(l-1)"
    assert (
        text(one, notation="3blue1brown").replace("·", "").replace("2 (", "2(")
        == "a_k^(l-1) σ'(z_j^(l)) 2(a_j^(L) - y_j)"
    )


def test_a_sum_carries_its_bounds() -> None:
    one = Term(((w[l, j, k],), (a[l - 1, k],)), (Bound(k, Integer(0), n[l - 1] - 1),))
    assert text(one) == "Σ_{k=0}^{n_{l-1}-1} w_jk^(l) a_k^(l-1)"
    assert latex(one).startswith(r"\sum_{k=0}^{n_{l-1}-1} w_{jk}^{(l)}")
    assert text(one, notation="nielsen").startswith("Σ_k ")


def test_constants_stand_before_their_sum() -> None:
    one = Term(((1 / N, base(own("C"))[s]),), (Bound(s, Integer(0), N - 1),))
    assert text(one).startswith("1/N Σ_{s=0}^{N-1} ")


def test_signs_between_terms() -> None:
    terms = (term(a[l, j]), term(Integer(-1), y[j]), term(b[l, j]))
    assert text(*terms) == "a_j^(l) - y_j + b_j^(l)"
    assert text(*terms[1:]) == "-y_j + b_j^(l)"
    assert text(term(Integer(-2), y[j]), term(Integer(-1), Integer(-1), a[l, j])) == (
        "-2 y_j + a_j^(l)"
    )
    assert text() == "0"


def test_a_negative_factor_inside_a_product_has_parentheses() -> None:
    found = text(term(y[j], Plus(-a[l, j], y[j]), Sum(a[l, k], (k, 0, 3))))
    assert found == "y_j (-a_j^(l) + y_j) (Σ_{k=0}^{3} a_k^(l))"


def test_a_fraction_of_numbers_and_quantities() -> None:
    assert text(term(Integer(-1), y[j], 1 / a[L, j])) == "-y_j/a_j^(L)"
    assert latex(term(Integer(-1), y[j], 1 / a[L, j])) == r"-\frac{y_j}{a_j^{(L)}}"


CONDITIONS = (
    (at_least(L, l + 1), "l < L"),
    (equal(l, L), "l = L"),
    (equal(L, l), "l = L"),
    (at_least(n[L], Integer(3)), "n_L ≥ 3"),
    (at_least(l, Integer(1)), "l ≥ 1"),
    (at_least(L, l), "L ≥ l"),
    (at_least(L, Integer(2)), "L ≥ 2"),
    (Condition(k - j, Relation.DIVISIBLE, 2), "k-j is divisible by 2"),
)


@pytest.mark.parametrize(("condition", "wanted"), CONDITIONS, ids=[w for _, w in CONDITIONS])
def test_a_condition(condition: Condition, wanted: str) -> None:
    assert printer(style=TEXT).condition(condition) == wanted


def test_what_has_no_rule_is_refused() -> None:
    class Unknown(Expr):
        pass

    with pytest.raises(NotSupported, match="Unknown"):
        printer().expr(Unknown(a[l, j]))


def test_a_local_derivative_is_marked_where_it_differs_from_the_total_one() -> None:
    marked = printer(style=TEXT, marked=frozenset({("z", "w")}))
    assert marked.expr(Partial(z[l, j], w[l, j, k])) == "∂⁺z_j^(l)/∂w_jk^(l)"
    assert marked.expr(Partial(z[l, j], b[l, j])) == "∂z_j^(l)/∂b_j^(l)"


# -- profiles --------------------------------------------------------------------------------------


@pytest.mark.parametrize("row", PROFILES, ids=[row.name for row in PROFILES])
def test_a_profile_prints_different_things_differently(row: Profile) -> None:
    shown = printer(row)
    instances = [w[l, j, k], w[l, k, j], b[l, j], z[l, j], a[l, j], a[l - 1, j], y[j], base("x")[j],
                 n[l], apply("g", z[l, j], l), apply("g", z[l, j], l, order=1),
                 dz[l, j], base(own("d_w"))[l, j, k], base(own("d_b"))[l, j]]  # fmt: skip
    printed = [shown.expr(one) for one in instances]
    assert len(set(printed)) == len(printed)
    for formula in printed:
        check_formula(formula.replace(BREAK, ""))


@pytest.mark.parametrize("row", PROFILES, ids=[row.name for row in PROFILES])
def test_a_profile_counts_nodes_from_its_first_index(row: Profile) -> None:
    found = text(term(w[l, 1, 0]), notation=row.name)
    wanted = "21" if row.first_index else "10"
    if row.weight_from_first:
        wanted = wanted[::-1]
    assert wanted in found


@pytest.mark.parametrize("row", PROFILES, ids=[row.name for row in PROFILES])
def test_a_profile_marks_the_layer_its_own_way(row: Profile) -> None:
    found = printer(row).expr(b[l, j])
    mark = {LayerMark.ROUND: "{(l)}", LayerMark.SQUARE: "{[l]}", LayerMark.BARE: "{l}"}
    assert mark[row.layer_mark] in found


def test_profiles_are_rows_with_names_and_descriptions_of_their_own() -> None:
    assert len({row.name for row in PROFILES}) == len(PROFILES)
    assert len({row.description for row in PROFILES}) == len(PROFILES)
    assert DEFAULT is PROFILES[0]
    assert DEFAULT.chain_order is ChainOrder.COST_FIRST
    assert (DEFAULT.first_index, DEFAULT.layer_mark) == (0, LayerMark.ROUND)
    for row in PROFILES:
        assert row.first_index in (0, 1)
        assert profile(row.name) is row
        printed = [(letter.base, letter.sub) for letter in row.letters.values()]
        own = {row.letters[q.name].base for q in MODEL.quantities if q.name in row.letters}
        rest = {q.name for q in MODEL.quantities if q.name not in row.letters}
        assert not own & rest, f"{row.name} prints two quantities alike"
        assert printed


def test_an_unknown_profile_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(UsageError, match=r"'nobody'.*deeplizard"):
        profile("nobody")
