"""Every target against JAX, on networks of every kind of layer."""

import numpy as np
import pytest

from tests.codegen.formulas import gradients
from tests.codegen.support import (
    DOUBLE,
    SINGLE,
    TARGETS,
    data,
    dense,
    dense_module,
    difference,
    in_the_full_sweep,
    made,
)
from tests.codegen.test_array_api import FUNCTIONS, MODELS, called, drawn

NETWORKS = [
    ((3, 4, 2, 5), ("tanh", "gelu", "softmax"), "categorical_cross_entropy"),
    ((4, 2, 3), ("leaky_relu", "sigmoid"), "binary_cross_entropy"),
    ((2, 5, 3, 4), ("elu", "silu", "relu"), "huber"),
    ((3, 2, 4), ("softplus", "sin"), "hinge"),
    ((2, 3), ("softmax",), "log_cosh"),
]


@pytest.mark.parametrize(
    ("target", "widths", "activations", "cost"),
    [
        pytest.param(target, *network, marks=in_the_full_sweep(target, network in NETWORKS[1:]))
        for network in NETWORKS
        for target in TARGETS
    ],
    ids=str,
)
def test_target(target, widths, activations, cost):
    module = dense_module(widths, activations, cost, target)
    for dtype, limit in ((np.float64, DOUBLE), (np.float32, SINGLE)):
        w, b, x, y = data(widths, 3, dtype=dtype)
        exact = [np.asarray(a, np.float64) for a in (*w, *b, x, y)]
        n = len(w)
        value, by_w, by_b, by_x, (each_w, each_b) = gradients(
            activations, cost, exact[:n], exact[n : 2 * n], exact[-2], exact[-1]
        )
        parameters = module.Parameters(w, b)
        found, gradient = module.cost_and_gradient(parameters, x, y)
        assert difference([found], [value]) <= limit
        assert difference([*gradient.w, *gradient.b], [*by_w, *by_b]) <= limit
        gradient = module.gradient(parameters, x, y)
        assert difference([*gradient.w, *gradient.b], [*by_w, *by_b]) <= limit
        assert {leaf.dtype for leaf in (*gradient.w, *gradient.b)} == {np.dtype(dtype)}
        each = module.gradient_per_sample(parameters, x, y)
        assert difference([*each.w, *each.b], [*each_w, *each_b]) <= limit
        assert difference([module.gradient_inputs(parameters, x, y)], [by_x]) <= limit
        one = module.gradient(parameters, x[1], y[1])
        assert difference([*one.w, *one.b], [leaf[1] for leaf in (*each_w, *each_b)]) <= limit
        flat = module.cost_and_gradient_flat(module.flatten(parameters), x, y)[1]
        again = module.unflatten(flat)
        assert difference([*again.w, *again.b], [*by_w, *by_b]) <= limit


def test_text_is_the_same_each_time():
    from symbackprop.codegen import generate

    model = dense((3, 2), ("softmax",), "categorical_cross_entropy")
    assert generate(model) == generate(dense((3, 2), ("softmax",), "categorical_cross_entropy"))


@pytest.mark.parametrize("case", [case for case in MODELS if case not in ("softmax", "masks")])
@pytest.mark.parametrize("target", ["numpy buffers", "loops", "scalar", "numba plain"])
def test_several_inputs_and_axes(target, case):
    """Every function as NumPy's, for one sample and for several."""
    plain, module = made(MODELS[case], "numpy"), made(MODELS[case], target)
    theta, given = drawn(plain, 3)
    for arrays in (given, [array[0] for array in given]):
        for function in FUNCTIONS:
            if function == "gradient_per_sample" and arrays is not given:
                continue
            wanted = called(plain, function, theta, arrays)
            assert difference(called(module, function, theta, arrays), wanted) <= DOUBLE, function
