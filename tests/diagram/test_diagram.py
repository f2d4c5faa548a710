"""Diagrams: what is drawn of a model, which way the paths take, TeX and browsers that show it."""

import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from click.testing import CliRunner

from symbackprop.cli import main
from symbackprop.derivation.targets import parse_target
from symbackprop.diagram import draw
from symbackprop.diagram.carriers import carriers
from symbackprop.diagram.columns import columns
from symbackprop.diagram.paths import paths
from symbackprop.errors import UsageError
from symbackprop.network import Network
from symbackprop.notation.profiles import DEFAULT, PROFILES
from tests.support.browser import screenshot
from tests.support.latex import compile_tex
from tests.support.math import check_formula
from tests.support.models import skip_connection

CASES = [
    ("general", ""),
    ("general", "w"),
    ("general", "x"),
    ("general", "w[2,2]@L-1"),
    ("general", "b[1]@2"),
    ("chain", ""),
    ("chain", "w"),
    ("chain", "b@L-1"),
    ("3-2", ""),
    ("3-2", "w[1,2]@1"),
    ("4-3-2", "w"),
    ("4-3-2", "w[2,2]@L-1"),
    ("784-30-10", ""),
    ("784-30-10", "w[3,7]@1"),
    ("2-2-2-2-2-2-2-2", "b[1]@2"),
]
SVG = "{http://www.w3.org/2000/svg}"
NOTATIONS = [profile.name for profile in PROFILES]


def model(name: str):  # type: ignore[no-untyped-def]
    return Network.named(name).model


def passed(name: str, target: str) -> dict[str, object]:
    shown = carriers(model(name))
    found = paths(shown, parse_target(shown.model, target, DEFAULT))
    return {
        str(layer): None if nodes is None else sorted(map(str, nodes))
        for layer, nodes in found.visited.items()
    }


def test_paths_are_those_of_the_chain_rule() -> None:
    assert passed("general", "w[2,2]@L-1") == {"L - 1": ["2"], "L": None}
    assert passed("general", "w") == {"l": ["j"], "l + 1": None, "L": None}
    assert passed("general", "w[1,2]@L") == {"L": ["1"]}
    assert passed("general", "x") == {"0": ["k"], "1": None, "L": None}
    assert passed("4-3-2", "w[2,2]@L-1") == {"1": ["2"], "2": None}
    assert passed("4-3-2", "b[1]@L") == {"2": ["1"]}
    assert passed("4-3-2-5", "w[2,2]@1") == {"1": ["2"], "2": None, "3": None}
    assert passed("chain", "w") == {"l": ["0"], "l + 1": ["0"], "L": ["0"]}


def test_what_is_left_out_of_large_networks() -> None:
    drawn = columns(carriers(model("784-30-10")), None)
    assert [str(column.layer) for column in drawn] == ["0", "1", "2"]
    assert [str(node) for node in drawn[0].nodes] == ["0", "1", "None", "783"]
    drawn = columns(carriers(model("general")), None)
    assert [(str(c.layer), c.apart) for c in drawn] == [
        ("0", False), ("l - 1", True), ("l", False), ("L", True)
    ]  # fmt: skip


def test_edges_of_a_hidden_weight() -> None:
    root = ET.fromstring(draw(model("4-3-2"), "svg", "w[2,2]@L-1"))
    classes = [line.get("class") for line in root.iter(f"{SVG}line")]
    assert classes.count("start") == 1
    assert classes.count("along") == 2 + 2
    assert classes.count("aside") == 4 * 3 + 3 * 2 - 3
    assert "2 paths" in "".join(root.itertext())


@pytest.mark.parametrize(("name", "target"), CASES)
@pytest.mark.parametrize("notation", NOTATIONS[::3])
def test_svg_is_well_formed_and_says_what_it_shows(name: str, target: str, notation: str) -> None:
    text = draw(model(name), "svg", target, notation)
    root = ET.fromstring(text)
    ids = {one.get("id") for one in root.iter()}
    assert set((root.get("aria-labelledby") or "").split()) <= ids
    for part in ("title", "desc"):
        words = root.findtext(f"{SVG}{part}") or ""
        assert len(words) > 20
        assert not re.search(r"[\\_^{}<]", words)
    assert "prefers-color-scheme: dark" in text
    if target and name != "chain":
        assert 'class="aside"' in text
    assert ('class="along"' in text) == bool(target)


@pytest.mark.parametrize(("name", "target"), CASES)
def test_formulas_of_the_picture_are_valid(name: str, target: str) -> None:
    for notation in NOTATIONS[:3]:
        text = draw(model(name), "tikz", target if notation != "nielsen" else "", notation)
        formulas = re.findall(r"\$([^$]+)\$", text)
        assert len(formulas) > 5
        for formula in formulas:
            check_formula(formula, display=False)


@pytest.mark.parametrize(
    ("name", "target", "engine"),
    [
        ("general", "w[2,2]@L-1", "pdflatex"),
        ("general", "w", "lualatex"),
        ("chain", "", "pdflatex"),
        ("784-30-10", "w[3,7]@1", "pdflatex"),
        ("784-30-10", "", "lualatex"),
    ],
)
def test_tex_sets_it_on_a_page_of_its_own_size(
    name: str, target: str, engine: str, tmp_path: Path
) -> None:
    result = compile_tex(draw(model(name), "latex", target), tmp_path, engine)
    assert not result.errors
    assert result.overfull == 0
    assert result.pages == 1


def test_the_picture_goes_into_an_article(tmp_path: Path) -> None:
    (tmp_path / "network.tex").write_text(draw(model("4-3-2"), "tikz", "w[2,2]@L-1"))
    article = tmp_path / "article.tex"
    article.write_text(
        "\\documentclass{article}\\usepackage{tikz}\\begin{document}\n"
        "\\begin{center}\\input{network}\\end{center}\n\\end{document}\n"
    )
    result = compile_tex(article, tmp_path)
    assert not result.errors
    assert result.overfull == 0


def test_the_browser_shows_it_light_and_dark(tmp_path: Path) -> None:
    page = tmp_path / "network.svg"
    page.write_text(draw(model("general"), "svg", "w"), encoding="utf-8")
    light = screenshot(page, tmp_path / "light.png").read_bytes()
    assert light != screenshot(page, tmp_path / "dark.png", dark=True).read_bytes()


def test_the_command(tmp_path: Path) -> None:
    out = tmp_path / "network.svg"
    arguments = ["diagram", "4-3-2", "--wrt", "w[2,2]@L-1", "--format", "svg", "-o", str(out)]
    assert CliRunner().invoke(main, arguments).exit_code == 0
    assert out.read_text().startswith("<svg")
    assert CliRunner().invoke(main, [*arguments, "--check"]).exit_code == 0
    assert CliRunner().invoke(main, ["diagram", "4-3-2", "--format", "png"]).exit_code == 2
    assert CliRunner().invoke(main, ["diagram", "4-3-2", "--wrt", "q"]).exit_code == 2


def test_a_model_without_layers_cannot_be_drawn() -> None:
    with pytest.raises(UsageError, match="no layers"):
        draw(skip_connection(), "svg")
