"""The command line: what it says about itself, what it writes where, and its exit codes."""

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import symbackprop
from symbackprop.cli import main
from symbackprop.documents import FORMATS
from symbackprop.model.builtin import BUILT_IN
from symbackprop.model.costs import COSTS
from symbackprop.model.functions import ACTIVATIONS
from symbackprop.network import Network
from symbackprop.notation.profiles import PROFILES

COMMANDS = ("check", "derive", "diagram", "generate", "models", "verify")

MODEL_FILE = """\
title = "Digits"
inputs = 3
cost = "categorical_cross_entropy"

[[layers]]
width = 4
activation = "tanh"

[[layers]]
width = 2
activation = "softmax"
"""


def run(*arguments: str) -> Result:
    """The command line, in this process; an exception that nobody caught ends the test."""
    return CliRunner().invoke(main, arguments, catch_exceptions=False)


def fine(*arguments: str) -> str:
    """The standard output of a command that must end well and silently."""
    result = run(*arguments)
    assert result.exit_code == 0, result.stderr
    assert result.stderr == ""
    return result.stdout


def installed(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[bytes]:
    """The installed program."""
    program = Path(sys.executable).parent / "symbackprop"
    if not program.exists():
        pytest.skip("symbackprop is not installed beside this Python")
    return subprocess.run(
        [str(program), *arguments],
        cwd=cwd,
        env={**os.environ, "HOME": str(cwd)},
        capture_output=True,
        timeout=120,
        check=False,
    )


# -- help -------------------------------------------------------------------------------------


@pytest.mark.parametrize("option", ["--help", "-h"])
def test_help_lists_every_command(option: str) -> None:
    text = fine(option)
    assert set(COMMANDS) <= set(re.findall(r"^  (\w+) ", text, re.MULTILINE))


@pytest.mark.parametrize("command", sorted(main.commands))
def test_every_command_and_every_option_explains_itself(command: str) -> None:
    text = fine(command, "--help")
    assert text.startswith(f"Usage: main {command}")
    assert max(map(len, text.splitlines())) <= 80
    for parameter in main.commands[command].params:
        if parameter.param_type_name == "option":
            assert parameter.help, parameter.name
            assert parameter.help.rstrip().endswith((".", ")")), parameter.help
            assert parameter.opts[0] in text


@pytest.mark.parametrize("command", ["derive", "generate", "verify"])
def test_help_says_what_a_model_is(command: str) -> None:
    text = " ".join(fine(command, "--help").split())
    for word in ("general", "chain", "784-30-10", ".toml"):
        assert word in text


def test_the_version() -> None:
    assert fine("--version") == f"symbackprop, version {symbackprop.__version__}\n"


def test_without_a_command_help_is_shown() -> None:
    result = run()
    assert result.exit_code == 2
    assert "Usage: " in result.output
    assert "derive" in result.output


def test_models_lists_all_that_is_built_in() -> None:
    text = fine("models")
    listed = set(re.findall(r"^  (\S+)", text, re.MULTILINE))
    for table in (BUILT_IN, ACTIVATIONS, COSTS, PROFILES, FORMATS):
        assert {row.name for row in table} <= listed
    assert {"784-30-10", "numpy"} <= listed
    groups = re.findall(r"^(\w+):$", text, re.MULTILINE)
    wanted = ["models", "activations", "costs", "notations", "formats", "targets"]
    assert [group for group in groups if group in wanted] == wanted


# -- derive -----------------------------------------------------------------------------------


def test_derive_writes_an_article_to_standard_output() -> None:
    text = fine("derive", "3-2")
    assert text.startswith("% ")
    assert r"\begin{document}" in text
    assert text.endswith("\\end{document}\n")
    assert text == Network.from_sizes("3-2").derive().to_latex()


def test_derive_writes_the_same_to_a_file(tmp_path: Path) -> None:
    path = tmp_path / "notes.tex"
    assert fine("derive", "3-2", "-o", str(path)) == ""
    assert path.read_text(encoding="utf-8") == fine("derive", "3-2")
    assert [one.name for one in tmp_path.iterdir()] == ["notes.tex"]
    if os.name == "posix":
        umask = os.umask(0)
        os.umask(umask)
        assert path.stat().st_mode & 0o777 == 0o666 & ~umask


def test_an_existing_file_is_replaced_and_keeps_its_mode(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("x" * 1_000_000)
    path.chmod(0o640)
    fine("derive", "3-2", "--format", "text", "-o", str(path))
    assert path.read_text(encoding="utf-8") == fine("derive", "3-2", "--format", "text")
    assert path.stat().st_mode & 0o777 == 0o640


def test_a_file_that_is_no_regular_one_is_written_to() -> None:
    assert fine("derive", "3-2", "-o", "/dev/null") == ""
    assert Path("/dev/null").is_char_device()


@pytest.mark.parametrize("detail", ["brief", "standard", "full"])
def test_more_detail_is_longer(detail: str) -> None:
    shown = fine("derive", "3-2", "--format", "text", "--detail", detail)
    assert shown.startswith("Backpropagation in ")
    assert ("the delta picks one term" in shown) == (detail == "full")


@pytest.mark.parametrize("notation", [row.name for row in PROFILES])
def test_every_notation_is_written(notation: str) -> None:
    shown = fine("derive", "3-2", "--notation", notation, "--format", "text")
    assert "=" in shown


def test_targets_may_be_repeated() -> None:
    shown = fine("derive", "general", "--format", "text", "--wrt", "w[1,2]@L", "--wrt", "b")
    assert "∂C_0/∂w_12^(L) = " in shown
    assert "∂C_0/∂b_j^(l) = " in shown
    assert "∂C_0/∂w_jk^(l) = " not in shown


def test_one_activation_a_layer() -> None:
    shown = fine("derive", "4-3-2", "--activation", "tanh, sin", "--format", "text")
    assert "a_j^(1) = tanh(z_j^(1))" in shown
    assert "a_j^(2) = sin(z_j^(2))" in shown


def test_a_model_file_names_the_document(tmp_path: Path) -> None:
    path = tmp_path / "digits.toml"
    path.write_text(MODEL_FILE)
    shown = fine("derive", str(path), "--format", "text")
    assert shown.splitlines()[0].endswith("Digits")
    options = ("--activation", "tanh,softmax", "--cost", "categorical_cross_entropy")
    plain = fine("derive", "3-4-2", *options, "--format", "text")
    assert shown.splitlines()[2:] == plain.splitlines()[2:]
    assert "def gradient" in fine("generate", str(path))
    assert "verified: " in fine("verify", str(path))


def test_a_folder_of_templates_comes_first(tmp_path: Path) -> None:
    (tmp_path / "text.txt.jinja").write_text("Here is {{ title }}.\n")
    shown = fine("derive", "3-2", "--format", "text", "--templates", str(tmp_path))
    assert shown == "Here is Backpropagation in the 3-2 network.\n"


# -- check ------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["derive", "generate"])
def test_check_tells_fresh_files_from_stale_ones(command: str, tmp_path: Path) -> None:
    path = tmp_path / "file"
    fine(command, "3-2", "-o", str(path))
    fresh = path.read_bytes()
    before = path.stat()
    assert fine(command, "3-2", "--check", "-o", str(path)) == ""

    for stale in (fresh + b"\n", fresh[:-1], fresh.replace(b"3", b"4", 1), b"", b"\xff\xfe"):
        path.write_bytes(stale)
        result = run(command, "3-2", "--check", "-o", str(path))
        assert result.exit_code == 1
        assert result.stdout == ""
        assert re.fullmatch(r"symbackprop: [^\n]*file[^\n]*\n", result.stderr)
        assert path.read_bytes() == stale

    path.write_bytes(fresh)
    result = run(command, "4-2", "--check", "-o", str(path))
    assert result.exit_code == 1
    assert path.read_bytes() == fresh
    assert path.stat().st_ino == before.st_ino


@pytest.mark.parametrize("command", ["derive", "generate"])
def test_check_of_a_missing_file_writes_nothing(command: str, tmp_path: Path) -> None:
    result = run(command, "3-2", "--check", "-o", str(tmp_path / "missing"))
    assert result.exit_code == 1
    assert list(tmp_path.iterdir()) == []


# -- generate and verify ----------------------------------------------------------------------


def test_generate_writes_a_module() -> None:
    source = fine("generate", "3-2")
    tree = ast.parse(source)
    assert ast.get_docstring(tree)
    functions = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    assert {"initialise", "forward", "cost", "gradient", "cost_and_gradient"} <= functions
    assert source == Network.named("3-2").source_code()


def test_verify_lists_every_step() -> None:
    lines = fine("verify", "3-2").splitlines()
    summary = re.fullmatch(
        r"verified: (\d+) steps of \d+ equations, \d+ index assignments, "
        r"largest relative difference \d\.\de-\d+",
        lines[-1],
    )
    assert summary is not None
    assert sum(bool(re.match(r" +\d\.\de[-+]\d+ ", line)) for line in lines) == int(summary[1])


# -- as a process -----------------------------------------------------------------------------


def test_the_installed_program(tmp_path: Path) -> None:
    shown = installed("derive", "3-2", "--format", "text", cwd=tmp_path)
    assert (shown.returncode, shown.stderr) == (0, b"")
    assert shown.stdout.decode() == fine("derive", "3-2", "--format", "text")
    refused = installed("derive", "3--2", "-o", "notes.tex", cwd=tmp_path)
    assert (refused.returncode, refused.stdout) == (2, b"")
    assert refused.stderr.count(b"\n") == 1
    assert not (tmp_path / "notes.tex").exists()


def test_a_closed_pipe_is_no_error(tmp_path: Path) -> None:
    command = f"{sys.executable} -c 'from symbackprop.cli import main; main()' derive 4-3-2 | true"
    process = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(Path(symbackprop.__file__).parents[1])},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert "Traceback" not in process.stderr
    assert "BrokenPipe" not in process.stderr
