r"""The Beamer writer: slides with a reveal for each line, as a talk and as a handout.

A line of an equation is one reveal, ``\uncover<+->{...}``, whatever rows it takes: what is covered
keeps its place, so the columns stay where they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from symbackprop.documents.formats.frames import SLIDE, FrameView, frames, unreferenced
from symbackprop.documents.formats.latex import paragraph, step, table
from symbackprop.documents.templates import LATEX_MARKS, Filters, fill
from symbackprop.documents.views import ColourView, DocumentView, Paragraph, SymbolView
from symbackprop.escaping import latex as escape

__all__ = ["SLIDE", "write_handout", "write_slides"]

_SYMBOLS = 8
"""Rows of the notation table on one slide."""


@dataclass(frozen=True, slots=True)
class SlidesView:
    """All that the template of slides receives.

    options: those of the document class. notation: the rows of the notation table, by slide.
    """

    title: str
    generator: str
    provenance: str
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
        provenance=view.provenance,
        verified=view.verified,
        options=options,
        introduction=view.introduction,
        notation=tuple(view.symbols[start : start + _SYMBOLS] for start in starts),
        colours=view.colours,
        frames=tuple(frame for section in view.sections for frame in frames(section)),
    )
    filters: Filters = {"escape": escape, "paragraph": words, "step": step, "table": table}
    return fill("beamer.tex.jinja", slides, marks=LATEX_MARKS, filters=filters, folder=folder)


def words(spans: Paragraph) -> str:
    """A paragraph of a slide."""
    return paragraph(unreferenced(spans))
