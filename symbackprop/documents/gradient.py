"""The gradient as one column, and the step of gradient descent."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sympy import Expr

from symbackprop.derivation.derive import Derivation
from symbackprop.derivation.local import slug
from symbackprop.derivation.places import indices_of, layer_axis
from symbackprop.documents.prose import texts
from symbackprop.documents.prose.words import plain, words
from symbackprop.documents.statements.required import matched
from symbackprop.documents.statements.standin import numbers, places, stand_in
from symbackprop.documents.views import EquationView, LineView, SectionView
from symbackprop.errors import VerificationError
from symbackprop.model.definitions import name_of
from symbackprop.notation.lettering import RATE
from symbackprop.notation.printers.printer import Printer
from symbackprop.notation.printers.styles import Latex
from symbackprop.notation.quantities import Role

Column = tuple[Expr | None, ...]
"""The entries of a gradient: derivatives of the mean cost, and None for dots."""


def is_whole(derivation: Derivation) -> bool:
    """Whether the targets are all parameters, each with all of its values."""
    every = {q.symbol for q in derivation.model.with_role(Role.PARAMETER)}
    return every <= set(derivation.targets)


def column(derivation: Derivation) -> Column:
    """The parameters of the first layer, dots, those of the last; those without layers first."""
    model = derivation.batch
    found: list[Expr] = []
    first: list[Expr] = []
    last: list[Expr] = []
    dots = False
    for quantity in model.with_role(Role.PARAMETER):
        position = layer_axis(quantity)
        if position is None:
            found.append(quantity.symbol)
            continue
        axis = quantity.axes[position]
        for layer, into in ((axis.low, first), (axis.high, last)):
            indices = indices_of(quantity.symbol)
            into.append(quantity[(*indices[:position], layer, *indices[position + 1 :])])
        between = (axis.high - axis.low - 1).expand()
        dots = dots or not between.is_Integer or between > 0
    rest: list[Expr | None] = [None] if dots else []
    rest += [one for one in last if one not in first]
    return (*found, *first, *(rest if last != first else ()))


def require_column(derivation: Derivation, entries: Column) -> None:
    """Raise VerificationError, naming it, when a parameter's value has no place in the gradient.

    Its place is an entry, or the dots, which stand for the layers between the first and the last.
    """
    reference = stand_in(derivation)
    for quantity in derivation.model.with_role(Role.PARAMETER):
        position = layer_axis(quantity)
        own = [indices_of(e) for e in entries if e is not None and name_of(e) == quantity.name]
        layers = [
            numbers((one[position],), {}, reference)[0] for one in own if position is not None
        ]
        for place in places(quantity, reference):
            dots = None in entries and position is not None and len(layers) > 1
            inside = dots and min(layers) < place[position or 0] < max(layers)
            if not inside and all(matched(one, place, reference) is None for one in own):
                raise VerificationError(
                    f"the gradient has no place for {quantity.name}{list(place)}. "
                    "Please report this defect of symbackprop"
                )


@dataclass(frozen=True)
class GradientLayout:
    """Lays out the gradient, and the update of the parameters that were asked for.

    printer: that of all samples.
    """

    derivation: Derivation
    printer: Printer

    def sections(self) -> Iterator[SectionView]:
        """One section, where there are parameters among the targets."""
        model = self.derivation.model
        targets = [t for t in self.derivation.targets if model.quantity(t).role is Role.PARAMETER]
        if not targets:
            return
        topics = ["gradient"] if is_whole(self.derivation) else []
        rate = self.printer.style.letter(self.printer.lettering.letter(RATE))
        text = " ".join(t for topic in (*topics, "update") for t in texts.PARAGRAPHS[topic])
        paragraphs = (words(self.printer.style, text, {"rate": rate}),)
        equations = [self._gradient()] if topics else []
        equations += [self._update(target, rate) for target in dict.fromkeys(targets)]
        title = texts.TITLES["gradient" if topics else "update"]
        yield SectionView("sec:gradient", title, paragraphs, tuple(equations))

    def _gradient(self) -> EquationView:
        entries = column(self.derivation)
        require_column(self.derivation, entries)
        cost = self.printer.expr(self.derivation.batch.cost.symbol)
        dots = r"\vdots" if self._latex else "…"
        printed = [dots if one is None else self._slope(one) for one in entries]
        if self._latex:
            body = r" \\[8pt] ".join(printed)
            right = rf"\begin{{bmatrix}} {body} \end{{bmatrix}}"
        else:
            right = "(" + ", ".join(printed) + ")"
        left = rf"\nabla {cost}" if self._latex else f"∇{cost}"
        return EquationView("eq:gradient", left, "=", (LineView((right,), "", True),), ())

    def _update(self, target: Expr, rate: str) -> EquationView:
        own = plain(self.printer.style, self.printer.side(target))
        step = LineView((f"{own} - {rate} {self._slope(target)}",), "", True)
        arrow = r"\leftarrow" if self._latex else "←"
        key = f"eq:update:{slug(self.derivation.batch, target)}"
        return EquationView(key, own, arrow, (step,), ())

    def _slope(self, parameter: Expr) -> str:
        """The derivative of the mean cost by a parameter."""
        quantity = self.derivation.batch.quantity(parameter)
        adjoint = quantity.adjoint[indices_of(parameter)]
        return plain(self.printer.style, self.printer.side(adjoint))

    @property
    def _latex(self) -> bool:
        return isinstance(self.printer.style, Latex)
