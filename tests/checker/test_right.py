"""Notes that are right are not accused, in whichever style; what is wrong in stated terms is."""

import re
from pathlib import Path

import pytest

from symbackprop.checker.notes import check_file
from symbackprop.checker.report import check_text
from symbackprop.checker.verdicts.verdicts import Verdict
from tests.checker.notes import display

HERE = Path(__file__).parent
RIGHT = sorted((HERE / "right").glob("*.md"))
WRONG = sorted((HERE / "wrong").glob("*.md"))
COMMENT = re.compile(r"<!-- (.*?) -->")


@pytest.mark.parametrize("path", RIGHT, ids=lambda path: path.stem)
def test_nothing_that_is_right_is_accused(path):
    found = check_file(path)
    accused = [f"{one.written}: {one.why}" for one in found.findings
               if one.verdict is Verdict.FAILS]  # fmt: skip
    assert found.findings
    assert accused == []
    assert not [one for one in found.findings
                if one.verdict is Verdict.CANNOT_TELL and (one.slip or one.corrected)]  # fmt: skip
    assert all(one.why for one in found.findings if one.verdict is Verdict.CANNOT_TELL)


@pytest.mark.parametrize("path", WRONG, ids=lambda path: path.stem)
def test_what_is_wrong_in_stated_terms_is_called_wrong(path):
    expected = "; ".join(COMMENT.findall(path.read_text())).split("; ")
    assert [str(one.verdict) for one in check_file(path).findings] == expected


def test_an_own_definition_is_named_beside_what_it_is_judged_with():
    own = r"z^{(l+1)} = W^{(l)} a^{(l-1)} + b^{(l)}"
    (found,) = check_text(display(own), "tex").findings
    assert found.verdict is Verdict.CANNOT_TELL
    assert found.why == (
        f"the text defines {own} in line 1; this is judged with z^(l) = W^(l) a^(l-1) + b^(l)"
    )


def test_what_depends_on_an_own_definition_cannot_be_told():
    notes = display(r"C_0 = \sum_j (a_j^{(L)} - y_j)^4",
                    r"\frac{\partial C_0}{\partial a_j^{(L)}} = 2 (a_j^{(L)} - y_j)^3",
                    r"a_j^{(L)} = \sigma(z_j^{(L)})")  # fmt: skip
    first, second, third = check_text(notes, "tex").findings
    assert first.verdict is second.verdict is Verdict.CANNOT_TELL
    assert second.why == first.why
    assert third.verdict is Verdict.HOLDS


def test_a_definition_that_is_not_understood_counts_as_one():
    notes = display(r"C_0 = \operatorname{loss}(a, y)",
                    r"\frac{\partial C_0}{\partial a_j^{(L)}} = 2 (a_j^{(L)} - y_j)^3")  # fmt: skip
    _, found = check_text(notes, "tex").findings
    assert found.verdict is Verdict.CANNOT_TELL


def test_the_assumptions_that_were_tried_are_counted():
    (found,) = check_text(display(r"a^l = \sigma(a^l)"), "tex").findings
    assert found.verdict is Verdict.FAILS
    assert re.fullmatch(
        r"fails under each of \d+ assumptions; not stated: the activation, what has no index",
        found.notes[0],
    )


def test_weights_are_read_as_the_text_defines_them():
    notes = display(r"z_j^{(l+1)} = \sum_i w_{ij}^{(l)} a_i^{(l)} + b_j^{(l)}")
    (remark,) = check_text(notes, "tex").remarks
    assert remark == (
        "w_jk leads from j to k, W^(l) and b^(l) out of layer l, by the definition in line 1"
    )


def test_what_is_not_understood_is_counted():
    lines = list(check_text(display(r"q = 3 +", r"\hat y = 1"), "tex").lines("notes"))
    assert lines[-2] == "notes: 0 of 2 equations understood: nothing was checked"


def test_the_search_for_a_slip_in_a_long_sum_is_short():
    terms = " + ".join(r"\frac{\partial C_0}{\partial b_j^{(L)}}" for _ in range(200))
    notes = display(r"C_0 = \sum_j (a_j^{(L)} - y_j)^2", r"a_j^{(l)} = \sigma(z_j^{(l)})",
                    rf"201 \frac{{\partial C_0}}{{\partial b_j^{{(L)}}}} = {terms}")  # fmt: skip
    *_, found = check_text(notes, "tex").findings
    assert found.verdict is Verdict.FAILS
    assert re.fullmatch(
        r"its slip was looked for in \d+ repairs only: the equation is long", found.notes[-1]
    )
