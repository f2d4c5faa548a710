"""The command `check` and the files it reads."""

import pytest
from click.testing import CliRunner

from symbackprop.checker.report import check_text
from symbackprop.cli import main

GOOD, BAD = "$$a^l = \\sigma(z^l)$$\n", "$$a^l = \\sigma(a^l)$$\n"


def run(*arguments):
    return CliRunner().invoke(main, ["check", *map(str, arguments)])


@pytest.mark.parametrize(("text", "code"), [(GOOD, 0), (BAD, 1), ("$$q = 3 +$$\n", 0), ("", 0)])
def test_the_exit_code_tells_whether_an_equation_fails(tmp_path, text, code):
    file = tmp_path / "notes.md"
    file.write_text(text)
    result = run(file)
    assert result.exit_code == code, result.output
    assert result.output.splitlines()[-1].startswith(f"{file}: ")


def test_a_line_names_file_line_and_column(tmp_path):
    file = tmp_path / "notes.md"
    file.write_text("Words.\n\n" + BAD)
    result = run(file)
    assert f"{file}:3:3: fails: the left side is" in result.output
    assert "likely slip: z is meant, not a" in result.output
    assert r"which holds: a^l = \sigma(z^l)" in result.output


@pytest.mark.parametrize(
    "content",
    [b"\xff\xfe\x00binary", b"a\x00b", None],
)
def test_what_cannot_be_read_is_one_line(tmp_path, content):
    file = tmp_path / "notes.md"
    if content is not None:
        file.write_bytes(content)
    result = run(file)
    assert result.exit_code == 2
    assert len(result.output.strip().splitlines()) == 1


@pytest.mark.parametrize(
    "options", [("--model", "nothing"), ("--notation", "nobody"), ("--cost", "x")]
)
def test_unknown_names_are_wrong_usage(tmp_path, options):
    file = tmp_path / "notes.md"
    file.write_text(GOOD)
    assert run(file, *options).exit_code == 2


def test_the_model_can_be_chosen(tmp_path):
    file = tmp_path / "notes.tex"
    file.write_text(r"\[ z_j^{(2)} = \sum_{k=0}^{2} w_{jk}^{(2)} a_k^{(1)} + b_j^{(2)} \]")
    assert ": holds" in run(file, "--model", "4-3-2").output
    assert ": holds" in run(file).output


@pytest.mark.parametrize(
    "formula",
    [
        "a_{99999999}^{(L)} = 1", "a^{(999999)} = 2", r"a_j^{(L)} = \sum_{k=1}^{10^9} 1",
        "(" * 400 + "a" + ")" * 400 + " = 1", r"w_j = ", r"C_{1,2,3} = 0", r"\delta = \nabla",
        r"\frac{\partial^2 C_0}{\partial w^2} = 0", r"\sum_{} a = b", r"a^{l^{l}} = z_{l_l}",
        r"\frac{\partial \frac{\partial C}{\partial a}}{\partial w} = 0", r"\log(0) = a_j^{(L)}",
        r"\max(a, b) = \|w\|", r"x \in X", r"2^{2^{2^{2^{9}}}} = z_j^{(l)}", "1/0 = 1",
    ],
)  # fmt: skip
def test_nothing_that_is_written_breaks_the_checker(formula):
    assert check_text(f"$${formula}$$", "markdown").findings
