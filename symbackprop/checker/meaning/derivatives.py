"""Derivatives: fractions, errors delta, dZ and gradients, all taken by the reference."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from symbackprop.checker.meaning import arrays, costs
from symbackprop.checker.meaning.arrays import Array, NoShape
from symbackprop.checker.meaning.context import ARGUMENT, SAMPLE, Context, Scope, Value
from symbackprop.checker.meaning.conventions import Layout
from symbackprop.checker.meaning.spots import Spot, spot
from symbackprop.model.batch import MEAN
from symbackprop.notation.quantities import Role
from symbackprop.reading.syntax.tree import (
    Derivative,
    Differential,
    Gradient,
    Group,
    Node,
    Symbol,
)
from symbackprop.verification.environment import STEP
from symbackprop.verification.reference import Key

Read = Callable[[Node, Context], Value]
SlopeAt = Callable[[Scope, Key], Array]


def derivative(node: Derivative, context: Context, read: Read) -> Value:
    """A fraction of a derivative, total unless it is marked as local."""
    if len(node.variables) != 1 or context.under_derivative:
        raise context.not_understood(node, "a first derivative")
    variable = _bare(node.variables[0])
    if isinstance(variable, Symbol) and variable.name == context.around_argument:
        return _by_argument(node, context, read)
    by = _named(variable, context)
    if by is None:
        raise context.not_understood(node.variables[0], "a quantity of the network")
    return laid_out(_slope(node.operand, node.local, context, read), by)


def _bare(node: Node) -> Node:
    while isinstance(node, Group):
        node = node.body
    return node


def _named(node: Node, context: Context) -> Spot | None:
    """The quantity or cost that a node is, with nothing done to it."""
    if not isinstance(node, Symbol):
        return None
    quantity = context.lookup.quantity(node)
    if quantity is not None:
        found = spot(node, quantity, context)
        return None if found.power or found.transposed else found
    cost = costs.cost(node, context)
    return None if cost is None else Spot(cost.quantity, cost.key, None)


def _slope(operand: Node, local: bool, context: Context, read: Read) -> SlopeAt:
    """The derivative of the operand by an instance."""
    of = _named(_bare(operand), context)
    if of is not None and of.key is not None:
        key = of.key
        return lambda scope, by: scope.world.slope(key(scope), by, local=local)
    if of is not None:
        assert of.keys is not None
        return _slopes(of.keys, local)
    context.under_derivative = True
    value = read(operand, context)
    context.under_derivative = False
    return lambda scope, by: scope.world.slope_of(lambda: value(scope), by, local=local)


def _slopes(keys: Callable[[Scope], Array], local: bool) -> SlopeAt:
    def slope(scope: Scope, by: Key) -> Array:
        found = keys(scope)
        flat = [scope.world.slope(one, by, local=local) for one in found.flat]
        return np.array(flat, dtype=complex).reshape(found.shape)

    return slope


def laid_out(slope: SlopeAt, by: Spot) -> Value:
    """The derivative by one instance, or by all of a layer in the layout of the scope."""
    key, keys = by.key, by.keys
    if key is not None:
        return lambda scope: slope(scope, key(scope))
    assert keys is not None

    def value(scope: Scope) -> Array:
        found = keys(scope)
        parts = [slope(scope, one) for one in found.flat]
        if arrays.is_number(parts[0]):
            gradient = np.array(parts, dtype=complex).reshape(found.shape)
            return gradient.T if scope.layout is Layout.NUMERATOR else gradient
        if found.shape[1] != 1 or parts[0].shape[1] != 1:
            raise NoShape(
                f"the derivative of {arrays.shape(parts[0])} by {_words(found)} is no matrix"
            )
        jacobian = np.hstack(parts)
        return jacobian.T if scope.layout is Layout.DENOMINATOR else jacobian

    return value


def _words(keys: Array) -> str:
    rows, columns = keys.shape
    return f"a {rows} by {columns} matrix" if columns > 1 else f"a column of {rows}"


def _by_argument(node: Derivative, context: Context, read: Read) -> Value:
    """The derivative of a function by its own argument."""
    operand = read(node.operand, context)

    def value(scope: Scope) -> Array:
        moved = scope.inside(**{ARGUMENT: scope.env[ARGUMENT] + 1j * STEP})
        return operand(moved).imag / STEP

    return value


# --- derivatives of the cost that are written without a fraction ---------------------------------


def error(node: Symbol, context: Context) -> Value:
    """delta_j^l: the derivative of the cost of one sample by what the profile says."""
    name = context.conventions.profile.error_of
    quantity = context.lookup.model.quantity(name)
    where = spot(replace(node, name=name, primes=0), quantity, context)
    value = laid_out(_of_one_sample(context), where)
    return (lambda scope: arrays.transpose(value(scope))) if where.transposed else value


def _of_one_sample(context: Context) -> SlopeAt:
    context.use(SAMPLE, "current")
    return lambda scope, by: scope.world.slope(("C0", (_sample_of(scope, by),)), by)


def _sample_of(scope: Scope, by: Key) -> int:
    """The sample that an instance belongs to; a parameter belongs to the one spoken of."""
    quantity = scope.world.model.quantity(by[0])
    current: int = scope.env[SAMPLE]
    return current if quantity.role is Role.PARAMETER else by[1][0]


def differential(node: Differential, context: Context) -> Value:
    """DZ, dW: the derivative of the cost by what follows the d."""
    where = _named(_bare(node.operand), context) if node.sign == "d" else None
    if where is None or node.order != 1 or context.under_derivative:
        raise context.not_understood(node, "a derivative: a fraction, or d and a quantity")
    value = laid_out(_of_some(where, context), where)
    return (lambda scope: arrays.transpose(value(scope))) if where.transposed else value


def _of_some(where: Spot, context: Context) -> SlopeAt:
    """For a parameter in an equation that speaks of all samples, the mean is meant."""
    many = bool(context.around.samples) or context.speaks_of_mean
    if many and where.quantity.role is Role.PARAMETER and context.conventions.mean:
        context.speaks_of_mean = True
        return lambda scope, by: scope.world.slope((MEAN.name, ()), by)
    return _of_one_sample(context)


def gradient(node: Gradient, context: Context) -> Value:
    r"""\nabla_w C: the derivative of the cost by the variable below the nabla."""
    if node.variable is None or context.under_derivative:
        raise context.not_understood(node, "a nabla with its variable below it")
    by = _named(_in_last_layer(_bare(node.variable), context), context)
    of = _named(_bare(node.operand), context)
    if by is None or of is None or of.key is None:
        raise context.not_understood(node, "the gradient of a cost by a quantity")
    key = of.key
    return laid_out(lambda scope, variable: scope.world.slope(key(scope), variable), by)


def _in_last_layer(variable: Node, context: Context) -> Node:
    r"""The variable of \nabla_a C, which has no layer: the activations that the cost reads."""
    if not isinstance(variable, Symbol) or variable.above or not context.around.layered:
        return variable
    quantity = context.lookup.quantity(variable)
    if quantity is None or quantity.name != "a":
        return variable
    end = variable.end
    return replace(variable, above=(Group(end, end, "(", Symbol(end, end, "L")),))
