"""The table of a document's symbols and what they mean."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from sympy import Symbol

from symbackprop.derivation.derive import Derivation
from symbackprop.derivation.places import layer_axis
from symbackprop.documents.prose.words import plain, words
from symbackprop.documents.views import Paragraph, SymbolView
from symbackprop.model.batch import SAMPLES
from symbackprop.model.definitions import name_of
from symbackprop.notation.expressions import Vector
from symbackprop.notation.printers.printer import Printer
from symbackprop.notation.profiles import AdjointStyle
from symbackprop.notation.quantities import Part, Quantity, Role


@dataclass(frozen=True)
class SymbolTable:
    """What the symbols of a derivation mean, as a printer writes them."""

    derivation: Derivation
    printer: Printer

    def rows(self) -> Iterator[SymbolView]:
        """The rows: quantities, errors, functions, sizes."""
        model, printer = self.derivation.model, self.printer
        known = self._known_vectors
        for quantity in model.quantities:
            if quantity.meaning:
                symbol = self._plain(printer.side(quantity.symbol))
                yield SymbolView(symbol, self._meaning(quantity))
            yield from self._vectors(quantity, known.get(quantity.name, set()))
        yield from self._errors()
        yield from self._functions()
        yield from self._sizes()

    @cached_property
    def _known_vectors(self) -> dict[str, set[int]]:
        """The vectors that are named: their quantities, and how many indices they keep."""
        found: dict[str, set[int]] = {}
        for equation in self.derivation.equations:
            for term in (term for line in equation.lines for term in line.terms):
                for one in (v.args[0] for f in term.factors for v in f.atoms(Vector)):
                    found.setdefault(name_of(one), set()).add(len(one.indices))
        return found

    def _vectors(self, quantity: Quantity, kept: set[int]) -> Iterator[SymbolView]:
        for count in sorted(kept):
            symbol = quantity.symbol
            vector = self._plain(self.printer.side(Vector(symbol.base[symbol.indices[:count]])))
            if quantity.part is Part.WEIGHT and count + 1 == len(quantity.axes):
                meaning = "the vector of the weights into node {j} in layer {l}"
                yield SymbolView(vector, self._meaning(quantity, meaning))
                continue
            whole = self._plain(self.printer.side(symbol))
            meaning = "all values {whole}, taken together"
            yield SymbolView(vector, self._words(meaning, whole=whole))

    def _errors(self) -> Iterator[SymbolView]:
        """What the profile's names for derivatives of the cost stand for."""
        model = self.derivation.model
        named = [q for q in model.with_role(Role.PARAMETER, Role.INTERMEDIATE) if q.axes]
        usual = replace(
            self.printer, profile=replace(self.printer.profile, adjoint_style=AdjointStyle.PARTIAL)
        )
        for quantity in named:
            own = self._plain(self.printer.side(quantity.adjoint.symbol))
            fraction = self._plain(usual.side(quantity.adjoint.symbol))
            if own != fraction:
                meaning = self._words("the derivative {fraction} of the cost", fraction=fraction)
                yield SymbolView(own, meaning)

    def _functions(self) -> Iterator[SymbolView]:
        for row in self.derivation.functions:
            if row.by_layer:
                layer = Symbol("l", integer=True)
                name = self.printer.function_name(row.name, layer)
                yield SymbolView(
                    self._plain(name), self._words("the activation function of layer {l}", l="l")
                )

    def _sizes(self) -> Iterator[SymbolView]:
        model, printer = self.derivation.model, self.printer
        if any(layer_axis(q) is not None for q in model.quantities):
            for depth in model.depths:
                symbol = self._plain(printer.expr(depth))
                yield SymbolView(symbol, self._words("the number of layers"))
            for family in model.size_families[:1]:
                name = self._plain(printer.expr(family[Symbol("l", integer=True)]))
                known = "".join(
                    f", {self._plain(printer.expr(size))} = {value}"
                    for size, value in model.sizes.items()
                )
                sizes = known.removeprefix(", ")
                meaning = self._words("the number of nodes in layer {l}", l="l")
                if known:
                    meaning += self._words(": {sizes}", sizes=sizes)
                yield SymbolView(name, meaning)
        samples = self._plain(printer.expr(SAMPLES))
        yield SymbolView(samples, self._words("the number of samples"))

    def _meaning(self, quantity: Quantity, meaning: str = "") -> Paragraph:
        printer = self.printer
        letters = {str(letter): self._plain(printer.index(letter)) for letter in quantity.letters}
        if "l" in letters:
            letters["l-1"] = f"{letters['l']}-1"
        return self._words(meaning or quantity.meaning, **letters)

    def _plain(self, formula: str) -> str:
        return plain(self.printer.style, formula)

    def _words(self, text: str, **formulas: str) -> Paragraph:
        return words(self.printer.style, text, formulas)
