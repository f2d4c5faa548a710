"""Notes in other notations: nodes, whole layers, layers that are not written, own definitions."""

import pytest

from symbackprop.checker.report import check_text
from symbackprop.derivation.steps import Detail
from symbackprop.notation.profiles import PROFILES
from tests.checker.notes import display, verdicts
from tests.roundtrip.support import printed

WHOLE_LAYERS = (
    r"C = \frac{1}{2n} \sum_x \|y(x)-a^L(x)\|^2",
    r"a^l = \sigma(w^l a^{l-1} + b^l)",
    r"\delta^L = \nabla_a C_x \odot \sigma'(z^L)",
    r"\delta^l = ((w^{l+1})^T \delta^{l+1}) \odot \sigma'(z^l)",
    r"\frac{\partial C_x}{\partial w^l} = \delta^l (a^{l-1})^T",
    r"\frac{\partial C_x}{\partial w^l_{jk}} = a^{l-1}_k \delta^l_j",
)
SQUARE_LAYERS = (
    r"z^{[l]} = W^{[l]} a^{[l-1]} + b^{[l]}",
    r"dz^{[l]} = da^{[l]} \odot g^{[l]\prime}(z^{[l]})",
    r"dW^{[l]} = dz^{[l]} a^{[l-1]T}",
    r"da^{[l-1]} = W^{[l]T} dz^{[l]}",
    r"\frac{\partial J}{\partial W^{[l]}} = \frac1m \sum_{i=1}^{m}"
    r" \frac{\partial \mathcal{L}^{(i)}}{\partial W^{[l]}}",
)
NO_LAYERS = (
    r"E_n = \frac12 \sum_k (z_k - t_k)^2",
    r"a_j = \sum_i w_{ji} z_i + b_j",
    r"\delta_j = h'(a_j) \sum_k w_{kj} \delta_k",
    r"\frac{\partial E_n}{\partial w_{ji}} = \delta_j z_i",
)


@pytest.mark.parametrize(
    ("notation", "formulas", "wrong"),
    [
        ("nielsen", WHOLE_LAYERS, r"\frac{\partial C_x}{\partial w^l} = (a^{l-1})^T \delta^l"),
        ("ng", SQUARE_LAYERS, r"dW^{[l]} = dz^{[l]} a^{[l]T}"),
        ("bishop", NO_LAYERS, r"\delta_j = h'(a_j) \sum_k w_{jk} \delta_k"),
    ],
)
def test_other_peoples_notations(notation, formulas, wrong):
    report = check_text(display(*formulas, wrong), "tex", notation=notation)
    assert [str(one.verdict) for one in report.findings[:-1]] == ["holds"] * len(formulas)
    assert report.findings[-1].verdict != "holds"


def test_the_order_of_a_matrix_product_matters():
    (found,) = check_text(display(r"z^l = a^{l-1} w^l + b^l"), "tex", model="general").findings
    assert found.verdict == "holds for one neuron a layer only"


def test_single_neurons_without_layers():
    before = display("z = wx + b", r"a = \sigma(z)", "C = (a-y)^2")
    right = r"\frac{\partial C}{\partial w} = 2(a-y)\sigma'(z) x"
    assert verdicts(right, right.replace("2", ""), before=before) == ["holds", "fails"]


@pytest.mark.parametrize(
    ("definition", "slope", "name"),
    [
        (r"\sigma(t) = \frac{1}{1+e^{-t}}", r"a_j^{(l)}(1-a_j^{(l)})", ""),
        (r"a_j^{(l)} = \tanh(z_j^{(l)})", r"1-(a_j^{(l)})^2", "tanh"),
        (r"a_j^{(l)} = \max(0, z_j^{(l)})", r"[z_j^{(l)} > 0]", "relu"),
    ],
)  # fmt: skip
def test_the_notes_define_their_activation(definition, slope, name):
    formula = rf"\frac{{\partial a_j^{{(l)}}}}{{\partial z_j^{{(l)}}}} = {slope}"
    report = check_text(display(definition, formula), "tex")
    assert report.findings[0].verdict == "holds"
    assert not name or any(name in remark for remark in report.remarks)
    if name != "relu":
        assert report.findings[1].verdict == "holds"


def test_the_notes_define_their_cost():
    cost = r"C_0 = -\sum_j (y_j \log a_j^{(L)} + (1-y_j)\log(1-a_j^{(L)}))"
    right = r"\frac{\partial C_0}{\partial z_j^{(L)}} = a_j^{(L)} - y_j"
    assert verdicts(right, before=display(cost)) == ["holds"]
    assert verdicts(right) == ["fails"]


def test_a_hat_makes_another_quantity():
    assert verdicts(r"\hat y_j = a_j^{(L)}") == ["not understood"]


@pytest.mark.parametrize("notation", [row.name for row in PROFILES])
def test_what_is_printed_in_a_notation_is_right_in_it(notation):
    equations = list(printed("general", "chain", notation, Detail.STANDARD))
    text = display(*(one.formula for one in equations))
    report = check_text(text, "tex", notation=notation, activation="sigmoid")
    assert {str(one.verdict) for one in report.findings} == {"holds"}
