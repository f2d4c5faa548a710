"""Notations of users: a profile in TOML, built on one of the table.

.. code-block:: toml

    name = "ours"
    base = "3blue1brown"
    layer_mark = "[l]"
    first_index = 1

    [letters]
    w = "W"
    C0 = { base = "J", sub = "i" }
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import MISSING, fields, replace
from enum import Enum
from pathlib import Path
from typing import Any

from symbackprop.arguments import FORMULA, PRINTABLE, check, instance
from symbackprop.errors import InputError, SymbackpropError
from symbackprop.escaping import plain, shown
from symbackprop.files import read_toml
from symbackprop.notation.printers.styles import GREEK
from symbackprop.notation.profiles import (
    AdjointStyle,
    ChainOrder,
    LayerMark,
    Letter,
    Profile,
    SampleLayout,
    profile,
)

_LETTER = re.compile(r"[A-Za-z][A-Za-z]{0,11}\Z")
_SUB = re.compile(r"[A-Za-z0-9]{0,6}\Z")


def find_profile(name: str | Profile) -> Profile:
    """A profile of the table, or the one in the TOML file of this name.

    Raises UsageError for an unknown name, InputError for a file that is no profile.
    """
    if isinstance(name, str) and name.endswith(".toml"):
        return read_profile(Path(name))
    if isinstance(name, Profile):
        check_profile(name)
    return profile(name)


def check_profile(row: Profile) -> None:
    """Raise UsageError unless every field of a profile is of its kind."""
    for field in fields(Profile):
        value = getattr(row, field.name)
        own = isinstance(field.default, bool | int | Enum)
        kind: type = type(field.default) if own else str
        if field.default_factory is not MISSING:
            kind = Mapping
        check(f"notation: {field.name}", value, instance(f"a {kind.__name__}", kind))
        if kind is str:
            check(f"notation: {field.name}", value, PRINTABLE)
    for letter in row.letters.values():
        check("notation: each of letters", letter, instance("a Letter", Letter))
    printed = [row.activation, row.widths, row.samples, *row.indices.values()]
    for text in (*printed, *(part for one in row.letters.values() for part in (one.base, one.sub))):
        check("notation: a letter", text, FORMULA)


def read_profile(path: Path) -> Profile:
    """Read a profile. Raises InputError that names the file, the key and what is allowed."""
    data = read_toml(path, "TOML notation")
    try:
        base = profile(_text(path, "base", data.pop("base", "deeplizard")))
    except SymbackpropError as error:
        raise InputError(f"{path}: base: {error}") from None
    changes = {key: _value(path, key, value) for key, value in data.items()}
    if "letters" in changes:
        changes["names"] = changes["letters"]
        changes["letters"] = {**base.letters, **changes["letters"]}
    name = plain(changes.pop("name", path.stem))
    return replace(base, name=name, description=plain(f"from {path.name}"), **changes)


def _value(path: Path, key: str, value: Any) -> Any:
    """The value of one key, checked."""
    readers = {
        "name": _text,
        "letters": _letters,
        "indices": _indices,
        "layer_mark": lambda p, k, v: _choice(p, k, v, LayerMark),
        "adjoint_style": lambda p, k, v: _choice(p, k, v, AdjointStyle),
        "chain_order": lambda p, k, v: _choice(p, k, v, ChainOrder),
        "sample_layout": lambda p, k, v: _choice(p, k, v, SampleLayout),
        "first_index": _first,
        "weight_from_first": _flag,
        "bounds": _flag,
        "activation": _letter_or_none,
        "widths": _letter,
        "samples": _letter,
        "error_of": _letter,
    }
    if key not in readers:
        raise InputError(f"{path}: unknown key {key}; allowed are base, {', '.join(readers)}")
    return readers[key](path, key, value)


def _text(path: Path, key: str, value: Any) -> str:
    if not isinstance(value, str) or len(value) > 60:
        raise InputError(f"{path}: {key} must be a short text, not {shown(value)}")
    return value


def _flag(path: Path, key: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise InputError(f"{path}: {key} must be true or false, not {shown(value)}")
    return value


def _first(path: Path, key: str, value: Any) -> int:
    if value not in (0, 1) or isinstance(value, bool):
        raise InputError(f"{path}: {key} must be 0 or 1, not {shown(value)}")
    return int(value)


def _choice(path: Path, key: str, value: Any, kind: Any) -> Any:
    try:
        return kind(value)
    except ValueError:
        known = ", ".join(one.value for one in kind)
        raise InputError(f"{path}: {key} must be one of {known}, not {shown(value)}") from None


def _letter(path: Path, key: str, value: Any) -> str:
    """A Latin letter, a Greek name, or a short word: nothing that TeX could run."""
    if not isinstance(value, str) or not _LETTER.match(value):
        greek = "a Greek name such as " + next(iter(GREEK))
        raise InputError(f"{path}: {key} must be a letter, {greek}, or a word, not {shown(value)}")
    return value


def _letter_or_none(path: Path, key: str, value: Any) -> str:
    return "" if value == "" else _letter(path, key, value)


def _letters(path: Path, key: str, value: Any) -> dict[str, Letter]:
    if not isinstance(value, dict):
        raise InputError(f"{path}: {key} must be a table, not {shown(value)}")
    found = {}
    for name, letter in value.items():
        table = {"base": letter} if isinstance(letter, str) else letter
        if not isinstance(table, dict) or set(table) - {"base", "sub"} or "base" not in table:
            raise InputError(f"{path}: {key}.{name} must be a letter or {{ base, sub }}")
        sub = table.get("sub", "")
        if not isinstance(sub, str) or not _SUB.match(sub):
            raise InputError(
                f"{path}: {key}.{name}.sub must be letters or digits, not {shown(sub)}"
            )
        found[name] = Letter(_letter(path, f"{key}.{name}", table["base"]), sub)
    return found


def _indices(path: Path, key: str, value: Any) -> dict[str, str]:
    """Printed letters of indices; exchanged ones must be given both ways."""
    if not isinstance(value, dict):
        raise InputError(f"{path}: {key} must be a table, not {shown(value)}")
    found = {name: _letter(path, f"{key}.{name}", letter) for name, letter in value.items()}
    if set(found) != set(found.values()):
        raise InputError(
            f'{path}: {key} must exchange letters, as in k = "i", i = "k": '
            "else two indices would share one"
        )
    return found
