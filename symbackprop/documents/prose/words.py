"""Words of a document with formulas in them."""

from __future__ import annotations

import re
from collections.abc import Mapping

from symbackprop.documents.views import Paragraph, Span, SpanKind
from symbackprop.notation.printers.styles import Latex, Text


def plain(style: Latex | Text, formula: str) -> str:
    """A formula without the marks of where it may be broken."""
    return formula.replace(style.mark, "") if style.mark else formula


def words(style: Latex | Text, text: str, formulas: Mapping[str, str]) -> Paragraph:
    """Words and formulas: braces name what is put in; braces around anything else stay."""
    spans: list[Span] = []
    for part in re.split(r"(\{[^{}]*\})", text):
        if part.startswith("{") and part[1:-1] in formulas:
            spans.append(Span(SpanKind.MATH, plain(style, formulas[part[1:-1]])))
        elif part:
            spans.append(Span(SpanKind.TEXT, part))
    return tuple(spans)
