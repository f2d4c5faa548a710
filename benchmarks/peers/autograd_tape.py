"""autograd: NumPy recorded on a tape and run backward."""

from __future__ import annotations

from typing import Any

import autograd
import autograd.numpy as anp

from benchmarks.peers import Call
from benchmarks.shapes import Gradient, make_data


def cost(parameters: Any, x: Any, y: Any) -> Any:
    """The squared error, the mean over samples where there are several."""
    a = x
    for weights, bias in zip(*parameters, strict=True):
        z = (weights @ a if x.ndim == 1 else a @ weights.T) + bias
        a = 1 / (1 + anp.exp(-z))
    total = anp.sum((a - y) ** 2)
    return total if x.ndim == 1 else total / len(x)


def make(shape: tuple[int, ...], samples: int, dtype: str) -> Call:
    """The gradient with respect to all weights and biases."""
    data = make_data(shape, samples, dtype)
    return Call(
        autograd.grad(cost),
        ((data.w, data.b), data.x, data.y),
        lambda result: Gradient(tuple(result[0]), tuple(result[1])),
    )
