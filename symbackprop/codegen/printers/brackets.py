"""Python code as pieces: words, operators, and brackets with what is inside of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import TypeAlias

_PIECE = re.compile(
    r"""
      [rbf]*(?:"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')  # text in quotes
    | [\w.]*\d[\w.]*(?:(?<=e)-\d+)?                   # a number, or a name with digits in it
    | [\w.]+                                          # a name with its attributes
    | \s+
    | \*\*|//|<<|>>|<=|>=|==|!=|->|:=
    | .
    """,
    re.VERBOSE,
)
_CLOSING = {"(": ")", "[": "]", "{": "}"}


@dataclass(frozen=True)
class Bracket:
    """A pair of brackets and what stands between them.

    called: whether it holds the arguments or the indices of what stands in front of it.
    """

    opening: str
    parts: tuple[Part, ...]
    called: bool = False

    @property
    def closing(self) -> str:
        """The bracket at the end."""
        return _CLOSING[self.opening]

    @cached_property
    def text(self) -> str:
        """The whole as one line."""
        return f"{self.opening}{flat(self.parts)}{self.closing}"

    @cached_property
    def items(self) -> list[tuple[Part, ...]]:
        """What stands between the commas; a comma at the end makes no item."""
        if "for" in self.parts:
            return [self.parts]
        found: list[list[Part]] = [[]]
        for part in self.parts:
            if part == ",":
                found.append([])
            elif part != " " or found[-1]:
                found[-1].append(part)
        return [tuple(item) for item in found if item]

    @property
    def is_open(self) -> bool:
        """Whether a comma at the end asks for one item a line; those of (a,) and x[a,] do not."""
        needed = len(self.items) == 1 and self.opening == ("[" if self.called else "(")
        return self.parts[-1:] == (",",) and not needed

    def holds_open(self) -> bool:
        """Whether this bracket, or one inside of it, cannot stand on one line."""
        return self.is_open or holds_open(self.parts)


Part: TypeAlias = str | Bracket


def parts_of(code: str) -> tuple[Part, ...]:
    """The pieces of one line of code.

    >>> [part if isinstance(part, str) else part.text for part in parts_of("f(a, b) + 1")]
    ['f', '(a, b)', ' ', '+', ' ', '1']
    """
    return tuple(_read(iter(_PIECE.findall(code))))


def _read(pieces: Iterator[str]) -> list[Part]:
    found: list[Part] = []
    for piece in pieces:
        if piece in _CLOSING:
            called = bool(found) and (isinstance(found[-1], Bracket) or _is_word(found[-1]))
            found.append(Bracket(piece, tuple(_read(pieces)), called))
        elif piece in _CLOSING.values():
            return found
        else:
            found.append(piece)
    return found


def _is_word(piece: str) -> bool:
    return piece[-1].isalnum() or piece[-1] == "_"


def flat(parts: Sequence[Part]) -> str:
    """Pieces as one line of code."""
    return "".join(part if isinstance(part, str) else part.text for part in parts)


def holds_open(parts: Sequence[Part]) -> bool:
    """Whether some bracket cannot stand on one line."""
    return any(isinstance(part, Bracket) and part.holds_open() for part in parts)


_TIERS = (
    {"for", "async"},
    {"if", "else"},
    {"or"},
    {"and"},
    {"in", "is", "<", ">", "<=", ">=", "==", "!="},
    {"|"},
    {"^"},
    {"&"},
    {"<<", ">>"},
    {"+", "-"},
    {"*", "/", "//", "%", "@"},
)


def operands(parts: Sequence[Part]) -> list[tuple[Part, ...]]:
    """What the loosest operators stand between; each but the first begins with its operator.

    >>> [flat(one) for one in operands(parts_of("a * b + c - (d + e)"))]
    ['a * b', '+ c', '- (d + e)']
    >>> [flat(one) for one in operands(parts_of("a + -2 * b"))]  # a sign is no operator
    ['a', '+ -2 * b']
    """
    binary = {
        place: part
        for place, part in enumerate(parts)
        if isinstance(part, str) and parts[place - 1 : place + 2 : 2] == (" ", " ") and place > 1
    }
    for tier in _TIERS:
        ends = [place for place, part in binary.items() if part in tier]
        if "for" in tier and ends:
            ends += [place for place, part in binary.items() if part == "if" and place > ends[0]]
        if ends:
            edges = [0, *sorted(ends), len(parts)]
            return [tuple(parts[low : high - (high < len(parts))]) for low, high in pairwise(edges)]
    return [tuple(parts)]
