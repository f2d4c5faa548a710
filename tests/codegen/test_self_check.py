"""The self-check of generated modules: right ones agree, a slip of a thousandth is named."""

import subprocess
import sys

import numpy as np
import pytest

from symbackprop import Network, check_gradient
from symbackprop.codegen import generate, load, targets
from symbackprop.model.costs import COSTS
from symbackprop.notation.domains import REAL
from tests.codegen.support import TARGETS, dense, dense_module, in_the_full_sweep
from tests.support.tables import assert_walked

WIDTHS, ACTIVATIONS, COST = (3, 4, 2), ("tanh", "sigmoid"), "squared_error"
FUNCTIONS = ("gradient", "cost_and_gradient", "gradient_per_sample", "gradient_inputs")


def test_every_target_is_tried():
    assert_walked({target.split()[0] for target in TARGETS}, targets())


@pytest.fixture(
    scope="module",
    params=[pytest.param(t, marks=in_the_full_sweep(t, t == "numba")) for t in TARGETS],
)
def module(request):
    return dense_module(WIDTHS, ACTIVATIONS, COST, request.param)


def spoil(module, name, change):
    """One of the module's functions with its arrays changed."""
    right = getattr(module, name)

    def wrong(parameters, x, y):
        found = right(parameters, x, y)
        if name == "gradient_inputs":
            return change("x", np.array(found), np.ndim(x))
        own = found[1] if name == "cost_and_gradient" else found
        parts = module.Parameters(
            *(
                tuple(
                    change(f"{field}[{n}]", np.array(one), np.ndim(x)) for n, one in enumerate(part)
                )
                for field, part in zip(own._fields, own, strict=True)
            )
        )
        return (found[0], parts) if name == "cost_and_gradient" else parts

    return wrong


def entry(function, factor=1.001, axes=(1, 2)):
    """A change of one entry: of w[1], or of x."""

    def change(name, array, ndim):
        if name in ("w[1]", "x") and ndim in axes:
            array[(..., -1, 2) if name == "w[1]" else (..., 2)] *= factor
        return array

    return change


def test_a_right_module_agrees(module, capsys):
    for seed in range(3):
        assert module._self_check(seed) < 1e-5
        assert capsys.readouterr().out.startswith(
            "agrees: 26 of 26 entries, largest relative difference "
        )


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize("axes", [(1,), (2,)])
def test_a_slip_of_a_thousandth_is_named(module, function, axes, monkeypatch, capsys):
    monkeypatch.setattr(module, function, spoil(module, function, entry(function, axes=axes)))
    assert module._self_check() == pytest.approx(1e-3, rel=0.02)
    found = capsys.readouterr().out
    place = "x[2]" if axes == (1,) else "x[2, 2]"
    name = place if function == "gradient_inputs" else "parameters.w[1][1, 2]"
    case = "one sample alone" if axes == (1,) else "several samples"
    assert found.startswith(f"differs: the derivative by {name} is ")
    assert f"(relative difference 1.00e-03; {function}; {case}; 26 of 26 entries compared)" in found


@pytest.mark.parametrize("function", FUNCTIONS)
def test_an_array_of_another_shape_is_named(module, function, monkeypatch, capsys):
    def change(name, array, ndim):
        return array[..., None, :] if ndim == 1 else array

    monkeypatch.setattr(module, function, spoil(module, function, change))
    assert module._self_check() == np.inf
    assert "has shape (" in capsys.readouterr().out


@pytest.mark.parametrize("value", [np.inf, np.nan])
def test_what_is_no_number_is_named(value, monkeypatch, capsys):
    module = dense_module(WIDTHS, ACTIVATIONS, COST)
    monkeypatch.setattr(module, "gradient", spoil(module, "gradient", entry("gradient", value)))
    assert module._self_check() == np.inf
    assert f"differs: gradient.w[1][1, 2] is {value!r}, right is " in capsys.readouterr().out


def test_the_gradient_check_reports_the_same_entry_in_the_same_way(monkeypatch, capsys):
    module = dense_module(WIDTHS, ACTIVATIONS, COST)
    wrong = spoil(module, "gradient", entry("gradient"))
    network = Network.from_sizes("3-4-2", activation=list(ACTIVATIONS), cost=COST)
    report = str(check_gradient(wrong, network, samples=3))
    monkeypatch.setattr(module, "gradient", wrong)
    module._self_check()
    own = capsys.readouterr().out
    for part in ("differs: the derivative by parameters.w[1][1, 2] is ", ", right is ",
                 " (relative difference 1.00e-03; ", "; 26 of 26 entries compared)"):  # fmt: skip
        assert part in report
        assert part in own


def test_a_large_module_is_tried_at_both_ends_of_every_axis(monkeypatch, capsys):
    module = dense_module((60, 50, 2), ACTIVATIONS, COST)
    assert module._self_check() < 1e-5
    for place in ((0,), (-1,), (slice(None), 0), (slice(None), -1)):

        def change(name, array, ndim, place=place):
            if name == "w[0]":
                array[place] *= 1.001
            return array

        with monkeypatch.context() as patch:
            patch.setattr(module, "gradient", spoil(module, "gradient", change))
            assert module._self_check() > 1e-4


@pytest.mark.parametrize("cost", [row.name for row in COSTS])
def test_targets_are_drawn_from_what_they_mean(cost):
    (row,) = [row for row in COSTS if row.name == cost]
    output = "identity" if row.domain.start.is_infinite else "sigmoid"
    text = generate(dense((3, 2), (output,), cost))
    assert (row.targets.phrase in text) == (row.targets != REAL)
    for seed in range(3):
        assert load(text)._self_check(seed) < 1e-5


def test_the_file_ends_with_1_where_a_gradient_is_wrong(tmp_path):
    path = tmp_path / "gradients.py"
    text = generate(dense(WIDTHS, ACTIVATIONS, COST))
    path.write_text(text)
    command = [sys.executable, path, "--self-check"]
    found = subprocess.run(command, check=False, capture_output=True, text=True)
    assert (found.returncode, found.stderr) == (0, "")
    path.write_text(text.replace("def _leaves(", "_flat = gradient\n\n\ndef gradient(p, x, y):\n"
                                 "    g = _flat(p, x, y)\n    return g._replace(b=(g.b[0] * 1.001, g.b[1]))"
                                 "\n\n\ndef _leaves("))  # fmt: skip
    found = subprocess.run(command, check=False, capture_output=True, text=True)
    assert found.returncode == 1
    assert "differs: the derivative by parameters.b[0][" in found.stdout
    assert "the gradients differ from finite differences" in found.stderr
