"""Every format that LaTeX reads is compiled, and nothing on its pages is too wide or too high."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from symbackprop.cli import main
from symbackprop.model.model import Model
from symbackprop.network import derive
from tests.documents.support import DETAILS, ENGINES, MODELS, NOTATIONS, pairwise, rendered
from tests.support import FULL, rotating
from tests.support.latex import compile_tex
from tests.support.networks import NETWORKS

FORMATS = ("latex", "fragment", "beamer", "handout")

HOST = r"""\documentclass[%s]{article}
\usepackage[T1]{fontenc}
\usepackage{lmodern}
\usepackage{hyperref}
\usepackage{symbackprop}
\begin{document}
The update is in \cref{eq:update:w}, the gradient in \eqref{eq:gradient}.
\Cref{eq:composition} is the cost.
\input{equations}
\end{document}
"""


@pytest.mark.parametrize(
    ("format_name", "model", "detail", "notation", "engine"),
    pairwise(FORMATS, MODELS, DETAILS, NOTATIONS, ENGINES),
)
def test_it_compiles(
    format_name: str, model: str, detail: str, notation: str, engine: str, tmp_path: Path
) -> None:
    source = rendered(model, format_name, detail, notation, colour=detail != "brief")
    if format_name == "fragment":
        (tmp_path / "equations.tex").write_text(source, encoding="utf-8")
        (tmp_path / "symbackprop.sty").write_text(rendered(model, "sty"), encoding="utf-8")
        source = HOST % ("11pt" if engine == "pdflatex" else "10pt")
    compiled = compile_tex(source, tmp_path, engine)
    assert not compiled.errors
    assert not compiled.undefined
    assert compiled.overfull <= 5
    assert compiled.pdf is not None


def test_slides_of_numbers_and_code(tmp_path: Path) -> None:
    path = tmp_path / "slides.tex"
    command = ["derive", "3-2", "--format", "handout", "--seed", "1", "--code", "-o", str(path)]
    assert CliRunner().invoke(main, command).exit_code == 0
    compiled = compile_tex(path, tmp_path / "out")
    assert not compiled.errors
    assert compiled.overfull <= 5


def test_slides_show_their_notes(tmp_path: Path) -> None:
    slides = rendered("chain", "beamer", "brief")
    hidden = r"% \setbeameroption{show notes}"
    assert hidden in slides
    compiled = compile_tex(slides.replace(hidden, hidden.removeprefix("% ")), tmp_path)
    assert not compiled.errors
    assert compiled.overfull <= 5


def test_slides_become_a_handout_without_another_file(tmp_path: Path) -> None:
    slides = rendered("chain", "beamer")
    talk = compile_tex(slides, tmp_path / "talk")
    switched = r"\PassOptionsToClass{handout}{beamer}" + "\n" + slides
    handout = compile_tex(switched, tmp_path / "switched")
    asked = compile_tex(rendered("chain", "handout"), tmp_path / "handout")
    assert not handout.errors
    assert talk.pages > handout.pages == asked.pages


def test_a_fragment_alone_needs_only_amsmath(tmp_path: Path) -> None:
    (tmp_path / "piece.tex").write_text(rendered("general", "fragment", only="w"), encoding="utf-8")
    host = (
        "\\documentclass{article}\n\\usepackage{amsmath}\n\\begin{document}\n"
        "As in \\eqref{eq:w}\n\\input{piece}\nabove.\n\\end{document}\n"
    )
    compiled = compile_tex(host, tmp_path)
    assert not compiled.errors
    assert not compiled.undefined


WAYS = tuple((form, detail) for form in ("chain", "delta", "index") for detail in DETAILS)


@pytest.mark.parametrize(
    ("model", "way"),
    rotating(NETWORKS, WAYS, 1)[:: 1 if FULL else 5],
    ids=lambda one: one.name if isinstance(one, Model) else "-".join(one),
)
def test_networks_of_the_literature_fit_the_page(
    model: Model, way: tuple[str, str], tmp_path: Path
) -> None:
    form, detail = way
    derivation = derive(model, form=form)
    source = derivation.render("latex", detail=detail)
    compiled = compile_tex(source, tmp_path)
    assert not compiled.errors
    assert not compiled.undefined
    assert compiled.overfull <= 5
