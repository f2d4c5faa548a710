"""Whatever is written, the answer is a result or NotUnderstood, and it comes soon."""

import time
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from symbackprop.reading import NotUnderstood, displays, parse, vocabulary
from tests.reading.formulas import rows
from tests.support.sexpr import to_sexpr

_OTHER = r"""
    { } { } ^ _ a b d dw net where for z2 1 3.5 = + - $ \( \) \\ & % [ ] ( ) ' ! # é σ ² \ | ||
    \frac{\partial \partial \sqrt[ {red} \operatorname{ <2-> \not \text{for$ $} \label{x}
    \left \right \left( \right) \left\{ \right. \begin{aligned} \end{aligned} \begin{cases}
    \end{cases} \begin{array}{c} \end{array} ``` $$ \[ \] > <!-- ` \begin{verbatim}
"""
_TABLES = (vocabulary.TOKENS, vocabulary.WRAPPERS, vocabulary.TEXTS, vocabulary.SPACES)
FRAGMENTS = sorted(
    {*_OTHER.split(), "\n", "\n\n", " ", *(name for table in _TABLES for name in table)}
)
NOISE = st.lists(st.sampled_from(FRAGMENTS), max_size=30).map("".join) | st.text(max_size=40)


def result_or_refusal(text: str) -> None:
    refusal = None
    try:
        for statement in parse(text):
            assert to_sexpr(statement)
            assert 0 <= statement.start <= statement.end <= len(text)
    except NotUnderstood as error:
        refusal = error
    if refusal is not None:
        assert 0 <= refusal.offset <= len(text)
        assert min(refusal.line, refusal.column) >= 1


@given(NOISE)
def test_any_formula(text: str) -> None:
    result_or_refusal(text)


@given(st.data())
def test_any_formula_with_something_taken_out_or_put_in(data: st.DataObject) -> None:
    text = data.draw(st.sampled_from([row.formula for row in rows()]))
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 5)))
    result_or_refusal(text[:start] + data.draw(st.sampled_from(FRAGMENTS)) + text[end:])


@given(NOISE)
def test_any_file(text: str) -> None:
    for file in (text, f"$${text}$$", f"```math\n{text}\n```"):
        for found in (*displays(file, "tex"), *displays(file, "markdown")):
            assert file[found.start : found.end]
            if found.problem is None:
                result_or_refusal(found.text)


@pytest.mark.parametrize(
    ("unit", "closing"),
    [
        ("(", ")"),
        ("{", "}"),
        ("-(a+b\\odot c*d", ")"),
        ("a_{b+", "}"),
        ("\\frac{a+b \\odot ", "}{2}"),
        ("\\max(a, b=c+d\\odot e*", ")"),
        ("\\begin{cases} a & x = -c\\odot d* ", "\\end{cases}"),
        ("\\sum_j -", ""),
        ("\\hat{", "}"),
        ("\\log ", ""),
        ("\\text{$", "$}"),
    ],
)
def test_nesting_has_a_limit_and_below_it_all_is_well(unit: str, closing: str) -> None:
    for depth in (1, 5, 10, 20, 28, 30, 100, 2000):
        result_or_refusal(unit * depth + "x" + closing * depth)
    with pytest.raises(NotUnderstood):
        parse(unit * 2000 + "x" + closing * 2000)


def _seconds(action: object, text: str) -> float:
    started = time.process_time()
    with suppress(NotUnderstood):
        action(text)  # type: ignore[operator]
    return time.process_time() - started


def _check_linear(action: object, unit: str) -> None:
    """Four times as much text may take ten times as long, and not sixteen times.

    In processor time, and in one of three attempts: other work must not decide.
    """
    short, long = (unit * (size // len(unit)) for size in (4_000, 16_000))
    attempts = ((_seconds(action, short), _seconds(action, long)) for _ in range(3))
    assert any(more < 10 * less + 0.2 for less, more in attempts)


FORMULAS = r"""
a+|a |{a}|(a \\ |is \space |word \space |a, |a(b)|a \\ |a \\ + b \\ |\forall l, |\mathbf |
{a\over b}|\text{a $b$ c}|[|{|\left(|\tag{1}|a^|\frac|&|1.|\begin{cases}|\lvert a \rvert |
\delta a/\delta b |\frac{\partial}{\partial w}|\textcolor{red}{a}|\underbrace{a}_{b}|-
""".strip()
FILES = r"""
$$ |\[ |\]|\begin{equation} |\begin{aligned}NN|\end{align}|`|`` |``` N|```mathN|<!--|$a NN|N| |
\newcommand{\a}{|\verb!|\begin{verbatim}|> $$N|~~~N|:::{math}N|$ $$ |$$a=b$$N
""".strip()


@pytest.mark.parametrize("unit", FORMULAS.replace("|\n", "|").split("|"))
def test_formulas_take_linear_time(unit: str) -> None:
    _check_linear(parse, unit)


@pytest.mark.parametrize("unit", FILES.replace("|\n", "|").split("|"))
def test_files_take_linear_time(unit: str) -> None:
    unit = unit.replace("N", "\n")
    _check_linear(lambda text: displays(text, "tex"), unit)
    _check_linear(lambda text: displays(text, "markdown"), unit)


@pytest.mark.full
def test_a_megabyte() -> None:
    text = "Prose with $x$ and `code`.\n\n$$a_j^{(l)} = \\sigma(z_j^{(l)})$$\n\n" * 16_000
    found = displays(text, "markdown")
    assert len(found) == 16_000
    assert all(len(parse(display)) == 1 for display in found[::100])
