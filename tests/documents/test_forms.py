"""Every form in every format, and every form compiled."""

from functools import cache
from pathlib import Path

import pytest

from symbackprop import Network
from symbackprop.derivation.forms import FORMS
from symbackprop.documents import FORMATS
from symbackprop.network import Derivation
from tests.support.latex import compile_tex
from tests.support.math import check_formula, formulas

NAMES = [form.name for form in FORMS]
MODELS = ("general", "chain", "3-2", "4-3-2")


@cache
def derived(model: str, form: str) -> Derivation:
    return Network.named(model).derive(form=form)


@pytest.mark.parametrize("form", NAMES)
@pytest.mark.parametrize("format_", [row.name for row in FORMATS])
def test_every_form_is_written_in_every_format(format_: str, form: str) -> None:
    rows = [row.name for row in FORMATS]
    model = MODELS[(rows.index(format_) + NAMES.index(form)) % len(MODELS)]
    text = derived(model, form).render(format_)
    assert len(text.splitlines()) > 5
    if format_ in ("latex", "fragment"):
        for formula in formulas(text):
            check_formula(formula.body, display=formula.display)


@pytest.mark.parametrize("form", NAMES)
@pytest.mark.parametrize("unfold", [0, 1, 4])
def test_every_form_holds_its_targets_however_far_it_is_unfolded(form: str, unfold: int) -> None:
    """`render` raises where an equation that was asked for is missing."""
    model = MODELS[(NAMES.index(form) + unfold) % len(MODELS)]
    assert Network.named(model).derive(form=form, unfold=unfold).render("text")


@pytest.mark.parametrize("place", range(len(NAMES)))
def test_every_form_compiles_and_fits(place: int, tmp_path: Path) -> None:
    engine = ("pdflatex", "lualatex")[place % 2]
    text = derived(MODELS[place % len(MODELS)], NAMES[place]).render("latex", detail="full")
    result = compile_tex(text, tmp_path, engine)
    assert result.errors == ()
    assert result.undefined == ()
    assert result.overfull <= 5.0
