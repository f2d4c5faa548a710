"""The numbers that symbolic sizes stand for where code is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from sympy import Expr, Integer, Symbol

from symbackprop.errors import NotSupported, UsageError
from symbackprop.notation.expressions import substitute


@dataclass(frozen=True)
class Sizes:
    """The numbers that symbolic sizes stand for; ``free`` ones are known when a program runs."""

    numbers: Mapping[Expr, Expr]
    free: tuple[Symbol, ...] = ()

    def bound(self, expr: Expr) -> Expr:
        """The expression with numbers for sizes."""
        found = expr.xreplace(self.numbers) if self.numbers else expr
        return found.xreplace(self.numbers) if self.nested and found != expr else found

    @cached_property
    def nested(self) -> bool:
        """Whether there are widths of layers, n[l], whose l may be a size with a number too."""
        return len({key.is_Indexed for key in self.numbers}) == 2

    def inside(self, expr: Expr) -> Expr:
        """An expression of quantities with numbers for sizes."""
        found = substitute(expr, self.numbers)
        return substitute(found, self.numbers) if self.nested and found != expr else found

    def extent(self, expr: Expr) -> int | Symbol:
        """A size that must be known: a number, or a free symbol."""
        found = self.bound(expr)
        if isinstance(found, Integer):
            return int(found)
        if found in self.free:
            return found
        raise UsageError(f"no number is given for the size {expr}: code needs concrete sizes")

    def number(self, expr: Expr) -> int:
        """An index or a size that must be a number."""
        if isinstance(expr, Integer):
            return int(expr)
        found = self.bound(expr)
        if isinstance(found, Integer):
            return int(found)
        if any(not symbol.is_positive for symbol in found.free_symbols):
            raise NotSupported(f"no code is written for a range that ends at {expr}")
        raise UsageError(f"{expr} is no number at these sizes: code needs concrete sizes")
