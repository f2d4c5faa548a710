"""Quantities: named, indexed variables with a role, and the ranges of their indices."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from sympy import Expr, Indexed, Integer, Symbol

from symbackprop.arguments import TEXT, check
from symbackprop.errors import ModelError
from symbackprop.notation import symbols
from symbackprop.notation.domains import REAL, Domain


class Role(StrEnum):
    """What a quantity is in its model."""

    INPUT = "input"
    PARAMETER = "parameter"
    INTERMEDIATE = "intermediate"
    TARGET = "target"
    COST = "cost"
    ADJOINT = "adjoint"


class Part(StrEnum):
    """What a quantity is in the built-in network; the values are the names in notation files.

    A notation's letters belong to these parts: a quantity of a user's model is none of them,
    whatever it is called.
    """

    INPUT = "x"
    WEIGHT = "w"
    BIAS = "b"
    WEIGHTED_INPUT = "z"
    ACTIVATION = "a"
    TARGET = "y"
    OUTPUT_COST = "c"
    COST = "C0"
    MEAN_COST = "C"


class Kind(StrEnum):
    """What an axis counts."""

    LAYER = "layer"
    NODE = "node"
    SAMPLE = "sample"
    TIME = "time"


@dataclass(frozen=True, slots=True)
class Axis:
    """One index of a quantity: its letter, its lowest and highest value (included), what it counts.

    The bounds of an axis may use the letters of the axes before it, as ``n[l]`` does.
    """

    letter: Symbol
    low: Expr
    high: Expr
    kind: Kind = Kind.NODE

    def replaced(self, mapping: dict[Expr, Expr]) -> Axis:
        """The same axis with ``mapping`` applied to its letter and its bounds."""
        return Axis(
            self.letter.xreplace(mapping),
            self.low.xreplace(mapping),
            self.high.xreplace(mapping),
            self.kind,
        )


@dataclass(frozen=True)
class Quantity:
    """A named, indexed variable: ``w = Quantity("w", Role.PARAMETER, (layer, node, node))``.

    Indexing it gives a SymPy expression, ``w[l, j, k]``; integers are checked against the ranges.
    ``meaning`` is a phrase with the letters of the axes in braces, for tables and alternative text.
    ``part`` says what it is in the built-in network; None for a quantity of a user's model.
    ``domain`` is which values it takes where it is given: checks draw from it.
    """

    name: str
    role: Role
    axes: tuple[Axis, ...] = ()
    meaning: str = ""
    adjoint_of: Quantity | None = None
    part: Part | None = None
    domain: Domain = REAL

    def __post_init__(self) -> None:
        """Check the name, and that every bound uses earlier letters only."""
        check("the name of a quantity", self.name, TEXT)
        check(f"quantity {self.name}: meaning", self.meaning, TEXT)
        if not isinstance(self.name, symbols.OwnName) and not symbols.is_name(self.name):
            raise ModelError(
                f"{self.name!r} cannot name a quantity: use a letter, then letters, digits or _"
            )
        letters = [axis.letter for axis in self.axes]
        if len(set(letters)) != len(letters):
            raise ModelError(f"quantity {self.name}: two axes share a letter")

    @property
    def letters(self) -> tuple[Symbol, ...]:
        """The letters of the axes."""
        return tuple(axis.letter for axis in self.axes)

    @property
    def symbol(self) -> Expr:
        """The quantity with the letters of its own axes as indices."""
        return self[self.letters]

    @property
    def adjoint(self) -> Quantity:
        """The quantity that stands for the derivative of the cost with respect to this one."""
        name = symbols.own(f"d_{self.name}")
        return Quantity(name, Role.ADJOINT, self.axes, adjoint_of=self)

    def __getitem__(self, indices: object) -> Expr:
        """The instance at ``indices`` (integers or index expressions)."""
        given = indices if isinstance(indices, tuple) else (indices,)
        exprs = tuple(Integer(i) if isinstance(i, int) else i for i in given)
        if len(exprs) != len(self.axes):
            raise ModelError(
                f"{self.name} has {len(self.axes)} indices, {len(exprs)} were given: "
                f"{self.name}[{', '.join(map(str, exprs))}]"
            )
        self.check(exprs)
        if not exprs:
            return symbols.scalar(self.name)
        return symbols.base(self.name)[exprs]

    def ranges(self, indices: tuple[Expr, ...]) -> tuple[Axis, ...]:
        """The axes, their bounds rewritten for these indices."""
        mapping = dict(zip(self.letters, indices, strict=True))
        return tuple(axis.replaced(mapping) for axis in self.axes)

    def check(self, indices: tuple[Expr, ...]) -> None:
        """Raise ModelError when an index is a number outside its range.

        SymPy itself would make a delta of it without a word.
        """
        for axis, value in zip(self.ranges(indices), indices, strict=True):
            below, above = value - axis.low, axis.high - value
            if (below.is_Number and below < 0) or (above.is_Number and above < 0):
                raise ModelError(
                    f"{self.name}[{', '.join(map(str, indices))}]: {value} is outside "
                    f"{axis.low}..{axis.high}"
                )

    def __str__(self) -> str:
        """The name, as messages show it."""
        return self.name


def is_scalar(node: Expr) -> bool:
    """Whether a symbol stands for a quantity without indices (not for an index or a size)."""
    return isinstance(node, Symbol) and node.is_real is True and node.is_integer is not True


def mentioned(expr: Expr) -> tuple[Expr, ...]:
    """Every instance of a quantity in ``expr``, in the order of reading, each once."""
    seen: dict[Expr, None] = {}
    stack: list[Expr] = [expr]
    while stack:
        node = stack.pop()
        if isinstance(node, Indexed):
            if not node.is_integer:
                seen.setdefault(node)
        elif is_scalar(node):
            seen.setdefault(node)
        else:
            stack.extend(reversed(node.args))
    return tuple(seen)
