"""Plain Python on numbers: every sum written out, ``math.exp``, flat arrays in and out.

The parameters are one vector, layer by layer, each layer's weights row by row and then its
biases; so is the gradient.  Packing the numbers into a new array costs a third of what
``np.array`` takes to convert them.  Written for the two tiny networks of the table.
"""

from __future__ import annotations

from collections.abc import Callable
from math import exp
from struct import Struct

import numpy as np
from numpy import empty

from benchmarks.peers import Call
from benchmarks.peers.flat import pack, unpacker
from benchmarks.shapes import Array, make_data


def gradient_3_2(dtype: str) -> Callable[[Array, Array, Array], Array]:
    """3 inputs, 2 outputs."""
    kind, pack_into = np.dtype(dtype), numbers(8, dtype)

    def gradient(theta: Array, x: Array, y: Array) -> Array:
        w00, w01, w02, w10, w11, w12, b0, b1 = theta.tolist()
        x0, x1, x2 = x.tolist()
        y0, y1 = y.tolist()
        a0 = 1.0 / (1.0 + exp(-(w00 * x0 + w01 * x1 + w02 * x2 + b0)))
        a1 = 1.0 / (1.0 + exp(-(w10 * x0 + w11 * x1 + w12 * x2 + b1)))
        d0 = 2.0 * (a0 - y0) * a0 * (1.0 - a0)
        d1 = 2.0 * (a1 - y1) * a1 * (1.0 - a1)
        out = empty(8, kind)
        pack_into(out, 0, d0 * x0, d0 * x1, d0 * x2, d1 * x0, d1 * x1, d1 * x2, d0, d1)
        return out

    return gradient


def gradient_2_2_2(dtype: str) -> Callable[[Array, Array, Array], Array]:
    """2 inputs, 2 hidden neurons, 2 outputs."""
    kind, pack_into = np.dtype(dtype), numbers(12, dtype)

    def gradient(theta: Array, x: Array, y: Array) -> Array:
        u00, u01, u10, u11, b0, b1, v00, v01, v10, v11, c0, c1 = theta.tolist()
        x0, x1 = x.tolist()
        y0, y1 = y.tolist()
        h0 = 1.0 / (1.0 + exp(-(u00 * x0 + u01 * x1 + b0)))
        h1 = 1.0 / (1.0 + exp(-(u10 * x0 + u11 * x1 + b1)))
        a0 = 1.0 / (1.0 + exp(-(v00 * h0 + v01 * h1 + c0)))
        a1 = 1.0 / (1.0 + exp(-(v10 * h0 + v11 * h1 + c1)))
        e0 = 2.0 * (a0 - y0) * a0 * (1.0 - a0)
        e1 = 2.0 * (a1 - y1) * a1 * (1.0 - a1)
        d0 = (v00 * e0 + v10 * e1) * h0 * (1.0 - h0)
        d1 = (v01 * e0 + v11 * e1) * h1 * (1.0 - h1)
        out = empty(12, kind)
        pack_into(
            out, 0, d0 * x0, d0 * x1, d1 * x0, d1 * x1, d0, d1,
            e0 * h0, e0 * h1, e1 * h0, e1 * h1, e0, e1,
        )  # fmt: skip
        return out

    return gradient


def numbers(count: int, dtype: str) -> Callable[..., None]:
    """What writes so many numbers into a buffer."""
    return Struct(f"{count}{'d' if dtype == 'float64' else 'f'}").pack_into


def make(shape: tuple[int, ...], samples: int, dtype: str) -> Call:
    """One of the two functions above."""
    build = {(3, 2): gradient_3_2, (2, 2, 2): gradient_2_2_2}[shape]
    data = make_data(shape, samples, dtype)
    return Call(build(dtype), (pack(data), data.x, data.y), unpacker(shape))
