"""Models written as bare definitions: what the engine must handle without knowing any layer."""

from dataclasses import replace

from sympy import Integer, Mul, Sum, exp, log

from symbackprop.model.definitions import define
from symbackprop.model.model import Model
from symbackprop.notation.expressions import Bound, Product
from symbackprop.notation.functions import apply
from symbackprop.notation.quantities import Axis, Kind, Quantity, Role
from symbackprop.notation.symbols import index, size

i, j, k, l, m, t = map(index, "ijklmt")  # noqa: E741
ZERO, ONE = Integer(0), Integer(1)


def nodes(letter, count):
    """An axis of ``count`` nodes, numbered from 0."""
    return Axis(letter, ZERO, count - 1)


def recurrent() -> Model:
    """A recurrent net with shared weights; its cost reads the last state.

    z_t,p = sum_q w_pq h_(t-1),q + sum_q u_pq x_t,q + b_p,  h_t = tanh(z_t),  h_0 = 0.
    """
    steps, width, inputs = size("T"), size("H"), size("D")
    p, q, r = index("p"), index("q"), index("r")
    time, with_start = Axis(t, ONE, steps, Kind.TIME), Axis(t, ZERO, steps, Kind.TIME)
    x = Quantity("x", Role.INPUT, (time, nodes(q, inputs)))
    w = Quantity("w", Role.PARAMETER, (nodes(p, width), nodes(q, width)))
    u = Quantity("u", Role.PARAMETER, (nodes(p, width), nodes(q, inputs)))
    b = Quantity("b", Role.PARAMETER, (nodes(p, width),))
    z = Quantity("z", Role.INTERMEDIATE, (time, nodes(p, width)))
    h = Quantity("h", Role.INTERMEDIATE, (with_start, nodes(p, width)))
    y = Quantity("y", Role.TARGET, (nodes(p, width),))
    cost = Quantity("C0", Role.COST)
    return Model(
        "recurrent",
        (x, w, u, b, z, h, y, cost),
        (
            define(h, (ZERO, p), ZERO),
            define(
                z,
                (t, p),
                Sum(Product(w[p, q], h[t - 1, q]), (q, 0, width - 1)),
                Sum(Product(u[p, r], x[t, r]), (r, 0, inputs - 1)),
                b[p],
            ),
            define(
                h,
                (t, p),
                apply("sigmoid", z[t, p]),
                domain=(Bound(t, ONE, steps), Bound(p, ZERO, width - 1)),
            ),
            define(cost, (), Sum((h[steps, p] - y[p]) ** 2, (p, 0, width - 1))),
        ),
    )


def convolution(stride: int = 1) -> Model:
    """A one-dimensional convolution z_i = sum_m w_m x_(stride i + m) + b, then a sigmoid."""
    outputs, taps = size("I"), size("M")
    length = stride * (outputs - 1) + taps
    x = Quantity("x", Role.INPUT, (nodes(k, length),))
    w = Quantity("w", Role.PARAMETER, (nodes(m, taps),))
    b = Quantity("b", Role.PARAMETER)
    z = Quantity("z", Role.INTERMEDIATE, (nodes(i, outputs),))
    a = Quantity("a", Role.INTERMEDIATE, (nodes(i, outputs),))
    y = Quantity("y", Role.TARGET, (nodes(i, outputs),))
    cost = Quantity("C0", Role.COST)
    return Model(
        f"convolution_{stride}",
        (x, w, b, z, a, y, cost),
        (
            define(z, (i,), Sum(Product(w[m], x[stride * i + m]), (m, 0, taps - 1)), b[()]),
            define(a, (i,), apply("sigmoid", z[i])),
            define(cost, (), Sum((a[i] - y[i]) ** 2, (i, 0, outputs - 1))),
        ),
    )


def softmax_row() -> Model:
    """A single softmax row with cross-entropy, its Jacobian left to the calculus."""
    width, inputs = size("K"), size("D")
    x = Quantity("x", Role.INPUT, (nodes(k, inputs),))
    w = Quantity("w", Role.PARAMETER, (nodes(j, width), nodes(k, inputs)))
    z = Quantity("z", Role.INTERMEDIATE, (nodes(j, width),))
    p = Quantity("p", Role.INTERMEDIATE, (nodes(j, width),))
    y = Quantity("y", Role.TARGET, (nodes(j, width),))
    cost = Quantity("C0", Role.COST)
    return Model(
        "softmax_row",
        (x, w, z, p, y, cost),
        (
            define(z, (j,), Sum(Product(w[j, k], x[k]), (k, 0, inputs - 1))),
            define(p, (j,), Product(exp(z[j]), 1 / Sum(exp(z[i]), (i, 0, width - 1)))),
            define(cost, (), Sum(Mul(-1, y[j], log(p[j])), (j, 0, width - 1))),
        ),
    )


def skip_connection() -> Model:
    """Two dense layers, the second one's input added to its output: a = sigmoid(z) + h."""
    width, inputs = size("K"), size("D")
    x = Quantity("x", Role.INPUT, (nodes(k, inputs),))
    v = Quantity("v", Role.PARAMETER, (nodes(j, width), nodes(k, inputs)))
    w = Quantity("w", Role.PARAMETER, (nodes(j, width), nodes(i, width)))
    h = Quantity("h", Role.INTERMEDIATE, (nodes(j, width),))
    z = Quantity("z", Role.INTERMEDIATE, (nodes(j, width),))
    a = Quantity("a", Role.INTERMEDIATE, (nodes(j, width),))
    y = Quantity("y", Role.TARGET, (nodes(j, width),))
    cost = Quantity("C0", Role.COST)
    return Model(
        "skip_connection",
        (x, v, w, h, z, a, y, cost),
        (
            define(h, (j,), Sum(Product(v[j, k], x[k]), (k, 0, inputs - 1))),
            define(z, (j,), Sum(Product(w[j, i], h[i]), (i, 0, width - 1))),
            define(a, (j,), apply("sigmoid", z[j]), h[j]),
            define(cost, (), Sum((a[j] - y[j]) ** 2, (j, 0, width - 1))),
        ),
    )


def _layers() -> tuple[Quantity, ...]:
    """Layers 1 to L of K nodes: x, w, b, z, a, y and the cost; a has the input as its layer 0."""
    axis, with_input = Axis(l, ONE, size("L"), Kind.LAYER), Axis(l, ZERO, size("L"), Kind.LAYER)
    width = size("K")
    return (
        Quantity("x", Role.INPUT, (nodes(k, width),)),
        Quantity("w", Role.PARAMETER, (axis, nodes(j, width), nodes(k, width))),
        Quantity("b", Role.PARAMETER, (axis, nodes(j, width))),
        Quantity("z", Role.INTERMEDIATE, (axis, nodes(j, width))),
        Quantity("a", Role.INTERMEDIATE, (with_input, nodes(j, width))),
        Quantity("y", Role.TARGET, (nodes(j, width),)),
        Quantity("C0", Role.COST),
    )


def residual() -> Model:
    """Layers that add what came out two layers before: a_l = sigmoid(z_l) + a_(l-2)."""
    x, w, b, z, a, y, cost = quantities = _layers()
    depth, width = size("L"), size("K")
    return Model(
        "residual",
        quantities,
        (
            define(a, (ZERO, k), x[k]),
            define(z, (l, j), Sum(Product(w[l, j, k], a[l - 1, k]), (k, 0, width - 1)), b[l, j]),
            define(a, (ONE, j), apply("sin", z[1, j])),
            define(
                a,
                (l, j),
                apply("sigmoid", z[l, j]),
                a[l - 2, j],
                domain=(Bound(l, Integer(2), depth), Bound(j, ZERO, width - 1)),
            ),
            define(cost, (), Sum((a[depth, j] - y[j]) ** 2, (j, 0, width - 1))),
        ),
    )


def highway(weights: str = "w", gate: str = "h") -> Model:
    """Layers with gates: a_l = h_l tanh(z_l) + a_(l-1), h_l = sigmoid(u_l a_(l-1))."""
    x, w, b, z, a, y, cost = _layers()
    depth, width = size("L"), size("K")
    w, u, h = replace(w, name=weights), replace(w, name="u"), replace(z, name=gate)
    gate = Sum(Product(u[l, j, k], a[l - 1, k]), (k, 0, width - 1))
    return Model(
        "highway",
        (x, w, u, b, z, h, a, y, cost),
        (
            define(a, (ZERO, k), x[k]),
            define(z, (l, j), Sum(Product(w[l, j, k], a[l - 1, k]), (k, 0, width - 1)), b[l, j]),
            define(h, (l, j), apply("sigmoid", gate)),
            define(
                a,
                (l, j),
                Product(h[l, j], apply("tanh", z[l, j])),
                a[l - 1, j],
                domain=(Bound(l, ONE, depth), Bound(j, ZERO, width - 1)),
            ),
            define(cost, (), Sum((a[depth, j] - y[j]) ** 2, (j, 0, width - 1))),
        ),
    )


def two_layer_cost() -> Model:
    """A chain of layers whose cost reads the last two of them, and decays the weights."""
    depth = size("L")
    layer = index("l")
    axis, with_input = Axis(layer, ONE, depth, Kind.LAYER), Axis(layer, ZERO, depth, Kind.LAYER)
    width = size("K")
    x = Quantity("x", Role.INPUT, (nodes(k, width),))
    w = Quantity("w", Role.PARAMETER, (axis, nodes(j, width), nodes(k, width)))
    z = Quantity("z", Role.INTERMEDIATE, (axis, nodes(j, width)))
    a = Quantity("a", Role.INTERMEDIATE, (with_input, nodes(j, width)))
    y = Quantity("y", Role.TARGET, (nodes(j, width),))
    cost = Quantity("C0", Role.COST)
    every = (layer, 1, depth), (k, 0, width - 1), (j, 0, width - 1)
    return Model(
        "two_layer_cost",
        (x, w, z, a, y, cost),
        (
            define(a, (ZERO, k), x[k]),
            define(z, (layer, j), Sum(Product(w[layer, j, k], a[layer - 1, k]), (k, 0, width - 1))),
            define(
                a,
                (layer, j),
                apply("sigmoid", z[layer, j]),
                domain=(Bound(layer, ONE, depth), Bound(j, ZERO, width - 1)),
            ),
            define(
                cost,
                (),
                Sum((a[depth, j] - y[j]) ** 2, (j, 0, width - 1)),
                Sum(a[depth - 1, j] ** 2, (j, 0, width - 1)),
                Sum(w[layer, j, k] ** 2 / 10, *reversed(every)),
            ),
        ),
    )


def three_factors() -> Model:
    """Two matrices and no function between them: z_i = sum_jk u_ij v_jk x_k."""
    outputs, width, inputs = size("I"), size("J"), size("K")
    x = Quantity("x", Role.INPUT, (nodes(k, inputs),))
    u = Quantity("u", Role.PARAMETER, (nodes(i, outputs), nodes(j, width)))
    v = Quantity("v", Role.PARAMETER, (nodes(j, width), nodes(k, inputs)))
    z = Quantity("z", Role.INTERMEDIATE, (nodes(i, outputs),))
    y = Quantity("y", Role.TARGET, (nodes(i, outputs),))
    cost = Quantity("C0", Role.COST)
    every = (k, 0, inputs - 1), (j, 0, width - 1)
    return Model(
        "three_factors",
        (x, u, v, z, y, cost),
        (
            define(z, (i,), Sum(Product(u[i, j], v[j, k], x[k]), *every)),
            define(cost, (), Sum((z[i] - y[i]) ** 2, (i, 0, outputs - 1))),
        ),
    )


BARE_MODELS = (
    recurrent(),
    convolution(1),
    convolution(2),
    softmax_row(),
    skip_connection(),
    two_layer_cost(),
)
