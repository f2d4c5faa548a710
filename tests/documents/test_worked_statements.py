"""Worked numbers, shown code and the closing note: a slip of 0.1 % fails by name."""

import re
from dataclasses import replace
from functools import cache

import pytest

from symbackprop import codegen, worked
from symbackprop.documents.statements import numbers_judge
from symbackprop.documents.statements.numbers_judge import printed, require_numbers
from symbackprop.documents.statements.statements import closing, judge_statements, require_code
from symbackprop.errors import VerificationError
from tests.documents.slips import NETWORKS, derived, scaled

# -- worked numbers -------------------------------------------------------------------------------


@cache
def numbers(name):
    return worked(NETWORKS[name].model, seed=3)


@pytest.mark.parametrize("name", ["4-3-2", "mixed"])
def test_worked_numbers_follow_from_the_print(name):
    assert require_numbers(numbers(name)) > 40


@pytest.mark.parametrize("part", ["forward", "backward"])
@pytest.mark.parametrize("what", ["value", "terms"])
def test_a_slip_in_a_worked_number_is_named(part, what):
    right = numbers("4-3-2")
    for place, step in list(enumerate(getattr(right, part)))[::5]:
        slip = {"value": step.value * 1.001} if what == "value" else {"terms": scaled(step.terms)}
        steps = list(getattr(right, part))
        steps[place] = replace(step, **slip)
        with pytest.raises(VerificationError) as caught:
            require_numbers(replace(right, **{part: tuple(steps)}))
        assert f"worked number of {step.left} is wrong" in str(caught.value)


@pytest.mark.parametrize("what", ["value", "slope", "updated"])
def test_a_slip_in_the_update_is_named(what):
    right = numbers("4-3-2")
    first, *others = right.updates
    slipped = replace(first, **{what: getattr(first, what) * 1.001})
    with pytest.raises(VerificationError, match=r"worked number of w\[1, 0, 0\] is wrong"):
        require_numbers(replace(right, updates=(slipped, *others)))


@pytest.mark.parametrize("what", ["cost", "new_cost"])
def test_a_slip_in_the_cost_after_the_step_is_named(what):
    right = numbers("4-3-2")
    with pytest.raises(VerificationError, match="worked number of C0 is wrong"):
        require_numbers(replace(right, **{what: getattr(right, what) * 1.001}))


def test_a_slip_in_the_print_is_named(monkeypatch):
    right = numbers("4-3-2")
    of = right.forward[-1].value

    def slipped(value):
        number, half = printed(value)
        return (number * 1.001, half) if value == of else (number, half)

    monkeypatch.setattr(numbers_judge, "printed", slipped)
    with pytest.raises(VerificationError, match="C0 is wrong: the printed numbers give"):
        require_numbers(right)


def test_a_line_that_reads_what_is_not_given_is_named():
    right = numbers("4-3-2")
    without = [step for step in right.backward if not re.match(r"d_a\W?\[2, 0\]", str(step.left))]
    with pytest.raises(VerificationError, match=r"reads d_a\W?\[2, 0\], which no line before it"):
        require_numbers(replace(right, backward=tuple(without)))


# -- the closing note -----------------------------------------------------------------------------


def test_the_closing_note_counts_what_was_judged():
    derivation = NETWORKS["4-3-2"].derive(form="matrix")
    text = " ".join(derivation.render("text", numbers=numbers("4-3-2")).split())
    report = derivation.verify()
    note = text[text.index("Every step was evaluated") :]
    assert f"{len(report.steps)} steps of {report.equations} equations;" in note
    assert "matrix equations, evaluated as they are written" in note
    assert f"{require_numbers(numbers('4-3-2'))} worked numbers" in note
    assert "the algorithm was executed (9 lines)" in " ".join(
        NETWORKS["4-3-2"].derive().to_text().split()
    )


def test_the_closing_note_says_what_is_a_sample():
    class Sampled:
        steps, equations, assignments, possible, max_error = (1,), 1, 5312, 20480, 1e-15

    judged = judge_statements(derived("mixed"))
    assert "5,312 of 20,480 index assignments, sampled" in closing(Sampled, judged)
    Sampled.possible = 5312
    assert "1 step of 1 equation; 5,312 index assignments;" in closing(Sampled, judged)


# -- the code -------------------------------------------------------------------------------------


def test_the_code_that_is_shown_is_run(monkeypatch):
    network = NETWORKS["4-3-2"]
    assert require_code(network.stable_model) == 23
    right = codegen.load

    def slipped(text, name):
        module = right(text, name)
        gradient = module.gradient
        module.gradient = lambda *given: (
            found := gradient(*given),
            found._replace(b=tuple(1.001 * one for one in found.b)),
        )[1]
        return module

    monkeypatch.setattr(codegen, "load", slipped)
    message = r"code that is shown does not compute the gradient: .*b\["
    with pytest.raises(VerificationError, match=message):
        require_code(network.stable_model)
