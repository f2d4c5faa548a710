"""At which arguments an equality of functions is judged: both sides of every break, both ends."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
from sympy import Abs, Expr, Heaviside, Max, Min, Piecewise, Symbol, ceiling, floor, sign
from sympy.core.relational import Relational

from symbackprop.errors import NotSupported
from symbackprop.model.functions import FunctionRow, T
from symbackprop.model.model import Model
from symbackprop.notation.functions import Apply
from symbackprop.verification.environment import argument_key
from symbackprop.verification.evaluate import evaluator
from symbackprop.verification.functions import function_value
from symbackprop.verification.reference import Reference

_USUAL = (-2.3, -0.7, 0.4, 1.9)
_FAR = (-19.0, -7.6, 7.3, 18.0)
_BESIDE = (-0.31, -1e-3, 1e-3, 0.29)
_GRID = np.linspace(-50.0, 50.0, 4001) + 0.0037
_MOST = 60


def points(
    expressions: Iterable[Expr], argument: Symbol, reference: Reference
) -> tuple[float, ...]:
    """Arguments on both sides of every break of the expressions and of the functions in them.

    Only where all these functions have real values.
    """
    known = list(expressions)
    found = {*_USUAL, *_FAR}
    for one in known:
        found |= set(_beside(one, argument, reference))
    rows = tuple(_rows(known, reference.model))
    for row in rows:
        if row.formula is not None:
            found |= set(_beside(row.formula, T, reference))
    kept = np.array(sorted(found))
    for row in rows:
        values = function_value(row, 0, 0, kept + 0j)
        kept = kept[(np.imag(values) == 0) & np.isfinite(values)]
    return tuple(kept[:: max(1, len(kept) // _MOST)].tolist())


def _rows(expressions: Iterable[Expr], model: Model) -> Iterator[FunctionRow]:
    """The rows of all functions of one argument that are applied."""
    heads = {one.head for expr in expressions for one in expr.atoms(Apply)}
    return (row for row in map(model.function, sorted(heads)) if not row.reads_row)


def _beside(expr: Expr, argument: Symbol, reference: Reference) -> Iterator[float]:
    for switch in switches(expr):
        for place in _zeros(switch, argument, reference):
            scale = max(1.0, abs(place))
            yield from (place + scale * step for step in _BESIDE)


def switches(expr: Expr) -> Iterator[Expr]:
    """The expressions at whose zeros something switches over from one branch to another."""
    for one in sorted(expr.atoms(Piecewise), key=str):
        for _, test in one.args:
            yield from (r.lhs - r.rhs for r in sorted(test.atoms(Relational), key=str))
    for one in sorted(expr.atoms(Max, Min), key=str):
        yield from (a - b for n, a in enumerate(one.args) for b in one.args[n + 1 :])
    for one in sorted(expr.atoms(Abs, sign, Heaviside), key=str):
        yield one.args[0]
    for one in sorted(expr.atoms(floor, ceiling), key=str):
        yield from (one.args[0] - n for n in (-2, -1, 0, 1, 2))


def _zeros(expr: Expr, argument: Symbol, reference: Reference) -> list[float]:
    """The arguments between -50 and 50 at which an expression changes its sign."""
    if argument not in expr.free_symbols:
        return []
    try:
        value = evaluator(expr)
        with np.errstate(all="ignore"):
            signs = np.sign(np.real(value({argument_key(argument): _GRID + 0j}, reference)))
    except NotSupported:
        return []
    found = []
    for place in np.flatnonzero(np.broadcast_to(signs, _GRID.shape)[:-1] * signs[1:] < 0)[:20]:
        low, high = float(_GRID[place]), float(_GRID[place + 1])
        for _ in range(60):
            middle = (low + high) / 2
            with np.errstate(all="ignore"):
                here = float(
                    np.sign(np.real(value({argument_key(argument): middle + 0j}, reference)))
                )
            low, high = (middle, high) if here == signs[place] else (low, middle)
        found.append((low + high) / 2)
    return found
