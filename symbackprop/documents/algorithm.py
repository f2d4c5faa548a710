"""The algorithm in pseudocode, read off a derivation: lines that compute only from earlier ones.

A program is stated when it can be run: `symbackprop.documents.statements.execution` does so before
it is written.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sympy import Expr, Symbol

from symbackprop.derivation.derive import Derivation
from symbackprop.derivation.places import indices_of, is_letter, layer_axis, letters_of, uniform
from symbackprop.derivation.steps import Equation
from symbackprop.documents.views import Paragraph, Span, SpanKind, StepView
from symbackprop.model.definitions import name_of
from symbackprop.notation.conditions import contradictory, implied
from symbackprop.notation.expressions import Bound, Condition, Partial, Term, Terms
from symbackprop.notation.printers.printer import Printer
from symbackprop.notation.printers.styles import Latex
from symbackprop.notation.quantities import Axis, Quantity, mentioned


@dataclass(frozen=True)
class Assign:
    """left <- terms, for every value of the letters that the conditions allow.

    key: the label of the equation that says so.
    """

    key: str
    left: Expr
    terms: Terms
    letters: tuple[Bound, ...]
    given: tuple[Condition, ...]


@dataclass(frozen=True)
class Loop:
    """The body, for every layer from ``first`` to ``last``: upwards, or downwards."""

    letter: Symbol
    first: Expr
    last: Expr
    downwards: bool
    body: tuple[Assign, ...]


Program = tuple[Assign | Loop, ...]


def program(derivation: Derivation) -> Program:
    """Forward, the derivatives at the last layer, backward; nothing where no loop says it shorter.

    So where layers differ or there are none, and where the equations of the derivation do not give
    each derivative from those of the layer behind it.
    """
    model = derivation.model
    axis = next(
        (q.axes[p] for q in model.quantities for p in [layer_axis(q)] if p is not None), None
    )
    whole = all(target == model.quantity(target).symbol for target in derivation.targets)
    if axis is None or not whole or not uniform(model):
        return ()
    backward = _Backward(derivation, axis).found()
    if backward is None:
        return ()
    before, body = backward
    first, looped, last = _forward(derivation)
    up = Loop(axis.letter, axis.low, axis.high, False, tuple(looped))
    down = Loop(axis.letter, axis.low, axis.high, True, tuple(body))
    return (*first, up, *last, *before, down)


def _forward(derivation: Derivation) -> tuple[list[Assign], list[Assign], list[Assign]]:
    """The definitions before the layers, in every layer, behind them."""
    first: list[Assign] = []
    looped: list[Assign] = []
    last: list[Assign] = []
    for one in derivation.equations:
        if not one.key.startswith("def:") or one.actual:
            continue
        position = layer_axis(derivation.model.quantity(one.left))
        if position is None:
            last.append(_line(one))
        elif is_letter(indices_of(one.left)[position]):
            looped.append(_line(one))
        else:
            first.append(_line(one))
    return first, looped, last


def _line(equation: Equation) -> Assign:
    return Assign(equation.key, equation.left, equation.result, equation.letters, equation.given)


class _Backward:
    """Finds the lines of the backward pass among the equations of a derivation."""

    def __init__(self, derivation: Derivation, axis: Axis) -> None:
        self.derivation = derivation
        self.model = derivation.model
        self.axis = axis
        self.here: dict[str, Equation] = {}
        self.paths: dict[str, Equation] = {}
        self.top: dict[str, Equation] = {}
        for one in derivation.equations:
            of = self._adjoint_of(one.left)
            position = None if of is None else layer_axis(of)
            if of is None or position is None or one.batch or one.actual:
                continue
            layer = indices_of(one.left)[position]
            if is_letter(layer):
                self.here.setdefault(of.name, one)
            elif any(is_letter(s) for s in layer.free_symbols):
                self.paths.setdefault(of.name, one)
            elif layer == of.axes[position].high:
                self.top.setdefault(of.name, one)

    def found(self) -> tuple[list[Assign], list[Assign]] | None:
        """The lines before the loop and in it; None where an equation is missing."""
        before: list[Assign] = []
        body: list[Assign] = []
        done: set[str] = set()
        names = [self.model.quantity(target).name for target in self.derivation.targets]
        if any(not self._provide(name, before, body, done) for name in names):
            return None
        carried = [one for name, one in self.paths.items() if name in done]
        return before, [*body, *map(_line, carried)]

    def _provide(self, name: str, before: list[Assign], body: list[Assign], done: set[str]) -> bool:
        """Put down what computes the adjoint of a quantity at the layer of the loop."""
        if name in done:
            return True
        done.add(name)
        if name in self.paths:
            last = self._at_last(name)
            if last is not None:
                before.append(last)
            return last is not None
        equation = self.here.get(name)
        if equation is None or any(term.guards for term in equation.result):
            return False
        for needed in self._needs(equation.result):
            if needed is None or not self._provide(needed, before, body, done):
                return False
        body.append(_line(equation))
        return True

    def _needs(self, terms: Terms) -> Iterator[str | None]:
        """The quantities whose adjoints some terms name; None for one of another layer."""
        for term in terms:
            for factor in term.factors:
                for one in mentioned(factor):
                    of = self._adjoint_of(one)
                    if of is None:
                        continue
                    position = layer_axis(of)
                    same = position is not None and is_letter(indices_of(one)[position])
                    yield of.name if same else None

    def _at_last(self, name: str) -> Assign | None:
        """The adjoint of a quantity at the last layer, where the cost gives it explicitly."""
        equation = self.top.get(name) or self.here.get(name)
        found = None if equation is None else self._placed(equation)
        closed = found is not None and not any(True for _ in self._needs(found.terms))
        return found if closed else None

    def _placed(self, equation: Equation) -> Assign | None:
        """An equation at the last layer; None where a condition stays open there."""
        letter, high = self.axis.letter, self.axis.high
        last = {letter: high}
        terms: list[Term] = []
        for term in equation.result:
            placed = term.replaced(last)
            guards = tuple(g for g in placed.guards if not implied(g, ()))
            if contradictory(guards):
                continue
            if guards:
                return None
            terms.append(Term(placed.links, placed.sums))
        left = equation.left.xreplace(last)
        of = self._adjoint_of(left)
        assert of is not None
        given = tuple(c.replaced(last) for c in equation.given)
        letters = letters_of(self.model, [of[indices_of(left)]], given)
        return Assign(equation.key, left, tuple(terms), letters, given) if terms else None

    def _adjoint_of(self, instance: Expr) -> Quantity | None:
        if isinstance(instance, Partial):
            return None
        quantity = self.model.by_name.get(name_of(instance))
        return None if quantity is None else quantity.adjoint_of


def steps(lines: Program, printer: Printer) -> tuple[StepView, ...]:
    """A program as the steps of an algorithm; each line cites its equation."""
    return tuple(_Writer(printer).run(lines))


class _Writer:
    """Writes the lines of a program."""

    def __init__(self, printer: Printer) -> None:
        self.printer = printer
        self.latex = isinstance(printer.style, Latex)

    def run(self, lines: Program) -> Iterator[StepView]:
        """The lines in order, those of a loop indented."""
        for line in lines:
            if isinstance(line, Assign):
                yield self._assign(0, line)
                continue
            ends = (self.printer.index(line.first), self.printer.index(line.last))
            span = self._span(*(ends[::-1] if line.downwards else ends))
            yield self._loop(f"{self.printer.index(line.letter)} = {span}")
            yield from (self._assign(1, one) for one in line.body)

    def _span(self, first: str, last: str) -> str:
        """The layers from first to last: all of them where there are two."""
        if first == last:
            return first
        if {first, last} == {"1", "2"}:
            return f"{first}, {last}"
        dots = r"\dots" if self.latex else "…"
        return f"{first}, {dots}, {last}"

    def _loop(self, formula: str) -> StepView:
        return StepView(0, (_text("for "), Span(SpanKind.MATH, formula), _text(":")))

    def _assign(self, indent: int, line: Assign) -> StepView:
        arrow = r"\leftarrow" if self.latex else "←"
        mark = self.printer.style.mark
        formula = f"{self.printer.side(line.left)} {arrow} {self.printer.terms(line.terms)}"
        formula = formula.replace(mark, "") if mark else formula
        words: Paragraph = (
            Span(SpanKind.MATH, formula),
            _text("  "),
            Span(SpanKind.REFERENCE, f"eq:{line.key}"),
        )
        return StepView(indent, words)


def _text(words: str) -> Span:
    return Span(SpanKind.TEXT, words)
