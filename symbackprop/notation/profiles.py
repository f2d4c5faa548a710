"""Notation profiles: what a reader sees, one row each, used when printing and when reading.

A profile renames and rearranges; the mathematics below it is the same. Letters are given for the
canonical names of the quantities (x, w, b, z, a, y, C0, c, C); what is not listed is printed by
its own name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from symbackprop.errors import UsageError


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

    letters: the printed letters by canonical name.
    indices: the letters of indices by canonical letter (bishop writes w_ji: k is printed i).
    weight_from_first: whether the first index of a weight is the node it comes from.
    first_index: the number of the first node, 0 or 1.
    activation: the letter for an activation function; empty where each keeps its own name.
    error_of: the quantity whose adjoint is the error delta, where adjoints are written so.
    widths: the letter of the widths n_l.
    bounds: whether sums carry their bounds.
    """

    name: str
    description: str
    letters: Mapping[str, Letter] = field(default_factory=dict)
    indices: Mapping[str, str] = field(default_factory=dict)
    layer_mark: LayerMark = LayerMark.ROUND
    weight_from_first: bool = False
    first_index: int = 0
    activation: str = ""
    widths: str = "n"
    samples: str = "N"
    chain_order: ChainOrder = ChainOrder.COST_FIRST
    error_of: str = "z"
    adjoint_style: AdjointStyle = AdjointStyle.PARTIAL
    sample_layout: SampleLayout = SampleLayout.ROWS
    bounds: bool = True


_COMMON = {"C0": Letter("C", "0"), "c": Letter("C", "0"), "C": Letter("C")}

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
        letters={"C0": Letter("C", "x"), "c": Letter("C", "x"), "C": Letter("C")},
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
            "z": Letter("a"),
            "a": Letter("z"),
            "y": Letter("t"),
            "C0": Letter("E", "n"),
            "c": Letter("E", "n"),
            "C": Letter("E"),
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
            "w": Letter("W"),
            "z": Letter("a"),
            "a": Letter("h"),
            "C0": Letter(r"\mathcal{L}"),
            "c": Letter(r"\mathcal{L}"),
            "C": Letter("J"),
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
            "w": Letter("W"),
            "C0": Letter(r"\mathcal{L}"),
            "c": Letter(r"\mathcal{L}"),
            "C": Letter("J"),
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
