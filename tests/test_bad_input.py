"""Bad input gets one clear line and exit code 2; nothing is written, what was there stays."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from symbackprop.cli import main
from tests.support import ROOT

WAS_THERE = "what was there\n"
LONG = 100_000


def run(*arguments: str) -> Result:
    """The command line, in this process; an exception that nobody caught ends the test."""
    return CliRunner().invoke(main, arguments, catch_exceptions=False)


def run_process(*arguments: str | bytes, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """The command line as a process of its own."""
    return subprocess.run(
        [sys.executable, "-c", "from symbackprop.cli import main; main()", *arguments],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        errors="replace",
        timeout=60,
        check=False,
    )


def check_refused(result: Result | subprocess.CompletedProcess[str], *words: str) -> None:
    """Exit code 2 and one line on standard error that has these words."""
    code = result.exit_code if isinstance(result, Result) else result.returncode
    error = result.stderr
    assert "Traceback" not in error
    assert code == 2, error
    assert result.stdout == ""
    assert re.fullmatch(r"symbackprop: [^\n]+\n", error), error
    assert len(error) < 1000
    assert error.rstrip("\n").isprintable()
    for word in words:
        assert word in error


@pytest.fixture
def output(tmp_path: Path) -> Path:
    """A file that is there already, alone in its folder."""
    path = tmp_path / "output"
    path.write_text(WAS_THERE)
    return path


def check_untouched(output: Path) -> None:
    """The file holds what it held, and no other stands beside it."""
    assert output.read_text() == WAS_THERE
    assert [path.name for path in output.parent.iterdir()] == [output.name]


# -- names and sizes --------------------------------------------------------------------------

INJECTIONS = (
    r"w}\input{/etc/passwd}",
    "x; import os",
    "__import__('os').system('true')",
    "{{ 7 * 7 }}",
    r"\VAR{title}",
    "../../etc/passwd",
    "$(true)",
    "a\nb",
    "a\x1b[31mb",
    "\u202etoml.x",
)

MODELS = (
    ("", "unknown model"),
    ("foo", "unknown model"),
    ("General", "unknown model"),
    ("3--2", "3--2"),
    ("-", "unknown model"),
    ("3-", "3-"),
    ("3-0-2", "at least 1"),
    ("0-2", "at least 1"),
    ("3--3-2", "3--3-2"),
    ("7", "at least two widths"),
    ("3-2.5", "3-2.5"),
    ("3 - 2", "3 - 2"),
    ("３-２", "３-２"),
    ("1e3-2", "1e3-2"),
    ("3-2-", "3-2-"),
    ("9" * 5000 + "-2", "sizes"),
)


@pytest.mark.parametrize("command", ["derive", "generate", "verify"])
@pytest.mark.parametrize(("model", "word"), MODELS, ids=lambda value: value[:12])
def test_models_that_are_none(command: str, model: str, word: str, output: Path) -> None:
    check_refused(run(command, "-o", str(output), "--", model), word)
    check_untouched(output)


@pytest.mark.parametrize("model", ["-3-2", "-3"])
def test_a_model_with_a_leading_hyphen_is_no_option(model: str) -> None:
    result = run("derive", model)
    assert result.exit_code == 2
    assert "Traceback" not in result.stderr
    assert "Error: No such option" in result.stderr


@pytest.mark.parametrize("name", INJECTIONS)
def test_names_that_would_be_code(name: str, output: Path) -> None:
    check_refused(run("derive", "-o", str(output), "--", name))
    for option in ("--activation", "--cost", "--wrt", "--notation", "--format", "--detail"):
        check_refused(run("derive", "3-2", option, name, "-o", str(output)))
    for option in ("--activation", "--cost", "--target"):
        check_refused(run("generate", "3-2", option, name, "-o", str(output)))
    check_untouched(output)


OPTIONS = (
    (("--activation", "sigmoids"), "unknown activation 'sigmoids'"),
    (("--activation", ""), "unknown activation ''"),
    (("--activation", "sigmoid,"), "unknown activation ''"),
    (("--activation", "sigmoid,tanh,relu"), "2 layers"),
    (("--activation", "Sigmoid"), "unknown activation 'Sigmoid'"),
    (("--cost", "squared"), "unknown cost 'squared'"),
    (("--cost", "binary_cross_entropy", "--activation", "tanh"), "binary_cross_entropy"),
    (("--cost", "categorical_cross_entropy", "--activation", "identity"), "identity"),
)


@pytest.mark.parametrize("command", ["derive", "generate", "verify"])
@pytest.mark.parametrize(("options", "word"), OPTIONS)
def test_activations_and_costs_that_cannot_be(
    command: str, options: tuple[str, ...], word: str, output: Path
) -> None:
    check_refused(run(command, "4-3-2", *options, "-o", str(output)), word)
    check_untouched(output)


CHOICES = (
    ("derive", "--notation", "nobody", "deeplizard"),
    ("derive", "--format", "docx", "latex"),
    ("derive", "--detail", "everything", "standard"),
    ("generate", "--target", "fortran", "numpy"),
)


@pytest.mark.parametrize(("command", "option", "value", "known"), CHOICES)
def test_choices_that_are_unknown_name_the_known_ones(
    command: str, option: str, value: str, known: str, output: Path
) -> None:
    check_refused(run(command, "3-2", option, value, "-o", str(output)), value, known)
    check_untouched(output)


def test_symbolic_models_take_one_activation() -> None:
    check_refused(run("derive", "general", "--activation", "tanh,sigmoid"), "one activation")


def test_a_symbolic_network_has_no_code() -> None:
    for model in ("general", "chain"):
        check_refused(run("generate", model))


TARGETS = (
    ("w[9,9]@1", "out of range"),
    ("w[2,0]@1", "out of range"),
    ("w[0,3]@1", "out of range"),
    ("b[2]@L", "out of range"),
    ("w[0,0]@2", "w[0,0]@2"),
    ("w[0,0]@0", "w[0,0]@0"),
    ("w[0,0]@L-1", "w[0,0]@L-1"),
    ("w[0,0]@L+1", "a layer is"),
    ("w[0,0]@", "w[0,0]@"),
    ("w[0,0]", "needs its layer"),
    ("w[0]@1", "more indices"),
    ("w[0,0,0]@1", "fewer indices"),
    ("w[]@1", "whole numbers"),
    ("w[-1,0]@1", "whole numbers"),
    ("w[0.5,0]@1", "whole numbers"),
    ("w[j,k]@1", "whole numbers"),
    ("w[99999999999,0]@1", "whole numbers"),
    ("v", "there is no v"),
    ("y", "there is no y"),
    ("C0", "there is no C0"),
    ("w[0,0]@l", "a layer is"),
    ("", "write a quantity"),
    ("w w", "write a quantity"),
)


@pytest.mark.parametrize(("target", "word"), TARGETS)
def test_targets_that_are_not_there(target: str, word: str, output: Path) -> None:
    check_refused(run("derive", "3-2", "--wrt", target, "-o", str(output)), word)
    check_untouched(output)


def test_the_first_node_is_1_where_the_notation_counts_so() -> None:
    result = run("derive", "3-2", "--wrt", "w[0,0]@1", "--notation", "nielsen")
    check_refused(result, "the first node is 1")


def test_a_check_without_a_file() -> None:
    check_refused(run("derive", "3-2", "--check"), "-o FILE")
    check_refused(run("generate", "3-2", "--check"), "-o FILE")


@pytest.mark.parametrize(
    "arguments",
    [
        ("derive",),
        ("derive", "3-2", "4-3"),
        ("derive", "3-2", "--unfold", "-1"),
        ("derive", "3-2", "--unfold", "51"),
        ("derive", "3-2", "--unfold", "many"),
        ("derive", "3-2", "--nonsense"),
        ("derive", "3-2", "--templates", "/nonexistent"),
        ("nonsense",),
    ],
)
def test_wrong_usage_says_how_to_use_it(arguments: tuple[str, ...]) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert "Traceback" not in result.stderr
    assert result.stderr.startswith("Usage: ")
    assert len(re.findall(r"^Error: .+$", result.stderr, re.MULTILINE)) == 1


def test_an_option_without_its_value() -> None:
    result = run("derive", "3-2", "-o")
    assert result.exit_code == 2
    assert result.stderr == "Error: Option '-o' requires an argument.\n"


# -- model files ------------------------------------------------------------------------------

LAYER = "[[layers]]\nwidth = 2\n"

FILES = (
    ("", "inputs is missing"),
    ("inputs = 3\n", "layers is missing"),
    ("inputs = 3\nlayers = []\n", "layers"),
    (f"inputs = 0\n{LAYER}", "inputs = 0"),
    (f"inputs = -3\n{LAYER}", "inputs = -3"),
    (f"inputs = {'9' * 10}\n{LAYER}", "inputs = 9999999999"),
    (f"inputs = {'9' * 5000}\n{LAYER}", "no valid TOML"),
    (f"inputs = 3.0\n{LAYER}", "inputs = 3.0"),
    (f"inputs = true\n{LAYER}", "inputs = True"),
    (f'inputs = "3"\n{LAYER}', "inputs = '3'"),
    (f"input = 3\n{LAYER}", "input"),
    (f"inputs = 3\nnodes = 2\n{LAYER}", "unknown key nodes"),
    ("inputs = 3\n[[layers]]\nwidth = 0\n", "layers[0].width = 0"),
    ("inputs = 3\n[[layers]]\nwidth = [2]\n", "layers[0].width"),
    ("inputs = 3\n[[layers]]\nwidth = nan\n", "layers[0].width"),
    (f"inputs = 3\n{LAYER}wide = 1\n", "unknown key layers[0].wide"),
    ('inputs = 3\n[[layers]]\nactivation = "tanh"\n', "layers[0].width is missing"),
    (f'inputs = 3\n{LAYER}activation = "sigmoids"\n', "unknown activation 'sigmoids'"),
    (f"inputs = 3\n{LAYER}activation = 7\n", "layers[0].activation = 7"),
    (f'inputs = 3\ncost = "nothing"\n{LAYER}', "unknown cost 'nothing'"),
    (f'cost = "binary_cross_entropy"\ninputs = 3\n{LAYER}activation = "tanh"\n', "tanh"),
    (f"title = 7\ninputs = 3\n{LAYER}", "title = 7"),
    (f'title = "{"x" * 201}"\ninputs = 3\n{LAYER}', "title"),
    ("inputs = 3\nlayers = 2\n", "layers = 2"),
    ('inputs = 3\nlayers = ["inputs"]\n', "layers[0]"),
    (f'inputs = 3\n{LAYER}input = "layers[0]"\n', "unknown key layers[0].input"),
    ("inputs = 3\ninputs = 4\n", "no valid TOML"),
    ("inputs = \n", "no valid TOML"),
    ("inputs = 3\n[[layers]\n", "no valid TOML"),
    ("a = " + "[" * 5000, "no valid TOML"),
    ("inputs = 3\n\x00", "no valid TOML"),
)


@pytest.mark.parametrize("command", ["derive", "generate", "verify"])
@pytest.mark.parametrize(("content", "word"), FILES, ids=lambda value: value[:24])
def test_model_files_that_are_wrong(
    command: str, content: str, word: str, output: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("models") / "model.toml"
    path.write_text(content)
    check_refused(run(command, str(path), "-o", str(output)), str(path), word)
    check_untouched(output)


@pytest.mark.parametrize(
    "content",
    [b"\x89PNG\r\n\x1a\n\x00\x00", b"\xff\xfei\x00n\x00", bytes(range(256)), b"\x00" * 64],
)
def test_binary_model_files(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "model.toml"
    path.write_bytes(content)
    check_refused(run("derive", str(path)), str(path))


def test_a_huge_model_file(tmp_path: Path) -> None:
    path = tmp_path / "model.toml"
    path.write_text("# " + "x" * 1_000_001)
    check_refused(run("derive", str(path)), "larger than")


def test_model_files_that_cannot_be_read(tmp_path: Path) -> None:
    check_refused(run("derive", str(tmp_path / "missing.toml")), "cannot read", "No such file")
    folder = tmp_path / "folder.toml"
    folder.mkdir()
    check_refused(run("derive", str(folder)), "cannot read", "directory")
    loop = tmp_path / "loop.toml"
    loop.symlink_to(loop)
    check_refused(run("derive", str(loop)), "cannot read")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read and write everything")
def test_files_without_permission(tmp_path: Path) -> None:
    path = tmp_path / "model.toml"
    path.write_text(f"inputs = 3\n{LAYER}")
    path.chmod(0)
    check_refused(run("derive", str(path)), "cannot read", "ermission")
    folder = tmp_path / "locked"
    folder.mkdir(mode=0o500)
    check_refused(run("derive", "3-2", "-o", str(folder / "notes.tex")), "cannot write")
    assert list(folder.iterdir()) == []
    kept = tmp_path / "kept.tex"
    kept.write_text(WAS_THERE)
    kept.chmod(0o400)
    check_refused(run("derive", "3-2", "-o", str(kept)), "cannot write")
    assert kept.read_text() == WAS_THERE


def test_a_model_file_names_its_activations_itself(tmp_path: Path) -> None:
    path = tmp_path / "model.toml"
    path.write_text(f"inputs = 3\n{LAYER}")
    check_refused(run("derive", str(path), "--activation", "tanh"), "names its activations")
    check_refused(run("derive", str(path), "--cost", "huber"), "names its activations")


# -- outputs ----------------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["derive", "generate", "verify"])
def test_outputs_that_cannot_be_written(command: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text(WAS_THERE)
    for path in ("missing/notes", "file/notes", ".", "x" * 300, ""):
        check_refused(run(command, "3-2", "-o", str(tmp_path / path) if path else ""), "cannot")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
    assert (tmp_path / "file").read_text() == WAS_THERE


def test_an_output_on_a_full_device() -> None:
    if not Path("/dev/full").exists():
        pytest.skip("there is no /dev/full here")
    check_refused(run("derive", "3-2", "-o", "/dev/full"), "cannot write", "No space left")


# -- long and strange arguments ---------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments",
    [
        ("derive", "x" * LONG),
        ("derive", "3-" * 40_000),
        ("derive", "9" * LONG + "-2"),
        ("derive", "3-2", "--activation", "a" * LONG),
        ("derive", "3-2", "--activation", "tanh," * 20_000),
        ("derive", "3-2", "--cost", "c" * LONG),
        ("derive", "3-2", "--wrt", "w[" + "1," * 40_000 + "1]@1"),
        ("derive", "3-2", "--wrt", "w" * LONG),
        ("derive", "3-2", "--notation", "n" * LONG),
        ("derive", "3-2", "-o", "o" * LONG),
        ("derive", "t" * LONG + ".toml"),
        ("generate", "3-2", "--target", "t" * LONG),
    ],
    ids=lambda arguments: " ".join(one[:12] for one in arguments),
)
def test_very_long_arguments(arguments: tuple[str, ...], tmp_path: Path) -> None:
    check_refused(run(*arguments))


@pytest.mark.parametrize(
    "arguments",
    [
        ("derive", "3-2\0"),
        ("derive", "a\0b.toml"),
        ("derive", "3-2", "--wrt", "w\0"),
        ("derive", "3-2", "-o", "a\0b"),
        ("derive", "\udcff\udcfe"),
        ("derive", "\udcff.toml"),
        ("derive", "3-2", "--activation", "\udcff"),
        ("generate", "3-2", "--cost", "\udcff"),
    ],
)
def test_strange_characters(arguments: tuple[str, ...]) -> None:
    check_refused(run(*arguments))


def test_arguments_that_are_no_text(tmp_path: Path) -> None:
    for arguments in (
        (b"derive", b"\xff\xfe"),
        (b"derive", b"\xff.toml"),
        (b"derive", b"3-2", b"--wrt", b"\xc3\x28"),
    ):
        check_refused(run_process(*arguments, cwd=tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_a_process_says_one_line_and_ends_with_2(output: Path) -> None:
    for arguments in (
        ("derive", "3--2"),
        ("derive", "3-2", "--wrt", r"w}\input{/etc/passwd}"),
        ("generate", "3-2", "--activation", "x; import os"),
    ):
        check_refused(run_process(*arguments, "-o", str(output), cwd=output.parent))
    check_untouched(output)


# -- titles are any text ----------------------------------------------------------------------

TITLES = (
    r"w}\input{/etc/passwd}",
    r"\end{document}\write18{true}",
    "50% of $x_1^2$ & #1 ~ {a} \"b\" <c> |d| 'e' `f`",
    '"""; import os; os.system("true") #',
    r"\N{LATIN SMALL LETTER A} \x41 \u0041 \\",
    "{{ 7 * 7 }} {% raw %} {# #} \\VAR{x} \\BLOCK{x}",
    "Ein Netz für Ziffern, réseau",
    "",
    " ",
)


@pytest.mark.parametrize("title", TITLES)
def test_a_title_is_set_as_text(title: str, tmp_path: Path) -> None:
    path = tmp_path / "model.toml"
    escaped = title.replace("\\", "\\\\").replace('"', '\\"')
    path.write_text(f'title = "{escaped}"\ninputs = 2\n{LAYER}', encoding="utf-8")

    text = run("derive", str(path), "--format", "text")
    assert text.exit_code == 0
    assert title.strip() in text.stdout

    latex = run("derive", str(path))
    assert latex.exit_code == 0
    for command in (r"\input{", r"\write18", "$x_1", "50% "):
        assert command not in latex.stdout
    assert latex.stdout.count(r"\end{document}") == 1
    assert "49" not in latex.stdout[: latex.stdout.index("Notation")]

    code = run("generate", str(path))
    assert code.exit_code == 0
    names: dict[str, object] = {"__name__": "generated"}
    exec(compile(code.stdout, "generated", "exec"), names)
    assert "gradient" in names
    assert "os" not in names


def test_a_title_compiles(tmp_path: Path) -> None:
    from tests.support.latex import compile_tex, pdf_text

    path = tmp_path / "model.toml"
    path.write_text(f"title = '{TITLES[0]} 50% $x_1^2$ & #1 ~ \"b\" <c>|'\ninputs = 2\n{LAYER}")
    result = run("derive", str(path), "--detail", "brief")
    compiled = compile_tex(result.stdout, tmp_path)
    assert compiled.errors == ()
    assert compiled.pdf is not None
    assert r"w}\input{/etc/passwd} 50% $x_1^2$ & #1" in pdf_text(compiled.pdf)


@pytest.mark.parametrize("character", ["\\u0000", "\\u001b", "\\u0007", "\\u2028", "\\n", "\\t"])
def test_control_characters_in_a_title_do_no_harm(character: str, tmp_path: Path) -> None:
    path = tmp_path / "model.toml"
    path.write_text(f'title = "a{character}b"\ninputs = 2\n{LAYER}')
    for arguments in (("derive",), ("derive", "--format", "text"), ("generate",), ("verify",)):
        result = run(*arguments, str(path))
        assert result.exit_code in (0, 2)
        assert "Traceback" not in result.stderr
        for harmful in ("\0", "\x1b", "\x07"):
            assert harmful not in result.stdout + result.stderr
