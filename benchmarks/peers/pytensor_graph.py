"""pytensor: a symbolic graph, differentiated and compiled; the fastest of its modes."""

from __future__ import annotations

from typing import Any

import pytensor
import pytensor.tensor as pt

from benchmarks.peers import Call
from benchmarks.peers.choice import fastest
from benchmarks.shapes import Gradient, make_data

MODES = ("NUMBA", "CVM")


def make(shape: tuple[int, ...], samples: int, dtype: str) -> Call:
    """Compile in every mode, keep the fastest."""
    pytensor.config.floatX = dtype
    data = make_data(shape, samples, dtype)
    depth = len(data.w)

    def unpack(result: Any) -> Gradient:
        return Gradient(tuple(result[:depth]), tuple(result[depth:]))

    arguments = (*data.w, *data.b, data.x, data.y)
    calls = {}
    for mode in MODES:
        calls[mode] = Call(_compile(depth, samples, dtype, mode), arguments, unpack, f"mode {mode}")
    return fastest(calls)


def _compile(depth: int, samples: int, dtype: str, mode: str) -> Any:
    w = [pt.matrix(dtype=dtype) for _ in range(depth)]
    b = [pt.vector(dtype=dtype) for _ in range(depth)]
    sample = pt.vector if samples == 1 else pt.matrix
    x, y = sample(dtype=dtype), sample(dtype=dtype)
    a = x
    for weights, bias in zip(w, b, strict=True):
        a = pt.sigmoid((weights @ a if samples == 1 else a @ weights.T) + bias)
    cost = pt.sum((a - y) ** 2)
    if samples > 1:
        cost = cost / samples
    gradients = [pytensor.Out(g, borrow=True) for g in pt.grad(cost, [*w, *b])]
    inputs = [pytensor.In(variable, borrow=True) for variable in (*w, *b, x, y)]
    function = pytensor.function(inputs, gradients, mode=mode)
    function.trust_input = True
    return function
