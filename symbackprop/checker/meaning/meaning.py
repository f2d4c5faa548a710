"""The meaning of a formula: what it evaluates to in a world, for given values of its letters."""

from __future__ import annotations

from functools import singledispatch

import numpy as np

from symbackprop.checker.meaning import arrays, constants, costs, functions, sums
from symbackprop.checker.meaning import derivatives as derivatives_of
from symbackprop.checker.meaning.arrays import Array
from symbackprop.checker.meaning.conditions import condition
from symbackprop.checker.meaning.context import ARGUMENT, Context, Scope, Value
from symbackprop.checker.meaning.indexing import index
from symbackprop.checker.meaning.spots import TRANSPOSED, Spot, above_of, spot
from symbackprop.checker.meaning.surroundings import indices_of
from symbackprop.checker.meaning.worlds import OutOfRange
from symbackprop.reading.syntax.tree import (
    Absolute,
    Add,
    Call,
    Cases,
    Derivative,
    Differential,
    Gradient,
    Group,
    Indicator,
    Matrix,
    Negative,
    Node,
    Norm,
    Number,
    Product,
    Quotient,
    Reduction,
    Root,
    Scripted,
    Symbol,
)

_ELEMENTWISE = ("\\odot", "\\circ", "\\otimes")


@singledispatch
def meaning(node: Node, context: Context) -> Value:
    """What a formula evaluates to. Raises NotUnderstood for what is not known."""
    raise context.not_understood(node, "a number, a quantity, a function, a sum or a derivative")


@meaning.register
def _(node: Number, context: Context) -> Value:
    number = complex(float(node.text))
    return lambda scope: number


@meaning.register
def _(node: Group, context: Context) -> Value:
    return meaning(node.body, context)


@meaning.register
def _(node: Negative, context: Context) -> Value:
    inner = meaning(node.operand, context)
    return lambda scope: -inner(scope)


@meaning.register
def _(node: Add, context: Context) -> Value:
    parts = tuple(meaning(term, context) for term in node.terms)
    counted = tuple(_is_count(term) for term in node.terms)

    def value(scope: Scope) -> Array:
        found = [part(scope) for part in parts]
        like = next((one for one in found if not arrays.is_number(one)), None)
        total = None
        for one, is_count in zip(found, counted, strict=True):
            if like is not None and is_count and arrays.is_number(one):
                one = np.full(like.shape, one)
            total = one if total is None else arrays.add(total, one)
        return total

    return value


def _is_count(term: Node) -> bool:
    """Whether a summand is a plain number, which may stand for a column of it: 1 - a."""
    return isinstance(term.operand if isinstance(term, Negative) else term, Number)


@meaning.register
def _(node: Product, context: Context) -> Value:
    for at, sign in enumerate(node.signs):
        if sign in _ELEMENTWISE:
            left = _part(node, 0, at + 1)
            right = _part(node, at + 1, len(node.factors))
            first, second = meaning(left, context), meaning(right, context)
            return lambda scope: arrays.multiply(first(scope), second(scope), sign)
    parts = tuple(meaning(factor, context) for factor in node.factors)

    def value(scope: Scope) -> Array:
        total = parts[0](scope)
        for sign, part in zip(node.signs, parts[1:], strict=True):
            total = arrays.multiply(total, part(scope), sign)
        return total

    return value


def _part(node: Product, start: int, stop: int) -> Node:
    if stop - start == 1:
        return node.factors[start]
    first, last = node.factors[start], node.factors[stop - 1]
    return Product(first.start, last.end, node.factors[start:stop], node.signs[start : stop - 1])


@meaning.register
def _(node: Quotient, context: Context) -> Value:
    above, below = meaning(node.numerator, context), meaning(node.denominator, context)
    return lambda scope: arrays.divide(above(scope), below(scope))


@meaning.register
def _(node: Root, context: Context) -> Value:
    body = meaning(node.body, context)
    if node.degree is None:
        return lambda scope: arrays.power(body(scope), 0.5 + 0j)
    degree = meaning(node.degree, context)
    return lambda scope: arrays.power(body(scope), 1 / degree(scope))


@meaning.register
def _(node: Norm, context: Context) -> Value:
    body = sums.whole(node.body, context, meaning)
    return lambda scope: arrays.length(body(scope))


@meaning.register
def _(node: Absolute, context: Context) -> Value:
    body = meaning(node.body, context)

    def value(scope: Scope) -> Array:
        inner = body(scope)
        if not arrays.is_number(inner):
            return arrays.length(inner)
        return inner if inner.real > 0 else -inner

    return value


@meaning.register
def _(node: Scripted, context: Context) -> Value:
    if isinstance(node.base, Norm) and _is_two(node.below):
        node = Scripted(node.start, node.end, node.base, (), node.above, node.primes)
    if node.primes or node.below:
        raise context.not_understood(node, "no prime and no subscript here")
    base = meaning(node.base, context)
    for script in node.above:
        base = raised(base, script, context)
    return base


def _is_two(below: tuple[Node, ...]) -> bool:
    return len(below) == 1 and isinstance(below[0], Number) and below[0].text == "2"


def raised(base: Value, script: Node, context: Context) -> Value:
    """A power, or a transpose."""
    if isinstance(script, Symbol) and script.name in TRANSPOSED and not script.below:
        return lambda scope: arrays.transpose(base(scope))
    exponent = meaning(script, context)
    return lambda scope: arrays.power(base(scope), exponent(scope))


@meaning.register
def _(node: Reduction, context: Context) -> Value:
    return sums.reduction(node, context, meaning)


@meaning.register
def _(node: Derivative, context: Context) -> Value:
    return derivatives_of.derivative(node, context, meaning)


@meaning.register
def _(node: Differential, context: Context) -> Value:
    return derivatives_of.differential(node, context)


@meaning.register
def _(node: Gradient, context: Context) -> Value:
    return derivatives_of.gradient(node, context)


@meaning.register
def _(node: Call, context: Context) -> Value:
    return functions.call(node, context, meaning, raised)


@meaning.register
def _(node: Indicator, context: Context) -> Value:
    test = condition(node.condition, context, meaning)
    return lambda scope: complex(test(scope))


@meaning.register
def _(node: Cases, context: Context) -> Value:
    arms = [
        (None if row.condition is None else condition(row.condition, context, meaning),
         meaning(row.value, context))
        for row in node.rows
    ]  # fmt: skip

    def value(scope: Scope) -> Array:
        for test, arm in arms:
            if test is None or test(scope):
                return arm(scope)
        raise OutOfRange

    return value


@meaning.register
def _(node: Matrix, context: Context) -> Value:
    rows = [[meaning(cell, context) for cell in row] for row in node.rows]

    def value(scope: Scope) -> Array:
        return np.array([[cell(scope) for cell in row] for row in rows], dtype=complex)

    return value


@meaning.register
def _(node: Symbol, context: Context) -> Value:
    if node.name == context.around_argument and not (node.below or node.above or node.primes):
        return lambda scope: scope.env[ARGUMENT]
    quantity = context.lookup.quantity(node)
    if quantity is not None:
        return _with_scripts(spot(node, quantity, context), context)
    found = costs.cost(node, context)
    if found is not None:
        power = above_of(node, context, False).power
        value = _with_scripts(Spot(found.quantity, found.key, None), context)
        return value if power is None else raised(value, power, context)
    if node.name == "delta":
        return _delta(node, context)
    return constants.constant(node, context, meaning)


def _with_scripts(where: Spot, context: Context) -> Value:
    value = values_at(where)
    if where.transposed:
        return lambda scope: arrays.transpose(value(scope))
    return value if where.power is None else raised(value, where.power, context)


def values_at(where: Spot) -> Value:
    """The value of a quantity, or the array of its values."""
    key, keys = where.key, where.keys
    if key is not None:
        return lambda scope: scope.world.value(*key(scope))
    assert keys is not None

    def value(scope: Scope) -> Array:
        found = keys(scope)
        flat = [scope.world.value(*one) for one in found.flat]
        return np.array(flat, dtype=complex).reshape(found.shape)

    return value


def _delta(node: Symbol, context: Context) -> Value:
    """The error of a node, or the Kronecker delta."""
    items = indices_of(node)
    if len(items) == 2 and not node.above:
        left, right = (index(one, context, "node") for one in items)
        return lambda scope: complex(left.value(scope) == right.value(scope))
    return derivatives_of.error(node, context)
