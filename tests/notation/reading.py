"""A small reader of printed formulas, text or LaTeX, that shares nothing with the printers.

Grammar: sums of products; a product is read from the left, with or without a dot, and ``/`` divides
by the next factor alone; a sum sign takes the product behind it; a power binds most tightly.
"""

from __future__ import annotations

import cmath
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

Value = complex
Reading = Callable[[Mapping[str, int]], Value]

FUNCTIONS: dict[str, Callable[..., Value]] = {
    "exp": cmath.exp,
    "log": cmath.log,
    "tanh": cmath.tanh,
    "sin": cmath.sin,
    "cos": cmath.cos,
    "abs": lambda t: t if t.real > 0 else -t,
    "sgn": lambda t: (t.real > 0) - (t.real < 0),
    "max": lambda *t: max(t, key=lambda one: one.real),
    "min": lambda *t: min(t, key=lambda one: one.real),
    "√": cmath.sqrt,
    "F": lambda t: t * t / 3 + t,
    "F'": lambda t: 2 * t / 3 + 1,
}

_TEX = (
    (r"\\left\\\{|\\right\\\}|\\left|\\right|\\displaystyle", ""),
    (r"\\,|\\cdot ?|~", " "),
    (r"\\begin\{cases\}", "{"),
    (r"\\end\{cases\}", "}"),
    (r"\\\\", ";"),
    (r"& *\\text\{if \}", " if "),
    (r"& *\\text\{otherwise\}", " otherwise "),
    (r"\\operatorname\{(\w+)\}", r"\1"),
    (r"\\ge\b", "≥"),
    (r"\\le\b", "≤"),
    (r"\\sum", "Σ"),
    (r"\\sqrt", "√"),
    (r"\^\{\\prime\}", "'"),
    (r"\\(log|tanh|sin|cos|max|min|exp)\b", r"\1"),
)

_TOKEN = re.compile(
    r"\s*(\\frac|Σ|√|[²³^_/·|(){}\[\];,+=<>≥≤-]|\d+\.?\d*|(?:if|otherwise)\b|[A-Za-z]+'?)"
)


def tokens(text: str) -> list[str]:
    """The tokens of a formula, LaTeX brought to the signs of text."""
    for pattern, sign in _TEX:
        text = re.sub(pattern, sign, text)
    found, position = [], 0
    text = text.strip()
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise ValueError(f"cannot read {text[position:]!r} of {text!r}")
        found.append(match[1])
        position = match.end()
    return found


@dataclass
class Reader:
    """Reads tokens; ``values`` gives names their values, with their indices."""

    tokens: list[str]
    values: Callable[[str, int | None], Value]
    position: int = 0
    bars: int = field(default=0)

    @property
    def next(self) -> str:
        return self.tokens[self.position] if self.position < len(self.tokens) else ""

    def take(self, *wanted: str) -> str:
        if wanted and self.next not in wanted:
            raise ValueError(f"{wanted} expected, not {self.tokens[self.position :]}")
        self.position += 1
        return self.tokens[self.position - 1]

    def sum(self) -> Reading:
        parts = [self.signed()]
        while self.next in ("+", "-"):
            parts.append(self.signed())
        return lambda env: sum((part(env) for part in parts), 0j)

    def signed(self) -> Reading:
        sign = 1
        while self.next in ("+", "-"):
            sign *= -1 if self.take() == "-" else 1
        body = self.product()
        return lambda env: sign * body(env)

    def starts_factor(self) -> bool:
        one = self.next
        if one == "|":
            return not self.bars
        return (
            bool(one)
            and (one in ("(", "[", "{", "Σ", "√", "\\frac") or one[0].isalnum())
            and (one not in ("if", "otherwise"))
        )

    def product(self) -> Reading:
        value = self.factor()
        while True:
            if self.next == "/":
                self.take()
                value = _divided(value, self.factor())
            elif self.next == "·":
                self.take()
                value = _times(value, self.factor())
            elif self.starts_factor():
                value = _times(value, self.factor())
            else:
                return value

    def factor(self) -> Reading:
        if self.next == "Σ":
            return self.total()
        value = self.atom()
        while self.next in ("²", "³", "^"):
            sign = self.take()
            value = _power(value, self.exponent() if sign == "^" else _fixed(sign))
        return value

    def exponent(self) -> Reading:
        if self.next == "{":
            return self.braces()
        return self.atom()

    def braces(self) -> Reading:
        self.take("{")
        bars, self.bars = self.bars, 0
        value = self.sum()
        self.bars = bars
        self.take("}")
        return value

    def group(self, opening: str, closing: str) -> list[Reading]:
        self.take(opening)
        bars, self.bars = self.bars, 0
        found = [self.sum()]
        while self.next == ",":
            self.take()
            found.append(self.sum())
        self.bars = bars
        self.take(closing)
        return found

    def atom(self) -> Reading:
        one = self.next
        if one == "(":
            return self.group("(", ")")[0]
        if one == "|":
            self.take()
            self.bars += 1
            inner = self.sum()
            self.bars -= 1
            self.take("|")
            return lambda env: FUNCTIONS["abs"](inner(env))
        if one == "[":
            self.take()
            test = self.test()
            self.take("]")
            return lambda env: complex(test(env))
        if one == "{":
            return self.cases()
        if one == "\\frac":
            self.take()
            return _divided(self.braces(), self.braces())
        if one[0].isdigit():
            self.take()
            return lambda env: complex(float(one))
        return self.name()

    def name(self) -> Reading:
        one = self.take()
        if one in FUNCTIONS:
            arguments = [self.braces()] if self.next == "{" else self.group("(", ")")
            return lambda env: FUNCTIONS[one](*(argument(env) for argument in arguments))
        if one == "e" and self.next == "^":
            self.take()
            inner = self.exponent()
            return lambda env: cmath.exp(inner(env))
        if self.next == "_":
            self.take()
            index = self.take() if self.next != "{" else (self.take(), self.take(), self.take())[1]
            return lambda env: self.values(one, env[index] if index in env else int(index))
        return lambda env: self.values(one, None)

    def test(self) -> Callable[[Mapping[str, int]], bool]:
        left, sign, right = self.sum(), self.take(">", "<", "≥", "≤"), self.sum()
        compare = {">": float.__gt__, "<": float.__lt__, "≥": float.__ge__, "≤": float.__le__}[sign]
        return lambda env: compare(left(env).real, right(env).real)

    def cases(self) -> Reading:
        self.take("{")
        bars, self.bars = self.bars, 0
        rows: list[tuple[Reading, Callable[[Mapping[str, int]], bool]]] = []
        while True:
            value = self.sum()
            if self.take("if", "otherwise") == "if":
                rows.append((value, self.test()))
            else:
                rows.append((value, lambda env: True))
            if self.take(";", "}") == "}":
                break
        self.bars = bars
        return lambda env: next(value(env) for value, test in rows if test(env))

    def total(self) -> Reading:
        self.take("Σ")
        self.take("_")
        self.take("{")
        letter = self.take()
        self.take("=")
        low = int(self.take())
        self.take("}")
        self.take("^")
        high = int((self.take(), self.take(), self.take())[1] if self.next == "{" else self.take())
        body = self.signed()
        return lambda env: sum((body({**env, letter: n}) for n in range(low, high + 1)), 0j)


def _fixed(sign: str) -> Reading:
    return lambda env: complex("²³".index(sign) + 2)


def _times(first: Reading, second: Reading) -> Reading:
    return lambda env: first(env) * second(env)


def _divided(first: Reading, second: Reading) -> Reading:
    return lambda env: first(env) / second(env)


def _power(first: Reading, second: Reading) -> Reading:
    return lambda env: first(env) ** second(env)


def read(text: str, values: Callable[[str, int | None], Value], env: Mapping[str, int]) -> Value:
    """The value of a printed formula. Raises ValueError where it cannot be read."""
    reader = Reader(tokens(text), values)
    value = reader.sum()
    if reader.next:
        raise ValueError(f"left over: {reader.tokens[reader.position :]}")
    return value(env)
