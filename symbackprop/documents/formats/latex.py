"""The LaTeX writer: a complete article."""

from __future__ import annotations

from pathlib import Path

from symbackprop.documents.layout import PAGE
from symbackprop.documents.measure.columns import share
from symbackprop.documents.templates import LATEX_MARKS, fill
from symbackprop.documents.views import (
    DocumentView,
    EquationView,
    LineView,
    Paragraph,
    Span,
    SpanKind,
    StepView,
    TableView,
)
from symbackprop.escaping import latex as escape


def paragraph(spans: Paragraph) -> str:
    """A paragraph in LaTeX."""
    return "".join(_span(span) for span in spans)


def _span(span: Span) -> str:
    match span.kind:
        case SpanKind.TEXT:
            return escape(span.value)
        case SpanKind.MATH:
            return f"${span.value}$"
        case SpanKind.REFERENCE:
            return rf"\eqref{{{span.value}}}"


def displays(equations: tuple[EquationView, ...], page: float = PAGE) -> tuple[str, ...]:
    """The displays of a section: equations alike that follow each other share one.

    Alike are those of one line, and those of several lines without remarks, as long as the page
    has room for the widest formula and the widest words of them all.

    What does not fit beside an equation ends its display and stands below it.
    """
    found: list[str] = []
    group: list[str] = []
    together: list[EquationView] = []
    last: tuple[bool, bool] | None = None
    for equation in equations:
        below = bool(equation.where) and not equation.where_beside
        explained = any(line.remark for line in equation.lines)
        kind = (len(equation.lines) > 1, explained)
        if group and (kind != (last or kind) or not share([*together, equation], page)):
            found.append(_display(group))
            group, together = [], []
        last = kind
        group.append(rows(equation))
        together.append(equation)
        if explained or below:
            found.append(_display(group, paragraph(equation.where) if below else ""))
            group, together = [], []
    return (*found, *([_display(group)] if group else []))


def step(view: StepView) -> str:
    """A step of an algorithm, indented by its level; a long one may go on after any factor."""
    words = paragraph(view.words).replace(r" \, ", r" \,\allowbreak ")
    return rf"{{\leftskip={2 * view.indent + 2}em\hspace*{{-2em}}{words}\par}}"


def table(view: TableView) -> str:
    """A table of formulas; a long narrow one stands in several columns beside each other."""
    height = -(-len(view.rows) // view.beside)
    columns = [view.rows[n : n + height] for n in range(0, len(view.rows), height)]
    spec = (r"@{\hspace{2em}}" + "l" * len(view.head)) * len(columns)
    head = " & ".join(escape(word) for word in view.head * len(columns))
    lines = []
    for number in range(height):
        cells = [
            f"${cell}$" if cell else ""
            for column in columns
            for cell in (column[number] if number < len(column) else ("",) * len(view.head))
        ]
        lines.append(" & ".join(cells) + r" \\")
    body = "\n".join(lines)
    return (
        rf"{{\centering\renewcommand{{\arraystretch}}{{1.25}}\begin{{tabular}}{{{spec}}}"
        f"\n\\toprule\n{head} \\\\\n\\midrule\n{body}\n\\bottomrule\n\\end{{tabular}}\\par}}"
    )


def _display(group: list[str], below: str = "") -> str:
    body = " \\\\\n  ".join(group)
    tail = f"\n{below}." if below else ""
    return f"\\begin{{align}}\n  {body}\n\\end{{align}}{tail}"


def rows(equation: EquationView) -> str:
    """The rows of an equation in an ``align``: one a line, the label on the last."""
    found: list[str] = []
    for number, line in enumerate(equation.lines):
        left = equation.left if number == 0 else ""
        first, *others = line.pieces
        aside = _aside(equation, line) if line.beside else ""
        found.append(f"{left} &{equation.sign} {first}" + (f" && {aside}" if aside else ""))
        found += [rf"&\qquad {piece}" for piece in others]
        if line.remark and not line.beside:
            found.append(rf"&\qquad \text{{({escape(line.remark)})}}")
    return " \\notag \\\\\n  ".join(found) + rf" \label{{{equation.label}}}"


def _aside(equation: EquationView, line: LineView) -> str:
    """What stands beside a line: its remark, or where a single line is valid."""
    if line.remark:
        return rf"\text{{({escape(line.remark)})}}"
    if equation.where_beside and equation.where:
        return "".join(
            span.value if span.kind is SpanKind.MATH else rf"\text{{{escape(span.value)}}}"
            for span in equation.where
        )
    return ""


def write(view: DocumentView, folder: Path | None = None) -> str:
    """The article."""
    return fill(
        "article.tex.jinja",
        view,
        marks=LATEX_MARKS,
        filters={
            "escape": escape,
            "paragraph": paragraph,
            "displays": displays,
            "step": step,
            "table": table,
        },
        folder=folder,
    )
