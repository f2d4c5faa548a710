"""Random models through every form, format and target, against JAX.

`python -m tests.search` prints the faults by kind and the shares of what is refused.
"""

import pytest

from symbackprop.codegen.targets import TARGETS
from symbackprop.errors import NotSupported, SymbackpropError, VerificationError
from symbackprop.model.costs import cost
from symbackprop.model.functions import ACTIVATIONS, COST_FUNCTIONS, activation
from symbackprop.model.layers import layered_model
from symbackprop.notation.quantities import Role
from tests.search.case import case, case_of_model, replayed
from tests.search.choices import shrunk
from tests.search.code import Comparison, Wanted, ways
from tests.search.report import Tally
from tests.search.rows import OF_ONE, OF_RESIDUALS
from tests.search.trial import Trial, some
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
    for name, count in tally.counts().items():
        record_property(f"search {name}", count)
    assert not tally.faulty, "\n".join(tally.lines())


def test_walks_the_tables():
    """Every activation, every function of costs and every target takes part."""
    assert {*OF_ONE, "softmax"} == {row.name for row in ACTIVATIONS}
    assert set(OF_RESIDUALS) == {row.name for row in COST_FUNCTIONS}
    assert {way.row for way in ways()} == set(TARGETS)


def _dense():
    return case_of_model(
        layered_model("net", (activation("tanh"),), cost("squared_error"), widths=(2, 2))
    )


class Slipping:
    """A module of which one function returns what is off by a tenth of a percent."""

    def __init__(self, module, name):
        self._module, self._name = module, name

    def __getattr__(self, name):
        found = getattr(self._module, name)
        if name != self._name:
            return found

        def slipping(*given):
            value = found(*given)
            if not hasattr(value, "_replace"):
                return 1.001 * value
            return value._replace(b=tuple(1.001 * one for one in value.b))

        return slipping


@pytest.mark.parametrize("name", ["cost", "gradient", "gradient_per_sample", "gradient_inputs"])
def test_a_slip_is_found(name):
    """A function that is wrong by 0.1 % is named, and no other one is."""
    wanted = Wanted(_dense())
    _, module = ways()[0].made(wanted.case)
    assert not list(Comparison(wanted, module).faults())
    faults = list(Comparison(wanted, Slipping(module, name)).faults())
    assert faults
    assert {fault.split(" (")[0].removesuffix(" alone") for fault in faults} == {name}


def test_what_breaks_is_a_fault():
    """A traceback, a refusal without a place and a step that takes too long are faults."""

    def endless():
        while True:
            pass

    def raising(error):
        def action():
            raise error

        return action

    trial = Trial(_dense(), 0.2)
    trial.step("a", raising(ValueError("broken")))
    trial.step("b", raising(NotSupported("there is no such thing")))
    trial.step("c", raising(NotSupported("definition of z[l, j]: no such thing")))
    trial.step("d", endless)
    trial.step("e", raising(VerificationError("step 1 of equation w does not hold")))
    assert [fault.stage for fault in trial.outcome.faults] == ["a", "b", "d", "e"]
    assert [stage for stage, _ in trial.outcome.refused] == ["b", "c"]


def test_a_script_repeats_its_case_and_shrinks():
    """What was recorded gives the same model; shrinking keeps what it is asked to keep."""
    first = case(3)
    again = replayed(first.script)
    assert again is not None
    assert again.model == first.model

    def fails(script):
        found = replayed(script)
        return found is not None and bool(found.model.with_role(Role.TARGET))

    smaller = shrunk(first.script, fails, 100)
    assert fails(smaller)
    assert len(smaller) < len(first.script)
