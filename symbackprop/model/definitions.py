"""Definitions: one equation in index notation, valid for a domain of its free indices."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sympy import Add, Expr, Indexed, Mul, Pow, Sum, Symbol
from sympy.core.parameters import distribute

from symbackprop.errors import ModelError
from symbackprop.notation import symbols
from symbackprop.notation.expressions import (
    Bound,
    Condition,
    Plus,
    Product,
    Term,
    Terms,
    as_expr,
    equal,
    substitute,
    unshadowed,
)
from symbackprop.notation.quantities import Quantity, Role, mentioned
from symbackprop.notation.symbols import readable


@dataclass(frozen=True)
class Definition:
    """``target := terms`` for every value of the indices in ``domain``.

    ``jacobian`` optionally names a better form of the derivative of the right side with respect to
    ``jacobian[0]`` (an instance with letters of its own): the softmax's a_i (delta_ij - a_j), say.
    """

    quantity: Quantity
    target: Expr
    terms: Terms
    domain: tuple[Bound, ...] = ()
    jacobian: tuple[Expr, Terms] | None = None

    @property
    def indices(self) -> tuple[Expr, ...]:
        """The index expressions of the target."""
        return tuple(self.target.indices) if isinstance(self.target, Indexed) else ()

    @property
    def expr(self) -> Expr:
        """The right side as one expression that keeps its order."""
        return as_expr(self.terms)

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """The conditions that the indices of the domain satisfy."""
        return tuple(condition for bound in self.domain for condition in bound.conditions)

    def mentions(self, quantity: Quantity) -> bool:
        """Whether the right side mentions ``quantity``."""
        return any(name_of(one) == quantity.name for one in self.instances())

    def instances(self) -> tuple[Expr, ...]:
        """Every instance that the right side mentions, in the order of reading."""
        found: dict[Expr, None] = {}
        for term in self.terms:
            for factor in term.factors:
                for one in mentioned(factor):
                    found.setdefault(one)
        return tuple(found)

    def replaced(self, mapping: dict[Expr, Expr]) -> Definition:
        """The definition with ``mapping`` applied to everything but the jacobian's own letters."""
        return replace(
            self,
            target=substitute(self.target, mapping),
            terms=tuple(term.replaced(mapping) for term in self.terms),
            domain=tuple(bound.replaced(mapping) for bound in self.domain),
            jacobian=self.jacobian
            and (
                substitute(self.jacobian[0], mapping),
                tuple(term.replaced(mapping) for term in self.jacobian[1]),
            ),
        )

    def refreshed(self) -> Definition:
        """The same definition with fresh letters for its domain and for every bound index."""
        mapping: dict[Expr, Expr] = {b.letter: symbols.fresh(b.letter) for b in self.domain}
        renamed = replace(self, terms=tuple(t.refreshed() for t in self.terms)).replaced(mapping)
        return renamed

    @property
    def refreshed_terms(self) -> Terms:
        """The right side with fresh letters for its bound indices."""
        return tuple(term.refreshed() for term in self.terms)

    def at(self, indices: tuple[Expr, ...]) -> Definition | None:
        """The definition for a target with these indices; None where it cannot match.

        An index of the target that is a letter of the domain takes the given expression; a fixed
        one must be equal to it.
        """
        letters = {bound.letter for bound in self.domain}
        mapping: dict[Expr, Expr] = {}
        for own, given in zip(self.indices, indices, strict=True):
            if own in letters:
                mapping[own] = given
            elif own != given:
                return None
        clean = replace(self, terms=self.refreshed_terms)
        return replace(clean.replaced(mapping), domain=())


def name_of(instance: Expr) -> str:
    """The name of the quantity of an instance."""
    return str(instance.base.label.name) if isinstance(instance, Indexed) else str(instance)


def define(
    quantity: Quantity,
    indices: object,
    *right: Expr | Term,
    domain: tuple[Bound, ...] | None = None,
    jacobian: tuple[Expr, Terms] | None = None,
) -> Definition:
    """Write a definition: ``define(z, (l, j), Sum(w[l, j, k]*a[l-1, k], (k, 0, n-1)), b[l, j])``.

    Each argument of ``right`` is a summand, in the order a reader should see. The domain is that
    of the quantity's axes unless given. Indices that are numbers or sizes have no domain.

    Raises ModelError when a free letter of the right side is not in the domain.
    """
    target = quantity[indices]
    given = tuple(target.indices) if isinstance(target, Indexed) else ()
    if domain is None:
        domain = tuple(
            Bound(letter, axis.low, axis.high)
            for letter, axis in zip(given, quantity.ranges(given), strict=True)
            if isinstance(letter, Symbol) and not letter.is_positive
        )
    scope = {bound.letter for bound in domain}
    terms: list[Term] = []
    for one in right:
        found = (one,) if isinstance(one, Term) else as_terms(unshadowed(one, scope))
        terms.extend(_clear(term, scope) for term in found)
    definition = Definition(quantity, target, tuple(terms), domain, jacobian)
    _check_free_letters(definition)
    return definition


def _clear(term: Term, scope: set[Symbol]) -> Term:
    """The term with other letters for sums that bind one of those in use around them."""
    shadows = scope & {bound.letter for bound in term.sums}
    taken = scope | term.free_symbols | {bound.letter for bound in term.sums}
    clear = term.replaced({letter: readable(letter, taken) for letter in shadows})
    inner = scope | {bound.letter for bound in clear.sums}
    return clear.mapped(lambda factor: unshadowed(factor, inner))


def _check_free_letters(definition: Definition) -> None:
    known = {bound.letter for bound in definition.domain}
    for one in definition.instances():
        if not isinstance(one, Indexed):
            continue
        free = {s for i in one.indices for s in i.free_symbols if not s.is_positive}
        bound = {b.letter for t in definition.terms for b in t.sums}
        inner = {
            limit[0]
            for t in definition.terms
            for f in t.factors
            for total in f.atoms(Sum)
            for limit in total.limits
        }
        stray = sorted(str(s) for s in free - known - bound - inner)
        if stray:
            raise ModelError(
                f"definition of {definition.target}: {one} uses {', '.join(stray)}, which is "
                "neither an index of the left side nor bound by a sum"
            )


def as_terms(expr: Expr) -> Terms:
    """Split a SymPy expression into terms: sums of products under `Sum`.

    SymPy has already sorted what it was given; terms with a sum come first and parameters come
    first in a product, as in z = sum w a + b. Pass summands and `Term`s one by one to choose.
    """
    if isinstance(expr, Add):
        parts = sorted(expr.args, key=lambda part: not part.has(Sum))
        return tuple(term for part in parts for term in as_terms(part))
    if isinstance(expr, Plus):
        return tuple(term for part in expr.args for term in as_terms(part))
    if isinstance(expr, Sum):
        bounds = tuple(Bound(*limit) for limit in reversed(expr.limits))
        return tuple(replace(inner, sums=bounds + inner.sums) for inner in as_terms(expr.function))
    if isinstance(expr, Mul | Product):
        sums = [arg for arg in expr.args if isinstance(arg, Sum)]
        if len(sums) == 1 and len(expr.args) > 1 and len(as_terms(sums[0])) == 1:
            with distribute(False):
                rest = expr.func(*[arg for arg in expr.args if arg is not sums[0]])
            (inner,) = as_terms(sums[0])
            return (replace(inner, links=(_factors(rest) + inner.factors,)),)
        return (Term((_factors(expr),)),)
    return (Term(((expr,),)),)


def _factors(expr: Expr) -> tuple[Expr, ...]:
    if isinstance(expr, Product):
        return tuple(expr.args)
    if not isinstance(expr, Mul):
        return (expr,)
    return tuple(sorted(expr.args, key=_rank))


def _rank(factor: Expr) -> int:
    """Numbers, then plain indexed factors, then functions and powers."""
    if not factor.free_symbols:
        return 0
    if isinstance(factor, Pow):
        return 3
    return 1 if isinstance(factor, Indexed | Symbol) else 2


def targets_overlap(first: Definition, second: Definition) -> tuple[Condition, ...]:
    """The conditions under which two definitions of one quantity define the same instance."""
    left, right = first.refreshed(), second.refreshed()
    same = tuple(equal(a, b) for a, b in zip(left.indices, right.indices, strict=True))
    return (*same, *left.conditions, *right.conditions)


__all__ = ["Definition", "Role", "as_terms", "define", "name_of", "targets_overlap"]
