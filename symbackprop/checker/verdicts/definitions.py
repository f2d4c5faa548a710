"""What a text says that its letters stand for: the equations that define one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from symbackprop.checker.meaning.lookup import Lookup
from symbackprop.checker.verdicts.verdicts import EQUALS
from symbackprop.reading.statements import parse
from symbackprop.reading.syntax.tree import (
    Call,
    Derivative,
    Differential,
    Gradient,
    Group,
    Node,
    Relation,
    Statement,
    Symbol,
)
from symbackprop.reading.syntax.walk import symbols, walk
from symbackprop.reading.text.source import NotUnderstood, Source

COST, FUNCTION, LAYER, OTHER = "C0", "g", "z", ""
"""What is defined, if it is no quantity: the cost, the activation, a layer, a function by name."""


@dataclass(frozen=True)
class Definition:
    """An equation that says what a letter stands for.

    name: the quantity that it defines, or `COST`, `FUNCTION`, `LAYER`, `OTHER`.
    """

    name: str
    statement: Statement
    source: Source

    @property
    def words(self) -> str:
        """The equation and its line, for a message."""
        body = self.statement.body
        return f"{_short(self.source.text[body.start : body.end])} in line {self.line}"

    @property
    def left(self) -> Symbol | None:
        """The letter that it defines."""
        body = self.statement.body
        return _head(body.members[0]) if isinstance(body, Relation) else None

    @property
    def line(self) -> int:
        """The line in which it begins."""
        return self.source.position(self.statement.start).line


@dataclass(frozen=True, slots=True)
class Unread:
    """The left side of a definition that could not be read, with its line."""

    name: str
    line: int


def definitions(
    statements: Iterable[tuple[Statement, Source]], lookup: Lookup
) -> tuple[Definition, ...]:
    """The definitions among the statements of a text."""
    found = ((defined(one.body, lookup), one, source) for one, source in statements)
    return tuple(Definition(name, one, source) for name, one, source in found if name is not None)


def defined(body: Node, lookup: Lookup) -> str | None:
    """What an equation defines, if it is a definition; None otherwise.

    A definition has the letter alone on one side, and neither derivatives nor the letter itself,
    in the same place, on the other: a = sigma(a) is no definition of a.
    """
    if not isinstance(body, Relation) or any(sign not in EQUALS for sign in body.signs):
        return None
    if any(_is_slope(one) for one in walk(body)):
        return None
    for at, member in enumerate(body.members):
        head = _head(member)
        name = None if head is None else _name(member, head, lookup)
        if head is None or name is None:
            continue
        others = [one for number, one in enumerate(body.members) if number != at]
        if any(_repeats(one, member, head) for one in others):
            return None
        weighted = name in ("a", "z") and any(_has_weight(one, lookup) for one in others)
        return LAYER if weighted else name
    return None


def _is_slope(node: Node) -> bool:
    if isinstance(node, Derivative | Differential | Gradient):
        return True
    if isinstance(node, Symbol):
        return node.primes > 0 or (node.name == "delta" and bool(node.above))
    return isinstance(node, Call) and node.primes > 0


def _head(member: Node) -> Symbol | None:
    while isinstance(member, Group):
        member = member.body
    if isinstance(member, Call):
        return member.head
    return member if isinstance(member, Symbol) else None


def _name(member: Node, head: Symbol, lookup: Lookup) -> str | None:
    quantity = lookup.quantity(head)
    if lookup.is_cost(head):
        return COST
    if isinstance(member, Call) and lookup.is_activation(head):
        return FUNCTION
    if quantity is not None:
        return quantity.name
    return OTHER if isinstance(member, Call) and lookup.function(head) is not None else None


def _repeats(other: Node, member: Node, head: Symbol) -> bool:
    """Whether a side has what stands alone on the other one."""
    return any(one in (member, head) for one in walk(other) if isinstance(one, Symbol | Call))


def _has_weight(node: Node, lookup: Lookup) -> bool:
    return any((found := lookup.quantity(one)) and found.name == "w" for one in symbols(node))


def unread(text: str, line: int, lookup: Lookup) -> Iterator[Unread]:
    """What a display defines that cannot be read: the letters in front of its equals signs."""
    for row in text.split("\\\\"):
        left, equals, _ = row.replace("&", " ").partition("=")
        try:
            found = parse(left) if equals and len(left) < 100 else ()
        except NotUnderstood:
            continue
        for one in found[-1:]:
            head = _head(one.body)
            name = None if head is None or _is_slope(one.body) else _name(one.body, head, lookup)
            if name:
                yield Unread(name, line)


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 90 else f"{line[:80]}…"
