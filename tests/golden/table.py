"""The table of what is stored: each file's name, and how what it holds is made."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from click.testing import CliRunner

from symbackprop.cli import main
from symbackprop.codegen import generate
from symbackprop.codegen.targets import TARGETS
from symbackprop.errors import SymbackpropError
from symbackprop.model.model import Model
from symbackprop.network import derive
from tests.search.case import case
from tests.support import models
from tests.support.networks import NETWORKS, sized

STORED = Path(__file__).with_name("stored")

COMMANDS = {
    "general.tex": "derive general",
    "general_bishop.txt": "derive general --notation bishop --format text --detail full",
    "general_delta.md": "derive general --form delta --format markdown --notation nielsen",
    "chain.fragment.tex": "derive chain --format fragment",
    "chain.beamer.tex": "derive chain --format beamer",
    "3-2.html": "derive 3-2 --format html",
    "3-2-2_unrolled.txt": "derive 3-2-2 --form unrolled --format text",
    "2-2_numbers.txt": "derive 2-2 --seed 1 --format text --detail brief",
    "4-3-2_softmax.txt": "derive 4-3-2 --activation tanh,softmax --cost categorical_cross_entropy "
    "--format text --detail full",
    "4-3-2_matrix.txt": "derive 4-3-2 --form matrix --format text",
    "general_batch.tex": "derive general --form batch --notation ng",
    "softmax_batch.txt": "derive 4-3-2 --activation elu,softmax --cost categorical_cross_entropy "
    "--form batch --format text --detail full",
    "silu_matrix.txt": "derive 3-2-2 --activation silu,sigmoid --cost binary_cross_entropy "
    "--form matrix --format text --detail full",
    "gelu_batch.txt": "derive 3-2-2 --activation gelu,sin --cost log_cosh --form batch "
    "--format text",
    "huber_matrix.txt": "derive 3-2-2 --activation leaky_relu,softplus --cost huber --form matrix "
    "--format text",
    "hinge_batch.txt": "derive 2-3-1 --activation relu,identity --cost hinge --form batch "
    "--format text",
    "absolute_matrix.txt": "derive 2-3-4 --activation tanh --cost absolute_error --form matrix "
    "--format text",
    "mean_unrolled.txt": "derive 2-3-2 --activation tanh --cost mean_squared_error "
    "--form unrolled --format text",
    "large_numbers.txt": "derive 200-100-50 --wrt w[30,99]@L --wrt b[7]@L-1 --format text",
    "numbered.txt": "derive 2-2-2-2 --wrt w[0,1]@1 --wrt a@2 --form unrolled --format text",
    "3-2_target.txt": "derive 3-2 --wrt w[1,2]@L --format text",
    "general.verify.txt": "verify general",
    "3-4-2.tikz": "diagram 3-4-2 --wrt w",
    "models.txt": "models",
    "deep.py": "generate 3-2-2-2-2-2-2-2-2-2-2",
    "softmax_saturated.py": "generate 4-3-2 --activation relu,softmax "
    "--cost categorical_cross_entropy --exact-saturation",
    "huber.py": "generate 3-2-2 --activation gelu,elu --cost huber",
    **{f"4-3-2.{row.name}.py": f"generate 4-3-2 --target {row.name}" for row in TARGETS},
    "4-3-2.buffers.py": "generate 4-3-2 --buffers",
}
"""Whole commands, by the file that has their output."""

BARE = (
    *NETWORKS,
    *(sized(one, **{symbol.name: 3 for symbol in one.symbols}) for one in models.BARE_MODELS),
)
"""Models that have no name on the command line: their code and their derivation are stored."""

SEEDS = range(16)
"""Random models whose code and derivation, in a form that goes round, are stored."""

FORMS = ("chain", "delta", "index", "unrolled")

_ROUNDING = re.compile(r"\b\d(\.\d+)?e-\d\d\b")


def _command(words: str) -> str:
    result = CliRunner().invoke(main, words.split(), catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def _code(model: Model) -> str:
    """The module for NumPy; where that is refused, why, and the module of loops."""
    refused = ""
    for target in ("numpy", "loops"):
        try:
            return refused + generate(model, target=target)
        except SymbackpropError as error:
            refused += f"# {target}: {error}\n"
    return refused


def _derivation(model: Model, form: str = "chain") -> str:
    try:
        return derive(model, form=form).render("text", detail="full")
    except SymbackpropError as error:
        return f"{error}\n"


def table() -> dict[str, Callable[[], str]]:
    """What each file holds, made when it is asked for."""
    found: dict[str, Callable[[], str]] = {
        name: lambda words=words: _command(words) for name, words in COMMANDS.items()
    }
    for model in BARE:
        found[f"{model.name}.model.py"] = lambda model=model: _code(model)
        found[f"{model.name}.model.txt"] = lambda model=model: _derivation(model)
    for seed in SEEDS:
        found[f"random_{seed}.model.py"] = lambda seed=seed: _code(case(seed).model)
        form = FORMS[seed % len(FORMS)]
        found[f"random_{seed}.{form}.txt"] = lambda seed=seed, form=form: _derivation(
            case(seed).model, form
        )
    return found


def made(name: str) -> str:
    """What a file should hold now; of what is no code, what rounding left is no part."""
    text = table()[name]()
    return text if name.endswith(".py") else _ROUNDING.sub("#", text)


def stored(name: str) -> Path:
    """The file; its ending keeps it from all who look for sources."""
    return STORED / f"{name}.golden"
