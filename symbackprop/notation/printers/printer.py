"""The printer: expressions, terms and conditions in a notation profile, as LaTeX or as text.

It never reorders what a reader must see in order (`Term`, `Plus`, `Product`), writes index
arithmetic as a lecturer does (l - 1, not -1 + l), and raises on what it does not know.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, Self

from sympy import Expr, Symbol

from symbackprop.notation.expressions import Bound, Condition, Relation, Term, Terms
from symbackprop.notation.names import NamedFunction
from symbackprop.notation.printers.formula import FormulaPrinter
from symbackprop.notation.printers.order import constants, sides
from symbackprop.notation.printers.styles import Latex, Text
from symbackprop.notation.profiles import ChainOrder, Profile
from symbackprop.notation.quantities import Quantity
from symbackprop.notation.rebase import Rebase


class Printable(Protocol):
    """What the printer wants to know of a model."""

    @property
    def by_name(self) -> Mapping[str, Quantity]:
        """The quantities by name, adjoints included."""

    @property
    def rows(self) -> Mapping[str, Any]:
        """The rows of functions by name, those in use first."""

    @property
    def cost(self) -> Quantity:
        """The scalar that is differentiated."""

    @property
    def entered(self) -> frozenset[str]:
        """The quantities that parameters enter directly."""

    @property
    def letters(self) -> frozenset[Symbol]:
        """The indices and sizes that the definitions name."""


@dataclass(frozen=True)
class Printer(FormulaPrinter):
    """Prints terms, sides of equations and conditions; see `NamePrinter` for its fields."""

    @classmethod
    def of(
        cls,
        model: Printable,
        profile: Profile,
        style: Latex | Text,
        marked: frozenset[tuple[str, str]] = frozenset(),
    ) -> Self:
        """The printer of a model.

        The errors of a user's model are the derivatives by what parameters enter directly, if that
        is one quantity: two errors would have one name.
        """
        errors = model.entered if len(model.entered) == 1 else frozenset()
        names, cost = model.by_name, model.cost.name
        return cls(names, model.rows, cost, profile, style, marked, errors, model.letters)

    def terms(self, terms: Terms) -> str:
        """A sum of terms; guards that are left are written as brackets behind their term."""
        if not terms:
            return "0"
        terms = self._counted(terms)
        parts = [self.term_parts(term) for term in terms]
        return self._joined(parts)

    def _counted(self, terms: Terms) -> Terms:
        """The terms in the reader's counting of nodes."""
        if self.profile.first_index == 0:
            return terms
        factors = [factor for term in terms for factor in term.factors]
        return Rebase.of(self.quantities, factors).terms(terms)

    def side(self, expr: Expr) -> str:
        """An expression that stands alone, such as the left side of an equation."""
        if self.profile.first_index == 0:
            return self.expr(expr)
        return self.expr(Rebase.of(self.quantities, [expr]).expr(expr))

    def range(self, bound: Bound, instances: Iterable[Expr]) -> Bound:
        """The range of a free letter of some instances, in the reader's counting."""
        if self.profile.first_index == 0:
            return bound
        return Rebase.of(self.quantities, instances).bound(bound)

    def term_parts(self, term: Term) -> tuple[bool, str]:
        """Whether a term is negative, and its printed absolute value."""
        links = term.links
        if self.profile.chain_order is ChainOrder.COST_LAST:
            links = tuple(reversed(links))
        before, links = constants(links) if term.sums else ((), links)
        several = len(term.factors) > 1 or bool(term.sums)
        negative, front = self._link(before, several) if before else (False, [])
        pieces: list[str] = []
        for link in links:
            minus, printed = self._link(link, several)
            negative ^= minus
            pieces += printed
        body = self._product(pieces) or "1"
        sums = "".join(self._sum_sign(bound) for bound in term.sums)
        if front and front != ["1"]:
            sums = f"{self._product(front)} {sums}"
        brackets = "".join(f"{self.style.space}[{self.condition(guard)}]" for guard in term.guards)
        return negative, f"{sums}{body}{brackets}"

    def condition(self, condition: Condition) -> str:
        """A condition on indices, as a reader writes it: l < L, l = L, n_L >= 3."""
        style = self.style
        left, right = sides(condition)
        match condition.relation:
            case Relation.ZERO:
                return f"{self.index(left)} {style.equals} {self.index(right)}"
            case Relation.NONNEGATIVE:
                if left.is_Integer:
                    return f"{self.index(right)} {style.less} {self.index(left + 1)}"
                strict = right.as_coeff_Add()[0] == 1 and not right.is_Integer
                if strict:
                    return f"{self.index(right - 1)} {style.less} {self.index(left)}"
                return f"{self.index(left)} {style.at_least} {self.index(right)}"
            case Relation.DIVISIBLE:
                words = style.words(f" is divisible by {condition.modulus}")
                return f"{self.index(condition.expr)}{words}"

    def conditions(self, conditions: tuple[Condition, ...]) -> str:
        """Several conditions, joined by commas."""
        return f",{self.style.space}".join(self.condition(one) for one in conditions)


__all__ = ["NamedFunction", "Printer"]
