"""Networks that nobody thought of, against JAX."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.codegen.formulas import ACTIVATIONS, PERMITTED, gradients
from tests.codegen.support import DOUBLE, data, dense_module, difference

HIDDEN = sorted(set(ACTIVATIONS) - {"softmax"})


@st.composite
def networks(draw):
    """Widths, activations, a cost that may follow, and how many samples."""
    last, cost = draw(st.sampled_from(PERMITTED))
    depth = draw(st.integers(1, 4))
    widths = tuple(draw(st.lists(st.integers(1, 6), min_size=depth + 1, max_size=depth + 1)))
    hidden = draw(st.lists(st.sampled_from(HIDDEN), min_size=depth - 1, max_size=depth - 1))
    target = draw(st.sampled_from(["numpy", "numpy buffers", "loops", "scalar", "numba plain"]))
    return widths, (*hidden, last), cost, draw(st.integers(1, 5)), target


@settings(max_examples=15)
@given(networks())
def test_random_network(network):
    widths, activations, cost, samples, target = network
    module = dense_module(widths, activations, cost, target)
    w, b, x, y = data(widths, samples, seed=samples)
    value, by_w, by_b, by_x, _ = gradients(activations, cost, w, b, x, y)
    found, gradient = module.cost_and_gradient(module.Parameters(w, b), x, y)
    assert difference([found], [value]) <= DOUBLE
    for one, other in zip((*gradient.w, *gradient.b), (*by_w, *by_b), strict=True):
        scale = max(1e-3, np.abs(other).max())
        assert np.abs(one - other).max() <= DOUBLE * scale
    inputs = module.gradient_inputs(module.Parameters(w, b), x, y)
    assert np.abs(inputs - by_x).max() <= DOUBLE * max(1e-3, np.abs(by_x).max())
