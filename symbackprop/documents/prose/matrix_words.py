"""The words around matrix equations: conventions first, then the reasons of each equation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from symbackprop.documents.prose import texts
from symbackprop.documents.prose.words import plain, words
from symbackprop.documents.views import Paragraph, Span, SpanKind
from symbackprop.matrix import expressions as mx
from symbackprop.matrix.entries import Shown
from symbackprop.matrix.form import MatrixForm
from symbackprop.matrix.print import MatrixPrinter
from symbackprop.matrix.reasons import Reason
from symbackprop.model.batch import SAMPLE, SAMPLES
from symbackprop.notation.printers.printer import Printer
from symbackprop.notation.printers.styles import Latex
from symbackprop.notation.profiles import SampleLayout
from symbackprop.notation.quantities import Kind, Part


@dataclass(frozen=True)
class MatrixWords:
    """Writes the paragraphs of a matrix form."""

    printer: Printer
    form: MatrixForm

    def introduction(self, samples: SampleLayout | None, *, shapes: bool) -> Iterator[Paragraph]:
        """What is a row and what a column, and how derivatives are laid out."""
        if samples is None and self.is_single:
            yield from self.paragraphs("matrix:single")
            return
        first = ["matrix:vectors" if samples is None else f"matrix:{samples.value}"]
        first += ["matrix:weights"] if self._weights_by_layer else []
        yield self.spans(" ".join(text for topic in first for text in texts.PARAGRAPHS[topic]))
        topics = ["matrix:mean"] if samples is not None else []
        topics += ["matrix:shapes"] if shapes else []
        for topic in (*topics, "matrix:layout"):
            yield from self.paragraphs(topic)

    @property
    def is_single(self) -> bool:
        """Whether there is one neuron a layer: no value has a row or a column."""
        return all(
            axis.kind in (Kind.LAYER, Kind.SAMPLE)
            for quantity in self.form.model.quantities
            for axis in quantity.axes
        )

    @property
    def _weights_by_layer(self) -> bool:
        """Whether the weights have rows for the nodes of their layer, columns for those before."""
        found = [
            value
            for equation in self.form.equations
            for value in mx.walk(equation.right)
            if isinstance(value, mx.Value) and value.key[1]
            if self.form.model.by_name[value.key[0]].part is Part.WEIGHT
        ]
        return bool(found)

    def where(self, shown: Shown) -> Paragraph:
        """The layers that an equation stands for, where it stands for several."""
        bound = shown.bound
        if bound is None:
            return ()
        low, high = self.printer.index(bound.low), self.printer.index(bound.high)
        dots = r"\dots" if isinstance(self.printer.style, Latex) else "…"
        layers = (low, high) if bound.high - bound.low == 1 else (low, dots, high)
        letter = self.printer.index(bound.letter)
        return self.spans(texts.RANGE, ranges=f"{letter} = {', '.join(layers)}")

    def paragraphs(self, topic: str) -> Iterator[Paragraph]:
        """The paragraphs on a topic."""
        for text in texts.PARAGRAPHS[topic]:
            yield self.spans(text)

    def because(
        self, printer: MatrixPrinter, shown: Shown, reasons: Sequence[Reason], said: set[object]
    ) -> Iterator[Paragraph]:
        """The reasons of an equation, but those that stand with the same quantity already."""
        name = shown.equation.key[0]
        fresh: list[Reason] = []
        for key, formulas in reasons:
            if (name, key) not in said and (key, *formulas.items()) not in said:
                fresh.append((key, formulas))
            said.add((key, *formulas.items()))
        said.update((name, key) for key, _ in reasons)
        if not fresh:
            return
        left = plain(self.printer.style, printer.shown(shown.equation.left))
        found: Paragraph = (Span(SpanKind.TEXT, "For "), Span(SpanKind.MATH, left))
        for number, (key, formulas) in enumerate(fresh):
            text = texts.MATRIX_REASONS[key]
            found += self.spans(("; " if number else ": ") + text, **formulas)
        yield (*found, Span(SpanKind.TEXT, "."))

    def spans(self, text: str, **formulas: str) -> Paragraph:
        """Words and formulas: braces name what is put in."""
        return words(self.printer.style, text, {**self._signs, **formulas})

    @property
    def _signs(self) -> dict[str, str]:
        """The formulas that any text may name."""
        printer, latex = self.printer, isinstance(self.printer.style, Latex)
        return {
            "odot": r"\odot" if latex else "⊙",
            "ones": r"\mathbf{1}" if latex else "1",
            "cost": printer.side(self.form.model.cost.symbol),
            "count": printer.index(SAMPLES),
            "sample": printer.index(SAMPLE),
            "AB": r"(AB)^{\top} = B^{\top} A^{\top}" if latex else "(AB)ᵀ = BᵀAᵀ",
        }
