"""The colours of terms by role, and the legend that names them.

The hues are those of Okabe and Ito; their lightness is spaced, so that they differ in grey and to
colour-blind readers too, and each stands out from white paper. Colour is never the only sign: a
legend shows terms of each role.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from sympy import Expr

from symbackprop.derivation.derive import Derivation
from symbackprop.documents.views import ColourView
from symbackprop.notation.expressions import Partial
from symbackprop.notation.functions import Apply
from symbackprop.notation.printers.printer import Printer
from symbackprop.notation.printers.styles import BREAK, LOCAL, SLOPE
from symbackprop.notation.quantities import Role


@dataclass(frozen=True, slots=True)
class Colour:
    """The colour of a role: the role's name, red, green and blue in hexadecimal, what it is."""

    role: str
    html: str
    meaning: str

    @property
    def name(self) -> str:
        """The name of the colour in LaTeX."""
        return f"sbp{self.role.capitalize()}"


PALETTE: tuple[Colour, ...] = (
    Colour(Role.INPUT, "0F2B3A", "input"),
    Colour(Role.PARAMETER, "007CC2", "parameter"),
    Colour(Role.INTERMEDIATE, "005A40", "intermediate quantity"),
    Colour(Role.TARGET, "935678", "target"),
    Colour(Role.COST, "000000", "cost"),
    Colour(Role.ADJOINT, "994200", "derivative of the cost"),
    Colour(LOCAL, "493000", "derivative of one quantity by another"),
    Colour(SLOPE, "5B2D78", "derivative of a function"),
)

_EXAMPLES = {Role.ADJOINT: 2, LOCAL: 2, SLOPE: 1}
"""How many terms show a derivative; those of the other roles all show."""


def palette() -> tuple[ColourView, ...]:
    """Every colour, without examples."""
    return tuple(ColourView(one.name, one.html, one.meaning) for one in PALETTE)


def legend(derivation: Derivation, printer: Printer) -> tuple[ColourView, ...]:
    """The colours of the roles that occur, each with terms that have the role."""
    found: dict[str, list[str]] = {}
    for role, expr in _terms(derivation):
        shown = found.setdefault(role, [])
        text = printer.side(expr).replace(BREAK, "")
        if text not in shown and len(shown) < _EXAMPLES.get(role, 9):
            shown.append(text)
    views = zip(PALETTE, palette(), strict=True)
    return tuple(
        replace(view, examples=tuple(found[one.role])) for one, view in views if one.role in found
    )


def _terms(derivation: Derivation) -> Iterator[tuple[str, Expr]]:
    """Terms with their roles: the quantities, then what the equations of one sample name."""
    model = derivation.model
    for quantity in model.quantities:
        if quantity.adjoint_of is None:
            yield quantity.role, quantity.symbol
    for equation in derivation.equations:
        if equation.batch or equation.argument is not None:
            continue
        lines = [
            factor for line in equation.lines for term in line.terms for factor in term.factors
        ]
        for expr in (equation.left, *lines):
            yield from _derivatives(derivation, expr)


def _derivatives(derivation: Derivation, expr: Expr) -> Iterator[tuple[str, Expr]]:
    if isinstance(expr, Partial):
        of = expr.args[0]
        if of.is_Indexed and of != derivation.model.cost.symbol:
            yield LOCAL, expr
    elif isinstance(expr, Apply):
        if expr.order:
            yield SLOPE, expr
    elif expr.is_Indexed and derivation.model.quantity(expr).role is Role.ADJOINT:
        yield Role.ADJOINT, expr
