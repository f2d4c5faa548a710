"""Arguments of the public functions: what each may be, and what is said of one that is not."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, SupportsFloat

from symbackprop.errors import UsageError
from symbackprop.escaping import shown


@dataclass(frozen=True, slots=True)
class Kind:
    """What an argument may be: in words, and as a test."""

    words: str
    allows: Callable[[object], bool]


def instance(words: str, *classes: type) -> Kind:
    """One of some classes."""
    return Kind(words, lambda value: isinstance(value, classes))


def optional(kind: Kind) -> Kind:
    """The same, or None."""
    return Kind(f"{kind.words} or None", lambda value: value is None or kind.allows(value))


def _is_number(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, SupportsFloat):
        return False
    with suppress(OverflowError, TypeError, ValueError):
        return math.isfinite(float(value))
    return False


def is_whole(value: Any, low: int | None = None, high: int | None = None) -> bool:
    """Whether a value is a whole number within these ends."""
    if not hasattr(value, "__index__") or isinstance(value, bool):
        return False
    return (low is None or value >= low) and (high is None or value <= high)


def is_formula(text: Any) -> bool:
    r"""Whether a text is LaTeX of a formula that only sets something: no macro, file or comment.

    >>> is_formula(r"\operatorname{f}"), is_formula(r"\input{x}"), is_formula("f}{")
    (True, False, False)
    """
    if not _is_printable(text) or not _MEANT.isdisjoint(text):
        return False
    if _WORD.fullmatch(text):
        return True
    from math_core import LatexError, LatexToMathML

    try:
        LatexToMathML(fancy_error=False).convert_with_local_state(
            text.replace("#", "{x}"), displaystyle=False
        )
    except LatexError:
        return False
    return _MEDDLING.search(text) is None


_LONGEST = 200
_MEANT = frozenset('"`@$&~')
"""Characters that mean something to a host of formulas, or to TeX."""

_WORD = re.compile(r"[A-Za-z0-9]*")
_MEDDLING = re.compile(
    r"<[A-Za-z/!?]|(?<!\\)%|\\\\|\^\^|\\(?:[a-z]*def|let|[a-z]*command|color)(?![A-Za-z])"
)


def _is_printable(text: object) -> bool:
    return isinstance(text, str) and text.isprintable() and len(text) <= _LONGEST


TEXT = instance("text", str)
PRINTABLE = Kind("a short text without control characters", _is_printable)
FORMULA = Kind("LaTeX of a formula, without macros", is_formula)
PATH = instance("a path", str, os.PathLike)
WHOLE = Kind("a whole number", is_whole)
NUMBER = Kind("a finite number", _is_number)
CALLABLE = Kind("a function", callable)
MAPPING = instance("a mapping", Mapping)


def check(name: str, value: object, kind: Kind, example: str = "") -> None:
    """Raise UsageError unless an argument is of a kind; example: how it could be written."""
    if not kind.allows(value):
        such = f", such as {example}" if example else ""
        raise UsageError(f"{name} must be {kind.words}{such}, not {shown(value)}")
