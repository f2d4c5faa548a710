"""Subscripts, superscripts and primes behind what they belong to."""

from dataclasses import dataclass, field, replace
from typing import TypeVar

from symbackprop.reading.syntax.cursor import Cursor
from symbackprop.reading.syntax.tree import Call, Node, Product, Scripted, Sequence, Symbol
from symbackprop.reading.tokens import Kind, Token

Decorated = TypeVar("Decorated", Symbol, Call)


@dataclass(slots=True)
class _Scripts:
    below: list[Node] = field(default_factory=list)
    above: list[Node] = field(default_factory=list)
    primes: int = 0


def read(cursor: Cursor, node: Decorated) -> Decorated:
    """A symbol or a call with the scripts that follow it, after those that it has."""
    begun = cursor.index
    found: _Scripts = _scripts(cursor, node.start)
    if cursor.index == begun:
        return node
    return replace(
        node,
        end=cursor.last_end(),
        below=(*node.below, *found.below),
        above=(*node.above, *found.above),
        primes=node.primes + found.primes,
    )


def attach(cursor: Cursor, node: Node) -> Node:
    """Any other node with the scripts that follow it, if any do."""
    begun = cursor.index
    found: _Scripts = _scripts(cursor, node.start)
    if cursor.index == begun:
        return node
    below, above = tuple(found.below), tuple(found.above)
    return Scripted(node.start, cursor.last_end(), node, below, above, found.primes)


def limits(cursor: Cursor) -> tuple[Node | None, Node | None]:
    """What stands below and above the sign of a sum."""
    found = _Scripts()
    while token := cursor.accept(Kind.SCRIPT):
        place = found.above if token.text == "^" else found.below
        if place:
            cursor.index -= 1
            raise cursor.unexpected("one script below the sign and one above it")
        place.append(_script(cursor))
    return (found.below[0] if found.below else None, found.above[0] if found.above else None)


def _scripts(cursor: Cursor, start: int) -> _Scripts:
    found = _Scripts()
    while (token := cursor.peek()) is not None and token.kind in (Kind.SCRIPT, Kind.PRIME):
        _check_group(cursor, token, start)
        if token.group < 0 and {"_": found.below, "^": found.above}.get(token.text):
            raise cursor.unexpected("no second script of the same sort, which TeX refuses")
        cursor.take()
        if token.kind is Kind.PRIME:
            found.primes += len(token.text)
        elif token.text == "_":
            found.below.append(_script(cursor))
        else:
            primes, rest = _without_primes(_script(cursor))
            found.primes += primes
            found.above += rest
    return found


def _check_group(cursor: Cursor, token: Token, start: int) -> None:
    """Braces are not printed: a script behind them belongs to the one symbol in them."""
    if token.group not in (-1, start):
        met = f"{cursor.source.quote(token.start, token.end)} behind braces round several factors"
        expected = "parentheses, since braces are not printed"
        raise cursor.source.not_understood(token.start, met, expected)


def _script(cursor: Cursor) -> Node:
    r"""The content of a script: a sign alone is a symbol, `\substack` a list."""
    opened, sign = cursor.peek(), cursor.peek(1)
    closes = cursor.partner.get(cursor.index) == cursor.index + 2
    if opened and sign and closes and sign.kind is Kind.OPERATOR:
        cursor.index += 3
        return Symbol(sign.start, sign.end, sign.text)
    if opened and sign and sign.kind is Kind.COMMAND and sign.text == "\\substack":
        cursor.take()
        node = _stacked(cursor)
        cursor.expect(Kind.CLOSE, "the end of the script")
        return node
    return cursor.argument(script=True)


def _stacked(cursor: Cursor) -> Node:
    start = cursor.take().start
    cursor.expect(Kind.OPEN, "rows in braces")
    with cursor.inside(script=True):
        rows = [cursor.grammar.clauses(cursor)]
        while cursor.accept(Kind.ROW):
            rows.append(cursor.grammar.clauses(cursor))
    cursor.expect(Kind.CLOSE, "the end of the rows")
    return rows[0] if len(rows) == 1 else Sequence(start, cursor.last_end(), tuple(rows))


def _without_primes(script: Node) -> tuple[int, list[Node]]:
    """The primes at either end of a superscript, and what is left of it."""
    together = isinstance(script, Product) and not any(script.signs)
    parts = list(script.factors) if isinstance(script, Product) and together else [script]
    count = len(parts)
    while parts and parts[-1] == _PRIME:
        parts.pop()
    while parts and parts[0] == _PRIME:
        parts.pop(0)
    if len(parts) == count:
        return 0, [script]
    if len(parts) < 2:
        return count - len(parts), parts
    left = Product(parts[0].start, parts[-1].end, tuple(parts), ("",) * (len(parts) - 1))
    return count - len(parts), [left]


_PRIME = Symbol(0, 0, "prime")
