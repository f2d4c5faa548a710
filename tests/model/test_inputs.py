"""What users write: sizes, pairs of activation and cost, model files, targets."""

from __future__ import annotations

from pathlib import Path

import pytest
from sympy import Integer

from symbackprop.derivation.targets import parse_target
from symbackprop.errors import InputError, ModelError, UsageError
from symbackprop.model.builtin import build
from symbackprop.model.costs import COSTS, CostRow, cost
from symbackprop.model.files import read_model_file
from symbackprop.model.functions import ACTIVATIONS, activation
from symbackprop.model.layers import Dense, check_pair, parse_sizes
from symbackprop.notation.profiles import DEFAULT, profile
from symbackprop.notation.symbols import base, index, scalar, size

# -- sizes -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "widths"), [("3-2", (3, 2)), ("784-30-10", (784, 30, 10)), ("1-1-1-1", (1, 1, 1, 1))]
)
def test_sizes(text: str, widths: tuple[int, ...]) -> None:
    assert parse_sizes(text) == widths


@pytest.mark.parametrize(
    "text",
    ["", "3", "-", "3-", "-3", "3--2", "3-0", "0-3", "3-x", "3 -2", "3.0-2", "٣-٢", "²-1", "3-2\n",
     "1e3-2", "+3-2", "3-2-"],
)  # fmt: skip
def test_sizes_that_cannot_be(text: str) -> None:
    with pytest.raises(UsageError, match="sizes"):
        parse_sizes(text)


@pytest.mark.parametrize("width", [0, -3, 2.0, "2", True, None])
def test_a_width_is_an_integer_of_at_least_1(width: object) -> None:
    with pytest.raises(ModelError, match="at least 1"):
        Dense(width)  # type: ignore[arg-type]


def test_names_that_there_are_not() -> None:
    with pytest.raises(UsageError, match=r"activation 'sigmoyd'; known are .*sigmoid"):
        activation("sigmoyd")
    with pytest.raises(UsageError, match=r"cost 'mse'; known are .*mean_squared_error"):
        cost("mse")
    with pytest.raises(UsageError, match=r"unknown model 'generel'.*general, chain"):
        build("generel")


@pytest.mark.parametrize(
    ("name", "activations"),
    [("general", ("tanh", "tanh")), ("3-2", ("tanh", "tanh")), ("4-3-2-1", ("tanh", "relu"))],
)
def test_the_number_of_activations(name: str, activations: tuple[str, ...]) -> None:
    with pytest.raises(UsageError, match="one activation"):
        build(name, activations)


def test_a_row_function_needs_node_indices() -> None:
    with pytest.raises(ModelError, match="softmax reads a whole layer"):
        build("chain", ("softmax",))


# -- pairs -----------------------------------------------------------------------------------------

INSIDE = {"binary_cross_entropy": {"sigmoid"}, "categorical_cross_entropy": {"sigmoid", "softmax"}}


@pytest.mark.parametrize("function", [row.name for row in ACTIVATIONS])
@pytest.mark.parametrize("name", [row.name for row in COSTS])
def test_a_pair_is_refused_when_the_activation_can_leave_the_domain(
    function: str, name: str
) -> None:
    if function in INSIDE.get(name, {row.name for row in ACTIVATIONS}):
        check_pair(activation(function), cost(name))
    else:
        with pytest.raises(UsageError, match=f"{function} takes values in .* but cost {name}"):
            check_pair(activation(function), cost(name))


def test_a_cost_may_use_its_three_letters_only() -> None:
    with pytest.raises(ModelError, match="uses u; it may use A"):
        CostRow("mine", scalar("u") ** 2)
    with pytest.raises(ModelError, match="cannot name a cost"):
        CostRow("my cost", scalar("a") ** 2)


# -- model files -----------------------------------------------------------------------------------

GOOD = """
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


def written(tmp_path: Path, content: str | bytes) -> Path:
    path = tmp_path / "model.toml"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_a_model_file(tmp_path: Path) -> None:
    file = read_model_file(written(tmp_path, GOOD))
    assert (file.title, file.widths, file.activations, file.cost) == (
        "A classifier",
        (4, 3, 2),
        ("tanh", "softmax"),
        "categorical_cross_entropy",
    )
    assert sorted(file.model().sizes.values()) == [2, 3, 4]


def test_the_defaults_of_a_model_file(tmp_path: Path) -> None:
    file = read_model_file(written(tmp_path, "inputs = 3\n[[layers]]\nwidth = 2\n"))
    assert (file.title, file.activations, file.cost) == ("", ("sigmoid",), "squared_error")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("inputs = 4", "input = 4"), r"unknown key input; allowed are|key inputs is missing"),
        (("inputs = 4", ""), r"key inputs is missing"),
        (("inputs = 4", 'inputs = "4"'), r"inputs = '4'.*integer"),
        (("inputs = 4", "inputs = 4.0"), r"inputs = 4\.0.*integer"),
        (("inputs = 4", "inputs = true"), r"inputs = True.*integer"),
        (("inputs = 4", "inputs = 0"), r"inputs = 0.*greater than or equal to 1"),
        (("width = 3", "width = 0"), r"layers\[0\]\.width = 0.*greater than or equal to 1"),
        (("width = 3", "width = -3"), r"layers\[0\]\.width = -3.*greater than or equal to 1"),
        (("width = 2", "widht = 2"), r"layers\[1\]\.(widht|width)"),
        (("width = 2", "width = 2\nbias = false"), r"key layers\[1\]\.bias; allowed are width"),
        (('"tanh"', '"tanhh"'), r"unknown activation 'tanhh'; known are"),
        (('"softmax"', '"relu"'), r"relu takes values in"),
        (("categorical_cross_entropy", "cce"), r"unknown cost 'cce'; known are"),
        (('"A classifier"', "3"), r"title = 3.*string"),
        (("[[layers]]", "[layers]"), r"TOML|layers"),
        (("inputs = 4", "inputs = "), r"no valid TOML"),
        (("inputs = 4", "inputs = 4\ninputs = 5"), r"no valid TOML"),
    ],
)  # fmt: skip
def test_a_model_file_that_cannot_be(tmp_path: Path, change: tuple[str, str], message: str) -> None:
    path = written(tmp_path, GOOD.replace(*change))
    with pytest.raises(InputError, match=message) as caught:
        read_model_file(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value).replace(str(path), "")


def test_without_layers_there_is_no_network(tmp_path: Path) -> None:
    for content in ("inputs = 3\n", "inputs = 3\nlayers = []\n"):
        with pytest.raises(InputError, match="layers"):
            read_model_file(written(tmp_path, content))


@pytest.mark.parametrize(
    "content", [b"\xff\xfe\x00\x01", b"\x89PNG\r\n\x1a\n\x00", bytes(range(256))]
)
def test_a_binary_file(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(InputError, match=r"not UTF-8|no valid TOML"):
        read_model_file(written(tmp_path, content))


def test_a_huge_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="larger than"):
        read_model_file(written(tmp_path, b"# comment\n" * 200_000))


def test_a_deeply_nested_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="TOML"):
        read_model_file(written(tmp_path, "x = " + "[" * 100_000))


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot read"):
        read_model_file(tmp_path / "none.toml")
    with pytest.raises(InputError, match="cannot read"):
        read_model_file(tmp_path)


# -- targets ---------------------------------------------------------------------------------------

L = size("L")


@pytest.mark.parametrize(
    ("model", "text", "wanted"),
    [
        ("general", "w", base("w")[index("l"), index("j"), index("k")]),
        ("general", " b ", base("b")[index("l"), index("j")]),
        ("general", "w[1,2]@L", base("w")[L, 1, 2]),
        ("general", "w[ 2 , 2 ]@L-1", base("w")[L - 1, 2, 2]),
        ("general", "w[2,2]@L - 1", base("w")[L - 1, 2, 2]),
        ("general", "a[0]@2", base("a")[Integer(2), 0]),
        ("general", "w@L", base("w")[L, index("j"), index("k")]),
        ("general", "x[1]", base("x")[1]),
        ("chain", "w@L", base("w")[L]),
        ("4-3-2", "w[1,2]@L", base("w")[Integer(2), 1, 2]),
        ("4-3-2", "w[2,3]@1", base("w")[Integer(1), 2, 3]),
        ("4-3-2", "w[2,3]@L-1", base("w")[Integer(1), 2, 3]),
    ],
)
def test_a_target(model: str, text: str, wanted: object) -> None:
    assert parse_target(build(model), text, DEFAULT) == wanted


def test_indices_count_as_the_notation_counts() -> None:
    found = parse_target(build("general"), "w[1,2]@L", profile("nielsen"))
    assert found == base("w")[L, 0, 1]
    with pytest.raises(UsageError, match="first node is 1"):
        parse_target(build("general"), "w[0,2]@L", profile("nielsen"))


@pytest.mark.parametrize(
    ("model", "text", "message"),
    [
        ("general", "", "write a quantity"),
        ("general", "v", "there is no v; there are"),
        ("general", "C0", "there is no C0"),
        ("general", "y", "there is no y"),
        ("general", "d_w", "there is no d_w"),
        ("general", "w[1,2]", "needs its layer"),
        ("general", "x[1]@L", "has no layer"),
        ("general", "w[1]@L", "needs more indices"),
        ("general", "w[1,2,3]@L", "fewer indices"),
        ("general", "w[1,-2]@L", "whole numbers"),
        ("general", "w[1,x]@L", "whole numbers"),
        ("general", "w[1,]@L", "whole numbers"),
        ("general", "w[]@L", "whole numbers"),
        ("general", "w[1,2]@", "write a quantity"),
        ("general", "w[1,2]@M", "a layer is L"),
        ("general", "w[1,2]@L+1", "a layer is L"),
        ("general", "w[1,2]@0", "outside|no network"),
        ("general", "w[1,2]@L@L", "write a quantity"),
        ("general", "w[1,99999999999]@L", "whole numbers"),
        ("general", "w[1,٢]@L", "whole numbers"),
        ("general", r"w}\input{x}", "write a quantity"),
        ("4-3-2", "w[2,0]@L", "out of range"),
        ("4-3-2", "w[0,3]@L", "out of range"),
        ("4-3-2", "w[0,0]@3", "outside"),
        ("4-3-2", "w[0,0]@L-2", "outside"),
    ],
)
def test_a_target_that_cannot_be(model: str, text: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        parse_target(build(model), text, DEFAULT)
