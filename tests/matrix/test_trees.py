"""Matrix expressions: transposes carried out, and what the judge catches."""

from dataclasses import replace

import numpy as np
import pytest

from symbackprop.errors import NotSupported, VerificationError
from symbackprop.matrix import expressions as mx
from symbackprop.matrix.form import MatrixForm, matrix_form
from symbackprop.matrix.judge import Judge, difference, references
from symbackprop.network import Network
from symbackprop.notation.symbols import own, spelled
from tests.support.models import recurrent

NETWORKS = {
    "general": Network.general(),
    "chain": Network.chain(),
    "4-3-2": Network.from_sizes("4-3-2"),
    "3-2": Network.from_sizes("3-2"),
    "hetero": Network.from_sizes("4-3-2", ["tanh", "softmax"], "categorical_cross_entropy"),
}
COSTS = (
    "half_squared_error",
    "mean_squared_error",
    "absolute_error",
    "huber",
    "log_cosh",
    "binary_cross_entropy",
    "hinge",
)


def form_of(name: str, *, batch: bool = False, errors: str = "z") -> MatrixForm:
    return matrix_form(NETWORKS[name].model, ["w", "b"], batch=batch, errors=errors)


@pytest.mark.parametrize("errors", ["", "z"])
@pytest.mark.parametrize("batch", [False, True])
@pytest.mark.parametrize("name", NETWORKS)
def test_every_equation_holds(name, batch, errors):
    form = form_of(name, batch=batch, errors=errors)
    assert difference(form, batch) < 1e-12
    if batch:
        assert difference(form.columns(), batch) < 1e-12


@pytest.mark.parametrize("batch", [False, True])
@pytest.mark.parametrize("cost", COSTS)
def test_every_cost_has_a_matrix_form(cost, batch):
    network = Network.from_sizes("4-3-2", cost=cost)
    form = matrix_form(network.model, ["w", "b"], batch=batch, errors="z")
    assert difference(form, batch) < 1e-12
    if batch:
        assert difference(form.columns(), batch) < 1e-12


def test_inner_layers_say_the_same():
    places = {
        (run.first.key[0], tuple(one.place for one in run.equations))
        for run in form_of("general").runs
    }
    assert places == {
        ("z", (1,)), ("z", (2, 3, 4)), ("a", (1, 2, 3, 4)), ("C0", (0,)), (own("d_z"), (4,)),
        (own("d_z"), (1, 2, 3)), (own("d_w"), (1,)), (own("d_w"), (2, 3, 4)),
        (own("d_b"), (1, 2, 3, 4)),
    }  # fmt: skip


def test_layers_with_other_activations_are_no_run():
    form = form_of("hetero")
    assert [len(run.equations) for run in form.runs if run.first.key[0] == "a"] == [1, 1]


def sabotaged(form: MatrixForm, key: str, change) -> MatrixForm:
    equations = tuple(
        replace(one, right=change(one.right)) if one.key[0] == key else one
        for one in form.equations
    )
    assert equations != form.equations
    return replace(form, equations=equations)


def every(node: mx.Matrix, change) -> mx.Matrix:
    """The expression with each part changed, from the inside out."""
    if isinstance(node, mx.Transposed):
        return change(replace(node, inner=every(node.inner, change)))
    if isinstance(node, mx.Many):
        node = replace(node, args=tuple(every(arg, change) for arg in node.args))
    return change(node)


def without_transposes(node):
    return node.inner if isinstance(node, mx.Transposed) else node


def swapped(node):
    return replace(node, args=node.args[::-1]) if isinstance(node, mx.Times) else node


def entrywise_as_product(node):
    if isinstance(node, mx.Entrywise):
        return mx.Times(node.rows, node.cols, node.args)
    return node


def without_slope(node):
    if isinstance(node, mx.Function) and node.order == 1:
        return replace(node, order=0)
    return node


def another_layer(node):
    if isinstance(node, mx.Value) and node.key == ("w", (2,)):
        return replace(node, key=("w", (3,)))
    return node


def without_sign(node):
    if isinstance(node, mx.Constant) and node.value == -1:
        return replace(node, value=-node.value)
    return node


@pytest.mark.parametrize("batch", [False, True])
@pytest.mark.parametrize(
    ("key", "change"),
    [
        (own("d_w"), without_transposes),
        (own("d_z"), swapped),
        (own("d_w"), swapped),
        (own("d_z"), entrywise_as_product),
        (own("d_z"), without_slope),
        (own("d_z"), another_layer),
        (own("d_z"), without_sign),
    ],
    ids=lambda one: getattr(one, "__name__", one),
)
def test_a_sabotaged_equation_is_caught(key, change, batch):
    form = form_of("general", batch=batch)
    with pytest.raises(VerificationError, match=f"matrix equation of {spelled(key)}"):
        difference(sabotaged(form, key, lambda node: every(node, change)), batch)


def test_a_missing_transpose_of_the_weights_is_caught():
    with pytest.raises(VerificationError, match="matrix equation of d_z"):
        difference(
            sabotaged(form_of("general"), own("d_z"), lambda n: every(n, without_transposes)), False
        )


def test_columns_are_the_transposes_of_rows():
    form = form_of("4-3-2", batch=True)
    judge = Judge(references(form.model, form.depth, True)[0])
    for rows, columns in zip(form.equations, form.columns().equations, strict=True):
        left, right = judge.evaluate(rows.left), judge.evaluate(columns.left)
        assert np.array_equal(left if left.shape == right.shape else left.T, right)
        assert rows.left.sampled == columns.left.turned


def test_the_transpose_of_a_transpose_is_the_expression():
    for form in (form_of(name, batch=True) for name in NETWORKS):
        for one in form.equations:
            assert mx.transposed(mx.transposed(one.right)) == one.right
            assert all(
                isinstance(node.inner, mx.Value | mx.Ones)
                for node in mx.walk(one.right)
                if isinstance(node, mx.Transposed)
            )


def test_only_networks_of_layers_have_one():
    with pytest.raises(NotSupported, match="networks of layers"):
        matrix_form(recurrent(), ["w"], batch=False)
