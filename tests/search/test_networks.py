"""Networks of the literature through every form, detail and target, against JAX."""

import pytest

from symbackprop.derivation.forms import FORMS
from tests.search.case import case_of_model
from tests.search.code import Wanted, ways
from tests.search.trial import DETAILS, FORMATS, Trial
from tests.support import models
from tests.support.networks import NETWORKS, sized

BARE = tuple(
    sized(one, **{symbol.name: 3 - n % 2 for n, symbol in enumerate(one.symbols)})
    for one in (*models.BARE_MODELS, models.three_factors())
)
SECONDS = 60


pytestmark = pytest.mark.full


def _faults(trial):
    return [f"{fault.stage}: {fault.kind}\n{fault.detail}" for fault in trial.outcome.faults]


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
@pytest.mark.parametrize("model", [*NETWORKS, *BARE], ids=lambda model: model.name)
def test_derivation(model, form):
    """Every step holds, and is written in each format and detail; none is refused."""
    trial = Trial(case_of_model(model), SECONDS)
    trial.derivation(form, pages=tuple((f, d) for f in FORMATS for d in DETAILS))
    assert not _faults(trial)
    if not form.matrices:
        assert not trial.outcome.refused


@pytest.mark.parametrize("way", ways(), ids=str)
@pytest.mark.parametrize("model", [*NETWORKS, *BARE], ids=lambda model: model.name)
def test_code(model, way):
    """Every function of the module, on one sample and on several; what is refused is named."""
    if way.row.name == "numba" and not way.plain and model not in NETWORKS[:1]:
        way = next(one for one in ways() if one.plain)
    trial = Trial(case_of_model(model), SECONDS)
    trial.code(way, Wanted(trial.case))
    assert not _faults(trial)
