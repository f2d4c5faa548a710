"""Code over lines as formatters lay it out: one line, else one inside brackets, else one an item.

What is generated is written without a thought of its length; `formatted` breaks what is too long
and joins what is not. A comma before a closing bracket asks for one item a line.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from symbackprop.codegen.printers.brackets import (
    Bracket,
    Part,
    flat,
    holds_open,
    operands,
    parts_of,
)

LIMIT = 88


@dataclass(frozen=True)
class Group:
    """Something in brackets: ``Group("f(", ("a", "b"), ")")``."""

    opening: str
    items: tuple[str | Group, ...]
    closing: str

    def __str__(self) -> str:
        return f"{self.opening}{', '.join(map(str, self.items))}{self.closing}"


def text(item: str | Group, indent: int = 0, before: str = "", after: str = "") -> str:
    """A group between ``before`` and ``after`` as one line."""
    return f"{' ' * indent}{before}{item}{after}"


def packed(items: Sequence[str], least: int, many: str) -> tuple[str, ...]:
    """Equal neighbours, at least so many of them, as one item: ``many`` with {item}, {count}.

    >>> packed(["(3, 2)", "(2, 2)", "(2, 2)", "(2, 2)"], 3, "*({item},) * {count}")
    ('(3, 2)', '*((2, 2),) * 3')
    """
    found: list[str] = []
    for item, group in groupby(items):
        count = len(list(group))
        one = many.format(item=item, count=count)
        found += [one] if count >= least else [item] * count
    return tuple(found)


_STATEMENT = re.compile(
    r'(?P<text>[rbf]*(?:"""(?:.|\n)*?"""|"(?:\\.|[^"\\\n])*"))|(?P<comment>#[^\n]*)'
    r"|(?P<open>[(\[{])|(?P<close>[)\]}])|(?P<end>\n)"
)


def formatted(source: str) -> str:
    """The text of a module, its statements laid out.

    >>> print(formatted("total = first(" + "a" * 40 + ", " + "b" * 40 + ")"), end="")
    total = first(
        aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa, bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb
    )
    """
    lines: list[str] = []
    start = depth = 0
    comment: int | None = None
    fixed = False  # text over several lines, or comments in brackets
    source = source.rstrip() + "\n"
    for found in _STATEMENT.finditer(source):
        if found["open"]:
            depth += 1
        elif found["close"]:
            depth -= 1
        elif found["comment"]:
            fixed |= depth > 0
            comment = found.start()
        elif found["text"]:
            fixed |= "\n" in found["text"]
        elif not depth:
            whole = source[start : found.start()]
            if fixed or not whole.strip() or whole.lstrip().startswith("#"):
                lines.append(whole.rstrip())
            else:
                cut = len(whole) if comment is None else comment - start
                lines += _statement(whole[:cut], whole[cut:])
            start, comment, fixed = found.end(), None, False
    return "\n".join(lines) + "\n"


def _statement(code: str, comment: str) -> list[str]:
    """The lines of one statement."""
    indent = len(code) - len(code.lstrip())
    parts = parts_of(_joined(code))
    after = f"  {comment}" if comment else ""
    if parts[0] == "def":
        if _fits(indent, "", parts, after):
            return [f"{' ' * indent}{flat(parts)}{after}"]
        return _definition(indent, parts, after)
    before, value, colon = _value(parts)
    value = _bare(value)
    target = _target(before)
    whole = _fits(indent, before, value, colon + after)
    if target and not whole and indent + len(before) + _head(value) > LIMIT:
        tail = _outermost(indent, ") = ", value, colon + after)
        pad = " " * indent
        return [f"{pad}(", *_content(indent + 4, target), *tail]
    return _outermost(indent, before, value, colon + after)


def _joined(code: str) -> str:
    """A statement on one line."""
    found = ""
    for line in map(str.strip, code.strip().splitlines()):
        space = found and found[-1] not in "([{" and line[:1] not in ")]}"
        found += f" {line}" if space else line
    return found


def _fits(indent: int, before: str, parts: Sequence[Part], after: str) -> bool:
    length = indent + len(before) + len(flat(parts)) + len(after)
    return length <= LIMIT and not holds_open(parts)


def _definition(indent: int, parts: Sequence[Part], after: str) -> list[str]:
    """A line that begins a function breaks at its arguments."""
    place = next(n for n, part in enumerate(parts) if isinstance(part, Bracket))
    pad = " " * indent
    lines = _opened(pad + flat(parts[:place]), indent, parts, place)
    return [*lines, f"{pad}){flat(parts[place + 1 :])}{after}"]


def _value(parts: tuple[Part, ...]) -> tuple[str, tuple[Part, ...], str]:
    """What stands before the value of a statement, the value, and the colon after it."""
    colon = ":" if parts[-1] == ":" else ""
    body = parts[:-1] if colon else parts
    begin = 0
    for place, part in enumerate(body):
        if part == "=" or (part == "in" and body[0] == "for"):
            begin = place + 2 if body[place + 1] == " " else place + 1
            if body[0] == "for":
                break
    if not begin and body[0] in ("return", "if", "elif", "while", "raise", "assert"):
        begin = 2
    return flat(body[:begin]), body[begin:], colon


def _target(before: str) -> Bracket | None:
    """The names that a statement assigns to, where there are several."""
    parts = parts_of(before)
    if parts[-2:] != ("=", " "):
        return None
    names = parts[:-3]
    if len(names) == 1 and isinstance(names[0], Bracket) and names[0].opening == "(":
        return names[0]
    return Bracket("(", names) if "," in names else None


def _head(value: Sequence[Part]) -> int:
    """How much of a value stands on its first line at least."""
    if "," in value:
        return 1
    place = next((n for n, part in enumerate(value) if _is_full(part)), None)
    return len(flat(value)) if place is None else len(flat(value[:place])) + 1


def _bare(value: tuple[Part, ...]) -> tuple[Part, ...]:
    """A value without parentheses that are not needed: a tuple keeps its own."""
    if len(value) == 1 and isinstance(value[0], Bracket) and value[0].opening == "(":
        whole = value[0].parts
        if whole and "," not in whole and "for" not in whole:
            return whole
    return value


def _outermost(indent: int, before: str, parts: tuple[Part, ...], after: str) -> list[str]:
    """A value that stands in no bracket yet: one is added unless its first or last will do."""
    if _fits(indent, before, parts, after):
        return [f"{' ' * indent}{before}{flat(parts)}{after}"]
    if "," in parts:
        parts = (Bracket("(", parts),)
    count = len(operands(parts))
    pad = " " * indent
    added = [f"{pad}{before}(", *_inside(indent + 4, "", parts, ""), f"{pad}){after}"]
    if count > 2 or (count == 2 and not _is_own(parts[0]) and not _is_last(parts[-1])):
        return added
    lines = _at_brackets(indent, before, parts, after)
    if len(lines[0]) <= LIMIT:
        return lines
    return added if count == 2 or all(len(line) <= LIMIT for line in added) else lines


def _is_own(part: Part) -> bool:
    """Whether a piece is in brackets of its own, not those of a call or of an index."""
    return isinstance(part, Bracket) and not part.called


def _is_last(part: Part) -> bool:
    """Whether a line may break in a piece at its end, which an index may not."""
    return _is_full(part) and (_is_own(part) or flat([part])[0] == "(")


def _is_full(part: Part) -> bool:
    return isinstance(part, Bracket) and bool(part.parts)


def _inside(indent: int, before: str, parts: tuple[Part, ...], after: str) -> list[str]:
    """A value inside of brackets: it breaks before its operators, else inside of its brackets."""
    if _fits(indent, before, parts, after):
        return [f"{' ' * indent}{before}{flat(parts)}{after}"]
    loose = operands(parts)
    if len(loose) == 1:
        return _at_brackets(indent, before, parts, after)
    lines: list[str] = []
    for number, one in enumerate(loose):
        end = after if number == len(loose) - 1 else ""
        if number == 0:
            lines += _inside(indent, before, one, end)
        else:
            lines += _inside(indent, f"{flat(one[:1])} ", one[2:], end)
    return lines


def _at_brackets(indent: int, before: str, parts: tuple[Part, ...], after: str) -> list[str]:
    """A value broken inside of those brackets after which the line does not reach the next one."""
    pad = " " * indent
    lines: list[str] = []
    line = pad + before
    for place, part in enumerate(parts):
        if isinstance(part, Bracket) and part.parts:
            rest = parts[place + 1 :]
            following = next((n for n, one in enumerate(rest) if _is_full(one)), None)
            reach = len(flat(rest[:following])) + (len(after) if following is None else 1)
            if part.holds_open() or len(line) + len(part.text) + reach > LIMIT:
                lines += _opened(line, indent, parts, place)
                line = pad + part.closing
                continue
        line += flat([part])
    return [*lines, line + after]


def _opened(line: str, indent: int, parts: Sequence[Part], place: int) -> list[str]:
    """A line up to a bracket, and what stands in the bracket."""
    bracket = parts[place]
    assert isinstance(bracket, Bracket)
    return [line + bracket.opening, *_content(indent + 4, bracket)]


def _content(indent: int, bracket: Bracket) -> list[str]:
    """The items of a bracket: those of a call on one line if they fit, of a list never."""
    items = bracket.items
    whole = bracket.parts
    if not bracket.is_open and (bracket.called or len(items) == 1) and _fits(indent, "", whole, ""):
        return [f"{' ' * indent}{flat(whole)}"]
    if len(items) == 1 and whole[-1] != ",":
        return _inside(indent, "", items[0], "")
    mark = ":" if bracket.opening == "{" else "="
    return [line for item in items for line in _item(indent, item, mark)]


def _item(indent: int, item: tuple[Part, ...], mark: str) -> list[str]:
    """An item and its comma; the name of an argument and a key stay in front of their values."""
    for place, part in enumerate(item):
        if part == mark:
            begin = place + 2 if item[place + 1] == " " else place + 1
            return _inside(indent, flat(item[:begin]), item[begin:], ",")
    return _inside(indent, "", item, ",")
