"""Contraction: sum_k delta_kq f(k) = f(q), and the range condition that it leaves.

A delta under a sum is a substitution. Of the bound indices in it one is eliminated: one with
coefficient 1 or -1 where there is one (the substitution is then exact), otherwise a divisibility
guard stays. The range of the eliminated index becomes a condition on what is left: a bound of
another sum where it can be, a guard of the term where it names free indices only, nothing where
the ranges already give it, and where nothing can satisfy it the term is gone.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from sympy import Add, Expr, Integer, Max, Min, Mul, Symbol, ceiling, floor
from sympy.core.parameters import distribute

from symbackprop.notation.conditions import affine, contradictory, implied, reduced, split_extrema
from symbackprop.notation.expressions import (
    Bound,
    Condition,
    Delta,
    Plus,
    Product,
    Relation,
    Term,
    Terms,
    at_least,
    equal,
    expand,
    extremum,
)


def contract(terms: Iterable[Term], context: Iterable[Condition], *, keep: bool = False) -> Terms:
    """Remove every delta that a sum can take, and settle the conditions that this leaves.

    ``context`` holds the conditions of the free indices. A delta between free indices stays a
    factor with ``keep`` (the delta of a softmax's Jacobian), and becomes a guard without.
    """
    known = tuple(context)
    flat = tuple(terms) if keep else tuple(part for term in terms for part in expanded(term))
    results = (_contract(term, known, keep) for term in flat)
    return tuple(result for result in results if result is not None)


def expanded(term: Term) -> Terms:
    """a (delta - b) as a delta - a b: only sums that contain a delta are multiplied out.

    >>> from symbackprop.notation.symbols import base, index
    >>> a, j, q = base("a"), index("j"), index("q")
    >>> one = Term(((a[j], Plus(Delta(j, q), -a[q])),))
    >>> [part.factors for part in expanded(one)]
    [(a[j], Delta(j, q)), (a[j], -1, a[q])]
    """
    for position, link in enumerate(term.links):
        for place, factor in enumerate(link):
            if isinstance(factor, Plus | Add) and factor.has(Delta):
                return tuple(
                    more
                    for part in factor.args
                    for more in expanded(
                        replace(
                            term,
                            links=(
                                *term.links[:position],
                                (*link[:place], *_factors(part), *link[place + 1 :]),
                                *term.links[position + 1 :],
                            ),
                        )
                    )
                )
    return (term,)


def _factors(part: Expr) -> tuple[Expr, ...]:
    return tuple(part.args) if isinstance(part, Mul | Product) else (part,)


def _contract(term: Term, context: tuple[Condition, ...], keep: bool) -> Term | None:
    while True:
        deltas = [factor for factor in term.factors if isinstance(factor, Delta)]
        following = next(
            (one for one in (_without(term, d) for d in deltas) if one is not None), None
        )
        if following is None:
            break
        term = following
    for delta in [factor for factor in term.factors if isinstance(factor, Delta)]:
        condition = equal(*delta.args)
        known = (*context, *_bounds(term), *term.guards)
        if contradictory((*known, condition)):
            return None
        if implied(condition, known):
            term = _removed(term, delta)
        elif not keep:
            term = replace(_removed(term, delta), guards=(*term.guards, condition))
    return settle(term, context)


def _without(term: Term, delta: Delta) -> Term | None:
    """The term freed of one delta, if it is trivial or some bound index solves it."""
    if equal(*delta.args).expr == 0:
        return _removed(term, delta)
    return _solve(_removed(term, delta), delta)


def _removed(term: Term, delta: Delta) -> Term:
    """The term without the first occurrence of a delta."""
    for position, link in enumerate(term.links):
        if delta in link:
            place = link.index(delta)
            rest = (*link[:place], *link[place + 1 :])
            links = (
                *term.links[:position],
                *((rest,) if rest else ()),
                *term.links[position + 1 :],
            )
            return replace(term, links=links or ((Integer(1),),))
    return term


def _solve(term: Term, delta: Delta) -> Term | None:
    """Eliminate one bound index by the delta; None when it has none that can be solved for.

    An index whose solution would make another bound depend on its own letter cannot be: under
    sum_i sum_(m <= i), i = q - m would leave m <= q - m, and m = q - i is taken instead.
    """
    difference = expand(delta.args[0] - delta.args[1])
    parsed = affine(difference)
    if parsed is None:
        return None
    coefficients = parsed[0]
    bound = {b.letter: b for b in term.sums}
    opaque = {s for atom in coefficients if atom not in bound for s in atom.free_symbols}
    candidates = [b for b in term.sums if coefficients.get(b.letter) and b.letter not in opaque]
    if not candidates:
        return None
    for chosen in sorted(candidates, key=lambda b: abs(coefficients[b.letter]) != 1):
        coefficient = coefficients[chosen.letter]
        numerator = expand(coefficient * chosen.letter - difference)
        if coefficient < 0:
            numerator, coefficient = expand(-numerator), -coefficient
        solved = _eliminate(term, chosen, numerator, coefficient)
        ordered = _ordered(solved.sums)
        if ordered is not None:
            return replace(solved, sums=ordered)
    return None


def _eliminate(term: Term, chosen: Bound, numerator: Expr, coefficient: int) -> Term:
    """Put numerator / coefficient in place of the chosen index, everywhere."""
    value = numerator / coefficient
    conditions = [
        at_least(numerator, coefficient * chosen.low),
        at_least(coefficient * chosen.high, numerator),
        Condition(numerator, Relation.DIVISIBLE, coefficient),
    ]
    rest = replace(term, sums=tuple(b for b in term.sums if b is not chosen))
    mapping: dict[Expr, Expr] = {chosen.letter: value}
    mapped = rest.replaced(mapping)
    found = tuple(c.replaced(mapping) for c in conditions)
    return replace(mapped, guards=(*mapped.guards, *found))


def _bounds(term: Term) -> tuple[Condition, ...]:
    return tuple(condition for bound in term.sums for condition in bound.conditions)


def settle(term: Term, context: Iterable[Condition]) -> Term | None:
    """Settle the guards of a term: into bounds, dropped, kept; None when they cannot hold."""
    known = tuple(context)
    guards = [part for guard in term.guards for part in split_extrema(_expanded(guard))]
    left = reduced(guards, (*known, *_bounds(term)))
    if left is None:
        return None
    term = replace(term, guards=left)
    for guard in left:
        tightened = _tighten(term, guard, known)
        if tightened is not None:
            term = tightened
    return term


def _expanded(condition: Condition) -> Condition:
    return replace(condition, expr=expand(condition.expr))


def _tighten(term: Term, guard: Condition, context: tuple[Condition, ...]) -> Term | None:
    """Turn a guard on bound indices into the bound of one of them."""
    if guard.relation is not Relation.NONNEGATIVE:
        return None
    parsed = affine(guard.expr)
    if parsed is None:
        return None
    letters = [b.letter for b in term.sums if b.letter in parsed[0]]
    for letter in letters:
        others = [x for x in letters if x != letter]
        inside = {s for atom in parsed[0] if atom != letter for s in atom.free_symbols}
        if letter in inside or _used_by_bounds(term, letter, others):
            continue
        coefficient = parsed[0][letter]
        limit = expand((coefficient * letter - guard.expr) / coefficient)
        sums = tuple(
            _narrowed(b, limit, coefficient, context) if b.letter == letter else b
            for b in term.sums
        )
        ordered = _ordered(sums)
        if ordered is None:
            continue
        return replace(term, sums=ordered, guards=tuple(g for g in term.guards if g != guard))
    return None


def _used_by_bounds(term: Term, letter: Symbol, others: list[Symbol]) -> bool:
    """Whether the bounds of an index that the guard names already depend on ``letter``."""
    return any(
        letter in (b.low.free_symbols | b.high.free_symbols)
        for b in term.sums
        if b.letter in others
    )


def _narrowed(bound: Bound, limit: Expr, coefficient: int, context: tuple[Condition, ...]) -> Bound:
    if coefficient > 0:
        low = limit if coefficient == 1 else ceiling(limit)
        return replace(bound, low=_larger(bound.low, low, context))
    high = limit if coefficient == -1 else floor(limit)
    return replace(bound, high=_smaller(bound.high, high, context))


def _larger(first: Expr, second: Expr, context: tuple[Condition, ...]) -> Expr:
    """The larger of a bound and of what a guard says, which the bound does not imply."""
    if implied(at_least(second, first), context):
        return second
    with distribute(True):  # SymPy compares for ever without it
        return extremum(Max, first, second)


def _smaller(first: Expr, second: Expr, context: tuple[Condition, ...]) -> Expr:
    """The smaller of a bound and of what a guard says, which the bound does not imply."""
    if implied(at_least(first, second), context):
        return second
    with distribute(True):
        return extremum(Min, first, second)


def _ordered(sums: tuple[Bound, ...]) -> tuple[Bound, ...] | None:
    """The sums so that each bound only uses letters of sums before it; None when they circle."""
    letters = {b.letter for b in sums}
    placed: list[Bound] = []
    waiting = list(sums)
    while waiting:
        open_letters = letters - {b.letter for b in placed}
        ready = next(
            (b for b in waiting if not ((b.low.free_symbols | b.high.free_symbols) & open_letters)),
            None,
        )
        if ready is None:
            return None
        placed.append(ready)
        waiting.remove(ready)
    return tuple(placed)
