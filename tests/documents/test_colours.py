"""Colours: one for each role, on whole terms, told apart by everybody, and never alone."""

import itertools
import re

import pytest

from symbackprop.documents.colours import PALETTE
from symbackprop.documents.measure.width import width
from tests.documents.support import (
    DETAILS,
    MODELS,
    NOTATIONS,
    check,
    laid_out,
    pairwise,
    rendered,
    without_colours,
)

#: How people see who lack one kind of cone (Machado, Oliveira and Fernandes 2009, severity 1).
VISION = {
    "usual": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protanopia": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "tritanopia": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}
Vector = tuple[float, ...]


def linear(html: str) -> Vector:
    parts = (int(html[n : n + 2], 16) / 255 for n in (0, 2, 4))
    return tuple(p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)


def times(matrix: tuple[Vector, ...], vector: Vector) -> Vector:
    return tuple(sum(a * b for a, b in zip(row, vector, strict=True)) for row in matrix)


def luminance(colour: Vector) -> float:
    return sum(a * b for a, b in zip((0.2126, 0.7152, 0.0722), colour, strict=True))


def lab(colour: Vector) -> Vector:
    to_xyz = ((0.4124, 0.3576, 0.1805), (0.2126, 0.7152, 0.0722), (0.0193, 0.1192, 0.9505))
    xyz = times(to_xyz, tuple(min(max(part, 0.0), 1.0) for part in colour))
    x, y, z = (
        t ** (1 / 3) if t > 0.008856 else 7.787 * t + 16 / 116
        for t in (part / white for part, white in zip(xyz, (0.9505, 1, 1.089), strict=True))
    )
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


@pytest.mark.parametrize("vision", VISION)
def test_everybody_can_tell_the_colours_apart(vision: str) -> None:
    seen = [lab(times(VISION[vision], linear(one.html))) for one in PALETTE]
    nearest = min(
        sum((a - b) ** 2 for a, b in zip(*pair, strict=True)) ** 0.5
        for pair in itertools.combinations(seen, 2)
    )
    assert nearest > 15


def test_they_differ_in_grey() -> None:
    lightness = sorted(lab(linear(one.html))[0] for one in PALETTE)
    assert min(b - a for a, b in itertools.pairwise(lightness)) > 4


def test_each_can_be_read_on_white() -> None:
    contrast = [1.05 / (luminance(linear(one.html)) + 0.05) for one in PALETTE]
    assert min(contrast) >= 4.5


@pytest.mark.parametrize(("model", "detail", "notation"), pairwise(MODELS, DETAILS, NOTATIONS))
def test_colours_change_nothing_but_colours(model: str, detail: str, notation: str) -> None:
    plain = laid_out(model, detail, notation)
    coloured = laid_out(model, detail, notation, colour=True)
    for one, other in zip(plain.sections, coloured.sections, strict=True):
        assert repr(one) == without_colours(repr(other))


def test_a_wrapper_has_no_width() -> None:
    formula = r"\frac{\partial C_0}{\partial w_{jk}^{(l)}}"
    assert width(rf"\textcolor{{sbpAdjoint}}{{{formula}}}") == width(formula)
    assert width(rf"a \textcolor{{sbpAdjoint}}{{{formula}}} b") == width(f"a {formula} b")


def role_of(text: str, term: str) -> set[str]:
    """The colours in which a term is set, wherever it stands by itself."""
    return set(re.findall(r"\\textcolor\{(\w+)\}\{" + re.escape(term) + r"\}", text))


@pytest.mark.parametrize(
    ("term", "colour"),
    [
        ("x_k", "sbpInput"),
        ("w_{jk}^{(l)}", "sbpParameter"),
        ("z_j^{(l)}", "sbpIntermediate"),
        ("y_j", "sbpTarget"),
        ("C_0", "sbpCost"),
        (r"\frac{\partial C_0}{\partial w_{jk}^{(l)}}", "sbpAdjoint"),
        (r"\frac{\partial C_s}{\partial w_{jk}^{(l)}}", "sbpAdjoint"),
        (r"\frac{\partial z_j^{(l)}}{\partial w_{jk}^{(l)}}", "sbpLocal"),
        (r"g^{(l)\prime}(z_j^{(l)})", "sbpSlope"),
    ],
)
def test_a_term_has_one_colour_through_all_steps(term: str, colour: str) -> None:
    assert role_of(rendered("general", "fragment", "full", colour=True), term) == {colour}


def test_a_colour_is_never_inside_another() -> None:
    for match in re.finditer(
        r"\\textcolor\{\w+\}", text := rendered("3-2", "fragment", colour=True)
    ):
        depth, place = 1, match.end() + 1
        while depth:
            depth += {"{": 1, "}": -1}.get(text[place], 0)
            assert not text.startswith(r"\textcolor", place)
            place += 1


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("notation", NOTATIONS)
def test_the_legend_shows_terms_of_each_role(model: str, notation: str) -> None:
    view = laid_out(model, "full", notation, colour=True)
    used = set(re.findall(r"\\textcolor\{(\w+)\}", repr(view.sections)))
    assert used <= {one.name for one in view.colours}
    document = rendered(model, "latex", notation=notation, colour=True)
    for one in view.colours:
        assert one.examples
        for example in one.examples:
            check(example)
            assert one.name in example
        assert one.meaning in document


def test_without_asking_there_is_no_colour() -> None:
    assert laid_out("3-2", "full", "deeplizard").colours == ()
    assert "color" not in rendered("3-2", "latex")
