"""Exponentials of a whole row: softmaxes and logarithms of sums of exponentials, found in terms.

As they are written, exp(z_j) / sum_i exp(z_i) overflows as soon as some z_i is over 710. Found as
what they are, they are computed from z less the maximum of its row.
"""

from __future__ import annotations

from dataclasses import replace

from sympy import Expr, Indexed, Integer, Mul, Pow, Sum, exp, log
from sympy.core.parameters import distribute

from symbackprop.notation.expressions import Link, Plus, Product, Term


class Softmax(Expr):
    """``Softmax(z[i], i, low, high, j)``: exp(z_j) over the sum of exp(z_i), i from low to high."""

    is_commutative = True


class RowValues(Expr):
    """Values of a row, written out: a softmax's own value and then all of its row."""

    is_commutative = True


class SoftmaxOf(RowValues):
    """``SoftmaxOf(z, a, b, c)``: exp(z) over exp(a) + exp(b) + exp(c)."""


class LogSumExpOf(RowValues):
    """``LogSumExpOf(a, b, c)``: the logarithm of exp(a) + exp(b) + exp(c)."""


class LogSumExp(Expr):
    """``LogSumExp(z[i], i, low, high)``: the logarithm of the sum of exp(z_i)."""

    is_commutative = True


def stable_rows(term: Term) -> Term:
    """The term with its softmaxes and logarithms of sums of exponentials found.

    >>> from symbackprop.notation.symbols import base, index
    >>> z, i, j = base("z"), index("i"), index("j")
    >>> one = Term(((exp(z[j]), 1 / Sum(exp(z[i]), (i, 0, 3))),))
    >>> stable_rows(one).factors
    (Softmax(z[i], i, 0, 3, j),)
    """
    if not any(factor.has(Sum) and factor.has(exp) for factor in term.factors):
        return term
    flat: Link = tuple(part for factor in term.factors for part in _flat(factor))
    return replace(term, links=(_paired(tuple(_within(part) for part in flat)),))


def _flat(factor: Expr) -> Link:
    if isinstance(factor, Mul | Product):
        return tuple(part for arg in factor.args for part in _flat(arg))
    return (factor,)


def _within(expr: Expr) -> Expr:
    """The same inside of functions and sums: logarithms and quotients."""
    if not expr.has(Sum) or isinstance(expr, Sum):
        return expr
    if isinstance(expr, log) and _row_sum(expr.args[0]) is not None:
        total = expr.args[0]
        return LogSumExp(total.function.args[0], *total.limits[0])
    if isinstance(expr, Mul | Product):
        found = _paired(tuple(_within(arg) for arg in _flat(expr)))
        return found[0] if len(found) == 1 else Product(*found)
    with distribute(False):
        changed = expr.func(*[_within(arg) for arg in expr.args])
    return Plus(*changed.args) if isinstance(changed, Plus) else changed


def _row_sum(expr: Expr) -> Sum | None:
    """The expression, if it is a sum of exponentials over one letter."""
    if isinstance(expr, Sum) and len(expr.limits) == 1 and isinstance(expr.function, exp):
        return expr
    return None


def _paired(factors: Link) -> Link:
    """Each exponential joined with one power of its row's sum below the fraction bar."""
    left = list(factors)
    for below in factors:
        if not isinstance(below, Pow) or not below.args[1].is_Integer:
            continue
        total, count = _row_sum(below.args[0]), -int(below.args[1])
        if total is None or count < 1:
            continue
        tops = [(f, letter) for f in left if (letter := _same_row(f, total)) is not None][:count]
        if len(tops) < count:
            continue
        left.remove(below)
        for factor, letter in tops:
            found = Softmax(total.function.args[0], *total.limits[0], letter)
            left[left.index(factor)] = found
    return tuple(left) or (Integer(1),)


def _same_row(factor: Expr, total: Sum) -> Expr | None:
    """The index at which ``factor`` is a summand of ``total``, if it is one."""
    if not isinstance(factor, exp):
        return None
    letter, body = total.limits[0][0], total.function.args[0]
    pattern = next((one for one in body.atoms(Indexed) if letter in one.indices), None)
    if pattern is None:
        return None
    place = pattern.indices.index(letter)
    for one in sorted(factor.atoms(Indexed), key=str):
        if one.base == pattern.base and len(one.indices) > place:
            candidate = one.indices[place]
            if body.xreplace({letter: candidate}) == factor.args[0]:
                return candidate
    return None
