"""A text whose offsets can be named by line and column, and the error that names them."""

from bisect import bisect_right
from dataclasses import dataclass
from typing import Self

from symbackprop.errors import SymbackpropError


class NotUnderstood(SymbackpropError):
    """A place that the reader does not understand: what was met, where, and what was expected.

    Lines and columns count from 1, the offset from 0; all three are those of the whole file.
    """

    def __init__(self, met: str, expected: str, offset: int, line: int, column: int) -> None:
        super().__init__(f"line {line}, column {column}: met {met}; expected {expected}")
        self.met = met
        self.expected = expected
        self.offset = offset
        self.line = line
        self.column = column


@dataclass(frozen=True, slots=True)
class Position:
    """A line and a column, both counted from 1."""

    line: int
    column: int


@dataclass(frozen=True, slots=True, repr=False)
class Source:
    """A whole text and the offsets at which its lines start."""

    text: str
    line_starts: tuple[int, ...]

    @classmethod
    def of(cls, text: str) -> Self:
        r"""The source of a text.

        >>> Source.of("a\nbc").position(3)
        Position(line=2, column=2)
        """
        starts, at = [0], text.find("\n")
        while at >= 0:
            starts.append(at + 1)
            at = text.find("\n", at + 1)
        return cls(text, tuple(starts))

    def position(self, offset: int) -> Position:
        """Line and column of an offset."""
        line = bisect_right(self.line_starts, offset)
        return Position(line, offset - self.line_starts[line - 1] + 1)

    def quote(self, start: int, end: int) -> str:
        """What stands in the text from start to end, on one line and not too long."""
        words = " ".join(self.text[start : min(end, start + 80)].split())
        return f"'{words[:40]}…'" if len(words) > 40 else f"'{words}'"

    def not_understood(self, offset: int, met: str, expected: str) -> NotUnderstood:
        """The error for a place; the caller raises it."""
        at = self.position(offset)
        return NotUnderstood(met, expected, offset, at.line, at.column)

    def __repr__(self) -> str:
        return f"Source({len(self.text)} characters)"
