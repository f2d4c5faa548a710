"""Adjoints: how the cost answers to each quantity, by one reverse pass over the definitions.

For a quantity v, sum over the definitions u that mention it and over all of u's indices::

    adjoint(v) = sum_u sum_(indices of u) adjoint(u) * d rhs(u) / d v

Each summand is built in two steps, both of which a derivation shows: *selection* (the deltas of the
local derivative say which u respond to v, and what survives is the sum over the paths), and
*substitution* of the local derivative at the selected place.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from sympy import Expr, Indexed, Integer

from symbackprop.calculus.contract import contract
from symbackprop.calculus.differentiate import differentiate
from symbackprop.model.definitions import Definition
from symbackprop.model.model import Model, noted
from symbackprop.notation.conditions import contradictory
from symbackprop.notation.expressions import (
    Bound,
    Condition,
    Delta,
    Partial,
    Term,
    Terms,
    at_least,
    substitute,
    undistributed,
)
from symbackprop.notation.quantities import Quantity, Role


@dataclass(frozen=True)
class Contribution:
    """What one definition contributes to an adjoint.

    ``chain`` is adjoint(u) times the local derivative, still by name, under the sum over the paths;
    ``local`` the value of that derivative at this place; ``value`` the chain with it put in.
    """

    definition: Definition
    chain: Term
    partial: Partial
    local: Terms
    value: Terms


@dataclass(frozen=True)
class Adjoint:
    """The adjoint equation of a quantity with what it was put together from."""

    equation: Definition
    contributions: tuple[Contribution, ...]

    @property
    def chain(self) -> Terms:
        """The multivariate chain rule: every path, its local derivatives by name."""
        return tuple(one.chain for one in self.contributions)


def range_conditions(quantity: Quantity, indices: tuple[Expr, ...]) -> tuple[Condition, ...]:
    """The conditions that these indices of a quantity satisfy."""
    return tuple(
        condition
        for axis, value in zip(quantity.ranges(indices), indices, strict=True)
        for condition in (at_least(value, axis.low), at_least(axis.high, value))
    )


def local_derivative(
    definition: Definition, by: Expr, context: Iterable[Condition]
) -> tuple[Terms, Terms]:
    """The derivative of the right side of a definition (at its place) by one instance.

    Returns it with its deltas and contracted. Deltas between free indices stay: they are the
    delta_jq of a Jacobian.
    """
    known = tuple(context)
    raw = differentiate(definition.refreshed_terms, by)
    folded = jacobian(definition, by)
    return raw, contract(raw if folded is None else folded, known, keep=True)


def jacobian(definition: Definition, by: Expr) -> Terms | None:
    """The definition's own best form of its derivative by ``by``, if it states one."""
    if definition.jacobian is None or not isinstance(by, Indexed):
        return None
    pattern, terms = definition.jacobian
    if pattern.base != by.base:
        return None
    mapping = dict(zip(pattern.indices, by.indices, strict=True))
    fixed = [(own, given) for own, given in mapping.items() if not own.is_Symbol]
    deltas = tuple(Delta(own, given) for own, given in fixed if own != given)
    moved = tuple(
        t.refreshed().replaced({k: v for k, v in mapping.items() if k.is_Symbol}) for t in terms
    )
    return tuple(replace(t, links=(*t.links, deltas)) if deltas else t for t in moved)


def contribution(
    model: Model, definition: Definition, by: Expr, context: Iterable[Condition]
) -> tuple[Contribution, ...]:
    """What ``definition`` contributes to the adjoint of the instance ``by``.

    One contribution when all mentions respond under the same deltas, else one a distinct delta set.
    """
    known = tuple(context)
    own = definition.refreshed()
    raw = differentiate(own.terms, by)
    if not raw:
        return ()
    selecting = [_selecting(term) for term in raw]
    common = tuple(d for d in selecting[0] if all(d in others for others in selecting[1:]))
    partial = Partial(own.target, by)
    adjoint = _adjoint_of(model, own)
    chain = Term(
        ((adjoint,), (partial,), *((common,) if common else ())),
        own.domain,
    )
    found: list[Contribution] = []
    for selected in contract((chain,), known):
        found.append(_evaluated(own, selected, by, known))
    return tuple(found)


def _selecting(term: Term) -> tuple[Expr, ...]:
    """The deltas of a term that involve no index summed inside the definition."""
    bound = {b.letter for b in term.sums}
    return tuple(f for f in term.factors if isinstance(f, Delta) and not (f.free_symbols & bound))


def _evaluated(
    own: Definition, selected: Term, by: Expr, context: tuple[Condition, ...]
) -> Contribution:
    """Put the local derivative's value at the selected place into the chain."""
    partial = next(f for f in selected.factors if isinstance(f, Partial))
    place = own.at(_indices(partial.args[0]))
    if place is None:
        raise AssertionError(f"{partial.args[0]} is not defined by {own.target}")
    inner = (
        *context,
        *selected.guards,
        *(condition for bound in selected.sums for condition in bound.conditions),
    )
    _, local = local_derivative(place, by, inner)
    value = contract(tuple(inserted(selected, partial, one) for one in local), context)
    return Contribution(own, selected, partial, local, value)


def inserted(term: Term, factor: Expr, value: Term) -> Term:
    """``term`` with the links of ``value`` in place of ``factor``, the sums and guards joined."""
    fresh = value.refreshed()
    links: list[tuple[Expr, ...]] = []
    for link in term.links:
        if factor not in link:
            links.append(link)
            continue
        place = link.index(factor)
        before, after = link[:place], link[place + 1 :]
        links.extend(part for part in (before, *fresh.links, after) if part)
    sums = (*term.sums, *fresh.sums)
    return tidy(Term(tuple(links), sums, (*term.guards, *fresh.guards)))


def tidy(term: Term) -> Term:
    """The term without factors 1; its signs stay with the factors they came with."""
    links = tuple(
        kept for kept in (tuple(f for f in link if f != 1) for link in term.links) if kept
    )
    return replace(term, links=links or ((Integer(1),),))


def _indices(target: Expr) -> tuple[Expr, ...]:
    return tuple(target.indices) if isinstance(target, Indexed) else ()


def _adjoint_of(model: Model, definition: Definition) -> Expr:
    """The adjoint of a definition's target; 1 for the cost."""
    if definition.quantity == model.cost:
        return Integer(1)
    return definition.quantity.adjoint[definition.indices]


@undistributed
def adjoint_at(model: Model, instance: Expr, context: Iterable[Condition] = ()) -> Adjoint:
    """The adjoint of one instance, with guards for what its indices leave open.

    The indices are any index expressions: ``w[l, j, k]``, ``a[l - 1, k]``, ``w[L, 1, 2]``. What is
    known of them beyond the ranges of the quantity is given as ``context``.
    """
    quantity = model.quantity(instance)
    known = tuple(dict.fromkeys((*range_conditions(quantity, _indices(instance)), *context)))
    notes = model.notes.setdefault("adjoints", {})
    if (instance, known) not in notes:
        notes[instance, known] = _adjoint(model, quantity, instance, known)
    found: Adjoint = notes[instance, known]
    return found


def _adjoint(
    model: Model, quantity: Quantity, instance: Expr, context: tuple[Condition, ...]
) -> Adjoint:
    indices = _indices(instance)
    contributions = tuple(
        one
        for definition in model.uses_of(quantity)
        for one in contribution(model, definition, instance, context)
    )
    contributions = tuple(_inlined(model, one, context) for one in contributions)
    terms = tuple(term for one in contributions for term in one.value)
    domain = tuple(
        Bound(letter, axis.low, axis.high)
        for letter, axis in zip(indices, quantity.ranges(indices), strict=True)
        if letter.is_Symbol and not letter.is_positive
    )
    target = quantity.adjoint[indices]
    return Adjoint(Definition(quantity.adjoint, target, terms, domain), contributions)


def _inlined(model: Model, one: Contribution, context: tuple[Condition, ...]) -> Contribution:
    """Put a constant adjoint (that of a summand of the cost, 1) in place of its name."""
    name = one.definition.quantity
    value = constant_adjoint(model, name)
    if value is None or name == model.cost:
        return replace(one, chain=tidy(one.chain), value=tuple(tidy(t) for t in one.value))

    def change(factor: Expr) -> Expr:
        if isinstance(factor, Indexed) and factor.base.label.name == name.adjoint.name:
            return value
        return factor

    return replace(
        one,
        chain=tidy(one.chain.mapped(change)),
        value=tuple(tidy(t.mapped(change)) for t in one.value),
    )


def constant_adjoint(model: Model, quantity: Quantity) -> Expr | None:
    """The adjoint of a quantity when it is one and the same number everywhere, else None.

    It is decided where the only use is the cost itself: C_0 = sum_j C_0j gives 1.
    """
    known = model.notes.setdefault("constant adjoints", {})
    if quantity.name not in known:
        known[quantity.name] = _constant_adjoint(model, quantity)
    return known[quantity.name]


def _constant_adjoint(model: Model, quantity: Quantity) -> Expr | None:
    uses = model.uses_of(quantity)
    if quantity.role is not Role.INTERMEDIATE or [d.quantity for d in uses] != [model.cost]:
        return None
    symbol = quantity.symbol
    context = range_conditions(quantity, quantity.letters)
    values = [t for one in contribution(model, uses[0], symbol, context) for t in one.value]
    if len(values) != 1 or values[0].sums or values[0].guards:
        return None
    product = Integer(1)
    for factor in values[0].factors:
        product = product * factor
    return product if not product.has(Indexed) else None


@noted
@undistributed
def adjoints(model: Model) -> dict[str, Adjoint]:
    """The adjoint of every quantity but the cost and the targets, by name, from the cost back."""
    wanted = [
        q
        for q in reversed(model.quantities)
        if q.role in (Role.INPUT, Role.PARAMETER, Role.INTERMEDIATE)
    ]
    return _without_dead({q.name: adjoint_at(model, q.symbol) for q in wanted})


def _without_dead(found: dict[str, Adjoint]) -> dict[str, Adjoint]:
    """The same without terms that name an adjoint where none of its own terms counts: it is 0.

    A cost that is computed from z of the last layer leaves the activations there without one.
    """
    while True:
        kept = {
            name: tuple(t for t in one.equation.terms if not _dead(one.equation, t, found))
            for name, one in found.items()
        }
        if all(len(kept[name]) == len(one.equation.terms) for name, one in found.items()):
            return found
        found = {
            name: replace(one, equation=replace(one.equation, terms=kept[name]))
            for name, one in found.items()
        }


def _dead(equation: Definition, term: Term, found: dict[str, Adjoint]) -> bool:
    known = [*equation.conditions, *term.guards]
    known += [condition for bound in term.sums for condition in bound.conditions]
    for factor in term.factors:
        named = [
            one.equation
            for one in found.values()
            if isinstance(factor, Indexed) and factor.base.label.name == one.equation.quantity.name
        ]
        for other in named:
            mapping = dict(zip(other.indices, factor.indices, strict=True))
            if all(
                contradictory((*known, *(guard.replaced(mapping) for guard in one.guards)))
                for one in other.terms
            ):
                return True
    return False


def cases(terms: Terms) -> tuple[tuple[tuple[Condition, ...], Terms], ...] | None:
    """The terms sorted by guard, when their guards exclude each other; None when they overlap.

    >>> cases(())
    ()
    """
    groups: dict[tuple[Condition, ...], list[Term]] = {}
    for term in terms:
        groups.setdefault(term.guards, []).append(replace(term, guards=()))
    guards = list(groups)
    for position, first in enumerate(guards):
        for second in guards[position + 1 :]:
            if not contradictory((*first, *second)):
                return None
    return tuple((guard, tuple(found)) for guard, found in groups.items())


__all__ = [
    "Adjoint",
    "Contribution",
    "adjoint_at",
    "adjoints",
    "cases",
    "inserted",
    "local_derivative",
    "range_conditions",
    "substitute",
]
