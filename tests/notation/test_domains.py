"""Domains: what is drawn lies inside, what lies outside is named."""

import numpy as np
import pytest
from sympy import log, sqrt

from symbackprop import CostRow, Network
from symbackprop.errors import ModelError, UsageError
from symbackprop.model.costs import COSTS, A, Y
from symbackprop.model.model import Model
from symbackprop.notation import domains
from symbackprop.notation.domains import Domain, draw
from symbackprop.notation.quantities import Role

ALL = {name: one for name, one in vars(domains).items() if isinstance(one, Domain)}
SHAPES = [(), (1,), (5,), (4, 3)]


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("samples", [None, 1, 6])
def test_what_is_drawn_is_inside(name, shape, samples):
    found = draw(ALL[name], np.random.default_rng(3), shape, samples)
    assert np.shape(found) == (shape if samples is None else (samples, *shape))
    for one in [found] if samples is None else found:
        assert ALL[name].fault(one) == ""


def test_a_distribution_is_over_the_outputs_and_not_over_the_samples():
    rng = np.random.default_rng(0)
    assert draw(domains.SIMPLEX, rng, (4,), 3).sum(axis=1) == pytest.approx(1)
    assert draw(domains.SIMPLEX, rng, (), 3) == pytest.approx(1)


def test_signs_and_reals_have_both_signs():
    for one in (domains.SIGNS, domains.REAL):
        found = draw(one, np.random.default_rng(0), (40,))
        assert found.min() < 0 < found.max()


@pytest.mark.parametrize(
    ("name", "given", "fault"),
    [
        ("REAL", [1.0, np.nan], r"nan at \[1\] is not a number in \(-inf, inf\)"),
        ("POSITIVE", [0.0], r"0 at \[0\] is not a number in \(0, inf\)"),
        ("UNIT", [0.0, 1.001], r"1.001 at \[1\] is not a number in \[0, 1\]"),
        ("INSIDE_UNIT", [1.0], r"1 at \[0\] is not a number in \(0, 1\)"),
        ("SIGNS", [[1.0], [0.999]], r"0.999 at \[1, 0\] is not -1 or 1"),
        ("SIMPLEX", [0.5, 0.499], r"the sum is 0.999, not 1"),
        ("SIMPLEX", 0.999, r"the sum is 0.999, not 1"),
    ],
)
def test_what_is_outside_is_named(name, given, fault):
    import re

    assert re.fullmatch(fault, ALL[name].fault(np.array(given)))


def test_domains_that_are_none():
    with pytest.raises(ModelError, match="nothing lies between 1 and 1"):
        Domain("?", 1, 1)
    with pytest.raises(ModelError, match="must not be negative"):
        Domain("?", -1, 1, total=1)


WANTED = {
    "squared_error": domains.REAL,
    "half_squared_error": domains.REAL,
    "mean_squared_error": domains.REAL,
    "absolute_error": domains.REAL,
    "huber": domains.REAL,
    "log_cosh": domains.REAL,
    "binary_cross_entropy": domains.UNIT,
    "categorical_cross_entropy": domains.SIMPLEX,
    "hinge": domains.SIGNS,
}


def test_every_cost_says_what_its_targets_mean():
    assert {row.name: row.targets for row in COSTS} == WANTED
    for row in COSTS:
        output = "sigmoid"
        for name in ("general", "chain", "2-3"):
            network = Network.from_sizes(name, activation=output, cost=row.name)
            (target,) = network.model.with_role(Role.TARGET)
            assert target.domain == row.targets


@pytest.mark.parametrize(
    ("summand", "wanted"),
    [
        ((A - Y) ** 2, domains.REAL),
        (Y * log(Y / A), domains.POSITIVE),
        (Y * log(Y / A) + (1 - Y) * log((1 - Y) / (1 - A)), domains.INSIDE_UNIT),
        ((sqrt(Y) - A) ** 2, domains.POSITIVE),
    ],
)
def test_what_a_summand_needs_where_nothing_is_stated(summand, wanted):
    from sympy import Interval

    assert CostRow("own", summand, domain=Interval.open(0, 1)).targets == wanted


def test_a_softmax_of_several_outputs_stays_below_one():
    for sizes in ("2-2", "3-4-3"):
        network = Network.from_sizes(sizes, activation="softmax", cost="binary_cross_entropy")
        assert isinstance(network.model, Model)
        assert network.derive().verify().ok
    with pytest.raises(UsageError, match=r"in \(0, 1\] in a layer of one node, but cost binary"):
        Network.from_sizes("2-1", activation="softmax", cost="binary_cross_entropy")
    with pytest.raises(UsageError, match=r"which may be one"):
        Network.from_sizes("general", activation="softmax", cost="binary_cross_entropy")
