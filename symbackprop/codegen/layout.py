"""Brackets over lines as formatters lay them out: one line, else one inside, else one an item."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

LIMIT = 88


@dataclass(frozen=True)
class Group:
    """Something in brackets: ``Group("f(", ("a", "b"), ")")``."""

    opening: str
    items: tuple[str | Group, ...]
    closing: str

    def __str__(self) -> str:
        return f"{self.opening}{', '.join(map(str, self.items))}{self.closing}"


def laid_out(item: str | Group, indent: int = 0, before: str = "", after: str = "") -> list[str]:
    """The lines of a group between ``before`` and ``after``.

    >>> laid_out(Group("f(", ("a" * 50, "b" * 50), ")"))[1]
    '    aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa,'
    """
    pad = " " * indent
    whole = f"{pad}{before}{item}{after}"
    if isinstance(item, str) or len(whole) <= LIMIT:
        return [whole]
    lines = [f"{pad}{before}{item.opening}"]
    inside = ", ".join(map(str, item.items))
    if len(pad) + 4 + len(inside) <= LIMIT and not item.closing.startswith(","):
        lines.append(f"{pad}    {inside}")
    else:
        for one in item.items:
            lines.extend(_item(one, indent + 4))
    return [*lines, f"{pad}{item.closing.lstrip(',')}{after}"]


def _item(item: str | Group, indent: int) -> list[str]:
    if isinstance(item, Group) and "=" in item.opening:
        name, opening = item.opening.split("=", 1)
        return laid_out(Group(opening, item.items, item.closing), indent, f"{name}=", ",")
    return laid_out(item, indent, after=",")


def text(item: str | Group, indent: int = 0, before: str = "", after: str = "") -> str:
    """The same as one string."""
    return "\n".join(laid_out(item, indent, before, after))


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
