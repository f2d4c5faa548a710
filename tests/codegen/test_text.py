"""The text of generated modules is what a formatter writes and a linter and mypy let pass."""

import itertools
import subprocess
import sys

import pytest
from sympy import Sum

from symbackprop.codegen import generate, load
from symbackprop.codegen.printers.layout import formatted
from symbackprop.model.costs import cost
from symbackprop.model.definitions import define
from symbackprop.model.files import read_model_file
from symbackprop.model.functions import FunctionRow, T
from symbackprop.model.layers import layered_model
from symbackprop.model.model import Model
from symbackprop.notation.expressions import Product
from symbackprop.notation.functions import apply
from symbackprop.notation.quantities import Quantity, Role
from symbackprop.notation.symbols import index, size
from tests.codegen.bare import bare
from tests.codegen.support import dense
from tests.support.models import BARE_MODELS, nodes, three_factors

TARGETS = ("numpy", "loops", "scalar", "array-api")
RULES = "E,F,I,W,B,UP"


def named(x, w, b, z, a, y) -> Model:
    """One dense layer whose quantities have these names."""
    j, k = index("j"), index("k")
    inputs, outputs = size("I"), size("J")
    x = Quantity(x, Role.INPUT, (nodes(k, inputs),))
    w = Quantity(w, Role.PARAMETER, (nodes(j, outputs), nodes(k, inputs)))
    b = Quantity(b, Role.PARAMETER, (nodes(j, outputs),))
    z = Quantity(z, Role.INTERMEDIATE, (nodes(j, outputs),))
    a = Quantity(a, Role.INTERMEDIATE, (nodes(j, outputs),))
    y = Quantity(y, Role.TARGET, (nodes(j, outputs),))
    total = Quantity("C0", Role.COST)
    definitions = (
        define(z, (j,), Sum(Product(w[j, k], x[k]), (k, 0, inputs - 1)), b[j]),
        define(a, (j,), apply("silu", z[j])),
        define(total, (), Sum((a[j] - y[j]) ** 2, (j, 0, outputs - 1))),
    )
    return bare(Model("named", (x, w, b, z, a, y, total), definitions))


LONG = named(
    "measurements_of_every_sensor_in_the_building",
    "weights_of_the_detectors_for_every_measurement",
    "thresholds_below_which_a_detector_is_silent",
    "excess_of_the_measurements_over_the_threshold",
    "loudness_of_each_of_the_detectors_in_decibels",
    "loudness_that_the_inhabitants_would_have_liked",
)
ODD = named("lambda", "samples", "np", "t1", "index", "parameters")
OWN = FunctionRow("cubed", "q", "q", formula=T**3 - T**2 / 7)


TITLE = 'A "quoted" title with a backslash: \\ ' * 5


def from_file(folder):
    """A model file whose title is as long as a title may be, and full of odd signs."""
    path = folder / "model.toml"
    path.write_text(
        f"title = '{TITLE}'\n"
        "inputs = 3\ncost = 'binary_cross_entropy'\n"
        "[[layers]]\nwidth = 4\nactivation = 'gelu'\n[[layers]]\nwidth = 2\n"
    )
    return read_model_file(path)


MODELS = {
    "3-2": dense((3, 2), ("sigmoid",), "squared_error"),
    "784-30-10": dense((784, 30, 10), ("sigmoid", "sigmoid"), "squared_error"),
    "softmax": dense((3, 4, 2), ("softmax", "softmax"), "categorical_cross_entropy"),
    "mixture": dense((4, 5, 6, 3), ("relu", "tanh", "leaky_relu"), "huber"),
    "deep": dense((3,) * 8, ("elu", "silu", "gelu", "softplus", "sin", "relu", "tanh"), "hinge"),
    "wide_logits": dense((2, 5, 4), ("sigmoid", "sigmoid"), "binary_cross_entropy"),
    "own": layered_model("own", (OWN,), cost("log_cosh"), widths=(2, 3)),
    "long": LONG,
    "odd": ODD,
} | {model.name: bare(model) for model in (*BARE_MODELS, three_factors())}
CASES = [
    pytest.param(name, target, id=f"{name} {target}")
    for name in MODELS
    for target in TARGETS
    if (name, target) != ("784-30-10", "scalar")
]


def ruff(text, *arguments):
    """What ruff says of a module."""
    command = [sys.executable, "-m", "ruff", *arguments, "--isolated", "--line-length", "88", "-"]
    return subprocess.run(command, input=text, capture_output=True, text=True, check=False).stdout


def assert_tidy(text):
    assert ruff(text, "format") == text
    assert ruff(text, "check", "--target-version", "py311", "--quiet", "--select", RULES) == ""


@pytest.mark.parametrize(("name", "target"), CASES)
def test_text_is_what_a_formatter_writes(name, target):
    assert_tidy(generate(MODELS[name], target=target, exact_saturation=name == "deep"))


@pytest.mark.parametrize("target", TARGETS)
def test_text_of_a_model_file(target, tmp_path):
    file = from_file(tmp_path)
    assert_tidy(generate(file.model(), target=target, source=file.title))


@pytest.mark.parametrize("name", ["long", "odd"])
@pytest.mark.parametrize("target", ["numpy", "loops", "scalar"])
def test_names_do_not_get_in_the_way(name, target):
    assert load(generate(MODELS[name], target=target))._self_check() < 1e-6


def test_types(tmp_path):
    """Two modules of each target are strictly typed."""
    paths = []
    for name, target in itertools.product(["softmax", "long"], TARGETS):
        path = tmp_path / f"{name}_{target.replace('-', '_')}_module.py"
        path.write_text(generate(MODELS[name], target=target))
        paths.append(str(path))
    command = [sys.executable, "-m", "mypy", "--strict", "--python-version", "3.11"]
    command += ["--config-file", "", "--cache-dir", str(tmp_path / "cache")]
    found = subprocess.run([*command, *paths], capture_output=True, text=True, check=False)
    assert found.stdout.startswith("Success"), found.stdout


@pytest.mark.parametrize(
    "code",
    [
        "total = first * second + third - fourth",
        "total = first(second, third)[fourth] @ fifth.T",
        "total = (first if second > third else fourth) * fifth",
        "total = [first(one) for one in second if one > third]",
        "total = first - second(third, fourth=fifth + sixth)",
        "total = first(second + third)",
        "total = first, second, third",
        "(first, second, third) = total",
        "total: dict[str, int] = {'first': second, 'third': fourth(fifth)}",
        "return first(second, third).fourth(fifth)",
        "if first(second) > third and fourth:\n    pass",
        "for first in second(third, fourth):\n    pass",
        "def total(first: int, second: int) -> third:\n    pass",
        "total = first(\n    second\n)",
        "total = [\n    first,\n]",
    ],
)
@pytest.mark.parametrize("length", [1, 5, 12, 20, 25])
def test_layout(code, length):
    """Lines of every length, as ruff lays them out."""
    words = ("first", "second", "third", "fourth", "fifth", "sixth")
    for number, word in enumerate(words):
        code = code.replace(word, f"{word}_{'x' * (length + 3 * number)}")
    text = f'"""Text."""\n\n\ndef function(x):\n    {code.replace(chr(10), chr(10) + "    ")}\n'
    text = text.replace("'", '"')
    assert formatted(text) == ruff(text, "format")
