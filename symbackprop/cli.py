"""The command line: arguments in, exit code out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from symbackprop.console import FAILED, Commands, GivenPath, Progress, emit
from symbackprop.errors import UsageError
from symbackprop.escaping import terminal
from symbackprop.version import __version__

if TYPE_CHECKING:
    from symbackprop.derivation.worked import Worked
    from symbackprop.model.model import Model

_MODEL_HELP = (
    "MODEL is a built-in model (general, chain), sizes such as 784-30-10, or a .toml model file."
)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="symbackprop")
def main() -> None:
    """Derive backpropagation once: documents, code and checks from one derivation."""


def _model_options(command: Callable[..., None]) -> Callable[..., None]:
    for option in (
        click.option(
            "--cost", metavar="NAME", default=None, help="The cost (default: squared_error)."
        ),
        click.option(
            "--activation",
            metavar="NAME[,NAME...]",
            default=None,
            help="One activation for all layers, or one a layer (default for sizes: sigmoid).",
        ),
        click.argument("model"),
    ):
        command = option(command)
    return command


def _network(model: str, activation: str | None, cost: str | None):  # type: ignore[no-untyped-def]
    from symbackprop.network import Network

    if model.endswith(".toml"):
        if activation is not None or cost is not None:
            raise UsageError("a model file names its activations and its cost itself")
        network = Network.from_file(model)
        return network, network.title
    names = [] if activation is None else [name.strip() for name in activation.split(",")]
    network = Network.named(model, names, cost or "squared_error")
    return network, ""


def _numbers(model: Model, values: Path | None, seed: int | None) -> Worked | None:
    """The network worked through with numbers, when values or a seed are given."""
    from symbackprop.model.values import read_values
    from symbackprop.network import worked

    if values is not None:
        file = read_values(values, model)
        return worked(model, file.values, seed=seed or 0, rate=file.rate)
    return None if seed is None else worked(model, seed=seed)


_OUTPUT = click.option(
    "-o", "--output", metavar="FILE", default=None, help="Write to FILE (default: standard output)."
)
_CHECK = click.option(
    "--check", is_flag=True, help="Write nothing; exit with 1 when FILE is not up to date."
)


@main.command(epilog=_MODEL_HELP)
@_model_options
@click.option(
    "--wrt",
    metavar="TARGET",
    multiple=True,
    help="What to differentiate by: w, b, a, or one value such as w[1,2]@L. May be repeated.",
)
@click.option("--format", "format_", metavar="NAME", default="latex", show_default=True,
              help="latex, text, ...; see symbackprop models.")  # fmt: skip
@click.option("--dialect", metavar="NAME", default="",
              help="Of Markdown: github (the default), myst, quarto or mkdocs.")  # fmt: skip
@click.option("--notation", metavar="NAME", default="deeplizard", show_default=True,
              help="The notation: a profile (see symbackprop models) or a .toml file.")  # fmt: skip
@click.option("--detail", metavar="NAME", default="standard", show_default=True,
              help="brief, standard or full.")  # fmt: skip
@click.option("--form", metavar="NAME", default="chain", show_default=True,
              help="chain, index, delta, unrolled, matrix or batch.")  # fmt: skip
@click.option("--unfold", metavar="LAYERS", type=click.IntRange(0, 50), default=None,
              help="How many layers of the cost to compose (default 2).")  # fmt: skip
@click.option("--colour", is_flag=True, help="Colour terms by their role.")
@click.option("--only", metavar="LABEL", default="",
              help="One equation by its label, such as w or a:l-1:k (fragment).")  # fmt: skip
@click.option("--code", is_flag=True, help="Show the generated code beside its equations.")
@click.option("--values", metavar="FILE", default=None, type=GivenPath(path_type=Path),
              help="Work the network through with the numbers of a TOML file.")  # fmt: skip
@click.option("--seed", metavar="NUMBER", default=None, type=click.IntRange(0),
              help="Work the network through with random numbers.")  # fmt: skip
@click.option("--templates", metavar="DIR", default=None,
              type=GivenPath(exists=True, file_okay=False, path_type=Path),
              help="A folder of templates that come before the shipped ones.")  # fmt: skip
@_CHECK
@_OUTPUT
def derive(
    model: str,
    activation: str | None,
    cost: str | None,
    wrt: tuple[str, ...],
    format_: str,
    dialect: str,
    notation: str,
    detail: str,
    form: str,
    unfold: int | None,
    colour: bool,
    only: str,
    code: bool,
    values: Path | None,
    seed: int | None,
    templates: Path | None,
    check: bool,
    output: str | None,
) -> None:
    """Derive the cost of MODEL by its parameters, step by step, every step verified."""
    from symbackprop.documents.formats.formats import check_dialect, detail_named, format_named
    from symbackprop.notation.files import find_profile

    check_dialect(format_named(format_), dialect)
    detail_named(detail)
    profile = find_profile(notation)
    network, title = _network(model, activation, cost)
    derivation = network.derive(*wrt, unfold=unfold, form=form, notation=profile)
    text = replace(derivation, title=title or derivation.title).render(
        format_,
        notation=profile,
        detail=detail,
        dialect=dialect,
        colour=colour,
        only=only,
        numbers=_numbers(network.model, values, seed),
        code=network.stable_model if code else None,
        folder=templates,
        progress=Progress(),
    )
    emit(text, output, check, model, notation, values)


@main.command(epilog=_MODEL_HELP)
@_model_options
@click.option("--target", metavar="NAME", default="numpy", show_default=True,
              help="What the code is written for; see symbackprop models.")  # fmt: skip
@click.option("--buffers", is_flag=True, help="Write into a workspace that is allocated once.")
@click.option("--exact-saturation", is_flag=True,
              help="Derivatives that keep their digits where an activation saturates.")  # fmt: skip
@_CHECK
@_OUTPUT
def generate(
    model: str,
    activation: str | None,
    cost: str | None,
    target: str,
    buffers: bool,
    exact_saturation: bool,
    check: bool,
    output: str | None,
) -> None:
    """Generate a module with the cost of MODEL and its gradients."""
    network, _ = _network(model, activation, cost)
    text = network.source_code(target=target, buffers=buffers, exact_saturation=exact_saturation)
    emit(text, output, check, model)


@main.command(epilog=_MODEL_HELP)
@_model_options
@_OUTPUT
def verify(model: str, activation: str | None, cost: str | None, output: str | None) -> None:
    """Derive MODEL and evaluate every step numerically, for all values of its indices."""
    network, title = _network(model, activation, cost)
    derivation = network.derive()
    report = derivation.verify(Progress())
    lines = [
        f"{step.verdict.error:9.1e}  {step.verdict.assignments:6d}  {step.key} {step.position}: "
        f"{step.rule}"
        for step in report.steps
    ]
    head = f"{'error':>9}  {'tried':>6}  equation, step: rule"
    emit(
        "\n".join([title or derivation.title, head, *lines, str(report), ""]), output, False, model
    )
    if not report.ok:
        raise SystemExit(FAILED)


@main.command(epilog=_MODEL_HELP)
@_model_options
@click.option("--wrt", metavar="TARGET", default="",
              help="Show the paths to the cost: from w, or one value: w[2,2]@L-1.")  # fmt: skip
@click.option("--format", "format_", metavar="NAME", default="tikz", show_default=True,
              help=r"tikz (for \input), latex (a page of its own size) or svg.")  # fmt: skip
@click.option("--notation", metavar="NAME", default="deeplizard", show_default=True,
              help="The notation profile; see symbackprop models.")  # fmt: skip
@_CHECK
@_OUTPUT
def diagram(
    model: str,
    activation: str | None,
    cost: str | None,
    wrt: str,
    format_: str,
    notation: str,
    check: bool,
    output: str | None,
) -> None:
    """Draw MODEL, with the indices of its formulas."""
    from symbackprop.diagram import draw
    from symbackprop.notation.files import find_profile

    network, _ = _network(model, activation, cost)
    text = draw(network.model, format_, wrt, find_profile(notation))
    emit(text, output, check, model, notation)


@main.command(epilog="FILE is .tex, or Markdown; MODEL is as for derive.")
@click.argument("file", metavar="FILE", type=GivenPath(path_type=Path))
@click.option("--model", metavar="MODEL", default="",
              help="What the equations are about (default: what their indices tell).")  # fmt: skip
@click.option("--notation", metavar="NAME", default=None,
              help="The notation: a profile (see symbackprop models) or a .toml file.")  # fmt: skip
@click.option("--activation", metavar="NAME", default=None,
              help="The activation (default: the one that the notes define).")  # fmt: skip
@click.option("--cost", metavar="NAME", default=None,
              help="The cost (default: the one that the notes define).")  # fmt: skip
def check(
    file: Path, model: str, notation: str | None, activation: str | None, cost: str | None
) -> None:
    """Check the displayed equations of notes: each holds, or fails with a counterexample."""
    from symbackprop.checker.notes import check_file

    report = check_file(file, model=model, notation=notation, activation=activation, cost=cost)
    emit("\n".join(terminal(line) for line in report.lines(str(file))), None)
    if not report.ok:
        raise SystemExit(FAILED)


@main.command()
@click.option("--compare", metavar="NOTATION", nargs=2, default=None,
              help="Print a table between two notations instead.")  # fmt: skip
def models(compare: tuple[str, str] | None) -> None:
    """List what is built in: models, activations, costs, notations, formats, targets."""
    if compare is not None:
        _compare(*compare)
        return
    from symbackprop import codegen
    from symbackprop.derivation.forms import FORMS
    from symbackprop.documents import FORMATS
    from symbackprop.model.builtin import BUILT_IN
    from symbackprop.model.costs import COSTS
    from symbackprop.model.functions import ACTIVATIONS
    from symbackprop.notation.profiles import PROFILES

    groups = (
        ("models", [(m.name, m.description) for m in BUILT_IN]
         + [("784-30-10", "any sizes: inputs, hidden widths, outputs")]),
        ("activations", [(a.name, "reads its whole layer" if a.reads_row else "")
                         for a in ACTIVATIONS]),
        ("costs", [(c.name, f"targets: {c.targets.phrase}") for c in COSTS]),
        ("notations", [(p.name, p.description) for p in PROFILES]),
        ("formats", [(f.name, f.description) for f in FORMATS]),
        ("forms", [(f.name, f.description) for f in FORMS]),
        ("targets", [(t.name, t.description) for t in codegen.targets()]),
    )  # fmt: skip
    lines = []
    for title, rows in groups:
        lines.append(f"{title}:")
        lines += [f"  {name:<26} {description}".rstrip() for name, description in rows]
    emit("\n".join(lines), None)


def _compare(first: str, second: str) -> None:
    """Print what one notation calls what another one calls."""
    from symbackprop.documents.conversion import conversion
    from symbackprop.model.builtin import build
    from symbackprop.notation.files import find_profile

    one, other = find_profile(first), find_profile(second)
    rows = (("", one.name, other.name), *conversion(build("general"), one, other))
    widths = [max(len(row[n]) for row in rows) for n in range(3)]
    lines = (
        "  ".join(cell.ljust(size) for cell, size in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )
    emit("\n".join(lines), None)
