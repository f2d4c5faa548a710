"""numba: plain loops compiled for tiny networks, BLAS products and fused loops for the others.

The tiny ones take and fill flat arrays (parameters in the order of ``flat``, a sample's inputs
and targets in one vector, since each array costs the call more than all its arithmetic), with
the widths known to the compiler.  The others take tuples of arrays and write into buffers that
exist beforehand.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np

from benchmarks.peers import TINY, Call
from benchmarks.peers.flat import pack, unpacker
from benchmarks.shapes import Array, Data, Gradient, aligned_empty, layer_widths, make_data

PARALLEL = 1 << 19
"""From so many elements in a layer on, its elementwise loop is shared among threads."""


def make(shape: tuple[int, ...], samples: int, dtype: str) -> Call:
    """Flat loops for one sample of a tiny network, else products."""
    data = make_data(shape, samples, dtype)
    if samples == 1 and sum(m * (n + 1) for n, m in layer_widths(shape)) <= TINY:
        return _tiny(shape, data)
    return _products(shape, samples, dtype, data)


def _tiny(shape: tuple[int, ...], data: Data) -> Call:
    theta = pack(data)
    function = _one_layer(*shape) if len(shape) == 2 else _two_layers(*shape)
    out = np.empty_like(theta)
    unpack = unpacker(shape)
    arguments = (theta, np.concatenate((data.x, data.y)), out)
    return Call(function, arguments, lambda _: unpack(out))


def _one_layer(inputs: int, outputs: int) -> Any:
    bias = outputs * inputs

    @numba.njit(fastmath=True)
    def gradient(theta, sample, out):  # type: ignore[no-untyped-def]
        for j in range(outputs):
            z = theta[bias + j]
            for k in range(inputs):
                z += theta[j * inputs + k] * sample[k]
            a = 1 / (1 + np.exp(-z))
            delta = 2 * (a - sample[inputs + j]) * a * (1 - a)
            out[bias + j] = delta
            for k in range(inputs):
                out[j * inputs + k] = delta * sample[k]

    return gradient


def _two_layers(inputs: int, hidden: int, outputs: int) -> Any:
    bias1 = hidden * inputs
    weights2 = bias1 + hidden
    bias2 = weights2 + outputs * hidden

    @numba.njit(fastmath=True)
    def gradient(theta, sample, out):  # type: ignore[no-untyped-def]
        # The hidden activations wait in the places of their own bias gradients.
        for j in range(hidden):
            z = theta[bias1 + j]
            for k in range(inputs):
                z += theta[j * inputs + k] * sample[k]
            out[bias1 + j] = 1 / (1 + np.exp(-z))
        for j in range(outputs):
            z = theta[bias2 + j]
            for k in range(hidden):
                z += theta[weights2 + j * hidden + k] * out[bias1 + k]
            a = 1 / (1 + np.exp(-z))
            delta = 2 * (a - sample[inputs + j]) * a * (1 - a)
            out[bias2 + j] = delta
            for k in range(hidden):
                out[weights2 + j * hidden + k] = delta * out[bias1 + k]
        for k in range(hidden):
            a = out[bias1 + k]
            delta = 0 * a
            for j in range(outputs):
                delta += theta[weights2 + j * hidden + k] * out[bias2 + j]
            delta *= a * (1 - a)
            out[bias1 + k] = delta
            for i in range(inputs):
                out[k * inputs + i] = delta * sample[i]

    return gradient


@numba.njit(fastmath=True)
def _activate(z, bias):  # type: ignore[no-untyped-def]
    one = bias.dtype.type(1)
    for s in range(z.shape[0]):
        for j in range(z.shape[1]):
            z[s, j] = one / (one + np.exp(-(z[s, j] + bias[j])))


@numba.njit(fastmath=True, parallel=True)
def _activate_parallel(z, bias):  # type: ignore[no-untyped-def]
    one = bias.dtype.type(1)
    for s in numba.prange(z.shape[0]):
        for j in range(z.shape[1]):
            z[s, j] = one / (one + np.exp(-(z[s, j] + bias[j])))


@numba.njit(fastmath=True)
def _slope(a, delta, bias):  # type: ignore[no-untyped-def]
    one = bias.dtype.type(1)
    bias[:] = 0
    for s in range(a.shape[0]):
        for j in range(a.shape[1]):
            delta[s, j] *= a[s, j] * (one - a[s, j])
            bias[j] += delta[s, j]


@numba.njit(fastmath=True)
def _outer(delta, a, out):  # type: ignore[no-untyped-def]
    for j in range(delta.shape[1]):
        for k in range(a.shape[1]):
            out[j, k] = delta[0, j] * a[0, k]


@numba.njit(fastmath=True)
def _gradient(w, b, x, y, activations, deltas, w_out, b_out):  # type: ignore[no-untyped-def]
    a = x
    for layer in range(len(w)):
        z = activations[layer]
        np.dot(a, w[layer].T, z)
        if z.size >= PARALLEL:
            _activate_parallel(z, b[layer])
        else:
            _activate(z, b[layer])
        a = z
    factor = y.dtype.type(2 / len(x))
    last = deltas[-1]
    for s in range(a.shape[0]):
        for j in range(a.shape[1]):
            last[s, j] = factor * (a[s, j] - y[s, j])
    for layer in range(len(w) - 1, -1, -1):
        _slope(activations[layer], deltas[layer], b_out[layer])
        before = activations[layer - 1] if layer else x
        if len(x) == 1:
            _outer(deltas[layer], before, w_out[layer])
        else:
            np.dot(deltas[layer].T, before, w_out[layer])
        if layer:
            np.dot(deltas[layer], w[layer], deltas[layer - 1])


def _products(shape: tuple[int, ...], samples: int, dtype: str, data: Data) -> Call:
    w, b, x, y = data
    if samples == 1:
        x, y = x[None], y[None]

    def rows() -> tuple[Array, ...]:
        return tuple(aligned_empty((samples, width), dtype) for width in shape[1:])

    w_out = tuple(aligned_empty(array.shape, dtype) for array in w)
    b_out = tuple(aligned_empty(array.shape, dtype) for array in b)
    arguments = (w, b, x, y, rows(), rows(), w_out, b_out)
    return Call(_gradient, arguments, lambda _: Gradient(w_out, b_out))
