"""How wide a LaTeX formula will be set, estimated, and where a long one is broken."""

from __future__ import annotations

import re

from symbackprop.notation.printers.styles import BREAK

_TOKEN = re.compile(r"\\[A-Za-z]+|\\.|[{}_^]|\s+|.", re.DOTALL)

#: Widths in points at 11 pt of what is not an ordinary letter.
_COMMANDS = {
    "sum": 16.0, "partial": 6.2, "quad": 11.0, "qquad": 22.0, "left": 2.0, "right": 2.0,
    "operatorname": 0.0, "mathrm": 0.0, "text": 0.0, "prime": 3.0, "cdot": 7.0, "displaystyle": 0.0,
    ",": 1.8, "tanh": 24.0, "sin": 15.0, "log": 16.0, "max": 20.0, "min": 18.0, "cosh": 24.0,
    "mathcal": 0.0, "mathsf": 0.0,
}  # fmt: skip
_CHARACTERS = {"=": 14.5, "+": 13.0, "-": 13.0, "(": 4.5, ")": 4.5, "[": 3.5, "]": 3.5, ",": 5.0}
_LETTER, _CAPITAL, _SCRIPT, _COLUMN = 5.8, 7.8, 0.72, 12.0


def width(latex: str) -> float:
    """The estimated width of a formula in display style, in points at 11 pt."""
    return _Measure(latex).run()


class _Measure:
    """Reads the formula once, from left to right."""

    def __init__(self, latex: str) -> None:
        self.tokens = [t for t in _TOKEN.findall(latex.replace(BREAK, "")) if not t.isspace()]
        self.position = 0

    def run(self, stop: str = "") -> float:
        total = 0.0
        while self.position < len(self.tokens) and self.tokens[self.position] != stop:
            total += self._item()
        self.position += 1
        return total

    def _group(self) -> float:
        if self.position < len(self.tokens) and self.tokens[self.position] == "{":
            self.position += 1
            return self.run("}")
        return self._item()

    def _item(self) -> float:
        token = self.tokens[self.position]
        self.position += 1
        if token == "{":
            return self.run("}")
        if token in "_^":
            return self._scripts(token)
        if token == r"\begin":
            return self._environment()
        if token == r"\frac":
            return max(self._group(), self._group()) + 2.4
        if token == r"\sum":
            return self._sum()
        if token == r"\textcolor":
            self._group()
            return self._group()
        if token.startswith("\\"):
            return _COMMANDS.get(token[1:], _LETTER if token[1:].isalpha() else 0.0)
        return _CHARACTERS.get(token, _CAPITAL if token.isupper() else _LETTER)

    def _environment(self) -> float:
        """Cases or a matrix: as wide as its widest row, and the space between its columns."""
        self._group()
        widest, row = 0.0, 0.0
        while self.position < len(self.tokens):
            token = self.tokens[self.position]
            if token == r"\end":
                self.position += 1
                self._group()
                break
            if token == r"\\":
                self.position += 1
                widest, row = max(widest, row), 0.0
            elif token == "&":
                self.position += 1
                row += _COLUMN
            else:
                row += self._item()
        return max(widest, row) + _COLUMN

    def _scripts(self, first: str) -> float:
        widest = _SCRIPT * self._group()
        following = self.tokens[self.position] if self.position < len(self.tokens) else ""
        if following in ("_", "^") and following != first:
            self.position += 1
            widest = max(widest, _SCRIPT * self._group())
        return widest

    def _sum(self) -> float:
        widest = _COMMANDS["sum"]
        while self.position < len(self.tokens) and self.tokens[self.position] in ("_", "^"):
            self.position += 1
            widest = max(widest, _SCRIPT * self._group())
        return widest + 2.0


def pieces(latex: str, limit: float) -> tuple[str, ...]:
    """The formula in pieces of at most ``limit`` points, as far as its marks allow.

    A formula that is broken has delimiters of a fixed size: those that grow cannot span lines.
    """
    if limit == float("inf") or width(latex) <= limit:
        return (latex.replace(BREAK, ""),)
    parts = _broken(_GROWING.sub(r"\\Big\1", latex))
    lines, current = [], ""
    for part in parts:
        if current.strip() and width(current + part) > limit:
            lines.append(current.strip())
            current = part
        else:
            current += part
    return (*lines, current.strip())


_GROWING = re.compile(r"\\(l|r)(?:eft|ight)(?![A-Za-z])")
_OPENING, _CLOSING = ("{", r"\begin", r"\Bigl|"), ("}", r"\end", r"\Bigr|")
_GROUPS = re.compile(rf"({re.escape(BREAK)}|\\begin|\\end|\\Big[lr]\||\\.|[{{}}])")


def _broken(latex: str) -> list[str]:
    """The formula cut at its marks outside all groups: nothing breaks in exponents or bars.

    >>> _broken("a" + BREAK + "+ e^{b" + BREAK + "+ c}")
    ['a', '+ e^{b+ c}']
    """
    parts, depth = [""], 0
    for token in _GROUPS.split(latex):
        if token == BREAK:
            if depth == 0:
                parts.append("")
            continue
        depth += (token in _OPENING) - (token in _CLOSING)
        parts[-1] += token
    return parts
