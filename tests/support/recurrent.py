"""Recurrent networks written as bare definitions."""

from sympy import Sum

from symbackprop.model.definitions import define
from symbackprop.model.model import Model
from symbackprop.notation.expressions import Product
from symbackprop.notation.functions import apply
from symbackprop.notation.quantities import Quantity, Role
from tests.support.models import ZERO, nodes
from tests.support.parts import (
    COST,
    TIME,
    WITH_START,
    D,
    H,
    K,
    T,
    between,
    j,
    over,
    p,
    parameter,
    q,
    r,
    sized,
    steps,
    t,
)


def _gates(names, x, h):
    """For each gate its weights w, u, b and the quantity z = w h_(t-1) + u x_t + b."""
    quantities, definitions, zs = [], [], []
    for name in names:
        w = parameter(f"w{name}", nodes(p, H), nodes(q, H))
        v = parameter(f"u{name}", nodes(p, H), nodes(q, D))
        b = parameter(f"b{name}", nodes(p, H))
        z = between(f"z{name}", TIME, nodes(p, H))
        terms = over(Product(w[p, q], h[t - 1, q]), q, H), over(Product(v[p, r], x[t, r]), r, D)
        quantities += [w, v, b, z]
        definitions.append(define(z, (t, p), *terms, b[p]))
        zs.append(z)
    return quantities, definitions, zs


def lstm() -> Model:
    """An LSTM of T steps; its cost reads the last state."""
    x = Quantity("x", Role.INPUT, (TIME, nodes(q, D)))
    y = Quantity("y", Role.TARGET, (nodes(p, H),))
    h, s = between("h", WITH_START, nodes(p, H)), between("s", WITH_START, nodes(p, H))
    quantities, definitions, (f, i_, o, g) = _gates("fiog", x, h)
    forget = Product(apply("sigmoid", f[t, p]), s[t - 1, p])
    write = Product(apply("sigmoid", i_[t, p]), apply("tanh", g[t, p]))
    out = Product(apply("sigmoid", o[t, p]), apply("tanh", s[t, p]))
    return sized(
        Model(
            "lstm",
            (x, *quantities, s, h, y, COST),
            (
                define(h, (ZERO, p), ZERO),
                define(s, (ZERO, p), ZERO),
                *definitions,
                define(s, (t, p), forget, write, domain=steps()),
                define(h, (t, p), out, domain=steps()),
                define(COST, (), over((h[T, p] - y[p]) ** 2, p, H)),
            ),
        ),
        T=2,
        H=2,
        D=2,
    )


def gru() -> Model:
    """A GRU of T steps with a learned first state; its cost reads every state."""
    x = Quantity("x", Role.INPUT, (TIME, nodes(q, D)))
    y = Quantity("y", Role.TARGET, (TIME, nodes(p, H)))
    h, first = between("h", WITH_START, nodes(p, H)), parameter("h0", nodes(p, H))
    quantities, definitions, (z, s) = _gates("zr", x, h)
    w, v = parameter("w", nodes(p, H), nodes(q, H)), parameter("u", nodes(p, H), nodes(q, D))
    e = between("e", TIME, nodes(p, H))
    read = over(Product(w[p, q], apply("sigmoid", s[t, q]), h[t - 1, q]), q, H)
    keep, move = apply("sigmoid", z[t, p]), apply("tanh", e[t, p])
    return sized(
        Model(
            "gru",
            (x, first, *quantities, w, v, e, h, y, COST),
            (
                define(h, (ZERO, p), first[p]),
                *definitions,
                define(e, (t, p), read, over(Product(v[p, r], x[t, r]), r, D)),
                define(
                    h,
                    (t, p),
                    Product(keep, h[t - 1, p]),
                    Product(1 - keep, move),
                    domain=steps(),
                ),
                define(COST, (), Sum((h[t, p] - y[t, p]) ** 2, (p, 0, H - 1), (t, 1, T))),
            ),
        ),
        T=2,
        H=2,
        D=1,
    )


def elman(many: bool) -> Model:
    """An Elman net: one output after the last step, or one at each."""
    x = Quantity("x", Role.INPUT, (TIME, nodes(q, D)))
    h = between("h", WITH_START, nodes(p, H))
    quantities, definitions, (z,) = _gates("h", x, h)
    v = parameter("v", nodes(j, K), nodes(p, H))
    axes = (TIME, nodes(j, K)) if many else (nodes(j, K),)
    o, y = between("o", *axes), Quantity("y", Role.TARGET, axes)
    place = (t, j) if many else (j,)
    output = over(Product(v[j, p], h[t if many else T, p]), p, H)
    error = over((o[place] - y[place]) ** 2, j, K)
    return sized(
        Model(
            "elman_many_to_many" if many else "elman_many_to_one",
            (x, *quantities, h, v, o, y, COST),
            (
                define(h, (ZERO, p), ZERO),
                *definitions,
                define(h, (t, p), apply("tanh", z[t, p]), domain=steps()),
                define(o, place, output),
                define(COST, (), Sum(error, (t, 1, T)) if many else error),
            ),
        ),
        T=3,
        H=2,
        D=2,
        K=2,
    )
