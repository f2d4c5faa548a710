"""Small repairs of a formula, as edits of the author's own text: a table of rules over the tree."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from symbackprop.checker.lookup import Lookup, is_layered, key_of, nodes_of
from symbackprop.checker.spots import TRANSPOSED
from symbackprop.checker.surroundings import indices_of
from symbackprop.checker.syntax import (
    Add,
    Call,
    Group,
    Negative,
    Node,
    Number,
    Product,
    Quotient,
    Reduction,
    Scripted,
    Symbol,
)
from symbackprop.checker.walk import symbols, terms, walk
from symbackprop.notation.profiles import Profile

_NAME = re.compile(r"\\[A-Za-z]+|[A-Za-z]")


@dataclass(frozen=True, slots=True)
class Edit:
    """text[start:end] replaced."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Repair:
    """What is repaired, in words, and the edits that do it."""

    what: str
    edits: tuple[Edit, ...]


@dataclass(frozen=True)
class Site:
    """A member of an equation that is to be repaired.

    text: the whole text. whole: the equation. nodes: the letters that count nodes in it.
    """

    text: str
    member: Node
    whole: Node
    lookup: Lookup
    nodes: tuple[str, ...]

    def written(self, node: Node) -> str:
        """What stands in the text for a node."""
        return self.text[node.start : node.end]

    @property
    def quantities(self) -> Iterator[Symbol]:
        """The symbols of quantities in the member."""
        return (s for s in terms(self.member) if self.lookup.quantity(s) is not None)


Rule = Callable[[Site], Iterator[Repair]]


def repairs(site: Site) -> Iterator[Repair]:
    """Every small repair of a member, the most likely first."""
    for rule in RULES:
        yield from rule(site)


def _name_end(site: Site, symbol: Symbol) -> int | None:
    """Where the name of a symbol ends, if it begins with it."""
    found = _NAME.match(site.text, symbol.start, symbol.end)
    return found.end() if found else None


# --- indices --------------------------------------------------------------------------------------


def missing_index(site: Site) -> Iterator[Repair]:
    """Write y_j for y."""
    for symbol in site.quantities:
        quantity, end = site.lookup.quantity(symbol), _name_end(site, symbol)
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
            yield Repair(f"the indices of {_base(site, symbol)} are in the wrong order", edits)


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
                        f"the index {name} of {_base(site, symbol)} must be {letter}",
                        (Edit(item.start, item.end, letter),),
                    )


def _plain(node: Node) -> Iterator[Symbol]:
    return (s for s in symbols(node) if not (s.below or s.above or s.primes))


def _base(site: Site, symbol: Symbol) -> str:
    end = _name_end(site, symbol)
    return site.text[symbol.start : end] if end else symbol.name


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


# --- functions and quantities ---------------------------------------------------------------------


def other_quantity(site: Site) -> Iterator[Repair]:
    """Write z for a, or a for z."""
    names = {name: key[0] for key, name in reversed(site.lookup.letters.items())}
    other = {"a": "z", "z": "a"}
    for symbol in site.quantities:
        quantity, end = site.lookup.quantity(symbol), _name_end(site, symbol)
        if quantity is None or end is None or quantity.name not in other:
            continue
        new, old = names[other[quantity.name]], site.text[symbol.start : end]
        yield Repair(f"{new} is meant, not {old}", (Edit(symbol.start, end, new),))


def prime(site: Site) -> Iterator[Repair]:
    """Write a derivative for the function, or the function for its derivative."""
    for node in walk(site.member):
        if not isinstance(node, Call) or not site.lookup.is_activation(node.head):
            continue
        end, name = _name_end(site, node.head), _base(site, node.head)
        if end is None:
            continue
        if node.head.primes == 0:
            yield Repair(f"the derivative {name}' is meant", (Edit(end, end, "'"),))
        elif site.text[end : end + 1] == "'":
            yield Repair(f"{name} is meant, not its derivative", (Edit(end, end + 1, ""),))


def missing_slope(site: Site) -> Iterator[Repair]:
    """Multiply by the derivative of the activation."""
    if isinstance(site.member, Add):
        return
    function = _function(site)
    names = {name: key[0] for key, name in reversed(site.lookup.letters.items())}
    seen: set[str] = set()
    for symbol in terms(site.whole):
        quantity, end = site.lookup.quantity(symbol), _name_end(site, symbol)
        if quantity is None or end is None or quantity.name not in ("a", "z"):
            continue
        argument = names["z"] + site.text[end : symbol.end]
        if argument in seen:
            continue
        seen.add(argument)
        slope = f"{function}'({argument})"
        at = site.member.end
        yield Repair(f"the factor {slope} is missing", (Edit(at, at, f" {slope}"),))


def missing_bias(site: Site) -> Iterator[Repair]:
    """Add the bias of the node whose weighted input is on the left."""
    names = {name: key[0] for key, name in reversed(site.lookup.letters.items())}
    for symbol in terms(site.whole):
        quantity, end = site.lookup.quantity(symbol), _name_end(site, symbol)
        if quantity is not None and end is not None and quantity.name == "z":
            bias = names["b"] + site.text[end : symbol.end]
            at = site.member.end
            yield Repair(f"the bias {bias} is missing", (Edit(at, at, f" + {bias}"),))
            return


def _function(site: Site) -> str:
    for node in walk(site.whole):
        if isinstance(node, Call) and site.lookup.is_activation(node.head):
            return _base(site, node.head)
    letter = site.lookup.profile.activation or "sigma"
    return letter if len(letter) == 1 else f"\\{letter}"


# --- costs ----------------------------------------------------------------------------------------


def other_cost(site: Site) -> Iterator[Repair]:
    """Write C_0 for C, everywhere."""
    for repair in (to_one_sample(site), _to_mean(site)):
        if repair is not None:
            yield repair


def to_one_sample(site: Site) -> Repair | None:
    """Write the cost of one sample for the mean, everywhere in the equation."""
    edits = []
    letter = _cost_letter(site.lookup.profile, "C0")
    for symbol in symbols(site.whole):
        end = _name_end(site, symbol)
        if not site.lookup.is_cost(symbol) or end is None or symbol.below:
            continue
        if site.lookup.costs[key_of(symbol)] == ("C0", "c"):
            continue
        mark = site.lookup.cost_mark
        edits.append(Edit(end, end, f"_{mark}") if mark else Edit(symbol.start, end, letter))
    what = f"the cost of one sample is meant, {letter}"
    return Repair(what, tuple(edits)) if edits else None


def _to_mean(site: Site) -> Repair | None:
    edits = [
        Edit(symbol.below[0].start - 1 - (site.text[symbol.below[0].start - 1] == "{"),
             symbol.end, "")
        for symbol in symbols(site.whole)
        if site.lookup.is_cost(symbol) and symbol.below and not symbol.above
    ]  # fmt: skip
    return Repair("the mean cost over the samples is meant", tuple(edits)) if edits else None


def _cost_letter(profile: Profile, name: str) -> str:
    letter = profile.letters.get(name)
    if letter is None:
        return "C_0"
    return f"{letter.base}_{letter.sub}" if letter.sub else letter.base


# --- signs and numbers ----------------------------------------------------------------------------


def sign(site: Site) -> Iterator[Repair]:
    """Turn a difference round, or change a sign."""
    for node in walk(site.member):
        if not isinstance(node, Add):
            continue
        first, second = node.terms[0], node.terms[1]
        if (
            len(node.terms) == 2
            and isinstance(second, Negative)
            and not isinstance(first, Negative)
        ):
            turned = f"{site.written(second.operand)} - {site.written(first)}"
            yield Repair(f"the sign: {turned}", (Edit(node.start, node.end, turned),))
        for term in node.terms[1:]:
            if isinstance(term, Negative) and site.text[term.start] == "-":
                yield Repair("plus is meant, not minus", (Edit(term.start, term.start + 1, "+"),))
            elif (at := site.text.rfind("+", node.start, term.start)) >= 0:
                yield Repair("minus is meant, not plus", (Edit(at, at + 1, "-"),))
    member = site.member
    if isinstance(member, Negative) and site.text[member.start] == "-":
        yield Repair("the sign", (Edit(member.start, member.start + 1, ""),))
    elif not isinstance(member, Add):
        yield Repair("the sign: a minus is missing", (Edit(member.start, member.start, "-"),))


def factor(site: Site) -> Iterator[Repair]:
    """Add or remove a 2 or a half."""
    member = site.member
    for node in walk(member):
        if isinstance(node, Product):
            for one in node.factors:
                half = isinstance(one, Quotient) and isinstance(one.numerator, Number)
                if half or (isinstance(one, Number) and one.text == "2"):
                    yield Repair(
                        f"the factor {site.written(one)} is too much", (_without(site, one),)
                    )
        if isinstance(node, Quotient) and isinstance(node.numerator, Number) and node is member:
            continue
    if not isinstance(member, Add):
        for number in ("2", r"\frac{1}{2}"):
            edit = Edit(member.start, member.start, f"{number} ")
            yield Repair(f"the factor {number} is missing", (edit,))
    elif site.text[member.start - 1] != "(":
        edits = (Edit(member.start, member.start, "2("), Edit(member.end, member.end, ")"))
        yield Repair("the factor 2 is missing", edits)


def _without(site: Site, node: Node) -> Edit:
    """Remove a factor, with the sign of a product behind it."""
    found = re.compile(r"\s*(\*|\\cdot\b|\\times\b|\.)?\s*").match(site.text, node.end)
    return Edit(node.start, found.end() if found else node.end, "")


# --- sums, transposes -----------------------------------------------------------------------------


def sums(site: Site) -> Iterator[Repair]:
    """Add a sum over a letter, or remove one."""
    member = site.member
    if not isinstance(member, Add):
        for letter in sorted({s.name for s in symbols(member)} & set(site.nodes)):
            edit = Edit(member.start, member.start, rf"\sum_{letter} ")
            yield Repair(f"the sum over {letter} is missing", (edit,))
    for node in walk(member):
        if isinstance(node, Reduction):
            yield Repair("the sum is too much", (Edit(node.start, node.body.start, ""),))


def transposes(site: Site) -> Iterator[Repair]:
    """Transpose a matrix, leave a transpose out, or turn a product of columns into an outer one."""
    for symbol in site.quantities:
        quantity = site.lookup.quantity(symbol)
        if quantity is not None and nodes_of(quantity) == 2 and not symbol.below:
            edits = (
                Edit(symbol.start, symbol.start, "("), Edit(symbol.end, symbol.end, r")^\top"),
            )  # fmt: skip
            yield Repair(f"{site.written(symbol)} must be transposed", edits)
    for node in walk(site.member):
        if isinstance(node, Scripted) and any(
            isinstance(s, Symbol) and s.name in TRANSPOSED for s in node.above
        ):
            yield Repair("no transpose is meant", (Edit(node.base.end, node.end, ""),))
    yield from _outer(site)


def _outer(site: Site) -> Iterator[Repair]:
    member = site.member
    if not isinstance(member, Product) or not 2 <= len(member.factors) <= 5:
        return
    written = [site.written(one) for one in member.factors]
    for at, last in enumerate(written):
        rest = r" \odot ".join(one for n, one in enumerate(written) if n != at)
        front = f"({rest})" if len(written) > 2 else rest
        edit = Edit(member.start, member.end, rf"{front} ({last})^\top")
        yield Repair("for whole layers, elementwise and outer products", (edit,))


RULES: tuple[Rule, ...] = (
    missing_index,
    swapped_in_symbol,
    other_quantity,
    prime,
    other_cost,
    sign,
    factor,
    swapped_letters,
    other_letter,
    other_layer,
    sums,
    missing_slope,
    missing_bias,
    transposes,
)
