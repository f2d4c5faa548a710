"""The LaTeX writer: a complete article."""

from __future__ import annotations

from pathlib import Path

from symbackprop.documents.templates import LATEX_MARKS, fill
from symbackprop.documents.views import DocumentView, EquationView, Paragraph, Span, SpanKind

_ESCAPES = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#",
    "_": r"\_", "%": r"\%", "^": r"\textasciicircum{}", "~": r"\textasciitilde{}",
    "<": r"\textless{}", ">": r"\textgreater{}", "|": r"\textbar{}", '"': r"\textquotedbl{}",
}  # fmt: skip


def escape(text: str) -> str:
    """Text as LaTeX sets it, whatever it contains; control characters are left out."""
    kept = "".join(c for c in text if c.isprintable())
    return "".join(_ESCAPES.get(c, c) for c in kept)


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


def rows(equation: EquationView) -> str:
    """The rows of an ``align``: one line a row, the label on the last."""
    found: list[str] = []
    for number, line in enumerate(equation.lines):
        left = equation.left if number == 0 else ""
        first, *others = line.pieces
        remark = rf" && \text{{({escape(line.remark)})}}" if line.remark else ""
        found.append(f"{left} &{equation.sign} {first}" + (remark if line.beside else ""))
        found += [rf"&\qquad {piece}" for piece in others]
        if line.remark and not line.beside:
            found.append(rf"&\qquad \text{{({escape(line.remark)})}}")
    return " \\notag \\\\\n  ".join(found) + rf" \label{{{equation.label}}}"


def write(view: DocumentView, folder: Path | None = None) -> str:
    """The article."""
    return fill(
        "article.tex.jinja",
        view,
        marks=LATEX_MARKS,
        filters={"escape": escape, "paragraph": paragraph, "rows": rows},
        folder=folder,
    )
