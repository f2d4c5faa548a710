"""How high a row of a display will be set, and a paragraph: estimates in points, for slides."""

from __future__ import annotations

import re

_ROW = re.compile(r"\\\\(?:\[(\d+)pt\])?")
_ENVIRONMENT = re.compile(r"\\begin\{(\w+)\}(.*?)\\end\{\1\}", re.DOTALL)

#: What a row needs by the tallest thing in it, with the space between rows.
_HEIGHTS = ((r"\sum", 42.0), (r"\frac", 37.0))
_PLAIN, _LINE, _LETTER = 19.0, 14.0, 5.2
_BELOW = 15.0
"""What a brace with a shape below needs."""


def height(row: str) -> float:
    r"""The estimated height of one row of a display.

    >>> height("a &= b") < height(r"a &= \frac{b}{c}") < height(r"a &= \sum_{j=0}^{n} b_j")
    True
    """
    inner = [_rows_height(match[2]) for match in _ENVIRONMENT.finditer(row)]
    return max([_tallest(_ENVIRONMENT.sub("", row)), *inner])


def _rows_height(body: str) -> float:
    """Cases or a matrix: the rows, and what is left of the space that is asked for below each.

    TeX counts the depth of a row as part of that space.
    """
    parts = _ROW.split(body)
    asked = sum(int(points) for points in parts[1::2] if points)
    return asked / 2 + sum(_tallest(part) for part in parts[::2])


def _tallest(text: str) -> float:
    own = next((points for mark, points in _HEIGHTS if mark in text), _PLAIN)
    return own + (_BELOW if r"\underbrace" in text else 0.0)


def words_height(letters: int, formulas: float, column: float) -> float:
    """The estimated height of a paragraph of so many letters and points of formulas."""
    lines = -(-(letters * _LETTER + formulas) // column)
    return float(lines * _LINE + 6.0)
