"""The HTML writer: one self-contained page of MathML Core, without a script, light and dark."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, replace
from functools import cache, cached_property
from typing import Any

from symbackprop.documents.colours import PALETTE, legend
from symbackprop.documents.formats.labels import anchor, numbers
from symbackprop.documents.layout import Layout
from symbackprop.documents.request import Request
from symbackprop.documents.templates import fill
from symbackprop.documents.views import (
    DocumentView,
    EquationView,
    LineView,
    Paragraph,
    Span,
    SpanKind,
    SymbolView,
)
from symbackprop.escaping import html as escape
from symbackprop.model.model import Model
from symbackprop.notation.printers.speech import SPEECH, SpeechPrinter, in_words
from symbackprop.notation.printers.styles import BREAK, LOCAL, SLOPE
from symbackprop.notation.profiles import AdjointStyle
from symbackprop.notation.quantities import Role

DARK = {
    Role.INPUT: "9FC7DC", Role.PARAMETER: "56B4E9", Role.INTERMEDIATE: "35CFA0",
    Role.TARGET: "E6A9CA", Role.COST: "FFFFFF", Role.ADJOINT: "FF9E57", LOCAL: "D9B45B",
    SLOPE: "D2A8EE",
}  # fmt: skip
"""The colours of the roles on a dark page: the hues of the palette, light instead of dark."""

# Colours that the converter knows, standing in for the roles until a style sheet colours these.
_STAND_INS = {
    "red": "FF0000", "blue": "0000FF", "brown": "BF803F", "cyan": "00B9F2", "lime": "BFFF04",
    "magenta": "FB3199", "teal": "008080", "violet": "800080",
}  # fmt: skip


def mathml(latex: str, alternative: str, *, display: bool) -> str:
    """A formula as MathML that carries its alternative text.

    Both attributes say the same: ``aria-label`` is what today's screen readers take, ``alttext``
    what MathML provides.
    """
    stand_ins = list(zip(PALETTE, _STAND_INS.items(), strict=True))
    for colour, (name, _) in stand_ins:
        latex = latex.replace(rf"\textcolor{{{colour.name}}}", rf"\textcolor{{{name}}}")
    latex = re.sub(r"\\\\\[\d+pt\]", r"\\\\", latex)
    found = _converter()(latex, displaystyle=display)
    for colour, (_, code) in stand_ins:
        found = found.replace(f'style="color:#{code};"', f'class="{colour.role}"')
    said = escape(alternative)
    mode = ' displaystyle="true"' if display else ""
    opening = f'<math{mode} alttext="{said}" aria-label="{said}">'
    return opening + re.sub(r"^<math[^>]*>", "", found)


@cache
def _converter() -> Callable[..., str]:
    from math_core import LatexToMathML

    return LatexToMathML(fancy_error=False).convert_with_local_state


def _fields(one: Any) -> dict[str, Any]:
    """The fields of a dataclass by name, without a copy of what they hold."""
    return {field.name: getattr(one, field.name) for field in fields(one)}


@dataclass(frozen=True)
class Spoken(Layout):
    """The same layout, formulas in words: what alternative text is taken from."""

    def printer(self, model: Model) -> SpeechPrinter:
        """The printer of words."""
        usual = super().printer(model)
        return SpeechPrinter(**_fields(usual))


@dataclass(frozen=True)
class _Writer:
    """Writes the parts of one page; ``said`` is the alternative text by what is shown."""

    view: DocumentView
    said: dict[tuple[str, ...], str]

    @cached_property
    def numbers(self) -> dict[str, int]:
        return numbers(self.view)

    def formula(self, latex: str, said: str = "", *, display: bool = False) -> str:
        """A formula with its alternative text: the one given, or the one known for it."""
        return mathml(latex, said or self.said.get((latex,), _simple(latex)), display=display)

    def paragraph(self, spans: Paragraph) -> str:
        """A paragraph in HTML."""
        return "".join(self._span(span) for span in spans)

    def _span(self, span: Span) -> str:
        match span.kind:
            case SpanKind.TEXT:
                return escape(span.value)
            case SpanKind.MATH:
                return self.formula(span.value)
            case SpanKind.REFERENCE:
                number = self.numbers[span.value]
                return f'<a href="#{anchor(span.value)}">({number})</a>'

    def symbol(self, row: SymbolView) -> str:
        """A symbol of the notation table; what is never said elsewhere, by its meaning."""
        meaning = "".join(_simple(span.value) for span in row.meaning)
        return self.formula(row.symbol, self.said.get((row.symbol,), meaning))

    def rows(self, equation: EquationView) -> str:
        """The rows of an equation: left side, right side, remark, in the cells of a grid."""
        cells: list[str] = []
        for number, line in enumerate(equation.lines):
            left = self.formula(equation.left, display=True) if number == 0 else ""
            remark = f"({escape(line.remark)})" if line.remark else self._beside(equation)
            for position, (right, shown) in enumerate(self._pieces(equation, line)):
                last = position == len(line.pieces) - 1
                side = f'<span class="right{"" if shown else " more"}">{right}</span>'
                words = f'<span class="remark">{remark if last else ""}</span>'
                cells.append(f'<span class="left">{left if shown else ""}</span>{side}{words}')
        return "\n".join(cells)

    def _beside(self, equation: EquationView) -> str:
        return self.paragraph(equation.where) if equation.where_beside else ""

    def _pieces(self, equation: EquationView, line: LineView) -> Iterator[tuple[str, bool]]:
        """The pieces of a line; the first says the whole line, the others are not said again."""
        whole = f"{_simple(equation.sign)} {self.said.get(line.pieces, ' '.join(line.pieces))}"
        first, *others = line.pieces
        yield mathml(f"{equation.sign} {first}", whole, display=True), True
        for piece in others:
            shown = mathml(piece, "", display=True)
            yield shown.replace(' alttext="" aria-label=""', ' aria-hidden="true"'), False


def _simple(latex: str) -> str:
    """A short formula in words, such as l-1 or n_0 = 3."""
    text = latex.replace(r"\leftarrow", "becomes").replace("_", " sub ").replace("-", " minus ")
    spaced = re.sub(r"[\\{}]", "", text)
    return in_words(spaced) if spaced.strip() == spaced else spaced


def _named(layout: Layout, words: Layout) -> Iterator[tuple[str, str]]:
    """What is said for each quantity and its derivative, which is also shown as a fraction."""
    usual = replace(layout.one, profile=replace(layout.profile, adjoint_style=AdjointStyle.PARTIAL))
    for quantity in layout.derivation.model.quantities:
        for expr in (quantity.symbol, quantity.adjoint.symbol):
            said = in_words(words.one.side(expr))
            yield from ((one.side(expr).replace(BREAK, ""), said) for one in (layout.one, usual))


def _said(shown: DocumentView, spoken: DocumentView) -> dict[tuple[str, ...], str]:
    """What is said for each formula shown, read off the same document in words."""
    found: dict[tuple[str, ...], str] = {}
    pairs = [(_around(shown), _around(spoken))]
    heard = {one.label: one for section in spoken.sections for one in section.equations}
    for section in shown.sections:
        pairs += [(_inside(one), _inside(heard[one.label])) for one in section.equations]
    for formulas, words in pairs:
        if len(formulas) == len(words):
            for one, other in zip(formulas, words, strict=True):
                found.setdefault(one, in_words(" ".join(other)))
    return found


def _around(view: DocumentView) -> list[tuple[str, ...]]:
    """The formulas outside of equations."""
    paragraphs = [*view.introduction]
    for section in view.sections:
        paragraphs += [*section.paragraphs, *(step.words for step in section.steps)]
    examples = [(example,) for colour in view.colours for example in colour.examples]
    cells = [
        (cell,)
        for section in view.sections
        for table in section.tables
        for row in table.rows
        for cell in row
    ]
    return [*(one for words in paragraphs for one in _math(words)), *examples, *cells]


def _inside(equation: EquationView) -> list[tuple[str, ...]]:
    """The formulas of one equation; where a step is not heard, its number of lines differs."""
    lines = (line.pieces for line in equation.lines)
    return [(equation.left,), *_math(equation.where), *lines]


def _math(spans: Paragraph) -> list[tuple[str, ...]]:
    return [(span.value,) for span in spans if span.kind is SpanKind.MATH]


def write(request: Request) -> str:
    """The page."""
    layout = request.layout
    words = Spoken(**{**_fields(layout), "style": SPEECH, "page": float("inf")})
    spoken = words.document(request.title, request.report)
    spoken = replace(spoken, colours=legend(layout.derivation, words.one))
    view = request.view
    said = {(formula,): words for formula, words in _named(layout, words)}
    writer = _Writer(view, said | _said(view, spoken))
    filters: dict[str, Callable[..., str]] = {
        "escape": escape,
        "anchor": anchor,
        "number": lambda equation: str(writer.numbers[equation.label]),
        "formula": writer.formula,
        "paragraph": writer.paragraph,
        "symbol": writer.symbol,
        "rows": writer.rows,
        "role": lambda colour: next(c.role for c in PALETTE if c.name == colour.name),
        "dark": lambda colour: DARK[next(c.role for c in PALETTE if c.name == colour.name)],
    }
    return fill("page.html.jinja", view, marks={}, filters=filters, folder=request.folder)
