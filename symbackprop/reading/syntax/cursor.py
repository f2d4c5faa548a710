"""A place in the tokens of a formula, and the steps that every part of the parser takes from it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from symbackprop.reading import vocabulary
from symbackprop.reading.syntax.tree import Node
from symbackprop.reading.text.source import NotUnderstood, Source
from symbackprop.reading.tokens import Kind, Space, Token

LIMIT = 30  # expressions in one another

_STARTS = frozenset(
    {
        Kind.NUMBER,
        Kind.LETTER,
        Kind.NAME,
        Kind.SYMBOL,
        Kind.COMMAND,
        Kind.LEFT,
        Kind.BEGIN,
        Kind.DOTS,
    }
)


@dataclass(frozen=True, slots=True)
class Grammar:
    """The parts of the grammar that call each other.

    `clauses` reads relations with commas between them, `expression` a sum, `term` what stands
    between two plus signs, `factors` what stands side by side, `factor` one of these.
    """

    clauses: Callable[["Cursor"], Node]
    expression: Callable[["Cursor"], Node]
    term: Callable[["Cursor"], Node]
    factors: Callable[["Cursor"], Node]
    factor: Callable[["Cursor"], Node]


def partners(tokens: Sequence[Token], source: Source) -> dict[int, int]:
    r"""For each opening brace, bracket and \begin the index of what closes it."""
    found: dict[int, int] = {}
    opened: list[int] = []
    for index, token in enumerate(tokens):
        if token.kind in (Kind.OPEN, Kind.LEFT, Kind.BEGIN):
            opened.append(index)
        elif token.kind in (Kind.CLOSE, Kind.RIGHT, Kind.END):
            if not opened or not _fits(tokens[opened[-1]], token):
                met = source.quote(token.start, token.end)
                inside = tokens[opened[-1]] if opened else None
                expected = (
                    f"the end of {source.quote(inside.start, inside.end)}"
                    if inside
                    else "its beginning before it"
                )
                raise source.not_understood(token.start, f"{met}, which closes nothing", expected)
            found[opened.pop()] = index
    if opened:
        token = tokens[opened[-1]]
        met = f"{source.quote(token.start, token.end)}, which is never closed"
        raise source.not_understood(token.start, met, "its end")
    return found


def _fits(opened: Token, closed: Token) -> bool:
    if opened.kind is Kind.LEFT:
        return closed.kind is Kind.RIGHT and vocabulary.CLOSING[opened.text] == closed.text
    return {Kind.OPEN: Kind.CLOSE, Kind.BEGIN: Kind.END}[opened.kind] is closed.kind


@dataclass(slots=True)
class Cursor:
    """The next token is `tokens[index]`, and `end` is where the part that is read ends.

    `bars` are the bars that are open, "|" or "||"; `in_script` tells that a script is read,
    `depth` how many expressions are in one another.
    """

    source: Source
    tokens: list[Token]
    partner: Mapping[int, int]
    grammar: Grammar
    index: int
    end: int
    depth: int = 0
    bars: tuple[str, ...] = ()
    in_script: bool = False

    def peek(self, ahead: int = 0) -> Token | None:
        """The next token, or one further ahead; None behind the last."""
        index = self.index + ahead
        return self.tokens[index] if index < self.end else None

    def at(self, kind: Kind, *texts: str) -> bool:
        """Whether the next token is of this sort, and one of these."""
        token = self.peek()
        return token is not None and token.kind is kind and (not texts or token.text in texts)

    def take(self) -> Token:
        """The next token, passed over."""
        token = self.peek()
        if token is None:
            raise self.unexpected("more")
        self.index += 1
        return token

    def accept(self, kind: Kind, *texts: str) -> Token | None:
        """The next token, passed over, if it is of this sort and one of these."""
        return self.take() if self.at(kind, *texts) else None

    def expect(self, kind: Kind, expected: str) -> Token:
        """The next token, which must be of this sort."""
        if not self.at(kind):
            raise self.unexpected(expected)
        return self.take()

    def last_end(self) -> int:
        """The offset behind the token that was taken last."""
        return self.tokens[self.index - 1].end

    def unexpected(self, expected: str) -> NotUnderstood:
        """The error for the next token."""
        token = self.peek()
        if token is not None:
            met = self.source.quote(token.start, token.end) if token.end > token.start else "an end"
            return self.source.not_understood(token.start, met, expected)
        at = self.tokens[self.end - 1].end if self.end else 0
        return self.source.not_understood(at, "the end of the formula", expected)

    def starts_factor(self) -> bool:
        """Whether the next token can be the first of a factor."""
        token = self.peek()
        if token is None:
            return False
        if token.kind is Kind.BAR:
            return token.text not in self.bars
        return token.kind in _STARTS or (token.kind is Kind.WORDS and self.in_script)

    def wide_gap(self) -> bool:
        """Whether white space that is printed stands in front of the next token."""
        token = self.peek()
        return token is not None and token.before >= Space.THIN

    @contextmanager
    def deeper(self) -> Iterator[None]:
        """An expression within an expression, of which there may not be too many."""
        if self.depth >= LIMIT:
            token = self.tokens[min(self.index, self.end - 1)]
            met = f"an expression nested deeper than {LIMIT}"
            raise self.source.not_understood(token.start, met, "a simpler one")
        self.depth += 1
        try:
            yield
        finally:
            self.depth -= 1

    @contextmanager
    def inside(self, *, script: bool | None = None, bar: str = "") -> Iterator[None]:
        """What brackets, braces or bars enclose: bars outside do not count within brackets."""
        bars, in_script = self.bars, self.in_script
        self.bars = (*bars, bar) if bar else ()
        self.in_script = in_script if script is None else script
        try:
            yield
        finally:
            self.bars, self.in_script = bars, in_script

    def argument(self, *, script: bool | None = None) -> Node:
        """What stands in the braces that come next."""
        self.expect(Kind.OPEN, "an argument")
        with self.inside(script=script):
            node = self.grammar.clauses(self)
        self.expect(Kind.CLOSE, "an operator, or the end of the argument")
        return node
