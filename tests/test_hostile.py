"""Texts that could break something: words in every format, and shown in every message."""

import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from symbackprop import FunctionRow, Model, Network, Profile, derive
from symbackprop.cli import main
from symbackprop.codegen import generate
from symbackprop.codegen.targets import TARGETS
from symbackprop.derivation.verify import Report
from symbackprop.diagram import draw
from symbackprop.documents import FORMATS, render
from symbackprop.errors import SymbackpropError
from symbackprop.escaping import latex, message, plain, shown, terminal, yaml
from symbackprop.model.definitions import define
from symbackprop.model.functions import T
from symbackprop.network import Derivation
from symbackprop.notation.profiles import Letter
from symbackprop.notation.quantities import Quantity, Role
from tests.support import FULL, hostile, package, rotating
from tests.support.hostile import HARMLESS, HOSTILE, is_shown

TEXTS = sorted(HOSTILE)
FRONT = re.compile(r"---\n(.*?)\n---\n", re.DOTALL)
STRUCTURES = {
    "text": hostile.text_structure,
    "markdown": hostile.markdown_structure,
    "html": hostile.html_structure,
    "json": hostile.json_structure,
}
"""What is compared of each format; LaTeX of all others."""

NAMES = ("empty", "blank", "long", "other letters")
"""Texts that could be names, or that only some fonts have."""

NAMES_OF_TARGETS = sorted({row.name for row in TARGETS})
WRITTEN = tuple((row.name, one) for row in FORMATS for one in row.dialects or ("",))


PROVENANCE = "symbackprop: {"


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments, catch_exceptions=False)


def model(text: str) -> Model:
    """A model whose name and meanings are a text; an empty meaning has no row in a table."""
    meaning = text or HARMLESS
    w, x = Quantity("w", Role.PARAMETER, meaning=meaning), Quantity("x", Role.INPUT)
    y, cost = Quantity("y", Role.TARGET, meaning=meaning), Quantity("C0", Role.COST)
    return Model(text, (w, x, y, cost), (define(cost, (), (w[()] * x[()] - y[()]) ** 2),))


@cache
def derived(text: str) -> Derivation:
    return derive(model(text), title=text)


@cache
def verified() -> Report:
    return derived(HARMLESS).verify()


def document(text: str, format_: str, dialect: str) -> str:
    return render(derived(text).derived, verified(), format_, title=text, dialect=dialect)


def structure(text: str, format_: str) -> object:
    """What a document consists of, without the one line that says in a comment what it is of."""
    lines = text.splitlines(keepends=True)
    comments = [line for line in lines if PROVENANCE in line]
    assert len(comments) <= 1
    assert all(line.startswith(("% ", "<!-- ")) for line in comments)
    assert all(line.count("-->") == line.count("<!--") for line in comments)
    rest = "".join(line for line in lines if line not in comments)
    return STRUCTURES.get(format_, hostile.latex_structure)(FRONT.sub("", rest))


def unshown(text: str) -> Counter[str]:
    return Counter(one for one in text if not is_shown(one))


@pytest.mark.parametrize(("name", "written"), rotating(TEXTS, WRITTEN, 4), ids=str)
def test_words_do_not_change_a_document(name: str, written: tuple[str, str]) -> None:
    format_, dialect = written
    harmless = document(HARMLESS, format_, dialect)
    found = document(HOSTILE[name], format_, dialect)
    assert structure(found, format_) == structure(harmless, format_)
    assert unshown(found) == unshown(harmless)
    found.encode("utf-8")


@pytest.mark.parametrize("name", TEXTS)
def test_the_front_matter_is_yaml_with_the_title(name: str) -> None:
    found = FRONT.match(document(HOSTILE[name], "markdown", "quarto"))
    assert found is not None
    data = package("yaml").safe_load(found[1])
    assert set(data) == {"title"}
    words = package("markdown_it").MarkdownIt("commonmark").render(f"# {data['title']}")
    tags = Counter({("h1", ()): 1, ("/", "h1"): 1})
    assert hostile.html_structure(words) == tags


@pytest.mark.parametrize(("name", "target"), rotating(TEXTS, NAMES_OF_TARGETS, 2))
def test_words_do_not_change_code(name: str, target: str) -> None:
    text = HOSTILE[name]
    harmless = generate(model(HARMLESS), target=target, source=HARMLESS)
    found = generate(model(text), target=target, source=text)
    assert hostile.python_structure(found) == hostile.python_structure(harmless)
    assert is_shown(found)


@pytest.mark.parametrize(("name", "format_"), rotating(TEXTS, ["svg", "tikz", "latex"], 1))
def test_words_do_not_change_a_diagram(name: str, format_: str) -> None:
    from dataclasses import replace

    of = hostile.xml_structure if format_ == "svg" else hostile.latex_structure
    network = Network.from_sizes("2-1").model
    harmless, found = (
        draw(replace(network, name=one), format_) for one in (HARMLESS, HOSTILE[name])
    )
    assert of(found) == of(harmless)
    assert is_shown(found)


# -- escaping ---------------------------------------------------------------------------------


@pytest.mark.parametrize("name", TEXTS)
def test_escaping_loses_no_character_that_can_be_shown(name: str) -> None:
    text = HOSTILE[name]
    assert is_shown(terminal(text))
    assert "\n" not in terminal(text)
    assert len(message(text)) < 700
    assert package("yaml").safe_load(yaml(text)) == plain(text)
    assert len(shown(text)) < 300


@pytest.mark.parametrize(
    "value",
    [10**401, -(10**5000), [[1]] * 99, {"a": {}}, object(), float("nan"), b"x" * 99],
    ids=lambda value: type(value).__name__,
)
def test_any_value_can_be_shown(value: object) -> None:
    assert len(shown(value)) < 120


def test_every_text_is_set_by_tex(tmp_path: Path) -> None:
    from tests.support.latex import compile_tex

    letters = "".join(map(chr, [*range(0x21, 0x7F), *range(0xA1, 0x180), *range(0x391, 0x3CA)]))
    words = [HOSTILE[name] for name in TEXTS if name != "long"]
    text = "\n\n".join(latex(one) for one in (letters, "–—‘’‚“”„…€™†‡•‰‹›", *words))
    source = (
        "\\documentclass{article}\\usepackage[T1]{fontenc}\\usepackage[utf8]{inputenc}"
        "\\usepackage{lmodern,amsmath}\\begin{document}\\sloppy\n" + text + "\n\\end{document}\n"
    )
    assert compile_tex(source, tmp_path).errors == ()


# -- names that are set as formulas ------------------------------------------------------------


@pytest.mark.parametrize("name", [one for one in TEXTS if one not in NAMES])
def test_a_formula_is_no_program(name: str) -> None:
    text = HOSTILE[name]
    with pytest.raises(SymbackpropError):
        FunctionRow("f", text, "f", T)
    with pytest.raises(SymbackpropError):
        FunctionRow(text, "f", "f", T)
    with pytest.raises(SymbackpropError):
        Quantity(text, Role.INPUT)
    profile = Profile("own", "", letters={"w": Letter(text)})
    with pytest.raises(SymbackpropError):
        Network.from_sizes("2-1").derive(notation=profile)


# -- what is said on a terminal ----------------------------------------------------------------

OPTIONS = [
    (command, parameter.opts[0])
    for command, one in sorted(main.commands.items())
    for parameter in one.params
    if parameter.param_type_name == "option" and not parameter.is_flag and parameter.nargs == 1
]


@pytest.mark.parametrize(("command", "option"), OPTIONS)
def test_values_of_options_are_told_as_text(
    command: str, option: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "notes.md").write_text("words")
    first = "notes.md" if command == "check" else "2-1"
    share = slice(0, None) if FULL else slice(len(command + option) % 3, None, 3)
    for text in list(HOSTILE.values())[share]:
        if option in ("-o", "--only", "--dialect", "--wrt", "--model") and not text.strip():
            continue
        result = run(command, option, text, *([first] if command != "models" else []))
        assert result.exit_code in (0, 2)
        assert is_shown(result.stderr)
        assert len(result.stderr) < 1500


@pytest.mark.parametrize("name", TEXTS)
def test_names_of_files_and_keys_are_told_as_text(name: str, tmp_path: Path) -> None:
    text = HOSTILE[name].replace("\0", "").replace("/", "")[:60]
    for ending in (".toml", ".md", ""):
        path = tmp_path / f"{text}{ending}"
        for arguments in (("derive", str(path)), ("check", str(path))):
            result = run(*arguments)
            assert result.exit_code == 2
            assert is_shown(result.stderr)
    key = yaml(HOSTILE[name]) or '""'
    for content in (f"{key} = 1", f"inputs = {key}", f"inputs = 2\n[[layers]]\n{key} = 2"):
        path = tmp_path / "model.toml"
        path.write_text(content, encoding="utf-8")
        for arguments in (
            ("derive", str(path)),
            ("derive", "2-1", "--values", str(path)),
            ("derive", "2-1", "--notation", str(path)),
        ):
            result = run(*arguments)
            assert result.exit_code == 2
            assert is_shown(result.stderr)
            assert re.fullmatch(r"symbackprop: [^\n]+\n", result.stderr)


@pytest.mark.parametrize("name", TEXTS)
def test_notes_are_echoed_as_text(name: str, tmp_path: Path) -> None:
    path = tmp_path / "notes.md"
    text = HOSTILE[name].replace("\0", "").encode("utf-8", "replace").decode()
    path.write_text(f"$$z_j = {text} b_j$$\n\n$$a_j = b_j \\tag{{{text}}}$$\n", encoding="utf-8")
    result = run("check", str(path))
    assert result.exit_code in (0, 1, 2)
    assert is_shown(result.stdout + result.stderr)
