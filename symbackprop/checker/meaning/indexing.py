"""Indices: layers, nodes, samples and bounds of sums as whole numbers."""

from __future__ import annotations

from symbackprop.checker.meaning.context import COUNT, Context, Index, Scope
from symbackprop.checker.meaning.worlds import OutOfRange
from symbackprop.errors import NotSupported
from symbackprop.reading.syntax.tree import (
    Add,
    Group,
    Negative,
    Node,
    Number,
    Product,
    Quotient,
    Symbol,
)

LAST = "L"
_EXPECTED = "an index: a letter, a number, L, a width such as n_l, or a sum of these"


def index(node: Node, context: Context, kind: str) -> Index:
    """The index that a node means; kind is "layer", "node", "sample" or "bound"."""
    if isinstance(node, Group):
        return index(node.body, context, kind)
    if isinstance(node, Number) and node.text.isdigit():
        number = int(node.text)
        return Index(lambda scope: number, number=number)
    if isinstance(node, Symbol):
        return _symbol(node, context, kind)
    if isinstance(node, Negative):
        inner = index(node.operand, context, kind)
        opposite = None if inner.number is None else -inner.number
        return Index(lambda scope: -inner.value(scope), number=opposite)
    if isinstance(node, Add):
        return _sum([index(term, context, kind) for term in node.terms])
    if isinstance(node, Product):
        return _product([index(factor, context, kind) for factor in node.factors])
    if isinstance(node, Quotient):
        above = index(node.numerator, context, kind)
        below = index(node.denominator, context, kind)
        return Index(lambda scope: _whole(above.value(scope), below.value(scope)))
    raise context.not_understood(node, _EXPECTED)


def _whole(above: int, below: int) -> int:
    if not below or above % below:
        raise OutOfRange
    return above // below


def _sum(parts: list[Index]) -> Index:
    values = tuple(part.value for part in parts)

    def value(scope: Scope) -> int:
        return sum(each(scope) for each in values)

    fixed = [part.number for part in parts if part.number is not None]
    moving = [part for part in parts if part.number is None]
    if not moving:
        return Index(value, number=sum(fixed))
    if len(moving) == 1 and moving[0].letter:
        return Index(value, moving[0].letter, moving[0].offset + sum(fixed))
    return Index(value)


def _product(parts: list[Index]) -> Index:
    def value(scope: Scope) -> int:
        total = 1
        for part in parts:
            total *= part.value(scope)
        return total

    return Index(value)


def _symbol(node: Symbol, context: Context, kind: str) -> Index:
    name = node.name
    if node.below and context.lookup.is_width(node) and not node.above and not node.primes:
        return _width(node, context)
    plain = not (node.below or node.above or node.primes)
    if not plain:
        raise context.not_understood(node, _EXPECTED)
    if name == "L" and "L" not in context.bound:
        return Index(lambda scope: scope.world.depth, LAST)
    if name in context.bound:
        return Index(lambda scope: _letter(scope, name), name)
    if kind == "bound":
        return _count(node, context)
    if len(name) > 1 and not name.isalpha():
        raise context.not_understood(node, _EXPECTED)
    context.use(name, kind)
    return Index(lambda scope: _letter(scope, name), name)


def _letter(scope: Scope, name: str) -> int:
    found: int = scope.env[name]
    return found


def _count(node: Symbol, context: Context) -> Index:
    """A letter in a bound that nothing binds: the number of samples, or of values there are."""
    name = node.name
    if name in context.free:
        return Index(lambda scope: _letter(scope, name), name)
    if name == "l":
        context.use("l", "layer")
        return Index(lambda scope: _letter(scope, name), name)
    return Index(lambda scope: int(scope.env[COUNT]))


def _width(node: Symbol, context: Context) -> Index:
    """n_l: the number of nodes of a layer."""
    (below,) = node.below
    layer = index(below, context, "layer")

    def value(scope: Scope) -> int:
        try:
            return scope.world.size("n", (layer.value(scope),))
        except NotSupported:
            raise OutOfRange from None

    return Index(value)
