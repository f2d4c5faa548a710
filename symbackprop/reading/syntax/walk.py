"""Walking a tree without knowing its nodes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields

from symbackprop.reading.syntax.tree import Node, Reduction, Symbol


def children(node: Node) -> Iterator[Node]:
    """The nodes directly inside a node, in the order of its fields."""
    for field in fields(node):
        yield from _nodes(getattr(node, field.name))


def _nodes(value: object) -> Iterator[Node]:
    if isinstance(value, Node):
        yield value
    elif isinstance(value, tuple):
        for one in value:
            yield from _nodes(one)


def walk(node: Node) -> Iterator[Node]:
    """A node and everything inside it, outermost first."""
    yield node
    for child in children(node):
        yield from walk(child)


def symbols(node: Node) -> Iterator[Symbol]:
    """Every symbol inside a node."""
    return (one for one in walk(node) if isinstance(one, Symbol))


def terms(node: Node) -> Iterator[Symbol]:
    """The symbols of a formula itself: no scripts, no bounds of sums."""
    if isinstance(node, Symbol):
        yield node
        return
    if isinstance(node, Reduction):
        yield from terms(node.body)
        return
    scripts = (*getattr(node, "below", ()), *getattr(node, "above", ()))
    for child in children(node):
        if not any(child is script for script in scripts):
            yield from terms(child)


def letters(node: Node) -> set[str]:
    """The names of the plain symbols inside a node: those that may be indices."""
    return {one.name for one in symbols(node) if not one.below and not one.above}
