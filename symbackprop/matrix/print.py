"""Matrix expressions printed in a notation and a style, the shape under each factor."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import IntEnum

from sympy import Expr, Indexed

from symbackprop.matrix import expressions as mx
from symbackprop.matrix.expressions import Matrix
from symbackprop.matrix.names import MatrixNames
from symbackprop.notation.elementary import OF_ONE
from symbackprop.notation.printers.speech import Speech
from symbackprop.notation.printers.styles import SLOPE, Latex


class Level(IntEnum):
    """How tightly an expression holds together."""

    SUM = 1
    PRODUCT = 2
    ATOM = 3


@dataclass(frozen=True)
class MatrixPrinter(MatrixNames):
    """Prints matrix expressions.

    size: what an extent is shown as. shapes: whether the shape stands under each factor.
    """

    size: Callable[[Expr], Expr]
    shapes: bool = False

    @property
    def without_shapes(self) -> MatrixPrinter:
        """The same printer without shapes."""
        return replace(self, shapes=False)

    def shape(self, node: Matrix) -> str:
        """Rows and columns."""
        rows, cols = (self.printer.index(self.size(one)) for one in (node.rows, node.cols))
        return rf"{rows} {self.signs.cross} {cols}"

    def shapes_of(self, node: Matrix) -> str:
        """An expression with the shapes of its factors in their places, in words."""
        if isinstance(node, mx.Plus):
            return " + ".join(self.shapes_of(arg) for arg in node.args)
        if isinstance(node, mx.Times):
            return " · ".join(self._shape_in(arg) for arg in node.args)
        if isinstance(node, mx.Scaled):
            return self.shapes_of(node.args[-1])
        if isinstance(node, mx.Entrywise | mx.Quotient):
            sign = "⊙" if isinstance(node, mx.Entrywise) else "⊘"
            return f" {sign} ".join(self._shape_in(arg) for arg in node.args)
        return self.shape(node).replace(" ", "")

    def _shape_in(self, node: Matrix) -> str:
        """The shape of a factor, products in parentheses."""
        if isinstance(node, mx.Plus):
            return self.shape(node).replace(" ", "")
        text = self.shapes_of(node)
        return f"({text})" if " " in text else text

    def shown(self, node: Matrix) -> str:
        """An expression that stands alone; it may be broken at its outermost signs."""
        return self._at(node, Level.SUM, outermost=True)

    # -- expressions ----------------------------------------------------------------------------

    def _at(self, node: Matrix, level: Level, outermost: bool = False) -> str:
        """An expression, in parentheses where it holds together less than is asked for."""
        own = _level(node)
        if own is Level.ATOM:
            return self._braced(node, self.without_shapes._text(node))
        if own >= level:
            return self._text(node, outermost)
        if isinstance(node, mx.Times | mx.Scaled):
            return self._parens(self._text(node))
        return self._braced(node, self._parens(self.without_shapes._text(node)))

    def _parens(self, body: str) -> str:
        """Parentheses, which do not grow with the shapes below."""
        style = self.printer.style
        if not isinstance(style, Latex) or r"\underbrace" not in body:
            return style.parens(body)
        return rf"\Bigl({body}\Bigr)" if r"\frac" in body else f"({body})"

    def _braced(self, node: Matrix, text: str) -> str:
        if not self.shapes or node.is_scalar or not isinstance(self.printer.style, Latex):
            return text
        return rf"\underbrace{{{text}}}_{{{self.shape(node)}}}"

    def _text(self, node: Matrix, outermost: bool = False) -> str:
        match node:
            case mx.Value():
                return self.name(node)
            case mx.Ones():
                return self.signs.ones
            case mx.Constant():
                return self.printer.expr(self._sized(node.value))
            case mx.Transposed(inner=mx.Value() as inner):
                return self.name(inner, flipped=True)
            case mx.Transposed():
                return self.flipped(self._text(node.inner))
            case mx.Times():
                return self._juxtaposed([self._at(arg, Level.ATOM) for arg in node.args])
            case mx.Scaled():
                return self._scaled(node)
            case mx.Plus():
                return self._sum(node, outermost)
            case mx.Entrywise():
                sign = f" {self._mark(outermost)}{self.signs.odot} "
                return sign.join(self._at(arg, Level.ATOM) for arg in node.args)
            case mx.Quotient():
                return f" {self.signs.oslash} ".join(self._at(a, Level.ATOM) for a in node.args)
            case mx.Power():
                return self._power(node)
            case mx.Function() | mx.OnLines():
                return self._function(node)
        raise TypeError(f"no matrix expression: {type(node).__name__}")

    def _mark(self, outermost: bool) -> str:
        return self.printer.style.mark if outermost else ""

    def _juxtaposed(self, factors: list[str]) -> str:
        return self.printer.style.times.join(factors)

    def _scaled(self, node: mx.Scaled) -> str:
        """Numbers in front, a minus sign before all of them."""
        first, *others = node.args
        negative = isinstance(first, mx.Constant) and first.value.could_extract_minus_sign()
        if negative and isinstance(first, mx.Constant):
            value = -first.value
            kept = [] if value == 1 else [replace(first, value=value)]
            minus = self.printer.style.minus
            return minus + self._numbers_times([*kept, *others])
        return self._numbers_times(list(node.args))

    def _numbers_times(self, args: list[Matrix]) -> str:
        *numbers, body = args
        front = [self._at(one, Level.ATOM) for one in numbers]
        return self._juxtaposed([*front, self._at(body, Level.PRODUCT)])

    def _sum(self, node: mx.Plus, outermost: bool) -> str:
        text, minus = "", self.printer.style.minus
        for arg in node.args:
            term = self._at(arg, Level.PRODUCT)
            negative = term.startswith(minus)
            body = term.removeprefix(minus) if negative else term
            if text:
                text += f" {self._mark(outermost)}{minus.strip() if negative else '+'} {body}"
            else:
                text = term
        return text

    def _power(self, node: mx.Power) -> str:
        (inner,) = node.args
        exponent = self.printer.expr(node.exponent)
        base = self._at(inner, Level.ATOM)
        if isinstance(inner, mx.Value | mx.Transposed):
            base = self.printer.style.parens(base)
        if node.is_scalar:
            return self.printer.style.power(base, exponent)
        if isinstance(self.printer.style, Latex):
            return self.printer.style.power(base, rf"\odot {exponent}")
        said = isinstance(self.printer.style, Speech)
        return f"{base}, each entry to the power {exponent}" if said else f"{base}^⊙{exponent}"

    def _function(self, node: mx.Function | mx.OnLines) -> str:
        (inner,) = node.args
        style, argument = self.printer.style, self._text(inner)
        if isinstance(node, mx.Function) and not node.named:
            return self._of_entries(node.head, argument)
        order = node.order if isinstance(node, mx.Function) else 0
        place = node.place if isinstance(node, mx.Function) else 0
        row = self.printer.functions[node.head]
        if order == 1 and row.slope_latex is not None:
            name = style.name(row.slope_latex, row.slope_text or "")
        else:
            shown = self.layer(place) if place else None
            name = self.printer.function_name(node.head, shown, order)
        text = name.replace("#", argument) if "#" in name else name + style.parens(argument)
        return style.coloured(text, SLOPE) if order and _is_plain(inner) else text

    def _of_entries(self, head: str, argument: str) -> str:
        """A function of the table, of every entry: exp of a matrix is no power of e."""
        row, style = OF_ONE[head], self.printer.style
        name = style.name(r"\exp" if head == "exp" else row.latex, row.text_name)
        return name.replace("#", argument) if "#" in name else name + style.parens(argument)

    def _sized(self, value: Expr) -> Expr:
        sizes = {one: self.size(one) for one in value.atoms(Indexed)}
        return value.xreplace(sizes)


def _is_plain(node: Matrix) -> bool:
    return isinstance(node, mx.Value)


def _level(node: Matrix) -> Level:
    if isinstance(node, mx.Plus):
        return Level.SUM
    if isinstance(node, mx.Constant):
        return Level.PRODUCT if node.value.could_extract_minus_sign() else Level.ATOM
    if isinstance(node, mx.Times | mx.Scaled | mx.Entrywise | mx.Quotient):
        return Level.PRODUCT
    return Level.ATOM
