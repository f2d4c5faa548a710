"""First index 1 instead of 0: indices of nodes and samples rewritten for the reader.

The calculus counts nodes and samples from 0. A notation that counts from 1 writes the same letters
for numbers one larger: sum_(j=0)^(n-1) a_j becomes sum_(j=1)^n a_j, and w_12 becomes w_23. Layers
and times are not touched: their numbers mean something.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sympy import Expr, Indexed, Sum, Symbol

from symbackprop.errors import NotSupported
from symbackprop.notation.expressions import Bound, Condition, Delta, Term, Terms
from symbackprop.notation.quantities import Kind, Quantity

_COUNTED = (Kind.NODE, Kind.SAMPLE)


class Rebase:
    """Rewrites expressions for a first index of 1.

    letters: the letters that count nodes or samples, as the expressions use them.
    """

    def __init__(self, quantities: Mapping[str, Quantity], letters: Iterable[Symbol]) -> None:
        self.quantities = quantities
        self.back: dict[Expr, Expr] = {letter: letter - 1 for letter in letters}

    @classmethod
    def of(cls, quantities: Mapping[str, Quantity], expressions: Iterable[Expr]) -> Rebase:
        """For the letters of the node and sample indices in some expressions.

        Raises NotSupported where one letter counts both nodes and layers: no rewriting is right.
        """
        counted: dict[Symbol, None] = {}
        placed: set[Symbol] = set()
        deltas: list[set[Symbol]] = []
        for expr in expressions:
            for one in sorted(expr.atoms(Indexed), key=str):
                quantity = quantities.get(str(one.base.label.name))
                if quantity is None:
                    continue
                for axis, index in zip(quantity.axes, one.indices, strict=False):
                    sizes = {s for one in index.atoms(Indexed) for s in one.free_symbols}
                    free = [s for s in index.free_symbols - sizes if not s.is_positive]
                    if axis.kind in _COUNTED:
                        counted.update(dict.fromkeys(free))
                    else:
                        placed.update(free)
            for delta in sorted(expr.atoms(Delta), key=str):
                deltas.append({s for s in delta.free_symbols if not s.is_positive})
        for letters in deltas:
            if letters & set(counted):
                counted.update(dict.fromkeys(sorted(letters, key=str)))
        mixed = sorted(str(s) for s in placed & set(counted))
        if mixed:
            raise NotSupported(
                f"index {', '.join(mixed)} counts nodes and layers or times at once, so it cannot "
                "be written from 1; choose a notation that counts from 0"
            )
        return cls(quantities, counted)

    def term(self, term: Term) -> Term:
        """A term, with its bounds."""
        return Term(
            tuple(tuple(self.expr(factor) for factor in link) for link in term.links),
            tuple(self.bound(bound) for bound in term.sums),
            tuple(self.condition(guard) for guard in term.guards),
        )

    def terms(self, terms: Terms) -> Terms:
        """Several terms."""
        return tuple(self.term(term) for term in terms)

    def bound(self, bound: Bound) -> Bound:
        """A bound; both ends move up by one where its letter counts nodes or samples."""
        low, high = bound.low.xreplace(self.back), bound.high.xreplace(self.back)
        shift = 1 if bound.letter in self.back else 0
        return Bound(bound.letter, (low + shift).expand(), (high + shift).expand())

    def condition(self, condition: Condition) -> Condition:
        """A condition on the letters."""
        replaced = condition.replaced(self.back)
        return Condition(replaced.expr.expand(), replaced.relation, replaced.modulus)

    def expr(self, expr: Expr) -> Expr:
        """An expression: the indices of nodes and samples move up by one."""
        if isinstance(expr, Indexed):
            return self._indexed(expr)
        if isinstance(expr, Delta):
            if not expr.free_symbols & self.back.keys():
                return expr
            return Delta(*[self._index(arg) for arg in expr.args])
        if isinstance(expr, Sum):
            bounds = [self.bound(Bound(*limit)) for limit in expr.limits]
            limits = [(b.letter, b.low, b.high) for b in bounds]
            return Sum(self.expr(expr.function), *limits)
        if not expr.args or not expr.has(Indexed, Delta):
            return expr
        return expr.func(*[self.expr(arg) for arg in expr.args])

    def _indexed(self, expr: Indexed) -> Expr:
        quantity = self.quantities.get(str(expr.base.label.name))
        if quantity is None:
            return expr
        moved = [
            self._index(index) if axis.kind in _COUNTED else index
            for axis, index in zip(quantity.axes, expr.indices, strict=False)
        ]
        return expr.base[tuple(moved)]

    def _index(self, index: Expr) -> Expr:
        return (index.xreplace(self.back) + 1).expand()
