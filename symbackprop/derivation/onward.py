"""Paths followed on towards the cost: adjoints in a chain opened, one definition after another."""

from __future__ import annotations

from collections.abc import Iterable

from sympy import Expr, Indexed

from symbackprop.calculus.adjoints import adjoint_at, constant_adjoint, inserted
from symbackprop.calculus.contract import contract, settle
from symbackprop.derivation.places import indices_of, known_of
from symbackprop.model.definitions import Definition, name_of
from symbackprop.model.model import Model, directions, recurrence_axis
from symbackprop.notation.expressions import Condition, Partial, Term, Terms
from symbackprop.notation.quantities import Quantity


def context_of(term: Term, given: Iterable[Condition]) -> tuple[Condition, ...]:
    """What is known inside a term: what is given, its guards, the ranges of its sums."""
    inner = tuple(condition for bound in term.sums for condition in bound.conditions)
    return (*given, *term.guards, *inner)


def through(
    model: Model, terms: Terms, given: tuple[Condition, ...], stations: frozenset[str] | None
) -> Terms:
    """Follow paths on towards the cost: adjoints that are no stations are opened."""
    opened = [one for term in terms for one in _opened(model, term, given, stations, ())]
    return contract(opened, given, keep=True) if stations is not None else tuple(opened)


def _opened(
    model: Model,
    term: Term,
    given: tuple[Condition, ...],
    stations: frozenset[str] | None,
    passed: tuple[str, ...],
) -> Terms:
    """The term with its adjoints opened; one that recurs without a fixed end is opened once.

    passed: the quantities that have been opened on the way.
    """
    for factor in term.factors:
        quantity = adjoint_quantity(model, factor)
        if quantity is None or (quantity.name in passed and not _counted(model, quantity, factor)):
            continue
        onward = _onward(model, factor, context_of(term, given), stations)
        if onward:
            joined = (inserted(term, factor, one) for one in onward)
            return tuple(
                final
                for one in joined
                if settle(one, given) is not None
                for final in _opened(model, one, given, stations, (*passed, quantity.name))
            )
    return (term,)


def _counted(model: Model, quantity: Quantity, adjoint: Expr) -> bool:
    """Whether an adjoint stands a fixed number of places before the end of its recurrence."""
    position = recurrence_axis(quantity)
    if position is None:
        return False
    axis, place = quantity.axes[position], indices_of(adjoint)[position]
    forward = directions(model).get(quantity.name, 1) > 0
    return bool((axis.high - place if forward else place - axis.low).expand().is_Integer)


def _onward(
    model: Model, factor: Expr, context: tuple[Condition, ...], stations: frozenset[str] | None
) -> Terms:
    """The chain that takes the place of an adjoint; nothing where the adjoint stays by name."""
    if stations is None:
        single = _single_path(model, factor, context)
        return () if single is None else (single,)
    quantity = adjoint_quantity(model, factor)
    if quantity is None or quantity.name in stations:
        return ()
    instance = quantity[indices_of(factor)]
    return adjoint_at(model, instance, known_of(model, [instance], context)).chain


def _single_path(model: Model, factor: Expr, context: tuple[Condition, ...]) -> Term | None:
    """The chain of an adjoint with exactly one path, which stays at the same layer or time."""
    quantity = adjoint_quantity(model, factor)
    if quantity is None:
        return None
    instance = quantity[indices_of(factor)]
    if not any(_beside(model, d, quantity) for d in model.uses_of(quantity)):
        return None
    adjoint = adjoint_at(model, instance, known_of(model, [instance], context))
    if len(adjoint.contributions) != 1:
        return None
    (one,) = adjoint.contributions
    constant = constant_adjoint(model, one.definition.quantity) is not None
    if one.definition.quantity == model.cost or constant:
        return None
    if one.chain.sums or one.chain.guards or not _same_place(model, one.partial):
        return None
    return one.chain


def _beside(model: Model, definition: Definition, quantity: Quantity) -> bool:
    """Whether a definition mentions a quantity at its own layer or time, on the way to the cost."""
    if definition.quantity == model.cost:
        return False
    position, own = recurrence_axis(quantity), recurrence_axis(definition.quantity)
    if position is None or own is None:
        return constant_adjoint(model, definition.quantity) is None
    return any(
        name_of(one) == quantity.name and indices_of(one)[position] == definition.indices[own]
        for one in definition.instances()
    )


def _same_place(model: Model, partial: Partial) -> bool:
    of, by = partial.args
    places = []
    for instance in (of, by):
        position = recurrence_axis(model.quantity(instance))
        places.append(None if position is None else indices_of(instance)[position])
    return bool(places[0] == places[1])


def adjoint_quantity(model: Model, factor: Expr) -> Quantity | None:
    """The quantity whose adjoint a factor is; None for any other factor."""
    if isinstance(factor, Indexed) or factor.is_Symbol:
        name = name_of(factor)
        if name in model.by_name:
            return model.by_name[name].adjoint_of
    return None
