"""Other ways to read a text: the same judge with a convention, the cost or the activation changed.

What a text leaves open is a `Choice`: its values, and whether the text states them. An equation
that does not hold is tried with every value of every choice that it rests on.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from symbackprop.checker.meaning.conventions import Bare
from symbackprop.checker.meaning.lookup import Lookup, is_layered, key_of, nodes_of
from symbackprop.checker.meaning.surroundings import indices_of
from symbackprop.checker.verdicts.verdicts import Finding, Judge
from symbackprop.errors import SymbackpropError
from symbackprop.reading.syntax.tree import (
    Call,
    Differential,
    Group,
    Node,
    Number,
    Statement,
    Symbol,
)
from symbackprop.reading.syntax.walk import symbols, walk
from symbackprop.reading.text.source import Source

Layout = tuple[bool, frozenset[str]]
"""How a weight is written: whether its first index is the node it comes from; see `early`."""

_FIRST, _EARLY = ("to j from k", "from j to k"), {
    frozenset(): "W^(l) into layer l",
    frozenset("wb"): "W^(l) and b^(l) out of layer l",
    frozenset("w"): "W^(l) out of layer l",
}  # fmt: skip
LAYOUTS: tuple[Layout, ...] = tuple(
    (turned, early) for early in _EARLY for turned in (False, True)
)  # fmt: skip


@dataclass(frozen=True)
class Choice:
    """What may be chosen: its values (the one in force first), and whether the text states them."""

    values: tuple[Any, ...]
    stated: bool


@dataclass(frozen=True)
class Variant:
    """A judge with some choices changed, and what was changed, in words."""

    judge: Judge
    words: str


def varied(judge: Judge, **changes: Any) -> Judge | None:
    """The judge with choices changed; None for a pair of activation and cost that cannot be.

    changes: activation (a name; "" for an abstract one), cost (a name), layout (a `Layout`), and
    the fields of `Conventions`.
    """
    bench, conventions = judge.bench, judge.conventions
    if "activation" in changes or "cost" in changes:
        name = changes.pop("activation", None)
        activations = bench.activations if name is None else ((name,) if name else ())
        bench = bench.like(activations, changes.pop("cost", bench.cost))
    if "layout" in changes:
        turned, early = changes.pop("layout")
        profile = replace(conventions.profile, weight_from_first=turned)
        conventions = replace(conventions, profile=profile, early=early)
    try:
        bench.network  # noqa: B018
    except SymbackpropError:
        return None
    return Judge(bench, replace(conventions, **changes), judge.said)


def found_by(judge: Judge, statement: Statement, source: Source) -> Finding | None:
    """What a judge says of a statement; None where its network cannot be, as a softmax of one."""
    try:
        return judge.finding(statement, source)
    except SymbackpropError:
        return None


def layout_of(judge: Judge) -> Layout:
    """How weights are written for a judge."""
    return judge.conventions.profile.weight_from_first, judge.conventions.early


def variants(
    judge: Judge, body: Node, choices: Mapping[str, Choice], most: int
) -> Iterator[Variant]:
    """The judges for all choices that an equation rests on, the one in force left out."""
    rests = relevant(judge, body)
    names = [name for name in choices if name in rests]
    values = {name: choices[name].values for name in names}
    if "layout" in values:
        values["layout"] = _told_apart(values["layout"], rests)
    every = itertools.product(*values.values())
    for chosen in itertools.islice(every, 1, most):
        changes = {
            name: value
            for name, value in zip(names, chosen, strict=True)
            if value != choices[name].values[0]
        }
        made = varied(judge, **changes)
        if made is not None:
            yield Variant(made, ", ".join(_words(name, value) for name, value in changes.items()))


def _told_apart(layouts: tuple[Layout, ...], rests: frozenset[str]) -> tuple[Layout, ...]:
    """The layouts of weights that make a difference to an equation."""
    found: dict[object, Layout] = {}
    for turned, early in layouts:
        key = turned if "order" in rests else None, early if "early" in rests else None
        found.setdefault(key, (turned, early))
    return tuple(found.values())


def relevant(judge: Judge, body: Node) -> frozenset[str]:
    """The choices that the verdict on an equation may depend on."""
    lookup = judge.lookup
    found = {"activation"}
    for one in symbols(body):
        quantity = lookup.quantity(one)
        if lookup.is_cost(one):
            found.add("cost")
            if not one.below and len(lookup.costs[key_of(one)]) != 2:
                found.add("mean")
        elif quantity is not None:
            found |= _of_quantity(one, quantity.name, nodes_of(quantity), is_layered(quantity))
        elif one.name == "delta" and one.above:
            found.add("cost")
    if any(isinstance(one, Differential) for one in walk(body)):
        found |= {"cost", "mean"}
    return frozenset(found)


def _of_quantity(symbol: Symbol, name: str, nodes: int, layered: bool) -> set[str]:
    found = set()
    items = indices_of(symbol)
    if name == "w" and len(items) > 1:
        found |= {"layout", "order"}
    if name in ("w", "b") and symbol.above:
        found |= {"layout", "early"}
    if any(isinstance(one, Number) for one in items):
        found.add("first")
    if layered and any(isinstance(one, Number) for one in symbol.above):
        found |= {"bare_layers", "layers"}
    if layered and any(isinstance(_inside(one), Number) for one in symbol.above):
        found.add("layers")
    if nodes and not items:
        found.add("bare")
    return found


def _inside(script: Node) -> Node:
    return script.body if isinstance(script, Group) else script


def calls_activation(body: Node, lookup: Lookup) -> bool:
    """Whether the activation function, or its derivative, is written in an equation."""
    return any(
        isinstance(one, Call) and lookup.is_activation(one.head) for one in walk(body)
    ) or any(one.primes and lookup.is_activation(one) for one in symbols(body))


OPEN = {
    "activation": "the activation", "cost": "the cost", "layout": "the order of weights",
    "mean": "whether C is a mean", "first": "the first index", "layers": "the number of layers",
    "bare": "what has no index", "bare_layers": "what numbers above letters are",
}  # fmt: skip
"""The choices in words."""


def layout_words(layout: Layout) -> str:
    """How weights are written, in words."""
    return f"w_jk leads {_FIRST[layout[0]]}, {_EARLY[layout[1]]}"


def _words(name: str, value: Any) -> str:
    match name:
        case "activation":
            return f"activation {value or 'of its own in each layer'}"
        case "cost":
            return f"cost {value}"
        case "layout":
            return layout_words(value)
        case "mean":
            return "C the mean over the samples" if value else "C the cost of one sample"
        case "first":
            return f"nodes counted from {value}"
        case "layers":
            return f"{value} layers"
        case "bare":
            neuron = value is Bare.NEURON
            return "single neurons" if neuron else "whole layers where no index is written"
    return "numbers above letters layers" if value else "numbers above letters powers"
