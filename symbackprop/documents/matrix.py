"""The matrix form laid out: entry by entry, in matrices with their shapes, and why so."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from sympy import Expr, Integer

from symbackprop.derivation.derive import Derivation
from symbackprop.derivation.places import letters_of
from symbackprop.derivation.steps import Detail
from symbackprop.documents.measure.width import pieces, width
from symbackprop.documents.prose import texts
from symbackprop.documents.prose.matrix_words import MatrixWords
from symbackprop.documents.prose.words import plain
from symbackprop.documents.views import (
    EquationView,
    LineView,
    Paragraph,
    SectionView,
)
from symbackprop.matrix.entries import (
    LAYER,
    Entries,
    Shown,
    entries,
    require,
    require_shapes,
)
from symbackprop.matrix.form import MatrixForm, MatrixRun, matrix_form
from symbackprop.matrix.judge import difference
from symbackprop.matrix.print import MatrixPrinter
from symbackprop.matrix.reasons import Reasons
from symbackprop.notation.expressions import Bound
from symbackprop.notation.printers.printer import Printer
from symbackprop.notation.printers.styles import Latex
from symbackprop.notation.profiles import AdjointStyle, SampleLayout
from symbackprop.notation.quantities import Quantity, Role

LAYERS = 6
"""So many layers are written one by one; of more, those that say the same are written once."""

_SIGN = 18.0


@dataclass(frozen=True)
class MatrixLayout:
    """Lays out the matrix form of a derivation.

    printer: that of the equations of one sample, or of all of them. form: the matrix equations.
    page: how many points a display may take.
    """

    derivation: Derivation
    printer: Printer
    detail: Detail
    page: float
    form: MatrixForm

    @property
    def _words(self) -> MatrixWords:
        return MatrixWords(self.printer, self.form)

    @property
    def _batch(self) -> bool:
        return self.derivation.form.matrices == "batch"

    @property
    def _latex(self) -> bool:
        return isinstance(self.printer.style, Latex)

    def sections(self) -> Iterator[SectionView]:
        """The conventions; forward; the derivatives by what is computed, and by the parameters."""
        first = self.printer.profile.sample_layout if self._batch else None
        form = self.form.columns() if first is SampleLayout.COLUMNS else self.form
        yield from self._one_layout(form, "batch" if self._batch else "matrix", first)
        if first is None or self.detail is Detail.BRIEF:
            return
        other = self.form if first is SampleLayout.COLUMNS else self.form.columns()
        yield self._other_layout(other, first)

    def _one_layout(
        self, form: MatrixForm, topic: str, samples: SampleLayout | None
    ) -> Iterator[SectionView]:
        intro = self._words.introduction(samples, shapes=self.detail > Detail.BRIEF)
        yield SectionView(f"sec:{topic}", texts.TITLES[topic], tuple(intro), ())
        for part in ("forward", "backward", "gradient"):
            runs = [run for run in self._runs(form) if self._part(run) == part]
            if runs:
                yield self._section(form, f"{topic}:{part}", runs)

    def _other_layout(self, form: MatrixForm, first: SampleLayout) -> SectionView:
        """The same with rows and columns exchanged: every equation transposed."""
        topic = "batch:rows" if first is SampleLayout.COLUMNS else "batch:columns"
        words = tuple(self._words.paragraphs(topic))
        equations = tuple(
            one
            for run in self._runs(form)
            for one in self._equations(form, self._shown(run), f"{topic}:", brief=True)
        )
        return SectionView(f"sec:{topic}", texts.TITLES[topic], words, equations)

    def _section(self, form: MatrixForm, topic: str, runs: list[MatrixRun]) -> SectionView:
        paragraphs: list[Paragraph] = []
        equations: list[EquationView] = []
        said: set[object] = set()
        for run in runs:
            shown = self._shown(run)
            again = self._same(form, run) in said
            equations += self._equations(form, shown, "", brief=again)
            if not again and self.detail > Detail.BRIEF and not self._is_number(shown):
                printer = self._matrix_printer(shown)
                reasons = Reasons(form, shown, entries(form, shown), printer).run()
                paragraphs += self._words.because(printer, shown, reasons, said)
            said.add(self._same(form, run))
        return SectionView(f"sec:{topic}", texts.TITLES[topic], tuple(paragraphs), tuple(equations))

    # -- which equations ------------------------------------------------------------------------

    @cached_property
    def _top(self) -> Expr:
        """The number of layers, as a number or as its symbol."""
        return next(
            q.axes[n].high
            for q in self.derivation.model.quantities
            for n, axis in enumerate(q.axes)
            if axis.letter == LAYER
        )

    def _runs(self, form: MatrixForm) -> list[MatrixRun]:
        """Each equation alone where there are few layers, else once for layers that agree."""
        single = self._top.is_Integer and form.depth <= LAYERS
        runs = [MatrixRun((one,)) for one in form.equations] if single else list(form.runs)
        return sorted(runs, key=lambda run: self._order(run, single))

    def _order(self, run: MatrixRun, single: bool) -> tuple[int, ...]:
        """Forward; backward; the gradient, its quantities in order; what is equal stays."""
        of = self._quantity(run).adjoint_of
        part = ("forward", "backward", "gradient").index(self._part(run))
        rank = [q.name for q in self.form.model.quantities].index((of or self._quantity(run)).name)
        place = run.first.place
        if part == 1:
            return (part,)
        if part == 0:
            return (part,) if single else (part, rank, place)
        return (part, -place, rank) if single else (part, rank, -place)

    def _shown(self, run: MatrixRun) -> Shown:
        return Shown(run, self.form.depth, self._top, len(run.equations) > 1)

    def _same(self, form: MatrixForm, run: MatrixRun) -> object:
        """What equations have in common that differ by their layer alone."""
        return next(
            number for number, known in enumerate(form.runs) if run.first in known.equations
        )

    def _part(self, run: MatrixRun) -> str:
        of = self._quantity(run).adjoint_of
        if of is None:
            return "forward"
        return "gradient" if of.role is Role.PARAMETER else "backward"

    def _quantity(self, run: MatrixRun) -> Quantity:
        return self.form.model.by_name[run.first.key[0]]

    # -- one equation ---------------------------------------------------------------------------

    def _equations(
        self, form: MatrixForm, shown: Shown, prefix: str, *, brief: bool
    ) -> Iterator[EquationView]:
        """An equation entry by entry, where that is to be seen, and in matrices."""
        key = shown.key
        short = brief or self.detail is Detail.BRIEF
        found = entries(form, shown)
        require(form, shown, found, self._free(form, shown, found))
        require_shapes(form, shown)
        printer = self._matrix_printer(shown, shapes=not short)
        left = printer.shown(shown.equation.left)
        right = printer.shown(shown.equation.right)
        entry = (self.printer.side(found.left), self.printer.terms(found.terms))
        if not short and entry != (left, right) and not self._is_number(shown):
            yield self._display(f"eq:matrix:{prefix}{key}:entry", *entry, ())
        remark = "" if short or self._latex else self._shapes(printer, shown)
        yield self._display(
            f"eq:matrix:{prefix}{key}", left, right, self._words.where(shown), remark
        )

    def _is_number(self, shown: Shown) -> bool:
        """Whether all is numbers, so that the index form is the same."""
        return not self._batch and self._words.is_single and shown.equation.left.is_scalar

    def _display(
        self, label: str, left: str, right: str, where: Paragraph, remark: str = ""
    ) -> EquationView:
        left = plain(self.printer.style, left)
        room = self.page - width(left) - _SIGN
        parts = pieces(right, room)
        words = sum(5.3 * len(span.value) for span in where)
        widest = max(width(part) for part in parts)
        fits = len(parts) == 1 and widest + words + 40.0 < room and self.page < float("inf")
        return EquationView(label, left, "=", (LineView(parts, remark, True),), where, fits)

    def _shapes(self, printer: MatrixPrinter, shown: Shown) -> str:
        """The shapes of both sides in words, for styles that cannot set them under a factor."""
        sides = (shown.equation.left, shown.equation.right)
        found = [printer.shapes_of(side) for side in sides]
        return " = ".join(dict.fromkeys(found)) if found[0] != "1×1" else ""

    def _free(self, form: MatrixForm, shown: Shown, found: Entries) -> tuple[Bound, ...]:
        """The letters of an index equation with their ranges."""
        bound = shown.bound
        own = [b for b in letters_of(form.model, [found.left]) if b.letter != LAYER]
        return (*((bound,) if bound is not None else ()), *own)

    def _matrix_printer(self, shown: Shown, shapes: bool = False) -> MatrixPrinter:
        return MatrixPrinter(self.printer, shown.layer, lambda e: self._size(shown, e), shapes)

    def _size(self, shown: Shown, extent: Expr) -> Expr:
        """An extent as it is written: a width that is known as its number."""
        found = shown.size(extent)
        known = self.derivation.model.sizes.get(found)
        return found if known is None else Integer(known)


def judged_form(derivation: Derivation, printer: Printer) -> MatrixForm:
    """The matrix equations that a derivation asks for, each judged, in both layouts of samples.

    Raises VerificationError, naming it, when an equation does not hold in numbers.
    """
    batch = derivation.form.matrices == "batch"
    profile = printer.profile
    delta = profile.adjoint_style is AdjointStyle.DELTA
    wanted = tuple(
        dict.fromkeys(
            derivation.model.quantity(target).name
            for target in derivation.targets
            if derivation.model.quantity(target).role is Role.PARAMETER
        )
    )
    notes = derivation.model.notes.setdefault("matrix forms", {})
    errors = (q.name for q in derivation.model.quantities if delta and printer.is_error(q))
    key = (batch, wanted, next(errors, ""))
    if key not in notes:
        form = matrix_form(derivation.model, wanted, batch=batch, errors=key[2])
        difference(form, batch)
        if batch:
            difference(form.columns(), batch)
        notes[key] = form
    found: MatrixForm = notes[key]
    return found


def matrix_sections(
    derivation: Derivation, printer: Printer, detail: Detail, page: float
) -> Iterator[SectionView]:
    """The sections of the matrix form that a derivation asks for, every equation judged first.

    printer: that of one sample, or of all samples for the batch form.
    """
    form = judged_form(derivation, printer)
    yield from MatrixLayout(derivation, printer, detail, page, form).sections()
