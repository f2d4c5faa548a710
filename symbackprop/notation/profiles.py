"""Notation profiles: what a reader sees, one row each, used when printing and when reading.

A profile renames and rearranges; the mathematics below it is the same. Letters are given for the
parts of the built-in network; what is not listed is printed by its usual letter. A quantity of a
user's model keeps its own name, unless the user's notation file names it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from symbackprop.errors import UsageError
from symbackprop.notation.quantities import Part


class LayerMark(StrEnum):
    """How a layer is written above a quantity."""

    ROUND = "(l)"
    SQUARE = "[l]"
    BARE = "l"


class ChainOrder(StrEnum):
    """From which end a chain of derivatives is written."""

    COST_FIRST = "cost_first"
    COST_LAST = "cost_last"


class AdjointStyle(StrEnum):
    """How the derivative of the cost by a quantity is written."""

    PARTIAL = "partial"
    DELTA = "delta"
    DIFFERENTIAL = "differential"
    NABLA = "nabla"


class SampleLayout(StrEnum):
    """Whether the samples of a batch are the rows or the columns of its matrices."""

    ROWS = "rows"
    COLUMNS = "columns"


@dataclass(frozen=True, slots=True)
class Letter:
    """A printed name: a letter and a fixed subscript that stands before the indices."""

    base: str
    sub: str = ""


@dataclass(frozen=True)
class Profile:
    """One notation.

    letters: the printed letters of the parts of the built-in network.
    names: the printed letters that a notation file gives to quantities of a user's model, by name.
    indices: the letters of indices by canonical letter (bishop writes w_ji: k is printed i).
    weight_from_first: whether the first index of a weight is the node it comes from.
    first_index: the number of the first node, 0 or 1.
    activation: the letter for an activation function; empty where each keeps its own name.
    error_of: the part whose adjoint is the error delta, where adjoints are written so.
    widths: the letter of the widths n_l.
    bounds: whether sums carry their bounds.
    """

    name: str
    description: str
    letters: Mapping[str, Letter] = field(default_factory=dict)
    names: Mapping[str, Letter] = field(default_factory=dict)
    indices: Mapping[str, str] = field(default_factory=dict)
    layer_mark: LayerMark = LayerMark.ROUND
    weight_from_first: bool = False
    first_index: int = 0
    activation: str = ""
    widths: str = "n"
    samples: str = "N"
    chain_order: ChainOrder = ChainOrder.COST_FIRST
    error_of: str = Part.WEIGHTED_INPUT
    adjoint_style: AdjointStyle = AdjointStyle.PARTIAL
    sample_layout: SampleLayout = SampleLayout.ROWS
    bounds: bool = True


def _costs(sample: Letter, mean: Letter) -> dict[str, Letter]:
    """The letters of the costs: of one sample, with or without one of its outputs; of all."""
    return {Part.COST: sample, Part.OUTPUT_COST: sample, Part.MEAN_COST: mean}


_COMMON = _costs(Letter("C", "0"), Letter("C"))

PROFILES: tuple[Profile, ...] = (
    Profile(
        "deeplizard",
        "w_jk^(l) to node j from node k, g^(l), C_0 for one sample, chains from the cost on",
        letters=_COMMON,
    ),
    Profile(
        "3blue1brown",
        "w_jk^(l), sigma for the activation, C_0, chains that end at the cost",
        letters=_COMMON,
        activation="sigma",
        chain_order=ChainOrder.COST_LAST,
    ),
    Profile(
        "nielsen",
        "w_jk^l with bare layers, C_x for one sample and C for the mean, the error delta_j^l",
        letters=_costs(Letter("C", "x"), Letter("C")),
        layer_mark=LayerMark.BARE,
        activation="sigma",
        first_index=1,
        adjoint_style=AdjointStyle.DELTA,
        samples="n",
        widths="d",
        bounds=False,
    ),
    Profile(
        "bishop",
        "w_ji, activations a = w z and outputs z = h(a), the error E_n and delta_j",
        letters={
            Part.WEIGHTED_INPUT: Letter("a"),
            Part.ACTIVATION: Letter("z"),
            Part.TARGET: Letter("t"),
            **_costs(Letter("E", "n"), Letter("E")),
        },
        indices={"k": "i", "i": "k"},
        activation="h",
        first_index=1,
        adjoint_style=AdjointStyle.DELTA,
        widths="M",
    ),
    Profile(
        "goodfellow",
        "h for the activations, W for the weights, J for the cost, nabla for gradients",
        letters={
            Part.WEIGHT: Letter("W"),
            Part.WEIGHTED_INPUT: Letter("a"),
            Part.ACTIVATION: Letter("h"),
            **_costs(Letter(r"\mathcal{L}"), Letter("J")),
        },
        activation="f",
        first_index=1,
        adjoint_style=AdjointStyle.NABLA,
        samples="m",
    ),
    Profile(
        "ng",
        "W^[l], the first node is 1, dZ and dW, samples as columns",
        letters={
            Part.WEIGHT: Letter("W"),
            **_costs(Letter(r"\mathcal{L}"), Letter("J")),
        },
        layer_mark=LayerMark.SQUARE,
        activation="g",
        first_index=1,
        adjoint_style=AdjointStyle.DIFFERENTIAL,
        samples="m",
        sample_layout=SampleLayout.COLUMNS,
    ),
)

DEFAULT = PROFILES[0]


def profile(name: str | Profile) -> Profile:
    """The profile called ``name``, or the profile itself. Raises UsageError for an unknown name."""
    if isinstance(name, Profile):
        return name
    for row in PROFILES:
        if row.name == name:
            return row
    known = ", ".join(row.name for row in PROFILES)
    raise UsageError(f"unknown notation {name!r}; known are {known}")
