"""Displays are found with their places, and nothing else is."""

import pytest

from symbackprop.reading import NotUnderstood, displays, parse
from tests.support.sexpr import to_sexpr

MARKDOWN = {
    "dollars": ("a $x$\n$$a=b$$\n", ["a=b"]),
    "two on a line": ("$$a$$ and $$b$$", ["a", "b"]),
    "blank lines within": ("$$\n\na\n\n$$", ["a"]),
    "brackets": (r"\(x\) \[a\]", ["a"]),
    "environment": (r"\begin{align*}a&=b\end{align*}", ["a&=b"]),
    "nested": (r"$$\begin{aligned}a\end{aligned}$$", [r"\begin{aligned}a\end{aligned}"]),
    "rows in a line": (
        r"$\displaystyle\begin{aligned}a\end{aligned}$",
        [r"\displaystyle\begin{aligned}a\end{aligned}"],
    ),
    "fence": ("```math\na\n```\n~~~python\n$$b$$\n~~~\n", ["a"]),
    "directive": ("```{math}\n:label: x\n\na\n```", ["a"]),
    "directive with yaml": ("```{math}\n---\nlabel: x\n---\na\n```", ["a"]),
    "colons": (":::{math}\na\n:::\n::: note\n$$b$$\n:::", ["a", "b"]),
    "code": ("`$$` $$a$$ ``x ` $$`` ", ["a"]),
    "comment": ("<!-- $$a$$ --> $$b$$", ["b"]),
    "percent in prose": ("100% of $$a$$", ["a"]),
    "prices": ("from $5 to $6: $$a$$", ["a"]),
    "escaped": (r"\$$5$ $$a$$", ["a"]),
    "in a list": ("- x\n\n    $$\n    a\n    $$\n", ["a"]),
    "in a quotation": ("> $$\n> a\n> b\n> $$\n", ["a\n  b"]),
    "fence in a quotation": ("> ```math\n> a\n> ```\n", ["a"]),
    "open code": ("```\n$$a$$", []),
    "preformatted": ("<pre>$$a$$</pre>$$b$$", ["b"]),
}
TEX = {
    "comment": ("% $$a$$\n$$b$$ 50\\% $$c$$", ["b", "c"]),
    "verbatim": (r"\begin{verbatim}$$a$$\end{verbatim}\[b\]", ["b"]),
    "verb": (r"\verb|$$| \verb+\[+ $$a$$", ["a"]),
    "row breaks": (r"a\\[2pt] b \[c\]", ["c"]),
    "inline side by side": (r"$a$$b$ \[c\]", ["c"]),
    "macros": (r"\newcommand{\be}[1][x]{\begin{equation}} \def\x#1{$$} \[a\]", ["a"]),
    "body": (r"$$a$$\begin{document}$$b$$\end{document}$$c$$", ["b"]),
    "alignat": (r"\begin{alignat}{2} a &= b \end{alignat}", ["a &= b"]),
    "split": (
        r"\begin{equation}\begin{split}a\end{split}\end{equation}",
        [r"\begin{split}a\end{split}"],
    ),
    "other environments": (r"\begin{figure}\end{figure}\begin{multline}a\end{multline}", ["a"]),
}


@pytest.mark.parametrize(("text", "expected"), MARKDOWN.values(), ids=MARKDOWN.keys())
def test_markdown(text: str, expected: list[str]) -> None:
    found = displays(text, "markdown")
    assert [display.text.strip() for display in found] == expected
    assert not any(display.problem for display in found)


@pytest.mark.parametrize(("text", "expected"), TEX.values(), ids=TEX.keys())
def test_tex(text: str, expected: list[str]) -> None:
    found = displays(text, "tex")
    assert [display.text.strip() for display in found] == expected
    assert not any(display.problem for display in found)


@pytest.mark.parametrize(
    ("text", "line", "column", "others"),
    [
        ("x\n$$ a", 2, 1, 0),
        ("\\[ a\n\n\\[ b \\]", 1, 1, 1),
        ("a \\] b $$c$$", 1, 3, 1),
        ("\\end{align} $$c$$", 1, 1, 1),
        ("\\begin{align} a\n\n\\begin{align} b \\end{align}", 1, 1, 1),
        ("```math\na", 1, 1, 0),
    ],
)
def test_what_does_not_balance_is_reported(text: str, line: int, column: int, others: int) -> None:
    found = displays(text, "markdown")
    broken = [display for display in found if display.problem]
    assert len(broken) == 1
    assert len(found) == 1 + others
    with pytest.raises(NotUnderstood) as caught:
        parse(broken[0])
    assert (caught.value.line, caught.value.column) == (line, column)


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("$$a=b$$ {#eq-x}", "eq-x"),
        ("$$a=b$$ (x:y)\n", "x:y"),
        ("```{math}\n:label: x\na=b\n```", "x"),
        ("$$a=b$$ (see above)", ""),
    ],
)
def test_labels_outside(text: str, label: str) -> None:
    (display,) = displays(text, "markdown")
    assert display.label == label
    (statement,) = parse(display)
    assert [each.text for each in statement.labels] == [label] * bool(label)


def test_places_are_those_of_the_file() -> None:
    text = "one\n\n> $$\n>   a = \\foo\n> $$\n"
    (display,) = displays(text, "markdown")
    assert (display.position.line, display.position.column) == (3, 3)
    with pytest.raises(NotUnderstood) as caught:
        parse(display)
    assert text[caught.value.offset :].startswith("\\foo")
    assert (caught.value.line, caught.value.column) == (4, 9)
    assert str(caught.value) == (
        "line 4, column 9: met '\\foo'; expected a command that the reader knows"
    )


def test_nodes_have_their_places() -> None:
    text = "x $$w_{jk}^{(l)} = \\mathbf{b} + \\left(c\\right)^2$$"
    (display,) = displays(text, "markdown")
    (statement,) = parse(display)
    relation = statement.body
    members = [text[member.start : member.end] for member in relation.members]  # type: ignore[attr-defined]
    assert members == ["w_{jk}^{(l)}", "b} + \\left(c\\right)^2"]


def test_rows_of_a_display_are_statements() -> None:
    text = r"\begin{align} a &= b \label{x} \\ &= c \\ d &= e \nonumber \end{align}"
    (display,) = displays(text, "tex")
    found = [to_sexpr(statement) for statement in parse(display)]
    assert found == ["(statement (= a b c) (label x))", r'(statement (= d e) (words "\nonumber"))']


def test_multline_is_one_formula_and_eqnarray_has_no_columns() -> None:
    (multline,) = displays(r"\begin{multline} a = b \\ - c \\ - d = e \end{multline}", "tex")
    assert [to_sexpr(each) for each in parse(multline)] == ["(= a (+ b (- c) (- d)) e)"]
    (eqnarray,) = displays(r"\begin{eqnarray} a &=& b \\ &=& c \end{eqnarray}", "tex")
    assert [to_sexpr(each) for each in parse(eqnarray)] == ["(= a b c)"]
