"""What derivations consist of: their equations, labels, assumptions and compositions."""

import re

import pytest
from sympy import Indexed, Integer

from symbackprop.errors import UsageError
from symbackprop.network import Network
from symbackprop.notation.expressions import as_expr
from symbackprop.notation.printers.styles import TEXT
from tests.derivation.support import (
    BUILT_IN,
    DIFFERENT,
    NUMBERED,
    QUANTITIES,
    Asked,
    derived,
    document,
    network,
    printed,
    text,
)

EVERY = (*BUILT_IN, *DIFFERENT, *NUMBERED, *QUANTITIES)
LABEL = re.compile(r"[A-Za-z][A-Za-z0-9:.+-]*", re.ASCII)
"""What is safe as a label in TeX, as an anchor in HTML and as a name in reStructuredText."""


@pytest.mark.parametrize("asked", EVERY, ids=str)
def test_keys_are_unique_and_safe_as_labels(asked: Asked) -> None:
    keys = [equation.key for equation in derived(asked).equations]
    assert len(set(keys)) == len(keys)
    # Keys also name functions, as leaky_relu; a label may contain their underscore.
    assert [key for key in keys if not LABEL.fullmatch(key.replace("_", "-"))] == []
    assert [derived(asked).equation(key).key for key in keys] == keys


@pytest.mark.parametrize("asked", EVERY, ids=str)
def test_the_labels_of_a_document_are_unique(asked: Asked) -> None:
    labels = labels_of(asked)
    assert sorted({one for one in labels if labels.count(one) > 1}) == []


@pytest.mark.parametrize("asked", EVERY, ids=str)
def test_the_labels_of_a_document_are_safe(asked: Asked) -> None:
    assert [one for one in labels_of(asked) if not LABEL.fullmatch(one.replace("_", "-"))] == []


def labels_of(asked: Asked) -> list[str]:
    """The labels of the sections and of the equations of a document."""
    sections = document(asked).sections
    return [s.label for s in sections] + [e.label for s in sections for e in s.equations]


@pytest.mark.parametrize("asked", EVERY, ids=str)
def test_every_equation_has_a_line_and_shows_its_result_at_every_detail(asked: Asked) -> None:
    for equation in derived(asked).equations:
        shown = [equation.shown(detail) for detail in (1, 2, 3)]  # type: ignore[arg-type]
        assert all(lines[-1] is equation.lines[-1] for lines in shown)
        assert len(shown[0]) <= len(shown[1]) <= len(shown[2]) == len(equation.lines)
        assert equation.result == equation.lines[-1].terms


def test_the_parts_of_a_derivation_come_in_the_order_of_reading() -> None:
    topics = [section.topic for section in derived(Asked("general")).sections]
    order = [
        "definitions", "cost", "locals", "target", "target", "paths", "recursion", "between",
        "output", "mean",
    ]  # fmt: skip
    assert topics == order


@pytest.mark.parametrize("model", ["general", "chain", "3-2", "4-3-2", "784-30-10"])
def test_every_parameter_is_derived_when_nothing_is_asked(model: str) -> None:
    asked = Asked(model)
    lefts = {str(equation.left.base.label) for equation in derived(asked).equations
             if isinstance(equation.left, Indexed)}  # fmt: skip
    quantities = network(asked).model
    assert {quantities.by_name[name].adjoint.name for name in ("w", "b")} <= lefts


@pytest.mark.parametrize("model", ["4-3-2", "784-30-10", "7-5-6"])
def test_widths_change_nothing_in_a_derivation(model: str) -> None:
    def formulas(name: str) -> list[str]:
        asked = Asked(name)
        return [printed(asked, one, n) for one in derived(asked).equations
                for n in range(len(one.lines)) if not one.batch]  # fmt: skip

    assert formulas(model) == formulas("2-3-2")


def test_a_summand_that_is_a_sum_stands_in_parentheses() -> None:
    asked = Asked("3-2", cost="binary_cross_entropy")
    summand = "(-(1 - y_j) log(1 - a_j^(1)) - y_j log(a_j^(1)))"
    composition = derived(asked).equation("composition")
    assert printed(asked, composition, 1) == f"C_0 = Σ_{{j=0}}^{{n_1-1}} {summand}"


def test_layers_with_different_functions_are_derived_on_their_own() -> None:
    found = text(DIFFERENT[0])
    assert "∂C_0/∂w_jk^(1) = ∂C_0/∂z_j^(1) ∂z_j^(1)/∂w_jk^(1)" in found
    assert "∂a_j^(1)/∂z_j^(1) = tanh'(z_j^(1))" in found
    assert "∂a_k^(2)/∂z_j^(2) = a_k^(2) (δ_kj - a_j^(2))" in found


# -- targets named by numbers -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("target", "assumptions"),
    [
        ("w[1,2]@L", "assuming n_L ≥ 2, n_{L-1} ≥ 3"),
        ("w[2,2]@L-1", "assuming L ≥ 2, n_{L-1} ≥ 3, n_{L-2} ≥ 3"),
        ("b[4]@L", "assuming n_L ≥ 5"),
        ("b[4]@L-3", "assuming L ≥ 4, n_{L-3} ≥ 5"),
        ("w@3", "assuming L ≥ 3"),
        ("a[1]@L-1", "assuming n_{L-1} ≥ 2"),
    ],
)
def test_numbers_in_a_symbolic_network_are_assumed_to_exist(target: str, assumptions: str) -> None:
    assert assumptions in text(Asked("general", targets=(target,)))


def test_the_first_numbers_need_no_assumption() -> None:
    (equation, *_) = [one for one in derived(Asked("general", targets=("w[0,0]@L",))).equations
                      if one.key == "w:L:0:0"]  # fmt: skip
    assert equation.assumptions == ()


@pytest.mark.parametrize("target", ["w[1,2]@L", "w[2,2]@L-1"])
def test_numbers_in_a_concrete_network_need_no_assumption(target: str) -> None:
    asked = Asked("4-3-3", targets=(target,))
    assert not any(one.assumptions for one in derived(asked).equations)
    assert "assuming" not in text(asked)


def test_a_numbered_weight_is_derived_as_itself() -> None:
    asked = NUMBERED[0]
    last = derived(asked).equation("w:L:1:2")
    assert [printed(asked, last, n) for n in (-4, -2, -1)] == [
        "∂C_0/∂w_12^(L) = ∂C_0/∂a_1^(L) ∂a_1^(L)/∂z_1^(L) ∂z_1^(L)/∂w_12^(L)",
        "∂C_0/∂w_12^(L) = ∂C_0/∂a_1^(L) g'^(L)(z_1^(L)) a_2^(L-1)",
        "∂C_0/∂w_12^(L) = 2(a_1^(L) - y_1) g'^(L)(z_1^(L)) a_2^(L-1)",
    ]
    hidden = [printed(asked, derived(asked).equation("w:L-1:2:2"), n)
              for n in range(len(derived(asked).equation("w:L-1:2:2").lines))]  # fmt: skip
    assert "∂C_0/∂w_22^(L-1) = ∂C_0/∂a_2^(L-1) g'^(L-1)(z_2^(L-1)) a_2^(L-2)" in hidden


def test_layers_count_from_either_end() -> None:
    by_depth = derived(Asked("4-3-3", targets=("w[1,2]@L", "w[2,2]@L-1")))
    by_number = derived(Asked("4-3-3", targets=("w[1,2]@2", "w[2,2]@1")))
    assert by_depth == by_number


@pytest.mark.parametrize("notation", ["nielsen", "ng", "bishop", "goodfellow"])
def test_nodes_count_as_the_notation_counts(notation: str) -> None:
    general = Network.general()
    counted = general.derive("w[1,2]@L", notation=notation).derived.targets
    assert counted == general.derive("w[0,1]@L").derived.targets
    with pytest.raises(UsageError, match="the first node is 1"):
        general.derive("w[0,1]@L", notation=notation)


# -- the cost as a composition ----------------------------------------------------------------


@pytest.mark.parametrize("depth", [0, 1, 2, 3, 4])
@pytest.mark.parametrize("model", ["general", "chain"])
def test_the_cost_is_unfolded_as_far_as_asked(model: str, depth: int) -> None:
    asked = Asked(model, unfold=depth)
    composition = derived(asked).equation("composition")
    unfolded = network(asked).model
    a = unfolded.by_name["a"]
    layers = {one.indices[0] for one in as_expr(composition.result).atoms(Indexed)
              if one.base.label.name == a.name}  # fmt: skip
    deepest = a.axes[0].high
    assert layers == {deepest - depth}
    assert len(composition.lines) == 2 * depth + (2 if model == "general" else 1)
    told = [part.strip() for equation in (e for s in document(asked, TEXT).sections
                                          for e in s.equations if e.label == "eq:composition")
            for part in ["".join(span.value for span in equation.where)]]  # fmt: skip
    assert told == ([f"assuming L ≥ {depth}"] if depth > 1 else [""])


@pytest.mark.parametrize("depth", [0, 1, 2, 3, 4])
def test_a_small_network_is_unfolded_to_its_inputs_at_most(depth: int) -> None:
    composition = derived(Asked("4-3-2", unfold=depth)).equation("composition")
    names = {str(one.base.label) for one in as_expr(composition.result).atoms(Indexed)}
    layers = {one.indices[0] for one in as_expr(composition.result).atoms(Indexed)
              if str(one.base.label) == "a"}  # fmt: skip
    assert composition.assumptions == ()
    if depth < 3:
        assert layers == {Integer(2 - depth)}
    else:
        assert "a" not in names
        assert "x" in names
