"""The baseline: the matrix products a gradient cannot do without, and nothing else.

Forward z = a W^T; backward the weights' gradient d^T a and, except for the first layer, d W.
The outputs exist beforehand and every view is taken beforehand.  All products are
``a.dot(b, out)``, the call with the least overhead: this row is a unit to measure in, and no lower
bound, since ``matmul`` is faster for some large outputs.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.peers import Call
from benchmarks.shapes import Array, aligned, aligned_empty, layer_widths, make_data

Product = tuple[Array, Array, Array]
"""Left factor, right factor, output."""


def list_products(shape: tuple[int, ...], samples: int, dtype: str) -> list[Product]:
    """All products of one gradient, in the order in which a gradient needs them."""
    data = make_data(shape, samples, dtype)
    rng = np.random.default_rng(1)
    one = samples == 1

    def values(width: int) -> Array:
        size = width if one else (samples, width)
        return aligned(rng.normal(size=size), dtype)

    activations = [data.x, *(values(width) for width in shape[1:])]
    deltas = [values(width) for width in shape[1:]]
    forward: list[Product] = []
    backward: list[Product] = []
    for layer, (before, after) in enumerate(layer_widths(shape)):
        w, a, d = data.w[layer], activations[layer], deltas[layer]
        forward.append((w, a, np.empty_like(d)) if one else (a, w.T, aligned_empty(d.shape, dtype)))
        weights = aligned_empty((after, before), dtype)
        outer = (d[:, None], a[None, :]) if one else (d.T, a)
        back = [(d, w, aligned_empty(a.shape, dtype))] if layer else []
        backward = [(*outer, weights), *back, *backward]
    return forward + backward


def make(shape: tuple[int, ...], samples: int, dtype: str) -> Call:
    """Bind every product.

    The two and the five small products of the tiny networks are written out: the loop over
    them would take a sixth of their time.
    """
    products = [(left.dot, right, out) for left, right, out in list_products(shape, samples, dtype)]
    parts = tuple(part for product in products for part in product)
    if len(products) == 2:
        return Call(_two, parts)
    if len(products) == 5:
        return Call(_five, parts)
    return Call(_any, (products,))


def _two(p, a, z, q, b, w):  # type: ignore[no-untyped-def]
    p(a, z)
    q(b, w)


def _five(p, a, z, q, b, y, r, c, w, s, d, x, t, e, v):  # type: ignore[no-untyped-def]
    p(a, z)
    q(b, y)
    r(c, w)
    s(d, x)
    t(e, v)


def _any(products: list[tuple[Callable[..., Any], Array, Array]]) -> None:
    for multiply, right, out in products:
        multiply(right, out)
