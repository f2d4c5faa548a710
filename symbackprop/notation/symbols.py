"""One factory for every symbol, so that equal names are equal symbols.

What the project adds to a model (the sample index, the number of samples, the mean cost, adjoints)
has a name of its own, `own`, which no user can type: it equals nothing that a user made, whatever
it was called.
"""

import itertools
import re
from collections.abc import Collection
from functools import cache

from sympy import IndexedBase, Symbol

from symbackprop.errors import ModelError

_COUNTER = itertools.count()
_MARK = "·"
_OWN = "°"


class OwnName(str):
    """A name that the project gives, not a user; see `own`."""

    __slots__ = ()


def own(name: str) -> OwnName:
    """A name of the project's own: ``size(own("N"))`` is not the ``size("N")`` of a user.

    >>> size(own("N")) == size("N")
    False
    """
    return OwnName(f"{name}{_OWN}")


def is_own(name: str) -> bool:
    """Whether a name, of a symbol or of a quantity, is the project's own."""
    return name.endswith(_OWN)


def spelled(name: str, taken: Collection[str] = ()) -> str:
    """A name as it can be typed: one of the project's own without its mark, away from ``taken``.

    >>> spelled(own("N")), spelled(own("N"), {"N"}), spelled("N", {"N"})
    ('N', 'N_', 'N')
    """
    if not is_own(name):
        return name
    typed = name.replace(_OWN, "")
    while typed in taken:
        typed += "_"
    return typed


def index(name: str) -> Symbol:
    """The integer index called ``name``: a layer, a node, a sample or a time."""
    return Symbol(_allowed(name), integer=True)


def size(name: str) -> Symbol:
    """A symbolic size, at least 1: a depth, a number of samples, a length."""
    return Symbol(_allowed(name), integer=True, positive=True)


def sizes(name: str) -> IndexedBase:
    """A family of symbolic sizes, such as the widths ``n[l]``."""
    return _sizes(_allowed(name))


def base(name: str) -> IndexedBase:
    """The indexed base of the real quantity called ``name``."""
    return _base(_allowed(name))


def scalar(name: str) -> Symbol:
    """The real quantity called ``name`` that has no index."""
    return Symbol(_allowed(name), real=True)


@cache
def _sizes(name: str) -> IndexedBase:
    return IndexedBase(name, integer=True, positive=True)


@cache
def _base(name: str) -> IndexedBase:
    return IndexedBase(name, real=True)


def _allowed(name: str) -> str:
    """The name. Raises ModelError when it has a mark that only the project's own names have."""
    if not isinstance(name, OwnName) and (_OWN in name or _MARK in name):
        raise ModelError(f"{name!r} has a mark that the project keeps for names of its own")
    return str(name)


def fresh(letter: Symbol) -> Symbol:
    """A new index that stands for ``letter`` and equals no other; its name keeps the letter."""
    origin = str(letter.name).split(_MARK)[0]
    return Symbol(f"{origin}{_MARK}{next(_COUNTER)}", integer=True)


def hint(letter: Symbol) -> str:
    """The readable letter that a fresh index came from.

    >>> hint(fresh(index("j")))
    'j'
    """
    return spelled(str(letter.name).split(_MARK)[0])


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
    origin = Symbol(str(letter.name).split(_MARK)[0], integer=True)
    if origin not in taken:
        return origin
    name = hint(letter)
    for candidate in ALPHABETS.get(name, NODE_LETTERS):
        if index(candidate) not in taken:
            return index(candidate)
    number = next(n for n in itertools.count(1) if index(f"{name}{n}") not in taken)
    return index(f"{name}{number}")
