"""One neuron at a time: a loop over samples, layers and neurons, NumPy for each neuron's sums."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from benchmarks.peers import Call
from benchmarks.shapes import Array, Gradient, make_data


def gradient(w: Sequence[Array], b: Sequence[Array], x: Array, y: Array) -> Gradient:
    """The gradient of the mean cost over the rows of x."""
    w_gradient = tuple(np.zeros_like(weights) for weights in w)
    b_gradient = tuple(np.zeros_like(bias) for bias in b)
    factor = 2 / len(x)
    for inputs, target in zip(x, y, strict=True):
        activations = [inputs]
        for weights, bias in zip(w, b, strict=True):
            a = np.empty_like(bias)
            for j in range(len(bias)):
                a[j] = 1 / (1 + math.exp(-(weights[j].dot(activations[-1]) + bias[j])))
            activations.append(a)
        upstream = factor * (activations[-1] - target)
        for layer in range(len(w) - 1, -1, -1):
            a, before = activations[layer + 1], activations[layer]
            downstream = np.zeros_like(before)
            for j in range(len(a)):
                delta = upstream[j] * a[j] * (1 - a[j])
                b_gradient[layer][j] += delta
                w_gradient[layer][j] += delta * before
                if layer:
                    downstream += delta * w[layer][j]
            upstream = downstream
    return Gradient(w_gradient, b_gradient)


def make(shape: tuple[int, ...], samples: int, dtype: str) -> Call:
    """The same function for every shape; one sample is one row."""
    w, b, x, y = make_data(shape, samples, dtype)
    rows = (x[None], y[None]) if samples == 1 else (x, y)
    return Call(gradient, (w, b, *rows), lambda result: result)
