"""What has begun and is not complete yet while tokens are arranged."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from symbackprop.reading.tex.words import letters
from symbackprop.reading.tokens import Kind, Token


@dataclass(slots=True)
class Frame:
    """Something begun: "group", "argument", "option", "environment" hold tokens until they are
    closed; "single" and "wrap" end with the next unit; "expect" waits for `count` arguments.
    """

    sort: str
    token: Token
    start: int
    count: int = 0
    units: int = 0
    depth: int = 0
    in_bars: bool = False
    additive: bool = False
    split: bool = False
    over: int | None = None


def rest_of(token: Token) -> Sequence[Token]:
    """What is left of a number or a name behind its first sign."""
    if token.text[0] == ".":
        dot = Token(Kind.OPERATOR, ".", token.start, token.start + 1)
        digits = replace(token, kind=Kind.NUMBER, text=token.text[1:], start=token.start + 1)
        return (dot, digits)
    if token.text.isdigit():
        return (replace(token, kind=Kind.NUMBER),)
    return tuple(letters(token))
