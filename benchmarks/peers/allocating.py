"""NumPy as one writes it by hand: every array allocated anew, nothing prepared.

Rows are samples; one sample is a vector all the way.  ``dot`` where it is faster than ``@``: for
vectors, and by far for outer products.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from benchmarks.peers import Call
from benchmarks.shapes import Array, Data, Gradient, make_data


def gradient(w: Sequence[Array], b: Sequence[Array], x: Array, y: Array) -> Gradient:
    """The gradient of the mean cost over the rows of x."""
    activations = [x]
    for weights, bias in zip(w, b, strict=True):
        z = activations[-1] @ weights.T + bias
        activations.append(1 / (1 + np.exp(-z)))
    a = activations.pop()
    delta = (2 / len(x)) * (a - y) * a * (1 - a)
    w_gradient, b_gradient = [], []
    for weights in reversed(w):
        a = activations.pop()
        w_gradient.append(delta.T @ a)
        b_gradient.append(delta.sum(axis=0))
        if activations:
            delta = (delta @ weights) * a * (1 - a)
    return Gradient(tuple(w_gradient[::-1]), tuple(b_gradient[::-1]))


def gradient_one(w: Sequence[Array], b: Sequence[Array], x: Array, y: Array) -> Gradient:
    """The gradient for one sample, x and y being vectors."""
    activations = [x]
    for weights, bias in zip(w, b, strict=True):
        z = weights.dot(activations[-1]) + bias
        activations.append(1 / (1 + np.exp(-z)))
    a = activations.pop()
    delta = 2 * (a - y) * a * (1 - a)
    w_gradient, b_gradient = [], []
    for weights in reversed(w):
        a = activations.pop()
        w_gradient.append(delta[:, None].dot(a[None]))
        b_gradient.append(delta)
        if activations:
            delta = delta.dot(weights) * a * (1 - a)
    return Gradient(tuple(w_gradient[::-1]), tuple(b_gradient[::-1]))


def gradient_of(data: Data, dtype: Any) -> Gradient:
    """The gradient of some data, computed in another precision: the reference of all peers."""
    w, b = ([array.astype(dtype) for array in part] for part in (data.w, data.b))
    x, y = data.x.astype(dtype), data.y.astype(dtype)
    return choose(data.x)(w, b, x, y)


def choose(x: Array) -> Callable[..., Gradient]:
    """The vector form for one sample, else rows."""
    return gradient_one if x.ndim == 1 else gradient


def make(shape: tuple[int, ...], samples: int, dtype: str) -> Call:
    """Nothing is prepared but the data."""
    data = make_data(shape, samples, dtype)
    return Call(choose(data.x), tuple(data), lambda result: result)
