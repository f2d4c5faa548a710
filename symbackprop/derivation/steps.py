"""Equations that were reached step by step, and derivations made of them.

The steps are the computation: every line of an equation is what the calculus had in hand at that
point, and each line equals the one before it for all values of the free indices.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

from sympy import Expr, Symbol

from symbackprop.derivation.rules import RULES, Rule
from symbackprop.notation.expressions import Bound, Condition, Term, Terms
from symbackprop.verification.equality import Equality


class Detail(IntEnum):
    """How much a reader wants to see."""

    BRIEF = 1
    STANDARD = 2
    FULL = 3


@dataclass(frozen=True, slots=True)
class Line:
    """One line: the terms that the left side equals, by which rule, citing which equations.

    detail: the least detail at which a document shows the line.
    """

    terms: Terms
    rule: str
    cites: tuple[str, ...] = ()
    detail: Detail = Detail.STANDARD

    @property
    def because(self) -> Rule:
        """The rule that leads to this line."""
        return RULES[self.rule]

    @property
    def names_paths(self) -> bool:
        """Whether the line shows the paths with their local derivatives by name."""
        return self.rule in ("chain", "through")


@dataclass(frozen=True)
class Equation:
    """left = line = line = ..., for all values of ``letters`` that satisfy ``given``.

    key: the label, made from the content. batch: whether it speaks of all samples at once (and is
    judged in the batched model). assumptions: conditions a reader must be told, such as n_L >= 3.
    actual: whether it is about the actual sizes of the model (a sum written out). argument: the
    real variable of an equation between functions. argument: the
    real variable of an equation between functions.
    """

    key: str
    left: Expr
    lines: tuple[Line, ...]
    letters: tuple[Bound, ...] = ()
    given: tuple[Condition, ...] = ()
    assumptions: tuple[Condition, ...] = ()
    batch: bool = False
    actual: bool = False
    argument: Symbol | None = None

    @property
    def result(self) -> Terms:
        """The last line."""
        return self.lines[-1].terms

    def steps(self) -> Iterator[tuple[Line, Equality]]:
        """Every line with the equality it claims: it equals the line before it."""
        before: Terms = (Term(((self.left,),)),)
        for line in self.lines:
            yield line, Equality(before, line.terms, self.letters, self.given, self.argument)
            before = line.terms

    def shown(self, detail: Detail) -> tuple[Line, ...]:
        """The lines that a document of this detail shows; the last one always."""
        kept = tuple(line for line in self.lines[:-1] if line.detail <= detail)
        return (*kept, self.lines[-1])


@dataclass(frozen=True)
class Section:
    """A part of a derivation: what it is about, and its equations in order.

    topic: the key of the text that introduces it. subject: what the text may name.
    """

    topic: str
    equations: tuple[Equation, ...]
    subject: Expr | None = None
