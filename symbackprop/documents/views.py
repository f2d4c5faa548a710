"""What templates receive: a derivation as sections, paragraphs and displayed equations."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class SpanKind(StrEnum):
    """What a piece of a paragraph is."""

    TEXT = "text"
    MATH = "math"
    REFERENCE = "reference"


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of a paragraph: words, a formula, or the label of an equation."""

    kind: SpanKind
    value: str


Paragraph = tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class LineView:
    """One line of a display: ``right`` in pieces that fit the page, the remark beside it.

    sentence: why the line follows from the one before it, in full.
    """

    pieces: tuple[str, ...]
    remark: str
    beside: bool
    sentence: str = ""


@dataclass(frozen=True, slots=True)
class EquationView:
    """A displayed equation: its label, its left side, its lines, where it is valid.

    sign: what stands between the sides, ``=`` or an arrow. where: the ranges and assumptions;
    where_beside: whether they fit beside the equation.
    """

    label: str
    left: str
    sign: str
    lines: tuple[LineView, ...]
    where: Paragraph
    where_beside: bool = False


@dataclass(frozen=True, slots=True)
class SymbolView:
    """A row of the notation table."""

    symbol: str
    meaning: Paragraph


@dataclass(frozen=True, slots=True)
class StepView:
    """A step of an algorithm, so many levels inside loops."""

    indent: int
    words: Paragraph


@dataclass(frozen=True, slots=True)
class TableView:
    """A table of formulas and numbers: its head in words, its rows as formulas.

    beside: how many rows may stand beside each other where a page is wide enough.
    """

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    beside: int = 1


@dataclass(frozen=True, slots=True)
class SectionView:
    """A section: its title, what is said first, its equations, its tables, its code.

    code: lines of a program, printed as they are. steps: the steps of an algorithm.
    """

    label: str
    title: str
    paragraphs: tuple[Paragraph, ...]
    equations: tuple[EquationView, ...]
    tables: tuple[TableView, ...] = ()
    code: tuple[str, ...] = ()
    steps: tuple[StepView, ...] = ()


@dataclass(frozen=True, slots=True)
class ColourView:
    """A colour of terms: its name and value, the role it stands for, terms that have this role."""

    name: str
    html: str
    meaning: str
    examples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DocumentView:
    """All that a document's template receives.

    generator: what made the document, with its version. provenance: which model it is of,
    a line for a comment. verified: the verification in one line.
    colours: the colours of the terms, none where terms are not coloured.
    """

    title: str
    generator: str
    provenance: str
    verified: str
    introduction: tuple[Paragraph, ...]
    symbols: tuple[SymbolView, ...]
    sections: tuple[SectionView, ...]
    colours: tuple[ColourView, ...] = ()
