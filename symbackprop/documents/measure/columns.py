"""Whether equations can share a display, where formulas and what stands beside them are columns."""

from __future__ import annotations

from collections.abc import Sequence

from symbackprop.documents.measure.width import width
from symbackprop.documents.views import EquationView, LineView

_SIGN, _GAP, _LETTER = 18.0, 24.0, 5.3
"""Points for the sign, for the gap before what stands beside a line, for a letter of it."""


def share(equations: Sequence[EquationView], page: float) -> bool:
    """Whether the widest left side, formula and words of all the equations fit a page together."""
    lines = [(one, line) for one in equations for line in one.lines]
    left = max(width(one.left) for one in equations)
    right = max(width(piece) for _, line in lines for piece in line.pieces)
    beside = max(_beside(one, line) for one, line in lines)
    return left + _SIGN + right + (_GAP + beside if beside else 0.0) <= page


def _beside(equation: EquationView, line: LineView) -> float:
    """How wide the words beside a line are."""
    remark = len(line.remark) + 2 if line.remark and line.beside else 0
    where = sum(width(span.value) for span in equation.where) if equation.where_beside else 0.0
    return max(remark * _LETTER, where)
