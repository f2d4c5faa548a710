"""What each thing of a model is printed as in one notation, so that no two things print alike.

Letters are given out in an order of precedence: the quantities of a user's model keep the letters
that the user typed, then come the built-in network's by the notation, then indices and sizes,
functions, and last what the project adds (the mean cost, samples, a function's argument). Who comes
later and would print like one before is renamed where it can be seen: by the name that was typed,
by another letter, or by a prime.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain, count

from sympy import Indexed, Symbol

from symbackprop.errors import UsageError
from symbackprop.notation import symbols
from symbackprop.notation.printers.styles import ELEMENTARY, GREEK, LATEX, TEXT
from symbackprop.notation.profiles import AdjointStyle, Letter, Profile
from symbackprop.notation.quantities import Kind, Part, Quantity, Role

COSTS = (Part.OUTPUT_COST, Part.COST, Part.MEAN_COST)

#: Letters for what the project adds, in the order of preference, by the name it has there.
SPARE = {
    symbols.own("C"): ("C", "J", "E", "F"),
    symbols.own("N"): ("N", "M", "P"),
    symbols.own("s"): ("s", "r", "i"),
    symbols.own("t"): ("t", "u", "v", "xi"),
    symbols.own("eta"): ("eta", "alpha", "gamma", "mu"),
    symbols.own("g"): ("g", "f", "phi"),
}
ARGUMENT, RATE, ACTIVATION = symbols.own("t"), symbols.own("eta"), symbols.own("g")
MEAN, SAMPLES, SAMPLE = symbols.own("C"), symbols.own("N"), symbols.own("s")

_GREEK = {letter: name for name, letter in GREEK.items()}
_POOL = dict.fromkeys(
    chain(("l", "s", "t"), *symbols.ALPHABETS.values(), symbols.NODE_LETTERS, ("i", "j", "k"))
)


_OTHERS = ("o", "f", "d", "c")
"""What a node or a layer is called whose letter is taken, rather than to have a prime."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A letter that is given out: its base and fixed subscript, whether indices may follow.

    cost: whether it is one of the costs, which share their letter: C, C_0, C_s.
    """

    base: str
    sub: str = ""
    indexed: bool = False
    cost: bool = False

    def is_like(self, other: Claim) -> bool:
        """Whether both may print the same."""
        if self.base != other.base:
            return False
        if self.sub == other.sub:
            return True
        if self.cost and other.cost:
            return False
        return self._begins(other) or other._begins(self)

    def _begins(self, other: Claim) -> bool:
        """Whether own indices may print the rest of the other's subscript: h_j and a name h0."""
        if not self.indexed or not other.sub.startswith(self.sub):
            return False
        rest = other.sub[len(self.sub) :].replace(",", "")
        return all(character.isdigit() or character in _POOL for character in rest)


@dataclass(frozen=True)
class Lettering:
    """The letters of one model in one notation.

    quantities: by name. letters: indices and sizes, by name; families of sizes, by name and
    brackets. functions: names in LaTeX and in text, of those that do not keep their own.
    fractions: the quantities whose adjoints are written as fractions, whatever the notation says.
    bases: every letter that is given out.
    """

    quantities: Mapping[str, Letter]
    letters: Mapping[str, str]
    functions: Mapping[str, tuple[str, str]]
    fractions: frozenset[str]
    bases: frozenset[str]

    def letter(self, name: str) -> str:
        """The letter of an index or of a size."""
        known = self.letters.get(name)
        if known is not None:
            return known
        typed = symbols.spelled(name)
        while typed in self.bases:
            typed += "'"
        return typed

    @property
    def has_delta(self) -> bool:
        """Whether the letter delta is free for Kronecker's."""
        return "delta" not in self.bases

    @property
    def has_e(self) -> bool:
        """Whether the letter e is free for the base of the exponential."""
        return "e" not in self.bases


@dataclass
class _Assigner:
    """Gives letters out, the first who asks first."""

    profile: Profile
    claims: list[Claim] = field(default_factory=list)
    printed: set[str] = field(default_factory=set)

    def is_free(self, claim: Claim) -> bool:
        """Whether nothing that has a letter would print like this."""
        shown = {LATEX.letter(claim.base), TEXT.letter(claim.base)}
        if not claim.sub and shown & self.printed:
            return False
        return not any(claim.is_like(one) for one in self.claims)

    def take(self, claims: Iterable[Claim]) -> Claim:
        """The first of some claims that is free; it is given out."""
        found = next(one for one in claims if self.is_free(one))
        self.claims.append(found)
        return found

    def letter(self, names: Iterable[str]) -> str:
        """The first of some names that is free, else the first one with primes."""
        wanted = list(names)
        primed = (wanted[0] + "'" * number for number in count(1))
        return self.take(Claim(name) for name in chain(wanted, primed)).base


def split(name: str) -> Letter:
    """A name as a letter with a subscript: ``w_hh`` is w with hh below, ``h1`` is h with 1.

    >>> split("w1_f")
    Letter(base='w', sub='1,f')
    """
    base, _, sub = name.partition("_")
    stripped = base.rstrip("0123456789")
    digits = base[len(stripped) :]
    return Letter(stripped, ",".join(part for part in (digits, sub.replace("_", "")) if part))


def lettering(
    quantities: Mapping[str, Quantity],
    functions: Mapping[str, tuple[str, str]],
    profile: Profile,
    others: Iterable[Symbol] = (),
) -> Lettering:
    """The letters of a model in a notation.

    quantities: by name, adjoints included. functions: their names in LaTeX and in text, by head.
    others: indices and sizes that no axis of a quantity has.

    Raises UsageError where the notation gives two quantities of the built-in network one letter.
    """
    own = [q for q in quantities.values() if q.adjoint_of is None]
    give = _Assigner(profile, [Claim(name) for name in (*ELEMENTARY, "pi")])
    found: dict[str, Letter] = {}
    for quantity in sorted(own, key=_haste):
        if quantity.part is not Part.MEAN_COST:
            found[quantity.name] = _of_quantity(give, quantity, own)
    letters = dict(_symbols(give, own, others))
    first = {SAMPLES: (profile.samples,)}
    if profile.activation:
        letters[ACTIVATION] = give.letter((profile.activation, *SPARE[ACTIVATION]))
    renamed = dict(_functions(give, functions, letters.get(ACTIVATION, "")))
    found[MEAN] = _mean(give)
    for name in (SAMPLES, SAMPLE, ARGUMENT, RATE):
        letters[name] = give.letter((*first.get(name, ()), *SPARE[name]))
    for pooled in _POOL:
        if pooled not in letters:
            spare = () if pooled in ("s", "t") else _OTHERS
            letters[pooled] = give.letter((_swapped(own, profile).get(pooled, pooled), *spare))
    bases = frozenset(claim.base for claim in give.claims)
    return Lettering(found, letters, renamed, frozenset(_fractions(found, bases, profile)), bases)


def _haste(quantity: Quantity) -> tuple[bool, bool]:
    """Users' quantities before the built-in ones; names that need no splitting first."""
    plain = split(quantity.name)
    return quantity.part is not None, f"{plain.base}_{plain.sub}".rstrip("_") != quantity.name


def _of_quantity(give: _Assigner, quantity: Quantity, own: list[Quantity]) -> Letter:
    indexed = bool([a for a in quantity.axes if a.kind is not Kind.LAYER])
    indexed |= quantity.role is not Role.PARAMETER
    cost = quantity.part in COSTS or quantity.role is Role.COST
    if quantity.part is not None:
        letter = give.profile.letters.get(quantity.part, Letter(quantity.part.value))
        claim = Claim(letter.base, letter.sub, indexed, cost)
        if any(claim.is_like(one) for one in give.claims if not (cost and one.cost)):
            raise UsageError(_two_alike(give, quantity, letter, own))
        give.claims.append(claim)
        return letter
    told = give.profile.names.get(quantity.name)
    wanted = [told] if told is not None else []
    wanted += [split(quantity.name), Letter(quantity.name)]
    primed = (Letter(quantity.name + "'" * number) for number in count(1))
    claims = (Claim(one.base, one.sub, indexed, cost) for one in chain(wanted, primed))
    taken = give.take(claims)
    return Letter(taken.base, taken.sub)


def _two_alike(give: _Assigner, quantity: Quantity, letter: Letter, own: list[Quantity]) -> str:
    """What is said where a notation has one letter for two quantities of the network."""
    known = {q.name: give.profile.letters.get(q.part, Letter(q.part.value))
             for q in own if q.part is not None and q is not quantity}  # fmt: skip
    other = next((name for name, one in known.items() if one.base == letter.base), letter.base)
    return (
        f"notation {give.profile.name}: {other} and {quantity.name} would both be printed "
        f"{letter.base}; give one of them another letter under [letters]"
    )


def _swapped(own: list[Quantity], profile: Profile) -> Mapping[str, str]:
    """The letters of indices that the notation exchanges, in the built-in network."""
    return profile.indices if any(q.part is Part.WEIGHT for q in own) else {}


def _symbols(
    give: _Assigner, own: list[Quantity], others: Iterable[Symbol]
) -> Iterator[tuple[str, str]]:
    """The letters of indices and sizes, in the order of their names."""
    swapped = _swapped(own, give.profile)
    plain: set[Symbol] = {one for one in others if not symbols.is_fresh(one)}
    families: dict[str, bool] = {}
    for quantity in own:
        for axis in quantity.axes:
            plain.add(axis.letter)
            for bound in (axis.low, axis.high):
                for one in bound.atoms(Indexed):
                    name = str(one.base.label.name)
                    families[name] = families.get(name, False) or quantity.part is not None
                labels = {one.base.label for one in bound.atoms(Indexed)}
                plain |= {one for one in bound.free_symbols - labels if isinstance(one, Symbol)}
    for name, built_in in sorted(families.items()):
        first = (give.profile.widths,) if built_in and name == "n" else ()
        names = (*first, name)
        primed = (names[-1] + "'" * number for number in count(1))
        claims = (Claim(one, "", True) for one in chain(names, primed))
        yield f"{name}[]", give.take(claims).base
    typed = {str(one.name) for one in plain if not symbols.is_own(one.name)}
    for name in sorted(typed):
        yield name, give.letter((swapped.get(name, name),))


def _functions(
    give: _Assigner, functions: Mapping[str, tuple[str, str]], general: str
) -> Iterator[tuple[str, tuple[str, str]]]:
    """New names for the functions whose own are taken.

    general: the letter of a layer's activation function, which any of them may be.
    """
    letters = {one.base for one in give.claims if not one.sub} - {*ELEMENTARY, "pi", general}
    taken = letters | {style.letter(one) for one in letters for style in (LATEX, TEXT)}
    for head, (latex, text) in functions.items():
        escaped = head.replace("_", r"\_")
        upright = rf"\operatorname{{{escaped}}}"
        further = ((rf"{upright}_{{{number}}}", f"{head}_{number}") for number in count(1))
        for name in chain(((latex, text), (upright, head)), further):
            printed = {*name, LATEX.letter(name[1]), _GREEK.get(name[1], name[1])}
            if not printed & taken:
                break
        if name != (latex, text):
            yield head, name
        taken |= printed
        give.printed |= set(name)


def _mean(give: _Assigner) -> Letter:
    """The letter of the mean cost: the notation's, else one that is free."""
    own = give.profile.letters.get(Part.MEAN_COST, Letter("C"))
    wanted = chain((own,), map(Letter, SPARE[MEAN]))
    primed = (Letter(own.base + "'" * number) for number in count(1))
    taken = give.take(Claim(one.base, one.sub, False, True) for one in chain(wanted, primed))
    return Letter(taken.base, taken.sub)


def _fractions(
    found: Mapping[str, Letter], bases: frozenset[str], profile: Profile
) -> Iterator[str]:
    """The quantities whose adjoints would print like something else: dz beside a dz."""
    names = {(one.base, one.sub) for one in found.values()}
    for quantity, letter in found.items():
        match profile.adjoint_style:
            case AdjointStyle.DIFFERENTIAL:
                if "d" in bases or ("d" + letter.base, letter.sub) in names:
                    yield quantity
            case AdjointStyle.DELTA:
                if "delta" in bases:
                    yield quantity
