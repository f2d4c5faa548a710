"""The LaTeX articles: they compile under both engines, fit the page, and are valid formulas."""

from functools import cache
from pathlib import Path

import pytest

from symbackprop.network import Network
from tests.documents.support import pairwise
from tests.support.latex import compile_tex
from tests.support.math import check_formula, formulas

# Every pair of a model, a detail and an engine, in as few documents as there are of the first two.
DOCUMENTS = pairwise(
    ("general", "chain", "3-2", "4-3-2"), ("brief", "standard", "full"), ("pdflatex", "lualatex")
)
OVERFULL = 5.0
"""How many points a box may stick out."""


@cache
def article(model: str, detail: str) -> str:
    """The article of a built-in model."""
    return Network.named(model).derive().to_latex(detail=detail)


@pytest.mark.parametrize(("model", "detail", "engine"), DOCUMENTS)
def test_an_article_compiles_and_fits_the_page(
    model: str, detail: str, engine: str, tmp_path: Path
) -> None:
    result = compile_tex(article(model, detail), tmp_path, engine)
    assert result.errors == ()
    assert result.undefined == ()
    assert "multiply defined" not in result.log
    assert result.pdf is not None
    assert 2 <= result.pages <= 12
    assert result.overfull <= OVERFULL


@pytest.mark.parametrize("detail", ["brief", "standard", "full"])
@pytest.mark.parametrize("model", ["general", "chain", "3-2", "4-3-2"])
def test_the_formulas_of_an_article_are_valid(model: str, detail: str) -> None:
    found = formulas(article(model, detail))
    assert len(found) > 20
    for formula in found:
        check_formula(formula.body, display=formula.display)


@pytest.mark.parametrize("detail", ["brief", "standard", "full"])
def test_numbered_weights_fit_the_page(detail: str, tmp_path: Path) -> None:
    derivation = Network.from_sizes("4-3-3").derive("w[1,2]@L", "w[2,2]@L-1")
    result = compile_tex(derivation.to_latex(detail=detail), tmp_path)
    assert result.errors == ()
    assert result.overfull <= OVERFULL
