"""The text writer: a derivation for the terminal."""

from __future__ import annotations

from pathlib import Path

from symbackprop.documents.templates import fill
from symbackprop.documents.views import (
    DocumentView,
    EquationView,
    Paragraph,
    Span,
    SpanKind,
    StepView,
    TableView,
)
from symbackprop.escaping import plain


def paragraph(spans: Paragraph) -> str:
    """A paragraph as plain text."""
    return "".join(_span(span) for span in spans)


def _span(span: Span) -> str:
    reference = span.kind is SpanKind.REFERENCE
    return f"[{span.value.removeprefix('eq:')}]" if reference else plain(span.value)


def rows(equation: EquationView) -> str:
    """The lines of an equation, aligned at the sign, remarks behind them."""
    indent = " " * (len(equation.left) + 1)
    lines = []
    for number, line in enumerate(equation.lines):
        left = f"{equation.left} " if number == 0 else indent
        remark = f"    ({line.remark})" if line.remark else ""
        lines.append(f"    {left}{equation.sign} {' '.join(line.pieces)}{remark}")
    where = paragraph(equation.where)
    return "\n".join([*lines, *([f"        {where}"] if where else [])])


def step(view: StepView) -> str:
    """A step of an algorithm, indented by its level."""
    return "    " * view.indent + paragraph(view.words)


def table(view: TableView) -> str:
    """A table, its columns aligned."""
    rows = (view.head, *view.rows)
    widths = [max(len(row[n]) for row in rows) for n in range(len(view.head))]
    return "\n".join(
        "    "
        + "  ".join(cell.ljust(size) for cell, size in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )


def underline(title: str, mark: str) -> str:
    """A title with a line under it."""
    shown = plain(title)
    return f"{shown}\n{mark * len(shown)}"


def write(view: DocumentView, folder: Path | None = None) -> str:
    """The document as text."""
    return fill(
        "text.txt.jinja",
        view,
        marks={},
        filters={
            "paragraph": paragraph,
            "rows": rows,
            "underline": underline,
            "step": step,
            "table": table,
        },
        folder=folder,
    )
