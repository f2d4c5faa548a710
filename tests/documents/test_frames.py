"""Slides: all that a document says, in its order, on slides that it fits."""

import re
from dataclasses import replace

import pytest

from symbackprop.documents.formats.frames import FrameView, frames
from symbackprop.documents.measure.height import height, words_height
from symbackprop.documents.views import EquationView, LineView, SectionView, StepView, TableView
from tests.documents.support import DETAILS, MODELS, NOTATIONS, check, laid_out, pairwise

CASES = pairwise(MODELS, DETAILS, NOTATIONS)


@pytest.mark.parametrize(("model", "detail", "notation"), CASES)
def test_every_line_has_its_reveal_and_its_reason(model: str, detail: str, notation: str) -> None:
    for section in laid_out(model, detail, notation, "beamer").sections:
        reveals = [reveal for frame in frames(section) for reveal in frame.reveals]
        lines = [(equation, line) for equation in section.equations for line in equation.lines]
        assert len(reveals) == len(lines)
        for reveal, (equation, line) in zip(reveals, lines, strict=True):
            assert all(piece in reveal.rows for piece in line.pieces)
            if len(equation.lines) > 1:
                assert reveal.note == line.sentence


@pytest.mark.parametrize(("model", "detail", "notation"), CASES)
def test_every_slide_is_a_valid_display(model: str, detail: str, notation: str) -> None:
    for section in laid_out(model, detail, notation, "beamer", colour=True).sections:
        for frame in frames(section):
            if frame.reveals:
                rows = "\n".join(reveal.rows for reveal in frame.reveals)
                check(rf"\begin{{align*}} {rows} \end{{align*}}")
                assert not re.match(r"\s*&", rows), "a slide begins with a left side"


def section(*lengths: int, right: str = r"\frac{a}{b}") -> SectionView:
    """A section of equations with so many lines."""
    equations = [
        EquationView(
            f"eq:{number}",
            f"x_{number}",
            "=",
            tuple(LineView((f"{right} + {n}",), "rule", True, "Why.") for n in range(length)),
            (),
        )
        for number, length in enumerate(lengths)
    ]
    return SectionView("sec:one", "One", (), tuple(equations))


def counts(parts: tuple[FrameView, ...]) -> list[int]:
    return [len(frame.reveals) for frame in parts]


def test_what_fits_stays_together() -> None:
    assert counts(frames(section(2, 2))) == [4]
    assert [frame.title for frame in frames(section(2, 2))] == ["One"]


def test_an_equation_that_does_not_fit_below_begins_a_slide() -> None:
    parts = frames(section(3, 3))
    assert counts(parts) == [3, 3]
    assert [frame.title for frame in parts] == ["One (1/2)", "One (2/2)"]
    assert [frame.section for frame in parts] == ["One", ""]


def test_a_long_equation_goes_on_with_its_left_side() -> None:
    parts = frames(section(12))
    assert sum(counts(parts)) == 12
    assert all(frame.reveals[0].rows.startswith("x_0 ") for frame in parts)
    assert all(not one.rows.startswith("x_0 ") for frame in parts for one in frame.reveals[1:])


@pytest.mark.parametrize("length", range(1, 30))
def test_no_last_line_stands_alone(length: int) -> None:
    assert length == 1 or counts(frames(section(length)))[-1] > 1


def test_only_the_last_line_of_a_slide_has_no_ending() -> None:
    for frame in frames(section(1, 12, 2)):
        *others, last = (reveal.rows for reveal in frame.reveals)
        assert all(re.search(r"\\\\(\[5pt\])?$", rows) for rows in others)
        assert not last.endswith("\\")


def test_steps_tables_and_code_are_split_too() -> None:
    whole = replace(
        section(),
        steps=tuple(StepView(0, ()) for _ in range(9)),
        tables=(TableView(("a",), tuple((str(n),) for n in range(20))),),
        code=tuple(str(n) for n in range(20)),
    )
    parts = frames(whole)
    assert [len(frame.steps) for frame in parts if frame.steps] == [8, 1]
    rows = [row for frame in parts for table in frame.tables for row in table.rows]
    assert rows == [(str(n),) for n in range(20)]
    assert [line for frame in parts for line in frame.code] == [str(n) for n in range(20)]


def test_the_head_of_a_loop_goes_with_its_body() -> None:
    steps = tuple(StepView(indent, ()) for indent in (0, 0, 0, 0, 0, 0, 0, 0, 1, 1))
    assert [len(one.steps) for one in frames(replace(section(), steps=steps))] == [7, 3]


def test_a_section_of_words_is_a_slide() -> None:
    (frame,) = frames(replace(section(), paragraphs=((),)))
    assert frame.paragraphs == ((),)


def test_heights_grow_with_what_is_set() -> None:
    one = r"\sum_{j=0}^{n} a_j"
    rows = rf"\begin{{cases}} {one} & x \\[20pt] {one} & y \end{{cases}}"
    assert height("a") < height(r"\frac{a}{b}") < height(one) < height(rows)
    assert words_height(10, 0, 365) < words_height(1000, 0, 365) < words_height(1000, 365, 365)
