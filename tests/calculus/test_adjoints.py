"""Adjoints of models written as bare definitions, against the reference and against JAX by hand."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sympy import Expr, Integer, Min, Sum

from symbackprop.calculus.adjoints import adjoint_at, adjoints, cases, jacobian
from symbackprop.model.builtin import build
from symbackprop.model.definitions import define
from symbackprop.model.model import Model
from symbackprop.notation.expressions import (
    Delta,
    Product,
    Relation,
    Term,
    at_least,
    equal,
    term,
)
from symbackprop.notation.functions import apply
from symbackprop.notation.quantities import Axis, Quantity, Role
from symbackprop.notation.symbols import base, index, own, size
from symbackprop.verification.draw import small_sizes
from symbackprop.verification.equality import Equality, each, judge
from symbackprop.verification.equality import assignments as index_values
from symbackprop.verification.evaluate import term_evaluator
from symbackprop.verification.reference import Reference
from tests.calculus.forward import gradients
from tests.support.models import BARE_MODELS, convolution, recurrent, two_layer_cost

TOLERANCE = 1e-12
NAMES = [(model.name, name) for model in BARE_MODELS for name in adjoints(model)]


@cache
def model_of(name: str) -> Model:
    return next(model for model in BARE_MODELS if model.name == name)


@cache
def reference_of(name: str) -> Reference:
    model = model_of(name)
    return Reference(model, small_sizes(model), seed=3)


@cache
def by_jax(name: str) -> dict[str, np.ndarray]:
    return {k: np.asarray(v) for k, v in gradients(model_of(name), reference_of(name)).items()}


def judged(model: Model, reference: Reference, name: str) -> float:
    """The error of an adjoint equation over all its index values; they must be all there are."""
    equation = adjoints(model)[name].equation
    verdict = judge(
        Equality((Term(((equation.target,),)),), equation.terms, equation.domain), [reference]
    )
    assert verdict.assignments > 0
    return verdict.error


@pytest.mark.parametrize(("model", "name"), NAMES)
def test_against_the_reference(model: str, name: str) -> None:
    assert judged(model_of(model), reference_of(model), name) <= TOLERANCE


@pytest.mark.parametrize(("model", "name"), NAMES)
def test_against_jax(model: str, name: str) -> None:
    equation, reference = adjoints(model_of(model))[name].equation, reference_of(model)
    parts = [term_evaluator(one) for one in equation.terms]
    wanted = by_jax(model)[name]
    count = 0
    for env in each(index_values(equation.domain, (), reference)[0]):
        place = tuple(int(env[str(letter)].real) for letter in equation.indices)
        found = sum(np.real(part(env, reference)) for part in parts)
        assert found == pytest.approx(wanted[place], rel=1e-11, abs=1e-15), place
        assert reference.read(own(f"d_{name}"), place).real == pytest.approx(
            wanted[place], rel=1e-11, abs=1e-15
        )
        count += 1
    axes = model_of(model).quantity(name).axes
    lengths = (n - int(axis.low) for n, axis in zip(wanted.shape, axes, strict=True))
    assert count == math.prod(lengths)
    assert np.abs(wanted).max() > 1e-4


def test_shared_weights_of_a_recurrent_net_are_summed_over_time() -> None:
    model = recurrent()
    (only,) = adjoints(model)["w"].equation.terms
    (bound,) = only.sums
    assert (bound.low, bound.high) == (1, size("T"))
    p, q, t = index("p"), index("q"), bound.letter
    assert only.factors == (base(own("d_z"))[t, p], base("h")[t - 1, q])
    assert only.guards == ()


def test_a_convolution_with_stride_sums_over_outputs_within_its_range() -> None:
    model = convolution(2)
    (only,) = adjoints(model)["x"].equation.terms
    (bound,) = only.sums
    factors = set(only.factors)
    assert base(own("d_z"))[bound.letter] in factors
    assert base("w")[index("k") - 2 * bound.letter] in factors
    assert not any(g.relation is Relation.DIVISIBLE for g in only.guards)


def test_a_cost_that_reads_two_layers_gives_overlapping_terms() -> None:
    model = two_layer_cost()
    found = adjoints(model)["a"].equation.terms
    assert len(found) == 3
    assert cases(found) is None


def test_weight_decay_adds_to_the_path_through_the_layers() -> None:
    assert len(adjoints(two_layer_cost())["w"].equation.terms) == 2


def test_the_adjoint_of_one_instance_holds_its_numbers() -> None:
    model = recurrent()
    one = adjoint_at(model, base("w")[Integer(0), Integer(1)])
    wanted = by_jax("recurrent")["w"][0, 1]
    reference = reference_of("recurrent")
    found = sum(term_evaluator(t)({}, reference).real for t in one.equation.terms)
    assert found == pytest.approx(wanted, rel=1e-12)


def test_guards_that_exclude_each_other_make_cases() -> None:
    a, layer, depth = base("a"), index("l"), size("L")
    below, last = at_least(depth, layer + 1), equal(layer, depth)
    terms = (term(a[layer], guards=[below]), term(a[0], guards=[last]))
    assert cases(terms) == (
        ((below,), (term(a[layer]),)),
        ((last,), (term(a[0]),)),
    )


def test_terms_with_one_guard_are_one_case() -> None:
    a, layer, depth = base("a"), index("l"), size("L")
    last = equal(layer, depth)
    terms = (term(a[layer], guards=[last]), term(a[0], guards=[last]))
    assert cases(terms) == (((last,), (term(a[layer]), term(a[0]))),)


@pytest.mark.parametrize(
    "guards",
    [
        (at_least(size("L"), index("l")), equal(index("l"), size("L"))),
        (None, equal(index("l"), size("L"))),
        (at_least(index("l"), Integer(2)), at_least(Integer(3), index("l"))),
    ],
)
def test_guards_that_overlap_make_no_cases(guards: tuple) -> None:
    a = base("a")
    terms = tuple(term(a[n], guards=[g] if g else []) for n, g in enumerate(guards))
    assert cases(terms) is None


# -- random models ---------------------------------------------------------------------------------

i, k, m, p = map(index, "ikmp")
ZERO = Integer(0)


def axis(letter: Expr, count: Expr | int) -> Axis:
    return Axis(letter, ZERO, (Integer(count) if isinstance(count, int) else count) - 1)


@st.composite
def affine_models(draw: st.DrawFn) -> Model:
    """Two layers whose indices are affine: x[alpha i + beta m + gamma], and shared parameters."""
    outputs, taps = size("I"), size("M")
    step, dilation = draw(st.integers(0, 3)), draw(st.integers(1, 3))
    shift = draw(st.integers(0, 2))
    flipped = draw(st.booleans())
    causal = draw(st.booleans())
    second = draw(st.integers(1, 2))
    power = draw(st.integers(1, 3))
    length = step * (outputs - 1) + dilation * (taps - 1) + shift + 1
    place = step * i + dilation * m + shift
    where = length - 1 - place if flipped else place
    x = Quantity("x", Role.INPUT, (axis(k, length),))
    w = Quantity("w", Role.PARAMETER, (axis(m, taps),))
    b = Quantity("b", Role.PARAMETER, (axis(i, outputs),))
    z = Quantity("z", Role.INTERMEDIATE, (axis(i, outputs),))
    u = Quantity("u", Role.INTERMEDIATE, (axis(p, outputs),))
    y = Quantity("y", Role.TARGET, (axis(p, outputs),))
    cost = Quantity("C0", Role.COST)
    last = Min(taps - 1, i) if causal else taps - 1
    inner = Sum(Product(w[m], x[where] ** power), (m, ZERO, last))
    reverse = outputs - 1 - p if draw(st.booleans()) else p
    return Model(
        "random",
        (x, w, b, z, u, y, cost),
        (
            define(z, (i,), inner, b[i]),
            define(
                u,
                (p,),
                apply("sigmoid", z[reverse]),
                Sum(Product(b[i], z[i] ** second), (i, ZERO, p)),
                x[p] if draw(st.booleans()) and step else b[p],
            ),
            define(cost, (), Sum((u[p] - y[p]) ** 2, (p, ZERO, outputs - 1))),
        ),
    )


def test_a_stated_jacobian_holds_where_its_fixed_indices_agree() -> None:
    model = build("4-3-2", ["tanh", "softmax"], "categorical_cross_entropy")
    softmax = next(one for one in model.definitions if one.jacobian is not None)
    z, m, p = model.by_name["z"], index("m"), index("p")
    here, anywhere, elsewhere = (jacobian(softmax, z[at, p]) for at in (Integer(2), m, Integer(1)))
    assert here is not None
    assert not any(factor.has(Delta(Integer(2), m)) for one in here for factor in one.factors)
    assert anywhere == tuple(
        replace(one, links=(*one.links, (Delta(Integer(2), m),))) for one in here
    )
    assert elsewhere == tuple(
        replace(one, links=(*one.links, (Delta(Integer(2), Integer(1)),))) for one in here
    )


@given(affine_models(), st.integers(2, 4), st.integers(1, 3))
def test_random_affine_models(model: Model, outputs: int, taps: int) -> None:
    reference = Reference(model, {"I": outputs, "M": taps}, seed=1)
    for name in adjoints(model):
        assert judged(model, reference, name) <= 1e-10, name
