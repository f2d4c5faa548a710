"""Which model a document is of, as one line that can stand in any comment, and be read again."""

from __future__ import annotations

import json
from dataclasses import asdict

from sympy import Integer

from symbackprop.derivation.derive import Derivation
from symbackprop.errors import SymbackpropError
from symbackprop.model.builtin import build
from symbackprop.model.costs import COSTS
from symbackprop.model.model import Model
from symbackprop.notation.functions import Apply
from symbackprop.notation.profiles import PROFILES, Profile

PREFIX = "symbackprop:"
_ESCAPED = {character: f"\\u{ord(character):04x}" for character in "<>&%`$#{}"}


def provenance(derivation: Derivation, profile: Profile) -> str:
    """The model, its activations and cost, the notation and the form of a document, as JSON.

    A model that is none of the table's is only named, with null for what nobody else can know.
    Nothing in the line ends a comment or is read by TeX, Markdown, HTML or a template: text is
    ASCII, with marks as escapes.
    """
    model = derivation.model
    known = _settings(model)
    activations, cost = known if known is not None else (None, None)
    plain = {
        "model": model.name,
        "activations": activations,
        "cost": cost,
        "notation": profile.name if profile in PROFILES else asdict(profile),
        "form": derivation.form.name,
    }
    return f"{PREFIX} {_encoded(plain)}"


def _encoded(value: object) -> str:
    """JSON whose only marks outside of ASCII letters are those of JSON itself."""
    if isinstance(value, dict):
        items = (f"{_encoded(str(key))}: {_encoded(one)}" for key, one in value.items())
        return f"{{{', '.join(items)}}}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_encoded, value))}]"
    if not isinstance(value, str):
        return json.dumps(value)
    written = json.dumps(str(value))
    for character, escape in _ESCAPED.items():
        written = written.replace(character, escape)
    return written.replace("--", "-\\u002d")


def _settings(model: Model) -> tuple[list[str], str] | None:
    """The names with which `build` makes the same model; None if it makes no such model."""
    activations = _activations(model)
    for cost in COSTS if activations else ():
        try:
            made = build(model.name, activations, cost)
        except SymbackpropError:
            continue
        if made == model:
            return activations, cost.name
    return None


def _activations(model: Model) -> list[str]:
    """The activations layer by layer, or the one of all layers; empty if they cannot be told."""
    found: list[str] = []
    for definition in model.definitions:
        if definition.quantity.name != "a" or not definition.indices:
            continue
        layer = definition.indices[0]
        if layer == 0:
            continue
        spans = [bound.high - bound.low + 1 for bound in definition.domain if bound.letter == layer]
        count = spans[0] if spans else Integer(1)
        called = [
            str(one.head)
            for term in definition.terms
            for factor in term.factors
            for one in factor.atoms(Apply)
        ]
        name = called[0] if called else "softmax"
        found += [name] * (int(count) if count.is_Integer else 1)
    return found
