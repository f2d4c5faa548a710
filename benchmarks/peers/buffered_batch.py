"""Several samples on buffers, as rows or as columns of every array.

Columns pay when there are more samples than neurons: then the inner loops of the elementwise work
run over samples, and adding a bias to short rows is what costs most.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy import add, exp, multiply, negative, reciprocal, subtract, tanh

from benchmarks.shapes import Array, Gradient, aligned_empty, layer_widths

BLOCKED_BYTES = 1 << 20
"""From this size of a buffer on, elementwise work goes block by block ..."""
BLOCK_BYTES = 1 << 18
"""... of this size."""

MATMUL_SIZE = 4096
"""From so many results on, ``matmul`` is faster than ``dot`` (up to 1.35 times)."""
TANH_SIZE = 4096
"""From so many elements on, the sigmoid through tanh is faster in float32 (1.2 times)."""

Function = Callable[[Sequence[Array], Sequence[Array], Array, Array], Gradient]


class Numbers(NamedTuple):
    """0-d arrays: as operands they cost less than Python numbers."""

    one: Array
    half: Array
    minus_half: Array
    factor: Array

    @classmethod
    def of(cls, samples: int, dtype: str) -> Numbers:
        """The numbers of a gradient over so many samples."""
        return cls(*(np.array(value, dtype) for value in (1, 0.5, -0.5, 2 / samples)))


@dataclass(frozen=True)
class Block:
    """Some rows of a layer's buffers, few enough to stay in cache."""

    a: Array
    delta: Array
    slope: Array
    minus_bias: Array


@dataclass(frozen=True)
class Layer:
    """What one layer keeps between calls; arrays and products are chosen for one layout."""

    a: Array
    delta: Array
    minus_bias: Array
    weights: Array
    bias: Array
    blocks: list[Block]
    activate: Callable[[Layer, Array, Numbers], None]
    forward: Callable[..., Any]
    outer: Callable[..., Any]
    back: Callable[..., Any]


def make_layer(before: int, after: int, samples: int, dtype: str, *, columns: bool) -> Layer:
    """Allocate the buffers of one layer, and choose its products."""
    size = (after, samples) if columns else (samples, after)
    a, delta = (aligned_empty(size, dtype) for _ in range(2))
    minus_bias = aligned_empty((after, 1) if columns else after, dtype)
    weights = aligned_empty((after, before), dtype)
    rows = size[0]
    if a.nbytes >= BLOCKED_BYTES:
        rows = max(1, BLOCK_BYTES // (size[1] * a.itemsize))
    slope = aligned_empty((rows, size[1]), dtype)
    blocks = []
    for start in range(0, size[0], rows):
        cut = slice(start, start + rows)
        part = a[cut]
        bias = minus_bias[cut] if columns else minus_bias
        blocks.append(Block(part, delta[cut], slope[: len(part)], bias))
    return Layer(
        a=a,
        delta=delta,
        minus_bias=minus_bias.reshape(after),
        weights=weights,
        bias=aligned_empty(after, dtype),
        blocks=blocks,
        activate=by_tanh if dtype == "float32" and a.size >= TANH_SIZE else by_exp,
        forward=choose_product(before, a.size),
        outer=choose_product(samples, weights.size),
        back=choose_product(after, samples * before),
    )


def choose_product(inner: int, size: int) -> Callable[..., Any]:
    """What multiplies fastest, given the summed width and the number of results."""
    return np.matmul if size >= MATMUL_SIZE and inner > 1 else np.ndarray.dot


def by_exp(layer: Layer, bias: Array, numbers: Numbers) -> None:
    """Turn a product into the sigmoid of its sum with the bias: 1 / (1 + exp(-z))."""
    one = numbers.one
    negative(bias, layer.minus_bias)
    for block in layer.blocks:
        a = block.a
        subtract(block.minus_bias, a, a)
        exp(a, a)
        add(a, one, a)
        reciprocal(a, a)


def by_tanh(layer: Layer, bias: Array, numbers: Numbers) -> None:
    """The same as (1 + tanh(z / 2)) / 2."""
    _, half, minus_half, _ = numbers
    negative(bias, layer.minus_bias)
    for block in layer.blocks:
        a = block.a
        subtract(block.minus_bias, a, a)
        multiply(a, minus_half, a)
        tanh(a, a)
        multiply(a, half, a)
        add(a, half, a)


def descend(layer: Layer, numbers: Numbers) -> None:
    """Multiply the delta by the sigmoid's derivative, a (1 - a)."""
    one = numbers.one
    for block in layer.blocks:
        a, delta, slope = block.a, block.delta, block.slope
        subtract(one, a, slope)
        multiply(slope, a, slope)
        multiply(delta, slope, delta)


def rows(shape: tuple[int, ...], samples: int, dtype: str) -> Function:
    """The gradient of the mean cost, samples being rows of every buffer."""
    widths = layer_widths(shape)
    layers = [make_layer(*pair, samples, dtype, columns=False) for pair in widths]
    numbers = Numbers.of(samples, dtype)
    ones = np.ones(samples, dtype)
    last = layers[-1]
    result = Gradient(
        tuple(layer.weights for layer in layers), tuple(layer.bias for layer in layers)
    )

    def gradient(w: Sequence[Array], b: Sequence[Array], x: Array, y: Array) -> Gradient:
        a = x
        for layer, weights, bias in zip(layers, w, b, strict=True):
            layer.forward(a, weights.T, layer.a)
            layer.activate(layer, bias, numbers)
            a = layer.a
        subtract(a, y, last.delta)
        multiply(last.delta, numbers.factor, last.delta)
        for index in range(len(layers) - 1, -1, -1):
            layer = layers[index]
            descend(layer, numbers)
            layer.outer(layer.delta.T, layers[index - 1].a if index else x, layer.weights)
            ones.dot(layer.delta, layer.bias)
            if index:
                layer.back(layer.delta, w[index], layers[index - 1].delta)
        return result

    return gradient


def columns(shape: tuple[int, ...], samples: int, dtype: str) -> Function:
    """The same with samples as columns of every buffer; x and y have rows all the same."""
    widths = layer_widths(shape)
    layers = [make_layer(*pair, samples, dtype, columns=True) for pair in widths]
    numbers = Numbers.of(samples, dtype)
    ones = np.ones(samples, dtype)
    last = layers[-1]
    result = Gradient(
        tuple(layer.weights for layer in layers), tuple(layer.bias for layer in layers)
    )

    def gradient(w: Sequence[Array], b: Sequence[Array], x: Array, y: Array) -> Gradient:
        a = x.T
        for layer, weights, bias in zip(layers, w, b, strict=True):
            layer.forward(weights, a, layer.a)
            layer.activate(layer, bias, numbers)
            a = layer.a
        subtract(a, y.T, last.delta)
        multiply(last.delta, numbers.factor, last.delta)
        for index in range(len(layers) - 1, -1, -1):
            layer = layers[index]
            descend(layer, numbers)
            layer.outer(layer.delta, layers[index - 1].a.T if index else x, layer.weights)
            layer.delta.dot(ones, layer.bias)
            if index:
                layer.back(w[index].T, layer.delta, layers[index - 1].delta)
        return result

    return gradient
