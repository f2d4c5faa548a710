"""The Markdown writer: one document for the hosts that people publish on, a row each.

What a host takes differs in the display, its number and its label, nowhere else. So the writer has
the body of an ``aligned`` and the row says how it is fenced.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from symbackprop.documents.formats.labels import anchor, numbers
from symbackprop.documents.request import Request
from symbackprop.documents.templates import fill
from symbackprop.documents.views import (
    EquationView,
    LineView,
    Paragraph,
    SectionView,
    Span,
    SpanKind,
    StepView,
    SymbolView,
    TableView,
)
from symbackprop.errors import UsageError
from symbackprop.escaping import latex, yaml
from symbackprop.escaping import markdown as escape


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a host wants formulas; ``{body}``, ``{anchor}`` and ``{number}`` are put in.

    inline: a formula among words. display: a numbered one. reference: a link to a numbered one.
    title, heading: those of the document and of a section. opening: what stands first in the file.
    """

    name: str
    description: str
    inline: str
    display: str
    reference: str
    title: str = "# {title}"
    heading: str = "## {title}"
    opening: str = ""


DIALECTS: tuple[Dialect, ...] = (
    Dialect(
        "github",
        "GitHub and GitLab: fences that their Markdown leaves alone, numbers by \\tag",
        "$`{body}`$",
        '<a id="{anchor}"></a>\n\n```math\n{body} \\tag{{{number}}}\n```',
        "[({number})](#{anchor})",
        heading='<a id="{anchor}"></a>\n\n## {title}',
    ),
    Dialect(
        "myst",
        "MyST: math directives with labels, for Sphinx and Jupyter Book",
        "{{math}}`{body}`",
        "```{{math}}\n:label: {anchor}\n\n{body}\n```",
        "{{eq}}`{anchor}`",
        heading="({anchor})=\n\n## {title}",
    ),
    Dialect(
        "quarto",
        "Quarto: displays with {{#eq-...}} that @eq-... refers to",
        "${body}$",
        "$$\n{body}\n$$ {{#{anchor}}}",
        "@{anchor}",
        title="",
        heading="## {title} {{#{anchor}}}",
        opening="---\ntitle: {quoted}\n---",
    ),
    Dialect(
        "mkdocs",
        "MkDocs with pymdownx.arithmatex (generic): \\[...\\], numbers by \\tag, anchors",
        r"\({body}\)",
        '<a id="{anchor}"></a>\n\n\\[\n{body} \\tag{{{number}}}\n\\]',
        "[({number})](#{anchor})",
        heading='<a id="{anchor}"></a>\n\n## {title}',
    ),
)

NAMES = tuple(row.name for row in DIALECTS)


def dialect_named(name: str) -> Dialect:
    """The dialect called ``name``. Raises UsageError for an unknown one."""
    for row in DIALECTS:
        if row.name == name:
            return row
    raise UsageError(f"unknown dialect {name!r}; known are {', '.join(NAMES)}")


def paragraph(spans: Paragraph, dialect: Dialect, known: dict[str, int]) -> str:
    """A paragraph in Markdown."""
    return "".join(_span(span, dialect, known) for span in spans)


def cell(spans: Paragraph, dialect: Dialect) -> str:
    """A cell of a table: the bars of its formulas would end it."""
    return paragraph(tuple(Span(s.kind, without_bars(s.value)) for s in spans), dialect, {})


def without_bars(formula: str) -> str:
    r"""A formula without the character that separates the cells of a table.

    >>> without_bars(r"\left|a\right| + \|b\|")
    '\\left\\vert{}a\\right\\vert{} + \\Vert{}b\\Vert{}'
    """
    return formula.replace(r"\|", r"\Vert{}").replace("|", r"\vert{}")


def _span(span: Span, dialect: Dialect, known: dict[str, int]) -> str:
    match span.kind:
        case SpanKind.TEXT:
            return escape(span.value)
        case SpanKind.MATH:
            return dialect.inline.format(body=span.value)
        case SpanKind.REFERENCE:
            return dialect.reference.format(anchor=anchor(span.value), number=known[span.value])


def display(equation: EquationView, dialect: Dialect, known: dict[str, int]) -> str:
    """A numbered equation; where it is valid beside it where that fits, else below it."""
    shown = dialect.display.format(
        body=body(equation), anchor=anchor(equation.label), number=known[equation.label]
    )
    if not equation.where or equation.where_beside:
        return shown
    return f"{shown}\n\n{paragraph(equation.where, dialect, known)}."


def body(equation: EquationView) -> str:
    """The rows of an equation in an ``aligned``; a single row stands alone."""
    rows = [row for line in equation.lines for row in _rows(equation.sign, line)]
    if len(rows) == 1 and not equation.lines[0].remark:
        return f"{equation.left} {rows[0].removeprefix('&')}{_beside(equation)}"
    first = f"{equation.left} {rows[0]}"
    joined = " \\\\\n".join([first, *rows[1:]])
    return f"\\begin{{aligned}}\n{joined}\n\\end{{aligned}}"


def _beside(equation: EquationView) -> str:
    """Where a single line is valid, inside its display."""
    if not equation.where_beside or not equation.where:
        return ""
    words = [
        s.value if s.kind is SpanKind.MATH else rf"\text{{{latex(s.value)}}}"
        for s in equation.where
    ]
    return rf" \qquad {''.join(words)}"


def _rows(sign: str, line: LineView) -> list[str]:
    first, *others = line.pieces
    words = rf"\text{{({latex(line.remark)})}}" if line.remark else ""
    rows = [f"&{sign} {first}", *(rf"&\qquad {piece}" for piece in others)]
    if words and line.beside:
        rows[0] += f" && {words}"
    elif words:
        rows.append(rf"&\qquad {words}")
    return rows


def step(view: StepView, dialect: Dialect, known: dict[str, int]) -> str:
    """A step of an algorithm, as an item of a nested list."""
    return "    " * view.indent + "- " + paragraph(view.words, dialect, known).strip()


def table(view: TableView, dialect: Dialect) -> str:
    """A table of formulas."""
    rows = [
        "| " + " | ".join(cell((Span(SpanKind.MATH, one),), dialect) for one in row) + " |"
        for row in view.rows
    ]
    head = "| " + " | ".join(map(escape, view.head)) + " |"
    return "\n".join([head, "|" + ":---|" * len(view.head), *rows])


def write(request: Request) -> str:
    """The document in the dialect that the request names (GitHub's when it names none)."""
    dialect = dialect_named(request.dialect or NAMES[0])
    view = request.view
    known = numbers(view)
    filters: dict[str, Callable[..., str]] = {
        "escape": escape,
        "cell": partial(cell, dialect=dialect),
        "symbol": lambda row: _symbol(row, dialect),
        "paragraph": partial(paragraph, dialect=dialect, known=known),
        "display": partial(display, dialect=dialect, known=known),
        "heading": lambda section: _heading(section, dialect),
        "step": partial(step, dialect=dialect, known=known),
        "table": partial(table, dialect=dialect),
        "opening": lambda title: _opening(title, dialect),
    }
    text = fill("markdown.md.jinja", view, marks={}, filters=filters, folder=request.folder)
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


def _symbol(row: SymbolView, dialect: Dialect) -> str:
    return cell((Span(SpanKind.MATH, row.symbol),), dialect)


def _heading(section: SectionView, dialect: Dialect) -> str:
    return dialect.heading.format(title=escape(section.title), anchor=anchor(section.label))


def _opening(title: str, dialect: Dialect) -> str:
    quoted = yaml(escape(title))
    parts = (dialect.opening.format(quoted=quoted), dialect.title.format(title=escape(title)))
    return "\n\n".join(part for part in parts if part)
