r"""The fragment writer: labelled equations for ``\input``, and the package that they want."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from symbackprop.documents.colours import palette
from symbackprop.documents.formats.latex import displays
from symbackprop.documents.templates import LATEX_MARKS, Filters, fill
from symbackprop.documents.views import ColourView, DocumentView
from symbackprop.errors import UsageError
from symbackprop.escaping import latex as escape

FRAGMENT = 325.0
"""Points that a display may take on a page of article.cls, which is narrow."""


@dataclass(frozen=True, slots=True)
class PackageView:
    """All that the template of the LaTeX package receives.

    generator: what made the package. colours: the colours of all roles.
    """

    generator: str
    colours: tuple[ColourView, ...]


def write_fragment(view: DocumentView, folder: Path | None = None) -> str:
    """The equations of a derivation, without a preamble and without prose."""
    filters: Filters = {"escape": escape, "displays": partial(displays, page=FRAGMENT)}
    return fill("fragment.tex.jinja", view, marks=LATEX_MARKS, filters=filters, folder=folder)


def write_package(view: DocumentView, folder: Path | None = None) -> str:
    """The LaTeX package with what fragments use; it is the same for every derivation."""
    package = PackageView(view.generator, palette())
    return fill(
        "symbackprop.sty.jinja",
        package,
        marks=LATEX_MARKS,
        filters={"escape": escape},
        folder=folder,
    )


def only_equation(view: DocumentView, label: str) -> DocumentView:
    """The view with a single equation, called by its label: ``eq:w``, or ``w`` for short.

    Raises UsageError, which lists the labels, when there is no such equation.
    """
    wanted = (label, f"eq:{label}")
    for section in view.sections:
        for equation in section.equations:
            if equation.label in wanted:
                alone = replace(section, paragraphs=(), equations=(equation,))
                return replace(view, sections=(alone,))
    known = ", ".join(equation.label for one in view.sections for equation in one.equations)
    raise UsageError(f"there is no equation labelled {label!r}; there are {known}")
