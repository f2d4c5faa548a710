"""Local derivatives: the right side of one definition by one instance of a quantity.

The derivative of a term follows the product rule over its factors. A factor is differentiated by
the table of elementary functions, with respect to a plain symbol that stands for one instance it
mentions; the instance's own derivative is a product of Kronecker deltas, one an index. Sums inside
a factor are treated alike: the sum is one symbol, and its own derivative is the derivative of its
body, its index now bound by the term. So no index letter is ever bound where a function is
differentiated, and a delta never hides inside a function, a power or a Piecewise.
"""

from __future__ import annotations

from sympy import Dummy, Expr, Indexed, Integer, Mul, Sum
from sympy.core.parameters import distribute

from symbackprop.notation import symbols
from symbackprop.notation.expressions import (
    Bound,
    Delta,
    Link,
    Plus,
    Product,
    Term,
    Terms,
    plain,
    substitute,
)
from symbackprop.notation.slopes import derivative


def differentiate(terms: Terms, by: Expr) -> Terms:
    """The derivative of the terms by the instance ``by``, as terms with `Delta` factors.

    The bound letters of ``terms`` must be fresh: they must not occur in ``by``.

    >>> from symbackprop.notation.symbols import base, index
    >>> from symbackprop.notation.expressions import term
    >>> x, i, q = base("x"), index("i"), index("q")
    >>> [one.factors for one in differentiate((term(x[i] ** 2),), x[q])]
    [(2, x[i], Delta(i, q))]
    """
    return tuple(derived for term in terms for derived in _term(term, by))


def _term(term: Term, by: Expr) -> Terms:
    """The product rule, each factor's derivative in that factor's own place."""
    result: list[Term] = []
    for position, link in enumerate(term.links):
        for place, factor in enumerate(link):
            for coefficient, bounds, deltas in _factor(factor, by):
                changed = (*link[:place], *coefficient, *link[place + 1 :])
                kept = tuple(f for f in changed if f != 1) or changed[:1]
                links = (*term.links[:position], kept, *term.links[position + 1 :])
                extra = (deltas,) if deltas else ()
                result.append(Term(links + extra, term.sums + bounds, term.guards))
    return tuple(result)


Piece = tuple[Link, tuple[Bound, ...], Link]
"""Coefficient factors, indices newly bound, deltas."""


def _factor(factor: Expr, by: Expr) -> list[Piece]:
    if factor == by and not isinstance(factor, Indexed):
        return [((Integer(1),), (), ())]
    if isinstance(factor, Indexed):
        return _indexed(factor, by)
    if isinstance(factor, Product):
        return [
            ((*factor.args[:n], *coefficient, *factor.args[n + 1 :]), bounds, deltas)
            for n, arg in enumerate(factor.args)
            for coefficient, bounds, deltas in _factor(arg, by)
        ]
    if isinstance(factor, Plus):
        return [piece for arg in factor.args for piece in _factor(arg, by)]
    if isinstance(factor, Sum):
        mapping = {limit[0]: symbols.fresh(limit[0]) for limit in factor.limits}
        own = tuple(Bound(*limit).replaced(mapping) for limit in reversed(factor.limits))
        return [
            (coefficient, own + bounds, deltas)
            for coefficient, bounds, deltas in _factor(substitute(factor.function, mapping), by)
        ]
    return _function(factor, by)


def _indexed(factor: Indexed, by: Expr) -> list[Piece]:
    if not isinstance(by, Indexed) or factor.base != by.base:
        return []
    pairs = zip(factor.indices, by.indices, strict=True)
    deltas = tuple(Delta(own, other) for own, other in pairs if own != other)
    return [((Integer(1),), (), deltas)]


def _function(factor: Expr, by: Expr) -> list[Piece]:
    """The chain rule through a function: SymPy's derivative by a symbol, times the inner one."""
    if not _depends(factor, by):
        return []
    parts = _parts(factor, by)
    stand_ins = {part: Dummy("x", real=True) for part in parts}
    back = {symbol: part for part, symbol in stand_ins.items()}
    with distribute(False):
        outer = plain(factor.xreplace(stand_ins))
    result: list[Piece] = []
    for part, symbol in stand_ins.items():
        with distribute(False):
            slope = derivative(outer, symbol)
        if slope == 0:
            continue
        outside = factors_of(substitute(slope, back))
        for coefficient, bounds, deltas in _factor(part, by):
            inner = tuple(f for f in coefficient if f != 1)
            result.append(((*outside, *inner), bounds, deltas))
    return result


def _parts(factor: Expr, by: Expr) -> list[Expr]:
    """The outermost instances and sums inside ``factor`` that depend on ``by``."""
    found: dict[Expr, None] = {}

    def walk(node: Expr) -> None:
        if node == by or (isinstance(node, Indexed | Sum | Plus | Product) and _depends(node, by)):
            found.setdefault(node)
        elif not isinstance(node, Indexed):
            for arg in node.args:
                walk(arg)

    for arg in factor.args:
        walk(arg)
    return list(found)


def _depends(expr: Expr, by: Expr) -> bool:
    if isinstance(by, Indexed):
        return any(one.base == by.base for one in expr.atoms(Indexed))
    return expr.has(by)


def factors_of(expr: Expr) -> Link:
    """The factors of a derivative, numbers first, otherwise as SymPy has them."""
    if not isinstance(expr, Mul):
        return (expr,)
    numbers = [arg for arg in expr.args if arg.is_number]
    others = [arg for arg in expr.args if not arg.is_number]
    with distribute(False):
        return (Mul(*numbers), *others) if numbers else tuple(others)
