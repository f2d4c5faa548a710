"""The networks once more, in JAX and by hand: a reference that shares nothing with symbackprop."""

from functools import cache

import jax
import jax.numpy as jnp
import numpy as np

ACTIVATIONS = {
    "identity": lambda z: z,
    "sigmoid": jax.nn.sigmoid,
    "tanh": jnp.tanh,
    "relu": jax.nn.relu,
    "leaky_relu": lambda z: jnp.where(z > 0, z, z / 100),
    "elu": jax.nn.elu,
    "softplus": jax.nn.softplus,
    "silu": jax.nn.silu,
    "gelu": lambda z: jax.nn.gelu(z, approximate=False),
    "sin": jnp.sin,
    "softmax": jax.nn.softmax,
}


def huber(r):
    return jnp.where(jnp.abs(r) > 1, jnp.abs(r) - 0.5, r * r / 2)


COSTS = {
    "squared_error": lambda a, y: ((a - y) ** 2).sum(),
    "half_squared_error": lambda a, y: ((a - y) ** 2).sum() / 2,
    "mean_squared_error": lambda a, y: ((a - y) ** 2).mean(),
    "absolute_error": lambda a, y: jnp.abs(a - y).sum(),
    "huber": lambda a, y: huber(a - y).sum(),
    "log_cosh": lambda a, y: (jnp.logaddexp(a - y, y - a) - jnp.log(2.0)).sum(),
    "binary_cross_entropy": lambda a, y: -(y * jnp.log(a) + (1 - y) * jnp.log(1 - a)).sum(),
    "categorical_cross_entropy": lambda a, y: -(y * jnp.log(a)).sum(),
    "hinge": lambda a, y: jnp.maximum(0, 1 - y * a).sum(),
}

PERMITTED = [
    (activation, cost)
    for cost in COSTS
    for activation in ACTIVATIONS
    if not (cost == "binary_cross_entropy" and activation != "sigmoid")
    and not (cost == "categorical_cross_entropy" and activation not in ("sigmoid", "softmax"))
]


def forward(activations, w, b, x):
    """The output for one sample."""
    a = x
    for name, weights, bias in zip(activations, w, b, strict=True):
        a = ACTIVATIONS[name](weights @ a + bias)
    return a


@cache
def _sample(activations, cost):
    """The cost of one sample and its gradients by w, b and x, compiled once for a network."""

    def one(w, b, x, y):
        return COSTS[cost](forward(activations, w, b, x), y)

    return jax.jit(jax.value_and_grad(one, (0, 1, 2)))


def gradients(activations, cost, w, b, x, y):
    """The mean cost, its gradients by w, b and x, and those of each sample by w and b."""
    one = _sample(tuple(activations), cost)
    results = [one(w, b, row, target) for row, target in zip(x, y, strict=True)]
    value = np.mean([value for value, _ in results])
    each_w, each_b, each_x = (
        [np.stack(leaves) for leaves in zip(*(found[part] for _, found in results), strict=True)]
        if part < 2
        else np.stack([found[part] for _, found in results])
        for part in range(3)
    )
    by_w, by_b = ([leaf.mean(axis=0) for leaf in leaves] for leaves in (each_w, each_b))
    return value, by_w, by_b, each_x / len(results), (each_w, each_b)
