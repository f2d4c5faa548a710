"""Adjoint equations are definitions: put into a model, they are differentiated again."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from sympy import Expr, Sum

from symbackprop.calculus.adjoints import adjoint_at, adjoints
from symbackprop.model.definitions import Definition, define
from symbackprop.model.model import Model
from symbackprop.notation.functions import apply
from symbackprop.notation.quantities import Axis, Quantity, Role
from symbackprop.notation.symbols import base, index, own, size
from symbackprop.verification.evaluate import term_evaluator
from symbackprop.verification.reference import Reference

i, j, k = map(index, "ijk")
COUNT, INPUTS = size("K"), size("D")
SIZES = {"K": 2, "D": 3}


def two_layers() -> Model:
    """h = w x, a = g(v h), C_0 = sum (a - y)^2, with the abstract g of layer 2."""
    nodes, inputs = Axis(j, 0 * COUNT, COUNT - 1), Axis(k, 0 * COUNT, INPUTS - 1)
    other = Axis(i, 0 * COUNT, COUNT - 1)
    x = Quantity("x", Role.INPUT, (inputs,))
    w = Quantity("w", Role.PARAMETER, (nodes, inputs))
    v = Quantity("v", Role.PARAMETER, (nodes, other))
    h = Quantity("h", Role.INTERMEDIATE, (nodes,))
    z = Quantity("z", Role.INTERMEDIATE, (nodes,))
    a = Quantity("a", Role.INTERMEDIATE, (nodes,))
    y = Quantity("y", Role.TARGET, (nodes,))
    cost = Quantity("C0", Role.COST)
    return Model(
        "two layers",
        (x, w, v, h, z, a, y, cost),
        (
            define(h, (j,), Sum(w[j, k] * x[k], (k, 0, INPUTS - 1))),
            define(z, (j,), Sum(v[j, i] * h[i], (i, 0, COUNT - 1))),
            define(a, (j,), apply("g", z[j], size("K"))),
            define(cost, (), Sum((a[j] - y[j]) ** 2, (j, 0, COUNT - 1))),
        ),
    )


def slope_along(model: Model, name: str) -> Model:
    """The model of sum_(indices) u * dC_0/d(name): its gradient is the Hessian times u."""
    found = adjoints(model)
    made = {n: Quantity(f"by_{n}", Role.INTERMEDIATE, model.quantity(n).axes) for n in found}
    names: dict[Expr, Expr] = {base(own(f"d_{n}")): base(f"by_{n}") for n in found}
    equations = [
        Definition(made[n], one.equation.target, one.equation.terms, one.equation.domain).replaced(
            names
        )
        for n, one in found.items()
    ]
    wanted = model.quantity(name)
    u = Quantity("u", Role.INPUT, wanted.axes)
    slope = Quantity("S", Role.COST)
    limits = [(axis.letter, axis.low, axis.high) for axis in wanted.axes]
    total = Sum(u[wanted.letters] * made[name][wanted.letters], *limits)
    kept = [q for q in model.quantities if q != model.cost]
    definitions = [d for d in model.definitions if d.quantity != model.cost]
    return Model(
        f"{model.name}, slope by {name}",
        (*kept, u, *made.values(), slope),
        (*definitions, *equations, define(slope, (), total)),
    )


@pytest.mark.parametrize("name", ["w", "v", "x"])
@pytest.mark.parametrize("by", ["w", "v", "x", "y"])
def test_hessian_times_vector_against_jax(name: str, by: str) -> None:
    model = slope_along(two_layers(), name)
    reference = Reference(model, SIZES, seed=2)
    shapes = {"w": (2, 3), "v": (2, 2), "x": (3,), "y": (2,)}

    def read(quantity: str, shape: tuple[int, ...]) -> jax.Array:
        table = [reference.read(quantity, place).real for place in np.ndindex(*shape)]
        return jnp.asarray(table).reshape(shape)

    leaves = {n: read(n, shape) for n, shape in shapes.items()}
    along = read("u", shapes[name])

    def cost(v: dict[str, jax.Array]) -> jax.Array:
        z = v["v"] @ (v["w"] @ v["x"])
        a = 0.64 * z + 0.5 * jnp.sin(z + 0.7)
        return ((a - v["y"]) ** 2).sum()

    wanted = jax.grad(lambda v: (jax.grad(cost)(v)[name] * along).sum())(leaves)[by]
    quantity = model.quantity(by)
    equation = adjoint_at(model, quantity.symbol).equation
    found = [
        sum(
            term_evaluator(one)(
                {str(k): n for k, n in zip(quantity.letters, place, strict=True)}, reference
            ).real
            for one in equation.terms
        )
        for place in np.ndindex(*shapes[by])
    ]
    np.testing.assert_allclose(found, np.ravel(wanted), rtol=1e-10, atol=1e-14)
    assert np.abs(wanted).max() > 1e-3
