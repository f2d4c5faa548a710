"""The forms a derivation can take: which adjoints stay by name, and what is derived beside them."""

from __future__ import annotations

from dataclasses import dataclass

from symbackprop.errors import UsageError
from symbackprop.model.model import Model
from symbackprop.notation.quantities import Role


@dataclass(frozen=True, slots=True)
class Form:
    """One form.

    named: whether chains are shown with their derivatives by name.
    errors: whether the adjoints of what parameters enter (z) are the stations, written delta.
    layers: whether every layer is derived by its number.
    matrices: "sample" or "batch" where the result is written in matrices too, else empty.
    """

    name: str
    description: str
    named: bool = True
    errors: bool = False
    layers: bool = False
    matrices: str = ""


FORMS: tuple[Form, ...] = (
    Form("chain", "the chain rule by name, then with its values"),
    Form("index", "the results in index form, without the derivatives by name", named=False),
    Form("delta", "the errors delta and the four equations of backpropagation", errors=True),
    Form("unrolled", "every layer by its number, its paths to the cost written out", layers=True),
    Form("matrix", "the errors delta, then in matrices", errors=True, matrices="sample"),
    Form("batch", "the errors delta, then all samples in matrices", errors=True, matrices="batch"),
)

CHAIN = FORMS[0]


def form_named(name: str) -> Form:
    """The form called ``name``. Raises UsageError for an unknown one."""
    for row in FORMS:
        if row.name == name:
            return row
    raise UsageError(f"unknown form {name!r}; known are {', '.join(row.name for row in FORMS)}")


def error_stations(model: Model) -> frozenset[str]:
    """The quantities that parameters enter directly: the weighted inputs of a network.

    So is what reads itself, at another layer or time, on a way that passes none of them: each turn
    of a recurrence has a station.
    """
    entered = {
        definition.quantity.name
        for definition in model.definitions
        if definition.quantity.role is Role.INTERMEDIATE
        and any(model.quantity(one).role is Role.PARAMETER for one in definition.instances())
    }
    for definition in model.definitions:
        name = definition.quantity.name
        if name not in entered and _returns(model, name, entered):
            entered.add(name)
    return frozenset(entered)


def _returns(model: Model, start: str, stations: set[str]) -> bool:
    """Whether a quantity is read by itself on a way that passes no station."""
    seen: set[str] = set()
    stack = [start]
    while stack:
        for definition in model.uses_of(model.quantity(stack.pop())):
            name = definition.quantity.name
            if name == start:
                return True
            if name not in seen and name not in stations:
                seen.add(name)
                stack.append(name)
    return False
