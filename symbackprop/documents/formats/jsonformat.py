"""The JSON writer: a derivation as data, as ``docs/schema/derivation-1.schema.json`` says."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Any

from symbackprop.derivation.steps import Equation, Section
from symbackprop.derivation.verify import TOLERANCE, Report
from symbackprop.documents.formats.tree import Tree, Trees
from symbackprop.documents.layout import Layout
from symbackprop.documents.request import Request
from symbackprop.escaping import unprintable_json
from symbackprop.model.definitions import Definition
from symbackprop.model.functions import FunctionRow
from symbackprop.model.model import Model
from symbackprop.notation.printers.styles import TEXT
from symbackprop.notation.quantities import Quantity
from symbackprop.version import __version__

VERSION = 1
"""The version of the schema; it grows when a reader of the old one could no longer read."""


@dataclass(frozen=True)
class _Data(Layout):
    """The same choice of lines as in a document, as data instead of pages."""

    @cached_property
    def _in_text(self) -> _Data:
        return replace(self, style=TEXT, page=float("inf"))

    def data(self, title: str, report: Report) -> Tree:
        """The whole derivation."""
        model, batch = self.derivation.model, self.derivation.batch
        used = tuple(self.derivation.functions)
        return {
            "schema": "symbackprop/derivation",
            "version": VERSION,
            "generator": f"symbackprop {__version__}",
            "title": title,
            "notation": self.profile.name,
            "detail": self.detail.name.lower(),
            "form": self.derivation.form.name,
            "model": model_data(model, used),
            "batch": model_data(batch, used),
            "targets": Trees(model.by_name, model.names).all(self.derivation.targets),
            "sections": [self._section_data(section) for section in self.derivation.sections],
            "verification": verification_data(report),
        }

    def _section_data(self, section: Section) -> Tree:
        return {
            "topic": section.topic,
            "title": self._title(section),
            "paragraphs": [
                "".join(span.value for span in words)
                for words in self._in_text._paragraphs(section)
            ],
            "equations": [self._equation_data(equation) for equation in section.equations],
        }

    def _equation_data(self, equation: Equation) -> Tree:
        model = self.derivation.batch if equation.batch else self.derivation.model
        trees = Trees(model.by_name, model.names)
        latex, text = self._equation(equation), self._in_text._equation(equation)
        lines = [
            {
                "rule": line.rule,
                "remark": line.because.remark,
                "sentence": line.because.sentence,
                "cites": list(line.cites),
                "detail": line.detail.name.lower(),
                "latex": " ".join(shown.pieces),
                "text": " ".join(plain.pieces),
                "terms": trees.terms(line.terms),
            }
            for line, shown, plain in zip(
                self._shown(equation), latex.lines, text.lines, strict=True
            )
        ]
        return {
            "key": equation.key,
            "left": {"latex": latex.left, "text": text.left, "tree": trees.tree(equation.left)},
            "lines": lines,
            "letters": [trees.bound(bound) for bound in equation.letters],
            "given": [trees.condition(one) for one in equation.given],
            "assumptions": [trees.condition(one) for one in equation.assumptions],
            "batch": equation.batch,
            "actual_sizes": equation.actual,
            "argument": trees.name(equation.argument.name)
            if equation.argument is not None
            else None,
        }


def model_data(model: Model, used: tuple[FunctionRow, ...]) -> Tree:
    """A model: quantities, definitions in order, the sizes that are known, the functions in use."""
    trees = Trees(model.by_name, model.names)
    return {
        "name": model.name,
        "cost": trees.name(model.cost.name),
        "quantities": [_quantity(trees, quantity) for quantity in model.quantities],
        "definitions": [_definition(trees, definition) for definition in model.definitions],
        "sizes": [{"size": trees.tree(k), "value": v} for k, v in model.sizes.items()],
        "functions": [_function(row) for row in used],
    }


def _quantity(trees: Trees, quantity: Quantity) -> Tree:
    axes = [
        {
            "letter": trees.name(axis.letter.name),
            "low": trees.tree(axis.low),
            "high": trees.tree(axis.high),
            "counts": str(axis.kind),
        }
        for axis in quantity.axes
    ]
    meaning = quantity.meaning
    name = trees.name(quantity.name)
    return {"name": name, "role": str(quantity.role), "meaning": meaning, "axes": axes}


def _definition(trees: Trees, definition: Definition) -> Tree:
    return {
        "target": trees.tree(definition.target),
        "terms": trees.terms(definition.terms),
        "domain": [trees.bound(bound) for bound in definition.domain],
    }


def _function(row: FunctionRow) -> Tree:
    """A named function; a row function reads a whole layer, and an abstract one has no formula."""
    scalar = row.formula is not None and not row.reads_row
    formula = Trees({}).tree(row.formula) if scalar else None
    return {
        "name": row.name,
        "latex": row.latex,
        "text": row.text,
        "by_layer": row.by_layer,
        "reads_layer": row.reads_row,
        "formula": formula,
    }


def verification_data(report: Report) -> Tree:
    """What came of evaluating every step."""
    return {
        "holds": report.ok,
        "equations": report.equations,
        "steps": len(report.steps),
        "assignments": report.assignments,
        "largest_difference": report.max_error,
        "tolerance": TOLERANCE,
    }


def write(request: Request) -> str:
    """The derivation as JSON text."""
    layout = request.layout
    known: dict[str, Any] = {one.name: getattr(layout, one.name) for one in fields(layout)}
    data = _Data(**known).data(request.title, request.report)
    text = json.dumps(data, ensure_ascii=False, indent=1, allow_nan=False)
    return unprintable_json(text) + "\n"
