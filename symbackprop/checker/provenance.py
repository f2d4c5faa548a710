"""What a document of symbackprop says of itself: its model, notation and form, in a comment."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any

from symbackprop.errors import SymbackpropError
from symbackprop.model.builtin import build
from symbackprop.notation.profiles import (
    DEFAULT,
    AdjointStyle,
    ChainOrder,
    LayerMark,
    Letter,
    Profile,
    SampleLayout,
    profile,
)

_COMMENT = re.compile(
    r"^(?:%[ \t]*|<!--[ \t]*)symbackprop:[ \t]*(\{[^\n]{1,20000}?\})[ \t]*(?:-->)?[ \t]*$",
    re.MULTILINE,
)
_MOST_LAYERS = 100
_KNOWN = "the document says which model it is of"


@dataclass(frozen=True)
class Provenance:
    """What a document says of itself.

    model, activations, cost: as for `build`; an empty model is one that only the document knows.
    """

    model: str
    activations: tuple[str, ...]
    cost: str
    notation: Profile
    form: str

    @property
    def words(self) -> str:
        """What it says, in a sentence."""
        if not self.model:
            return f"{_KNOWN}, but it is none that is built in"
        names = ", ".join(dict.fromkeys(self.activations)) or "abstract activations"
        return f"{_KNOWN}: {self.model}, {names}, {self.cost}, in the notation {self.notation.name}"


def provenance(text: str) -> Provenance | None:
    """What the first such comment of a text says; None where there is none that can be read."""
    found = _COMMENT.search(text)
    if found is None:
        return None
    try:
        value = json.loads(found[1])
        return _read(value) if isinstance(value, dict) else None
    except (ValueError, RecursionError, SymbackpropError):
        return None


def _read(value: Mapping[str, Any]) -> Provenance | None:
    model, activations = value.get("model"), value.get("activations")
    cost, form = value.get("cost"), value.get("form")
    notation = _notation(value.get("notation"))
    if notation is None or not isinstance(form, str):
        return None
    names = isinstance(activations, list) and all(isinstance(one, str) for one in activations)
    if not isinstance(model, str) or not names or not isinstance(cost, str):
        return Provenance("", (), "", notation, form)
    assert isinstance(activations, list)
    if len(activations) > _MOST_LAYERS:
        return Provenance("", (), "", notation, form)
    build(model, activations, cost)
    return Provenance(model, tuple(activations), cost, notation, form)


def _notation(value: object) -> Profile | None:
    if isinstance(value, str):
        return profile(value)
    return _own_notation(value) if isinstance(value, dict) else None


_ENUMS: dict[str, Callable[[str], Any]] = {
    "layer_mark": LayerMark, "chain_order": ChainOrder, "adjoint_style": AdjointStyle,
    "sample_layout": SampleLayout,
}  # fmt: skip


def _own_notation(value: dict[str, Any]) -> Profile:
    """A profile of all its fields. Raises ValueError for what cannot be one."""
    found: dict[str, Any] = {}
    for field in fields(Profile):
        given = value.get(field.name)
        if field.name in _ENUMS:
            found[field.name] = _ENUMS[field.name](str(given))
        elif field.name == "letters":
            found["letters"] = {str(key): _letter(one) for key, one in _table(given).items()}
        elif type(given) is not type(getattr(DEFAULT, field.name)):
            raise ValueError(field.name)
        else:
            found[field.name] = given
    found["indices"] = {str(key): str(one) for key, one in _table(value["indices"]).items()}
    return Profile(**found)


def _table(value: object) -> dict[Any, Any]:
    if not isinstance(value, dict):
        raise ValueError("no table")
    return value


def _letter(value: object) -> Letter:
    table = _table(value)
    return Letter(str(table.get("base", "")), str(table.get("sub", "")))
