"""A derivation laid out as a view: which sections, which lines at this detail, which words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from symbackprop.calculus.adjoints import cases
from symbackprop.derivation.derive import Derivation
from symbackprop.derivation.places import indices_of
from symbackprop.derivation.steps import Detail, Equation, Line, Section
from symbackprop.derivation.verify import Report
from symbackprop.derivation.worked import Worked
from symbackprop.documents import algorithm
from symbackprop.documents.colours import legend
from symbackprop.documents.gradient import GradientLayout, is_whole
from symbackprop.documents.measure.width import pieces, width
from symbackprop.documents.numbers import NumbersLayout
from symbackprop.documents.prose import texts
from symbackprop.documents.prose.prose import Prose
from symbackprop.documents.prose.symbols import SymbolTable
from symbackprop.documents.prose.words import plain, words
from symbackprop.documents.provenance import provenance
from symbackprop.documents.statements.statements import Judged, closing, judge_statements
from symbackprop.documents.views import (
    DocumentView,
    EquationView,
    LineView,
    Paragraph,
    SectionView,
)
from symbackprop.model.model import Model
from symbackprop.notation.expressions import Bound, Partial, Terms
from symbackprop.notation.lettering import ARGUMENT
from symbackprop.notation.printers.printer import Printer
from symbackprop.notation.printers.styles import ColouredLatex, Latex, Text
from symbackprop.notation.profiles import AdjointStyle, Profile
from symbackprop.notation.quantities import Part, Quantity, Role
from symbackprop.version import __version__

PARTIAL = AdjointStyle.PARTIAL

PAGE = 440.0
"""Points that a display may take on a page, without its number."""

HTML = 520.0
"""Points that a line may take on a page of HTML of the usual width."""

_SIGN, _GAP, _REMARK = 18.0, 40.0, 5.3
"""Points for the equals sign, for the gap before a remark, and for a letter of one."""


@dataclass(frozen=True)
class Layout:
    """Lays out one derivation in one notation and one style.

    page: how many points a display may take; infinite for styles that are not set on a page.
    worked: the same network worked through with numbers, if it is wanted. code: the model whose
        generated code stands beside its equations, if it is wanted. known: what came of judging it.
    """

    derivation: Derivation
    profile: Profile
    style: Latex | Text
    detail: Detail
    page: float = PAGE
    worked: Worked | None = None
    code: Model | None = None
    known: Judged | None = None

    @cached_property
    def judged(self) -> Judged:
        """What the document states beside its steps, judged."""
        if self.known is not None:
            return self.known
        judged = judge_statements(self.derivation, self.worked, self.code)
        if not self.derivation.form.matrices:
            return judged
        from symbackprop.documents.matrix import judged_form

        printer = self.all if self.derivation.form.matrices == "batch" else self.one
        form = judged_form(self.derivation, printer)
        return replace(judged, matrices=len(form.equations))

    def printer(self, model: Model) -> Printer:
        """The printer for a model in this notation and style; errors are written delta."""
        profile = self.profile
        if self.derivation.form.errors and profile.adjoint_style is PARTIAL:
            profile = replace(profile, adjoint_style=AdjointStyle.DELTA)
        return Printer.of(model, profile, self.style, model.ambiguous_partials)

    @property
    def one(self) -> Printer:
        """The printer for the equations of one sample."""
        return self.printer(self.derivation.model)

    @property
    def all(self) -> Printer:
        """The printer for the equations of all samples."""
        printer = self.printer(self.derivation.batch)
        cost = self.derivation.model.cost.name
        of_a_sample = {cost: replace(printer.quantities[cost], role=Role.COST)}
        known = {**printer.quantities, **of_a_sample}
        return replace(printer, quantities=known, errors=self.one.errors)

    def document(self, title: str, report: Report) -> DocumentView:
        """The whole document."""
        return DocumentView(
            title=texts.TITLE.format(title=title),
            generator=f"symbackprop {__version__}",
            provenance=provenance(self.derivation, self.profile),
            verified=closing(report, self.judged),
            introduction=(self._words(texts.INTRODUCTION),),
            symbols=tuple(SymbolTable(self.derivation, self.one).rows()),
            sections=self._with_code(tuple(self._sections())),
            colours=legend(self.derivation, self.one) if self._is_coloured else (),
        )

    def _with_code(self, sections: tuple[SectionView, ...]) -> tuple[SectionView, ...]:
        """The sections and, when it is wanted, one with the generated code."""
        if self.code is None:
            return sections
        from symbackprop.documents.listing import listing

        before = sum(len(section.equations) for section in sections)
        words = tuple(self._words(text) for text in texts.PARAGRAPHS["code"])
        title = texts.TITLES["code"]
        found = listing(self.code, title, words, before, self.printer, self._unbroken, self.page)
        return (*sections, found)

    @property
    def _is_coloured(self) -> bool:
        return isinstance(self.style, ColouredLatex)

    # -- sections -------------------------------------------------------------------------------

    def _sections(self) -> Iterator[SectionView]:
        for section in self.derivation.sections:
            yield SectionView(
                self._section_label(section),
                self._title(section),
                tuple(self._paragraphs(section)),
                tuple(self._equation(equation) for equation in section.equations),
            )
        yield from GradientLayout(self.derivation, self.all).sections()
        yield from self._matrices()
        if self.judged.executed is not None and self.detail >= Detail.STANDARD:
            yield self._algorithm()
        if self.worked is not None:
            yield from NumbersLayout(self.worked, self.one, self.page).sections()

    def _algorithm(self) -> SectionView:
        """The algorithm, which has been run."""
        found = algorithm.steps(algorithm.program(self.derivation), self.one)
        topics = ("algorithm", *(("algorithm:whole",) if is_whole(self.derivation) else ()))
        text = " ".join(text for topic in topics for text in texts.PARAGRAPHS[topic])
        title = texts.TITLES["algorithm"]
        return SectionView("sec:algorithm", title, (self._words(text),), (), steps=found)

    def _matrices(self) -> Iterator[SectionView]:
        """The matrix form, where it is asked for."""
        if not self.derivation.form.matrices:
            return
        from symbackprop.documents.matrix import matrix_sections

        printer = self.all if self.derivation.form.matrices == "batch" else self.one
        yield from matrix_sections(self.derivation, printer, self.detail, self.page)

    def _section_label(self, section: Section) -> str:
        """A label for a section: its topic, and what it is about."""
        subject = section.subject
        if subject is None:
            return f"sec:{section.topic}"
        if section.topic == "layer":
            return f"sec:layer:{str(subject).replace(' ', '')}"
        return f"sec:{section.topic}:{self.derivation.model.quantity(subject).name}"

    def _title(self, section: Section) -> str:
        if section.subject is None:
            return texts.TITLES[self._prose.topics(section)[0]]
        if section.topic == "layer":
            layer = section.subject
            return texts.TITLES["layer"].format(subject=str(layer).replace(" ", ""))
        named = self.derivation.model.quantity(section.subject)
        return texts.TITLES[section.topic].format(subject=_plural(named))

    def _paragraphs(self, section: Section) -> Iterator[Paragraph]:
        found = [
            t for topic in self._prose.topics(section) for t in texts.PARAGRAPHS.get(topic, ())
        ]
        if found:
            argument = self.style.letter(self.one.lettering.letter(ARGUMENT))
            yield self._words(" ".join(found), argument=argument)
        marked = bool(self.derivation.model.ambiguous_partials) or self.detail is Detail.FULL
        if section.topic == "locals" and marked:
            yield self._words(texts.LOCAL_MARK)
        if section.topic == "target":
            for equation in section.equations[:1]:
                yield self._routes(equation)
                count = self._prose.path_count(equation)
                if count is not None:
                    yield self._words(texts.COUNT, count=str(count))

    @cached_property
    def _prose(self) -> Prose:
        """What may be said of the sections."""
        return Prose(self.derivation)

    def _routes(self, equation: Equation) -> Paragraph:
        """Through what the subject of an equation reaches the cost."""
        printer = self.one
        chain = [line for line in equation.lines if line.names_paths]
        quantity = self.derivation.model.quantity(equation.left).adjoint_of
        if not chain or quantity is None:
            return ()
        subject = self._plain(printer.side(quantity[indices_of(equation.left)]))
        (term, *others) = chain[-1].terms
        stations = [f.args[0] for f in term.factors if isinstance(f, Partial)][::-1]
        names = [self._plain(printer.side(one)) for one in stations]
        if others or not names:
            return ()
        if term.sums:
            return self._words(texts.MANY_PATHS, subject=subject, first=names[0])
        if len(names) > 1:
            return self._words(texts.THEN, subject=subject, first=names[0], second=names[1])
        return self._words(texts.ONE_PATH, subject=subject, first=names[0])

    # -- equations ------------------------------------------------------------------------------

    def _equation(self, equation: Equation) -> EquationView:
        printer = self.all if equation.batch else self.one
        left = self._plain(printer.side(equation.left))
        shown = self._shown(equation)
        remarks = [line.because.remark if len(shown) > 1 else "" for line in shown]
        room = self.page - width(left) - _SIGN
        rights = [self._right(printer, line.terms, room) for line in shown]
        parts = [pieces(right, room) for right in rights]
        widest = max(width(piece) for broken in parts for piece in broken)
        beside = widest + _REMARK * max(map(len, remarks)) + _GAP < room
        lines = tuple(
            LineView(broken, remark, beside, line.because.sentence)
            for broken, remark, line in zip(parts, remarks, shown, strict=True)
        )
        where = self._where(printer, equation)
        words = sum(_REMARK * len(span.value) for span in where)
        fits = len(lines) == 1 and widest + words + _GAP < room
        return EquationView(
            f"eq:{equation.key}", left, "=", lines, where, fits and self.page < float("inf")
        )

    def _shown(self, equation: Equation) -> tuple[Line, ...]:
        """The lines at this detail; a form that does not name derivatives leaves those out."""
        shown = equation.shown(self.detail)
        if self.derivation.form.named:
            return shown
        return tuple(line for line in shown if not line.names_paths) or shown[-1:]

    def _right(self, printer: Printer, terms: Terms, room: float) -> str:
        """The right side; guarded terms that exclude each other as cases, where these fit."""
        if not any(term.guards for term in terms):
            return printer.terms(terms)
        found = cases(terms)
        if found is None or (len(found) == 1 and not found[0][0]):
            return printer.terms(terms)
        rows = [(printer.terms(inner), printer.conditions(guards)) for guards, inner in found]
        if isinstance(self.style, Text):
            return "; ".join(f"{value}  if {test}" for value, test in rows)
        body = r" \\[20pt] ".join(
            rf"\displaystyle {self._plain(value)} & \text{{if }} {test}" for value, test in rows
        )
        together = rf"\begin{{cases}} {body} \end{{cases}}"
        return together if width(together) <= room else printer.terms(terms)

    def _unbroken(self, printer: Printer, terms: Terms) -> str:
        """The right side where lines may be as long as they are."""
        return self._right(printer, terms, float("inf"))

    def _where(self, printer: Printer, equation: Equation) -> Paragraph:
        words: Paragraph = ()
        if equation.key.startswith("def:") and equation.letters:
            space = r",\ " if isinstance(self.style, Latex) else ", "
            ranges = space.join(
                self._range(printer, printer.range(bound, [equation.left]))
                for bound in equation.letters
            )
            words += self._words(texts.RANGE, ranges=ranges)
        if equation.assumptions:
            conditions = self._plain(printer.conditions(equation.assumptions))
            words += self._words((" " if words else "") + texts.ASSUMING, conditions=conditions)
        return words

    def _range(self, printer: Printer, bound: Bound) -> str:
        low, high = printer.index(bound.low), printer.index(bound.high)
        letter = printer.index(bound.letter)
        dots = r"\dots" if isinstance(self.style, Latex) else "…"
        if bound.low == bound.high:
            return f"{letter} = {low}"
        if bound.high - bound.low == 1:
            return f"{letter} = {low}, {high}"
        return f"{letter} = {low}, {dots}, {high}"

    def _plain(self, formula: str) -> str:
        return plain(self.style, formula)

    def _words(self, text: str, **formulas: str) -> Paragraph:
        return words(self.style, text, formulas)


_PLURALS = {Part.WEIGHT: "the weights", Part.BIAS: "the biases"}


def _plural(quantity: Quantity) -> str:
    return quantity.name if quantity.part is None else _PLURALS.get(quantity.part, quantity.name)
