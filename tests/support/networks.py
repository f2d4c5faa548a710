"""Networks of the literature written as bare definitions, each with small numbers for its sizes."""

from sympy import Add, Expr, Integer, Mul, Rational, Sum, exp, log, pi, sqrt

from symbackprop.model.definitions import define
from symbackprop.model.model import Model
from symbackprop.notation.expressions import Bound, Product
from symbackprop.notation.functions import apply
from symbackprop.notation.quantities import Axis, Quantity, Role
from symbackprop.notation.symbols import size
from tests.support.models import ONE, ZERO, highway, nodes, residual
from tests.support.parts import (
    COST,
    TIME,
    WITH_START,
    D,
    K,
    T,
    a_,
    between,
    c_,
    i,
    j,
    k,
    m,
    n,
    over,
    parameter,
    r,
    sized,
    t,
)
from tests.support.recurrent import elman, gru, lstm


def layer_norm() -> Model:
    """Layer normalisation of x, then a gain and an offset."""
    x, y = Quantity("x", Role.INPUT, (nodes(k, K),)), Quantity("y", Role.TARGET, (nodes(k, K),))
    mean, spread, o = between("m"), between("v"), between("o", nodes(k, K))
    gain, offset = parameter("g", nodes(k, K)), parameter("b", nodes(k, K))
    w, z = parameter("w", nodes(j, K), nodes(k, K)), between("z", nodes(j, K))
    normal = Product(z[k] - mean[()], 1 / sqrt(spread[()] + Rational(1, 100)))
    return sized(
        Model(
            "layer_norm",
            (x, w, z, mean, spread, gain, offset, o, y, COST),
            (
                define(z, (j,), over(Product(w[j, k], x[k]), k, K)),
                define(mean, (), Product(1 / K, over(z[k], k, K))),
                define(spread, (), Product(1 / K, over((z[k] - mean[()]) ** 2, k, K))),
                define(o, (k,), Product(gain[k], normal), offset[k]),
                define(COST, (), over((o[k] - y[k]) ** 2, k, K)),
            ),
        ),
        K=3,
    )


def batch_norm() -> Model:
    """Batch normalisation of M rows of K features, then a gain and an offset."""
    M = size("M")
    rows = nodes(m, M), nodes(k, K)
    x, y = Quantity("x", Role.INPUT, rows), Quantity("y", Role.TARGET, rows)
    w, z = parameter("w", nodes(j, K), nodes(k, K)), between("z", nodes(m, M), nodes(j, K))
    mean, spread = between("mu", nodes(k, K)), between("v", nodes(k, K))
    gain, offset, o = parameter("g", nodes(k, K)), parameter("b", nodes(k, K)), between("o", *rows)
    normal = Product(z[m, k] - mean[k], 1 / sqrt(spread[k] + Rational(1, 100)))
    return sized(
        Model(
            "batch_norm",
            (x, w, z, mean, spread, gain, offset, o, y, COST),
            (
                define(z, (m, j), over(Product(w[j, k], x[m, k]), k, K)),
                define(mean, (k,), Product(1 / M, over(z[m, k], m, M))),
                define(spread, (k,), Product(1 / M, over((z[m, k] - mean[k]) ** 2, m, M))),
                define(o, (m, k), Product(gain[k], normal), offset[k]),
                define(COST, (), over(over((o[m, k] - y[m, k]) ** 2, k, K), m, M)),
            ),
        ),
        M=3,
        K=2,
    )


def attention(heads: bool, causal: bool) -> Model:
    """Attention of N places over themselves; two heads, or one that sees what came before."""
    N, A = size("N"), size("A")
    x, y = (Quantity(s, role, (nodes(m, N), nodes(k, D))) for s, role in _GIVEN)
    h = (a_,) if heads else ()
    head = (nodes(a_, Integer(2)),) if heads else ()
    wq, wk = (parameter(s, *head, nodes(i, A), nodes(k, D)) for s in ("wq", "wk"))
    wv = parameter("wv", *head, nodes(j, D), nodes(k, D))
    qs, ks = (between(s, *head, nodes(m, N), nodes(i, A)) for s in ("q", "k"))
    vs = between("v", *head, nodes(m, N), nodes(j, D))
    last = m if causal else N - 1
    inside = Axis(n, ZERO, last)
    e, weight = (between(s, *head, nodes(m, N), inside) for s in ("e", "p"))
    o = between("o", nodes(m, N), nodes(j, D))
    score = Product(1 / sqrt(A), over(Product(qs[(*h, m, i)], ks[(*h, n, i)]), i, A))
    mixed = Sum(Product(weight[(*h, m, n)], vs[(*h, n, j)]), (n, 0, last))
    return sized(
        Model(
            "causal_attention" if causal else "attention",
            (x, wq, wk, wv, qs, ks, vs, e, weight, o, y, COST),
            (
                define(qs, (*h, m, i), over(Product(wq[(*h, i, k)], x[m, k]), k, D)),
                define(ks, (*h, m, i), over(Product(wk[(*h, i, k)], x[m, k]), k, D)),
                define(vs, (*h, m, j), over(Product(wv[(*h, j, k)], x[m, k]), k, D)),
                define(e, (*h, m, n), score),
                define(
                    weight,
                    (*h, m, n),
                    Product(exp(e[(*h, m, n)]), 1 / Sum(exp(e[(*h, m, r)]), (r, 0, last))),
                ),
                define(o, (m, j), over(mixed, a_, Integer(2)) if heads else mixed),
                define(COST, (), over(over((o[m, j] - y[m, j]) ** 2, j, D), m, N)),
            ),
        ),
        N=2,
        A=2,
        D=2,
    )


_GIVEN = (("x", Role.INPUT), ("y", Role.TARGET))


def kalman() -> Model:
    """The negative log-likelihood of a scalar Kalman filter, its four numbers learned."""
    x = Quantity("x", Role.INPUT, (TIME,))
    f, noise, error, first = (parameter(s) for s in ("f", "lq", "lr", "m0"))
    mean, spread = between("m", WITH_START), between("P", WITH_START)
    guess, wide, gap, total = (between(s, TIME) for s in ("g", "S", "e", "V"))
    gain = wide[t] / total[t]
    domain = (Bound(t, ONE, T),)
    likelihood = log(2 * pi * total[t]) / 2 + gap[t] ** 2 / (2 * total[t])
    return sized(
        Model(
            "kalman",
            (x, f, noise, error, first, mean, spread, guess, wide, gap, total, COST),
            (
                define(mean, (ZERO,), first[()]),
                define(spread, (ZERO,), ONE),
                define(guess, (t,), Product(f[()], mean[t - 1])),
                define(wide, (t,), Product(f[()] ** 2, spread[t - 1]), exp(noise[()])),
                define(gap, (t,), x[t], -guess[t]),
                define(total, (t,), wide[t], exp(error[()])),
                define(mean, (t,), guess[t], Product(gain, gap[t]), domain=domain),
                define(spread, (t,), Product(1 - gain, wide[t]), domain=domain),
                define(COST, (), Sum(likelihood, (t, 1, T))),
            ),
        ),
        T=2,
    )


def vae() -> Model:
    """A variational autoencoder; the noise of its latent value is an input."""
    Z = size("Z")
    x = Quantity("x", Role.INPUT, (nodes(k, D),))
    noise = Quantity("eps", Role.INPUT, (nodes(j, Z),))
    wm, wv = (parameter(s, nodes(j, Z), nodes(k, D)) for s in ("wm", "wv"))
    wd, b = parameter("wd", nodes(k, D), nodes(j, Z)), parameter("b", nodes(k, D))
    mean, spread, z = (between(s, nodes(j, Z)) for s in ("mu", "lv", "z"))
    o = between("o", nodes(k, D))
    divergence = (exp(spread[j]) + mean[j] ** 2 - 1 - spread[j]) / 2
    return sized(
        Model(
            "vae",
            (x, noise, wm, wv, wd, b, mean, spread, z, o, COST),
            (
                define(mean, (j,), over(Product(wm[j, k], x[k]), k, D)),
                define(spread, (j,), over(Product(wv[j, k], x[k]), k, D)),
                define(z, (j,), mean[j], Product(exp(spread[j] / 2), noise[j])),
                define(o, (k,), apply("tanh", Add(over(Product(wd[k, j], z[j]), j, Z), b[k]))),
                define(COST, (), over((o[k] - x[k]) ** 2, k, D), over(divergence, j, Z)),
            ),
        ),
        D=3,
        Z=2,
    )


def word2vec() -> Model:
    """Skip-gram with negative sampling: one word, one neighbour, K others, each one-hot."""
    V, E = size("V"), size("E")
    word, near = (Quantity(s, Role.INPUT, (nodes(i, V),)) for s in ("x", "c"))
    far = Quantity("f", Role.INPUT, (nodes(k, K), nodes(i, V)))
    inner, outer = (parameter(s, nodes(j, E), nodes(i, V)) for s in ("u", "v"))
    h, s, other = between("h", nodes(j, E)), between("s"), between("r", nodes(k, K))
    near_score = Sum(Product(outer[j, i], near[i], h[j]), (i, 0, V - 1), (j, 0, E - 1))
    far_score = Sum(Product(outer[j, i], far[k, i], h[j]), (i, 0, V - 1), (j, 0, E - 1))
    return sized(
        Model(
            "word2vec",
            (word, near, far, inner, outer, h, s, other, COST),
            (
                define(h, (j,), over(Product(inner[j, i], word[i]), i, V)),
                define(s, (), near_score),
                define(other, (k,), far_score),
                define(
                    COST,
                    (),
                    Mul(-1, log(apply("sigmoid", s[()]))),
                    over(Mul(-1, log(apply("sigmoid", -other[k]))), k, K),
                ),
            ),
        ),
        V=3,
        E=2,
        K=2,
    )


def convolution_2d() -> Model:
    """A convolution in two dimensions with several channels, then a ReLU and its mean."""
    R, S, M, C = size("R"), size("S"), size("M"), size("F")
    image = nodes(c_, C), nodes(i, R + M - 1), nodes(j, S + M - 1)
    x = Quantity("x", Role.INPUT, image)
    w = parameter("w", nodes(k, K), nodes(c_, C), nodes(m, M), nodes(n, M))
    b = parameter("b", nodes(k, K))
    out = nodes(k, K), nodes(i, R), nodes(j, S)
    z, a, y = between("z", *out), between("a", *out), Quantity("y", Role.TARGET, (nodes(k, K),))
    taps = (n, 0, M - 1), (m, 0, M - 1), (c_, 0, C - 1)
    pooled = between("o", nodes(k, K))
    total: Expr = Sum(a[k, i, j], (j, 0, S - 1), (i, 0, R - 1))
    return sized(
        Model(
            "convolution_2d",
            (x, w, b, z, a, pooled, y, COST),
            (
                define(
                    z, (k, i, j), Sum(Product(w[k, c_, m, n], x[c_, i + m, j + n]), *taps), b[k]
                ),
                define(a, (k, i, j), apply("relu", z[k, i, j])),
                define(pooled, (k,), Product(1 / (R * S), total)),
                define(COST, (), over((pooled[k] - y[k]) ** 2, k, K)),
            ),
        ),
        R=2,
        S=3,
        M=2,
        K=2,
        F=2,
    )


NETWORKS = (
    lstm(),
    gru(),
    elman(many=False),
    elman(many=True),
    layer_norm(),
    batch_norm(),
    attention(heads=True, causal=False),
    attention(heads=False, causal=True),
    sized(residual(), L=4, K=2),
    sized(highway(), L=2, K=2),
    kalman(),
    vae(),
    word2vec(),
    convolution_2d(),
)
