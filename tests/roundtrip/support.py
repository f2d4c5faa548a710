"""Printed equations read back: the printer and the reader know nothing of each other."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from symbackprop.checker.meaning.conventions import Bare, Conventions, Reading
from symbackprop.checker.verdicts.bench import Bench
from symbackprop.checker.verdicts.judge import Equation, judge
from symbackprop.derivation.steps import Detail
from symbackprop.documents.layout import Layout
from symbackprop.network import Network
from symbackprop.notation.printers.styles import BREAK, LATEX
from symbackprop.notation.profiles import LayerMark, profile
from symbackprop.reading.statements import parse
from symbackprop.reading.syntax.tree import Relation
from symbackprop.reading.tex.tokenizer import whole

MODELS = ("general", "chain", "3-2", "4-3-2")


@dataclass(frozen=True)
class Printed:
    """One printed equation: its label, its sides, the condition under which it is meant."""

    label: str
    left: str
    lines: tuple[str, ...]
    given: str = ""

    @property
    def formula(self):
        condition = rf" \quad \text{{if }} {self.given}" if self.given else ""
        return " = ".join([self.left, *self.lines]) + condition


@cache
def derived(model, form):
    return Network.named(model).derive(form=form).derived


@cache
def bench(model):
    return Bench((), "squared_error", "" if model == "general" else model)


def worlds(model, reading):
    return bench(model).worlds(reading)


def printed(
    model: str, form: str, notation: str, detail: Detail, over_all_paths: bool = False
) -> Iterator[Printed]:
    """All equations of a document, each with its lines.

    over_all_paths: with the line that sums over everything that mentions a quantity.
    """
    layout = Layout(derived(model, form), profile(notation), LATEX, detail)
    for section in layout.derivation.sections:
        for equation in section.equations:
            view = layout._equation(equation)
            printer = layout.all if equation.batch else layout.one
            lines = [
                "".join(shown.pieces).replace(BREAK, "")
                for line, shown in zip(layout._shown(equation), view.lines, strict=True)
                if over_all_paths or line.rule != "all_paths"
            ]
            given = printer.conditions(equation.given)
            if lines:
                yield Printed(view.label, view.left, tuple(lines), given)


def conventions(notation: str) -> Conventions:
    row = profile(notation)
    return Conventions(row, row.first_index, row.layer_mark is LayerMark.BARE, bare=Bare.NEURON)


def read_back(model: str, notation: str, formula: str):
    """How a printed formula comes out."""
    (statement,) = parse(formula)
    assert isinstance(statement.body, Relation)
    reading = Reading.SINGLE if model == "chain" else Reading.NODES
    equation = Equation(whole(formula).source, statement.body.members, statement.conditions)
    return judge(equation, worlds(model, reading), conventions(notation), reading)
