"""What is settled for a whole text: its first index, its costs, what letters without nodes are."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from symbackprop.notation.profiles import Profile


class Bare(StrEnum):
    """What a quantity without node indices stands for."""

    NEURON = "one neuron"
    LAYER = "a whole layer"
    OPEN = "open"


class Reading(StrEnum):
    """How the quantities of one equation are read.

    SINGLE: in a chain of single neurons, where no quantity has a node index. NODES: in a network,
    node by node. WHOLE: in a network, where a quantity without nodes is its whole layer, a column
    or a matrix. ENTRIES: the same, entry by entry: each layer has one node for all quantities.
    """

    SINGLE = "single"
    NODES = "nodes"
    WHOLE = "whole"
    ENTRIES = "entries"


class Layout(StrEnum):
    """How derivatives by columns and matrices are laid out."""

    LIKE_VARIABLE = "gradients in the shape of the variable, Jacobians with one row an output"
    NUMERATOR = "numerator layout"
    DENOMINATOR = "denominator layout"


@dataclass(frozen=True)
class Conventions:
    """How a text writes.

    profile: the notation. first: the number of the first node and of the first sample.
    bare_layers: whether a number above a quantity is a layer, not a power. mean: whether the
    letter of the full cost is the mean over the samples, not the cost of one. bare: what a
    quantity without nodes stands for. layers: the number of layers where they are numbered, else 0.
    early: the parameters that are marked with the layer they come from, as in
    z^(l+1) = W^(l) a^(l) + b^(l). named: whether functions have the names that documents give them:
    only one letter is the activation, and sigma is the sigmoid.
    """

    profile: Profile
    first: int
    bare_layers: bool
    mean: bool = True
    bare: Bare = Bare.OPEN
    layers: int = 0
    early: frozenset[str] = frozenset()
    named: bool = False

    @property
    def key(self) -> tuple[object, ...]:
        """What tells the conventions of one text apart."""
        turned = self.profile.weight_from_first
        return turned, self.first, self.bare_layers, self.mean, self.bare, self.layers, self.early
