"""The explicit composition, differentiated directly by SymPy, against the recursion."""

from __future__ import annotations

import itertools
from functools import cache

import pytest
from sympy import Expr, Integer, KroneckerDelta

from symbackprop.calculus.adjoints import adjoint_at
from symbackprop.derivation.composition import composition, function_form
from symbackprop.model.builtin import build
from symbackprop.model.costs import cost
from symbackprop.model.functions import ABSTRACT
from symbackprop.model.layers import layered_model
from symbackprop.model.model import Model
from symbackprop.notation.expressions import (
    Applied,
    Delta,
    as_expr,
    plain,
    refresh_inner,
)
from symbackprop.notation.quantities import mentioned
from symbackprop.notation.symbols import base
from symbackprop.verification.evaluate import evaluator, term_evaluator
from symbackprop.verification.reference import Reference

WIDTHS = (3, 2, 4, 2)


@cache
def network(depth: int) -> tuple[Model, Reference]:
    model = layered_model("net", (ABSTRACT,) * depth, cost("squared_error"))
    return model, Reference(model, {("n", n): WIDTHS[n] for n in range(depth + 1)}, seed=1)


@cache
def composed(depth: int) -> Expr:
    """C_0 in nothing but inputs, parameters and targets, as one SymPy expression."""
    model, _ = network(depth)
    terms = tuple(one.refreshed() for one in composition(model, depth + 1).result)
    return plain(refresh_inner(as_expr(terms)))


def directly(depth: int, by: Expr) -> float:
    """SymPy's own derivative of the composition, with letters that nothing else uses."""
    _, reference = network(depth)
    found = composed(depth).diff(by).replace(KroneckerDelta, lambda a, b: Delta(a, b))
    return evaluator(found)({}, reference).real


def instances(depth: int) -> list[tuple[str, tuple[int, ...]]]:
    found: list[tuple[str, tuple[int, ...]]] = [("x", (k,)) for k in range(WIDTHS[0])]
    for layer in range(1, depth + 1):
        for j in range(WIDTHS[layer]):
            found.append(("b", (layer, j)))
            found += [("w", (layer, j, k)) for k in range(WIDTHS[layer - 1])]
    return found


@pytest.mark.parametrize("depth", [1, 2, 3])
def test_the_composition_has_the_value_of_the_cost(depth: int) -> None:
    _, reference = network(depth)
    assert {str(one.base) for one in mentioned(composed(depth))} == {"x", "w", "b", "y"} | (
        {"a"} if any(str(one).startswith("a[") for one in mentioned(composed(depth))) else set()
    )
    assert evaluator(composed(depth))({}, reference).real == pytest.approx(
        reference.read("C0", ()).real, rel=1e-14
    )


@pytest.mark.parametrize("depth", [1, 2, 3])
def test_the_recursion_gives_the_derivative_of_the_composition(depth: int) -> None:
    model, reference = network(depth)
    for name, place in instances(depth):
        indices = tuple(map(Integer, place))
        instance = base("a")[(Integer(0), *indices)] if name == "x" else base(name)[indices]
        wanted = directly(depth, instance if instance in given(depth) else base(name)[indices])
        equation = adjoint_at(model, instance).equation
        found = sum(term_evaluator(one)({}, reference).real for one in equation.terms)
        assert found == pytest.approx(wanted, rel=1e-11), (name, place)
        assert abs(wanted) > 1e-6


@cache
def given(depth: int) -> frozenset[Expr]:
    """The activations of layer 0, where the composition stops at them."""
    names = {str(one.base) for one in mentioned(composed(depth))}
    places = itertools.product([0], range(WIDTHS[0]))
    return frozenset(base("a")[p] for p in places) if "a" in names else frozenset()


@pytest.mark.parametrize(
    ("name", "depth"), [("general", 1), ("general", 2), ("general", 3), ("chain", 2), ("4-3-2", 2)]
)
def test_what_stays_is_the_activation_of_the_layer_it_stops_at(name: str, depth: int) -> None:
    model = build(name)
    last = model.quantity("a").axes[0].high
    found = [
        one.indices[0]
        for one in mentioned(as_expr(composition(model, depth).result))
        if str(one).startswith("a[")
    ]
    assert set(found) == {last - depth}


@pytest.mark.parametrize("name", ["general", "3-2", "4-3-2"])
def test_the_function_form_names_what_each_quantity_mentions(name: str) -> None:
    """Arguments have no value that the judge could see: their structure is checked here."""
    model = build(name)
    _, form = function_form(model)

    def walk(applied: Expr) -> int:
        instance, *arguments = applied.args
        quantity = model.quantity(instance)
        (place,) = [
            found
            for definition in model.definitions_of(quantity)
            for found in [definition.at(tuple(instance.indices))]
            if found is not None
        ]
        names = {str(one.base) for one in place.instances()}
        for argument in arguments:
            inner = argument.args[0]
            assert str(inner.base) in names
            head = inner.indices[: len(instance.indices)]
            assert head == instance.indices or inner.indices[1:] == instance.indices
            if isinstance(argument, Applied):
                walk(argument)
        return len(arguments)

    (only,) = form.result
    assert walk(only.factors[0]) == 1
