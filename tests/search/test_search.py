"""Random models through every form, format and target, against JAX.

`python -m tests.search` prints the faults by kind and the shares of what is refused.
"""

import pytest

from symbackprop.errors import SymbackpropError
from tests.search.case import case
from tests.search.code import ways
from tests.search.report import Tally
from tests.search.rows import OF_ONE, OF_RESIDUALS
from tests.search.trial import some
from tests.support import FULL

MODELS, PART = (5000 if FULL else 200), 10


@pytest.mark.parametrize("start", range(0, MODELS, PART))
def test_random_models(start, record_property):
    """Whatever is not refused by name holds, and is right to rounding."""
    tally = Tally()
    for seed in range(start, start + PART):
        try:
            found = case(seed)
        except SymbackpropError as error:
            tally.refused["model", str(error)] += 1
            continue
        tally.add(seed, len(found.script), some(found, seed))
    record_property("search", tally.counts())
    assert not tally.faulty, "\n".join(tally.lines())


def test_walks_the_tables():
    """Every activation, every function of costs and every target takes part."""
    from symbackprop.codegen.targets import TARGETS
    from symbackprop.model.functions import ACTIVATIONS, COST_FUNCTIONS

    assert {*OF_ONE, "softmax"} == {row.name for row in ACTIVATIONS}
    assert set(OF_RESIDUALS) == {row.name for row in COST_FUNCTIONS}
    assert {way.row for way in ways()} == set(TARGETS)
