"""The check of gradients that somebody wrote: what is right agrees, every slip is named."""

import math
from functools import cache
from types import SimpleNamespace

import numpy as np
import pytest
from sympy import Integer, Sum

from symbackprop import Network, check_gradient
from symbackprop.errors import UsageError
from symbackprop.model.costs import COSTS
from symbackprop.model.definitions import define
from symbackprop.model.functions import ACTIVATIONS
from symbackprop.model.model import Model
from symbackprop.notation.quantities import Axis, Kind, Quantity, Role
from symbackprop.notation.symbols import index
from symbackprop.verification.gradient import GradientReport
from symbackprop.verification.gradient import _relative as relative
from tests.support.tables import assert_walked

SLIP = 1.001


def network(sizes, activation="sigmoid", cost="squared_error"):
    return Network.from_sizes(sizes, activation=activation, cost=cost)


def spoiled(function, change):
    """The gradient function with one of its arrays, or all, changed."""

    def wrong(parameters, *data):
        found = function(parameters, *data)
        parts = {name: [np.array(one) for one in part] for name, part in found._asdict().items()}
        change(parts, np.ndim(data[0]))
        return SimpleNamespace(**parts)

    return wrong


def scaled(name, layer, place, factor=SLIP):
    def change(parts, _):
        parts[name][layer][place] *= factor

    return change


def pairs():
    """Every activation with the first cost that may follow it, every cost behind a first one."""
    found = {}
    for cost in COSTS:
        for row in ACTIVATIONS:
            known = {name for pair in found for name in pair}
            if {row.name, cost.name} <= known:
                continue
            try:
                found[row.name, cost.name] = network("3-4-2", ("tanh", row.name), cost.name)
            except UsageError:
                continue
    return found


PAIRS = {f"{row} {cost}": (one, row, cost) for (row, cost), one in pairs().items()}


@cache
def right_of(sizes):
    """A network of sigmoids with its generated gradient."""
    model = network(sizes)
    return model, model.compile().gradient


def test_the_pairs_cover_both_tables():
    assert_walked((row for _, row, _ in PAIRS.values()), ACTIVATIONS)
    assert_walked((cost for _, _, cost in PAIRS.values()), COSTS)


@pytest.mark.parametrize("pair", PAIRS)
def test_a_right_gradient_agrees_and_a_slip_of_a_thousandth_is_named(pair):
    model, _, _ = PAIRS[pair]
    right = model.compile().gradient
    report = check_gradient(right, model, samples=4)
    assert report.ok, report
    assert (report.checked, report.entries) == (26, 26)
    assert str(report).startswith("agrees: 26 of 26 entries, largest relative difference ")
    assert "(4 samples, and one alone)" in str(report)
    report = check_gradient(spoiled(right, scaled("w", 1, (1, 2))), model, samples=4)
    assert not report.ok
    assert report.worst == "parameters.w[1][1, 2]"
    assert report.max_error == pytest.approx(1e-3, rel=1e-6)
    assert str(report).startswith("differs: the derivative by parameters.w[1][1, 2] is ")
    assert "relative difference 1.00e-03; 4 samples; 26 of 26 entries compared" in str(report)


@pytest.mark.parametrize(
    ("name", "layer", "place"),
    [("w", 0, (0, 0)), ("w", 1, (1, 3)), ("b", 0, (3,)), ("b", 1, (0,))],
)
@pytest.mark.parametrize("factor", [1.001, -1, 0])
def test_every_entry_of_a_small_model_is_compared(name, layer, place, factor):
    model, right = right_of("3-4-2")
    report = check_gradient(spoiled(right, scaled(name, layer, place, factor)), model, samples=2)
    assert not report.ok
    assert report.worst == f"parameters.{name}[{layer}][{', '.join(map(str, place))}]"
    shown = abs(report.given - report.right) / abs(report.right)
    assert report.max_error == pytest.approx(shown) == pytest.approx(abs(factor - 1))
    assert f"is {report.given!r}, right is {report.right!r}" in str(report)


def test_the_verdict_is_that_of_the_numbers():
    def report(error, checked=1):
        return GradientReport(1e-8, error, "parameters.w[0][0, 0]", 1.001, 1.0, checked, 1)

    assert report(0.9e-8).ok
    assert not report(1.1e-8).ok
    assert not report(1e-3).ok
    assert not report(0.0, checked=0).ok
    assert not report(math.inf).ok
    assert not report(math.nan).ok


@pytest.mark.parametrize("sizes", ["100-60-2", pytest.param("784-20-10", marks=pytest.mark.full)])
@pytest.mark.parametrize("seed", range(2))
def test_every_array_of_a_large_model_is_compared(sizes, seed):
    model, right = right_of(sizes)
    report = check_gradient(right, model, seed=seed, samples=1)
    assert report.ok, report
    assert report.checked < 200 < 5000 < report.entries
    for name in "wb":
        for layer in range(2):
            wrong = spoiled(right, scaled(name, layer, ..., 0))
            report = check_gradient(wrong, model, seed=seed, samples=1)
            assert not report.ok
            assert report.worst.startswith(f"parameters.{name}[{layer}][")


@pytest.mark.parametrize("axis", [0, 1])
@pytest.mark.parametrize("end", [0, -1])
@pytest.mark.parametrize("seed", range(2))
def test_both_ends_of_every_axis_of_a_large_array_are_compared(axis, end, seed):
    model, right = right_of("100-60-2")
    place = tuple(end if one == axis else slice(None) for one in (0, 1))
    wrong = spoiled(right, scaled("w", 0, place))
    assert not check_gradient(wrong, model, seed=seed, samples=1).ok


@pytest.mark.parametrize("value", [np.inf, -np.inf, np.nan])
def test_what_is_no_number_is_named(value):
    model, right = right_of("2-3-2")

    def change(parts, _):
        parts["w"][1][0, 2] = value

    report = check_gradient(spoiled(right, change), model, samples=2)
    assert not report.ok
    assert report.max_error == math.inf
    assert f"differs: gradient.w[1][0, 2] is {float(value)!r}, right is " in str(report)


def test_what_is_no_number_is_named_where_entries_are_sampled():
    model, right = right_of("100-60-2")

    def change(parts, _):
        parts["w"][0][33, 77] = np.nan

    report = check_gradient(spoiled(right, change), model, samples=1)
    assert report.worst == "parameters.w[0][33, 77]"


def test_a_gradient_of_infinities_differs():
    def infinite(p, x, y):
        return SimpleNamespace(w=(p.w[0] * np.inf,), b=(p.b[0] * np.inf,))

    assert not check_gradient(infinite, network("1-1")).ok


def softmax_gradient(p, x, y):
    e = np.exp(x @ p.w[0].T + p.b[0])
    d = (e / e.sum(1, keepdims=True) - y) / len(x)
    return SimpleNamespace(w=(d.T @ x,), b=(d.sum(0),))


def hinge_gradient(p, x, y, least=1.0):
    a = x @ p.w[0].T + p.b[0]
    d = np.where(1 - y * a > 1 - least, -y, 0) / len(x)
    return SimpleNamespace(w=(d.T @ x,), b=(d.sum(0),))


@pytest.mark.parametrize("seed", range(3))
def test_targets_are_what_they_mean(seed):
    softmax = network("2-3", "softmax", "categorical_cross_entropy")
    report = check_gradient(softmax_gradient, softmax, seed=seed)
    assert report.ok, report
    assert "not for one sample alone, where it raises AxisError" in str(report)
    hinge = network("3-2", "identity", "hinge")
    assert check_gradient(hinge_gradient, hinge, seed=seed, alone=False).ok
    wrong = check_gradient(
        lambda *given: hinge_gradient(*given, least=100), hinge, seed=seed, alone=False
    )
    assert not wrong.ok


def test_one_sample_alone_is_compared_too():
    model, right = right_of("3-4-2")

    def change(parts, axes):
        if axes == 1:
            parts["b"][1][1] *= SLIP

    report = check_gradient(spoiled(right, change), model)
    assert not report.ok
    assert report.worst == "parameters.b[1][1]"
    assert "one sample alone" in str(report)
    assert check_gradient(spoiled(right, change), model, alone=False).ok

    def stacked(parts, axes):
        if axes == 1:
            parts["w"][0] = parts["w"][0][:, None]

    with pytest.raises(UsageError, match=r"gradient.w.0. has shape .4, 1, 3., not .4, 3. .one sa"):
        check_gradient(spoiled(right, stacked), model)


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (lambda g: SimpleNamespace(w=g.w), "has no field b: return the structure of the param"),
        (lambda g: (g.w,), "has no field w: .*, not tuple"),
        (lambda g: None, "has no field w: .*, not NoneType"),
        (lambda g: (g.w[:1], g.b), r"gradient.w has 1 arrays, not 2 \(2 samples\)"),
        (lambda g: (3.0, g.b), "gradient.w has 1 arrays, not 2"),
        (lambda g: ((g.w[0].T, g.w[1]), g.b), r"gradient.w\[0\] has shape \(3, 4\), not \(4, 3\)"),
        (lambda g: ((g.w[0] + 1j, g.w[1]), g.b), r"w\[0\] is no array of real numbers: .*complex"),
        (lambda g: (([[1], [1, 2]], g.w[1]), g.b), r"w\[0\] is no array of real numbers"),
        (lambda g: ((None, g.w[1]), g.b), r"w\[0\] is no array of real numbers: entries of obj"),
    ],
)
def test_another_structure_is_refused(answer, message):
    model, right = right_of("3-4-2")
    with pytest.raises(UsageError, match=message):
        check_gradient(lambda *given: answer(right(*given)), model, samples=2)


def test_structures_that_are_understood():
    model, right = right_of("3-4-2")
    for same in (tuple, list, lambda g: [[a.tolist() for a in part] for part in g]):
        assert check_gradient(lambda *given, same=same: same(right(*given)), model, samples=2).ok


def test_a_model_with_symbolic_sizes_and_no_samples_are_refused():
    with pytest.raises(UsageError, match="symbolic sizes"):
        check_gradient(lambda *_: None, Network.from_sizes("general"))
    with pytest.raises(
        UsageError, match="samples must be a number of samples from 1 to 100,000 or None, not 0"
    ):
        check_gradient(lambda *_: None, network("2-1"), samples=0)


def bare(right, **names):
    """A model of one parameter, one input and one target, each an array of two."""
    i = index("i")

    def vector(name, role):
        return Quantity(name, role, (Axis(i, *map(_integer, (0, 1)), Kind.NODE),))

    w, x, y = (vector(name, role) for name, role in zip(
        (names.get("w", "w"), "x", "y"), (Role.PARAMETER, Role.INPUT, Role.TARGET), strict=True
    ))  # fmt: skip
    cost = Quantity("C0", Role.COST)
    return Model("bare", (w, x, y, cost), (define(cost, (), *right(w, x, y)),))


def _integer(number):
    from sympy import Integer

    return Integer(number)


def test_a_parameter_with_the_name_of_a_keyword_has_an_underscore():
    model = bare(lambda w, x, y: (w[0] * x[0] * y[1], w[1] ** 2), w="lambda")

    def gradient(parameters, x, y):
        w = parameters.lambda_
        first = x[..., 0] * y[..., 1]
        return (np.array([first.mean(), 2 * w[1]]),)

    assert check_gradient(gradient, model).ok
    report = check_gradient(lambda *given: (gradient(*given)[0] * SLIP,), model)
    assert report.worst == "parameters.lambda_[0]"


@pytest.mark.parametrize("noise", [0.0, 1e-17, -3e-16, 1e-3, 1e-6])
def test_a_derivative_that_cancels_is_compared_to_rounding_only(noise):
    """A shift of all weighted inputs of a softmax changes nothing: its derivative is rounding."""
    from sympy import Sum, exp, log

    r = index("r")

    def right(w, x, y):
        total = Sum(exp(x[r] + w[0]), (r, 0, 1))
        return (log(total), -(x[0] + w[0]), w[1] ** 2 * y[0])

    def gradient(parameters, x, y):
        w = parameters.w
        e = np.exp(x + w[0])
        shift = (e[..., 0] + e[..., 1]) * (1 / e.sum(-1)) - 1
        return (np.array([shift.mean() + noise, (2 * w[1] * y[..., 0]).mean()]),)

    report = check_gradient(gradient, bare(right))
    assert report.ok == (abs(noise) < 1e-12), report
    if not report.ok:
        assert report.worst == "parameters.w[0]"


def test_a_small_derivative_is_not_taken_for_rounding():
    """Gradients that vanish over many layers have all their digits."""
    model, right = right_of("-".join("2" * 14))
    assert check_gradient(right, model, samples=1).ok
    report = check_gradient(spoiled(right, scaled("w", 0, ..., SLIP)), model, samples=1)
    assert not report.ok
    assert report.worst == "parameters.w[0][0, 0]"
    assert abs(report.right) < 1e-8


def test_a_function_that_changes_what_it_is_given_changes_nothing():
    model, right = right_of("3-4-2")

    def careless(parameters, x, y):
        found = right(parameters, x, y)
        for array in (*parameters.w, *parameters.b, x, y):
            array[...] = 7
        return found

    assert check_gradient(careless, model, samples=2).ok


def _of_parameters_only() -> Model:
    p = Quantity("p", Role.PARAMETER, (Axis(index("k"), Integer(0), Integer(2)),))
    cost = Quantity("C0", Role.COST)
    square = Sum(p[index("k")] ** 2, (index("k"), 0, 2))
    return Model("penalty", (p, cost), (define(cost, (), square),))


@pytest.mark.parametrize("slip", [1.0, 1.001])
def test_a_model_without_samples(slip):
    """Its function takes the parameters alone; a slip is named there too."""
    report = check_gradient(lambda p: type(p)(2 * slip * p.p), _of_parameters_only())
    assert report.ok == (slip == 1)
    assert report.checked == 3
    assert "no samples" in str(report)
    assert slip == 1 or "parameters.p[" in str(report) or "gradient.p[" in str(report)


def test_the_worse_of_both_comparisons_is_reported():
    """A difference within the tolerance for one sample alone is not lost behind the batch."""
    network = Network.from_sizes("3-2")
    module = network.compile()

    def slightly(parameters, x, y):
        found = module.gradient(parameters, x, y)
        if x.ndim > 1:
            return found
        return found._replace(b=tuple(one * (1 + 1e-10) for one in found.b))

    report = check_gradient(slightly, network.model, tolerance=1e-8)
    assert report.ok
    assert 0.5e-10 < report.max_error < 2e-10


def test_differences_below_what_a_step_resolves_are_none():
    """A derivative of 1e-284 has lost digits to the complex step; one of 1e-270 has not."""
    tiny = np.array([8.91559275315e-284, 0.0])
    assert (relative(tiny, np.array([8.9155927541e-284, 1e-310])) < 1e-12).all()
    for right in (1e-270, 1e-200, 1.0):
        assert relative(np.array([right * 1.001]), np.array([right]))[0] > 0.9e-3
        assert relative(np.array([right]), np.array([0.0]))[0] > 1
