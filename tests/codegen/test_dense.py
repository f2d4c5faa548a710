"""The generated gradients of dense networks against JAX, for every permitted pair."""

import zlib

import numpy as np
import pytest

from tests.codegen.formulas import ACTIVATIONS, PERMITTED, gradients
from tests.codegen.support import DOUBLE, SINGLE, data, dense_module, difference


def network(activation, cost, depth):
    """Random unequal widths and hidden activations for a pair, the same on every run."""
    rng = np.random.default_rng(zlib.crc32(f"{activation} {cost} {depth}".encode()))
    widths = tuple(int(n) for n in rng.permutation(np.arange(2, 9))[: depth + 1])
    hidden = [name for name in ACTIVATIONS if name != "softmax"]
    return widths, (*(str(rng.choice(hidden)) for _ in range(depth - 1)), activation)


def compare(module, activations, cost, given, samples, limit):
    """Every function of the module against JAX in float64."""
    w, b, x, y = given
    exact = [np.asarray(a, np.float64) for a in (*w, *b, x, y)]
    count = len(w)
    value, by_w, by_b, by_x, (each_w, each_b) = gradients(
        activations, cost, exact[:count], exact[count : 2 * count], *exact[2 * count :]
    )
    parameters = module.Parameters(w, b)
    found, gradient = module.cost_and_gradient(parameters, x, y)
    wanted = [*by_w, *by_b]
    assert difference([found], [value]) <= limit
    assert difference([module.cost(parameters, x, y)], [value]) <= limit
    assert difference([*gradient.w, *gradient.b], wanted) <= limit
    gradient = module.gradient(parameters, x, y)
    assert difference([*gradient.w, *gradient.b], wanted) <= limit
    each = module.gradient_per_sample(parameters, x, y)
    assert difference([*each.w, *each.b], [*each_w, *each_b]) <= limit
    assert difference([module.gradient_inputs(parameters, x, y)], [by_x]) <= limit
    dtype = x.dtype
    assert {leaf.dtype for leaf in (*gradient.w, *gradient.b, *each.w, *each.b)} == {dtype}
    if samples == 1:
        single, _ = module.cost_and_gradient(parameters, x[0], y[0])
        assert difference([single], [value]) <= limit
        gradient = module.gradient(parameters, x[0], y[0])
        assert difference([*gradient.w, *gradient.b], wanted) <= limit


@pytest.mark.parametrize(("activation", "cost"), PERMITTED)
def test_pair(activation, cost):
    depth = 1 + zlib.crc32(f"{activation}{cost}".encode()) % 5
    widths, activations = network(activation, cost, depth)
    module = dense_module(widths, activations, cost)
    for samples in (1, 7):
        given = data(widths, samples, seed=samples)
        compare(module, activations, cost, given, samples, DOUBLE)
    given = data(widths, 7, seed=3, dtype=np.float32)
    compare(module, activations, cost, given, 7, SINGLE)


@pytest.mark.parametrize(("activation", "cost"), PERMITTED)
def test_saturated(activation, cost):
    """At inputs of 1000 everything is finite, and nothing overflows on the way."""
    module = dense_module((3, 2), (activation,), cost)
    w, b, x, y = data((3, 2), 2)
    parameters = module.Parameters(w, b)
    for scale in (1000, -1000):
        with np.errstate(over="raise", invalid="raise", divide="raise"):
            value, gradient = module.cost_and_gradient(parameters, scale * np.abs(x), y)
            inputs = module.gradient_inputs(parameters, scale * x, y)
        for leaf in (value, inputs, *gradient.w, *gradient.b):
            assert np.isfinite(leaf).all()
