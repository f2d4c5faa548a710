"""Whole texts: every displayed equation gets the verdict that stands above it in a comment."""

import re
from functools import cache
from pathlib import Path

import pytest

from symbackprop.checker.notes import check_file
from symbackprop.checker.report import check_text
from symbackprop.checker.verdicts.verdicts import Verdict

HERE = Path(__file__).parent
TEXTS = ("neurons.md", "layers.md")
COMMENT = re.compile(r"<!-- (.*?) -->")


@cache
def report(name):
    return check_file(HERE / name)


@pytest.mark.parametrize("name", TEXTS)
def test_every_equation_gets_its_verdict(name):
    expected = "; ".join(COMMENT.findall((HERE / name).read_text())).split("; ")
    assert [str(finding.verdict) for finding in report(name).findings] == expected


def finding(name, start):
    (found,) = [one for one in report(name).findings if one.written.startswith(start)]
    return found


@pytest.mark.parametrize(
    ("name", "start", "corrected"),
    [
        ("neurons.md", r"C_0 = \sum", r"C_0 = \sum_{j=0}^{n_L-1} (a_j^{(L)} - y_j)^2"),
        (
            "neurons.md",
            r"\frac{\partial C}{\partial w_{jk}^{(l)}}",
            r"\frac{\partial C_0}{\partial w_{jk}^{(l)}} = a_k^{(l-1)} \sigma'(z_j^{(l)})"
            r" \frac{\partial C_0}{\partial a_j^{(l)}}",
        ),
        (
            "neurons.md",
            r"\frac{\partial C}{\partial a_j^{(l)}} = \sum",
            r"\frac{\partial C}{\partial a_j^{(l)}} = \sum_{k=0}^{n_{l+1}-1} w_{kj}^{(l+1)}"
            r" \sigma'(z_k^{(l+1)}) \frac{\partial C}{\partial a_k^{(l+1)}}",
        ),
        (
            "neurons.md",
            r"\frac{\partial C}{\partial a_j^{(l)}} = 2",
            r"\frac{\partial C_0}{\partial a_j^{(L)}} = 2(a_j^{(L)} - y_j)",
        ),
        (
            "layers.md",
            r"\frac{\partial a^{l} }{\partial z^l}",
            r"\frac{\partial a^{l} }{\partial z^l} = \frac{\partial \sigma (z^{l}) }{\partial z^l}"
            r" = \sigma' (z^{l})",
        ),
    ],
)  # fmt: skip
def test_the_slip_is_named_and_corrected(name, start, corrected):
    assert finding(name, start).corrected == corrected


def test_a_failing_member_is_named_with_numbers():
    found = finding("layers.md", r"\frac{\partial a^{l} }{\partial z^l}")
    assert found.member == 3
    assert re.fullmatch(r"the left side is [\d.e-]+, member 3 [\d.e-]+ at l = 3", found.why)


def test_what_is_not_understood_is_placed():
    (found,) = [
        one for one in report("layers.md").findings if one.verdict is Verdict.NOT_UNDERSTOOD
    ]
    lines = (HERE / "layers.md").read_text().splitlines()
    assert lines[found.position.line - 1][found.position.column - 1 :].startswith("z2")
    assert "'z2'" in found.why


def test_what_the_text_was_read_with_is_said():
    assert "C is the mean over the samples" in report("neurons.md").remarks
    (cost,) = [one for one in report("layers.md").remarks if "half_squared_error" in one]
    assert "by its definition in line" in cost


def test_a_bare_symbol_and_a_bare_sum_are_no_equations():
    text = r"\[w_{jk}^{(l)}\] and \[\sum_{j=1}^{n}a_{j}\]"
    found = check_text(text, "tex").findings
    assert [one.verdict for one in found] == [Verdict.NO_EQUATION] * 2
