"""The printed names of quantities, of their instances, and of functions."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Protocol, Self

from sympy import Expr, Symbol

from symbackprop.notation.lettering import ACTIVATION, COSTS, Lettering, lettering
from symbackprop.notation.printers.styles import LATEX, Latex, Text
from symbackprop.notation.profiles import (
    DEFAULT,
    AdjointStyle,
    LayerMark,
    Letter,
    Profile,
)
from symbackprop.notation.quantities import Kind, Part, Quantity, Role


class NamedFunction(Protocol):
    """What the printer wants to know of a function's row."""

    @property
    def latex(self) -> str:
        """The name in LaTeX."""

    @property
    def text(self) -> str:
        """The name in plain text."""

    @property
    def slope_latex(self) -> str | None:
        """The pattern of the derivative in LaTeX, where it has a name of its own."""

    @property
    def slope_text(self) -> str | None:
        """The same in plain text."""

    @property
    def by_layer(self) -> bool:
        """Whether it differs from layer to layer."""


@dataclass(frozen=True)
class NamePrinter(ABC):
    """Prints names in one profile and one style.

    quantities: the quantities by name, adjoints included. functions: the rows by head.
    cost: the name of the scalar that adjoints are derivatives of.
    marked: pairs (of, by) of names whose local and total derivatives differ: they carry a plus.
    errors: the quantities of a user's model whose adjoints are errors, where a notation has those.
    others: indices and sizes that no axis of a quantity has.
    """

    quantities: Mapping[str, Quantity]
    functions: Mapping[str, NamedFunction]
    cost: str
    profile: Profile = DEFAULT
    style: Latex | Text = LATEX
    marked: frozenset[tuple[str, str]] = frozenset()
    errors: frozenset[str] = frozenset()
    others: frozenset[Symbol] = frozenset()

    @cached_property
    def lettering(self) -> Lettering:
        """What everything is printed as."""
        names = {head: (row.latex, row.text) for head, row in self.functions.items()}
        return lettering(self.quantities, names, self.profile, self.others)

    # -- terms ----------------------------------------------------------------------------------

    @abstractmethod
    def expr(self, expr: Expr) -> str:
        """Any expression."""

    def index(self, expr: Expr) -> str:
        """Index arithmetic, written without spaces: symbols first, then the number."""
        text = self.expr(expr).replace(self.style.mark, "") if self.style.mark else self.expr(expr)
        return text.replace(" - ", "-").replace(" + ", "+")

    def instance(
        self, quantity: Quantity, indices: tuple[Expr, ...], letter: Letter | None = None
    ) -> str:
        """An instance of a quantity, or of the derivative of the cost by one.

        letter: what is printed instead of the quantity's own letter.
        """
        if quantity.adjoint_of is not None:
            return self._adjoint(quantity.adjoint_of, indices)
        letter = letter or self.letter(quantity)
        layer = self._layer(quantity, indices)
        nodes = [
            i
            for axis, i in zip(quantity.axes, indices, strict=False)
            if axis.kind is not Kind.LAYER
        ]
        if self.profile.weight_from_first and quantity.part is Part.WEIGHT and len(nodes) == 2:
            nodes.reverse()
        sampled = any(axis.kind is Kind.SAMPLE for axis in quantity.axes)
        cost = quantity.part in COSTS or quantity.role is Role.COST
        fixed = "" if sampled and cost else letter.sub
        printed = self.style.scripts(
            self.style.letter(letter.base), self._subscript(tuple(nodes), fixed), layer
        )
        return self.style.coloured(printed, quantity.role)

    @property
    def bare(self) -> Self:
        """The same printer without colours, for what stands inside a coloured subexpression."""
        return self if self.style.bare is self.style else replace(self, style=self.style.bare)

    def letter(self, quantity: Quantity) -> Letter:
        """The printed letter of a quantity: the notation's, or one read off its name."""
        return self.lettering.quantities[quantity.name]

    def is_error(self, of: Quantity) -> bool:
        """Whether the adjoint of a quantity is written as an error, delta."""
        named = of.part == self.profile.error_of if of.part else of.name in self.errors
        return named and of.name not in self.lettering.fractions

    def _layer(self, quantity: Quantity, indices: tuple[Expr, ...]) -> str:
        for axis, value in zip(quantity.axes, indices, strict=False):
            if axis.kind is Kind.LAYER:
                return self.layer(value)
        return ""

    def layer(self, value: Expr) -> str:
        """A layer as the profile marks it."""
        text = self.index(value)
        match self.profile.layer_mark:
            case LayerMark.ROUND:
                return f"({text})"
            case LayerMark.SQUARE:
                return f"[{text}]"
            case LayerMark.BARE:
                return text

    def _subscript(self, indices: tuple[Expr, ...], fixed: str = "") -> str:
        texts = [self.index(i) for i in indices]
        simple = all(len(t) == 1 or (t.startswith("\\") and t[1:].isalpha()) for t in texts)
        joined = ("" if simple else ",").join(texts)
        if fixed and joined:
            return fixed + ("" if simple and len(fixed) == 1 else ",") + joined
        return fixed + joined

    def _adjoint(self, of: Quantity, indices: tuple[Expr, ...]) -> str:
        return self.style.coloured(self.bare._named_adjoint(of, indices), Role.ADJOINT)

    def _named_adjoint(self, of: Quantity, indices: tuple[Expr, ...]) -> str:
        """The derivative of the cost as the profile names it: a fraction, delta, dz, nabla."""
        match self.profile.adjoint_style:
            case AdjointStyle.DELTA if self.is_error(of):
                return self.instance(of, indices, Letter("delta"))
            case AdjointStyle.DIFFERENTIAL if of.name not in self.lettering.fractions:
                return "d" + self.instance(of, indices)
            case AdjointStyle.NABLA:
                below = self.instance(of, indices)
                return f"{self.style.scripts(self.style.nabla, below, '')} {self._cost()}"
        return self.style.derivative(self._cost(), self.instance(of, indices), "")

    def _cost(self) -> str:
        return self.instance(self.quantities[self.cost], ())

    def function_name(self, head: str, place: Expr | None = None, order: int = 0) -> str:
        """The printed name of a function or of one of its derivatives, without an argument."""
        row = self.functions[head]
        own = self.style.name(*self.lettering.functions.get(head, (row.latex, row.text)))
        general = bool(self.profile.activation) and row.by_layer
        name = self.style.letter(self.lettering.letters[ACTIVATION]) if general else own
        primes = self.style.name(r"\prime" * order, "'" * order)
        layer = self.layer(place) if row.by_layer and place and not general else ""
        if "#" in name:
            return name + "'" * order
        if not layer:
            return name + "'" * order
        if isinstance(self.style, Latex):
            return self.style.scripts(name, "", layer + primes)
        return f"{name}{primes}^{layer}"
