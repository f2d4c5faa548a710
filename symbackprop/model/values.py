"""Values of inputs, parameters and targets from a TOML file, checked against a model's sizes.

.. code-block:: toml

    rate = 0.5
    x = [0.05, 0.10]
    y = [0.01, 0.99]
    w = [[[0.15, 0.20], [0.25, 0.30]], [[0.40, 0.45], [0.50, 0.55]]]
    b = [[0.35, 0.35], [0.60, 0.60]]

A quantity with layers is a list of layers; a matrix is a list of rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sympy import Expr, Integer

from symbackprop.arguments import NUMBER, check
from symbackprop.errors import InputError, UsageError
from symbackprop.escaping import shown
from symbackprop.files import read_toml
from symbackprop.model.model import Model
from symbackprop.notation.quantities import Quantity, Role

Key = tuple[str, tuple[int, ...]]

DEFAULT_RATE = 0.5
_MOST_BYTES = 20_000_000


@dataclass(frozen=True, slots=True)
class Values:
    """Values by name and indices, and the learning rate."""

    values: dict[Key, float]
    rate: float


def read_values(path: Path, model: Model) -> Values:
    """Read a file of values. Raises InputError that names the file, the key and what is wrong."""
    data = read_toml(path, "TOML file of values", _MOST_BYTES)
    given = {q.name: q for q in model.with_role(Role.INPUT, Role.PARAMETER, Role.TARGET)}
    rate = _number(path, "rate", data.pop("rate", DEFAULT_RATE))
    found: dict[Key, float] = {}
    for name, value in data.items():
        if name not in given:
            known = ", ".join(["rate", *given])
            raise InputError(f"{path}: unknown key {name}; allowed are {known}")
        _collect(path, model, given[name], (), value, found)
    return Values(found, rate)


def check_values(values: Mapping[Any, Any], model: Model) -> None:
    """Raise UsageError unless values by name and indices are numbers of what a model is given."""
    given = {q.name: q for q in model.with_role(Role.INPUT, Role.PARAMETER, Role.TARGET)}
    for key, value in values.items():
        match key:
            case (str() as name, tuple() as indices) if name in given:
                count = len(given[name].axes)
                if len(indices) != count or not all(isinstance(i, int) for i in indices):
                    raise UsageError(f"values: {name} has {count} indices, not {shown(indices)}")
            case _:
                known = ", ".join(given)
                raise UsageError(
                    f"values: {shown(key)} is no name with indices, such as "
                    f'("w", (1, 0, 2)); names are {known}'
                )
        check(f"values: {name}{list(indices)}", value, NUMBER)


def _collect(
    path: Path,
    model: Model,
    quantity: Quantity,
    indices: tuple[int, ...],
    value: Any,
    found: dict[Key, float],
) -> None:
    place = quantity.name + "".join(f"[{i}]" for i in indices)
    if len(indices) == len(quantity.axes):
        found[quantity.name, indices] = _number(path, place, value)
        return
    axis = quantity.axes[len(indices)]
    known: dict[Expr, Expr] = {size: Integer(n) for size, n in model.sizes.items()}
    letters = {a.letter: Integer(i) for a, i in zip(quantity.axes, indices, strict=False)}
    low, high = (int(e.xreplace(letters).xreplace(known)) for e in (axis.low, axis.high))
    if not isinstance(value, list) or len(value) != high - low + 1:
        shape = f"{len(value)} entries" if isinstance(value, list) else shown(value)
        raise InputError(f"{path}: {place} must be a list of {high - low + 1}, not {shape}")
    for number, inner in enumerate(value, start=low):
        _collect(path, model, quantity, (*indices, number), inner, found)


def _number(path: Path, place: str, value: Any) -> float:
    if not isinstance(value, int | float) or not NUMBER.allows(value):
        raise InputError(f"{path}: {place} must be a finite number, not {shown(value)}")
    return float(value)
