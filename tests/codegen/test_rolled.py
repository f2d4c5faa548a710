"""Layers and times that repeat, as loops: the same bits as written out, in a few lines."""

import re
import subprocess
import sys
import tracemalloc
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symbackprop.arrays.passes.repeats import find_loops
from symbackprop.arrays.system import systems
from symbackprop.codegen import generate, load
from symbackprop.documents import listing
from symbackprop.errors import UsageError
from symbackprop.notation.quantities import Role
from symbackprop.notation.symbols import size
from tests.codegen.bare import bare
from tests.codegen.bare import compare as compare_with_reference
from tests.codegen.formulas import ACTIVATIONS, PERMITTED
from tests.codegen.support import DOUBLE, data, dense, needed
from tests.codegen.test_dense import compare as compare_with_jax
from tests.support.models import highway, recurrent, residual, two_layer_cost

FUNCTIONS = (
    "forward",
    "cost",
    "gradient",
    "cost_and_gradient",
    "gradient_per_sample",
    "gradient_inputs",
)
DEEP = (residual(), highway(), recurrent(), two_layer_cost())


def leaves(value):
    """All arrays of a result, one after the other."""
    if isinstance(value, tuple):
        return [leaf for part in value for leaf in leaves(part)]
    return [np.asarray(value)]


def equal_bits(model, target="numpy", samples=3):
    """Compare every function with loops and without; the text with loops."""
    plain = load(generate(model, target=target, loops=False))
    text = generate(model, target=target, loops=True)
    rolled = load(text)
    rng = np.random.default_rng(0)
    theta = plain.flatten(plain.initialise(1))
    parameters = plain.unflatten(theta + 0.1 * rng.normal(size=theta.shape))
    arrays = [rng.uniform(0.1, 0.9, (samples, *shape)) for shape in plain.SAMPLE_SHAPES.values()]
    for arguments in (arrays, [array[0] for array in arrays]):
        for name in FUNCTIONS:
            own = arguments[:1] if name == "forward" else arguments
            wanted = leaves(getattr(plain, name)(parameters, *own))
            found = leaves(getattr(rolled, name)(rolled.Parameters(*parameters), *own))
            assert len(found) == len(wanted)
            for one, other in zip(found, wanted, strict=True):
                np.testing.assert_array_equal(one, other, strict=True)
    same = rolled.flatten(rolled.initialise(5)) == plain.flatten(plain.initialise(5))
    assert same.all()
    return text


def function(text, name):
    """The lines of one function."""
    return text.split(f"\ndef {name}(")[1].split("\n\n\n")[0] + "\n"


def deep(model, count):
    """A bare model with so many layers or times, and its sizes."""
    model = bare(model)
    own = {key: count for key in map(size, ("L", "T")) if key in model.sizes}
    return replace(model, sizes={**model.sizes, **own})


@st.composite
def networks(draw):
    """Runs of equal layers of one activation each, and a cost that may follow."""
    last, cost = draw(st.sampled_from(PERMITTED))
    names = sorted(set(ACTIVATIONS) - {"softmax"})
    runs = st.tuples(st.integers(1, 4), st.integers(1, 6), st.sampled_from(names))
    widths, activations = [draw(st.integers(1, 4))], []
    for width, count, name in draw(st.lists(runs, min_size=1, max_size=3)):
        widths += [width] * count
        activations += [name] * count
    activations[-1] = last
    return tuple(widths), tuple(activations), cost, draw(st.integers(1, 3))


@settings(max_examples=12)
@given(networks())
def test_random_networks_have_equal_bits(network):
    widths, activations, cost, samples = network
    equal_bits(dense(widths, activations, cost), samples=samples)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_deep_networks_have_equal_bits_and_agree_with_jax(activation):
    widths, activations = (5, *[3] * 6, 4), (*[activation] * 6, "sigmoid")
    text = equal_bits(dense(widths, activations, "squared_error"))
    assert text.count("    for l in range(") >= 8
    compare_with_jax(
        load(text), activations, "squared_error", data(widths, 4), samples=4, limit=DOUBLE
    )


@pytest.mark.parametrize("count", [4, 9])
@pytest.mark.parametrize("model", DEEP, ids=lambda model: model.name)
def test_bare_models_have_equal_bits_and_agree_with_the_reference(model, count):
    model = deep(model, count)
    text = equal_bits(model)
    assert re.search(r"^    for [lt] in range\(", function(text, "gradient"), re.MULTILINE)
    if count == 4:
        compare_with_reference(load(text), model)


@pytest.mark.parametrize("model", [dense((3,) * 9, ("gelu",) * 8, "huber"), deep(DEEP[2], 9)])
def test_array_api(model):
    needed("array-api")
    equal_bits(model, target="array-api")


def test_quantities_that_have_the_names_of_what_loops_use():
    equal_bits(deep(highway("tuple", "range"), 4))
    equal_bits(deep(highway("l", "Any"), 4))


def test_text_of_a_deep_network():
    model = dense((256,) * 21, ("sigmoid",) * 20, "squared_error")
    after = function(generate(model), "gradient").split("samples = x.shape[0]\n")[1]
    body, back = after.split("    return ")
    wanted = """\
    a = [x]
    for l in range(20):
        z = a[l] @ w[l].T + b[l]  # (2)
        a.append(0.5 + 0.5 * np.tanh(0.5 * z))  # (3)
    d_a = (2 / samples) * (a[20] - y)  # (9)
    d_w: list[Any] = [None] * 20
    d_b: list[Any] = [None] * 20
    for l in range(19, 0, -1):
        d_z = d_a * (a[l + 1] * (1 - a[l + 1]))  # (10)
        del a[l + 1]
        d_w[l] = d_z.T @ a[l]  # (12)
        d_b[l] = d_z.sum(axis=0)  # (11)
        d_a = d_z @ w[l]  # (9)
    d_z = d_a * (a[1] * (1 - a[1]))  # (10)
    d_w[0] = d_z.T @ x  # (12)
    d_b[0] = d_z.sum(axis=0)  # (11)
"""
    assert body == wanted
    assert "tuple(d_w)" in back
    assert "tuple(d_b)" in back


def test_what_no_later_turn_needs_is_not_kept():
    text = generate(dense((7, *[4] * 12, 2), ("sigmoid",) * 13, "squared_error"))
    assert "append" not in function(text, "cost")
    assert "[None] *" not in function(text, "forward")
    assert "z.append" not in text


def test_memory_of_what_no_later_line_reads_is_freed():
    widths = (64,) * 17
    model = dense(widths, ("tanh",) * 16, "squared_error")
    module = load(generate(model))
    x, y = (np.random.default_rng(n).uniform(0, 1, (64, 64)) for n in (0, 1))
    parameters = module.initialise(0)
    peaks = []
    for text in (generate(model), re.sub(r"\n *del a.*", "", generate(model))):
        code = load(text)
        tracemalloc.start()
        code.gradient(code.Parameters(*parameters), x, y)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    # 16 gradients of weights come as 16 activations of the same size go.
    assert peaks[0] < 0.7 * peaks[1]


def test_a_gate_is_computed_once_for_all_equations_that_read_it():
    body = function(generate(deep(highway(), 2)), "gradient")
    assert body.count("np.tanh(") == 4  # the gate and the layer, twice


def test_nothing_is_freed_that_is_read_again():
    body = function(generate(deep(highway(), 9)), "gradient")
    turn = body.split("for l in range(8, 0, -1):")[1].split("\n    d_z =")[0]
    for entry in ("t1[l]", "h[l]"):
        before, after = turn.split(f"        del {entry}")
        assert entry in before
        assert entry not in after
    recurrent_body = function(generate(deep(recurrent(), 9)), "gradient")
    assert "del " not in recurrent_body


def test_a_hundred_layers_of_ten_thousand():
    model = dense((10_000,) * 101, ("sigmoid",) * 100, "squared_error")
    text = generate(model)
    fewer = generate(dense((10_000,) * 61, ("sigmoid",) * 60, "squared_error"))
    assert len(text.splitlines()) == len(fewer.splitlines()) < 550
    assert generate(model) == text


def test_every_line_cites_what_it_cites_written_out():
    model = dense((5, *[3] * 9, 4), ("tanh",) * 10, "squared_error")
    texts = [generate(model, loops=loops) for loops in (False, True)]
    for name in FUNCTIONS:
        written_out, rolled = (
            {
                (line.split("=")[0].split(".append")[0].strip(" [0123456789l+-]"), number)
                for line in function(text, name).splitlines()
                for number in re.findall(r"# \((\d+)\)", line)
            }
            for text in texts
        )
        assert written_out == rolled


def test_documents_name_what_stands_in_lists():
    model = dense((3,) * 10, ("tanh",) * 9, "squared_error")
    names = listing._cited(function(generate(model), "gradient").splitlines())
    assert [names[number] for number in (3, 9, 12)] == [["a"], ["d_a"], ["d_w"]]


@pytest.mark.parametrize(("count", "looped"), [(7, False), (8, True)])
def test_eight_equal_layers_become_a_loop(count, looped):
    model = dense((3,) * (count + 1), ("tanh",) * count, "squared_error")
    assert (generate(model) != generate(model, loops=False)) is looped


@pytest.mark.parametrize(
    "model",
    [*(deep(one, 9) for one in DEEP[:3]), dense((300,) * 12, ("gelu",) * 11, "log_cosh")],
)
def test_text_is_as_formatters_write_it(model, tmp_path):
    path = tmp_path / "gradients.py"
    path.write_text(generate(model, loops=True))
    command = ["-m", "ruff", "format", "--isolated", "--line-length", "88", "--check", str(path)]
    subprocess.run([sys.executable, *command], check=True)


def test_only_targets_with_loops_are_asked_for_them():
    model = dense((2, 2, 2), ("tanh",) * 2, "squared_error")
    for target in ("scalar", "loops", "numba"):
        with pytest.raises(UsageError, match="has no loops over layers"):
            generate(model, target=target, loops=True)
    with pytest.raises(UsageError, match="has no loops over layers"):
        generate(model, buffers=True, loops=True)


def test_search_takes_time_in_proportion(monkeypatch):
    """Twice as many layers are twice as many comparisons, also where no layer is like the next."""
    calls = []

    def counted(depth, widths):
        from symbackprop.arrays.passes import scan

        compared = scan.Scan.advance
        monkeypatch.setattr(scan.Scan, "advance", lambda self: calls.append(1) or compared(self))
        system, _ = systems(dense(widths(depth), ("tanh",) * depth, "squared_error"))
        wanted = [
            key for q in system.model.with_role(Role.PARAMETER) for key in system.gradients(q)
        ]
        program, _ = system.program(wanted)
        calls.clear()
        find_loops(program, 8)
        monkeypatch.undo()
        return len(calls)

    for widths in (lambda depth: (3,) * (depth + 1), lambda depth: (2, 3) * (depth // 2) + (2,)):
        assert counted(60, widths) <= 2.2 * counted(30, widths) + 10
