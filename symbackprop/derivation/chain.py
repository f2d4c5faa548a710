"""The derivative of the cost by one instance: the chain rule, its values, known adjoints put in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import pairwise

from sympy import Expr

from symbackprop.calculus.adjoints import (
    Adjoint,
    adjoint_at,
    constant_adjoint,
    inserted,
    local_derivative,
)
from symbackprop.calculus.contract import contract
from symbackprop.derivation.local import slug
from symbackprop.derivation.numbers import numbered, written_out
from symbackprop.derivation.onward import adjoint_quantity, context_of, through
from symbackprop.derivation.pathways import only_path
from symbackprop.derivation.places import (
    assumptions_of,
    definition_at,
    indices_of,
    known_of,
    layer_axis,
    letters_of,
)
from symbackprop.derivation.steps import Detail, Equation, Line
from symbackprop.model.definitions import name_of
from symbackprop.model.model import Model
from symbackprop.notation.expressions import Condition, Direct, Partial, Term, Terms, Total
from symbackprop.notation.readable import readable


def chain_equation(
    model: Model,
    instance: Expr,
    context: Iterable[Condition] = (),
    *,
    key: str | None = None,
    known: bool = True,
    stations: frozenset[str] | None = None,
) -> Equation:
    """The derivative of the cost by ``instance``, step by step.

    known: whether adjoints that are explicit at this place (those of the outputs) are put in.
    stations: the quantities whose adjoints stay by name, every other one is opened; None for the
        usual choice, to follow single paths within a layer.
    """
    quantity = model.quantity(instance)
    given = known_of(model, [instance], context)
    letters = letters_of(model, [instance], given)
    taken = frozenset(b.letter for b in letters)
    adjoint = adjoint_at(model, instance, given)
    named = adjoint.chain
    passed = through(model, named, given, stations)
    value = _values(model, passed, given)
    final = _known(model, value, given) if known else value
    lines = [
        Line(
            readable(_everywhere(model, adjoint, instance), taken), "all_paths", detail=Detail.FULL
        ),
        Line(readable(named, taken), "chain"),
    ]
    if passed != named:
        lines.append(Line(readable(passed, taken), "through"))
        if stations is None:
            grouped = tuple(_grouped(model, term, given) for term in passed)
            lines.append(Line(readable(grouped, taken), "grouped", detail=Detail.FULL))
    lines.append(Line(readable(value, taken), "locals"))
    if final != value:
        lines.append(Line(readable(final, taken), "adjoint"))
    explicit = _explicit(model, instance, named, given) if stations is None else ()
    if explicit and explicit not in (final, value):
        lines.append(Line(readable(explicit, taken), "explicit"))
    own = quantity.adjoint[indices_of(instance)]
    named_again = ((Term(((own,),)),), (Term(((Partial(model.cost.symbol, instance),),)),))
    lines = _without_repeats([line for line in lines if line.terms not in named_again])
    if lines[0].rule == "all_paths":
        lines[0] = replace(lines[0], terms=tuple(t.mapped(_direct) for t in lines[0].terms))
    lines[-1] = replace(lines[-1], detail=Detail.BRIEF)
    out = written_out(model, lines[-1].terms) if numbered(model, instance) else None
    if out is not None:
        lines.append(Line(out, "written_out", detail=Detail.BRIEF))
    return Equation(
        key or slug(model, instance),
        own,
        tuple(lines),
        letters,
        given,
        assumptions_of(model, [instance]),
        actual=out is not None,
    )


def _without_repeats(lines: list[Line]) -> list[Line]:
    kept: list[Line] = []
    for line in lines:
        if kept and _flat(kept[-1].terms) == _flat(line.terms):
            kept.pop()
        kept.append(line)
    return kept


def _grouped(model: Model, term: Term, given: tuple[Condition, ...]) -> Term:
    """The local derivatives of a path as one total derivative, where no other path joins its ends.

    ∂a_j/∂z_j ∂z_j/∂w_jk as ∂a_j/∂w_jk.
    """
    partials = tuple(f for f in term.factors if isinstance(f, Partial))
    if len(partials) < 2 or not only_path(model, partials, context_of(term, given)):
        return term
    whole = Total(partials[0].args[0], partials[-1].args[1])
    links = [link for link in term.links if not isinstance(link[0], Partial)]
    return replace(term, links=(*links, (whole,)))


_NEAR = 2
"""So many layers before the last, a derivative is written out down to the cost."""


def _explicit(model: Model, instance: Expr, named: Terms, given: tuple[Condition, ...]) -> Terms:
    """The derivative with everything put in, near the last layer; else nothing."""
    quantity = model.quantity(instance)
    position = layer_axis(quantity)
    if position is None:
        return ()
    behind = (quantity.axes[position].high - indices_of(instance)[position]).expand()
    if not behind.is_Integer or not 0 < int(behind) <= _NEAR:
        return ()
    return _values(model, through(model, named, given, frozenset()), given)


def _direct(factor: Expr) -> Expr:
    """A local derivative with its mark: under a sum over all places it is not the total one."""
    return Direct(*factor.args) if isinstance(factor, Partial) else factor


def _flat(terms: Terms) -> list[tuple[object, ...]]:
    return [(term.factors, term.sums, term.guards) for term in terms]


def _everywhere(model: Model, adjoint: Adjoint, instance: Expr) -> Terms:
    """The chain rule before anything is selected: every place of everything that mentions it."""
    terms: list[Term] = []
    seen: set[int] = set()
    for one in adjoint.contributions:
        own = one.definition
        if id(own) in seen:
            continue
        seen.add(id(own))
        links: tuple[tuple[Expr, ...], ...] = ((Partial(own.target, instance),),)
        if own.quantity != model.cost and constant_adjoint(model, own.quantity) != 1:
            links = ((own.quantity.adjoint[own.indices],), *links)
        terms.append(Term(links, own.domain))
    return tuple(terms)


def _values(model: Model, terms: Terms, given: tuple[Condition, ...]) -> Terms:
    """Every derivative by name replaced by its value."""
    waiting, done = list(terms), []
    while waiting:
        term = waiting.pop(0)
        partial = next((f for f in term.factors if isinstance(f, Partial)), None)
        if partial is None:
            done.append(term)
            continue
        of, by = partial.args
        context = context_of(term, given)
        place = definition_at(model, of, context)
        _, value = local_derivative(place, by, context)
        parts = tuple(inserted(term, partial, one) for one in value)
        waiting = [*contract(parts, given), *waiting]
    return tuple(sorted(done, key=lambda one: any(f.is_number and f < 0 for f in one.factors)))


def _known(model: Model, terms: Terms, given: tuple[Condition, ...]) -> Terms:
    """Adjoints that are explicit where they stand (they mention no further adjoint), put in."""
    result: list[Term] = []
    for term in terms:
        replaced: Terms = (term,)
        for factor in term.factors:
            quantity = adjoint_quantity(model, factor)
            if quantity is None:
                continue
            instance = quantity[indices_of(factor)]
            context = known_of(model, [instance], context_of(term, given))
            adjoint = adjoint_at(model, instance, context)
            explicit = adjoint.equation.terms
            if explicit and not any(_open(model, one) for one in explicit):
                replaced = contract(tuple(inserted(term, factor, one) for one in explicit), given)
            break
        result += replaced
    return tuple(result)


def _open(model: Model, term: Term) -> bool:
    """Whether a term names a further adjoint, or only counts under a condition."""
    return bool(term.guards) or any(
        adjoint_quantity(model, factor) is not None for factor in term.factors
    )


def further(model: Model, equation: Equation) -> tuple[Expr, ...]:
    """The instances whose adjoints the result of an equation still names, in usual letters."""
    found: dict[Expr, None] = {}
    lines = [line for line in equation.lines if line.rule not in ("written_out", "explicit")]
    for term in lines[-1].terms:
        for factor in term.factors:
            quantity = adjoint_quantity(model, factor)
            if quantity is not None:
                found.setdefault(quantity[indices_of(factor)])
    return tuple(found)


def between(model: Model, of: Expr, by: Expr, context: Iterable[Condition] = ()) -> Equation | None:
    """How ``of`` answers to ``by`` through what lies between: the total derivative.

    None when there is more than one path, or none at all.
    """
    given = known_of(model, [of, by], context)
    letters = letters_of(model, [of, by], given)
    taken = frozenset(b.letter for b in letters)
    path = _path(model, of, by, given)
    if path is None:
        return None
    partials = tuple(Partial(a, b) for a, b in pairwise(path))
    if not only_path(model, partials, given):
        return None
    named: Terms = (Term(tuple((partial,) for partial in partials)),)
    value = _values(model, named, given)
    return Equation(
        f"between:{slug(model, of)}:{slug(model, by)}",
        Total(of, by),
        (
            Line(readable(named, taken), "chain"),
            Line(readable(value, taken), "locals", detail=Detail.BRIEF),
        ),
        letters,
        given,
        assumptions_of(model, [of, by]),
    )


def _path(model: Model, of: Expr, by: Expr, given: tuple[Condition, ...]) -> list[Expr] | None:
    """The instances from ``of`` to ``by`` when each mentions one intermediate quantity only.

    None too where the way comes back to a quantity that it has passed: ``by`` lies beside it.
    """
    path = [of]
    defined = {d.quantity.name for d in model.definitions}
    while True:
        place = definition_at(model, path[-1], given)
        if place.mentions(model.quantity(by)):
            return [*path, by]
        inner = [one for one in place.instances() if name_of(one) in defined]
        if len(inner) != 1 or name_of(inner[0]) in map(name_of, path):
            return None
        path.append(inner[0])
