"""JAX: ``jax.value_and_grad`` under ``jax.jit``, on arrays that lie on the device already."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from benchmarks.peers import Call
from benchmarks.shapes import Gradient, make_data


def make(shape: tuple[int, ...], samples: int, dtype: str) -> Call:
    """Compile for these shapes; the call waits until the result is there."""
    if dtype == "float64":
        jax.config.update("jax_enable_x64", True)
    data = jax.tree.map(jnp.asarray, make_data(shape, samples, dtype))

    def cost(parameters: Any, x: Any, y: Any) -> Any:
        a = x
        for weights, bias in zip(*parameters, strict=True):
            a = jax.nn.sigmoid((weights @ a if samples == 1 else a @ weights.T) + bias)
        return jnp.sum((a - y) ** 2) / samples

    compiled = jax.jit(jax.value_and_grad(cost))

    def call(parameters: Any, x: Any, y: Any) -> Any:
        result = compiled(parameters, x, y)
        result[0].block_until_ready()  # all results of one execution are ready together
        return result

    return Call(call, ((data.w, data.b), data.x, data.y), _unpack)


def _unpack(result: Any) -> Gradient:
    w, b = result[1]
    return Gradient(tuple(map(np.asarray, w)), tuple(map(np.asarray, b)))
