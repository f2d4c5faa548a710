"""Places in which one instance is perturbed: all else frozen, or answering through everything."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from symbackprop.errors import NotSupported
from symbackprop.notation.expressions import Partial
from symbackprop.verification.environment import HIDDEN, STEP, Env, Values

if TYPE_CHECKING:
    from symbackprop.verification.reference import Reference

BY = HIDDEN + "by"
"""The names under which an environment carries the indices of the perturbed instance."""


@dataclass(frozen=True)
class Perturbed:
    """A place in which one instance, whose indices the environment carries, is perturbed."""

    reference: Reference
    by: str

    def hit(self, indices: tuple[Values, ...], env: Env) -> Values:
        """Where these indices are those of the perturbed instance."""
        found: Values = True
        for n, index in enumerate(indices):
            found = found & (index == env[f"{BY}{n}"])
        return found

    def partial(self, node: Partial, env: Env) -> Values:
        """Derivatives inside a differentiated expression have no value here."""
        raise NotSupported(f"the reference cannot evaluate a derivative of {node}")

    def function(self, head: str, place: Values, order: int, argument: Values) -> Values:
        """The value of a named function."""
        return self.reference.function(head, place, order, argument)

    def size(self, name: str, indices: tuple[Values, ...]) -> Values:
        """The number that a symbolic size stands for."""
        return self.reference.size(name, indices)


class Frozen(Perturbed):
    """Every other instance keeps its value."""

    def read(self, name: str, indices: tuple[Values, ...], env: Env) -> Values:
        """The value of an instance."""
        value = self.reference.read(name, indices, env)
        if name != self.by:
            return value
        return value + np.where(self.hit(indices, env), 1j * STEP, 0)


class Responding(Perturbed):
    """Every other instance answers through everything in between."""

    def read(self, name: str, indices: tuple[Values, ...], env: Env) -> Values:
        """The value of an instance."""
        value = self.reference.read(name, indices, env)
        by = tuple(env[f"{BY}{n}"] for n in range(len(self.reference.model.quantity(self.by).axes)))
        if name == self.by:
            value = value + np.where(self.hit(indices, env), 1j * STEP, 0)
            if name not in self.reference.rules:
                return value
            slope = np.where(
                self.hit(indices, env), 0, self.reference.total(name, indices, self.by, by)
            )
            return value + 1j * STEP * slope
        if name not in self.reference.rules:
            return value
        return value + 1j * STEP * self.reference.total(name, indices, self.by, by)
