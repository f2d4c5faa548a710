"""Formulas as a lecturer reads them aloud: alternative text, made from the quantities' meanings.

A speech engine that is given w_jk^(l) says "w j k to the l". What is said here comes from the
meaning of the quantity instead: "the weight from node k in layer l minus 1 to node j in layer l".
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sympy import Expr, Indexed, Integer

from symbackprop.notation.expressions import Applied, Bound, Delta, Partial, Vector
from symbackprop.notation.functions import Apply
from symbackprop.notation.lettering import SAMPLES
from symbackprop.notation.printers.printer import Printer
from symbackprop.notation.printers.styles import GREEK, Text
from symbackprop.notation.profiles import Letter
from symbackprop.notation.quantities import Kind, Quantity
from symbackprop.notation.symbols import size

_SIMPLE = re.compile(r"[\w.]+")


class Speech(Text):
    """Words on one line."""

    minus = "minus "
    dot = "times "
    times = " times "
    infinity = "infinity"
    at_least, at_most, less, equals = "is at least", "is at most", "is less than", "equals"

    def letter(self, name: str) -> str:
        """Greek letters by name, other commands without their backslash."""
        plain = name.rstrip("'")
        said = re.sub(r"\\mathcal\{(\w+)\}", r"script \1", plain).lstrip("\\")
        return said + " prime" * (len(name) - len(plain))

    def scripts(self, base: str, sub: str, sup: str) -> str:
        """Indices as indices, never as powers."""
        return base + (f" sub {_spaced(sub)}" if sub else "") + (f" of {sup}" if sup else "")

    def fraction(self, above: str, below: str) -> str:
        """Where a fraction ends is said, unless both parts are single words."""
        if _SIMPLE.fullmatch(above) and _SIMPLE.fullmatch(below):
            return f"{above} over {below}"
        return f"the fraction {above}, over {below}, end of fraction"

    def derivative(self, above: str, below: str, plus: str) -> str:
        """The derivative of one name by another."""
        return f"the {'local ' if plus else ''}derivative of {above} by {below}"

    def operator(self, below: str, plus: str) -> str:
        """The derivative of what follows."""
        return f"the {'local ' if plus else ''}derivative by {below} of "

    def parens(self, body: str) -> str:
        """Both parentheses by name."""
        return f" open parenthesis {body} close parenthesis"

    def power(self, base: str, exponent: str) -> str:
        """A power: squared, cubed, or to the power."""
        named = {"2": "squared", "3": "cubed"}.get(exponent)
        return f"{base} {named or f'to the power {exponent}'}"

    def name(self, latex: str, text: str) -> str:
        """The text of a name, in words."""
        return in_words(text)


SPEECH = Speech()

_NAMES = {letter: name for name, letter in GREEK.items()}
_WORDS = {
    ", …, ": " and so on up to ", "…": "and so on", "∇": "the gradient of ", "←": "becomes",
    "²": " squared", "³": " cubed", "∞": "infinity", "=": " equals ", "<": " is less than ",
    ">": " is greater than ", "≥": " is at least ", "≤": " is at most ", "√": "the square root of ",
    "ᵀ": " transposed", "⊙": " times entry by entry ",
    "⌊": "the floor of ", "⌋": "", "⌈": "the ceiling of ", "⌉": "",
    " + ": " plus ", " - ": " minus ", "|#|": "the absolute value of #",
    "sgn": "the sign of",
    "[#  is greater than  0]": "1 if # is greater than 0 and else 0, ",
}  # fmt: skip


def in_words(text: str) -> str:
    """Text with its mathematical signs in words, single spaces between them.

    >>> in_words("l = 1, …, L")
    'l equals 1 and so on up to L'
    """
    for sign, words in (*_WORDS.items(), *_NAMES.items()):
        text = text.replace(sign, words)
    text = re.sub(r"\b(over \w+|eta) the (?=sum|derivative)", r"\1 times the ", text)
    return re.sub(r"\s+([,;.]|$)", r"\1", re.sub(r"\s+", " ", text)).strip()


def _mentions(meaning: str, letter: str) -> bool:
    """Whether a meaning has a place for an index: {j}, or {l-1} for l."""
    return re.search(rf"\{{{re.escape(letter)}(?:-1)?\}}", meaning) is not None


def _spaced(indices: str) -> str:
    return " ".join(indices) if indices.isalnum() and len(indices) <= 3 else indices


@dataclass(frozen=True)
class SpeechPrinter(Printer):
    """Prints what is said: each quantity by its meaning, each sum by what it runs over."""

    def expr(self, expr: Expr) -> str:
        """Any expression in words."""
        for kind, rule in _SAID.items():
            if isinstance(expr, kind):
                return rule(self, expr)
        return super().expr(expr)

    def index(self, expr: Expr) -> str:
        """Index arithmetic in words."""
        return self.expr(expr).replace(" - ", " minus ").replace(" + ", " plus ")

    def instance(
        self, quantity: Quantity, indices: tuple[Expr, ...], letter: Letter | None = None
    ) -> str:
        """An instance by the meaning of its quantity, its own indices put in."""
        if quantity.adjoint_of is not None:
            return self._adjoint(quantity.adjoint_of, indices)
        if not quantity.meaning or quantity.meaning in self._shared:
            return super().instance(quantity, indices, letter)
        values = {str(a.letter): i for a, i in zip(quantity.axes, indices, strict=False)}
        if "l" in values:
            values["l-1"] = values["l"] - 1
        said = re.sub(r"\{([^{}]*)\}", lambda match: self._said(values, match[1]), quantity.meaning)
        if sum(one.meaning == quantity.meaning for one in self.quantities.values()) > 1:
            said += f", {quantity.name}"
        said += "".join(
            f" {self.index(i)}"
            for a, i in zip(quantity.axes, indices, strict=False)
            if a.kind is not Kind.SAMPLE and not _mentions(quantity.meaning, str(a.letter))
        )
        sample = [i for a, i in zip(quantity.axes, indices, strict=False) if a.kind is Kind.SAMPLE]
        if not sample:
            return said
        name = f"sample {self.index(sample[0])}"
        return said.replace("one sample", name) if "one sample" in said else f"{said} for {name}"

    def _said(self, values: dict[str, Expr], letter: str) -> str:
        return self.index(values[letter]) if letter in values else letter

    def layer(self, value: Expr) -> str:
        """A layer by its number."""
        return f"layer {self.index(value)}"

    def _adjoint(self, of: Quantity, indices: tuple[Expr, ...]) -> str:
        return self.style.derivative(self._cost(), self.instance(of, indices), "")

    def _partial(self, expr: Partial) -> str:
        of, by = expr.args
        plus = "+" if self._is_marked(expr) else ""
        said = self.expr(of)
        whole = said if isinstance(of, Indexed | Apply) or of.is_Symbol else self.style.parens(said)
        return self.style.derivative(whole, self.expr(by), plus)

    def _sum_sign(self, bound: Bound) -> str:
        """What a sum runs over, nodes and samples without their numbers where it is all of them."""
        letter, low, high = self.index(bound.letter), bound.low, bound.high
        count = high - low + 1
        if low == 0 and isinstance(count, Indexed) and self._is_width(count):
            nodes = f"all nodes {letter} in layer {self.index(count.indices[0])}"
            return f"the sum over {nodes} of "
        if low == 0 and count == size(SAMPLES):
            return f"the sum over all samples {letter} of "
        return f"the sum over {letter} from {self.index(low)} to {self.index(high)} of "

    def _indexed(self, expr: Indexed) -> str:
        name = str(expr.base.label.name)
        if name not in self.quantities:
            letter = self.style.letter(self.lettering.letter(f"{name}[]"))
            return f"{letter} sub {self.index(expr.indices[0])}"
        return super()._indexed(expr)

    def _is_width(self, size: Indexed) -> bool:
        """Whether a size is the number of nodes of a layer of the built-in network."""
        built_in = (q for q in self.quantities.values() if q.part is not None)
        return any(
            one.base == size.base for q in built_in for a in q.axes for one in a.high.atoms(Indexed)
        )

    @cached_property
    def _shared(self) -> frozenset[str]:
        """The meanings that several quantities have: they do not tell one from the other."""
        own = [q.meaning for q in self.quantities.values() if q.adjoint_of is None]
        return frozenset(one for one in own if own.count(one) > 1)

    def _delta(self, expr: Delta) -> str:
        first, second = (self.index(arg) for arg in expr.args)
        return f"the Kronecker delta of {first} and {second}"

    def _vector(self, expr: Vector) -> str:
        instance = expr.args[0]
        quantity = self.quantities[str(instance.base.label.name)]
        axes = dict(zip((a.kind for a in quantity.axes), instance.indices, strict=False))
        layer, node = axes.get(Kind.LAYER), axes.get(Kind.NODE)
        if layer is None or node is None:
            return f"the vector {super()._vector(expr)}"
        return (
            f"the vector of the weights into node {self.index(node)} in layer {self.index(layer)}"
        )

    def _applied(self, expr: Applied) -> str:
        arguments = " and ".join(self.expr(arg) for arg in expr.args[1:])
        return f"{self.expr(expr.args[0])}, as a function of {arguments}"

    def function_name(self, head: str, place: Expr | None = None, order: int = 0) -> str:
        """The name of a function; of a general one, that it is the layer's activation function."""
        row = self.functions[head]
        name = in_words(self.lettering.functions.get(head, ("", row.text))[1])
        if row.by_layer:
            where = f" of layer {self.index(place)}" if place and place != Integer(0) else ""
            name = f"the activation function{where}"
        return ("the derivative of " * order) + name

    def _filled(self, name: str, argument: str) -> str:
        return name.replace("#", argument) if "#" in name else f"{name} at {argument}"


_SAID: dict[type, Callable[[SpeechPrinter, Any], str]] = {
    Indexed: SpeechPrinter._indexed,
    Partial: SpeechPrinter._partial,
    Delta: SpeechPrinter._delta,
    Vector: SpeechPrinter._vector,
    Applied: SpeechPrinter._applied,
}
