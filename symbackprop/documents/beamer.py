r"""The Beamer writer: slides with a reveal for each line, split so that nothing overflows.

A line of an equation is one reveal, ``\uncover<+->{...}``, whatever rows it takes: what is covered
keeps its place, so the columns stay where they are.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from symbackprop.documents import texts
from symbackprop.documents.height import height, words_height
from symbackprop.documents.latex import escape, paragraph
from symbackprop.documents.templates import LATEX_MARKS, fill
from symbackprop.documents.views import (
    ColourView,
    DocumentView,
    EquationView,
    LineView,
    Paragraph,
    SectionView,
    SpanKind,
    SymbolView,
)

SLIDE = 365.0
"""Points that a display may take on a slide of 160 mm by 90 mm."""

_ROOM = 196.0
"""Points of height below a slide's title."""

_SYMBOLS = 8
"""Rows of the notation table on one slide."""


@dataclass(frozen=True, slots=True)
class RevealView:
    """What appears at once: the rows of an alignment, ended, and what to say about them."""

    rows: str
    note: str


@dataclass(frozen=True, slots=True)
class FrameView:
    """A slide: its title, what is said first, the lines that appear one after another.

    section: the title of the section that begins with this slide, else empty.
    """

    title: str
    section: str
    paragraphs: tuple[Paragraph, ...]
    reveals: tuple[RevealView, ...]


@dataclass(frozen=True, slots=True)
class SlidesView:
    """All that the template of slides receives.

    options: those of the document class. notation: the rows of the notation table, by slide.
    """

    title: str
    generator: str
    verified: str
    options: str
    introduction: tuple[Paragraph, ...]
    notation: tuple[tuple[SymbolView, ...], ...]
    colours: tuple[ColourView, ...]
    frames: tuple[FrameView, ...]


def write_slides(view: DocumentView, folder: Path | None = None) -> str:
    """The slides, a reveal for each line."""
    return _write(view, folder, "aspectratio=169")


def write_handout(view: DocumentView, folder: Path | None = None) -> str:
    """The slides as a handout: the same frames, every line shown at once."""
    return _write(view, folder, "aspectratio=169,handout")


def _write(view: DocumentView, folder: Path | None, options: str) -> str:
    starts = range(0, len(view.symbols), _SYMBOLS)
    slides = SlidesView(
        title=view.title,
        generator=view.generator,
        verified=view.verified,
        options=options,
        introduction=view.introduction,
        notation=tuple(view.symbols[start : start + _SYMBOLS] for start in starts),
        colours=view.colours,
        frames=tuple(frame for section in view.sections for frame in frames(section)),
    )
    filters = {"escape": escape, "paragraph": paragraph}
    return fill("beamer.tex.jinja", slides, marks=LATEX_MARKS, filters=filters, folder=folder)


def frames(section: SectionView) -> tuple[FrameView, ...]:
    """The slides of a section: as many lines on each as fit, the words on the first."""
    parts = _split(section)
    return tuple(
        FrameView(
            section.title if len(parts) == 1 else f"{section.title} ({number}/{len(parts)})",
            section.title if number == 1 else "",
            section.paragraphs if number == 1 else (),
            part,
        )
        for number, part in enumerate(parts, start=1)
    )


def _split(section: SectionView) -> list[tuple[RevealView, ...]]:
    """Lines by slide. An equation that goes on overleaf has its left side repeated there."""
    parts: list[list[RevealView]] = [[]]
    room = _ROOM - sum(words_height(_text(one), SLIDE) for one in section.paragraphs)
    left = room
    for equation in section.equations:
        block = sum(height(row) for line in _lines(equation) for row in line)
        if parts[-1] and left < block <= _ROOM:
            parts.append([])
            left = _ROOM
        for number, line in enumerate(equation.lines):
            needed = sum(height(row) for row in _rows(equation, number, bool(number)))
            fresh = bool(parts[-1]) and needed > left
            if fresh:
                parts.append([])
                left = _ROOM
            repeated = fresh or number == 0
            rows = _rows(equation, number, not repeated)
            parts[-1].append(RevealView(_ended(rows), _note(equation, line)))
            left -= needed
    return [tuple(part) for part in parts]


def _lines(equation: EquationView) -> Iterator[list[str]]:
    return (_rows(equation, number, bool(number)) for number in range(len(equation.lines)))


def _rows(equation: EquationView, number: int, hanging: bool) -> list[str]:
    """The rows of one line; hanging: without the left side."""
    line = equation.lines[number]
    left = "" if hanging else equation.left
    first, *others = line.pieces
    remark = rf"\text{{({escape(line.remark)})}}" if line.remark else ""
    where = _where(equation) if line is equation.lines[-1] else ""
    beside = (remark if line.beside else "") or (where if equation.where_beside else "")
    found = [f"{left} &{equation.sign} {first}" + (f" && {beside}" if beside else "")]
    found += [rf"&\qquad {piece}" for piece in others]
    found += [rf"&\qquad {below}" for below in (remark, where) if below and below != beside]
    return found


def _where(equation: EquationView) -> str:
    return "".join(
        span.value if span.kind is SpanKind.MATH else rf"\text{{{escape(span.value)}}}"
        for span in equation.where
    )


def _ended(rows: list[str]) -> str:
    return "".join(rf"{row} \\" + "\n" for row in rows).rstrip("\n")


def _note(equation: EquationView, line: LineView) -> str:
    """What to say when a line appears: why it follows, or that a symbol is defined."""
    if len(equation.lines) > 1 or not equation.label.startswith("eq:def:"):
        return line.sentence
    return texts.BY_DEFINITION


def _text(words: Paragraph) -> str:
    return "".join(span.value for span in words)
