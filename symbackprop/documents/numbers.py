"""Worked numbers laid out: each step in symbols, with its numbers put in, and its value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace

from sympy import Expr, Integer, Sum

from symbackprop.derivation.numbers import LONGEST
from symbackprop.derivation.places import indices_of
from symbackprop.derivation.worked import Worked, WorkedStep
from symbackprop.documents.measure.width import pieces, width
from symbackprop.documents.prose import texts
from symbackprop.documents.prose.words import plain
from symbackprop.documents.views import (
    EquationView,
    LineView,
    SectionView,
    Span,
    SpanKind,
    TableView,
)
from symbackprop.model.definitions import name_of
from symbackprop.notation.expressions import Plus, Term, Terms, substitute
from symbackprop.notation.printers.printer import Printer
from symbackprop.notation.printers.styles import Latex
from symbackprop.notation.profiles import Letter
from symbackprop.notation.quantities import Quantity
from symbackprop.verification.reference import Key

_DIGITS = 4


def rounded(value: float, latex: bool) -> str:
    r"""A number with four digits behind the point, or as a power of ten where that hides it.

    >>> rounded(0.59326999, True), rounded(-2.5e-6, True), rounded(3.0, False)
    ('0.5933', '-2.5000 \\times 10^{-6}', '3')
    """
    if value == int(value) and abs(value) < 10_000:
        return str(int(value))
    if 1e-3 <= abs(value) < 1e5:
        return f"{value:.{_DIGITS}f}"
    mantissa, exponent = f"{value:.{_DIGITS}e}".split("e")
    power = int(exponent)
    return rf"{mantissa} \times 10^{{{power}}}" if latex else f"{mantissa}e{power}"


@dataclass(frozen=True)
class NumberPrinter(Printer):
    """A printer that writes the value of every instance instead of its name."""

    values: Mapping[Key, float] | None = None
    slopes: Mapping[Key, float] | None = None

    def instance(
        self, quantity: Quantity, indices: tuple[Expr, ...], letter: Letter | None = None
    ) -> str:
        """The value of an instance, or of the derivative of the cost by it.

        What a sum that is not written out runs over has no number, and keeps its name.
        """
        if any(not index.is_Integer for index in indices):
            return super().instance(quantity, indices, letter)
        of = quantity.adjoint_of
        known = self.values if of is None else self.slopes
        key = ((of or quantity).name, tuple(int(i) for i in indices))
        return rounded((known or {})[key], isinstance(self.style, Latex))

    def factor(self, expr: Expr, several: bool = True) -> str:
        """A factor; a negative number in parentheses."""
        text = super().factor(expr, several)
        return self.style.parens(text) if several and text.startswith(self.style.minus) else text

    def term_parts(self, term: Term) -> tuple[bool, str]:
        """A term whose only factor is a negative number gives up its sign."""
        negative, body = super().term_parts(term)
        if body.startswith(self.style.minus):
            return not negative, body.removeprefix(self.style.minus)
        return negative, body


@dataclass(frozen=True)
class NumbersLayout:
    """Lays out worked numbers with the printer of a document."""

    worked: Worked
    printer: Printer
    page: float

    def sections(self) -> tuple[SectionView, ...]:
        """What is given, the forward pass, the backward pass, the update."""
        worked = self.worked
        forward = [self._step(step) for step in worked.forward]
        backward = [self._step(step) for step in worked.backward]
        return (
            self._section("given", (), (self._given(),)),
            self._section("forward", tuple(forward), (self._forward_table(),)),
            self._section("backward", tuple(backward), ()),
            self._section("updated", tuple(self._costs()), (self._updates(),)),
        )

    def _section(
        self, topic: str, equations: tuple[EquationView, ...], tables: tuple[TableView, ...]
    ) -> SectionView:
        rate = rounded(self.worked.rate, self._latex)
        spans = []
        for text in texts.PARAGRAPHS[topic]:
            before, mark, after = text.partition("{rate}")
            words = [Span(SpanKind.TEXT, before)]
            if mark:
                words += [Span(SpanKind.MATH, rate), Span(SpanKind.TEXT, after)]
            spans.append(tuple(words))
        if topic == "updated":
            cost, new = self.worked.cost, self.worked.new_cost
            turn = (new > cost) - (new < cost)
            spans.append((Span(SpanKind.TEXT, texts.COST_AFTER[turn]),))
        return SectionView(f"sec:{topic}", texts.TITLES[topic], tuple(spans), equations, tables)

    @property
    def _latex(self) -> bool:
        return isinstance(self.printer.style, Latex)

    @property
    def _numbers(self) -> NumberPrinter:
        printer = self.printer
        slopes = {
            (of.name, tuple(int(i) for i in indices_of(step.left))): step.value
            for step in self.worked.backward
            for of in [printer.quantities[name_of(step.left)].adjoint_of]
            if of is not None
        }
        known = {one.name: getattr(printer, one.name) for one in fields(printer)}
        return NumberPrinter(**{**known, "values": self.worked.values, "slopes": slopes})

    def _step(self, step: WorkedStep) -> EquationView:
        left = self._plain(self.printer.side(step.left))
        symbols, numbers = self.printer.terms(step.terms), self._put_in(step.terms)
        value = rounded(step.value, self._latex)
        approx = r"\approx" if self._latex else "≈"
        same = self._plain(numbers) == value
        last = value if same else f"{numbers} {self.printer.style.mark}{approx} {value}"
        room = self.page - width(left) - 18.0 if self._latex else float("inf")
        lines = tuple(
            LineView(tuple(self._plain(piece) for piece in pieces(text, room)), "", True)
            for text in (symbols, last)
        )
        key = str(step.left).replace(" ", "").replace("[", ":").replace("]", "")
        return EquationView(f"eq:number:{key.replace(',', ':')}", left, "=", lines, ())

    def _put_in(self, terms: Terms) -> str:
        """The numbers in place of the names; node numbers of the profile do not matter here."""
        zero = replace(self._numbers.profile, first_index=0)
        opened = tuple(term.mapped(self._opened) for term in terms)
        return replace(self._numbers, profile=zero).terms(opened)

    def _opened(self, expr: Expr) -> Expr:
        """A factor with the sums inside of it written out, where they are short."""
        sizes: dict[Expr, Expr] = {s: Integer(n) for s, n in self.worked.model.sizes.items()}
        mapping: dict[Expr, Expr] = {}
        for total in expr.atoms(Sum):
            (letter, low, high), *others = total.limits
            ends = low.xreplace(sizes), high.xreplace(sizes)
            if not others and all(end.is_Integer for end in ends):
                values = range(int(ends[0]), int(ends[1]) + 1)
                if len(values) <= LONGEST:
                    parts = (substitute(total.function, {letter: Integer(v)}) for v in values)
                    mapping[total] = Plus(*parts) if len(values) > 1 else next(parts)
        return substitute(expr, mapping)

    def _plain(self, formula: str) -> str:
        return plain(self.printer.style, formula)

    # -- tables ---------------------------------------------------------------------------------

    def _given(self) -> TableView:
        rows = tuple(
            (self._plain(self.printer.side(i)), rounded(value, self._latex))
            for i, value in self.worked.given
        )
        return TableView(("quantity", "value"), rows, 4)

    def _forward_table(self) -> TableView:
        rows = tuple(
            (self._plain(self.printer.side(step.left)), rounded(step.value, self._latex))
            for step in self.worked.forward
        )
        return TableView(("quantity", "value"), rows, 4)

    def _updates(self) -> TableView:
        rows = tuple(
            (
                self._plain(self.printer.side(u.parameter)),
                *(rounded(v, self._latex) for v in (u.value, u.slope, u.updated)),
            )
            for u in self.worked.updates
        )
        return TableView(("parameter", "before", "derivative", "after"), rows, 1)

    def _costs(self) -> list[EquationView]:
        name = self._plain(self.printer.side(self.worked.model.cost.symbol))
        arrow = r"\to" if self._latex else "→"
        values = (self.worked.cost, self.worked.new_cost)
        before, after = (rounded(v, self._latex) for v in values)
        line = LineView((f"{before} {arrow} {after}",), "", True)
        return [EquationView("eq:number:cost", name, ":", (line,), ())]
