"""A reader of the JSON format that knows the schema alone: trees and models from data."""

from collections.abc import Callable
from typing import Any

import sympy
from sympy import Expr, Float, Integer, Piecewise, Rational, Sum, Symbol, true

from symbackprop.model.definitions import Definition
from symbackprop.model.functions import FUNCTIONS
from symbackprop.model.model import Model
from symbackprop.notation import symbols
from symbackprop.notation.expressions import (
    Applied,
    Bound,
    Condition,
    Delta,
    Partial,
    Plus,
    Product,
    Relation,
    Term,
    Terms,
    Total,
)
from symbackprop.notation.functions import apply
from symbackprop.notation.quantities import Axis, Kind, Quantity, Role
from symbackprop.verification.equality import Equality

Data = dict[str, Any]

_COMPARE = {
    ">": sympy.Gt,
    ">=": sympy.Ge,
    "<": sympy.Lt,
    "<=": sympy.Le,
    "==": sympy.Eq,
    "!=": sympy.Ne,
}
_CALLS = {"max": sympy.Max, "min": sympy.Min, "abs": sympy.Abs} | {
    name: getattr(sympy, name)
    for name in [
        "exp",
        "log",
        "sin",
        "cos",
        "tanh",
        "sinh",
        "cosh",
        "erf",
        "erfc",
        "floor",
        "ceiling",
        "sign",
    ]
}


def _kept(ordered: type, plain: type) -> Callable[..., Expr]:
    """Sums and products of quantities keep their order; index arithmetic is SymPy's own."""
    return lambda *args: plain(*args) if all(one.is_integer for one in args) else ordered(*args)


_NODES = {
    "add": _kept(Plus, sympy.Add),
    "multiply": _kept(Product, sympy.Mul),
    "power": sympy.Pow,
    "delta": Delta,
    "function_of": Applied,
    "and": sympy.And,
}


def tree(data: Data) -> Expr:
    """An expression from its data."""
    operation = data["op"]
    if operation in _NODES:
        return _NODES[operation](*map(tree, data["arguments"]))
    return _READERS[operation](data)


def _named(
    base: Callable[[str], Any], scalar: Callable[[str], Symbol], name: str, data: Data
) -> Expr:
    indices = tuple(map(tree, data["indices"]))
    return base(name)[indices] if indices else scalar(name)


def _sum(data: Data) -> Expr:
    limits = [(b.letter, b.low, b.high) for b in map(bound, data["over"])]
    return Sum(tree(data["body"]), *reversed(limits))


def _function(data: Data) -> Expr:
    layer = tree(data["layer"])
    return apply(data["name"], tree(data["argument"]), layer if layer != 0 else None, data["order"])


_MODES = {"total": Total, "local": Partial}

_READERS: dict[str, Callable[[Data], Expr]] = {
    "integer": lambda d: Integer(d["value"]),
    "rational": lambda d: Rational(d["numerator"], d["denominator"]),
    "real": lambda d: Float(d["value"]),
    "constant": lambda d: sympy.pi,
    "index": lambda d: symbols.index(d["name"]),
    "size": lambda d: _named(symbols.sizes, symbols.size, d["name"], d),
    "argument": lambda d: symbols.scalar(d["name"]),
    "quantity": lambda d: _named(symbols.base, symbols.scalar, d["name"], d),
    "adjoint": lambda d: _named(symbols.base, symbols.scalar, symbols.own(f"d_{d['of']}"), d),
    "vector": lambda d: tree(d["arguments"][0]),
    "sum": _sum,
    "derivative": lambda d: _MODES[d["mode"]](tree(d["of"]), tree(d["by"])),
    "function": _function,
    "call": lambda d: _CALLS[d["name"]](*map(tree, d["arguments"])),
    "cases": lambda d: Piecewise(*[(tree(c["value"]), tree(c["when"])) for c in d["cases"]]),
    "compare": lambda d: _COMPARE[d["relation"]](tree(d["left"]), tree(d["right"])),
    "true": lambda d: true,
}


def bound(data: Data) -> Bound:
    return Bound(symbols.index(data["letter"]), tree(data["low"]), tree(data["high"]))


def condition(data: Data) -> Condition:
    return Condition(tree(data["expression"]), Relation(data["relation"]), data["modulus"])


def terms(data: list[Data]) -> Terms:
    return tuple(
        Term(
            tuple(tuple(map(tree, link)) for link in one["links"]),
            tuple(map(bound, one["sums"])),
            tuple(map(condition, one["guards"])),
        )
        for one in data
    )


def model(data: Data) -> Model:
    """The model; functions are looked up by name."""
    quantities = tuple(_quantity(one) for one in data["quantities"])
    by_name = {quantity.name: quantity for quantity in quantities}
    definitions = tuple(
        Definition(
            by_name[one["target"]["name"]],
            tree(one["target"]),
            terms(one["terms"]),
            tuple(map(bound, one["domain"])),
        )
        for one in data["definitions"]
    )
    sizes = {tree(one["size"]): one["value"] for one in data["sizes"]}
    return Model(data["name"], quantities, definitions, sizes, FUNCTIONS)


def _quantity(data: Data) -> Quantity:
    axes = tuple(
        Axis(symbols.index(a["letter"]), tree(a["low"]), tree(a["high"]), Kind(a["counts"]))
        for a in data["axes"]
    )
    return Quantity(data["name"], Role(data["role"]), axes, data["meaning"])


def steps(data: Data) -> list[Equality]:
    """The equalities that an equation claims: each line equals the one before it."""
    before: Terms = (Term(((tree(data["left"]["tree"]),),)),)
    letters = tuple(map(bound, data["letters"]))
    given = tuple(map(condition, data["given"]))
    argument = None if data["argument"] is None else symbols.scalar(data["argument"])
    found = []
    for line in data["lines"]:
        after = terms(line["terms"])
        found.append(Equality(before, after, letters, given, argument))
        before = after
    return found
