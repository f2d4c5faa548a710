r"""The Beamer writer: slides with a reveal for each line, split so that nothing overflows.

A line of an equation is one reveal, ``\uncover<+->{...}``, whatever rows it takes: what is covered
keeps its place, so the columns stay where they are.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from symbackprop.documents import texts
from symbackprop.documents.height import height, words_height
from symbackprop.documents.latex import escape, paragraph
from symbackprop.documents.templates import LATEX_MARKS, Filters, fill
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
from symbackprop.documents.width import width

SLIDE = 365.0
"""Points that a display may take on a slide of 160 mm by 90 mm."""

_ROOM = 180.0
"""Points of height for a display below a slide's title."""

_GAP = 5.0
"""Points between one equation and the next."""

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
    filters: Filters = {"escape": escape, "paragraph": paragraph}
    return fill("beamer.tex.jinja", slides, marks=LATEX_MARKS, filters=filters, folder=folder)


Item = tuple[EquationView, int]
"""A line of an equation, by its number."""


def frames(section: SectionView) -> tuple[FrameView, ...]:
    """The slides of a section: as many lines on each as fit, the words on the first."""
    parts = _split(section)
    return tuple(
        FrameView(
            section.title if len(parts) == 1 else f"{section.title} ({number}/{len(parts)})",
            section.title if number == 1 else "",
            section.paragraphs if number == 1 else (),
            tuple(_reveals(part)),
        )
        for number, part in enumerate(parts, start=1)
    )


def _split(section: SectionView) -> list[list[Item]]:
    """The lines by slide: an equation that does not fit below the others begins a new one."""
    parts: list[list[Item]] = [[]]
    left = _ROOM - sum(_words_height(one) for one in section.paragraphs)
    for equation in section.equations:
        heights = [_height(equation, n, hanging=n > 0) for n in range(len(equation.lines))]
        if parts[-1] and left < sum(heights):
            parts.append([])
            left = _ROOM
        for number, needed in enumerate(heights):
            if parts[-1] and needed > left:
                parts.append([])
                left = _ROOM
            parts[-1].append((equation, number))
            left -= needed if parts[-1][:-1] else _height(equation, number, hanging=False)
        left -= _GAP
    return _balanced(parts)


def _balanced(parts: list[list[Item]]) -> list[list[Item]]:
    """No slide with the last line of an equation alone, where the one before can spare a line."""
    for before, after in pairwise(parts):
        lonely = len(after) == 1 and after[0][1] > 0
        if lonely and len(before) > 2 and before[-1][0] is after[0][0]:
            after.insert(0, before.pop())
    return parts


def _reveals(part: list[Item]) -> Iterator[RevealView]:
    """The lines of a slide; one that goes on from the slide before repeats the left side."""
    for place, (equation, number) in enumerate(part):
        rows = _rows(equation, number, hanging=number > 0 and place > 0)
        ends = number == len(equation.lines) - 1 and place < len(part) - 1
        gap = f"[{_GAP:g}pt]" if ends else ""
        text = "\n".join(rf"{row} \\" for row in rows) + gap
        yield RevealView(text, _note(equation, equation.lines[number]))


def _height(equation: EquationView, number: int, hanging: bool) -> float:
    return sum(height(row) for row in _rows(equation, number, hanging))


def _words_height(words: Paragraph) -> float:
    letters = sum(len(one.value) for one in words if one.kind is SpanKind.TEXT)
    formulas = sum(width(one.value) for one in words if one.kind is SpanKind.MATH)
    return words_height(letters, formulas, SLIDE)


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


def _note(equation: EquationView, line: LineView) -> str:
    """What to say when a line appears: why it follows, or that a symbol is defined."""
    if len(equation.lines) > 1 or not equation.label.startswith("eq:def:"):
        return line.sentence
    return texts.BY_DEFINITION
