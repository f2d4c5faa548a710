"""Small models of every shape that paths can take, in every form: all steps hold."""

from __future__ import annotations

import pytest
from sympy import Expr, Integer, Sum, tanh

from symbackprop.calculus.adjoints import adjoint_at
from symbackprop.derivation.derive import Derivation, derive
from symbackprop.derivation.forms import FORMS, form_named
from symbackprop.derivation.pathways import may_reach, only_path
from symbackprop.derivation.verify import verify
from symbackprop.model.definitions import define
from symbackprop.model.model import Model
from symbackprop.notation.expressions import Bound, Partial, Product, Total
from symbackprop.notation.functions import apply
from symbackprop.notation.quantities import Axis, Kind, Quantity, Role
from symbackprop.notation.symbols import index, size
from tests.support.models import BARE_MODELS
from tests.support.networks import NETWORKS

k, t = index("k"), index("t")
K, T = size("K"), size("T")
ZERO, ONE = Integer(0), Integer(1)
w, b, x = Quantity("w", Role.PARAMETER), Quantity("b", Role.PARAMETER), Quantity("x", Role.INPUT)
e, d = Quantity("e", Role.INTERMEDIATE), Quantity("d", Role.INTERMEDIATE)
cost = Quantity("C0", Role.COST)
nodes = (Axis(k, ZERO, K - 1),)
times, with_start = (Axis(t, ONE, T, Kind.TIME),), (Axis(t, ZERO, T, Kind.TIME),)
xt, ht, h1 = (
    Quantity("x", Role.INPUT, times),
    Quantity("h", Role.INTERMEDIATE, with_start),
    Quantity("h", Role.INTERMEDIATE, times),
)
xk, wk = Quantity("x", Role.INPUT, nodes), Quantity("w", Role.PARAMETER, nodes)
hk, uk = (Quantity(name, Role.INTERMEDIATE, nodes) for name in "hu")


def two_paths() -> Model:
    """e = w x, d = e w, C_0 = d² + d: w reaches d by two paths, d reaches the cost twice."""
    return Model(
        "two_paths",
        (w, x, e, d, cost),
        (
            define(e, (), w[()] * x[()]),
            define(d, (), e[()] * w[()]),
            define(cost, (), d[()] ** 2, d[()]),
        ),
    )


def linear(name: str, right: Expr, sizes: dict[Expr, int] | None = None) -> Model:
    """h_t = w h_(t-1) + x_t, h_0 = 0: a recurrence that reads itself."""
    return Model(
        name,
        (w, xt, ht, cost),
        (
            define(ht, (ZERO,), ZERO),
            define(ht, (t,), w[()] * ht[t - 1], xt[t], domain=(Bound(t, ONE, T),)),
            define(cost, (), right),
        ),
        sizes or {},
    )


def learned(first: int) -> Model:
    """A learned initial state, at time 0 or at time 1."""
    h = ht if first == 0 else h1
    later = Bound(t, Integer(first + 1), T)
    return Model(
        f"learned_{first}",
        (w, b, xt, h, cost),
        (
            define(h, (Integer(first),), b[()]),
            define(h, (t,), apply("tanh", w[()] * h[t - 1] + xt[t]), domain=(later,)),
            define(cost, (), h[T] ** 2),
        ),
        {T: 4},
    )


def nodewise(name: str, summand: Expr) -> Model:
    """h_k = w_k x_k, and a cost that sums over the nodes."""
    return Model(
        name,
        (wk, xk, hk, cost),
        (define(hk, (k,), wk[k] * xk[k]), define(cost, (), Sum(summand, (k, 0, K - 1)))),
    )


def fixed_parameter() -> Model:
    """One weight of several, read by two definitions."""
    return Model(
        "fixed_parameter",
        (wk, xk, hk, uk, cost),
        (
            define(hk, (k,), wk[0] * xk[k]),
            define(uk, (k,), wk[0] * hk[k]),
            define(cost, (), Sum(uk[k] ** 2, (k, 0, K - 1))),
        ),
    )


MODELS = (
    two_paths(),
    linear("last_state", ht[T] ** 2),
    linear("every_state", Sum(ht[t], (t, 1, T))),
    linear("every_state_of_four", Sum(ht[t] ** 2, (t, 1, T)), {T: 4}),
    learned(0),
    learned(1),
    nodewise("reversed", Product(tanh(hk[k]), tanh(hk[K - 1 - k]))),
    nodewise("product", Product(tanh(hk[k]), tanh(hk[k]))),
    fixed_parameter(),
    *BARE_MODELS,
)
STEPWISE = tuple(form for form in FORMS if not form.matrices)


def holds(derivation: Derivation) -> None:
    report = verify(derivation)
    assert report.ok, [(s.key, s.position, s.rule, s.verdict) for s in report.failures]
    assert report.assignments > 0


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
@pytest.mark.parametrize("form", STEPWISE, ids=lambda form: form.name)
def test_every_step_holds(model: Model, form) -> None:
    derivation = derive(model, form=form)
    holds(derivation)
    names = {one.left for one in derivation.equations}
    for target in derivation.targets:
        quantity = model.quantity(target)
        assert any(str(left).startswith(quantity.adjoint.name) for left in map(str, names))


@pytest.mark.parametrize("model", NETWORKS, ids=lambda model: model.name)
@pytest.mark.parametrize("name", ["chain", "delta"])
def test_every_step_of_a_network_holds(model: Model, name: str) -> None:
    holds(derive(model, form=form_named(name)))


def test_a_total_derivative_needs_one_path() -> None:
    model = two_paths()
    assert only_path(model, (Partial(e[()], w[()]),))
    assert not only_path(model, (Partial(d[()], e[()]), Partial(e[()], w[()])))
    assert may_reach(model, w[()], d[()])
    assert not may_reach(model, d[()], e[()])


def test_places_of_a_recurrence_are_told_apart() -> None:
    model = linear("last_state", ht[T] ** 2)
    assert may_reach(model, ht[t], ht[t + 1])
    assert not may_reach(model, ht[t + 1], ht[t])
    assert only_path(model, (Partial(ht[t + 1], ht[t]),))


def test_what_reads_itself_is_counted_once() -> None:
    model = linear("last_state", ht[T] ** 2)
    found = adjoint_at(model, ht[t])
    assert len(found.contributions) == 2


def test_no_total_derivative_stands_where_several_paths_join() -> None:
    derivation = derive(two_paths())
    totals = [
        factor
        for equation in derivation.equations
        for line in equation.lines
        for term in line.terms
        for factor in term.factors
        if isinstance(factor, Total)
    ]
    assert Total(d[()], w[()]) not in totals
