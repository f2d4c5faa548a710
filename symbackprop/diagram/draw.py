"""Drawing: a model, a target and a notation in, TikZ or SVG out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from symbackprop import escaping
from symbackprop.derivation.targets import parse_target
from symbackprop.diagram.carriers import carriers
from symbackprop.diagram.columns import columns, example
from symbackprop.diagram.labels import SVG, Labels, typeset
from symbackprop.diagram.paths import paths
from symbackprop.diagram.picture import Picture
from symbackprop.diagram.view import DiagramView
from symbackprop.errors import UsageError
from symbackprop.model.model import Model
from symbackprop.notation.expressions import undistributed
from symbackprop.notation.printers.printer import Printer
from symbackprop.notation.printers.speech import SPEECH, SpeechPrinter
from symbackprop.notation.printers.styles import LATEX, Latex, Text
from symbackprop.notation.profiles import DEFAULT, Profile, profile

_TEX_MARKS = {
    "block_start_string": r"\BLOCK{",
    "block_end_string": "}",
    "variable_start_string": r"\VAR{",
    "variable_end_string": "}",
    "comment_start_string": r"\#{",
    "comment_end_string": "}",
}


@dataclass(frozen=True, slots=True)
class Format:
    """A format of diagrams: its template and marks, the style of its formulas, how they are set."""

    name: str
    description: str
    template: str
    marks: dict[str, str]
    style: Latex | Text
    formula: Callable[[str], str]


FORMATS: tuple[Format, ...] = (
    Format(
        "tikz",
        r"a TikZ picture for \input",
        "network.tikz.jinja",
        _TEX_MARKS,
        LATEX,
        lambda text: f"${text}$",
    ),
    Format(
        "latex",
        "a LaTeX document of the picture's own size",
        "network.tex.jinja",
        _TEX_MARKS,
        LATEX,
        lambda text: f"${text}$",
    ),
    Format("svg", "a drawing for pages, light and dark", "network.svg.jinja", {}, SVG, typeset),
)


def format_named(name: str) -> Format:
    """The format called ``name``. Raises UsageError for an unknown one."""
    for row in FORMATS:
        if row.name == name:
            return row
    known = ", ".join(row.name for row in FORMATS)
    raise UsageError(f"unknown format {name!r} of diagrams; known are {known}")


@undistributed
def draw(
    model: Model,
    format: str = "tikz",  # noqa: A002
    wrt: str = "",
    notation: str | Profile = DEFAULT,
) -> str:
    """The diagram of a model; with ``wrt``, the paths from one quantity to the cost.

    wrt: ``"w"``, or one value such as ``"w[1,2]@L"``; indices count as ``notation`` counts.
    Raises UsageError for what cannot be drawn.
    """
    row, own = format_named(format), profile(notation)
    shown = carriers(model)
    target = example(shown, parse_target(model, wrt, own)) if wrt else None
    passed = None if target is None else paths(shown, target)
    labels = Labels(
        Printer.of(model, own, row.style),
        SpeechPrinter.of(model, own, SPEECH),
        row.formula,
        model.name,
        model.cost.symbol,
    )
    picture = Picture(shown, columns(shown, passed), passed, labels)
    return _filled(row, picture.view())


def template_folder() -> Path:
    """The folder of the templates: in the installed package, or beside it in a checkout."""
    package = Path(__file__).resolve().parents[1]
    inside = package / "templates"
    return (inside if inside.is_dir() else package.parent / "templates") / "diagram"


def _filled(row: Format, view: DiagramView) -> str:
    environment = Environment(
        loader=FileSystemLoader(template_folder()),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,
        **row.marks,  # type: ignore[arg-type]
    )
    environment.filters["escape"] = escaping.html
    environment.filters["latex"] = escaping.latex
    environment.filters["points"] = lambda centimetres: f"{60 * centimetres:g}"
    variables = {one.name: getattr(view, one.name) for one in fields(view)}
    return environment.get_template(row.template).render(variables)
