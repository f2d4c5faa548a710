"""Sums written out where their bounds are numbers, and the definitions behind numbered nodes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import product

from sympy import Expr, Integer

from symbackprop.derivation.local import slug
from symbackprop.derivation.places import (
    assumptions_of,
    definition_at,
    domain_conditions,
    indices_of,
    known_of,
    letters_in,
    letters_of,
)
from symbackprop.derivation.steps import Detail, Equation, Line
from symbackprop.errors import ModelError
from symbackprop.model.model import Model
from symbackprop.notation.conditions import contradictory
from symbackprop.notation.expressions import Condition, Partial, Term, Terms
from symbackprop.notation.quantities import Kind
from symbackprop.notation.readable import readable

LONGEST = 8
"""A sum of more terms than this is left as it is."""


def numbered(model: Model, instance: Expr) -> bool:
    """Whether an instance is that of a node with a number: z_2^(L)."""
    quantity = model.quantity(instance)
    return any(
        axis.kind is Kind.NODE and value.is_Integer
        for axis, value in zip(quantity.axes, indices_of(instance), strict=True)
    )


def written_out(model: Model, terms: Terms) -> Terms | None:
    """The terms with their sums written out, by the sizes of the model.

    None when nothing is summed, when a bound is no number, or when a sum is too long.
    """
    found: list[Term] = []
    for term in terms:
        expanded = _expanded(model, term)
        if expanded is None:
            return None
        found += expanded
    return tuple(found) if any(term.sums for term in terms) else None


def _expanded(model: Model, term: Term) -> list[Term] | None:
    sizes: dict[Expr, Expr] = {size: Integer(n) for size, n in model.sizes.items()}
    ranges: list[range] = []
    for bound in term.sums:
        low, high = bound.low.xreplace(sizes), bound.high.xreplace(sizes)
        if not (low.is_Integer and high.is_Integer):
            return None
        ranges.append(range(int(low), int(high) + 1))
    total = 1
    for one in ranges:
        total *= len(one)
    if total > LONGEST:
        return None
    body = replace(term, sums=())
    letters = [bound.letter for bound in term.sums]
    return [
        body.replaced(dict(zip(letters, map(Integer, values), strict=True)))
        for values in product(*ranges)
    ]


def definitions_of(model: Model, equations: Iterable[Equation]) -> Iterator[Equation]:
    """The definitions of the numbered quantities that the chains of some equations name."""
    seen: set[str] = set()
    for equation in equations:
        for term in (t for line in equation.lines if line.names_paths for t in line.terms):
            for factor in (f for f in term.factors if isinstance(f, Partial)):
                of = factor.args[0]
                if numbered(model, of) and slug(model, of) not in seen:
                    seen.add(slug(model, of))
                    found = _definition(model, of, equation)
                    if found is not None:
                        yield found


def _definition(model: Model, of: Expr, equation: Equation) -> Equation | None:
    given = known_of(model, [of], equation.given)
    try:
        place = definition_at(model, of, given)
    except ModelError:
        return None
    given = tuple(dict.fromkeys((*given, *_where(model, of, given))))
    letters = letters_of(model, [of], given)
    terms = readable(place.terms, frozenset(b.letter for b in letters))
    lines = [Line(terms, "definition", detail=Detail.BRIEF)]
    out = written_out(model, terms)
    if out is not None:
        lines.append(Line(out, "written_out", detail=Detail.BRIEF))
    return Equation(
        f"def:{slug(model, of)}",
        of,
        tuple(lines),
        letters,
        given,
        assumptions_of(model, [of]),
        actual=out is not None,
    )


def _where(model: Model, of: Expr, given: tuple[Condition, ...]) -> tuple[Condition, ...]:
    """The conditions on the letters of an instance under which the one definition holds."""
    several = model.definitions_of(model.quantity(of))
    for definition in several if len(several) > 1 else ():
        conditions = domain_conditions(definition, of)
        if definition.at(indices_of(of)) is not None and not contradictory((*given, *conditions)):
            return tuple(one for one in conditions if letters_in(one))
    return ()
