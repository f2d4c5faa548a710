"""Worked numbers, values and notations from files, two notations compared, paths counted."""

import math
from pathlib import Path

import pytest

from symbackprop import Network, worked
from symbackprop.documents.conversion import conversion
from symbackprop.errors import InputError, UsageError
from symbackprop.model.builtin import build
from symbackprop.model.values import read_values
from symbackprop.notation.files import read_profile
from symbackprop.notation.profiles import profile

GIVEN = """
rate = 0.5
x = [0.05, 0.10]
y = [0.01, 0.99]
w = [[[0.15, 0.20], [0.25, 0.30]], [[0.40, 0.45], [0.50, 0.55]]]
b = [[0.35, 0.35], [0.60, 0.60]]
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "given.toml"
    path.write_text(text, encoding="utf-8")
    return path


def sigmoid(z: float) -> float:
    return 1 / (1 + math.exp(-z))


def test_a_network_worked_by_hand(tmp_path: Path) -> None:
    model = build("2-2-2", cost="half_squared_error")
    file = read_values(written(tmp_path, GIVEN), model)
    found = worked(model, file.values, rate=file.rate)
    h = [sigmoid(0.15 * 0.05 + 0.20 * 0.10 + 0.35), sigmoid(0.25 * 0.05 + 0.30 * 0.10 + 0.35)]
    o = [sigmoid(0.40 * h[0] + 0.45 * h[1] + 0.60), sigmoid(0.50 * h[0] + 0.55 * h[1] + 0.60)]
    cost = ((o[0] - 0.01) ** 2 + (o[1] - 0.99) ** 2) / 2
    error = [(o[0] - 0.01) * o[0] * (1 - o[0]), (o[1] - 0.99) * o[1] * (1 - o[1])]
    back = (error[0] * 0.40 + error[1] * 0.50) * h[0] * (1 - h[0])
    values = {str(one.parameter): one.updated for one in found.updates}
    assert found.cost == pytest.approx(cost, rel=1e-14)
    assert values["w[2, 0, 0]"] == pytest.approx(0.40 - 0.5 * error[0] * h[0], rel=1e-14)
    assert values["w[1, 0, 1]"] == pytest.approx(0.20 - 0.5 * back * 0.10, rel=1e-14)
    assert values["b[1, 0]"] == pytest.approx(0.35 - 0.5 * back, rel=1e-14)
    assert found.new_cost < found.cost
    every = (*found.forward, *found.backward)
    steps = {str(step.left).replace("°", ""): step.value for step in every}
    assert steps["a[1, 0]"] == pytest.approx(h[0], rel=1e-14)
    assert steps["d_w[2, 1, 0]"] == pytest.approx(error[1] * h[0], rel=1e-13)


@pytest.mark.parametrize("format_", ["latex", "text", "markdown", "html"])
def test_numbers_stand_in_every_format(format_: str) -> None:
    network = Network.from_sizes("2-2-1")
    text = network.derive().render(format_, numbers=worked(network.model, seed=1))
    plain = network.derive().render(format_)
    assert "0.8861" in text
    assert "0.8861" not in plain


def test_numbers_are_for_small_networks_of_known_sizes() -> None:
    with pytest.raises(UsageError, match="more parameters than 120"):
        worked(build("784-30-10"))
    with pytest.raises(UsageError, match="concrete sizes"):
        worked(build("general"))


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("x = [1.0]", "x must be a list of 2, not 1 entries"),
        ("x = [1.0, true]", r"x\[1\] must be a finite number, not True"),
        ("v = 1", "unknown key v; allowed are rate, x, w, b, y"),
        ("rate = nan", "rate must be a finite number"),
        ("w = 3", "w must be a list of 1, not 3"),
        ("x = [", "no valid TOML"),
    ],
)
def test_a_file_of_values_says_what_is_wrong(tmp_path: Path, line: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_values(written(tmp_path, line), build("2-1"))


def test_a_notation_from_a_file(tmp_path: Path) -> None:
    path = written(tmp_path, 'base = "ng"\nfirst_index = 0\n[letters]\nw = "V"\n')
    own = read_profile(path)
    assert (own.letters["w"].base, own.first_index, own.layer_mark) == ("V", 0, "[l]")
    assert "V_{jk}^{[l]}" in Network.general().derive("w").to_latex(notation=own)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('layer_mark = "x"', r"layer_mark must be one of \(l\), \[l\], l"),
        ("first_index = 2", "first_index must be 0 or 1"),
        ('[letters]\nw = "W}\\\\input{x}"', "letters.w must be a letter"),
        ('[indices]\nk = "i"', "must exchange letters"),
        ('base = "x"', "unknown notation 'x'"),
        ("colour = 1", "unknown key colour"),
    ],
)
def test_a_notation_says_what_is_wrong(tmp_path: Path, line: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_profile(written(tmp_path, line))


def test_two_notations_compared() -> None:
    rows = conversion(build("general"), profile("deeplizard"), profile("bishop"))
    pairs = {(here, there) for _, here, there in rows}
    assert {("w_jk^(l)", "w_ji^(l)"), ("z_j^(l)", "a_j^(l)"), ("∂C_0/∂z_j^(l)", "δ_j^(l)")} <= pairs


@pytest.mark.parametrize(("sizes", "count"), [("4-3-2", 2), ("4-3-3-2", 6)])
def test_paths_are_counted_and_written_out(sizes: str, count: int) -> None:
    derivation = Network.from_sizes(sizes).derive("w[2,2]@1")
    assert f"there are {count} paths" in derivation.to_text()
    equation = derivation.derived.equation("w:1:2:2")
    assert len(equation.result) == count
    assert derivation.verify().ok
