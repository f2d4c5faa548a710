"""Conditions on indices: l < L, l = 1, ..., L, otherwise."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from dataclasses import replace

from symbackprop.checker.meaning import arrays
from symbackprop.checker.meaning.context import Context, Index, Scope, Value
from symbackprop.checker.meaning.indexing import index
from symbackprop.checker.meaning.surroundings import Surroundings
from symbackprop.reading.syntax.tree import (
    Condition,
    Dots,
    Group,
    Node,
    Relation,
    Sequence,
    Statement,
    Symbol,
)
from symbackprop.reading.syntax.walk import symbols, terms

Test = Callable[[Scope], bool]
Read = Callable[[Node, Context], Value]

_COMPARE: dict[str, Callable[[int, int], bool]] = {
    "=": operator.eq, "<": operator.lt, ">": operator.gt, "\\le": operator.le,
    "\\ge": operator.ge, "\\ne": operator.ne, "\\in": operator.eq,
}  # fmt: skip


_ORDER: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt, ">": operator.gt, "\\le": operator.le, "\\ge": operator.ge,
    "=": operator.eq, "\\ne": operator.ne,
}  # fmt: skip


def condition(node: Node, context: Context, read: Read) -> Test:
    """The test that a condition makes, on indices or on values. Raises NotUnderstood."""
    if isinstance(node, Condition):
        tests = [condition(clause, context, read) for clause in node.clauses]
        either = "or" in node.joints
        return lambda scope: (any if either else all)(test(scope) for test in tests)
    if isinstance(node, Group):
        return condition(node.body, context, read)
    if isinstance(node, Relation) and all(sign in _COMPARE for sign in node.signs):
        pairs = zip(node.members, node.signs, node.members[1:], strict=False)
        tests = [
            _values(left, sign, right, context, read)
            if _is_value(left, context) or _is_value(right, context)
            else _pair(left, sign, right, context)
            for left, sign, right in pairs
        ]
        return lambda scope: all(test(scope) for test in tests)
    return lambda scope: True


def _is_value(node: Node, context: Context) -> bool:
    """Whether a side of a condition is a value, not an index: a quantity, or an argument."""
    return any(
        context.lookup.quantity(one) is not None or one.name == context.around_argument
        for one in terms(node)
    )


def _values(left: Node, sign: str, right: Node, context: Context, read: Read) -> Test:
    first, second = read(left, context), read(right, context)
    compare = _ORDER.get(sign)
    if compare is None:
        raise context.not_understood(left, "an order, where values are compared")

    def test(scope: Scope) -> bool:
        one, other = first(scope), second(scope)
        if not arrays.is_number(one) or not arrays.is_number(other):
            raise arrays.NoShape("columns have no order")
        return compare(one.real, other.real)

    return test


def with_conditions(statements: tuple[Statement, ...]) -> list[Statement]:
    """The statements, ``l = L`` behind an equation being a condition of it."""
    found: list[Statement] = []
    for statement in statements:
        body = statement.body
        if found and isinstance(body, Relation) and _is_of_indices(body, found[-1].body):
            limit = Condition(body.start, body.end, "", (body,))
            before = found.pop()
            statement = replace(before, conditions=(*before.conditions, limit))
        found.append(statement)
    return found


def _is_of_indices(body: Relation, before: Node) -> bool:
    """Whether a relation only says which value a letter of the equation before has."""
    first = body.members[0]
    if not isinstance(first, Symbol) or len(body.members) != 2 or body.signs != ("=",):
        return False
    inside = {one.name for script in _scripts(before) for one in symbols(script)}
    plain = all(not (one.below or one.above or one.primes) for one in symbols(body))
    known = {one.name for one in symbols(body)} <= inside | {"L"}
    return plain and known and first.name in inside


def _scripts(node: Node) -> Iterator[Node]:
    for symbol in symbols(node):
        yield from (*symbol.below, *symbol.above)


def _pair(left: Node, sign: str, right: Node, context: Context) -> Test:
    first = index(left, context, _kind(left, context.around))
    if isinstance(right, Sequence):
        return _among(first, right, context)
    second = index(right, context, _kind(left, context.around))
    compare = _COMPARE[sign]
    return lambda scope: compare(first.value(scope), second.value(scope))


def _kind(node: Node, around: Surroundings) -> str:
    name = getattr(node, "name", "")
    return "node" if name in around.nodes else "sample" if name in around.samples else "layer"


def _among(first: Index, values: Sequence, context: Context) -> Test:
    """One of several values; with dots, from the first to the last."""
    items = [item for item in values.items if not isinstance(item, Dots)]
    found = [index(item, context, "bound") for item in items]
    if len(items) < len(values.items):
        low, high = found[0], found[-1]
        return lambda scope: low.value(scope) <= first.value(scope) <= high.value(scope)
    return lambda scope: first.value(scope) in [one.value(scope) for one in found]
