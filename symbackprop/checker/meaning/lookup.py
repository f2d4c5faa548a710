"""What a letter stands for in a notation: a quantity, a cost, an activation, a size."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from symbackprop.model.batch import MEAN
from symbackprop.model.functions import FUNCTIONS
from symbackprop.model.model import Model
from symbackprop.notation.profiles import Letter, Profile
from symbackprop.notation.quantities import Kind, Quantity
from symbackprop.reading.syntax import tree as syntax

COSTS = ("C0", "c", "C")
_COST_LETTERS = (("C", ""), ("E", ""), ("J", ""), ("C", "c"), ("L", "c"), ("J", "c"), ("E", "c"))
_ACTIVATION_LETTERS = ("sigma", "g", "f", "h", "phi", "varphi", "psi")
_SCRIPT_FONTS = {"mathcal", "mathscr", "mathfrak"}
_PLAIN_ACCENTS = {"vec", "overrightarrow"}  # a hat or a bar makes another quantity
_LATEX = re.compile(r"\\(mathcal|mathscr)\{(\w+)\}|\\?(\w+)")

Key = tuple[str, str]
"""The name of a symbol, and "c" where it is in a calligraphic font."""


def key_of(symbol: syntax.Symbol) -> Key:
    """The key of a symbol."""
    return symbol.name, "c" if _SCRIPT_FONTS & set(symbol.fonts) else ""


def _parsed(base: str) -> Key:
    found = _LATEX.fullmatch(base)
    if found is None:
        return base, ""
    return (found.group(2), "c") if found.group(2) else (found.group(3), "")


@dataclass(frozen=True)
class Lookup:
    """The letters of a profile for the quantities of a model (the one with samples).

    named: see `Conventions`.
    """

    profile: Profile
    model: Model
    named: bool = False

    @cached_property
    def letters(self) -> dict[Key, str]:
        """The quantities that are no costs, by letter."""
        found: dict[Key, str] = {}
        for quantity in self.model.quantities:
            if quantity.name not in (*COSTS, MEAN.name):
                found[_parsed(self._letter(quantity.name).base)] = quantity.name
        for key, name in tuple(found.items()):
            other = (key[0].swapcase(), key[1])
            if name in ("w", "b") and len(key[0]) == 1:
                found.setdefault(other, name)
        return found

    @cached_property
    def costs(self) -> dict[Key, tuple[str, ...]]:
        """For each letter of a cost, the costs it may stand for."""
        found: dict[Key, tuple[str, ...]] = {}
        for name in COSTS:
            key = _parsed(self._letter(name).base)
            found[key] = (*found.get(key, ()), name)
        for key in _COST_LETTERS:
            if key not in self.letters:
                found.setdefault(key, COSTS)
        return found

    @property
    def cost_mark(self) -> str:
        """The subscript of the cost of one sample."""
        return self._letter("C0").sub

    def _letter(self, name: str) -> Letter:
        known = self.profile.letters.get(name)
        if known is not None:
            return known
        base, _, sub = name.partition("_")
        return Letter(base.rstrip("0123456789"), sub)

    def quantity(self, symbol: syntax.Symbol) -> Quantity | None:
        """The quantity that a symbol names, costs excepted."""
        name = self.letters.get(key_of(symbol))
        if name is None or symbol.primes or set(symbol.accents) - _PLAIN_ACCENTS:
            return None
        return self.model.quantity(name)

    def is_cost(self, symbol: syntax.Symbol) -> bool:
        """Whether a symbol names a cost."""
        plain = not symbol.primes and not set(symbol.accents) - _PLAIN_ACCENTS
        return plain and key_of(symbol) in self.costs

    def is_activation(self, symbol: syntax.Symbol) -> bool:
        """Whether a symbol is the letter of the activation functions."""
        name = symbol.name
        if name == (self.profile.activation or "g") and key_of(symbol)[1] == "":
            return True
        if self.named:
            return False
        return name in _ACTIVATION_LETTERS and key_of(symbol) not in self.letters

    def function(self, symbol: syntax.Symbol) -> str | None:
        """The function that is called by its name: tanh, ReLU, softplus."""
        if self.named and symbol.name == "sigma":
            return "sigmoid"
        name = symbol.name.lower().replace("_", "").replace(" ", "")
        for row in FUNCTIONS:
            plain = re.sub(r"\\operatorname\{(\w+)\}|\\", r"\1", row.latex).lower()
            if len(name) > 1 and name in (row.name.replace("_", ""), plain) and name != "sigma":
                return row.name
        return None

    def is_width(self, symbol: syntax.Symbol) -> bool:
        """Whether a symbol with a subscript is a width n_l."""
        known = symbol.name in (self.profile.widths, "n", "d", "m", "M", "N", "s")
        return known and len(symbol.below) == 1 and key_of(symbol) not in self.letters


def nodes_of(quantity: Quantity) -> int:
    """How many indices of nodes (or times) a quantity has."""
    return sum(axis.kind in (Kind.NODE, Kind.TIME) for axis in quantity.axes)


def is_layered(quantity: Quantity) -> bool:
    """Whether a quantity has a layer."""
    return any(axis.kind is Kind.LAYER for axis in quantity.axes)
