"""One sample on buffers: vectors all the way.

One and two layers are written out, since there a loop costs as much as a product.  1 - a comes
from the sigmoid's own reciprocal, 1 / (1 + exp(z)), and a from it, which is one call fewer a layer;
a then has the absolute, no longer the relative precision of its dtype.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy import add, exp, multiply, reciprocal, subtract

from benchmarks.shapes import Array, Gradient, aligned_empty

Function = Callable[[Sequence[Array], Sequence[Array], Array, Array], Gradient]


def one_layer(shape: tuple[int, ...], dtype: str) -> Function:
    """The gradient of one layer for one sample."""
    inputs, outputs = shape
    one, two = np.array(1, dtype), np.array(2, dtype)
    a, slope, delta = (aligned_empty(outputs, dtype) for _ in range(3))
    weights = aligned_empty((outputs, inputs), dtype)
    outer = delta[:, None].dot
    result = Gradient((weights,), (delta,))

    def gradient(w: Sequence[Array], b: Sequence[Array], x: Array, y: Array) -> Gradient:
        w[0].dot(x, a)
        add(a, b[0], a)
        exp(a, a)
        add(a, one, a)
        reciprocal(a, slope)
        subtract(one, slope, a)
        multiply(slope, a, slope)
        subtract(a, y, delta)
        multiply(delta, two, delta)
        multiply(delta, slope, delta)
        outer(x[None], weights)
        return result

    return gradient


def two_layers(shape: tuple[int, ...], dtype: str) -> Function:
    """The gradient of two layers for one sample."""
    inputs, hidden, outputs = shape
    one, two = np.array(1, dtype), np.array(2, dtype)
    a1, slope1, delta1 = (aligned_empty(hidden, dtype) for _ in range(3))
    a2, slope2, delta2 = (aligned_empty(outputs, dtype) for _ in range(3))
    weights1 = aligned_empty((hidden, inputs), dtype)
    weights2 = aligned_empty((outputs, hidden), dtype)
    row1 = a1[None]
    outer1, outer2, back2 = delta1[:, None].dot, delta2[:, None].dot, delta2.dot
    result = Gradient((weights1, weights2), (delta1, delta2))

    def gradient(w: Sequence[Array], b: Sequence[Array], x: Array, y: Array) -> Gradient:
        w1, w2 = w
        b1, b2 = b
        w1.dot(x, a1)
        add(a1, b1, a1)
        exp(a1, a1)
        add(a1, one, a1)
        reciprocal(a1, slope1)
        subtract(one, slope1, a1)
        multiply(slope1, a1, slope1)
        w2.dot(a1, a2)
        add(a2, b2, a2)
        exp(a2, a2)
        add(a2, one, a2)
        reciprocal(a2, slope2)
        subtract(one, slope2, a2)
        multiply(slope2, a2, slope2)
        subtract(a2, y, delta2)
        multiply(delta2, two, delta2)
        multiply(delta2, slope2, delta2)
        outer2(row1, weights2)
        back2(w2, delta1)
        multiply(delta1, slope1, delta1)
        outer1(x[None], weights1)
        return result

    return gradient
