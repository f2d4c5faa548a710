"""The letters a reader sees, chosen at the end; free indices keep theirs."""

from __future__ import annotations

from sympy import Expr, Sum, Symbol

from symbackprop.notation import symbols
from symbackprop.notation.expressions import Term, Terms, put_in, substitute


def readable(terms: Terms, taken: frozenset[Symbol] = frozenset()) -> Terms:
    """The terms with readable letters for everything bound; ``taken`` letters are not used."""
    return tuple(_term(term, taken) for term in terms)


def _term(term: Term, taken: frozenset[Symbol]) -> Term:
    used = set(taken) | {s for s in term.free_symbols if not symbols.is_fresh(s)}
    mapping: dict[Expr, Expr] = {}
    for bound in term.sums:
        mapping[bound.letter] = symbols.readable(bound.letter, used)
        used.add(mapping[bound.letter])
    renamed = term.replaced(mapping)
    return renamed.mapped(lambda factor: inner(factor, frozenset(used)))


def inner(expr: Expr, taken: frozenset[Symbol]) -> Expr:
    """The expression with readable letters for the sums inside it."""
    if not expr.has(Sum):
        return expr
    if isinstance(expr, Sum):
        used = set(taken) | {s for s in expr.free_symbols if not symbols.is_fresh(s)}
        mapping: dict[Expr, Expr] = {}
        for limit in reversed(expr.limits):
            mapping[limit[0]] = symbols.readable(limit[0], used)
            used.add(mapping[limit[0]])
        body = inner(substitute(expr.function, mapping), frozenset(used))
        limits = [tuple(put_in(part, mapping) for part in limit) for limit in expr.limits]
        return Sum(body, *limits)
    return substitute(expr, {part: inner(part, taken) for part in _outermost_sums(expr)})


def _outermost_sums(expr: Expr) -> list[Expr]:
    if isinstance(expr, Sum):
        return [expr]
    return [found for arg in expr.args for found in _outermost_sums(arg)]
