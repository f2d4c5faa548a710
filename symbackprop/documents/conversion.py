"""What one notation calls what another one calls: a table between two profiles."""

from __future__ import annotations

from sympy import Expr

from symbackprop.model.model import Model
from symbackprop.notation.printers.printer import Printer
from symbackprop.notation.printers.styles import TEXT, Latex, Text
from symbackprop.notation.profiles import Profile
from symbackprop.notation.quantities import Role
from symbackprop.notation.symbols import index


def conversion(
    model: Model, first: Profile, second: Profile, style: Latex | Text = TEXT
) -> tuple[tuple[str, str, str], ...]:
    """Rows of (meaning, in the first notation, in the second), of quantities and derivatives."""
    here, there = (_printer(model, one, style) for one in (first, second))
    rows: list[tuple[str, str, str]] = []
    for quantity in model.quantities:
        symbol = quantity.symbol
        rows.append((_meaning(quantity.meaning), _say(here, symbol), _say(there, symbol)))
    for quantity in model.with_role(Role.PARAMETER, Role.INTERMEDIATE):
        if quantity.axes:
            symbol = quantity.adjoint.symbol
            meaning = f"the derivative of the cost by {quantity.name}"
            rows.append((meaning, _say(here, symbol), _say(there, symbol)))
    for size in sorted(model.size_families, key=str):
        width = size[index("l")]
        rows.append(("the width of a layer", _say(here, width), _say(there, width)))
    return tuple(rows)


def _meaning(phrase: str) -> str:
    """A phrase without its letters, which differ from notation to notation."""
    return phrase.replace("{", "").replace("}", "")


def _printer(model: Model, profile: Profile, style: Latex | Text) -> Printer:
    return Printer.of(model, profile, style)


def _say(printer: Printer, expr: Expr) -> str:
    mark = printer.style.mark
    text = printer.side(expr)
    return text.replace(mark, "") if mark else text
