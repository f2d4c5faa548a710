"""Expressions whose order a reader must see: ordered products and sums, terms, conditions.

SymPy sorts the factors of a `Mul`. A chain rule must not be sorted, so a `Term` keeps its factors
in a tuple, grouped by the *links* of the chain they come from; a definition or an adjoint is a sum
of terms. Inside a function's argument the same order is kept by the nodes `Plus` and `Product`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import wraps
from typing import ParamSpec, TypeVar

from sympy import Add, Expr, Integer, Max, Min, Mul, Sum, Symbol
from sympy.core.parameters import distribute

from symbackprop.notation import symbols


class Plus(Expr):
    """A sum that keeps the order of its summands."""

    is_commutative = True

    def plain(self) -> Expr:
        """The SymPy sum."""
        return Add(*self.args)


class Product(Expr):
    """A product that keeps the order of its factors."""

    is_commutative = True

    def plain(self) -> Expr:
        """The SymPy product."""
        return Mul(*self.args)


class Delta(Expr):
    """The Kronecker delta: 1 when both arguments are equal, else 0. It never evaluates itself."""

    is_commutative = True
    is_integer = True


class Partial(Expr):
    """The derivative of the first argument with respect to the second.

    *Local* (the default): only what the first argument mentions itself responds, all else is held
    fixed; of a quantity, the right side of its definition. `Total` is the other reading.
    """

    is_commutative = True
    total = False
    marked = False
    written = False


class Direct(Partial):
    """A local derivative that always carries its mark: beside it stand places where it matters."""

    marked = True


class Written(Partial):
    """The derivative of an expression as it stands: each instance in it is a variable."""

    written = True


class Total(Partial):
    """The total derivative: the first argument responds through everything in between."""

    total = True


class Applied(Expr):
    """A quantity written as a function of what it is computed from: ``a_j(z_j(w_j))``.

    The first argument is the quantity, the others what it is shown as a function of.
    """

    is_commutative = True


class Vector(Expr):
    """All values of a quantity over its last axes: ``w_j``, the weights into node j."""

    is_commutative = True


class Relation(StrEnum):
    """How the expression of a condition compares with 0."""

    ZERO = "= 0"
    NONNEGATIVE = ">= 0"
    DIVISIBLE = "divisible"


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition on integers: ``expr`` = 0, ``expr`` >= 0, or divisible by ``modulus``."""

    expr: Expr
    relation: Relation
    modulus: int = 1

    def replaced(self, mapping: Mapping[Expr, Expr]) -> Condition:
        """The same condition with ``mapping`` applied."""
        return Condition(put_in(self.expr, mapping), self.relation, self.modulus)

    def holds(self, value: int) -> bool:
        """Whether the condition holds when its expression has this value."""
        match self.relation:
            case Relation.ZERO:
                return value == 0
            case Relation.NONNEGATIVE:
                return value >= 0
            case Relation.DIVISIBLE:
                return value % self.modulus == 0


def equal(left: Expr, right: Expr) -> Condition:
    """The condition left = right."""
    return Condition(expand(left - right), Relation.ZERO)


def at_least(left: Expr, right: Expr) -> Condition:
    """The condition left >= right."""
    return Condition(expand(left - right), Relation.NONNEGATIVE)


@dataclass(frozen=True, slots=True)
class Bound:
    """An index that a sum runs over, from ``low`` to ``high``, both included."""

    letter: Symbol
    low: Expr
    high: Expr

    def replaced(self, mapping: Mapping[Expr, Expr]) -> Bound:
        """The same bound with ``mapping`` applied to the letter and both ends."""
        letter = mapping.get(self.letter, self.letter)
        return Bound(letter, put_in(self.low, mapping), put_in(self.high, mapping))

    @property
    def conditions(self) -> tuple[Condition, Condition]:
        """The two conditions that the index satisfies."""
        return at_least(self.letter, self.low), at_least(self.high, self.letter)


Link = tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Term:
    """A product of links under sums, that counts where its guards hold.

    ``links`` are the factors in the reader's order, grouped: a profile that writes a chain from
    the other end reverses the links, and leaves each link's own factors as they are.
    """

    links: tuple[Link, ...]
    sums: tuple[Bound, ...] = ()
    guards: tuple[Condition, ...] = field(default=())

    @property
    def factors(self) -> tuple[Expr, ...]:
        """All factors, in order."""
        return tuple(factor for link in self.links for factor in link)

    @property
    def free_symbols(self) -> set[Symbol]:
        """The letters that are not bound by the term's own sums."""
        found: set[Symbol] = set()
        for factor in self.factors:
            found |= factor.free_symbols
        for bound in self.sums:
            found |= bound.low.free_symbols | bound.high.free_symbols
        for guard in self.guards:
            found |= guard.expr.free_symbols
        return found - {bound.letter for bound in self.sums}

    def replaced(self, mapping: Mapping[Expr, Expr]) -> Term:
        """The term with ``mapping`` applied everywhere.

        The caller sees to it that no replacement is captured by a sum (see `refreshed`).
        """
        return Term(
            tuple(tuple(substitute(f, mapping) for f in link) for link in self.links),
            tuple(bound.replaced(mapping) for bound in self.sums),
            tuple(guard.replaced(mapping) for guard in self.guards),
        )

    def mapped(self, change: Callable[[Expr], Expr]) -> Term:
        """The term with ``change`` applied to each factor."""
        return replace(
            self, links=tuple(tuple(change(factor) for factor in link) for link in self.links)
        )

    def refreshed(self) -> Term:
        """The same term with fresh letters for its bound indices, inside its factors too."""
        mapping = {bound.letter: symbols.fresh(bound.letter) for bound in self.sums}
        renamed = self.replaced(mapping)
        return renamed.mapped(refresh_inner)


Terms = tuple[Term, ...]
P = ParamSpec("P")
R = TypeVar("R")


def undistributed(function: Callable[P, R]) -> Callable[P, R]:
    """Run ``function`` with SymPy told not to turn 2(a - y) into 2a - 2y.

    SymPy forgets everything it has cached each time that this setting changes, so it is set once
    around a whole computation, not around each of its many substitutions.
    """

    @wraps(function)
    def inside(*args: P.args, **kwargs: P.kwargs) -> R:
        with distribute(False):
            return function(*args, **kwargs)

    return inside


def substitute(expr: Expr, mapping: Mapping[Expr, Expr]) -> Expr:
    """Replace exactly, without distributing 2(a - y) into 2a - 2y."""
    if not mapping:
        return expr
    with distribute(False):
        return put_in(expr, mapping)


def put_in(expr: Expr, mapping: Mapping[Expr, Expr]) -> Expr:
    """Replace exactly, whether or not SymPy distributes.

    While it is told not to, comparing n - 1 with q recurses without end, and Min and Max compare
    their arguments each time they are made: so they are made where it does distribute.
    """
    if not expr.has(Min, Max):
        return expr.xreplace(dict(mapping))
    with distribute(True):
        extrema = {one: one.xreplace(dict(mapping)) for one in expr.atoms(Min, Max)}
    return expr.xreplace({**mapping, **extrema})


def extremum(kind: type[Expr], first: Expr, second: Expr) -> Expr:
    """The Min or Max of two index expressions."""
    with distribute(True):
        return kind(first, second)


def expand(expr: Expr) -> Expr:
    """Index arithmetic, multiplied out."""
    if not expr.has(Min, Max):
        return expr.expand()
    with distribute(True):
        return expr.expand()


def refresh_inner(expr: Expr) -> Expr:
    """Give every `Sum` inside ``expr`` fresh letters."""
    if not expr.has(Sum):
        return expr
    with distribute(False):
        return _refresh(expr)


def _refresh(expr: Expr) -> Expr:
    if not expr.args or not expr.has(Sum):
        return expr
    if isinstance(expr, Sum):
        mapping = {limit[0]: symbols.fresh(limit[0]) for limit in expr.limits}
        body = put_in(_refresh(expr.function), mapping)
        limits = [tuple(put_in(part, mapping) for part in limit) for limit in expr.limits]
        return Sum(body, *limits)
    return expr.func(*[_refresh(arg) for arg in expr.args])


def unshadowed(expr: Expr, scope: Collection[Expr]) -> Expr:
    """The expression with other letters in each `Sum` that binds a letter which is in use there.

    scope: the letters in use around it. A sum within a sum may bind the letter of the outer one, as
    in sum_i a_i f(sum_i b_i); what puts values in place of the outer letter must not see the inner.
    """
    if not expr.has(Sum):
        return expr
    if not isinstance(expr, Sum):
        with distribute(False):
            return expr.func(*[unshadowed(arg, scope) for arg in expr.args])
    own = [limit[0] for limit in expr.limits]
    mapping: dict[Expr, Expr] = {}
    for letter in own:
        if letter in scope:
            taken = {*scope, *expr.atoms(Symbol), *mapping.values()}
            mapping[letter] = symbols.readable(letter, taken)
    inner = {*scope, *(mapping.get(letter, letter) for letter in own)}
    body = substitute(unshadowed(expr.function, {*inner, *own}), mapping)
    limits: list[tuple[Expr, ...]] = []
    visible: dict[Expr, Expr] = {}
    for letter, low, high in reversed(expr.limits):  # a bound may use the letters behind it
        limits.append((mapping.get(letter, letter), put_in(low, visible), put_in(high, visible)))
        visible |= {one: new for one, new in mapping.items() if one == letter}
    return Sum(body, *reversed(limits))


def term(*factors: Expr, sums: Iterable[Bound] = (), guards: Iterable[Condition] = ()) -> Term:
    """A term of one link."""
    return Term((tuple(factors),), tuple(sums), tuple(guards))


def ordered_factors(expr: Expr) -> tuple[Expr, ...]:
    """The factors of a product that SymPy sorted, as a reader expects them: a (1 - a)."""
    if not isinstance(expr, Mul):
        return (expr,)
    return tuple(sorted(expr.args, key=lambda factor: (not factor.is_number, factor.is_Add)))


def constant(value: Expr) -> Terms:
    """The terms of a constant; none for 0."""
    return () if value == 0 else (term(value),)


def as_expr(terms: Terms) -> Expr:
    """The terms as one SymPy expression that keeps their order. Guards must be absent."""
    parts = [_term_expr(t) for t in terms]
    if not parts:
        return Integer(0)
    return parts[0] if len(parts) == 1 else Plus(*parts)


def _term_expr(t: Term) -> Expr:
    if t.guards:
        raise ValueError("a guarded term has no plain expression")
    factors = [f for f in t.factors if f != 1] or [Integer(1)]
    body = factors[0] if len(factors) == 1 else Product(*factors)
    if not t.sums:
        return body
    return Sum(body, *[(b.letter, b.low, b.high) for b in reversed(t.sums)])


def plain(expr: Expr) -> Expr:
    """The expression with SymPy's own sums and products in place of the ordered ones."""
    if not expr.has(Plus, Product):
        return expr
    with distribute(False):
        args = [plain(arg) for arg in expr.args]
        if isinstance(expr, Plus):
            return Add(*args)
        if isinstance(expr, Product):
            return Mul(*args)
        return expr.func(*args)
