"""Calls: activation functions, functions with a name, and quantities written as functions."""

from __future__ import annotations

import cmath
from collections.abc import Callable

import numpy as np

from symbackprop.checker.meaning import arrays
from symbackprop.checker.meaning.arrays import Array
from symbackprop.checker.meaning.context import Context, Scope, Value
from symbackprop.checker.meaning.indexing import index
from symbackprop.checker.meaning.spots import above_of
from symbackprop.checker.meaning.worlds import OutOfRange
from symbackprop.model.definitions import name_of
from symbackprop.model.model import Model
from symbackprop.notation.quantities import mentioned
from symbackprop.reading.syntax.tree import Call, Dots, Group, Node, Sequence, Symbol
from symbackprop.reading.syntax.walk import terms

Read = Callable[[Node, Context], Value]
Raise = Callable[[Value, Node, Context], Value]

_ELEMENTARY: dict[str, Callable[[complex], complex]] = {
    "exp": cmath.exp, "log": cmath.log, "ln": cmath.log, "tanh": cmath.tanh, "sin": cmath.sin,
    "cos": cmath.cos, "sinh": cmath.sinh, "cosh": cmath.cosh, "tan": cmath.tan,
    "sqrt": cmath.sqrt, "arctan": cmath.atan,
}  # fmt: skip


def call(node: Call, context: Context, read: Read, raised: Raise) -> Value:
    """The value of a call, or of the product that it is instead."""
    head = node.head
    primes = head.primes + node.primes
    value = None
    if context.lookup.quantity(head) is None or _is_activation(head, context):
        value = _function(node, primes, context, read)
    elif _is_shown_as_function(node, context):
        return read(head, context)
    if value is None and context.lookup.is_cost(head) and _is_list(node):
        return read(head, context)
    if value is None:
        return _product(node, context, read, raised)
    for script in node.above:
        value = raised(value, script, context)
    return value


def _is_activation(head: Symbol, context: Context) -> bool:
    return head.name == context.conventions.profile.activation


def _function(node: Call, primes: int, context: Context, read: Read) -> Value | None:
    head = node.head
    if head.name in ("max", "min") and not primes:
        return _extremum(node, context, read)
    if len(node.arguments) != 1:
        return None
    if context.lookup.is_activation(head) and not head.below:
        return _activation(node, primes, context, read)
    if head.name in _ELEMENTARY and not primes and not head.below:
        found = elementwise(_ELEMENTARY[head.name], read(node.arguments[0], context))
        for script in head.above:
            found = _raised(found, read(script, context))
        return found
    row = context.lookup.function(head)
    if row is None:
        return None
    if context.lookup.model.function(row).reads_row:
        raise context.not_understood(node, "a function of one number")
    argument = read(node.arguments[0], context)
    return _applied(lambda scope: (row, 0), primes, argument)


def _raised(base: Value, exponent: Value) -> Value:
    """A power that stands behind the name of a function: log^2 x."""
    return lambda scope: arrays.power(base(scope), exponent(scope))


def elementwise(function: Callable[[complex], complex], argument: Value) -> Value:
    """A function applied to each entry."""

    def value(scope: Scope) -> Array:
        inner = argument(scope)
        if arrays.is_number(inner):
            return function(inner)
        return np.array([function(one) for one in inner.flat], dtype=complex).reshape(inner.shape)

    return value


def _applied(which: Callable[[Scope], tuple[str, int]], order: int, argument: Value) -> Value:
    def value(scope: Scope) -> Array:
        name, place = which(scope)
        function = scope.world.function
        applied = elementwise(lambda one: function(name, place, order, one), argument)
        return applied(scope)

    return value


def _activation(node: Call, order: int, context: Context, read: Read) -> Value:
    r"""\sigma(z^{(l)}): the function of the layer that is marked, or that the argument is of."""
    if any(one.jacobian for one in context.lookup.model.definitions if one.quantity.name == "a"):
        raise context.not_understood(node, "no call of an activation that reads its whole layer")
    above = above_of(node.head, context, True)
    start = len(context.layers)
    argument = read(node.arguments[0], context)
    layers = tuple(context.layers[start:])
    if above.layer is not None:
        layers = (index(above.layer, context, "layer").value,)

    def which(scope: Scope) -> tuple[str, int]:
        layer = max((each(scope) for each in layers), default=1)
        name = scope.world.activation(layer)
        if not layers and scope.world.model.function(name).by_layer:
            return name, 1
        if layer < 1 or layer > scope.world.depth:
            raise OutOfRange
        return name, layer if scope.world.model.function(name).by_layer else 0

    return _applied(which, order, argument)


def _extremum(node: Call, context: Context, read: Read) -> Value:
    choose = max if node.head.name == "max" else min
    arguments = [
        item
        for one in node.arguments
        for item in (one.items if isinstance(one, Sequence) else (one,))
    ]
    parts = [read(one, context) for one in arguments]
    return lambda scope: choose((part(scope) for part in parts), key=lambda one: one.real)


def _product(node: Call, context: Context, read: Read, raised: Raise) -> Value:
    """A symbol times a group, the scripts behind the group being the group's."""
    if node.certain or node.below or node.primes:
        raise context.not_understood(node, "a function that is known")
    first, second = read(node.head, context), read(node.arguments[0], context)
    for script in node.above:
        second = raised(second, script, context)
    return lambda scope: arrays.multiply(first(scope), second(scope))


# --- quantities written as functions -------------------------------------------------------------


def _is_list(node: Call) -> bool:
    """Whether the arguments only say what a cost depends on: dots, or bare symbols."""
    return all(isinstance(one, Dots | Symbol | Sequence | Call) for one in node.arguments)


def _is_shown_as_function(node: Call, context: Context) -> bool:
    """Whether a quantity is written with what it is computed from: a_j(z_j(w_j)), a(x)."""
    quantity = context.lookup.quantity(node.head)
    if quantity is None or node.above or node.below or node.primes:
        return False
    for one in node.arguments:
        inner = one.body if isinstance(one, Group) else one
        if isinstance(inner, Dots):
            continue
        if not isinstance(inner, Symbol | Call):
            return False
        head = inner if isinstance(inner, Symbol) else inner.head
        other = context.lookup.quantity(head)
        if quantity.name == "y" and other is not None and other.name == "x":
            continue
        if other is None or not depends(context.lookup.model, quantity.name, other.name):
            return False
    return any(True for _ in terms(node))


def depends(model: Model, name: str, other: str) -> bool:
    """Whether a quantity is computed from another one, directly or not."""
    seen: set[str] = set()
    todo = [name]
    while todo:
        here = todo.pop()
        for definition in model.definitions:
            if definition.quantity.name != here:
                continue
            for term in definition.terms:
                for factor in term.factors:
                    found = {name_of(one) for one in mentioned(factor)}
                    if other in found:
                        return True
                    todo += sorted(found - seen)
                    seen |= found
    return False
