"""What is compiled: products of BLAS, and one nest of loops between two of them."""

import re

import numpy as np

from symbackprop.codegen import generate
from tests.codegen.support import dense, difference, made

NETWORK = dense((7, 5, 3), ("sigmoid", "sigmoid"), "squared_error")


def loops(name):
    """The text of a compiled function."""
    text = generate(NETWORK, target="numba")
    return text.split(f"def {name}_loops(")[1].split("\n\n\n")[0]


def test_a_batch_is_five_products_and_three_nests():
    text = loops("_gradient_rows")
    assert text.count("np.dot(") == 5
    assert text.count("for s in range(samples):") == 3
    assert text.count("np.exp(") == 2  # the slopes come from the values


def test_the_bias_gradient_is_added_up_where_the_error_is_made():
    nests = loops("_gradient_rows").split("np.dot(")
    (nest,) = [one for one in nests if "d_b1[j] +=" in one]
    assert re.search(r"d_z1\[s, j\] = (\w+)\n +d_b1\[j\] \+= \1 ", nest)


def test_one_sample_is_vectors():
    text = loops("_gradient_one")
    assert "samples" not in text
    assert text.count("np.dot(") == 3
    assert "d_w1[j, k] = d_z1[j] * x[k]  # (12)" in text


def test_arrays_do_not_overlap():
    """Values of every size, from one sample to more than a line of them."""
    module = made(NETWORK, "numba plain")
    parameters = module.initialise(0)
    for samples in (1, 2, 15, 16, 17, 33):
        rng = np.random.default_rng(samples)
        x, y = rng.normal(size=(samples, 7)), rng.uniform(size=(samples, 3))
        each = module.gradient_per_sample(parameters, x, y)
        found = module.gradient(parameters, x, y)
        for field in ("w", "b"):
            wanted = [leaf.mean(axis=0) for leaf in getattr(each, field)]
            assert difference(getattr(found, field), wanted) <= 1e-14


def test_an_overflow_on_the_way_is_silent_and_right():
    module = made(NETWORK, "numba plain")
    parameters = module.Parameters(
        tuple(1000 * leaf for leaf in module.initialise(0).w), module.initialise(0).b
    )
    x, y = np.ones((2, 7)), np.zeros((2, 3))
    with np.errstate(over="ignore"):
        found = module.cost_and_gradient(parameters, x, y)
    assert np.isfinite(found[0])
    assert all(np.isfinite(leaf).all() for part in found[1] for leaf in part)
