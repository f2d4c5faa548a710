"""Slides out of sections: as much on each as fits, so that nothing overflows."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TypeVar

from symbackprop.documents.measure.columns import share
from symbackprop.documents.measure.height import height, words_height
from symbackprop.documents.measure.width import width
from symbackprop.documents.prose import texts
from symbackprop.documents.views import (
    EquationView,
    LineView,
    Paragraph,
    SectionView,
    SpanKind,
    StepView,
    TableView,
)
from symbackprop.escaping import latex as escape

SLIDE = 365.0
"""Points that a display may take on a slide of 160 mm by 90 mm."""

_ROOM = 190.0
"""Points of height for a display below a slide's title."""

_GAP = 5.0
"""Points between one equation and the next."""

_STEPS, _ROWS, _BESIDE, _CODE = 8, 8, 3, 17
"""Steps of an algorithm, rows of a table (and rows beside each other), lines of code on a slide."""

_CITATION = re.compile(r"\s+# \([\d, ]+\)$")
"""The number of an equation behind a line of code: equations on slides have none."""

Item = tuple[EquationView, int]
"""A line of an equation, by its number."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class RevealView:
    """What appears at once: the rows of an alignment, ended, and what to say about them."""

    rows: str
    note: str


@dataclass(frozen=True, slots=True)
class FrameView:
    """A slide: its title, what is said first, then lines that appear one after another.

    section: the title of the section that begins with this slide, else empty. Instead of lines a
    slide has steps of an algorithm, one table, or lines of code.
    """

    title: str
    section: str = ""
    paragraphs: tuple[Paragraph, ...] = ()
    reveals: tuple[RevealView, ...] = ()
    steps: tuple[StepView, ...] = ()
    tables: tuple[TableView, ...] = ()
    code: tuple[str, ...] = ()


def frames(section: SectionView) -> tuple[FrameView, ...]:
    """The slides of a section, numbered where there are several; the words on the first."""
    found = [*_equations(section), *_others(section)]
    words = section.paragraphs if not section.equations else ()
    first = replace(found[0], section=section.title, paragraphs=found[0].paragraphs or words)
    every = (first, *found[1:])
    if len(every) == 1:
        return every
    return tuple(
        replace(frame, title=f"{section.title} ({number}/{len(every)})")
        for number, frame in enumerate(every, start=1)
    )


def _equations(section: SectionView) -> Iterator[FrameView]:
    if not section.equations:
        return
    words = section.paragraphs
    for part in _split(section):
        yield FrameView(section.title, paragraphs=words, reveals=tuple(_reveals(part)))
        words = ()


def _others(section: SectionView) -> Iterator[FrameView]:
    """Slides of steps, of tables, of code; one of words when there is nothing else."""
    if not (section.equations or section.steps or section.tables or section.code):
        yield FrameView(section.title)
    plain = [replace(one, words=unreferenced(one.words)) for one in section.steps]
    for steps in _steps(plain):
        yield FrameView(section.title, steps=steps)
    for table in section.tables:
        beside = min(table.beside, _BESIDE)
        for rows in _chunks(table.rows, _ROWS * beside):
            yield FrameView(section.title, tables=(replace(table, rows=rows, beside=beside),))
    for code in _chunks([_CITATION.sub("", line) for line in section.code], _CODE):
        yield FrameView(section.title, code=code)


def _steps(steps: Sequence[StepView]) -> Iterator[tuple[StepView, ...]]:
    """Steps by slide; the head of a loop goes with what stands in it."""
    while steps:
        size = min(_STEPS, len(steps))
        if size < len(steps) and steps[size].indent > steps[size - 1].indent:
            size = max(size - 1, 1)
        yield tuple(steps[:size])
        steps = steps[size:]


def unreferenced(words: Paragraph) -> Paragraph:
    """Words without references: the equations on slides have no numbers."""
    return tuple(span for span in words if span.kind is not SpanKind.REFERENCE)


def _chunks(items: Sequence[T], size: int) -> Iterator[tuple[T, ...]]:
    return (tuple(items[start : start + size]) for start in range(0, len(items), size))


def _split(section: SectionView) -> list[list[Item]]:
    """The lines by slide: an equation that does not fit below the others begins a new one."""
    parts: list[list[Item]] = [[]]
    left = _ROOM - sum(_words_height(one) for one in section.paragraphs)
    for equation in section.equations:
        heights = [_height(equation, n, hanging=n > 0) for n in range(len(equation.lines))]
        above = [one for one, _ in parts[-1]]
        if parts[-1] and (left < sum(heights) or not share([*above, equation], SLIDE)):
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
        ends = number == len(equation.lines) - 1
        last = place == len(part) - 1
        ending = "" if last else rf" \\[{_GAP:g}pt]" if ends else r" \\"
        text = " \\\\\n".join(rows) + ending
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
