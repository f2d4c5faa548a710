"""HTML: self-contained, every formula said by its meaning, links that hold, light and dark."""

import re
import xml.etree.ElementTree as ET
from html import unescape
from pathlib import Path

import pytest

from symbackprop.documents.colours import PALETTE
from symbackprop.documents.formats.html import DARK, mathml
from tests.documents_web.support import CASES, document
from tests.support.browser import dom, screenshot

MATH = re.compile(r"<math.*?</math>", re.DOTALL)
MARKUP = re.compile(r"[\\_^{}∂Σ∇]")


@pytest.mark.parametrize(("model", "notation", "detail"), CASES)
def test_every_formula_has_words(model: str, notation: str, detail: str) -> None:
    page = document(model, "html", notation=notation, detail=detail)
    formulas = MATH.findall(page)
    assert len(formulas) > 50
    for formula in formulas:
        math = ET.fromstring(formula.replace("&nbsp;", " "))
        if math.get("aria-hidden") == "true":
            continue
        said = math.get("alttext")
        assert said
        assert said == math.get("aria-label")
        assert not MARKUP.search(said), said
        assert "the power l" not in said
        assert "to the l" not in said.replace("to the local", "")


@pytest.mark.parametrize(("model", "notation", "detail"), CASES[::5])
def test_the_page_stands_alone(model: str, notation: str, detail: str) -> None:
    page = document(model, "html", notation=notation, detail=detail)
    assert "<script" not in page
    assert not re.search(r'(?:src|href)="(?!#)', page)
    ids = re.findall(r' id="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    links = re.findall(r'href="#([^"]+)"', page)
    assert set(links) <= set(ids)
    assert page.count('class="equation"') == page.count('class="number"')
    assert "\\" not in MATH.sub("", page).split("</style>")[1]


def test_what_is_said_of_a_weight_and_a_derivative() -> None:
    page = unescape(document("general", "html"))
    weight = "the weight from node k in layer l minus 1 to node j in layer l"
    assert f'alttext="{weight}"' in page
    assert f'alttext="the derivative of the cost of one sample by {weight}"' in page
    assert 'alttext="becomes' in page


def test_the_same_page_in_numbers_of_formulas_whatever_the_notation() -> None:
    counts = {
        notation: len(re.findall(r'class="equation"', document("3-2", "html", notation=notation)))
        for notation in ("deeplizard", "ng")
    }
    assert len(set(counts.values())) == 1


def test_roles_have_colours_on_light_and_dark_pages() -> None:
    assert set(DARK) == {colour.role for colour in PALETTE}
    shown = mathml(
        r"\textcolor{sbpParameter}{w} + \textcolor{sbpAdjoint}{d}", "w plus d", display=False
    )
    assert 'class="parameter"' in shown
    assert 'class="adjoint"' in shown
    assert "style=" not in shown


def test_the_browser_shows_it_light_and_dark(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text(document("4-3-2", "html", "w[2,2]@L-1", "b", detail="full"), encoding="utf-8")
    light = screenshot(page, tmp_path / "light.png").read_bytes()
    dark = screenshot(page, tmp_path / "dark.png", dark=True).read_bytes()
    assert light != dark
    assert min(len(light), len(dark)) > 50_000
    assert "merror" not in dom(page)
