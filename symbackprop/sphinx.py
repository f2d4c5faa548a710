"""The Sphinx extension: a directive that sets equations of a derivation, numbered and labelled.

    .. backprop:: general
       :equation: w

The equations are derived and verified when the page is built, so they cannot go stale.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.directives.patches import MathDirective

from symbackprop.derivation.verify import Report
from symbackprop.documents.formats.formats import detail_named
from symbackprop.documents.formats.fragment import only_equation
from symbackprop.documents.layout import PAGE, Layout
from symbackprop.documents.views import DocumentView, EquationView, Paragraph, SpanKind
from symbackprop.errors import SymbackpropError, UsageError
from symbackprop.escaping import latex as escape
from symbackprop.escaping import message
from symbackprop.network import Derivation, Network
from symbackprop.notation.printers.styles import LATEX
from symbackprop.notation.profiles import DEFAULT, profile
from symbackprop.version import __version__

if TYPE_CHECKING:
    from collections.abc import Callable

    from sphinx.application import Sphinx

_LABEL = re.compile(r"[\w :.+-]+")


class BackpropDirective(MathDirective):
    """Equations of the derivation of a model: all of them, or the one called by its label."""

    required_arguments = 1
    optional_arguments = 0
    has_content = False
    option_spec: ClassVar[dict[str, Callable[[str], Any]]] = {
        "wrt": directives.unchanged_required,
        "equation": directives.unchanged_required,
        "notation": directives.unchanged_required,
        "detail": directives.unchanged_required,
        "label": directives.unchanged_required,
        "activation": directives.unchanged_required,
        "cost": directives.unchanged_required,
        "class": directives.class_option,
    }

    def run(self) -> list[nodes.Node]:
        """The equations as numbered displays, or an error at the directive's own line."""
        try:
            view = self._view()
            equations = [one for section in view.sections for one in section.equations]
            return [node for one in equations for node in self._display(one)]
        except SymbackpropError as error:
            raise self.error(f"backprop: {message(str(error))}") from error

    def _view(self) -> DocumentView:
        options = self.options
        notation = profile(options.get("notation", DEFAULT.name))
        detail = detail_named(options.get("detail", "standard"))
        derivation, report = _derived(
            self._model(),
            tuple(options.get("wrt", "").split()),
            tuple(options.get("activation", "").replace(",", " ").split()),
            options.get("cost", ""),
            notation.name,
        )
        layout = Layout(derivation.derived, notation, LATEX, detail, PAGE)
        view = layout.document(derivation.title, report)
        return only_equation(view, options["equation"]) if "equation" in options else view

    def _model(self) -> tuple[str, float]:
        """The model's name, or the path of its file with the time when that was written."""
        name = self.arguments[0]
        if not name.endswith(".toml"):
            return name, 0.0
        relative, absolute = self.env.relfn2path(name)
        self.env.note_dependency(relative)
        path = Path(absolute)
        return absolute, path.stat().st_mtime if path.exists() else 0.0

    def _display(self, equation: EquationView) -> list[nodes.Node]:
        text = body(equation)
        node = nodes.math_block(
            text,
            text,
            classes=self.options.get("class", []),
            docname=self.env.docname,
            number=None,
            label=self._label(equation),
        )
        node["no-wrap"] = node["nowrap"] = False
        self.set_source_info(node)
        found: list[nodes.Node] = [node]
        self.add_target(found)
        if equation.where and not equation.where_beside:
            found.append(_paragraph(equation.where))
        return found

    def _label(self, equation: EquationView) -> str:
        """The equation's own label; ``:label:`` renames a single one, and goes before several."""
        given = self.options.get("label")
        if given is None:
            return equation.label
        if not _LABEL.fullmatch(given):
            raise UsageError(f"label {given!r}: use letters, digits and : . + - _")
        return str(given) if "equation" in self.options else f"{given}:{equation.label}"


def body(equation: EquationView) -> str:
    r"""An equation as the builders want it: rows for a ``split``, or one row without any ``&``.

    Builders put a ``split`` around a body that has several rows, and around no other.
    """
    rows = [row for number in range(len(equation.lines)) for row in _rows(equation, number)]
    if len(rows) == 1:
        return "{} {} {}".format(*rows[0]).strip()
    return " \\\\\n".join("{} &{} {}".format(*row) for row in rows)


def _rows(equation: EquationView, number: int) -> list[tuple[str, str, str]]:
    """The rows of one line: the left side, the sign, the right side, each possibly empty."""
    line = equation.lines[number]
    first, *others = line.pieces
    remark = rf"\text{{({escape(line.remark)})}}" if line.remark else ""
    where = _inline(equation.where) if equation.where_beside else ""
    aside = remark if line.beside and remark else where
    left = equation.left if number == 0 else ""
    below = [remark] if remark and not line.beside else []
    return [
        (left, equation.sign, first + (rf" \qquad {aside}" if aside else "")),
        *(("", "", rf"\qquad {piece}") for piece in [*others, *below]),
    ]


def _inline(words: Paragraph) -> str:
    return "".join(
        one.value if one.kind is SpanKind.MATH else rf"\text{{{escape(one.value)}}}"
        for one in words
    )


def _paragraph(words: Paragraph) -> nodes.paragraph:
    """Words with formulas, as a sentence after the display."""
    parts = [
        nodes.math(one.value, one.value) if one.kind is SpanKind.MATH else nodes.Text(one.value)
        for one in words
    ]
    return nodes.paragraph("", "", *parts, nodes.Text("."))


@lru_cache(maxsize=64)
def _derived(
    model: tuple[str, float],
    targets: tuple[str, ...],
    activations: tuple[str, ...],
    cost: str,
    notation: str,
) -> tuple[Derivation, Report]:
    """The derivation, verified; pages that show several of its equations derive it once."""
    name, _ = model
    if name.endswith(".toml"):
        if activations or cost:
            raise UsageError("a model file names its activations and its cost itself")
        network = Network.from_file(name)
    else:
        network = Network.named(name, activations, cost or "squared_error")
    derivation = network.derive(*targets, notation=notation)
    report = derivation.verify()
    report.require()
    return derivation, report


def setup(app: Sphinx) -> dict[str, object]:
    """Register the directive. Pages are read again when symbackprop's version changes."""
    app.add_config_value("symbackprop_version", __version__, "env", (str,))
    app.add_directive("backprop", BackpropDirective)
    return {
        "version": __version__,
        "parallel_read_safe": True,
        "parallel_write_safe": True,
    }
