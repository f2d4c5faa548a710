"""Fragments: labelled displays and nothing around them; one of them alone; their package."""

import re

import pytest
from click.testing import CliRunner

from symbackprop.cli import main
from symbackprop.errors import UsageError
from tests.documents.support import DETAILS, MODELS, NOTATIONS, check, pairwise, rendered
from tests.support.math import formulas


def labels(text: str) -> list[str]:
    return re.findall(r"\\label\{(.*?)\}", text)


@pytest.mark.parametrize(
    ("model", "detail", "notation", "colour"),
    pairwise(MODELS, DETAILS, NOTATIONS, ("plain", "colour")),
)
def test_it_is_valid_displays_and_comments(
    model: str, detail: str, notation: str, colour: str
) -> None:
    text = rendered(model, "fragment", detail, notation, colour=colour == "colour")
    assert r"\documentclass" not in text
    assert r"\usepackage" not in text
    found = formulas(text)
    assert len(found) > 5
    for formula in found:
        check(formula.body)


@pytest.mark.parametrize("model", MODELS)
def test_labels_come_from_the_content(model: str) -> None:
    brief, full = (labels(rendered(model, "fragment", detail)) for detail in ("brief", "full"))
    assert brief == full == labels(rendered(model, "fragment", "full", "nielsen"))
    assert len(set(full)) == len(full)
    assert {"eq:composition", "eq:gradient", "eq:update:w"} <= set(full)
    assert all(re.fullmatch(r"[A-Za-z0-9:+-]+", label) for label in full)


@pytest.mark.parametrize("label", ["w", "eq:w", "a:l-1:k", "eq:composition"])
def test_one_equation_alone(label: str) -> None:
    text = rendered("general", "fragment", only=label)
    assert labels(text) == [f"eq:{label.removeprefix('eq:')}"]
    assert text.count(r"\begin{align}") == 1


def test_an_unknown_label_is_answered_with_the_known_ones() -> None:
    with pytest.raises(UsageError, match=r"'v'.*eq:def:z.*eq:w"):
        rendered("general", "fragment", only="v")


def test_the_package_defines_every_colour_that_is_used() -> None:
    used = set(re.findall(r"\\textcolor\{(\w+)\}", rendered("3-2", "fragment", colour=True)))
    defined = set(re.findall(r"\\definecolor\{(\w+)\}", rendered("3-2", "sty")))
    assert used
    assert used <= defined


def test_the_package_is_the_same_for_every_derivation() -> None:
    assert rendered("general", "sty") == rendered("4-3-2", "sty", "full", "ng")


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(main, ["derive", *arguments])
    return result.exit_code, result.output


def test_the_command_line_writes_one_equation() -> None:
    code, text = run("chain", "--format", "fragment", "--only", "w")
    assert code == 0
    assert labels(text) == ["eq:w"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--format", "fragment", "--only", "nothing"), "no equation labelled 'nothing'"),
        (("--format", "text", "--colour"), "text has no colours"),
    ],
)
def test_the_command_line_says_what_is_wrong(arguments: tuple[str, ...], message: str) -> None:
    code, text = run("chain", *arguments)
    assert code == 2
    assert message in text
