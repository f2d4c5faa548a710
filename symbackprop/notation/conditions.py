"""A decision procedure for affine conditions on integers (Fourier-Motzkin elimination).

SymPy leaves ``Eq(L, m) & (L - m >= 1)`` as it is. The guards of adjoint terms need an answer, and
all of them are affine in indices and sizes. `contradictory` is sound: True means that no integers
satisfy the conditions. When it says False, nothing is promised, and what could not be decided is
printed as a condition.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from math import gcd

from sympy import Add, Expr, Indexed, Max, Min, Symbol

from symbackprop.notation.expressions import Condition, Relation, at_least, expand

_LIMIT = 400

Row = tuple[tuple[tuple[Expr, int], ...], int]
"""An inequality sum(coefficient * atom) + constant >= 0, its atoms in a fixed order."""


@lru_cache(maxsize=20000)
def affine(expr: Expr) -> tuple[dict[Expr, int], int] | None:
    """The integer coefficients of the atoms of ``expr`` and its constant; None with other numbers.

    What is neither a number nor a sum (``i*j``, ``floor(q/2)``, ``n[l]``) counts as one atom.

    >>> from symbackprop.notation.symbols import index
    >>> affine(2 * index("i") + index("m") - 3)
    ({i: 2, m: 1}, -3)
    """
    coefficients: dict[Expr, int] = {}
    constant = 0
    for part in Add.make_args(expr if _is_flat(expr) else expand(expr)):
        coefficient, atom = part.as_coeff_Mul()
        if not coefficient.is_Integer:
            return None
        if atom == 1:
            constant = int(coefficient)
        else:
            coefficients[atom] = int(coefficient)
    return dict(sorted(coefficients.items(), key=lambda item: _name(item[0]))), constant


def _is_flat(expr: Expr) -> bool:
    """Whether expanding would change nothing: a sum of numbers, atoms and their multiples."""
    return all(
        part.is_Atom
        or isinstance(part, Indexed)
        or (
            part.is_Mul and len(part.args) == 2 and part.args[0].is_Integer and part.args[1].is_Atom
        )
        for part in Add.make_args(expr)
    )


@lru_cache(maxsize=20000)
def _name(atom: Expr) -> str:
    """The name that fixes the order of atoms."""
    return str(atom)


@lru_cache(maxsize=20000)
def _rows(condition: Condition) -> list[Row]:
    if condition.relation is Relation.DIVISIBLE:
        return []
    parsed = affine(condition.expr)
    if parsed is None:
        return []
    coefficients, constant = parsed
    row = _normalised(coefficients, constant)
    if condition.relation is Relation.NONNEGATIVE:
        return [row]
    return [row, _normalised({a: -c for a, c in coefficients.items()}, -constant)]


def _normalised(coefficients: dict[Expr, int], constant: int) -> Row:
    kept = {atom: c for atom, c in coefficients.items() if c}
    divisor = gcd(*kept.values()) if kept else 1
    items = tuple((atom, kept[atom] // divisor) for atom in sorted(kept, key=_name))
    return items, constant // divisor


def _sizes_at_least_one(rows: Iterable[Row]) -> list[Row]:
    atoms = {atom for items, _ in rows for atom, _ in items}
    positive = [a for a in atoms if isinstance(a, Indexed) or a.is_positive]
    return [(((atom, 1),), -1) for atom in sorted(positive, key=_name)]


def contradictory(conditions: Iterable[Condition]) -> bool:
    """Whether no integers satisfy all ``conditions``; sizes are at least 1. Not complete."""
    return _contradictory(tuple(conditions))


@lru_cache(maxsize=20000)
def _contradictory(conditions: tuple[Condition, ...]) -> bool:
    rows = {row for condition in _unified(conditions) for row in _rows(condition)}
    rows |= set(_sizes_at_least_one(rows))
    while True:
        if any(not items and constant < 0 for items, constant in rows):
            return True
        rows = {row for row in rows if row[0]}
        if not rows or len(rows) > _LIMIT:
            return False
        rows = _eliminate(rows)


def _unified(conditions: tuple[Condition, ...]) -> tuple[Condition, ...]:
    """Put l = m into the n[l] of the other conditions, so that equal widths are one atom."""
    known = {c.expr for c in conditions if c.relation is Relation.NONNEGATIVE}
    for condition in conditions:
        if condition.relation is Relation.DIVISIBLE:
            continue
        if condition.relation is Relation.NONNEGATIVE and expand(-condition.expr) not in known:
            continue
        parsed = affine(condition.expr)
        for atom in parsed[0] if parsed else ():
            if isinstance(atom, Symbol) and any(
                atom in one.free_symbols
                for other in conditions
                for one in other.expr.atoms(Indexed)
            ):
                value = solve_for(condition.expr, atom)
                if value is not None:
                    return _unified(tuple(c.replaced({atom: value}) for c in conditions))
    return conditions


def _eliminate(rows: set[Row]) -> set[Row]:
    """Remove the atom that costs least, by adding each lower to each upper bound of it."""
    counts: dict[Expr, tuple[int, int]] = {}
    for items, _ in rows:
        for atom, c in items:
            up, down = counts.get(atom, (0, 0))
            counts[atom] = (up + (c > 0), down + (c < 0))
    atom = min(counts, key=lambda a: (counts[a][0] * counts[a][1], _name(a)))
    lower = [row for row in rows if dict(row[0]).get(atom, 0) > 0]
    upper = [row for row in rows if dict(row[0]).get(atom, 0) < 0]
    kept = {row for row in rows if atom not in dict(row[0])}
    for low in lower:
        for high in upper:
            kept.add(_combined(low, high, atom))
    return kept


def _combined(low: Row, high: Row, atom: Expr) -> Row:
    first, second = dict(low[0]), dict(high[0])
    up, down = first[atom], -second[atom]
    merged: dict[Expr, int] = {}
    for key in {**first, **second}:
        merged[key] = down * first.get(key, 0) + up * second.get(key, 0)
    return _normalised(merged, down * low[1] + up * high[1])


def negations(condition: Condition) -> tuple[Condition, ...]:
    """Conditions of which one holds exactly where ``condition`` fails (none for divisibility)."""
    expr = condition.expr
    match condition.relation:
        case Relation.ZERO:
            return at_least(expr, 1), at_least(-expr, 1)
        case Relation.NONNEGATIVE:
            return (at_least(-expr, 1),)
        case Relation.DIVISIBLE:
            return ()


def implied(condition: Condition, context: Iterable[Condition]) -> bool:
    """Whether ``context`` makes ``condition`` true. Sound, not complete."""
    if condition.relation is Relation.DIVISIBLE:
        parsed = affine(condition.expr)
        return parsed is not None and all(
            part % condition.modulus == 0 for part in (*parsed[0].values(), parsed[1])
        )
    known = tuple(context)
    return all(contradictory((*known, opposite)) for opposite in negations(condition))


def solve_for(expr: Expr, letter: Symbol) -> Expr | None:
    """The value of ``letter`` where ``expr`` is 0; None unless its one factor is 1 or -1."""
    parsed = affine(expr)
    if parsed is None or abs(parsed[0].get(letter, 0)) != 1:
        return None
    value = expand(letter - expr / parsed[0][letter])
    return None if value.has(letter) else value


def split_extrema(condition: Condition) -> tuple[Condition, ...]:
    """``Min(a, b) - i >= 0`` as a - i >= 0 and b - i >= 0; likewise for -Max.

    Bounds of convolutions are such; the decision procedure wants them affine.
    """
    if condition.relation is Relation.NONNEGATIVE:
        for atom, coefficient in condition.expr.as_coefficients_dict().items():
            wanted = Min if coefficient > 0 else Max
            if isinstance(atom, wanted):
                parts = [condition.expr - coefficient * atom + coefficient * a for a in atom.args]
                return tuple(
                    one
                    for part in parts
                    for one in split_extrema(Condition(expand(part), condition.relation))
                )
    return (condition,)


def reduced(
    conditions: Iterable[Condition], context: Iterable[Condition]
) -> tuple[Condition, ...] | None:
    """The conditions that ``context`` and the others do not already give; None if none can hold."""
    wanted = list(dict.fromkeys(conditions))
    known = tuple(part for one in context for part in split_extrema(one))
    if contradictory((*known, *wanted)):
        return None
    for condition in tuple(wanted):
        others = [other for other in wanted if other != condition]
        if implied(condition, (*known, *others)):
            wanted = others
    return tuple(wanted)
