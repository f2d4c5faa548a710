"""Definitions ready for evaluation: how an instance is matched, and the terms."""

from __future__ import annotations

from dataclasses import dataclass

from symbackprop.model.definitions import Definition
from symbackprop.verification.environment import Env, Evaluator, Place, Test, Values
from symbackprop.verification.evaluate import term_evaluator
from symbackprop.verification.indices import condition, integer


@dataclass(frozen=True)
class Rule:
    """A definition ready for evaluation: how to match an instance, and its terms."""

    definition: Definition
    fixed: tuple[tuple[int, Evaluator], ...]
    letters: tuple[tuple[int, str], ...]
    conditions: tuple[Test, ...]
    terms: tuple[Evaluator, ...]

    def value(self, env: Env, place: Place) -> Values:
        """The right side."""
        total: Values = 0j
        for term in self.terms:
            total = total + term(env, place)
        return total


def rule_of(definition: Definition) -> Rule:
    """The rule of a definition."""
    letters = {b.letter for b in definition.domain}
    own = list(enumerate(definition.indices))
    return Rule(
        definition,
        tuple((p, integer(i)) for p, i in own if i not in letters),
        tuple((p, i.name) for p, i in own if i in letters),
        tuple(condition(c) for c in definition.conditions),
        tuple(term_evaluator(term) for term in definition.terms),
    )
