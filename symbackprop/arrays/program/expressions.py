"""Expressions in index notation to operations: an expression becomes an array with named axes.

The names of the axes are the letters of the indices that are free in the expression. Products
under sums become contractions, functions become elementwise operations.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from sympy import (
    Add,
    Expr,
    Indexed,
    Integer,
    Max,
    Min,
    Mul,
    Number,
    Piecewise,
    Pow,
    Rational,
    Sum,
    Symbol,
    exp,
    log,
)
from sympy.core.relational import Eq, Ge, Gt, Le, Lt, Ne
from sympy.logic.boolalg import And, Not, Or

from symbackprop.arrays.program import algebra
from symbackprop.arrays.program.program import Builder, Extent, Named, Row
from symbackprop.arrays.program.rows import LogSumExp, LogSumExpOf, Softmax, SoftmaxOf
from symbackprop.errors import NotSupported
from symbackprop.notation import elementary
from symbackprop.notation.expressions import Bound, Plus, Product, substitute
from symbackprop.notation.functions import Apply
from symbackprop.notation.quantities import is_scalar
from symbackprop.notation.symbols import fresh

FUNCTIONS: dict[type, str] = {row.head: row.code for row in elementary.TABLE if row.code} | {
    Gt: "greater",
    Ge: "greater_equal",
    Lt: "less",
    Le: "less_equal",
    Eq: "equal",
    Ne: "not_equal",
    And: "logical_and",
    Or: "logical_or",
    Not: "logical_not",
}
"""The elementwise functions of programs, by the SymPy head that they compute."""


@dataclass(frozen=True)
class Value:
    """An operation whose axes have letters."""

    node: int
    letters: tuple[Symbol, ...] = ()


@dataclass
class Scope:
    """The letters in force: their ranges, and their order, which is that of axes: samples first.

    A value has the same axes wherever it occurs, under a sum over samples or not.
    """

    bounds: dict[Symbol, Bound] = field(default_factory=dict)
    rank: dict[Symbol, int] = field(default_factory=dict)

    def enter(self, bounds: Iterable[Bound]) -> None:
        """Add letters after those that are known."""
        for bound in bounds:
            self.bounds[bound.letter] = bound
            self.rank.setdefault(bound.letter, len(self.rank))

    def admits(self, bound: Bound) -> bool:
        """Whether a letter may be entered with this range: it is new, or has the same."""
        return self.bounds.get(bound.letter, bound) == bound

    def sorted(self, letters: Iterable[Symbol]) -> tuple[Symbol, ...]:
        """Letters in order, each once."""
        return tuple(sorted(set(letters), key=self._order))

    def _order(self, letter: Symbol) -> tuple[bool, int]:
        known = letter in self.bounds and isinstance(self.extent(letter), int)
        return known, self.rank[letter]

    def extent(self, letter: Symbol) -> Extent:
        """How many values a letter has."""
        bound = self.bounds[letter]
        count = bound.high - bound.low + 1
        return int(count) if count.is_Integer else count


Read = Callable[[Expr, Scope], Value]


@dataclass(frozen=True)
class Expressions:
    """Lowers expressions; ``read`` gives the value of an instance, ``free`` are run-time sizes."""

    builder: Builder
    read: Read
    free: tuple[Symbol, ...] = ()

    def lower(self, expr: Expr, scope: Scope) -> Value:
        """The value of an expression."""
        if self._is_number(expr):
            return Value(self.builder.number(expr))
        if isinstance(expr, Indexed) or is_scalar(expr):
            return self.read(expr, scope)
        if isinstance(expr, Add | Plus):
            return self.sum([self.lower(arg, scope) for arg in expr.args], scope)
        if isinstance(expr, Mul | Product | Sum):
            return self.product((expr,), (), scope)
        return self._function(expr, scope)

    def _is_number(self, expr: Expr) -> bool:
        if isinstance(expr, Number | Indexed):
            return isinstance(expr, Number)
        return expr.free_symbols <= set(self.free)

    def _function(self, expr: Expr, scope: Scope) -> Value:
        if isinstance(expr, Pow):
            return self._power(self.lower(expr.args[0], scope), expr.args[1], scope)
        if isinstance(expr, Apply):
            argument = self.lower(expr.argument, scope)
            shape = self.builder.shape(argument.node)
            named = Named((argument.node,), shape, expr.head, expr.order)
            return Value(self.builder.append(named), argument.letters)
        if isinstance(expr, Piecewise):
            return self._piecewise(expr, scope)
        if isinstance(expr, Softmax | LogSumExp):
            return self._row(expr, scope)
        if isinstance(expr, SoftmaxOf | LogSumExpOf):
            return self._written_row(expr, scope)
        if type(expr) in FUNCTIONS:
            values = [self.lower(arg, scope) for arg in _numbers_last(expr)]
            return self._folded(FUNCTIONS[type(expr)], values, scope)
        if (written := elementary.written(expr)) is not None:
            return self.lower(written, scope)
        raise NotSupported(f"no code is written for {type(expr).__name__}: {expr}")

    def _folded(self, function: str, values: list[Value], scope: Scope) -> Value:
        """A function of one or two arguments, or of more by applying it again and again."""
        result = values[0]
        if len(values) == 1:
            node = algebra.elementwise(self.builder, function, [result.node])
            return Value(node, result.letters)
        for value in values[1:]:
            result = self._together(function, [result, value], scope)
        return result

    def _together(self, function: str, values: Sequence[Value], scope: Scope) -> Value:
        letters, nodes = self.aligned(values, scope)
        return Value(algebra.elementwise(self.builder, function, nodes), letters)

    def _power(self, base: Value, exponent: Expr, scope: Scope) -> Value:
        builder = self.builder
        if exponent.is_Rational and exponent.is_negative:
            inner = self._power(base, -exponent, scope)
            return Value(algebra.reciprocal(builder, inner.node), inner.letters)
        if exponent == 1:
            return base
        simple = {Integer(2): "square", Rational(1, 2): "sqrt"}.get(exponent)
        if simple is not None:
            return Value(algebra.elementwise(builder, simple, [base.node]), base.letters)
        return self._together("power", [base, self.lower(exponent, scope)], scope)

    def _piecewise(self, expr: Piecewise, scope: Scope) -> Value:
        """Nested choices; the last case must hold where no other does."""
        *cases, (last, _) = expr.args
        result = self.lower(last, scope)
        for value, test in reversed(cases):
            parts = [self.lower(test, scope), self.lower(value, scope), result]
            result = self._together("where", parts, scope)
        return result

    def _row(self, expr: Softmax | LogSumExp, scope: Scope) -> Value:
        """A function of a row along an axis."""
        body, letter, *ends = expr.args
        low, high = ends[:2]
        if isinstance(expr, Softmax):
            own = expr.args[4]
            body = substitute(body, {letter: own})
            if not (isinstance(own, Symbol) and scope.admits(Bound(own, low, high))):
                less = Product(Integer(-1), LogSumExp(*expr.args[:4]))
                return self.lower(exp(Plus(body, less)), scope)
            letter = own
        elif not scope.admits(Bound(letter, low, high)):
            letter = fresh(letter)
            body = substitute(body, {expr.args[1]: letter})
        scope.enter([Bound(letter, low, high)] if letter not in scope.bounds else [])
        value = self.lower(body, scope)
        if letter not in value.letters:
            return self._even(value, int(str(scope.extent(letter))), isinstance(expr, Softmax))
        axis = value.letters.index(letter)
        if isinstance(expr, Softmax):
            return Value(algebra.softmax(self.builder, value.node, axis), value.letters)
        left = value.letters[:axis] + value.letters[axis + 1 :]
        return Value(algebra.log_sum_exp(self.builder, value.node, axis), left)

    def _even(self, value: Value, count: int, softmax: bool) -> Value:
        """A function of a row whose numbers are all the same."""
        builder = self.builder
        if softmax:
            return Value(
                builder.number(1 / Integer(count) if isinstance(count, int) else 1 / count)
            )
        more = builder.number(log(count))
        return Value(algebra.add(builder, [value.node, more]), value.letters)

    def _written_row(self, expr: SoftmaxOf | LogSumExpOf, scope: Scope) -> Value:
        """The same of a row whose values are written out."""
        function = "softmax" if isinstance(expr, SoftmaxOf) else "log_sum_exp"
        nodes = tuple(self.lower(one, scope).node for one in expr.args)
        return Value(self.builder.append(Row(nodes, (), function, None)))

    def aligned(
        self, values: Sequence[Value], scope: Scope
    ) -> tuple[tuple[Symbol, ...], list[int]]:
        """All letters of some values in order, and the values ready to broadcast to them."""
        letters = scope.sorted(letter for value in values for letter in value.letters)
        return letters, [self.align(value, letters) for value in values]

    def align(self, value: Value, letters: tuple[Symbol, ...]) -> int:
        """A value with its axes in the order of ``letters``, ready to broadcast to them."""
        places = {letter: axis for axis, letter in enumerate(value.letters)}
        return algebra.align(self.builder, value.node, [places.get(letter) for letter in letters])

    def sum(self, values: Sequence[Value], scope: Scope) -> Value:
        """The sum of some values."""
        letters, nodes = self.aligned(values, scope)
        node = algebra.add(self.builder, nodes)
        if self.builder.value(node) is not None:
            letters = ()
        return Value(node, letters)

    def product(self, factors: Sequence[Expr], sums: Sequence[Bound], scope: Scope) -> Value:
        """The product of some factors under sums."""
        scope.enter(sums)
        bound = [one.letter for one in sums]
        coefficient, values = self._operands(factors, scope, bound)
        for letter in tuple(bound):
            if not any(letter in value.letters for value in values):
                coefficient = coefficient * scope.extent(letter)
                bound.remove(letter)
        inside = [value for value in values if set(value.letters) & set(bound)]
        outside = [value for value in values if not set(value.letters) & set(bound)]
        if coefficient == 0 or any(self.builder.value(v.node) == 0 for v in values):
            return Value(self.builder.number(0))
        parts = [Value(self.builder.number(coefficient)), *outside]
        if inside:
            parts.append(self._contraction(inside, bound, scope))
        letters, nodes = self.aligned(parts, scope)
        return Value(algebra.multiply(self.builder, nodes), letters)

    def _operands(
        self, factors: Sequence[Expr], scope: Scope, bound: list[Symbol]
    ) -> tuple[Expr, list[Value]]:
        """The numbers among the factors as one, and the values of the others; sums are merged."""
        coefficient: Expr = Integer(1)
        values: list[Value] = []
        waiting = list(reversed(factors))
        while waiting:
            factor = waiting.pop()
            if self._is_number(factor):
                coefficient = coefficient * factor
            elif isinstance(factor, Mul | Product):
                waiting.extend(reversed(factor.args))
            elif isinstance(factor, Sum) and not waiting and not values and not bound:
                scope.enter(Bound(*limit) for limit in reversed(factor.limits))
                bound.extend(limit[0] for limit in reversed(factor.limits))
                waiting.append(factor.function)
            elif isinstance(factor, Sum):
                limits = tuple(Bound(*limit) for limit in reversed(factor.limits))
                values.append(self.product((factor.function,), limits, scope))
            else:
                values.append(self.lower(factor, scope))
        return coefficient, values

    def _contraction(self, values: list[Value], bound: Sequence[Symbol], scope: Scope) -> Value:
        """The values multiplied and summed over the bound letters."""
        builder = self.builder
        every = scope.sorted(letter for value in values for letter in value.letters)
        output = tuple(letter for letter in every if letter not in bound)
        if len(values) == 1 and len(set(values[0].letters)) == len(values[0].letters):
            (value,) = values
            left = tuple(letter for letter in value.letters if letter not in bound)
            axes = [axis for axis, letter in enumerate(value.letters) if letter in bound]
            return Value(algebra.reduce(builder, "sum", value.node, axes, False), left)
        number = {letter: position for position, letter in enumerate(every)}
        labels = [[number[letter] for letter in value.letters] for value in values]
        nodes = [value.node for value in values]
        wanted = [number[letter] for letter in output]
        return Value(algebra.contract(builder, nodes, labels, wanted), output)


def _numbers_last(expr: Expr) -> list[Expr]:
    """The arguments, numbers after the others where the order is free: maximum(z, 0)."""
    if isinstance(expr, Max | Min):
        return sorted(expr.args, key=lambda arg: arg.is_number)
    return list(expr.args)
