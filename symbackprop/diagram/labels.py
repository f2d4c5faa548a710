"""The words and formulas of a diagram: in TeX, or as raised and lowered text for SVG."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from dataclasses import dataclass
from math import prod

from sympy import Expr

from symbackprop.diagram.carriers import Carriers
from symbackprop.diagram.columns import Column
from symbackprop.diagram.paths import Paths
from symbackprop.model.builtin import title_of
from symbackprop.notation.printers.printer import Printer
from symbackprop.notation.printers.speech import SpeechPrinter, in_words
from symbackprop.notation.printers.styles import BREAK, Text

_SMALL, _DOWN, _UP = 0.72, 0.32, 0.48
"""The size of an index, and how far it is lowered or raised, in sizes of its letter."""


class Svg(Text):
    """Text of SVG: italic letters, indices as smaller pieces above and below the line."""

    def scripts(self, base: str, sub: str, sup: str) -> str:
        """Index and mark above each other: the second goes back by the width of the first."""
        back = f' dx="{-_width(sub):.2f}em"' if sub and sup else ""
        rise = _UP + (_DOWN if sub else 0.0)
        below = _piece(sub, _DOWN, "") if sub else ""
        above = _piece(sup, -rise, back) if sup else ""
        level = _UP if sup else -_DOWN if sub else 0.0
        rest = f'<tspan dy="{level:.2f}em">&#8203;</tspan>' if level else ""
        return f"{base}{below}{above}{rest}"


SVG = Svg()
_PIECE = re.compile(r'<tspan dy="[^"]*" font-size[^>]*>([^<]*)</tspan>')
_NARROW = dict.fromkeys("(),.[]lijt", 0.3) | {"-": 0.6, "+": 0.6, " ": 0.25}


def typeset(text: str) -> str:
    """A formula in the text of SVG: its letters in italics, its hyphens as minus signs."""
    slanted = re.sub(r"[A-Za-z]+(?![^<]*>)", r'<tspan class="i">\g<0></tspan>', text)
    return re.sub(r"-(?![^<]*>)", "−", slanted)


def _piece(text: str, shift: float, more: str) -> str:
    """A smaller piece; the shift is given in sizes of the smaller letters."""
    size = f"{100 * _SMALL:.0f}%"
    return f'<tspan dy="{shift / _SMALL:.2f}em" font-size="{size}"{more}>{text}</tspan>'


def _width(text: str) -> float:
    """The width of a piece, estimated, in sizes of its own letters."""
    inner = sum(_width(match[1]) for match in _PIECE.finditer(text))
    plain = re.sub(r"<[^>]*>|&#8203;", "", _PIECE.sub("", text))
    return _SMALL * inner + sum(_NARROW.get(c, 0.5) for c in html.unescape(plain))


@dataclass(frozen=True)
class Labels:
    """printer: in the format's style. spoken: in words. formula: sets a formula among words."""

    printer: Printer
    spoken: SpeechPrinter
    formula: Callable[[str], str]
    name: str
    cost_symbol: Expr

    def side(self, expr: Expr) -> str:
        """An instance."""
        return self.formula(self.printer.side(expr).replace(BREAK, ""))

    @property
    def cost(self) -> str:
        """The cost."""
        return self.side(self.cost_symbol)

    def layer(self, layer: Expr) -> str:
        """The head of a column."""
        return f"layer {self.formula(self.printer.index(layer))}"

    def width(self, width: Expr, layer: Expr) -> str:
        """How many nodes a layer has."""
        if width.is_Integer:
            return "1 node" if width == 1 else f"{width} nodes"
        return f"{self.formula(self.printer.expr(width))} nodes"

    def title(self, paths: Paths | None) -> str:
        """The title, in words."""
        network = title_of(self.name)
        if paths is None:
            return f"Diagram of {network}"
        return f"Diagram of {network}: from {in_words(self.spoken.side(paths.target))} to the cost"

    def description(
        self, paths: Paths | None, columns: tuple[Column, ...], carriers: Carriers
    ) -> str:
        """What is seen, in words."""
        layers = ", ".join(in_words(self.spoken.index(column.layer)) for column in columns)
        shown = f"Nodes stand in columns, one a layer; the layers {layers} are drawn."
        if paths is None:
            return f"{shown} Every node is joined to every node of the next layer."
        passed = "; ".join(
            self._passed(layer, nodes, carriers) for layer, nodes in paths.visited.items()
        )
        return f"{shown} The paths to the cost are thick. They pass {passed}."

    def _passed(self, layer: Expr, nodes: set[Expr] | None, carriers: Carriers) -> str:
        if nodes is None:
            return f"every node of layer {in_words(self.spoken.index(layer))}"
        named = (carriers.node(layer, node) for node in sorted(nodes, key=str))
        return " and ".join(in_words(self.spoken.side(one)) for one in named)

    def legend(self, paths: Paths, carriers: Carriers) -> str:
        """What is thick and what is dashed."""
        target = self.side(paths.target)
        widths = [carriers.width(layer) for layer in paths.counted]
        if all(width == 1 for width in widths):
            count = "the path"
        elif all(width.is_Integer for width in widths):
            count = f"the {prod(int(width) for width in widths)} paths"
        else:
            dots = self.printer.style.name(r"\cdots", "⋯") if paths.skipped else ""
            first, *others = (self.printer.expr(width) for width in widths)
            product = self.formula(" ".join(part for part in (first, dots, *others) if part))
            count = f"the {product} paths"
        return f"thick: {count} from {target} to {self.cost}; dashed: the rest"
