"""Markdown: what each host needs, formulas that are valid, tables that hold, a build by Sphinx."""

import re
import subprocess
import sys

import pytest
from markdown_it import MarkdownIt

from symbackprop.documents.formats.markdown import NAMES, dialect_named
from symbackprop.errors import UsageError
from tests.documents_web.support import CASES, derived, document
from tests.support.math import check_formula

DISPLAYS = {
    "github": re.compile(r"```math\n(.*?)\n```", re.DOTALL),
    "myst": re.compile(r"```\{math\}\n:label: [\w-]+\n\n(.*?)\n```", re.DOTALL),
    "quarto": re.compile(r"^\$\$\n(.*?)\n\$\$ \{#eq-[\w-]+\}$", re.DOTALL | re.MULTILINE),
    "mkdocs": re.compile(r"^\\\[\n(.*?)\n\\\]$", re.DOTALL | re.MULTILINE),
}
INLINE = {
    "github": re.compile(r"\$`(.*?)`\$"),
    "myst": re.compile(r"\{math\}`(.*?)`"),
    "quarto": re.compile(r"(?<![\$\\])\$([^$\n]+)\$(?![\$\d])"),
    "mkdocs": re.compile(r"\\\((.*?)\\\)"),
}
LABEL = {
    "github": re.compile(r'<a id="(eq-[\w-]+)"></a>'),
    "myst": re.compile(r":label: (eq-[\w-]+)"),
    "quarto": re.compile(r"\{#(eq-[\w-]+)\}"),
    "mkdocs": re.compile(r'<a id="(eq-[\w-]+)"></a>'),
}
PAIRS = [(*case, NAMES[n % 4]) for n, case in enumerate(CASES)] + [
    (model, "deeplizard", "standard", dialect)
    for model in ("general", "4-3-2")
    for dialect in NAMES
]


@pytest.mark.parametrize(("model", "notation", "detail", "dialect"), PAIRS)
def test_displays_are_valid_numbered_and_labelled(
    model: str, notation: str, detail: str, dialect: str
) -> None:
    text = document(model, "markdown", notation=notation, detail=detail, dialect=dialect)
    bodies = DISPLAYS[dialect].findall(text)
    labels = LABEL[dialect].findall(text)
    assert len(bodies) == len(labels) == len(set(labels))
    assert len(bodies) >= len(derived(model)[0].derived.equations)
    for number, body in enumerate(bodies, start=1):
        tag = rf" \tag{{{number}}}"
        assert body.endswith(tag) == (dialect in ("github", "mkdocs"))
        check_formula(body.removesuffix(tag))
        assert r"\begin{align}" not in body
    assert r"\label" not in text
    assert r"\eqref" not in text


@pytest.mark.parametrize(("model", "notation", "detail", "dialect"), PAIRS[::3])
def test_formulas_among_words_are_valid(
    model: str, notation: str, detail: str, dialect: str
) -> None:
    text = document(model, "markdown", notation=notation, detail=detail, dialect=dialect)
    prose = DISPLAYS[dialect].sub("", text)
    found = INLINE[dialect].findall(prose)
    assert len(found) > 20
    for body in found:
        check_formula(body, display=False)


@pytest.mark.parametrize("dialect", NAMES)
def test_the_notation_table_holds(dialect: str) -> None:
    text = document("general", "markdown", dialect=dialect)
    tokens = MarkdownIt().enable("table").parse(text)
    kinds = [token.type for token in tokens]
    rows = kinds.count("tr_open")
    assert kinds.count("table_open") == 1
    assert kinds.count("th_open") == 2
    assert kinds.count("td_open") == 2 * (rows - 1)
    assert rows > 10
    cells = [tokens[n + 1].content for n, kind in enumerate(kinds) if kind == "td_open"]
    assert all(cells)


def test_quarto_has_a_title_and_ids_that_quarto_takes() -> None:
    text = document("general", "markdown", dialect="quarto")
    assert text.startswith('---\ntitle: "Backpropagation in a network of L layers"\n---\n')
    assert re.search(r"^## The model \{#sec-definitions\}$", text, re.MULTILINE)
    assert not re.search(r"^\$\$\s*\\begin\{align\*?\}", text, re.MULTILINE)
    assert text.count("$$") == 2 * len(DISPLAYS["quarto"].findall(text))


@pytest.mark.parametrize("model", ["general", "4-3-2"])
def test_myst_builds_without_a_warning(model: str, tmp_path) -> None:  # type: ignore[no-untyped-def]
    source = tmp_path / "source"
    source.mkdir()
    (source / "conf.py").write_text('extensions = ["myst_parser"]\nnitpicky = True\n')
    text = document(model, "markdown", detail="full", dialect="myst")
    label = LABEL["myst"].findall(text)[0]
    (source / "index.md").write_text(f"{text}\nSee {{eq}}`{label}` and {{ref}}`sec-mean`.\n")
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-b", "html"]
    process = subprocess.run(
        [*command, str(source), str(tmp_path / "html")],
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert process.returncode == 0, process.stderr
    page = (tmp_path / "html" / "index.html").read_text()
    assert f'href="#equation-{label}"' in page
    assert page.count('class="eqno"') == len(LABEL["myst"].findall(text))


def test_a_dialect_that_there_is_not() -> None:
    with pytest.raises(UsageError, match="known are github, myst, quarto, mkdocs"):
        dialect_named("wiki")
    with pytest.raises(UsageError, match="text has none"):
        document("3-2", "text", dialect="github")
