"""The public face: networks, what is derived from them, and what is generated from them."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from symbackprop import documents
from symbackprop.arguments import (
    CALLABLE,
    MAPPING,
    NUMBER,
    PATH,
    TEXT,
    WHOLE,
    check,
    instance,
    optional,
)
from symbackprop.derivation.derive import Derivation as _Derivation
from symbackprop.derivation.derive import derive as _derive
from symbackprop.derivation.forms import form_named
from symbackprop.derivation.targets import parse_target
from symbackprop.derivation.verify import Report
from symbackprop.derivation.verify import verify as _verify
from symbackprop.derivation.worked import Worked
from symbackprop.derivation.worked import worked as _worked
from symbackprop.documents.output import write_text
from symbackprop.errors import UsageError
from symbackprop.model.builtin import (
    BUILT_IN,
    DEFAULT_ACTIVATION,
    DEFAULT_COST,
    build,
    sized,
    title_of,
)
from symbackprop.model.costs import CostRow
from symbackprop.model.costs import cost as cost_row
from symbackprop.model.functions import FunctionRow, activation
from symbackprop.model.layers import Dense, check_width
from symbackprop.model.model import Model
from symbackprop.model.values import DEFAULT_RATE, check_values
from symbackprop.notation.files import find_profile
from symbackprop.notation.profiles import DEFAULT, Profile

_MODEL = instance("a model", Model)
_TOO_LARGE = "worked numbers leave the range of floating point: give smaller values or rates"


@dataclass(frozen=True)
class Derivation:
    """A derivation, its verification and its documents."""

    derived: _Derivation
    title: str = ""

    def verify(self, progress: Callable[[int, int], None] | None = None) -> Report:
        """Judge every step in numbers; the report has ``.ok`` and ``.max_error``.

        progress: called with how many equations are done, of how many.
        """
        check("progress", progress, optional(CALLABLE))
        return _verify(self.derived, progress)

    def render(
        self,
        format: str = "latex",  # noqa: A002
        *,
        notation: str | Profile = DEFAULT,
        detail: str = "standard",
        dialect: str = "",
        colour: bool = False,
        only: str = "",
        numbers: Worked | None = None,
        code: Model | None = None,
        folder: str | Path | None = None,
        progress: Callable[[int, int], None] | None = None,
    ) -> str:
        """The derivation as a document. Raises VerificationError when a step does not hold.

        format: latex, text, markdown, html, json, ...; dialect: of Markdown, which host it is for.
        colour: terms coloured by role. only: the label of one equation, to have it alone.
        numbers: the same network worked through with numbers, from `worked`.
        code: the model whose generated code is shown beside its equations.
        folder: a folder of templates that come before the shipped ones.
        progress: called while verifying, see `verify`.
        """
        for name, text in (("format", format), ("detail", detail), ("dialect", dialect),
                           ("only", only)):  # fmt: skip
            check(name, text, TEXT)
        check("numbers", numbers, optional(instance("what worked() gives", Worked)))
        check("code", code, optional(_MODEL))
        check("folder", folder, optional(PATH))
        report = self.verify(progress)
        report.require()
        return documents.render(
            self.derived,
            report,
            format,
            notation=notation,
            detail=detail,
            title=self.title,
            folder=None if folder is None else Path(folder),
            dialect=dialect,
            colour=colour,
            only=only,
            worked=numbers,
            code=code,
        )

    def to_latex(self, *, notation: str | Profile = DEFAULT, detail: str = "standard") -> str:
        """A LaTeX article. Raises VerificationError when a step does not hold."""
        return self.render("latex", notation=notation, detail=detail)

    def to_text(self, *, notation: str | Profile = DEFAULT, detail: str = "standard") -> str:
        """Plain text for a terminal. Raises VerificationError when a step does not hold."""
        return self.render("text", notation=notation, detail=detail)


def worked(
    model: Model,
    values: Mapping[tuple[str, tuple[int, ...]], float] | None = None,
    *,
    seed: int = 0,
    rate: float = DEFAULT_RATE,
) -> Worked:
    """One sample worked through with numbers, up to the updated parameters and the new cost.

    values: by name and indices, as in ``{("w", (1, 0, 2)): 0.5}``; what is missing is drawn from
        ``seed``. Raises UsageError for symbolic sizes and for networks too large to be read.
    """
    check("the model", model, _MODEL)
    check("seed", seed, WHOLE)
    check("rate", rate, NUMBER)
    given = {} if values is None else values
    check("values", given, MAPPING, '{("w", (1, 0, 2)): 0.5}')
    check_values(given, model)
    try:
        found = _worked(model, given, seed, rate)
    except (ArithmeticError, ValueError) as error:
        raise UsageError(f"{_TOO_LARGE} ({error})") from None
    numbers = (*found.values.values(), found.cost, found.new_cost)
    if not all(math.isfinite(one) for one in (*numbers, *(u.updated for u in found.updates))):
        raise UsageError(_TOO_LARGE)
    return found


def derive(
    model: Model,
    *targets: str,
    unfold: int | None = None,
    form: str = "chain",
    notation: str | Profile = DEFAULT,
    title: str = "",
) -> Derivation:
    """Derive the cost of any model by the targets (by all parameters when none are given).

    targets: ``"w"``, or one value such as ``"w[1,2]@L"``; indices count as ``notation`` counts.
    unfold: how many layers of the cost are written as one explicit composition.
    form: chain, index, delta or unrolled.
    """
    check("the model", model, _MODEL)
    for target in targets:
        check("a target", target, TEXT, '"w" or "w[1,2]@L"')
    check("unfold", unfold, optional(WHOLE))
    check("form", form, TEXT, '"chain"')
    check("title", title, TEXT)
    row = find_profile(notation)
    instances = [parse_target(model, target, row) for target in targets]
    derived = _derive(model, instances, unfold, form_named(form))
    return Derivation(derived, title or title_of(model.name))


class Network:
    """A network of layers.

    inputs: the number of inputs, at least 1.
    layers: the layers from the first to the output.
    cost: a name of the table of costs, or a `CostRow` of your own.

    Raises ModelError or UsageError for what cannot be.
    """

    def __init__(
        self, inputs: int, layers: Sequence[Dense], cost: str | CostRow = DEFAULT_COST
    ) -> None:
        """Check the widths, the activations and the pair of the last activation and the cost."""
        check_width(inputs, "the inputs")
        check("layers", layers, instance("a list of layers", list, tuple), "[Dense(2)]")
        for layer in layers:
            check("a layer", layer, instance("a layer", Dense), "Dense(2)")
        if not layers:
            raise UsageError("a network needs at least one layer: layers=[Dense(2)]")
        widths = (inputs, *(layer.width for layer in layers))
        rows = tuple(activation(layer.activation) for layer in layers)
        name = "-".join(map(str, widths))
        costs = cost_row(cost)
        self._set(
            name,
            sized(name, widths, rows, costs, from_logits=False),
            sized(name, widths, rows, costs, from_logits=True),
            f"{name}, {', '.join(dict.fromkeys(row.name for row in rows))}, {costs.name}",
        )

    def _set(self, name: str, model: Model, stable: Model, source: str) -> None:
        self.name = name
        self.model = model
        self.stable_model = stable
        self.source = source
        self.title = title_of(name)

    @classmethod
    def from_file(cls, path: str | Path) -> Network:
        """The network that a model file describes. Raises InputError or ModelError."""
        from symbackprop.model.files import read_model_file

        check("path", path, PATH)
        file = read_model_file(Path(path))
        sizes = "-".join(map(str, file.widths))
        network = cls.from_sizes(sizes, list(file.activations), file.cost)
        network.title = file.title or network.title
        return network

    @classmethod
    def named(
        cls,
        name: str,
        activations: Sequence[str | FunctionRow] = (),
        cost: str | CostRow = DEFAULT_COST,
    ) -> Network:
        """A built-in model, or sizes such as ``784-30-10``."""
        check("name", name, TEXT, '"784-30-10"')
        check("activations", activations, instance("a list", list, tuple), '["tanh", "sigmoid"]')
        network = cls.__new__(cls)
        plain = all(one.name != name for one in BUILT_IN)
        usual = (DEFAULT_ACTIVATION,) if plain else ()
        rows = [activation(one).name for one in (activations or usual)]
        source = ", ".join([name, *rows, cost_row(cost).name])
        network._set(
            name,
            build(name, activations, cost),
            build(name, activations, cost, from_logits=True),
            source,
        )
        return network

    @classmethod
    def from_sizes(
        cls,
        sizes: str,
        activation: str | FunctionRow | Sequence[str | FunctionRow] = DEFAULT_ACTIVATION,
        cost: str | CostRow = DEFAULT_COST,
    ) -> Network:
        """A network from its widths: ``Network.from_sizes("784-30-10")``."""
        check("sizes", sizes, TEXT, '"784-30-10"')
        several = isinstance(activation, Sequence) and not isinstance(activation, str)
        return cls.named(sizes, activation if several else [activation], cost)  # type: ignore[list-item, arg-type]

    @classmethod
    def general(cls, cost: str | CostRow = DEFAULT_COST) -> Network:
        """L layers of symbolic widths, with an abstract activation g^(l) in each."""
        return cls.named("general", (), cost)

    @classmethod
    def chain(
        cls, activation: str | FunctionRow | None = None, cost: str | CostRow = DEFAULT_COST
    ) -> Network:
        """L layers of one neuron each."""
        return cls.named("chain", () if activation is None else (activation,), cost)

    def derive(
        self,
        *targets: str,
        unfold: int | None = None,
        form: str = "chain",
        notation: str | Profile = DEFAULT,
    ) -> Derivation:
        """Derive the cost by the targets: see `symbackprop.derive`."""
        return derive(
            self.model,
            *targets,
            unfold=unfold,
            form=form,
            notation=notation,
            title=self.title,
        )

    def source_code(
        self,
        *,
        target: str = "numpy",
        buffers: bool = False,
        exact_saturation: bool = False,
        loops: bool | None = None,
    ) -> str:
        """The source of the generated module.

        target, buffers: what the code is written for; `symbackprop models` lists the targets.
        exact_saturation: derivatives that keep their digits where an activation saturates.
        loops: whether equal layers are written as a loop; left out, from eight of them on.

        Raises UsageError for an unknown target, or a form that the target does not have.
        """
        from symbackprop import codegen

        return codegen.generate(
            self.stable_model,
            target=target,
            buffers=buffers,
            exact_saturation=exact_saturation,
            loops=loops,
            source=self.source,
        )

    def compile(self, **options: Any) -> ModuleType:
        """The generated module, imported: forward, cost, gradient and the rest.

        options: those of `source_code`.
        """
        from symbackprop import codegen

        return codegen.load(self.source_code(**options), self.name)

    def write(self, path: str | Path, **options: Any) -> None:
        """Write the generated module to a file, whole or not at all; options of `source_code`."""
        check("path", path, PATH)
        write_text(path, self.source_code(**options))
