"""Equations with one slip each: they fail, with numbers, and the corrected form is found."""

import re

import pytest

from tests.checker.notes import findings, verdicts

W = r"\frac{\partial C_0}{\partial w_{jk}^{(l)}}"
A = r"\frac{\partial C_0}{\partial a_j^{(l)}}"
Z = r"\frac{\partial C_0}{\partial z_j^{(l)}}"
UP = r"\sum_{k=0}^{n_{l+1}-1} w_{kj}^{(l+1)} \sigma'(z_k^{(l+1)})"
NEXT = r"\frac{\partial C_0}{\partial a_k^{(l+1)}}"
LAST = r"\frac{\partial C_0}{\partial a_j^{(L)}}"

# right, wrong, whether the right one is what the checker suggests
SLIPS = [
    (rf"{W} = a_k^{{(l-1)}} \sigma'(z_j^{{(l)}}) {A}",
     rf"{W} = a_k^{{(l)}} \sigma'(z_j^{{(l)}}) {A}"),
    (rf"{W} = a_k^{{(l-1)}} \sigma'(z_j^{{(l)}}) {A}",
     rf"{W} = a_k^{{(l-1)}} \sigma'(a_j^{{(l)}}) {A}"),
    (rf"{W} = a_k^{{(l-1)}} \sigma'(z_j^{{(l)}}) {A}",
     rf"{W} = a_k^{{(l-1)}} \sigma(z_j^{{(l)}}) {A}"),
    (rf"{W} = a_k^{{(l-1)}} \sigma'(z_j^{{(l)}}) {A}",
     rf"{W} = a_j^{{(l-1)}} \sigma'(z_j^{{(l)}}) {A}"),
    (rf"{A} = {UP} {NEXT}",
     rf"{A} = {UP.replace('{kj}', '{jk}')} {NEXT}"),
    (rf"{LAST} = 2(a_j^{{(L)}} - y_j)", rf"{LAST} = 2(y_j - a_j^{{(L)}})"),
    (rf"{LAST} = 2 (a_j^{{(L)}} - y_j)", rf"{LAST} = (a_j^{{(L)}} - y_j)"),
    (rf"{LAST} = 2(a_j^{{(L)}} - y_j)", rf"{LAST} = 2(a_j^{{(L)}} + y_j)"),
    (r"z_j^{(l)} = \sum_k w_{jk}^{(l)} a_k^{(l-1)} + b_j^{(l)}",
     r"z_j^{(l)} = \sum_k w_{jk}^{(l)} a_k^{(l-1)}"),
    (r"z_j^{(l)} = \sum_k w_{jk}^{(l)} a_k^{(l-1)} + b_j^{(l)}",
     r"z_j^{(l)} = \sum_k w_{jk}^{(l)} a_k^{(l)} + b_j^{(l)}"),
    (rf"{Z} = {A} \sigma'(z_j^{{(l)}})", rf"{Z} = {A}"),
    (r"\frac{\partial C_0}{\partial w_{12}^{(L)}} = a_2^{(L-1)} \sigma'(z_1^{(L)})"
     r" 2 (a_1^{(L)} - y_1)",
     r"\frac{\partial C_0}{\partial w_{12}^{(L)}} = a_1^{(L-1)} \sigma'(z_1^{(L)})"
     r" 2 (a_1^{(L)} - y_1)"),
    (r"\frac{\partial C_0}{\partial a_k^{(L-1)}} = \sum_j w_{jk}^{(L)} \sigma'(z_j^{(L)})"
     r" 2(a_j^{(L)} - y_j)",
     r"\frac{\partial C_0}{\partial a_k^{(L-1)}} = w_{jk}^{(L)} \sigma'(z_j^{(L)})"
     r" 2(a_j^{(L)} - y_j)"),
]  # fmt: skip


@pytest.mark.parametrize(("right", "wrong"), SLIPS)
def test_a_slip_is_found_and_corrected(right, wrong):
    held, failed = findings(right, wrong)
    assert held.verdict == "holds"
    assert failed.verdict == "fails"
    assert re.search(r"the left side is -?[\d.e-]+, the right side -?[\d.e-]+", failed.why)
    assert failed.corrected.replace(" ", "") == right.replace(" ", "")
    assert failed.slip


@pytest.mark.parametrize("wrong", [wrong for _, wrong in SLIPS])
def test_a_corrected_form_holds_itself(wrong):
    (failed,) = findings(wrong)
    assert verdicts(failed.corrected) == ["holds"]


def test_no_slip_is_made_up():
    (failed,) = findings(rf"{W} = b_j^{{(l)}} + b_k^{{(l-1)}}")
    assert failed.verdict == "fails"
    assert not failed.slip


def test_conditions_limit_an_equation():
    formula = rf"{A} = 2(a_j^{{(L)}} - y_j)"
    assert verdicts(formula) == ["fails"]
    assert verdicts(rf"{formula} \quad \text{{if }} l = L") == ["holds"]
    assert verdicts(rf"{formula}, \quad l = L") == ["holds"]


def test_cases_are_read():
    right = (
        rf"{A} = \begin{{cases}} {UP} {NEXT} & \text{{if }} l < L \\"
        r" 2(a_j^{(L)} - y_j) & \text{if } l = L \end{cases}"
    )
    assert verdicts(right, right.replace("2(", "3(")) == ["holds", "fails"]


def test_the_sign_of_an_update_is_checked():
    down = r"w_{jk}^{(l)} \leftarrow w_{jk}^{(l)} - \eta \frac{\partial C_0}{\partial w_{jk}^{(l)}}"
    assert verdicts(down, down.replace("- \\eta", "+ \\eta")) == ["holds", "fails"]
    other = down.replace(r"\partial w_{jk}^{(l)}}", r"\partial w_{kj}^{(l)}}")
    assert verdicts(other) == ["fails"]


def test_one_sample_hides_the_mean():
    mean = r"\frac{\partial C}{\partial b_j^{(l)}} = \frac{1}{N} \sum_{s=0}^{N-1}"
    right = rf"{mean} \frac{{\partial C_s}}{{\partial b_j^{{(l)}}}}"
    wrong = r"\frac{\partial C}{\partial b_j^{(l)}} = \frac{\partial C_0}{\partial b_j^{(l)}}"
    assert verdicts(right, wrong) == ["holds", "holds for one sample only"]


def test_bounds_that_leave_the_range_are_named():
    (failed,) = findings(r"C_0 = \sum_{j=0}^{n_{L}} (a_j^{(L)} - y_j)^2")
    assert failed.verdict == "fails"
    assert failed.why == "j runs from 0 to 3, but only 0 to 2 exist"


def test_a_gradient_lists_derivatives_of_its_cost():
    entries = r"\begin{bmatrix} %s \\ \vdots \\ %s \end{bmatrix}"
    first = r"\frac{\partial C}{\partial w^{(1)}}"
    last = r"\frac{\partial C}{\partial b^{(L)}}"
    assert verdicts(rf"\nabla C = {entries % (first, last)}") == ["holds"]
    assert verdicts(rf"\nabla C = {entries % (first, first)}") == ["fails"]
    assert verdicts(rf"\nabla C = {entries % (first, last.replace('b', 'a'))}") == ["fails"]
