"""Small repairs of functions, signs, factors, sums and transposes."""

from __future__ import annotations

import re
from collections.abc import Iterator

from symbackprop.checker.meaning.lookup import nodes_of
from symbackprop.checker.meaning.spots import TRANSPOSED
from symbackprop.checker.repairs.sites import Edit, Repair, Site, base_of, name_end
from symbackprop.reading.syntax.tree import (
    Add,
    Call,
    Negative,
    Node,
    Number,
    Product,
    Quotient,
    Reduction,
    Scripted,
    Symbol,
)
from symbackprop.reading.syntax.walk import symbols, terms, walk


def other_quantity(site: Site) -> Iterator[Repair]:
    """Write z for a, or a for z."""
    names = {name: key[0] for key, name in reversed(site.lookup.letters.items())}
    other = {"a": "z", "z": "a"}
    for symbol in site.quantities:
        quantity, end = site.lookup.quantity(symbol), name_end(site, symbol)
        if quantity is None or end is None or quantity.name not in other:
            continue
        new, old = names[other[quantity.name]], site.text[symbol.start : end]
        yield Repair(f"{new} is meant, not {old}", (Edit(symbol.start, end, new),))


def prime(site: Site) -> Iterator[Repair]:
    """Write a derivative for the function, or the function for its derivative."""
    for node in walk(site.member):
        if not isinstance(node, Call) or not site.lookup.is_activation(node.head):
            continue
        end, name = name_end(site, node.head), base_of(site, node.head)
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
        quantity, end = site.lookup.quantity(symbol), name_end(site, symbol)
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
        quantity, end = site.lookup.quantity(symbol), name_end(site, symbol)
        if quantity is not None and end is not None and quantity.name == "z":
            bias = names["b"] + site.text[end : symbol.end]
            at = site.member.end
            yield Repair(f"the bias {bias} is missing", (Edit(at, at, f" + {bias}"),))
            return


def _function(site: Site) -> str:
    for node in walk(site.whole):
        if isinstance(node, Call) and site.lookup.is_activation(node.head):
            return base_of(site, node.head)
    letter = site.lookup.profile.activation or "sigma"
    return letter if len(letter) == 1 else f"\\{letter}"


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
