"""Expressions as plain data: nested dictionaries, each with the name of its operation.

Names are the model's own and nodes are counted from 0, whatever notation a document is printed in.
Sums and products keep the order of their arguments.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from sympy import (
    Abs,
    Add,
    Expr,
    Float,
    Indexed,
    Integer,
    Max,
    Min,
    Mul,
    NumberSymbol,
    Piecewise,
    Pow,
    Rational,
    Sum,
    Symbol,
    ceiling,
    floor,
)
from sympy.core.relational import Eq, Ge, Gt, Le, Lt, Ne, Relational
from sympy.functions.elementary.exponential import exp, log
from sympy.logic.boolalg import And, BooleanTrue

from symbackprop.errors import NotSupported
from symbackprop.notation.expressions import (
    Applied,
    Bound,
    Condition,
    Delta,
    Partial,
    Plus,
    Product,
    Term,
    Terms,
    Vector,
)
from symbackprop.notation.functions import Apply
from symbackprop.notation.quantities import Quantity, is_scalar
from symbackprop.notation.symbols import spelled

Tree = dict[str, Any]


class Trees:
    """Turns expressions of one model into data; ``quantities`` are the model's, by name."""

    def __init__(
        self, quantities: Mapping[str, Quantity], taken: Collection[str] = frozenset()
    ) -> None:
        """Remember which names are quantities; other real names are arguments of functions.

        taken: the names in the model; those that the project adds stay out of their way.
        """
        self.quantities = quantities
        self.taken = taken

    def name(self, name: str) -> str:
        """A name as data shows it."""
        return spelled(name, self.taken)

    def terms(self, terms: Terms) -> list[Tree]:
        """A sum of terms."""
        return [self.term(term) for term in terms]

    def term(self, term: Term) -> Tree:
        """A term: its links, the sums before them, the conditions under which it counts."""
        return {
            "links": [self.all(link) for link in term.links],
            "sums": [self.bound(bound) for bound in term.sums],
            "guards": [self.condition(guard) for guard in term.guards],
        }

    def bound(self, bound: Bound) -> Tree:
        """An index with its range."""
        return {
            "letter": self.name(bound.letter.name),
            "low": self.tree(bound.low),
            "high": self.tree(bound.high),
        }

    def condition(self, condition: Condition) -> Tree:
        """A condition on integers."""
        return {
            "expression": self.tree(condition.expr),
            "relation": str(condition.relation),
            "modulus": condition.modulus,
        }

    def all(self, exprs: tuple[Expr, ...]) -> list[Tree]:
        """Several expressions, in order."""
        return [self.tree(one) for one in exprs]

    def tree(self, expr: Expr) -> Tree:
        """Any expression. Raises NotSupported for a node that no rule knows."""
        for kind, rule in _RULES.items():
            if isinstance(expr, kind):
                return rule(self, expr)
        if expr.is_Function:
            return self.call(expr)
        raise NotSupported(f"there is no data form of {type(expr).__name__}: {expr}")

    def call(self, expr: Expr) -> Tree:
        """A function of analysis, by SymPy's name of it in lower case."""
        name = type(expr).__name__.lower()
        return {"op": "call", "name": name, "arguments": self.all(expr.args)}

    def symbol(self, expr: Symbol) -> Tree:
        """An index, a size, a quantity without indices, or the argument of a function."""
        if is_scalar(expr):
            if expr.name in self.quantities:
                return self.quantity(expr.name, ())
            return {"op": "argument", "name": self.name(expr.name)}
        if expr.is_positive:
            return {"op": "size", "name": self.name(expr.name), "indices": []}
        return {"op": "index", "name": self.name(expr.name)}

    def indexed(self, expr: Indexed) -> Tree:
        """An instance of a quantity, or a size such as n[l]."""
        name = str(expr.base.label.name)
        if name in self.quantities:
            return self.quantity(name, tuple(expr.indices))
        return {"op": "size", "name": name, "indices": self.all(tuple(expr.indices))}

    def quantity(self, name: str, indices: tuple[Expr, ...]) -> Tree:
        """An instance, or the derivative of the cost by one."""
        of = self.quantities[name].adjoint_of
        if of is not None:
            return {"op": "adjoint", "of": self.name(of.name), "indices": self.all(indices)}
        return {"op": "quantity", "name": self.name(name), "indices": self.all(indices)}

    def sum(self, expr: Sum) -> Tree:
        """A sum over indices, the outermost first."""
        over = [self.bound(Bound(*limit)) for limit in reversed(expr.limits)]
        return {"op": "sum", "over": over, "body": self.tree(expr.function)}

    def derivative(self, expr: Partial) -> Tree:
        """A derivative by name."""
        of, by = self.all(expr.args)
        return {"op": "derivative", "of": of, "by": by, "mode": "total" if expr.total else "local"}

    def function(self, expr: Apply) -> Tree:
        """A named function of the model, or one of its derivatives."""
        return {
            "op": "function",
            "name": expr.head,
            "layer": self.tree(expr.place),
            "order": expr.order,
            "argument": self.tree(expr.argument),
        }

    def cases(self, expr: Piecewise) -> Tree:
        """The first case that applies."""
        rows = [{"value": self.tree(value), "when": self.tree(test)} for value, test in expr.args]
        return {"op": "cases", "cases": rows}

    def relation(self, expr: Relational) -> Tree:
        """A comparison."""
        left, right = self.all(expr.args)
        sign = next(sign for kind, sign in _SIGNS.items() if isinstance(expr, kind))
        return {"op": "compare", "relation": sign, "left": left, "right": right}


_SIGNS = {Gt: ">", Ge: ">=", Lt: "<", Le: "<=", Eq: "==", Ne: "!="}


def _arguments(operation: str) -> Callable[[Trees, Any], Tree]:
    return lambda trees, expr: {"op": operation, "arguments": trees.all(expr.args)}


def _rational(trees: Trees, expr: Rational) -> Tree:
    return {"op": "rational", "numerator": int(expr.p), "denominator": int(expr.q)}


_RULES: dict[Any, Callable[[Trees, Any], Tree]] = {
    Integer: lambda trees, expr: {"op": "integer", "value": int(expr)},
    Rational: _rational,
    Float: lambda trees, expr: {"op": "real", "value": float(expr)},
    NumberSymbol: lambda trees, expr: {"op": "constant", "name": str(expr).lower()},
    Symbol: Trees.symbol,
    Indexed: Trees.indexed,
    Partial: Trees.derivative,
    Apply: Trees.function,
    Plus: _arguments("add"),
    Add: _arguments("add"),
    Product: _arguments("multiply"),
    Mul: _arguments("multiply"),
    exp: Trees.call,
    log: Trees.call,
    Pow: _arguments("power"),
    Sum: Trees.sum,
    Delta: _arguments("delta"),
    Applied: _arguments("function_of"),
    Vector: _arguments("vector"),
    Max: Trees.call,
    Min: Trees.call,
    floor: Trees.call,
    ceiling: Trees.call,
    Abs: Trees.call,
    Piecewise: Trees.cases,
    Relational: Trees.relation,
    And: _arguments("and"),
    BooleanTrue: lambda trees, expr: {"op": "true"},
}
