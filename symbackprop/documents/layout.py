"""A derivation laid out as a view: which sections, which lines at this detail, which words."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

from sympy import Expr

from symbackprop.calculus.adjoints import cases
from symbackprop.derivation.derive import Derivation
from symbackprop.derivation.local import slug
from symbackprop.derivation.numbers import numbered
from symbackprop.derivation.places import indices_of, layer_axis
from symbackprop.derivation.steps import Detail, Equation, Line, Section
from symbackprop.derivation.verify import Report
from symbackprop.derivation.worked import Worked
from symbackprop.documents import algorithm, texts
from symbackprop.documents.colours import legend
from symbackprop.documents.numbers import NumbersLayout
from symbackprop.documents.provenance import provenance
from symbackprop.documents.symbols import SymbolTable
from symbackprop.documents.views import (
    DocumentView,
    EquationView,
    LineView,
    Paragraph,
    SectionView,
)
from symbackprop.documents.width import pieces, width
from symbackprop.documents.words import plain, words
from symbackprop.model.model import Model
from symbackprop.notation.expressions import Bound, Partial, Terms
from symbackprop.notation.printer import Printer
from symbackprop.notation.profiles import AdjointStyle, Profile
from symbackprop.notation.quantities import Role
from symbackprop.notation.styles import ColouredLatex, Latex, Text
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
        generated code stands beside its equations, if it is wanted.
    """

    derivation: Derivation
    profile: Profile
    style: Latex | Text
    detail: Detail
    page: float = PAGE
    worked: Worked | None = None
    code: Model | None = None

    def printer(self, model: Model) -> Printer:
        """The printer for a model in this notation and style; errors are written delta."""
        functions = {row.name: row for row in model.functions}
        profile = self.profile
        if self.derivation.form.errors and profile.adjoint_style is PARTIAL:
            profile = replace(profile, adjoint_style=AdjointStyle.DELTA)
        return Printer(
            model.by_name,
            functions,
            model.cost.name,
            profile,
            self.style,
            model.ambiguous_partials,
        )

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
        return replace(printer, quantities={**printer.quantities, **of_a_sample})

    def document(self, title: str, report: Report) -> DocumentView:
        """The whole document."""
        return DocumentView(
            title=texts.TITLE.format(title=title),
            generator=f"symbackprop {__version__}",
            provenance=provenance(self.derivation, self.profile),
            verified=f"{texts.VERIFIED} ({str(report).removeprefix('verified: ')}).",
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
        found = listing(self.code, title, words, before, self.printer, self._right, self.page)
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
        parameters = [t for t in self.derivation.targets if self._is_parameter(t)]
        if parameters:
            yield self._gradient(parameters)
        yield from self._matrices()
        found = algorithm.steps(self.derivation, self.one)
        if found and self.detail >= Detail.STANDARD:
            words = tuple(self._words(text) for text in texts.PARAGRAPHS["algorithm"])
            title = texts.TITLES["algorithm"]
            yield SectionView("sec:algorithm", title, words, (), steps=found)
        if self.worked is not None:
            yield from NumbersLayout(self.worked, self.one, self.page).sections()

    def _matrices(self) -> Iterator[SectionView]:
        """The matrix form, where it is asked for."""
        if not self.derivation.form.matrices:
            return
        from symbackprop.documents.matrix import matrix_sections

        printer = self.all if self.derivation.form.matrices == "batch" else self.one
        yield from matrix_sections(self.derivation, printer, self.detail, self.page)

    def _is_parameter(self, target: Expr) -> bool:
        return self.derivation.model.quantity(target).role is Role.PARAMETER

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
            return texts.TITLES[section.topic]
        if section.topic == "layer":
            layer = section.subject
            return texts.TITLES["layer"].format(subject=str(layer).replace(" ", ""))
        named = self.derivation.model.quantity(section.subject).name
        return texts.TITLES[section.topic].format(subject=_plural(named))

    def _paragraphs(self, section: Section) -> Iterator[Paragraph]:
        errors = self.derivation.form.errors
        topic = f"{section.topic}:errors" if errors else section.topic
        for text in texts.PARAGRAPHS.get(topic, texts.PARAGRAPHS.get(section.topic, ())):
            yield self._words(text)
        marked = bool(self.derivation.model.ambiguous_partials) or self.detail is Detail.FULL
        if section.topic == "locals" and marked:
            yield self._words(texts.LOCAL_MARK)
        if section.topic == "target":
            for equation in section.equations[:1]:
                yield self._routes(equation)
                yield from self._path_count(equation)

    def _path_count(self, equation: Equation) -> Iterator[Paragraph]:
        """How many paths lead from a numbered node to the cost, where the widths are known."""
        model = self.derivation.model
        quantity = model.quantity(equation.left).adjoint_of
        position = None if quantity is None else layer_axis(quantity)
        if quantity is None or position is None or not model.sizes:
            return
        layer, depth = indices_of(equation.left)[position], quantity.axes[position].high
        if not numbered(model, quantity[indices_of(equation.left)]) or layer == depth:
            return
        later = [n for size, n in model.sizes.items() if size.indices[0] > layer]
        if len(later) == int(depth - layer):
            yield self._words(texts.COUNT, count=str(math.prod(later)))

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
        rights = [self._right(printer, line.terms) for line in shown]
        room = self.page - width(left) - _SIGN
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

    def _right(self, printer: Printer, terms: Terms) -> str:
        """The right side; guarded terms that exclude each other as cases."""
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
        return rf"\begin{{cases}} {body} \end{{cases}}"

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

    # -- the gradient ---------------------------------------------------------------------------

    def _gradient(self, targets: list[Expr]) -> SectionView:
        printer, model = self.all, self.derivation.batch
        cost = printer.expr(model.cost.symbol)
        latex = isinstance(self.style, Latex)
        dots = r"\vdots" if latex else "…"
        entries = [
            dots if e is None else self._plain(printer.side(e)) for e in _entries(model, targets)
        ]
        nabla = rf"\nabla {cost}" if latex else f"∇{cost}"
        if latex:
            body = r" \\[8pt] ".join(entries)
            column = rf"\begin{{bmatrix}} {body} \end{{bmatrix}}"
        else:
            column = "(" + ", ".join(entries) + ")"
        rate = r"\eta" if latex else "η"
        updates = []
        for target in targets:
            own = self._plain(printer.side(target))
            slope = self._plain(printer.side(model.quantity(target).adjoint[indices_of(target)]))
            step = LineView((f"{own} - {rate} {slope}",), "", True)
            arrow = r"\leftarrow" if latex else "←"
            key = f"eq:update:{slug(model, target)}"
            updates.append(EquationView(key, own, arrow, (step,), ()))
        gradient = EquationView("eq:gradient", nabla, "=", (LineView((column,), "", True),), ())
        words = tuple(self._words(text, rate=rate) for text in texts.PARAGRAPHS["gradient"])
        every = len(targets) == len(self.derivation.model.with_role(Role.PARAMETER))
        equations = (gradient, *updates) if every else tuple(updates)
        return SectionView("sec:gradient", texts.TITLES["gradient"], words, equations)

    def _plain(self, formula: str) -> str:
        return plain(self.style, formula)

    def _words(self, text: str, **formulas: str) -> Paragraph:
        return words(self.style, text, formulas)


_PLURALS = {"w": "the weights", "b": "the biases"}


def _plural(name: str) -> str:
    return _PLURALS.get(name, name)


def _entries(model: Model, targets: list[Expr]) -> list[Expr | None]:
    """The entries of the gradient: those of the first layer, None for dots, those of the last."""
    found: list[Expr | None] = []
    layered = [t for t in targets if layer_axis(model.quantity(t)) is not None]
    first: list[Expr | None] = []
    last: list[Expr | None] = []
    for target in targets:
        quantity = model.quantity(target)
        indices = indices_of(target)
        position = layer_axis(quantity)
        if position is None or not indices[position].is_Symbol or indices[position].is_positive:
            found.append(quantity.adjoint[indices])
            continue
        axis = quantity.axes[position]
        for layer, into in ((axis.low, first), (axis.high, last)):
            at = tuple(layer if n == position else i for n, i in enumerate(indices))
            into.append(quantity.adjoint[at])
    if not layered:
        return found
    if first == last:
        return [*found, *first]
    return [*found, *first, None, *last]
