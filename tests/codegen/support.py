"""What the tests of generated code share: models, data, and the comparison with a reference."""

from functools import cache
from importlib import import_module
from itertools import pairwise
from unittest import mock

import numpy as np
import pytest

from symbackprop.codegen import generate, load
from symbackprop.model.costs import cost as cost_row
from symbackprop.model.functions import activation
from symbackprop.model.layers import layered_model

TARGETS = ("numpy", "numpy buffers", "loops", "scalar", "array-api", "numba", "numba plain")
"""What modules are made for; ``numba plain`` is numba's module with its loops left to Python."""
EXTRAS = {"array-api": "array_api_compat", "numba": "numba"}
DOUBLE, SINGLE = 1e-12, 1e-5


def dense(widths, activations, cost, *, from_logits=True):
    """The model of a dense network, as code is generated from it."""
    rows = tuple(activation(name) for name in activations)
    return layered_model("net", rows, cost_row(cost), widths=widths, from_logits=from_logits)


def made(model, target, **options):
    """The generated module of a model for one of ``TARGETS``, which the extra `test` brings."""
    name, _, form = target.partition(" ")
    if name in EXTRAS:
        import_module(EXTRAS[name])
    text = generate(model, target=name, buffers=form == "buffers", **options)
    if form != "plain":
        return load(text)
    with mock.patch("numba.njit", return_value=lambda function: function):
        return load(text, "plain")


@cache
def dense_module(widths, activations, cost, target="numpy"):
    """The generated module of a dense network."""
    return made(dense(widths, activations, cost), target)


def needed(target):
    """The package that a target needs is in the extra `test`: a missing one is a failure."""
    if target in EXTRAS:
        import_module(EXTRAS[target])


def in_the_full_sweep(target, rest):
    """The mark of a case that is left to the full sweep: the rest, of a target slow to compile."""
    return [pytest.mark.full] if target == "numba" and rest else []


def data(widths, samples, seed=0, dtype=np.float64, scale=1.0):
    """Parameters, inputs and targets: moderate numbers that stay away from kinks at 0."""
    rng = np.random.default_rng(seed)
    pairs = list(pairwise(widths))
    w = tuple(rng.normal(size=(m, n)).astype(dtype) / np.sqrt(n).astype(dtype) for n, m in pairs)
    b = tuple((0.3 * rng.normal(size=m)).astype(dtype) for _, m in pairs)
    x = (scale * rng.normal(size=(samples, widths[0]))).astype(dtype)
    y = rng.uniform(0.1, 0.9, size=(samples, widths[-1])).astype(dtype)
    return w, b, x, y


def difference(found, wanted):
    """The largest difference of two lists of arrays, each relative to its largest entry."""
    found, wanted = list(found), list(wanted)
    assert len(found) == len(wanted)
    worst = 0.0
    for one, other in zip(found, wanted, strict=True):
        one, other = np.asarray(one, np.float64), np.asarray(other, np.float64)
        assert one.shape == other.shape, (one.shape, other.shape)
        assert np.isfinite(one).all()
        scale = np.abs(other).max(initial=0.0)
        worst = max(worst, np.abs(one - other).max(initial=0.0) / (scale or 1.0))
    return worst
