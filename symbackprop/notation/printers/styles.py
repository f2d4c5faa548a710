"""Spellings: how the pieces of a formula are put together in LaTeX and in plain Unicode text.

The printer decides what is written in which order; a style only knows how a fraction, an index or
a sum looks. A new target syntax is a new style.
"""

from __future__ import annotations

import re
from typing import ClassVar, Protocol

GREEK = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "zeta": "ζ",
    "eta": "η", "theta": "θ", "kappa": "κ", "lambda": "λ", "mu": "μ", "nu": "ν", "xi": "ξ",
    "pi": "π", "rho": "ρ", "sigma": "σ", "tau": "τ", "phi": "φ", "chi": "χ", "psi": "ψ",
    "omega": "ω",
}  # fmt: skip


#: Functions that are printed by their own names.
ELEMENTARY = (
    "exp", "log", "max", "min", "sin", "cos", "tan", "sinh", "cosh", "tanh", "erf", "erfc", "atan",
    "asinh", "sign", "sgn",
)  # fmt: skip

#: Where a long line may be broken; whoever lays out a line removes it or breaks there.
BREAK = "\x1f"


#: The roles that terms have beside those of quantities: a derivative of one quantity by another,
#: and one of an activation function.
LOCAL, SLOPE = "local", "slope"


class Style(Protocol):
    """The pieces that a printer puts together."""

    mark: str
    minus: str
    dot: str
    times: str
    space: str
    partial: str
    nabla: str
    infinity: str

    def letter(self, name: str) -> str:
        """A printed letter or name."""

    def scripts(self, base: str, sub: str, sup: str) -> str:
        """A base with a subscript and a superscript, either of them possibly empty."""

    def fraction(self, above: str, below: str) -> str:
        """A fraction."""

    def derivative(self, above: str, below: str, plus: str) -> str:
        """The derivative of one name by another; ``plus`` marks a local one."""

    def operator(self, below: str, plus: str) -> str:
        """The operator that differentiates what follows it."""

    def sum(self, lower: str, upper: str) -> str:
        """A sum sign with its bounds, either of them possibly empty."""

    def parens(self, body: str) -> str:
        """The body in parentheses that fit."""

    def power(self, base: str, exponent: str) -> str:
        """A base raised to a power."""

    def words(self, text: str) -> str:
        """Words inside a formula."""

    def coloured(self, text: str, role: str) -> str:
        """A finished subexpression in the colour of its role, where the style has colours."""

    @property
    def bare(self) -> Style:
        """The same style without colours, for what stands inside a coloured subexpression."""


class Latex:
    """LaTeX."""

    mark = BREAK
    minus = "-"
    dot = r"\cdot "
    times = r" \, "
    space = r"\,"
    partial = r"\partial "
    nabla = r"\nabla"
    infinity = r"\infty"
    at_least, at_most, less, equals = r"\ge", r"\le", "<", "="

    def letter(self, name: str) -> str:
        """Greek names as Greek, one letter as it is, more letters upright as one name."""
        name, primes = _primed(name)
        if name.startswith("\\") or len(name) == 1:
            return name + primes
        upright = name.replace("_", r"\_")
        return (f"\\{name}" if name in GREEK else rf"\mathrm{{{upright}}}") + primes

    def scripts(self, base: str, sub: str, sup: str) -> str:
        below = f"_{{{sub}}}" if len(sub) > 1 else (f"_{sub}" if sub else "")
        above = f"^{{{sup}}}" if sup else ""
        return f"{base}{below}{above}"

    def fraction(self, above: str, below: str) -> str:
        return rf"\frac{{{above}}}{{{below}}}"

    def derivative(self, above: str, below: str, plus: str) -> str:
        return rf"\frac{{\partial{plus} {above}}}{{\partial {below}}}"

    def operator(self, below: str, plus: str) -> str:
        return rf"\frac{{\partial{plus}}}{{\partial {below}}}"

    def sum(self, lower: str, upper: str) -> str:
        above = f"^{{{upper}}}" if upper else ""
        return rf"\sum_{{{lower}}}{above} "

    def parens(self, body: str) -> str:
        tall = re.search(r"\\(frac|sum|left|begin)", body)
        return rf"\left({body}\right)" if tall else f"({body})"

    def power(self, base: str, exponent: str) -> str:
        return f"{base}^{{{exponent}}}"

    def words(self, text: str) -> str:
        return rf"\text{{{text}}}"

    def name(self, latex: str, text: str) -> str:
        return latex

    def coloured(self, text: str, role: str) -> str:
        return text

    @property
    def bare(self) -> Latex:
        return self


class ColouredLatex(Latex):
    """LaTeX in which every term carries the colour of its role, by a colour's name: sbpInput."""

    def coloured(self, text: str, role: str) -> str:
        """Wrapped whole, so that a colour never ends inside a formula's braces."""
        return rf"\textcolor{{sbp{role.capitalize()}}}{{{text.replace(BREAK, '')}}}"

    @property
    def bare(self) -> Latex:
        return LATEX


class Text:
    """Unicode text on one line, for a terminal."""

    mark = ""
    minus = "-"
    dot = "·"
    times = " "
    space = " "
    partial = "∂"
    nabla = "∇"
    infinity = "∞"
    at_least, at_most, less, equals = "≥", "≤", "<", "="

    _LATEX_LETTERS: ClassVar[dict[str, str]] = {r"\mathcal{L}": "ℒ"}

    def letter(self, name: str) -> str:
        """Greek names as Greek letters."""
        name, primes = _primed(name)
        return GREEK.get(name, self._LATEX_LETTERS.get(name, name)) + primes

    def scripts(self, base: str, sub: str, sup: str) -> str:
        below = f"_{sub}" if _plain(sub) else (f"_{{{sub}}}" if sub else "")
        bracketed = sup[:1] in "([" and sup[-1:] in ")]"
        above = f"^{sup}" if bracketed or _plain(sup) else f"^{{{sup}}}"
        return f"{base}{below}{above if sup else ''}"

    def fraction(self, above: str, below: str) -> str:
        return f"{_grouped(above)}/{_grouped(below)}"

    def derivative(self, above: str, below: str, plus: str) -> str:
        return f"∂{plus and '⁺'}{above}/∂{below}"

    def operator(self, below: str, plus: str) -> str:
        return f"∂{plus and '⁺'}/∂{below} "

    def sum(self, lower: str, upper: str) -> str:
        if not upper:
            return f"Σ_{lower} " if _plain(lower) else f"Σ_{{{lower}}} "
        return f"Σ_{{{lower}}}^{{{upper}}} "

    def parens(self, body: str) -> str:
        return f"({body})"

    def power(self, base: str, exponent: str) -> str:
        superscript = {"2": "²", "3": "³"}.get(exponent)
        if superscript:
            return f"{base}{superscript}"
        cases = exponent.startswith("{")
        return f"{base}^{self.parens(exponent) if cases else _grouped(exponent, '')}"

    def words(self, text: str) -> str:
        return text

    def name(self, latex: str, text: str) -> str:
        return text

    def coloured(self, text: str, role: str) -> str:
        return text

    @property
    def bare(self) -> Text:
        return self


def _primed(name: str) -> tuple[str, str]:
    """A name and its primes."""
    plain = name.rstrip("'")
    return plain, name[len(plain) :]


def _plain(text: str) -> bool:
    return bool(re.fullmatch(r"\w+", text))


def _grouped(text: str, powers: str = "²³^") -> str:
    """The text in parentheses, unless it is one factor that needs none.

    powers: the signs of powers that the factor may have.
    """
    end = _atom_end(text)
    alone = end == len(text) or (end == len(text) - 1 and text[end] in powers)
    if alone and not ("^" in text and "^" not in powers):
        return text
    return f"({text})"


_CLOSING = {"(": ")", "[": "]", "{": "}"}
_WORD = re.compile(r"[^\W²³_]+'*")


def _atom_end(text: str) -> int:
    """Where the first factor of a text ends, its scripts and arguments with it, but no power.

    >>> _atom_end("w_{j,k+1}^(l) x"), _atom_end("2(w)²"), _atom_end("f(x)²")
    (13, 1, 4)
    """
    word = _WORD.match(text)
    if word is None:
        return _group_end(text, 0)
    end = word.end()
    while end < len(text) - 1 and text[end] in "_^":
        inner = _WORD.match(text, end + 1)
        end = inner.end() if inner else max(_group_end(text, end + 1), end + 1)
    called = not word[0].isdigit() and text[end : end + 1] == "("
    return _group_end(text, end) if called else end


def _group_end(text: str, start: int) -> int:
    """Where the brackets that open here close; where they start if there are none."""
    closing: list[str] = []
    for place in range(start, len(text)):
        if text[place] in _CLOSING:
            closing.append(_CLOSING[text[place]])
        elif closing and text[place] == closing[-1]:
            closing.pop()
        if not closing:
            return place + 1 if place > start else start
    return start


LATEX, COLOURED, TEXT = Latex(), ColouredLatex(), Text()
