"""Definitions put at concrete places: what a schedule is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sympy import Expr, Symbol

from symbackprop.model.definitions import Definition
from symbackprop.notation.expressions import Bound, Condition, Term

Place = tuple[int, ...]
Key = tuple[str, Place]


@dataclass(frozen=True)
class Instance:
    """One definition at one place: its array axes, and the terms that apply there."""

    key: Key
    axes: tuple[Bound, ...]
    terms: tuple[Term, ...]
    equation: int


@dataclass(frozen=True)
class PlacedRule:
    """A definition with the parts that are the same at every place worked out once."""

    definition: Definition
    equation: int
    fixed: tuple[tuple[int, int], ...]
    letters: tuple[tuple[int, Symbol], ...]
    ranges: tuple[tuple[Symbol, Expr, Expr], ...]
    guards: tuple[tuple[PlacedCondition, ...], ...]


@dataclass(frozen=True)
class PlacedCondition:
    """A condition as integer coefficients, so that testing it at a place is integer arithmetic."""

    coefficients: tuple[tuple[Symbol, int], ...]
    constant: int
    condition: Condition

    def holds(self, place: Mapping[Symbol, int]) -> bool:
        """Whether the condition holds with these letters."""
        value = self.constant + sum(c * place[letter] for letter, c in self.coefficients)
        return self.condition.holds(value)
