"""The algorithm in pseudocode, read off a derivation; each line cites its equation."""

from __future__ import annotations

from collections.abc import Iterator

from symbackprop.derivation.derive import Derivation
from symbackprop.derivation.places import is_letter, layer_axis, uniform
from symbackprop.derivation.steps import Equation
from symbackprop.documents.views import Paragraph, Span, SpanKind, StepView
from symbackprop.notation.printer import Printer
from symbackprop.notation.quantities import Axis, Role
from symbackprop.notation.styles import Latex


def steps(derivation: Derivation, printer: Printer) -> tuple[StepView, ...]:
    """The steps, or none where layers differ or there are none: then no loop says it shorter."""
    layered = any(layer_axis(q) is not None for q in derivation.model.quantities)
    found = {section.topic: section.equations for section in derivation.sections}
    if not layered or not uniform(derivation.model) or not found.get("paths"):
        return ()
    return tuple(_Writer(derivation, printer).run())


class _Writer:
    """Writes the steps of one derivation."""

    def __init__(self, derivation: Derivation, printer: Printer) -> None:
        self.derivation = derivation
        self.printer = printer
        self.latex = isinstance(printer.style, Latex)

    def run(self) -> Iterator[StepView]:
        """Forward, the derivative at the outputs, backward."""
        topics = self.derivation.sections
        first, looped, last = self._definitions()
        depth = self.printer.index(self._layers().high)
        letter = self.printer.index(self._layers().letter)
        yield from (self._assign(0, one) for one in first)
        yield self._loop(f"{letter} = {self._span('1', depth)}")
        yield from (self._assign(1, one) for one in looped)
        yield from (self._assign(0, one) for one in last)
        for section in topics:
            if section.topic == "output":
                yield from (
                    self._assign(0, one) for one in section.equations if not self._parameter(one)
                )
        yield self._loop(f"{letter} = {self._span(depth, '1')}")
        for section in topics:
            if section.topic == "target":
                yield from (self._assign(1, one) for one in section.equations)
        for section in topics:
            if section.topic == "paths":
                yield from (self._assign(1, one) for one in section.equations)

    def _span(self, first: str, last: str) -> str:
        """The layers from first to last: all of them where there are two."""
        if {first, last} == {"1", "2"}:
            return f"{first}, {last}"
        dots = r"\dots" if self.latex else "…"
        return f"{first}, {dots}, {last}"

    def _definitions(self) -> tuple[list[Equation], list[Equation], list[Equation]]:
        """Before the layers, in every layer, behind them."""
        first: list[Equation] = []
        looped: list[Equation] = []
        last: list[Equation] = []
        for section in self.derivation.sections:
            for one in section.equations:
                if not one.key.startswith("def:"):
                    continue
                quantity = self.derivation.model.quantity(one.left)
                position = layer_axis(quantity)
                if position is None:
                    last.append(one)
                elif is_letter(one.left.indices[position]):
                    looped.append(one)
                else:
                    first.append(one)
        return first, looped, last

    def _parameter(self, equation: Equation) -> bool:
        of = self.derivation.model.quantity(equation.left).adjoint_of
        return of is None or of.role is Role.PARAMETER

    def _layers(self) -> Axis:
        """The layers that are computed: of a quantity that starts at layer 1."""
        return next(
            q.axes[position]
            for q in self.derivation.model.quantities
            for position in [layer_axis(q)]
            if position is not None
        )

    def _loop(self, formula: str) -> StepView:
        return StepView(0, (_text("for "), Span(SpanKind.MATH, formula), _text(":")))

    def _assign(self, indent: int, equation: Equation) -> StepView:
        arrow = r"\leftarrow" if self.latex else "←"
        right = self.printer.terms(equation.result)
        mark = self.printer.style.mark
        formula = f"{self.printer.side(equation.left)} {arrow} {right}"
        formula = formula.replace(mark, "") if mark else formula
        words: Paragraph = (
            Span(SpanKind.MATH, formula),
            _text("  "),
            Span(SpanKind.REFERENCE, f"eq:{equation.key}"),
        )
        return StepView(indent, words)


def _text(words: str) -> Span:
    return Span(SpanKind.TEXT, words)
