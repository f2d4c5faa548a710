"""Symbols that are no quantities: e, pi, sizes, numbers of samples, indices as numbers."""

from __future__ import annotations

import cmath
from collections.abc import Callable

from symbackprop.checker.meaning import functions
from symbackprop.checker.meaning.context import Context, Scope, Value
from symbackprop.checker.meaning.indexing import index
from symbackprop.reading.syntax.tree import Node, Symbol

Read = Callable[[Node, Context], Value]


def constant(node: Symbol, context: Context, read: Read) -> Value:
    """The value of a symbol that is no quantity. Raises NotUnderstood for any other."""
    plain = not (node.below or node.above or node.primes)
    name = node.name
    if name in ("e", "mathrm{e}") and node.above and not node.below:
        (script,) = node.above
        exponent = read(script, context)
        return functions.elementwise(cmath.exp, exponent)
    if plain and name in context.constants:
        return lambda scope: complex(0.1)
    if plain and name == "pi":
        return lambda scope: complex(cmath.pi)
    if plain and name in context.around.counts:
        return lambda scope: complex(_outputs(scope))
    if plain and name in _samples(context):
        context.speaks_of_mean = True
        return lambda scope: complex(scope.world.samples)
    if plain and (name in context.bound or name in context.free or name == "L"):
        found = index(node, context, "node")
        return lambda scope: complex(found.value(scope))
    if context.lookup.is_width(node):
        found = index(node, context, "bound")
        return lambda scope: complex(found.value(scope))
    names = ", ".join(dict.fromkeys(key[0] for key in context.lookup.letters))
    raise context.not_understood(node, f"a quantity of the network ({names}), a cost or a number")


def _samples(context: Context) -> tuple[str, ...]:
    return context.conventions.profile.samples, "N", "n", "m"


def _outputs(scope: Scope) -> int:
    return scope.world.size("n", (scope.world.depth,))
