"""Places in a formula that may be repaired, and repairs as edits of the author's own text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from symbackprop.checker.meaning.lookup import Lookup
from symbackprop.reading.syntax.tree import (
    Node,
    Symbol,
)
from symbackprop.reading.syntax.walk import terms

_NAME = re.compile(r"\\[A-Za-z]+|[A-Za-z]")


@dataclass(frozen=True, slots=True)
class Edit:
    """text[start:end] replaced."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Repair:
    """What is repaired, in words, and the edits that do it."""

    what: str
    edits: tuple[Edit, ...]


@dataclass(frozen=True)
class Site:
    """A member of an equation that is to be repaired.

    text: the whole text. whole: the equation. nodes: the letters that count nodes in it.
    """

    text: str
    member: Node
    whole: Node
    lookup: Lookup
    nodes: tuple[str, ...]

    def written(self, node: Node) -> str:
        """What stands in the text for a node."""
        return self.text[node.start : node.end]

    @property
    def quantities(self) -> Iterator[Symbol]:
        """The symbols of quantities in the member."""
        return (s for s in terms(self.member) if self.lookup.quantity(s) is not None)


def name_end(site: Site, symbol: Symbol) -> int | None:
    """Where the name of a symbol ends, if it begins with it."""
    found = _NAME.match(site.text, symbol.start, symbol.end)
    return found.end() if found else None


def base_of(site: Site, symbol: Symbol) -> str:
    """The letter of a symbol as it is written."""
    end = name_end(site, symbol)
    return site.text[symbol.start : end] if end else symbol.name
