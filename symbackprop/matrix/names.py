"""The letters of matrices and vectors in a notation and a style, and the signs between them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sympy import Expr

from symbackprop.matrix import expressions as mx
from symbackprop.notation.printers.printer import Printer
from symbackprop.notation.printers.speech import Speech
from symbackprop.notation.printers.styles import Latex
from symbackprop.notation.profiles import AdjointStyle, LayerMark, Letter
from symbackprop.notation.quantities import Kind, Quantity

CAPITALS = {"delta": (r"\Delta", "Δ"), "sigma": (r"\Sigma", "Σ"), "phi": (r"\Phi", "Φ")}


@dataclass(frozen=True, slots=True)
class Signs:
    """How a style writes what matrices need."""

    odot: str
    oslash: str
    ones: str
    cross: str
    top: str

    @classmethod
    def of(cls, style: object) -> Signs:
        """The signs of a style."""
        if isinstance(style, Latex):
            return cls(r"\odot", r"\oslash", r"\mathbf{1}", r"\times", r"\top")
        if isinstance(style, Speech):
            return cls(
                "times, entry by entry,", "over, entry by entry,", "ones", "by", " transposed"
            )
        return cls("⊙", "⊘", "1", "×", "ᵀ")


@dataclass(frozen=True)
class MatrixNames:
    """Names values: capital letters for what has rows and columns, small ones for vectors.

    layer: what a layer's number is shown as.
    """

    printer: Printer
    layer: Callable[[int], Expr]

    @property
    def signs(self) -> Signs:
        """The signs of the style."""
        return Signs.of(self.printer.style)

    def name(self, value: mx.Value, flipped: bool = False) -> str:
        """The name of a value, or of its transpose."""
        quantity = self.printer.quantities[value.key[0]]
        place = value.key[1][-1:]
        layer = self.layer(place[0]) if place else None
        printed = self._named(quantity, layer, flipped)
        return self.printer.style.coloured(printed, quantity.role)

    def _named(self, quantity: Quantity, layer: Expr | None, flipped: bool) -> str:
        of, profile, style = quantity.adjoint_of, self.printer.profile, self.printer.bare.style
        if of is None:
            return self._lettered(quantity, self.printer.letter(quantity), layer, flipped)
        match profile.adjoint_style:
            case AdjointStyle.DELTA if self.printer.is_error(of):
                return self._lettered(of, Letter("delta"), layer, flipped)
            case AdjointStyle.DIFFERENTIAL if of.name not in self.printer.lettering.fractions:
                return "d" + self._lettered(of, self.printer.letter(of), layer, flipped)
        bare = self.printer.bare
        cost = bare.expr(bare.quantities[bare.cost].symbol)
        below = self._lettered(of, self.printer.letter(of), layer, False)
        if profile.adjoint_style is AdjointStyle.NABLA:
            whole = f"{style.scripts(style.nabla, below, '')} {cost}"
        else:
            whole = style.derivative(cost, below, "")
        return self.flipped(style.parens(whole)) if flipped else whole

    def _lettered(
        self, quantity: Quantity, letter: Letter, layer: Expr | None, flipped: bool
    ) -> str:
        axes = [axis for axis in quantity.axes if axis.kind is not Kind.LAYER]
        style, top = self.printer.bare.style, self.signs.top
        base = self._capital(letter.base) if len(axes) > 1 else style.letter(letter.base)
        above = "" if layer is None else self.printer.layer(layer)
        merged = isinstance(style, Latex) and (
            self.printer.profile.layer_mark is not LayerMark.BARE or not above
        )
        if flipped and merged:
            return style.scripts(base, letter.sub, above + top)
        plain = style.scripts(base, letter.sub, above)
        if not flipped:
            return plain
        return self.flipped(style.parens(plain) if isinstance(style, Latex) else plain)

    def _capital(self, base: str) -> str:
        if base in CAPITALS:
            command, sign = CAPITALS[base]
            words = isinstance(self.printer.style, Latex | Speech)
            return self.printer.style.letter(command if words else sign)
        capital = base.upper() if len(base) == 1 else base
        taken = capital in self.printer.lettering.bases
        return self.printer.style.letter(base if taken else capital)

    def flipped(self, text: str) -> str:
        """The text of what is transposed."""
        top = self.signs.top
        return f"{text}^{{{top}}}" if isinstance(self.printer.style, Latex) else f"{text}{top}"
