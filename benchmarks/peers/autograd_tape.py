"""autograd: NumPy recorded on a tape and run backward."""

from __future__ import annotations

from typing import Any

import autograd
import autograd.numpy as anp

from benchmarks.peers import Call
from benchmarks.shapes import Gradient, make_data


def make(shape: tuple[int, ...], samples: int, dtype: str) -> Call:
    """The gradient with respect to all weights, then all biases.

    Parameters are arguments of their own, which autograd takes faster than a container.
    """
    w, b, x, y = make_data(shape, samples, dtype)
    depth = len(w)

    def cost(*parameters: Any) -> Any:
        a = x
        for weights, bias in zip(parameters[:depth], parameters[depth:], strict=True):
            product = anp.dot(weights, a) if samples == 1 else anp.dot(a, weights.T)
            a = 1 / (1 + anp.exp(-(product + bias)))
        total = anp.sum((a - y) ** 2)
        return total if samples == 1 else total / samples

    gradient = autograd.grad(cost, tuple(range(2 * depth)))
    return Call(gradient, (*w, *b), lambda r: Gradient(tuple(r[:depth]), tuple(r[depth:])))
