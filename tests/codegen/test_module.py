"""What a generated module promises besides its numbers."""

import subprocess
import sys
import threading
from dataclasses import replace

import numpy as np
import pytest

from symbackprop.arrays import system
from symbackprop.calculus import adjoints as calculus
from symbackprop.codegen import generate, load, targets
from symbackprop.errors import UsageError
from symbackprop.model.functions import FunctionRow, T
from tests.codegen.support import TARGETS, data, dense, dense_module, difference
from tests.support.models import skip_connection

WIDTHS, ACTIVATIONS, COST = (3, 4, 2), ("tanh", "sigmoid"), "squared_error"


@pytest.fixture(params=[target for target in TARGETS if target != "array-api"])
def module(request):
    return dense_module(WIDTHS, ACTIVATIONS, COST, request.param)


@pytest.fixture
def given():
    return data(WIDTHS, 5)


def test_a_wrong_adjoint_changes_the_code_and_fails(monkeypatch, given):
    """The code is what the adjoint equations say, and not what a template knows."""
    right = generate(dense(WIDTHS, ACTIVATIONS, COST))

    def wrong(model):
        found = calculus.adjoints(model)
        equation = found["z"].equation
        terms = tuple(replace(one, links=one.links[:1]) for one in equation.terms)
        found["z"] = replace(found["z"], equation=replace(equation, terms=terms))
        return found

    monkeypatch.setattr(system, "adjoints", wrong)
    text = generate(dense(WIDTHS, ACTIVATIONS, COST))
    assert text != right
    broken = load(text)
    assert broken._self_check() > 0.01


def test_self_check_of_the_file(tmp_path):
    path = tmp_path / "gradients.py"
    path.write_text(generate(dense(WIDTHS, ACTIVATIONS, COST)))
    found = subprocess.run(
        [sys.executable, path, "--self-check"], check=True, capture_output=True, text=True
    )
    assert "largest relative difference" in found.stdout


def test_memory_order_and_untouched_inputs(module, given):
    w, b, x, y = given
    parameters = module.Parameters(w, b)
    wanted = module.gradient(parameters, x, y)
    strided = np.repeat(x, 2, axis=1)[:, ::2]
    copies = [array.copy() for array in (*w, *b, x, y)]
    other = module.Parameters(tuple(np.asfortranarray(one) for one in w), b)
    found = module.gradient(other, strided, np.asfortranarray(y))
    assert difference([*found.w, *found.b], [*wanted.w, *wanted.b]) <= 1e-14
    for array, copy in zip((*w, *b, x, y), copies, strict=True):
        assert (array == copy).all()


def test_whole_numbers_and_lists(module, given):
    w, b, _, y = given
    found = module.gradient(module.Parameters(w, b), [[1, 2, 3]] * 5, y.tolist())
    wanted = module.gradient(module.Parameters(w, b), np.array([[1.0, 2.0, 3.0]] * 5), y)
    assert difference(found.w, wanted.w) == 0
    whole = module.initialise(0)
    ones = module.Parameters(*[tuple(np.ones(a.shape, int) for a in part) for part in whole])
    result = module.gradient(ones, np.ones((2, 3), int), np.ones((2, 2), int))
    assert result.w[0].dtype == np.float64


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda w, b, x, y: (w, b, x[:0], y[:0]), "x has no sample"),
        (lambda w, b, x, y: (w, b, x[:, :2], y), "x must have shape .3,. or .samples, 3."),
        (lambda w, b, x, y: (w, b, x, y[:2]), "y must have shape .5, 2., not .2, 2."),
        (lambda w, b, x, y: (w[:1], b, x, y), "w must have 2 arrays, not 1"),
        (lambda w, b, x, y: ((w[0].T, w[1]), b, x, y), "w.0. must have shape .4, 3., not .3, 4."),
        (lambda w, b, x, y: (w, b, x + 1j, y), "real numbers, not complex128"),
        (lambda w, b, x, y: (w, b, x.astype(str), y), "real numbers|promote"),
    ],
)
def test_wrong_arguments(module, given, change, message):
    w, b, x, y = change(*given)
    with pytest.raises((ValueError, np.exceptions.DTypePromotionError), match=message):
        module.cost_and_gradient(module.Parameters(w, b), x, y)


@pytest.mark.parametrize("target", ["numpy buffers", "numba"])
def test_workspaces_of_two_threads_agree_with_one(target):
    module = dense_module(WIDTHS, ACTIVATIONS, COST, target)
    w, b, x, y = data(WIDTHS, 64)
    parameters = module.Parameters(w, b)
    wanted = [leaf.copy() for part in module.gradient(parameters, x, y) for leaf in part]
    results = {}

    def work(name):
        workspace = module.Workspace(64)
        for _ in range(200):
            found = module.gradient(parameters, x, y, workspace=workspace)
        results[name] = [leaf.copy() for part in found for leaf in part]

    threads = [threading.Thread(target=work, args=(name,)) for name in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for found in results.values():
        assert difference(found, wanted) == 0
    with pytest.raises(ValueError, match="the workspace is for 3 samples of float64, not for 64"):
        module.gradient(parameters, x, y, workspace=module.Workspace(3))


def test_titles_cannot_leave_their_docstring():
    text = generate(dense((2, 1), ("tanh",), COST), source='a"""\nimport os\\')
    assert "import os" in text.splitlines()[0]
    load(text)


def test_a_user_function_is_compiled():
    row = FunctionRow("cubed", "q", "q", formula=T**3)
    from symbackprop.model.costs import cost
    from symbackprop.model.layers import layered_model

    module = load(generate(layered_model("own", (row,), cost(COST), widths=(2, 3))))
    assert module._self_check() < 1e-6


def test_requests_that_cannot_be_met():
    with pytest.raises(UsageError, match="unknown target 'cobol'"):
        generate(dense((2, 1), ("tanh",), COST), target="cobol")
    with pytest.raises(UsageError, match="no form with buffers"):
        generate(dense((2, 1), ("tanh",), COST), target="loops", buffers=True)
    with pytest.raises(UsageError, match="needs a number for the size D, K"):
        generate(skip_connection())
    with pytest.raises(UsageError, match="for tiny"):
        generate(dense((100, 30), ("tanh",), COST), target="scalar")
    assert {row.name for row in targets()} >= {"numpy", "loops", "scalar", "numba", "array-api"}
