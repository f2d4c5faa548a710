"""One factory for every symbol, so that equal names are equal symbols."""

import itertools
import re
from functools import cache

from sympy import IndexedBase, Symbol

_COUNTER = itertools.count()
_MARK = "·"


@cache
def index(name: str) -> Symbol:
    """The integer index called ``name``: a layer, a node, a sample or a time."""
    return Symbol(name, integer=True)


@cache
def size(name: str) -> Symbol:
    """A symbolic size, at least 1: a depth, a number of samples, a length."""
    return Symbol(name, integer=True, positive=True)


@cache
def sizes(name: str) -> IndexedBase:
    """A family of symbolic sizes, such as the widths ``n[l]``."""
    return IndexedBase(name, integer=True, positive=True)


@cache
def base(name: str) -> IndexedBase:
    """The indexed base of the real quantity called ``name``."""
    return IndexedBase(name, real=True)


@cache
def scalar(name: str) -> Symbol:
    """The real quantity called ``name`` that has no index."""
    return Symbol(name, real=True)


def fresh(letter: Symbol) -> Symbol:
    """A new index that stands for ``letter`` and equals no other; its name keeps the letter."""
    return Symbol(f"{hint(letter)}{_MARK}{next(_COUNTER)}", integer=True)


def hint(letter: Symbol) -> str:
    """The readable letter that a fresh index came from.

    >>> hint(fresh(index("j")))
    'j'
    """
    return str(letter.name).split(_MARK)[0]


def is_fresh(letter: Symbol) -> bool:
    """Whether ``letter`` was made by `fresh`."""
    return _MARK in letter.name


_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*\Z")


def is_name(text: str) -> bool:
    """Whether ``text`` may name a quantity, an index or a function: a plain ASCII identifier."""
    return bool(_NAME.match(text))


#: The letters that bound indices take, in the order of preference, by the letter they come from.
ALPHABETS = {
    "l": ("l", "m", "h"),
    "s": ("s", "r"),
    "t": ("t", "u", "r"),
}
NODE_LETTERS = ("j", "k", "i", "m", "p", "q", "r", "u", "v")


def readable(letter: Symbol, taken: "set[Symbol]") -> Symbol:
    """A readable letter for ``letter`` that is not in ``taken``."""
    name = hint(letter)
    candidates = (name, *ALPHABETS.get(name, NODE_LETTERS))
    for candidate in candidates:
        if index(candidate) not in taken:
            return index(candidate)
    number = next(n for n in itertools.count(1) if index(f"{name}{n}") not in taken)
    return index(f"{name}{number}")
