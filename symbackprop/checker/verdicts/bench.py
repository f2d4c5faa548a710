"""The models in which the equations of a text are tried."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from symbackprop.checker.meaning.conventions import Reading
from symbackprop.checker.meaning.worlds import Worlds
from symbackprop.model.builtin import build
from symbackprop.model.costs import CostRow
from symbackprop.model.functions import FunctionRow
from symbackprop.model.model import Model


@dataclass(frozen=True)
class Bench:
    """A network and a chain of single neurons, with the same activations and cost.

    model: what the user asked for; without, a network of symbolic widths.
    """

    activations: tuple[str | FunctionRow, ...]
    cost: str | CostRow
    model: str | Model = ""
    made: dict[object, Bench] = field(default_factory=dict, compare=False, repr=False)

    def like(self, activations: tuple[str | FunctionRow, ...], cost: str | CostRow) -> Bench:
        """The same with other activations and another cost; what was made once is kept."""
        self.made.setdefault((self.activations, self.cost), self)
        key = activations, cost
        if key not in self.made:
            self.made[key] = Bench(activations, cost, self.model, self.made)
        return self.made[key]

    @cached_property
    def network(self) -> Worlds:
        """A network with nodes."""
        if isinstance(self.model, Model):
            return Worlds(self.model)
        name = "general" if self.model in ("", "chain") else self.model
        return Worlds(build(name, self.activations, self.cost))

    @cached_property
    def single(self) -> Worlds:
        """A chain of single neurons."""
        return Worlds(build("chain", self.activations[:1], self.cost))

    def worlds(self, reading: Reading) -> Worlds:
        """The worlds for a reading."""
        return self.single if reading is Reading.SINGLE else self.network
