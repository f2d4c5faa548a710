"""Each printed equation, read back from its LaTeX in its notation, evaluates equal."""

from dataclasses import replace

import pytest

from symbackprop.derivation.forms import FORMS
from symbackprop.derivation.steps import Detail
from symbackprop.notation.profiles import PROFILES
from tests.roundtrip.support import MODELS, printed, read_back

# Forms whose documents are made of matrices have their own test of numbers.
FORM_NAMES = [form.name for form in FORMS if form.name not in ("matrix", "batch")]
NOTATIONS = [row.name for row in PROFILES]


@pytest.mark.parametrize("notation", NOTATIONS)
@pytest.mark.parametrize("model", MODELS)
def test_every_line_of_every_equation_holds_as_it_is_printed(model, notation):
    seen = set()
    wrong = []
    for form in FORM_NAMES:
        for detail in reversed(Detail):
            for equation in printed(model, form, notation, detail):
                own = {(equation.left, line, equation.given) for line in equation.lines}
                new = tuple(line for _, line, _ in sorted(own - seen))
                seen |= own
                if new:
                    fresh = replace(equation, lines=new)
                    outcome = read_back(model, notation, fresh.formula)
                    if not outcome.holds:
                        wrong.append((form, detail.name, fresh, outcome))
    assert seen
    assert not wrong


def test_the_line_over_all_paths_marks_its_local_derivatives():
    equations = printed("general", "chain", "deeplizard", Detail.FULL, over_all_paths=True)
    (weights,) = [one for one in equations if one.label == "eq:w"]
    assert read_back("general", "deeplizard", weights.formula).holds


def test_a_wrong_line_does_not_pass():
    equations = printed("general", "chain", "deeplizard", Detail.STANDARD)
    (weights,) = [one for one in equations if one.label == "eq:w"]
    assert read_back("general", "deeplizard", weights.formula).holds
    wrong = weights.formula.replace("a_k^{(l-1)}", "a_k^{(l)}")
    assert wrong != weights.formula
    assert not read_back("general", "deeplizard", wrong).holds
