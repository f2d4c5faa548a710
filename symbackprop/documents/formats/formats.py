"""The formats a derivation can be written in: one row each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from symbackprop.derivation.derive import Derivation
from symbackprop.derivation.steps import Detail
from symbackprop.derivation.verify import Report
from symbackprop.derivation.worked import Worked
from symbackprop.documents.formats import latex, markdown, text
from symbackprop.documents.formats.beamer import SLIDE, write_handout, write_slides
from symbackprop.documents.formats.fragment import (
    FRAGMENT,
    only_equation,
    write_fragment,
    write_package,
)
from symbackprop.documents.layout import HTML, PAGE, Layout
from symbackprop.documents.request import Request
from symbackprop.documents.views import DocumentView
from symbackprop.errors import UsageError
from symbackprop.model.model import Model
from symbackprop.notation.files import find_profile
from symbackprop.notation.printers.styles import COLOURED, LATEX, TEXT, Latex, Text
from symbackprop.notation.profiles import DEFAULT, Profile


@dataclass(frozen=True, slots=True)
class Format:
    """A format: its name, what it is, the style of its formulas, its page width, its writer.

    write: writes the laid-out view. answer: instead of it, for a format that needs more than that.
    dialects: the hosts it can be written for; the first is the default.
    colours: whether its terms can be coloured by role.
    """

    name: str
    description: str
    style: Latex | Text
    page: float
    write: Callable[[DocumentView, Path | None], str] | None
    answer: Callable[[Request], str] | None = None
    dialects: tuple[str, ...] = ()
    colours: bool = False


def _write_html(request: Request) -> str:
    """The page of MathML; its writer is imported when it is asked for, for it takes a while."""
    from symbackprop.documents.formats import html

    return html.write(request)


def _write_json(request: Request) -> str:
    """The derivation as data."""
    from symbackprop.documents.formats import jsonformat

    return jsonformat.write(request)


FORMATS: tuple[Format, ...] = (
    Format("latex", "a complete LaTeX article", LATEX, PAGE, latex.write, colours=True),
    Format(
        "fragment",
        r"equations for \input, each labelled",
        LATEX,
        FRAGMENT,
        write_fragment,
        colours=True,
    ),
    Format(
        "sty", "the LaTeX package that fragments want", LATEX, PAGE, write_package, colours=True
    ),
    Format("beamer", "slides, a reveal for each line", LATEX, SLIDE, write_slides, colours=True),
    Format("handout", "the slides, a page each", LATEX, SLIDE, write_handout, colours=True),
    Format("text", "plain text for a terminal", TEXT, float("inf"), text.write),
    Format(
        "markdown",
        "Markdown for GitHub, MyST, Quarto or MkDocs",
        LATEX,
        PAGE,
        None,
        markdown.write,
        markdown.NAMES,
    ),
    Format(
        "html",
        "one page of MathML, light and dark",
        COLOURED,
        HTML,
        None,
        _write_html,
        colours=True,
    ),
    Format(
        "json",
        "the derivation as data, with a published schema",
        LATEX,
        float("inf"),
        None,
        _write_json,
    ),
)


def format_named(name: str) -> Format:
    """The format called ``name``. Raises UsageError for an unknown one."""
    for row in FORMATS:
        if row.name == name:
            return row
    raise UsageError(f"unknown format {name!r}; known are {', '.join(row.name for row in FORMATS)}")


def check_dialect(row: Format, dialect: str) -> None:
    """Raise UsageError unless the format has this dialect; the empty one is the default."""
    if dialect and dialect not in row.dialects:
        known = ", ".join(row.dialects)
        ending = f"the dialects of {row.name} are {known}" if known else f"{row.name} has none"
        raise UsageError(f"unknown dialect {dialect!r}; {ending}")


def check_colour(row: Format, colour: bool) -> None:
    """Raise UsageError when colours are asked of a format without them."""
    if colour and not row.colours:
        known = ", ".join(one.name for one in FORMATS if one.colours)
        raise UsageError(f"{row.name} has no colours; those that have are {known}")


def detail_named(name: str) -> Detail:
    """The detail called ``name``. Raises UsageError for an unknown one."""
    try:
        return Detail[name.upper()]
    except KeyError:
        known = ", ".join(one.name.lower() for one in Detail)
        raise UsageError(f"unknown detail {name!r}; known are {known}") from None


def render(
    derivation: Derivation,
    report: Report,
    format: str = "latex",  # noqa: A002
    *,
    notation: str | Profile = DEFAULT,
    detail: str = "standard",
    title: str = "",
    folder: Path | None = None,
    dialect: str = "",
    colour: bool = False,
    only: str = "",
    worked: Worked | None = None,
    code: Model | None = None,
) -> str:
    """A verified derivation as a document; the caller has seen to it that the report is ok.

    folder: a folder of templates that is looked in before the shipped ones.
    dialect: one of the format's dialects; empty for its first.
    colour: whether terms are coloured by role. only: the label of one equation, to have it alone.
    worked: the network worked through with numbers, code: the model whose generated code is
        shown, both for sections at the end.
    """
    row = format_named(format)
    check_dialect(row, dialect)
    check_colour(row, colour)
    style = COLOURED if colour else row.style
    layout = Layout(
        derivation, find_profile(notation), style, detail_named(detail), row.page, worked, code
    )
    layout = replace(layout, known=layout.judged)
    if row.answer is not None and only:
        raise UsageError(f"{row.name} is written whole; one equation alone is a fragment")
    if row.answer is not None:
        return row.answer(Request(layout, title, report, folder, dialect))
    assert row.write is not None
    view = layout.document(title, report)
    return row.write(only_equation(view, only) if only else view, folder)
