"""Small repairs of indices and layers."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

from symbackprop.checker.meaning.lookup import is_layered, nodes_of
from symbackprop.checker.meaning.surroundings import indices_of
from symbackprop.checker.repairs.sites import Edit, Repair, Site, base_of, name_end
from symbackprop.reading.syntax.tree import (
    Group,
    Node,
    Number,
    Reduction,
    Symbol,
)
from symbackprop.reading.syntax.walk import symbols, terms, walk


def missing_index(site: Site) -> Iterator[Repair]:
    """Write y_j for y."""
    for symbol in site.quantities:
        quantity, end = site.lookup.quantity(symbol), name_end(site, symbol)
        if quantity is None or end is None or symbol.below:
            continue
        count = nodes_of(quantity)
        for letters in itertools.permutations(site.nodes, count):
            name = site.text[symbol.start : end]
            sub = letters[0] if count == 1 else f"{{{''.join(letters)}}}"
            yield Repair(f"{name} needs its index: {name}_{sub}", (Edit(end, end, f"_{sub}"),))


def swapped_in_symbol(site: Site) -> Iterator[Repair]:
    """Write w_kj for w_jk."""
    for symbol in site.quantities:
        items = indices_of(symbol)
        if len(items) == 2:
            one, other = items
            edits = (
                Edit(one.start, one.end, site.written(other)),
                Edit(other.start, other.end, site.written(one)),
            )
            yield Repair(f"the indices of {base_of(site, symbol)} are in the wrong order", edits)


def swapped_letters(site: Site) -> Iterator[Repair]:
    """Exchange two letters in all that a sum sums, or in the whole member."""
    parts = [one.body for one in walk(site.member) if isinstance(one, Reduction)]
    for part in (*parts, site.member):
        found = sorted({s.name for s in symbols(part)} & set(site.nodes))
        for one, other in itertools.combinations(found, 2):
            new = {one: other, other: one}
            edits = tuple(Edit(s.start, s.end, new[s.name]) for s in _plain(part) if s.name in new)
            yield Repair(f"{one} and {other} are exchanged", edits)


def other_letter(site: Site) -> Iterator[Repair]:
    """Write one letter for another below one symbol."""
    numbers = {
        one.text for s in terms(site.whole) for one in indices_of(s) if isinstance(one, Number)
    }
    for symbol in site.quantities:
        for item in indices_of(symbol):
            name = site.written(item)
            for letter in (*site.nodes, *sorted(numbers)):
                if letter != name and (name in site.nodes or name in numbers):
                    yield Repair(
                        f"the index {name} of {base_of(site, symbol)} must be {letter}",
                        (Edit(item.start, item.end, letter),),
                    )


def _plain(node: Node) -> Iterator[Symbol]:
    return (s for s in symbols(node) if not (s.below or s.above or s.primes))


# --- layers ---------------------------------------------------------------------------------------


def other_layer(site: Site) -> Iterator[Repair]:
    """Write l - 1, l + 1 or L for the layer of one symbol."""
    for symbol in terms(site.member):
        quantity = site.lookup.quantity(symbol)
        if (quantity is None or not is_layered(quantity)) and symbol.name != "delta":
            continue
        for script in symbol.above:
            body = script.body if isinstance(script, Group) else script
            old = site.written(body)
            for new in _layers(old, site):
                inside = isinstance(script, Group) or site.text[body.start - 1] == "{"
                text = new if inside or len(new) == 1 else f"{{{new}}}"
                yield Repair(
                    f"layer {new} is meant, not {old}", (Edit(body.start, body.end, text),)
                )


def _layers(old: str, site: Site) -> Iterator[str]:
    plain = old.replace(" ", "")
    if plain.isdigit():
        yield from (str(int(plain) + step) for step in (-1, 1) if int(plain) + step >= 0)
        return
    letters = ("l", "L") if re.search(r"\bl\b|l", site.text) else ("L",)
    base = plain[0]
    ordered = sorted(letters, key=lambda letter: letter != base)
    for letter in ordered:
        for new in (letter, f"{letter}-1", f"{letter}+1"):
            if new != plain and new != "L+1":
                yield new
