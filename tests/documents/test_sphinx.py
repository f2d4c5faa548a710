"""The Sphinx directive: built for HTML and for LaTeX, warnings as errors, as users build."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from symbackprop.sphinx import body
from tests.documents.support import DETAILS, MODELS, NOTATIONS, check, laid_out, pairwise
from tests.support import ROOT
from tests.support.latex import compile_tex

CONF = """
project = "equations"
extensions = ["myst_parser", "sphinx.ext.mathjax", "symbackprop.sphinx"]
myst_enable_extensions = ["deflist", "dollarmath"]
latex_elements = {"fontpkg": r"\\usepackage{lmodern}"}
"""

PAGE = """
Equations
=========

.. backprop:: model.toml
   :label: all
   :detail: full

.. backprop:: general
   :equation: w
   :notation: nielsen
   :class: wide

.. backprop:: 4-3-2
   :wrt: w[1,2]@2 b
   :equation: w:2:1:2
   :activation: tanh, sigmoid
   :cost: half_squared_error
   :label: mine

See :eq:`all:eq:w:1:j:k`, :eq:`eq:w`, :eq:`mine`, and :doc:`other`.

.. toctree::

   other
"""

MODEL = """
inputs = 3
cost = "squared_error"

[[layers]]
width = 2
activation = "sigmoid"
"""


def project(folder: Path, page: str, conf: str = CONF) -> Path:
    """A documentation of two pages; the other one is the project's own."""
    folder.mkdir(exist_ok=True)
    (folder / "conf.py").write_text(conf, encoding="utf-8")
    (folder / "index.rst").write_text(page, encoding="utf-8")
    (folder / "model.toml").write_text(MODEL, encoding="utf-8")
    other = (ROOT / "docs" / "sphinx.md").read_text(encoding="utf-8")
    (folder / "other.md").write_text(other.replace("eq:w", "other"), encoding="utf-8")
    text = (folder / "other.md").read_text(encoding="utf-8")
    relabelled = text.replace("general\n:equation: w\n", "general\n:equation: w\n:label: other\n")
    (folder / "other.md").write_text(relabelled, encoding="utf-8")
    return folder


def build(folder: Path, builder: str, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "sphinx", "-b", builder, *options]
    return subprocess.run(
        [*command, str(folder), str(folder / "out" / builder)],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def test_html_and_latex_without_a_warning(tmp_path: Path) -> None:
    folder = project(tmp_path / "docs", PAGE)
    html = build(folder, "html", "--fail-on-warning", "-j", "2")
    assert html.returncode == 0, html.stderr
    page = (folder / "out" / "html" / "index.html").read_text(encoding="utf-8")
    anchors = re.findall(r'id="(equation-[^"]+)"', page)
    assert {"equation-all-eq-gradient", "equation-eq-w", "equation-mine"} <= set(anchors)
    assert len(set(anchors)) == len(anchors)
    assert 'href="#equation-mine"' in page
    assert "wide" in page

    latex = build(folder, "latex", "--fail-on-warning")
    assert latex.returncode == 0, latex.stderr
    source = folder / "out" / "latex" / "equations.tex"
    compiled = compile_tex(source, tmp_path / "pdf", "pdflatex")
    assert not compiled.errors
    assert not compiled.undefined
    assert compiled.overfull <= 5


def test_a_page_is_built_again_when_its_model_file_changes(tmp_path: Path) -> None:
    page = "Equations\n=========\n\n.. backprop:: model.toml\n   :equation: composition\n"
    folder = project(tmp_path / "docs", page, CONF + 'exclude_patterns = ["other.md"]\n')
    assert build(folder, "html", "--fail-on-warning").returncode == 0
    assert "0 changed" in build(folder, "html").stdout
    model = folder / "model.toml"
    model.write_text(MODEL.replace("sigmoid", "tanh"), encoding="utf-8")
    again = build(folder, "html", "--fail-on-warning")
    assert "1 changed" in again.stdout
    assert r"\tanh" in (folder / "out" / "html" / "index.html").read_text(encoding="utf-8")


WRONG = [
    (".. backprop:: general\n   :equation: v", "no equation labelled 'v'"),
    (".. backprop:: general\n   :notation: nobody", "unknown notation 'nobody'"),
    (".. backprop:: general\n   :detail: much", "unknown detail 'much'"),
    (".. backprop:: general\n   :wrt: q", "there is no q"),
    (".. backprop:: particular", "unknown model 'particular'"),
    (".. backprop:: missing.toml", "missing.toml"),
    (".. backprop:: model.toml\n   :cost: squared_error", "names its activations and its cost"),
    (".. backprop:: general\n   :colour: red", 'unknown option: "colour"'),
    (".. backprop:: general\n   :equation:", "equation"),
    (".. backprop::", "1 argument(s) required"),
]


def test_errors_name_the_file_and_the_line(tmp_path: Path) -> None:
    title = "Equations\n=========\n\n"
    page = title + "\n\n".join(text for text, _ in WRONG) + "\n"
    folder = project(tmp_path / "docs", page, CONF + 'exclude_patterns = ["other.md"]\n')
    result = build(folder, "html", "--fail-on-warning", "--keep-going")
    assert result.returncode != 0
    place = 0
    for text, message in WRONG:
        place = page.index(text, place + 1)
        line = page[:place].count("\n") + 1
        (found,) = re.findall(rf"index\.rst:{line}: ERROR: (.*(?:\n(?!/).*)*)", result.stderr)
        assert message in found


@pytest.mark.parametrize(("model", "detail", "notation"), pairwise(MODELS, DETAILS, NOTATIONS))
def test_bodies_are_what_builders_want(model: str, detail: str, notation: str) -> None:
    for section in laid_out(model, detail, notation).sections:
        for equation in section.equations:
            text = body(equation)
            bare = re.sub(r"\\begin\{(\w+)\}.*?\\end\{\1\}", "", text, flags=re.DOTALL)
            if r"\\" in bare:
                assert all(row.count("&") == 1 for row in bare.split(r"\\"))
                check(rf"\begin{{aligned}}{text}\end{{aligned}}")
            else:
                assert "&" not in bare
                check(text)
