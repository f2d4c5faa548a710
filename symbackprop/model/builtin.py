"""The models that are built in, by name or by sizes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from symbackprop.errors import UsageError
from symbackprop.model.costs import CostRow
from symbackprop.model.costs import cost as cost_row
from symbackprop.model.functions import ABSTRACT, FunctionRow, activation
from symbackprop.model.layers import layered_model, parse_sizes
from symbackprop.model.model import Model

DEFAULT_ACTIVATION = "sigmoid"
DEFAULT_COST = "squared_error"


@dataclass(frozen=True, slots=True)
class BuiltIn:
    """A built-in model with symbolic depth: its name, its title, what it is, one neuron a layer."""

    name: str
    title: str
    description: str
    single: bool


BUILT_IN = (
    BuiltIn(
        "general",
        "a network of L layers",
        "L layers of symbolic widths, an abstract activation g^(l) in each",
        False,
    ),
    BuiltIn(
        "chain",
        "a chain of single neurons",
        "L layers of one neuron each, an abstract activation g^(l) in each",
        True,
    ),
)


def title_of(name: str) -> str:
    """What a document calls a model: a built-in one by its title, a network by its sizes."""
    return next((one.title for one in BUILT_IN if one.name == name), f"the {name} network")


def build(
    name: str,
    activations: Sequence[str | FunctionRow] = (),
    cost: str | CostRow = DEFAULT_COST,
    *,
    from_logits: bool = False,
) -> Model:
    """The model called ``name``: a built-in one, or sizes such as ``784-30-10``.

    activations: none (abstract for built-in models, the sigmoid for sizes), one for all layers, or
        one a layer. Raises UsageError that says what is wrong.
    """
    rows = tuple(activation(one) for one in activations)
    row = cost_row(cost)
    for known in BUILT_IN:
        if known.name == name:
            if len(rows) > 1:
                raise UsageError(f"{name} has L layers: give one activation, not {len(rows)}")
            return layered_model(
                name, rows or (ABSTRACT,), row, deep=True, single=known.single,
                from_logits=from_logits,
            )  # fmt: skip
    if not any(character.isdigit() for character in name):
        names = ", ".join(known.name for known in BUILT_IN)
        raise UsageError(
            f"unknown model {name!r}: give a built-in one ({names}), sizes such as 784-30-10, "
            "or a .toml file"
        )
    widths = parse_sizes(name)
    return sized(name, widths, rows or (activation(DEFAULT_ACTIVATION),), row, from_logits)


def sized(
    name: str,
    widths: tuple[int, ...],
    rows: tuple[FunctionRow, ...],
    cost: CostRow,
    from_logits: bool,
) -> Model:
    """A network with these widths and one activation for all its layers, or one a layer."""
    layers = len(widths) - 1
    if len(rows) not in (1, layers):
        raise UsageError(
            f"{name} has {layers} layers: give one activation, or one a layer, not {len(rows)}"
        )
    every = rows * layers if len(rows) == 1 else rows
    return layered_model(name, every, cost, widths=widths, from_logits=from_logits)
