"""Tokens keep what stood where."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from symbackprop.reading import NotUnderstood, parse, tokenize
from symbackprop.reading.tokens import Kind, Space


def texts(formula: str) -> list[str]:
    return [token.text for token in tokenize(formula)]


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("3.5x", ["3.5", "x"]),
        ("a^1.w^2", ["a", "^", "1", ".", "w", "^", "2"]),
        ("1.w", ["1", ".", "w"]),
        (r"a \leq b ≤ c", ["a", "\\le", "b", "\\le", "c"]),
        ("wx + net + z2 + learningRate", ["w", "x", "+", "net", "+", "z2", "+", "learningRate"]),
        (r"\left( a \big) \right.", ["(", "a", ")"]),
        (r"a % b" + "\n c", ["a", "c"]),
        (r"\text{for all $l$ here}", ["for all", "l", "here"]),
        (r"\text{out} \mathrm{d} \mathrm{new}", ["out", "\\mathrm", "{", "d", "}", "new"]),
        ("f''", ["f", "''"]),
        (r"\textcolor{red}{a}", ["\\textcolor", "{", "a", "}"]),
        (r"a \\[2pt] [b]", ["a", "\\\\", "[", "b", "]"]),
    ],
)
def test_tokens(formula: str, expected: list[str]) -> None:
    assert texts(formula) == expected


@pytest.mark.parametrize(
    ("formula", "words"),
    [
        (r"Note \space that \space we \space re-write \space a", "Note that we re-write"),
        (r"a \quad where \quad b", "where"),
        (r"a \quad if \quad b", "if"),
        (r"which \space is", "which is"),
        (r"a \text{ where, for example, } b", "where, for example"),
        (r"where \space net = a", "where"),
        (r"where \space a = b", "where"),
        (r"x \space y \space z", None),
        (r"wx \space ab", None),
        (r"net_j \space out_j", None),
        (r"net \space (out)", None),
        ("learningRate * x", None),
        (r"\text{loss} = x", None),
    ],
)
def test_words_are_told_from_symbols(formula: str, words: str | None) -> None:
    found = [token.text for token in tokenize(formula) if token.kind is Kind.WORDS]
    assert found == ([] if words is None else [words])


def test_white_space_is_kept_in_front_of_tokens() -> None:
    formula = r"ab c\,d\space e\quad f~g"
    spaces = [token.before for token in tokenize(formula)]
    none, plain, thin, text, gap = list(Space)[:5]
    assert spaces == [none, none, plain, thin, text, gap, text]


@given(
    st.lists(st.sampled_from(["a", "wx", "net", "z2", "3.5", r"\sigma", "{", "}", " ", "^", "+"]))
)
def test_offsets_point_at_what_was_typed(pieces: list[str]) -> None:
    formula = " ".join(pieces)
    for token in tokenize(formula):
        assert formula[token.start : token.end].removeprefix("\\") == token.text


def test_looks_are_kept_as_notes() -> None:
    (statement,) = parse(
        r"\textcolor{red}{a} = \underbrace{b}_{\text{x}} \alert<2>{c} \mathbf{d f}"
    )
    notes = [(note.command, note.argument) for note in statement.notes]
    expected = [("\\textcolor", "red"), ("\\underbrace", "\\text{x}"), ("\\alert", "<2>")]
    assert notes == [*expected, ("\\mathbf", "")]


@pytest.mark.parametrize(
    "formula", [r"\text{a", r"\text{$a}", r"\left", r"\not a", "\\", r"\hspace"]
)
def test_what_is_no_token_is_refused(formula: str) -> None:
    with pytest.raises(NotUnderstood):
        parse(formula)
