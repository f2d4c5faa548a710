"""The parts of a random model: ranges, quantities, and terms that read what is there."""

from __future__ import annotations

from dataclasses import dataclass, field

from sympy import Expr, Integer, Mul, Rational, Sum, Symbol

from symbackprop.model.definitions import Definition, define
from symbackprop.model.functions import FUNCTIONS, FunctionRow
from symbackprop.model.model import Model
from symbackprop.notation.expressions import Bound, Product
from symbackprop.notation.quantities import Axis, Kind, Quantity, Role
from symbackprop.notation.symbols import index, size
from tests.search.choices import Choices
from tests.search.oracle import Written

ZERO, ONE = Integer(0), Integer(1)

LETTERS = ("i", "j", "k", "m", "p", "q", "r", "u", "s", "n", "v", "t")
SIZES = ("K", "J", "D", "M", "H", "N", "T", "B", "S", "C")
PLAIN = {
    Role.INPUT: ("x", "u", "f"),
    Role.PARAMETER: ("w", "b", "v", "p", "a", "o"),
    Role.INTERMEDIATE: ("z", "h", "g", "r", "q", "e", "d", "m"),
    Role.TARGET: ("y", "o", "t"),
    Role.COST: ("C0", "E", "J"),
}
UNLUCKY = (
    *("s", "c", "C", "N", "T", "k", "e", "pi", "lambda", "sigma", "x0", "w1", "w_1", "C0", "d_w"),
    *("Parameters", "S", "L", "l", "n", "t", "E", "I", "delta", "np", "theta", "samples", "cost"),
    *("Sum", "exp", "j", "self", "x", "y", "z", "alpha_2", "Q", "K", "row", "rng", "shape", "g"),
)
"""Names that something of the project, of Python or of SymPy might already have."""


@dataclass(frozen=True)
class Span:
    """A range with the numbers that its ends have here."""

    low: Expr
    high: Expr
    first: int
    last: int
    kind: Kind = Kind.NODE

    @property
    def count(self) -> int:
        return self.last - self.first + 1

    def axis(self, letter: Symbol) -> Axis:
        return Axis(letter, self.low, self.high, self.kind)


Context = tuple[tuple[Symbol, Span], ...]


@dataclass
class Writer:
    """A model while it is being written.

    spans: the ranges of its quantities. readable: what a definition may mention, latest last.
    unread: what nothing mentions yet.
    """

    choices: Choices
    spans_of: dict[str, tuple[Span, ...]] = field(default_factory=dict)
    quantities: dict[str, Quantity] = field(default_factory=dict)
    readable: list[Quantity] = field(default_factory=list)
    unread: dict[str, None] = field(default_factory=dict)
    parameters: list[Quantity] = field(default_factory=list)
    definitions: list[Definition] = field(default_factory=list)
    equations: list[Written] = field(default_factory=list)
    sizes: dict[Expr, int] = field(default_factory=dict)
    functions: dict[str, FunctionRow] = field(default_factory=dict)
    simplex: list[Quantity] = field(default_factory=list)

    # -- names and ranges -----------------------------------------------------------------------

    def name(self, role: Role) -> str:
        """A name that no quantity has yet."""
        pool = UNLUCKY if self.choices.chance(20) else PLAIN[role]
        free = [one for one in pool if one not in self.quantities]
        if not free:
            free = [f"{PLAIN[role][0]}{number}" for number in range(2, 40)]
            free = [one for one in free if one not in self.quantities]
        return self.choices.pick(free)

    def letter(self, taken: Context | list[Symbol]) -> Symbol:
        """An index letter that is not in use; the first free one mostly."""
        used = {one[0] if isinstance(one, tuple) else one for one in taken}
        free = [index(one) for one in LETTERS if index(one) not in used]
        return free[self.choices.below(3)]

    def length(self, least: int = 1, most: int = 3) -> tuple[Expr, int]:
        """A size, by a symbol or as a number, and its number."""
        number = self.choices.pick([one for one in (2, 3, 1, 4) if least <= one <= most])
        if self.choices.chance(30):
            return Integer(number), number
        free = [one for one in SIZES if size(one) not in self.sizes and one not in self.quantities]
        symbol = size(free[0 if not self.choices.chance(25) else self.choices.below(len(free))])
        self.sizes[symbol] = number
        return symbol, number

    def span(self, least: int = 1, most: int = 3, kind: Kind = Kind.NODE) -> Span:
        """A new range, from 0 or from 1."""
        high, number = self.length(least, most)
        if self.choices.chance(15):
            return Span(ONE, high, 1, number, kind)
        return Span(ZERO, high - 1, 0, number - 1, kind)

    # -- quantities and definitions -------------------------------------------------------------

    def quantity(self, role: Role, context: Context, name: str = "") -> Quantity:
        """A new quantity with these axes."""
        axes = tuple(span.axis(letter) for letter, span in context)
        return self.declare(Quantity(name or self.name(role), role, axes), [s for _, s in context])

    def declare(self, quantity: Quantity, spans: list[Span]) -> Quantity:
        """Note a quantity and the ranges of its axes."""
        self.quantities[quantity.name] = quantity
        self.spans_of[quantity.name] = tuple(spans)
        if quantity.role is Role.PARAMETER:
            self.parameters.append(quantity)
        return quantity

    def available(self, quantity: Quantity) -> None:
        """Let later definitions read a quantity."""
        self.readable.append(quantity)
        self.unread[quantity.name] = None

    def define(
        self,
        quantity: Quantity,
        indices: tuple[Expr, ...],
        *right: Expr,
        domain: tuple[Bound, ...] | None = None,
    ) -> None:
        """Write a definition, and keep what was written as it was."""
        made = define(quantity, indices, *right, domain=domain)
        self.definitions.append(made)
        self.equations.append(Written(quantity.name, indices, made.domain, right))

    # -- reading --------------------------------------------------------------------------------

    def at(self, quantity: Quantity, context: Context, sums: list[tuple[Symbol, Span]]) -> Expr:
        """An instance of a quantity: letters of the context, sums, fixed, shifted or reversed."""
        self.unread.pop(quantity.name, None)
        spans = self.spans_of[quantity.name]
        chosen: list[Expr] = []
        for span in spans:
            chosen.append(self._index(quantity, span, context, sums, chosen))
        return quantity[tuple(chosen)]

    def _index(
        self,
        quantity: Quantity,
        span: Span,
        context: Context,
        sums: list[tuple[Symbol, Span]],
        chosen: list[Expr],
    ) -> Expr:
        c = self.choices
        options: list[Expr] = [
            letter for letter, own in (*context, *sums) if own == span and letter not in chosen
        ]
        if not options or c.chance(25):
            options += self._shifted(span, context)
            options += [span.low + span.high - one for one in options[:1] if span.count > 1]
            options += [span.high, span.low]
            if c.chance(8):
                options += [letter for letter, own in (*context, *sums) if own == span]
        ends = all(one in (span.low, span.high) for one in options)
        if len(sums) < 2 and (ends or c.chance(10)) and not c.chance(25):
            letter = self.letter([one for one, _ in (*context, *sums)])
            sums.append((letter, span))
            return letter
        return c.pick(options)

    def _shifted(self, span: Span, context: Context) -> list[Expr]:
        """Letters plus a number that stay inside of a range, by symbols and not by chance."""
        found: list[Expr] = []
        for letter, own in context:
            below, above = own.low - span.low, span.high - own.high
            if own == span or not below.is_Integer or not above.is_Integer:
                continue
            found += [letter + step for step in range(-int(below), int(above) + 1)][:3]
        return found

    def parameter(self, context: Context, sums: list[tuple[Symbol, Span]]) -> Expr:
        """A parameter: a new one, or one that is there already."""
        c = self.choices
        if self.parameters and c.chance(25):
            return self.at(c.pick(self.parameters), context, sums)
        letters = [*sums, *(one for one in context if not c.chance(25))]
        if c.chance(40):
            letters.reverse()
        letters = letters[-3:]
        made = self.quantity(Role.PARAMETER, tuple(letters))
        return made[tuple(letter for letter, _ in letters)]

    def source(self) -> Quantity:
        """Something to read: what nothing has read yet, mostly."""
        c = self.choices
        fresh = [q for q in self.readable if q.name in self.unread]
        pool = self.readable if not fresh or c.chance(35) else fresh
        return pool[-1 - c.below(len(pool))]

    def term(self, context: Context, *, bare: bool = False) -> Expr:
        """A product of one or two values and, mostly, a parameter, summed over what is left."""
        c = self.choices
        sums: list[tuple[Symbol, Span]] = []
        factors = [self.at(self.source(), context, sums)]
        if c.chance(20):
            factors.append(self.at(self.source(), context, sums))
        if not bare and not c.chance(20):
            factors.insert(0, self.parameter(context, sums))
        if c.chance(10):
            factors.insert(0, Rational(c.pick((1, 3)), c.pick((2, 5))))
        body = (Mul if c.chance(30) else Product)(*factors) if len(factors) > 1 else factors[0]
        return summed(body, sums)

    def offset(self, context: Context) -> Expr:
        """A parameter alone."""
        sums: list[tuple[Symbol, Span]] = []
        return summed(self.parameter(context, sums), sums)

    def affine(self, context: Context) -> list[Expr]:
        """One to three summands."""
        c = self.choices
        terms = [self.term(context)]
        if c.chance(30):
            terms.append(self.term(context, bare=True))
        if c.chance(35):
            terms.append(self.offset(context))
        return terms

    def model(self, name: str) -> Model:
        """What was written, as a model."""
        rows = tuple(row for row in self.functions.values())
        return Model(
            name,
            tuple(self.quantities.values()),
            tuple(self.definitions),
            self.sizes,
            (*FUNCTIONS, *rows),
        )


def summed(body: Expr, sums: list[tuple[Symbol, Span]]) -> Expr:
    """A sum over these letters, the first one outermost."""
    limits = [(letter, span.low, span.high) for letter, span in reversed(sums)]
    return Sum(body, *limits) if limits else body
