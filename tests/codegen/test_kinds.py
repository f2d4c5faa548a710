"""Small models of the kinds that code went wrong on, for every target, against JAX.

Operands of three axes, widths of 1, no target, no output, sums inside functions, every elementary
function on both sides of its kinks, and workspaces shared by threads.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from sympy import Heaviside, Integer, Max, Min, Piecewise, S, Sum, exp, tanh

from symbackprop.arrays.passes.passes import fold_choices
from symbackprop.arrays.program.program import Builder, Elementwise, Input, Program
from symbackprop.codegen.targets import TARGETS as ROWS
from symbackprop.model.costs import COSTS
from symbackprop.model.definitions import define
from symbackprop.model.functions import ACTIVATIONS
from symbackprop.model.model import Model
from symbackprop.notation.elementary import TABLE
from symbackprop.notation.quantities import Axis, Kind, Quantity, Role
from symbackprop.notation.symbols import index
from tests.codegen import formulas
from tests.codegen.support import DOUBLE, TARGETS, data, dense, difference, made

PLAIN = [target for target in TARGETS if target != "numba"]
P, X, Z, C, Y = Role.PARAMETER, Role.INPUT, Role.INTERMEDIATE, Role.COST, Role.TARGET
i, j, m = map(index, "ijm")


def axis(letter, count):
    return Axis(letter, Integer(0), Integer(count - 1))


W = Quantity("W", P, (axis(m, 3), axis(i, 3), axis(j, 4)))
v, x = Quantity("v", P, (axis(i, 3),)), Quantity("x", X, (axis(i, 3),))
z, y = (Quantity(name, role, (axis(i, 3), axis(j, 4))) for name, role in (("z", Z), ("y", Y)))
ones = Quantity("p", P, (Axis(i, Integer(1), Integer(3)),))
twos = Quantity("p", P, (Axis(i, Integer(-1), Integer(2)),))
table = Quantity("w", P, (axis(i, 2), axis(m, 3)))
grid = Quantity(
    "p",
    P,
    (
        Axis(i, Integer(1), Integer(2), Kind.TIME),
        axis(m, 3),
        Axis(j, Integer(1), Integer(3), Kind.TIME),
    ),
)
a, b, c0 = Quantity("a", P), Quantity("b", X), Quantity("C0", C)


def bilinear():
    return Model(
        "bilinear",
        (W, x, z, y, c0),
        (
            define(z, (i, j), Sum(W[m, i, j] * x[m], (m, 0, 2))),
            define(c0, (), Sum((tanh(z[i, j]) - y[i, j]) ** 2, (i, 0, 2), (j, 0, 3))),
        ),
    )


def only_cost(*quantities, cost):
    return Model("m", (*quantities, c0), (define(c0, (), cost),))


CASES = {
    "operand of three axes": (
        bilinear(),
        lambda W, x, y: ((jnp.tanh(jnp.einsum("mij,m->ij", W, x)) - y) ** 2).sum(),
    ),
    "sum inside a function": (
        only_cost(v, x, cost=tanh(Sum(v[i] * x[i], (i, 0, 2))) + exp(-Sum(v[i] ** 2, (i, 0, 2)))),
        lambda v, x: jnp.tanh(v @ x) + jnp.exp(-(v @ v)),
    ),
    "scalars alone, no target": (
        only_cost(a, b, cost=-((b[()] - a[()]) ** 2) * exp(-2 * a[()]) / 2),
        lambda a, b: -((b - a) ** 2) * jnp.exp(-2 * a) / 2,
    ),
    "a parameter that nothing reads": (only_cost(a, b, cost=b[()] ** 2), lambda a, b: b**2 + 0 * a),
    "a derivative that is the same at all nodes, counted from 1": (
        only_cost(ones, b, cost=Sum(ones[i] * b[()], (i, 1, 3))),
        lambda p, b: (p * b).sum(),
    ),
    "a derivative that is the same at all nodes, counted from -1": (
        only_cost(twos, b, cost=Sum(twos[i] * b[()] ** 2, (i, -1, 2))),
        lambda p, b: (p * b**2).sum(),
    ),
    "two axes of times": (
        only_cost(grid, b, cost=Sum(tanh(grid[i, m, j] * b[()]), (i, 1, 2), (m, 0, 2), (j, 1, 3))),
        lambda p, b: jnp.tanh(p * b).sum(),
    ),
    **{
        f"entries that are called like {name}": (
            only_cost(table, one, cost=Sum(tanh(table[i, m] * one[m]), (i, 0, 1), (m, 0, 2))),
            lambda w, x: jnp.tanh(w * x).sum(),
        )
        for name, one in ((n, Quantity(n, X, (axis(m, 3),))) for n in ("w_1", "w_0_0", "w_1_"))
    },
    "relu6": (
        only_cost(a, b, cost=Min(Max(a[()] * b[()], 0), 6) ** 2),
        lambda a, b: jnp.clip(a * b, 0, 6) ** 2,
    ),
    "a choice times what follows": (
        only_cost(a, b, cost=Piecewise((2 * a[()] * b[()], a[()] * b[()] > 0), (0, True)) * b[()]),
        lambda a, b: jnp.where(a * b > 0, 2 * a * b, 0) * b,
    ),
}


@pytest.mark.parametrize("target", PLAIN)
@pytest.mark.parametrize("name", CASES)
def test_kind(name, target):
    """The cost, the gradient and that of the inputs, for several samples and for one."""
    model, one = CASES[name]
    rng = np.random.default_rng(5)
    shapes = {
        q.name: tuple(int(axis.high - axis.low) + 1 for axis in q.axes)
        for q in model.quantities
        if q.role in (P, X, Y)
    }
    (parameter,) = model.with_role(P)
    samples = [q.name for role in (X, Y) for q in model.with_role(role)]
    given = [rng.normal(size=(4, *shapes[name])) for name in samples]
    value = rng.normal(size=shapes[parameter.name])
    module = made(model, target)
    parameters = module.Parameters(value)
    both = jax.value_and_grad(one, (0, 1))
    found = [both(value, *(array[n] for array in given)) for n in range(4)]
    cost, gradient = module.cost_and_gradient(parameters, *given)
    assert difference([cost], [np.mean([f[0] for f in found])]) <= DOUBLE
    assert difference([gradient[0]], [np.mean([f[1][0] for f in found], axis=0)]) <= DOUBLE
    inputs = module.gradient_inputs(parameters, *given)
    assert difference([inputs], [np.stack([f[1][1] for f in found]) / 4]) <= DOUBLE
    alone = [array[0] for array in given]
    assert difference(module.gradient(parameters, *alone), [found[0][1][0]]) <= DOUBLE
    module.forward(parameters, given[0])
    module.forward(parameters, alone[0])


def _by_mpmath(row, at):
    """Value and slope of a row at a number, from its own evaluation of a complex step."""
    second = [] if len(row.slopes) == 1 else [np.array([0.25 + 0j])]
    found = row.value(np.array([at + 1e-30j]), *second)[0]
    return found.real, found.imag / 1e-30


@pytest.mark.parametrize("target", PLAIN)
def test_every_elementary_function(target):
    """Each row of the table, on both sides of its kinks: all in one model, a summand each."""
    scales = [Quantity(f"p{n}", P) for n in range(len(TABLE))]
    cost, values = Integer(0), []
    for row, scale in zip(TABLE, scales, strict=True):
        more = (Integer(1) / 4,) if row.picks or row.head is Heaviside else ()
        cost += row.head(scale[()] * b[()], *more)
        values.append(
            [at for at in (-2.5, -0.4, 0.3, 1.6, 3.7) if row.domain.contains(at) == S.true]
        )
    module = made(only_cost(*scales, b, cost=cost), target)
    for turn in range(5):
        points = [ats[turn % len(ats)] for ats in values]
        found, gradient = module.cost_and_gradient(
            module.Parameters(*map(np.array, points)), np.array(1.0)
        )
        right = [_by_mpmath(row, at) for row, at in zip(TABLE, points, strict=True)]
        assert difference([found], [sum(value for value, _ in right)]) <= DOUBLE
        for leaf, (_, slope) in zip(gradient, right, strict=True):
            assert float(leaf) == pytest.approx(slope, rel=1e-12, abs=1e-14)


@pytest.mark.parametrize("widths", [(1, 4), (4, 1), (1, 1), (2, 1, 3), (1, 3, 1)])
@pytest.mark.parametrize("target", ["array-api", "numba plain", "numpy buffers"])
def test_widths_of_one(widths, target):
    activations = ("tanh",) * (len(widths) - 1)
    module = made(dense(widths, activations, "squared_error"), target)
    for samples in (1, 3):
        w, bias, given, wanted = data(widths, samples)
        cost, by_w, by_b, _, _ = formulas.gradients(
            activations, "squared_error", w, bias, given, wanted
        )
        rows = [(given, wanted)] + ([(given[0], wanted[0])] if samples == 1 else [])
        for row in rows:
            found, gradient = module.cost_and_gradient(module.Parameters(w, bias), *row)
            assert difference([found], [cost]) <= DOUBLE
            assert difference(gradient.w, by_w) <= DOUBLE
            assert difference(gradient.b, by_b) <= DOUBLE


def test_a_choice_becomes_a_mask_with_its_number():
    """where(t, 2, 0) * x is 2 t x, not t x."""
    builder = Builder()
    given = builder.append(Input((), (3,), "x", ()))
    test = builder.append(Elementwise((given, builder.number(0)), (3,), "greater"))
    args = (test, builder.number(2), builder.number(0))
    choice = builder.append(Elementwise(args, (3,), "where"))
    product = builder.append(Elementwise((given, choice), (3,), "multiply"))
    after = fold_choices(Program((*builder.ops,), (), (product,)))
    result = after.ops[after.results[0]]
    numbers = [after.ops[arg].value for arg in result.args if hasattr(after.ops[arg], "value")]
    assert result.function == "multiply"
    assert numbers == [2]


@pytest.mark.parametrize("target", ["numpy buffers", "numba plain"])
def test_a_workspace_belongs_to_one_thread(target):
    widths = (2, 3)
    module = made(dense(widths, ("tanh",), "squared_error"), target)
    w, bias, given, wanted = data(widths, 4)
    parameters, workspace = module.Parameters(w, bias), module.Workspace(4)

    def run():
        return module.cost_and_gradient(parameters, given, wanted, workspace=workspace)

    first, again = run()[0], run()[0]
    assert first == again
    with ThreadPoolExecutor(1) as pool, pytest.raises(RuntimeError, match="one thread"):
        pool.submit(run).result()


def test_the_tests_walk_the_tables():
    """A new activation, cost or target has a test of its code, or this fails."""
    assert set(formulas.ACTIVATIONS) == {row.name for row in ACTIVATIONS}
    assert set(formulas.COSTS) == {row.name for row in COSTS}
    names = {row.name + " buffers" * row.buffers for row in ROWS}
    assert set(TARGETS) - {"numba plain"} == names
