"""Large node numbers made small for judging: what holds for nodes 29 and 783 holds for 1 and 2.

Where no definition singles out a node, the nodes of a layer are interchangeable: an equation about
numbered nodes is as true under any other distinct numbers. So a weight of a wide network is judged
in a narrow one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from sympy import Expr, Indexed, Integer

from symbackprop.derivation.places import indices_of, is_letter, letters_in
from symbackprop.model.model import Model
from symbackprop.notation.expressions import Delta, Terms
from symbackprop.notation.quantities import Kind
from symbackprop.verification.equality import Equality

_LARGE = 5


def small_numbers(model: Model, targets: tuple[Expr, ...]) -> dict[Expr, Expr]:
    """Small numbers for the node numbers of the targets; nothing when they are small already."""
    found = {
        int(value)
        for target in targets
        for axis, value in zip(model.quantity(target).axes, indices_of(target), strict=True)
        if axis.kind is Kind.NODE and value.is_Integer
    }
    if not found or max(found) <= _LARGE or not _interchangeable(model):
        return {}
    return {Integer(number): Integer(place) for place, number in enumerate(sorted(found), start=1)}


def _interchangeable(model: Model) -> bool:
    """Whether no definition singles out a node: each of its node indices is a letter."""
    return all(
        is_letter(value)
        for definition in model.definitions
        for one in (definition.target, *definition.instances())
        for axis, value in zip(model.quantity(one).axes, indices_of(one), strict=True)
        if axis.kind is Kind.NODE
    )


def renumbered(equality: Equality, model: Model, numbers: Mapping[Expr, Expr]) -> Equality:
    """The equality with other node numbers, and without conditions on sizes alone."""
    if not numbers:
        return equality

    def change(terms: Terms) -> Terms:
        return tuple(term.mapped(lambda factor: _expr(factor, model, numbers)) for term in terms)

    return replace(
        equality,
        left=change(equality.left),
        right=change(equality.right),
        given=tuple(condition for condition in equality.given if letters_in(condition)),
    )


def _expr(expr: Expr, model: Model, numbers: Mapping[Expr, Expr]) -> Expr:
    if isinstance(expr, Delta):
        return Delta(*[numbers.get(arg, arg) for arg in expr.args])
    if isinstance(expr, Indexed) and not expr.is_integer:
        moved = [
            numbers.get(index, index) if axis.kind is Kind.NODE else index
            for axis, index in zip(model.quantity(expr).axes, expr.indices, strict=False)
        ]
        return expr.base[tuple(moved)]
    if not expr.args or not expr.has(Indexed, Delta):
        return expr
    return expr.func(*[_expr(arg, model, numbers) for arg in expr.args])
