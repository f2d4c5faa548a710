"""Parameters and gradients as one vector: layer by layer, weights row by row, then biases."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from benchmarks.shapes import Array, Data, Gradient, layer_widths


def pack(data: Data) -> Array:
    """All parameters in one vector."""
    pieces = [part for w, b in zip(data.w, data.b, strict=True) for part in (w.ravel(), b)]
    return np.concatenate(pieces)


def unpacker(shape: tuple[int, ...]) -> Callable[[Array], Gradient]:
    """What reads a vector as weights and biases."""

    def unpack(theta: Array) -> Gradient:
        w, b, start = [], [], 0
        for before, after in layer_widths(shape):
            middle = start + before * after
            w.append(theta[start:middle].reshape(after, before))
            b.append(theta[middle : middle + after])
            start = middle + after
        return Gradient(tuple(w), tuple(b))

    return unpack
