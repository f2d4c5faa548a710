"""Matrix forms of costs of a user's own: roots, quotients, powers and functions, entry by entry."""

import pytest
from sympy import Abs, Max, asinh, atan, cosh, erf, exp, log, sign, sqrt, tanh

from symbackprop import CostRow, Dense, Network
from symbackprop.errors import NotSupported
from symbackprop.model.costs import A, Y
from tests.support.latex import compile_tex

R = A - Y
SUMMANDS = {
    "root": sqrt(R**2 + 1),
    "quotient": 1 / (1 + R**2),
    "root below": 1 / sqrt(1 + R**2),
    "fourth power": R**4 / 4,
    "logarithm": log(1 + R**2),
    "exponential": exp(-(R**2)) * R,
    "several": tanh(R) ** 2 + cosh(A) * Y - atan(R),
    "functions of one argument": asinh(R) ** 2 + erf(A) * Y + Abs(R) ** 3 + sign(A - 2) * R,
}


@pytest.mark.parametrize("form", ["matrix", "batch"])
@pytest.mark.parametrize("name", SUMMANDS)
def test_a_cost_in_matrices(name, form):
    """Every matrix equation is judged before it is printed; none is left out."""
    cost = CostRow("own", SUMMANDS[name])
    network = Network(3, [Dense(4, "tanh"), Dense(2, "sigmoid")], cost)
    text = network.derive(form=form).render("text")
    assert "11 matrix equations" in " ".join(text.split())
    assert "δ^(2) =" in text.replace("Δ", "δ")


def test_what_has_no_matrix_form_is_refused_with_its_equation():
    cost = CostRow("own", Max(R, 0) ** 2)
    network = Network(3, [Dense(2, "sigmoid")], cost)
    with pytest.raises(NotSupported, match=r"the equation of .*does not know maximum"):
        network.derive(form="matrix").render("text")


def test_functions_of_entries_are_set_by_tex(tmp_path):
    network = Network(3, [Dense(2, "sigmoid")], CostRow("own", Abs(R) ** 3))
    compiled = compile_tex(network.derive(form="batch").render("latex"), tmp_path)
    assert not compiled.errors
    assert compiled.overfull <= 5
