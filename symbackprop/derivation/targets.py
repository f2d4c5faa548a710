"""Targets that a user names: ``w``, ``b``, ``a``, ``w[1,2]@L``, ``w[2,2]@L-1``, ``a[0]@2``."""

from __future__ import annotations

import re

from sympy import Expr, Integer

from symbackprop.derivation.places import assumptions_of, layer_axis
from symbackprop.errors import ModelError, UsageError
from symbackprop.model.model import Model
from symbackprop.notation.profiles import Profile
from symbackprop.notation.quantities import Kind, Role

_TARGET = re.compile(
    r"(?P<name>[A-Za-z]\w*)(?:\[(?P<indices>[^\]]*)\])?(?:@(?P<layer>[^@]+))?\Z", re.ASCII
)
_LAYER = re.compile(
    r"(?:(?P<depth>L)\s*(?:-\s*(?P<back>\d{1,9}))?|(?P<number>\d{1,9}))\Z", re.ASCII
)
_FAR = 20
"""How far from an end a layer of symbolically many may be named."""

_HOW = "write a quantity (w), or one of its values with its layer (w[1,2]@L, w[0,3]@L-1, b[2]@1)"


def parse_target(model: Model, text: str, profile: Profile) -> Expr:
    """The instance that ``text`` names; with the letters of the quantity where it gives no indices.

    Indices count as the profile counts nodes. Raises UsageError that says what is wrong.
    """
    match = _TARGET.match(text.strip())
    if match is None:
        raise UsageError(f"target {text!r}: {_HOW}")
    allowed = [
        q.name
        for q in model.quantities
        if q.role in (Role.INPUT, Role.PARAMETER, Role.INTERMEDIATE) and q != model.cost
    ]
    name = match["name"]
    if name not in allowed:
        raise UsageError(f"target {text!r}: there is no {name}; there are {', '.join(allowed)}")
    quantity = model.quantity(name)
    if match["indices"] is None and match["layer"] is None:
        return quantity.symbol
    position = layer_axis(quantity)
    if (match["layer"] is None) != (position is None):
        need = "needs its layer (@L)" if position is not None else "has no layer"
        raise UsageError(f"target {text!r}: {name} {need}; {_HOW}")
    numbers = _numbers(text, match["indices"], profile)
    indices: list[Expr] = []
    for axis in quantity.axes:
        if axis.kind is Kind.LAYER:
            indices.append(_layer(text, match["layer"], axis.high))
        elif match["indices"] is None:
            indices.append(axis.letter)
        elif not numbers:
            raise UsageError(f"target {text!r}: {name} needs more indices; {_HOW}")
        else:
            indices.append(Integer(numbers.pop(0)))
    if numbers:
        raise UsageError(f"target {text!r}: {name} has fewer indices; {_HOW}")
    try:
        instance = quantity[tuple(indices)]
        assumptions_of(model, [instance])
    except ModelError as error:
        raise UsageError(f"target {text!r}: {error}") from None
    return instance


def _numbers(text: str, given: str | None, profile: Profile) -> list[int]:
    if given is None:
        return []
    parts = [part.strip() for part in given.split(",")]
    if not all(re.fullmatch(r"[0-9]{1,9}", part) for part in parts):
        raise UsageError(f"target {text!r}: indices are whole numbers; {_HOW}")
    numbers = [int(part) - profile.first_index for part in parts]
    if min(numbers) < 0:
        raise UsageError(f"target {text!r}: in this notation the first node is 1")
    return numbers


def _layer(text: str, given: str | None, depth: Expr) -> Expr:
    match = _LAYER.match((given or "").strip())
    if match is None:
        raise UsageError(f"target {text!r}: a layer is L, L-1, ... or a number; {_HOW}")
    count = int(match["number"] or match["back"] or 0)
    if not depth.is_Integer and count > _FAR:
        raise UsageError(f"target {text!r}: name a layer at most {_FAR} from the first or the last")
    return Integer(count) if match["number"] is not None else depth - count
