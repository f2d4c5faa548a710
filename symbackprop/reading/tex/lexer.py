"""From characters to tokens: the scanner, which knows signs and how arguments are delimited."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from symbackprop.reading import vocabulary
from symbackprop.reading.text.source import NotUnderstood, Source
from symbackprop.reading.tokens import Kind, Space, Token

_NEXT = re.compile(
    r"""
    (?P<space>\s+|%[^\n]*\n?|~)
    |(?P<dots>\.\.\.)
    |(?P<number>[0-9]+(?:\.[0-9]+)?)(?P<exponent>[eE][+-]?[0-9])?
    |(?P<run>[A-Za-z]+[0-9]*)
    |(?P<command>\\(?:[A-Za-z]+|.))
    |(?P<primes>['′’]+)
    |(?P<sign>:=|=:|<=|>=|!=|->|\|\||.)
    """,
    re.VERBOSE | re.DOTALL,
)
_BLANK = re.compile(r"(?:\s|%[^\n]*\n)*")
_BRACES = re.compile(r"\\.|[{}]", re.DOTALL)
_DELIMITER = re.compile(r"\\(?:[A-Za-z]+|.)|.", re.DOTALL)
_OPTION = re.compile(r"\[[^\[\]{}\n]{0,80}\]")


@dataclass(slots=True)
class Lexer:
    r"""Reads `text[position:end]`, whose first character has the offset `base` in the source.

    A command that `handlers` knows is read by its handler, any other is looked up in the
    vocabulary. `lefts` are the `\left` that wait for their `\right`: the place, and the index of
    the token if one was printed.
    """

    source: Source
    text: str
    base: int
    position: int
    end: int
    handlers: Mapping[str, "Handler"]
    depth: int = 0
    space: Space = Space.NONE
    tokens: list[Token] = field(default_factory=list)
    lefts: list[tuple[int, int | None]] = field(default_factory=list)

    def run(self) -> None:
        """Read everything."""
        while self.position < self.end:
            self._step()

    def error(self, at: int, met: str, expected: str) -> NotUnderstood:
        """The error for an offset into `text`."""
        return self.source.not_understood(self.base + at, met, expected)

    def emit(self, kind: Kind, text: str, start: int, argument: str = "") -> None:
        """A token from `start` to the present position."""
        span = self.base + start, self.base + self.position
        self.tokens.append(Token(kind, text, *span, self.space, (), argument))
        self.space = Space.NONE

    def widen(self, space: Space) -> None:
        """White space in front of the next token."""
        self.space = max(self.space, space)

    def sign(self, text: str, start: int) -> None:
        """A token that the vocabulary knows."""
        if text not in vocabulary.TOKENS:
            met = self.source.quote(self.base + start, self.base + self.position)
            what = "a command" if text.startswith("\\") else "a character"
            raise self.error(start, met, f"{what} that the reader knows")
        kind, normal = vocabulary.TOKENS[text]
        self.emit(kind, normal, start)

    def _step(self) -> None:
        match = _NEXT.match(self.text, self.position, self.end)
        if match is None:
            raise self.error(self.position, "a lone backslash", "a command")
        start, self.position = self.position, match.end()
        text = match.group()
        match match.lastgroup:
            case "space":
                self.widen(Space.TEXT if text == "~" else Space.PLAIN)
            case "exponent":
                raise self.error(start, f"'{text}', a power of ten", "10^{...}")
            case "number":
                self.emit(Kind.NUMBER, text, start)
            case "run":
                self.emit(Kind.RUN, text, start)
            case "primes":
                self.emit(Kind.PRIME, "'" * len(text), start)
            case "command" if text in self.handlers:
                self.handlers[text](self, text, start)
            case _:
                self.sign(vocabulary.CHARACTERS.get(text, text), start)

    # --- what handlers use to read arguments verbatim -------------------------------------------

    def skip(self, pattern: re.Pattern[str]) -> str:
        """What of a pattern comes next, passed over."""
        found = pattern.match(self.text, self.position, self.end)
        self.position = found.end() if found else self.position
        return found.group() if found else ""

    def blank(self) -> None:
        """Pass over white space and comments."""
        self.skip(_BLANK)

    def take(self, sign: str) -> bool:
        """Pass over a single character if it comes next."""
        found = self.text.startswith(sign, self.position, self.end)
        self.position += found
        return found

    def group(self, name: str, start: int) -> tuple[int, int]:
        """Where the content of the {...} that comes next starts and ends."""
        self.blank()
        if not self.text.startswith("{", self.position, self.end):
            raise self.error(start, f"'{name}' without an argument in braces", "'{'")
        opened, depth = self.position, 0
        for brace in _BRACES.finditer(self.text, opened, self.end):
            depth += {"{": 1, "}": -1}.get(brace.group(), 0)
            if depth == 0:
                self.position = brace.end()
                return opened + 1, brace.start()
        raise self.error(opened, "a brace that is never closed", "'}'")

    def verbatim(self, count: int, name: str, start: int) -> str:
        """The text of `count` arguments, and an optional one before them passed over."""
        self.skip(_OPTION)
        groups = [self.group(name, start) for _ in range(count)]
        return ", ".join(self.text[lower:upper].strip() for lower, upper in groups)

    def delimiter(self, name: str, start: int) -> tuple[Kind, str]:
        r"""The bracket behind \left, \right or \big; (BAR, ".") for the one that prints nothing."""
        self.blank()
        sign = self.skip(_DELIMITER)
        sign = vocabulary.CHARACTERS.get(sign, sign)
        sign = {"<": "\\langle", ">": "\\rangle"}.get(sign, sign)
        if sign == ".":
            return Kind.BAR, "."
        if sign not in vocabulary.BRACKETS:
            raise self.error(start, f"'{name}' in front of '{sign}'", "a bracket behind it")
        return vocabulary.BRACKETS[sign]


Handler = Callable[[Lexer, str, int], None]
