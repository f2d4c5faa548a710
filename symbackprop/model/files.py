"""Model files: a network in TOML, validated, with errors that name file, key, value and remedy.

.. code-block:: toml

    title = "A classifier"
    inputs = 4
    cost = "categorical_cross_entropy"

    [[layers]]
    width = 3
    activation = "tanh"

    [[layers]]
    width = 2
    activation = "softmax"
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from symbackprop.errors import InputError, SymbackpropError
from symbackprop.escaping import plain, shown
from symbackprop.files import read_toml
from symbackprop.model.builtin import DEFAULT_ACTIVATION, DEFAULT_COST, sized
from symbackprop.model.costs import cost as cost_row
from symbackprop.model.functions import activation
from symbackprop.model.layers import DIGITS
from symbackprop.model.model import Model

if TYPE_CHECKING:
    from pydantic import BaseModel, ValidationError


@dataclass(frozen=True, slots=True)
class ModelFile:
    """What a model file says: the widths, the activations, the cost, a title for documents."""

    title: str
    widths: tuple[int, ...]
    activations: tuple[str, ...]
    cost: str

    def model(self, *, from_logits: bool = False) -> Model:
        """The model that the file describes."""
        rows = tuple(activation(name) for name in self.activations)
        name = "-".join(map(str, self.widths))
        return sized(name, self.widths, rows, cost_row(self.cost), from_logits)


def read_model_file(path: Path) -> ModelFile:
    """Read a model file. Raises InputError for what cannot be read, is no TOML, or is not valid."""
    return _validated(path, read_toml(path, "TOML model file"))


def _validated(path: Path, data: dict[str, Any]) -> ModelFile:
    from pydantic import ValidationError

    try:
        file = _schema().model_validate(data, strict=True)
    except ValidationError as error:
        raise InputError(f"{path}: {_explained(error)}") from None
    layers = file.layers  # type: ignore[attr-defined]
    found = ModelFile(
        plain(file.title).strip(),  # type: ignore[attr-defined]
        (file.inputs, *(layer.width for layer in layers)),  # type: ignore[attr-defined]
        tuple(layer.activation for layer in layers),
        file.cost,  # type: ignore[attr-defined]
    )
    try:
        found.model()
    except SymbackpropError as error:
        raise InputError(f"{path}: {error}") from None
    return found


def _schema() -> type[BaseModel]:
    """The schema of a model file, made here so that pydantic is only imported for one."""
    from pydantic import BaseModel, ConfigDict, Field

    class LayerTable(BaseModel):
        model_config = ConfigDict(extra="forbid", frozen=True)
        width: int = Field(ge=1, lt=10**DIGITS)
        activation: str = DEFAULT_ACTIVATION

    class FileTable(BaseModel):
        model_config = ConfigDict(extra="forbid", frozen=True)
        title: str = Field(default="", max_length=200)
        inputs: int = Field(ge=1, lt=10**DIGITS)
        layers: list[LayerTable] = Field(min_length=1)
        cost: str = DEFAULT_COST

    return FileTable


def _explained(error: ValidationError) -> str:
    """The first problem: the key, what it says there, what is allowed."""
    first = error.errors()[0]
    place = ""
    for part in first["loc"]:
        place += f"[{part}]" if isinstance(part, int) else (f".{part}" if place else str(part))
    if first["type"] == "extra_forbidden":
        nested = "layers" in place
        allowed = "width, activation" if nested else "title, inputs, layers, cost"
        return f"unknown key {place}; allowed are {allowed}"
    if first["type"] == "missing":
        return f"key {place} is missing"
    return f"{place} = {shown(first['input'])}: {first['msg'][0].lower()}{first['msg'][1:]}"
