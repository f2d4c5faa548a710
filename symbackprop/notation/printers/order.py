"""In which order factors, summands and the sides of conditions are written."""

from __future__ import annotations

from sympy import (
    Add,
    Expr,
    Indexed,
    Integer,
    Mul,
    Pow,
    Sum,
    Symbol,
)

from symbackprop.notation.expressions import (
    Condition,
    Link,
    Product,
    Relation,
)


def flat(link: Link) -> list[Expr]:
    """The factors of a link, products opened, numbers of one product first."""
    found: list[Expr] = []
    for factor in link:
        if isinstance(factor, Product):
            found += flat(tuple(factor.args))
        elif isinstance(factor, Mul):
            found += sorted(factor.args, key=_mul_rank)
        else:
            found.append(factor)
    return found


def _mul_rank(expr: Expr) -> tuple[int, str]:
    if expr.is_number:
        return 0, ""
    if isinstance(expr, Symbol | Indexed | Pow):
        return 1, str(expr)
    return (3 if isinstance(expr, Sum) else 2), str(expr)


def add_rank(expr: Expr, whole: bool) -> tuple[int, int, str]:
    """What is positive first; then sums and numbers, which come last in index arithmetic."""
    negative = expr.could_extract_minus_sign()
    if expr.is_number and whole:
        return 3, 0, ""
    first = expr.has(Sum) or expr.is_number
    return int(negative), int(not first), str(expr)


def constants(links: tuple[Link, ...]) -> tuple[Link, tuple[Link, ...]]:
    """The numbers and sizes that stand before a sum, and the links without them."""
    kept = tuple(tuple(f for f in flat(link) if not _is_constant(f)) for link in links)
    return tuple(f for link in links for f in flat(link) if _is_constant(f)), tuple(
        link for link in kept if link
    )


def _is_constant(expr: Expr) -> bool:
    """A fraction, a sign, or a power of a symbolic size such as 1/N."""
    if expr.is_number:
        return not expr.is_Integer or bool(expr == -1)
    base = expr.base if isinstance(expr, Pow) else expr
    return isinstance(base, Symbol | Indexed) and bool(base.is_positive and base.is_integer)


def is_negative(expr: Expr) -> bool:
    """Whether an expression is a negative number."""
    return bool(expr.is_number and expr.is_negative)


def count_factors(expr: Expr) -> int:
    """How many factors a product has; 1 for what is none."""
    return len(expr.args) if isinstance(expr, Mul | Product) else 1


def name_of(expr: Expr) -> str:
    """The name of an instance's quantity."""
    return str(expr.base.label.name) if isinstance(expr, Indexed) else str(expr)


def sides(condition: Condition) -> tuple[Expr, Expr]:
    """What is positive on the left, what is negative on the right."""
    left, right = Integer(0), Integer(0)
    for part in Add.make_args(condition.expr):
        if part.could_extract_minus_sign():
            right = right - part
        else:
            left = left + part
    if left.is_Integer and right.is_Integer is not True and condition.relation is Relation.ZERO:
        return right, left
    if condition.relation is Relation.ZERO and len(str(left)) > len(str(right)):
        return right, left
    if condition.relation is Relation.ZERO and str(left).isupper():
        return right, left
    return left, right
