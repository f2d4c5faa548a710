"""The bare models once more, each forward pass written in JAX by hand.

Every function takes the arrays of the leaves and a ``moved`` that adds a shift to a quantity after
it is computed: the gradient by the shifts is the adjoint. Indices are those of the model; what a
model does not use (time 0 of an input, say) is there and stays untouched.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import jax
import jax.numpy as jnp

from symbackprop.model.model import Model
from symbackprop.verification.reference import Reference

Arrays = Mapping[str, jax.Array]
Moved = Callable[..., jax.Array]


def recurrent(v: Arrays, moved: Moved) -> jax.Array:
    h = moved("h", jnp.zeros(v["b"].shape), 0)
    for t in range(1, len(v["x"])):
        z = moved("z", v["w"] @ h + v["u"] @ v["x"][t] + v["b"], t)
        h = moved("h", jax.nn.sigmoid(z), t)
    return ((h - v["y"]) ** 2).sum()


def convolution(stride: int) -> Callable[[Arrays, Moved], jax.Array]:
    def cost(v: Arrays, moved: Moved) -> jax.Array:
        taps = len(v["w"])
        windows = jnp.stack([v["x"][stride * i : stride * i + taps] for i in range(len(v["y"]))])
        z = moved("z", windows @ v["w"] + v["b"])
        a = moved("a", jax.nn.sigmoid(z))
        return ((a - v["y"]) ** 2).sum()

    return cost


def softmax_row(v: Arrays, moved: Moved) -> jax.Array:
    z = moved("z", v["w"] @ v["x"])
    p = moved("p", jax.nn.softmax(z))
    return -(v["y"] * jnp.log(p)).sum()


def skip_connection(v: Arrays, moved: Moved) -> jax.Array:
    h = moved("h", v["v"] @ v["x"])
    z = moved("z", v["w"] @ h)
    a = moved("a", jax.nn.sigmoid(z) + h)
    return ((a - v["y"]) ** 2).sum()


def two_layer_cost(v: Arrays, moved: Moved) -> jax.Array:
    a = [moved("a", v["x"], 0)]
    for layer in range(1, len(v["w"])):
        z = moved("z", v["w"][layer] @ a[-1], layer)
        a.append(moved("a", jax.nn.sigmoid(z), layer))
    decay = (v["w"][1:] ** 2).sum() / 10
    return ((a[-1] - v["y"]) ** 2).sum() + (a[-2] ** 2).sum() + decay


FORWARD: dict[str, Callable[[Arrays, Moved], jax.Array]] = {
    "recurrent": recurrent,
    "convolution_1": convolution(1),
    "convolution_2": convolution(2),
    "softmax_row": softmax_row,
    "skip_connection": skip_connection,
    "two_layer_cost": two_layer_cost,
}


def shape(model: Model, name: str, reference: Reference) -> tuple[int, ...]:
    """The shape that holds all indices of a quantity, from 0 on."""
    mapping = {s: reference.sizes[s.name] for s in model.symbols}
    return tuple(int(axis.high.xreplace(mapping)) + 1 for axis in model.quantity(name).axes)


def leaves(model: Model, reference: Reference) -> dict[str, jax.Array]:
    """Inputs, parameters and targets, read from the reference; 0 where it has none."""
    from itertools import product

    from symbackprop.errors import NotSupported

    found = {}
    defined = {d.quantity.name for d in model.definitions}
    for quantity in model.quantities:
        if quantity.name in defined:
            continue
        array = jnp.zeros(shape(model, quantity.name, reference))
        for place in product(*map(range, array.shape)):
            try:
                array = array.at[place].set(reference.read(quantity.name, place).real)
            except NotSupported:
                assert 0 in place
        found[quantity.name] = array
    return found


def gradients(model: Model, reference: Reference) -> dict[str, jax.Array]:
    """The cost's derivative by every quantity, by JAX."""
    given = leaves(model, reference)
    shifts = {
        q.name: jnp.zeros(shape(model, q.name, reference))
        for q in model.quantities
        if q != model.cost
    }

    @jax.grad
    def gradient(shifts: Arrays) -> jax.Array:
        def moved(name: str, value: jax.Array, *place: int) -> jax.Array:
            return value + shifts[name][place]

        return FORWARD[model.name]({k: v + shifts[k] for k, v in given.items()}, moved)

    return gradient(shifts)
