"""What the tests of documents share: derivations made once, every combination, pairwise ones."""

import re
from collections.abc import Sequence
from functools import cache
from itertools import combinations, product

from symbackprop.documents.formats.formats import detail_named, format_named, render
from symbackprop.documents.layout import Layout
from symbackprop.documents.views import DocumentView
from symbackprop.network import Derivation, Network, Report
from symbackprop.notation.printers.styles import COLOURED
from symbackprop.notation.profiles import PROFILES, profile
from tests.support.math import check_formula

MODELS = ("general", "chain", "3-2", "4-3-2")
DETAILS = ("brief", "standard", "full")
NOTATIONS = tuple(row.name for row in PROFILES)
ENGINES = ("pdflatex", "lualatex")

_COLOUR = re.compile(r"\\textcolor\{sbp[A-Z][a-z]+\}")
_WRAPPER = re.compile(r"\\{1,2}textcolor\{sbp[A-Z][a-z]+\}\{")


@cache
def derived(model: str) -> tuple[Derivation, Report]:
    """A derivation with its verification, made once."""
    derivation = Network.named(model).derive()
    report = derivation.verify()
    report.require()
    return derivation, report


def laid_out(
    model: str, detail: str, notation: str, format_name: str = "latex", colour: bool = False
) -> DocumentView:
    """What a format's writer receives."""
    derivation, report = derived(model)
    row = format_named(format_name)
    style = COLOURED if colour else row.style
    layout = Layout(derivation.derived, profile(notation), style, detail_named(detail), row.page)
    return layout.document(derivation.title, report)


def rendered(
    model: str, format_name: str, detail: str = "standard", notation: str = "deeplizard", **options
) -> str:
    """A document as its user gets it, from the one verification."""
    derivation, report = derived(model)
    return render(
        derivation.derived,
        report,
        format_name,
        detail=detail,
        notation=notation,
        title=derivation.title,
        **options,
    )


def check(formula: str) -> None:
    """A formula is valid; the colours that the validator cannot know are known by name only."""
    check_formula(_COLOUR.sub(r"\\textcolor{red}", formula))


def without_colours(text: str) -> str:
    """The text, or what repr makes of it, with every term taken out of its colour."""
    kept: list[str] = []
    closing: list[bool] = []
    place = 0
    while place < len(text):
        wrapper = _WRAPPER.match(text, place)
        if wrapper:
            closing.append(False)
        elif text[place] == "{":
            closing.append(True)
        keeps = not wrapper
        if text[place] == "}" and closing:
            keeps = closing.pop()
        kept.append(text[place] if keeps else "")
        place = wrapper.end() if wrapper else place + 1
    return "".join(kept)


def pairwise(*factors: Sequence[str]) -> list[tuple[str, ...]]:
    """Few combinations in which every pair of two factors' values stands together somewhere."""
    open_pairs = {
        (i, a, j, b)
        for (i, one), (j, other) in combinations(enumerate(factors), 2)
        for a in one
        for b in other
    }
    every = list(product(*factors))
    chosen: list[tuple[str, ...]] = []
    while open_pairs:
        best = max(every, key=lambda row: len(_pairs(row) & open_pairs))
        chosen.append(best)
        open_pairs -= _pairs(best)
    return chosen


def _pairs(row: tuple[str, ...]) -> set[tuple[int, str, int, str]]:
    return {(i, a, j, b) for (i, a), (j, b) in combinations(enumerate(row), 2)}
