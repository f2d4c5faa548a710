"""Verification: every step of every derivation holds, and a step that does not is reported."""

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Integer

import symbackprop.network
from symbackprop.cli import main
from symbackprop.derivation.derive import Derivation, derive
from symbackprop.derivation.steps import Equation, Line
from symbackprop.derivation.verify import Report, verify
from symbackprop.errors import UsageError, VerificationError
from symbackprop.model.costs import COSTS
from symbackprop.model.functions import ACTIVATIONS
from symbackprop.network import Network
from symbackprop.notation.expressions import Term, Terms
from symbackprop.verification.equality import Verdict, relative
from tests.derivation.support import (
    BUILT_IN,
    DIFFERENT,
    NUMBERED,
    QUANTITIES,
    Asked,
    derived,
    report,
    text,
)

TOLERANCE = 1e-10
UNFOLDED = tuple(
    Asked(model, unfold=depth) for model in ("general", "chain", "4-3-2") for depth in range(5)
)


def check(found: Report) -> None:
    """Every step was tried and holds."""
    assert found.ok, found.failures
    assert found.failures == ()
    assert found.max_error < TOLERANCE
    assert len(found.steps) >= found.equations > 0
    assert all(step.verdict.assignments > 0 for step in found.steps)
    assert found.assignments == sum(step.verdict.assignments for step in found.steps)
    found.require()


@pytest.mark.parametrize(
    "asked", [*BUILT_IN, *DIFFERENT, *NUMBERED, *QUANTITIES, *UNFOLDED], ids=str
)
def test_every_step_holds(asked: Asked) -> None:
    found = report(asked)
    check(found)
    keys = [equation.key for equation in derived(asked).equations for _ in equation.lines]
    assert [step.key for step in found.steps] == keys


@pytest.mark.parametrize("asked", BUILT_IN, ids=str)
def test_the_counts_are_printed(asked: Asked) -> None:
    found = report(asked)
    line = str(found)
    assert line.startswith("verified: ")
    assert f"{len(found.steps)} steps of {found.equations} equations" in line
    assert f"{found.assignments} index assignments" in line
    assert f"{found.max_error:.1e}" in line
    written = " ".join(text(asked).split())
    assert f"{len(found.steps)} steps of {found.equations} equations" in written
    assert f"{found.assignments:,} index assignments" in written
    assert f"{found.max_error:.1e}" in written


def test_symbolic_networks_are_tried_at_more_than_one_assignment() -> None:
    of_weights = [s for s in report(Asked("general")).steps if s.key == "w"]
    assert all(step.verdict.assignments > 20 for step in of_weights)


# -- every permitted pair ---------------------------------------------------------------------


def permitted(sizes: str) -> list[tuple[str, str]]:
    """The pairs of an activation for the last layer and a cost that may be used together."""
    pairs = []
    for function in ACTIVATIONS:
        for cost in COSTS:
            try:
                Network.from_sizes(sizes, function.name, cost.name)
            except UsageError:
                continue
            pairs.append((function.name, cost.name))
    return pairs


PAIRS = [*permitted("3-2")]


def test_costs_with_a_domain_refuse_what_leaves_it() -> None:
    pairs = permitted("3-2")
    assert ("sigmoid", "binary_cross_entropy") in pairs
    assert ("softmax", "categorical_cross_entropy") in pairs
    assert ("tanh", "binary_cross_entropy") not in pairs
    assert ("identity", "categorical_cross_entropy") not in pairs


@pytest.mark.parametrize(("function", "cost"), PAIRS)
def test_every_permitted_pair_is_derived_and_holds(function: str, cost: str) -> None:
    check(Network.from_sizes("3-2", function, cost).derive().verify())


@pytest.mark.parametrize("function", [row.name for row in ACTIVATIONS])
def test_every_activation_holds_in_a_hidden_layer(function: str) -> None:
    check(Network.from_sizes("2-3-2", [function, "sin"]).derive().verify())


@pytest.mark.full
@pytest.mark.parametrize(("function", "cost"), PAIRS)
def test_every_permitted_pair_holds_in_all_layers(function: str, cost: str) -> None:
    check(Network.from_sizes("2-3-4-2", function, cost).derive().verify())


SMOOTH = ("sigmoid", "tanh", "softplus", "silu", "sin", "identity", "softmax")


@settings(max_examples=8)
@given(
    widths=st.lists(st.integers(1, 5), min_size=2, max_size=4),
    data=st.data(),
)
def test_networks_of_any_sizes_hold(widths: list[int], data: st.DataObject) -> None:
    layers = len(widths) - 1
    functions = data.draw(st.lists(st.sampled_from(SMOOTH), min_size=layers, max_size=layers))
    sizes = "-".join(map(str, widths))
    check(Network.from_sizes(sizes, functions).derive().verify())


# -- steps that do not hold -------------------------------------------------------------------


def broken(derivation: Derivation, key: str, position: int, change: Callable[[Terms], Terms]):  # type: ignore[no-untyped-def]
    """The derivation with one line of one equation changed."""

    def line(number: int, one: Line) -> Line:
        return replace(one, terms=change(one.terms)) if number == position else one

    def equation(one: Equation) -> Equation:
        if one.key != key:
            return one
        return replace(one, lines=tuple(line(n, each) for n, each in enumerate(one.lines, 1)))

    sections = tuple(
        replace(section, equations=tuple(map(equation, section.equations)))
        for section in derivation.sections
    )
    return replace(derivation, sections=sections)


def without_last_factor(terms: Terms) -> Terms:
    return tuple(replace(term, links=term.links[:-1]) for term in terms)


def with_sign(terms: Terms) -> Terms:
    return tuple(replace(term, links=((Integer(-1),), *term.links)) for term in terms)


def without_sums(terms: Terms) -> Terms:
    return tuple(
        Term(term.links, (), term.guards).mapped(
            lambda factor: factor.xreplace({b.letter: Integer(0) for b in term.sums})  # noqa: B023
        )
        for term in terms
    )


def without_first_term(terms: Terms) -> Terms:
    return terms[1:] or (Term(((Integer(0),),)),)


CHANGES = [
    ("w", 4, without_last_factor),
    ("w", 4, with_sign),
    ("a:l-1:k", 3, without_sums),
    ("a", 4, without_first_term),
    ("a", 4, with_sign),
    ("local:z:w", 4, with_sign),
    ("mean:w", 2, with_sign),
    ("composition", 3, with_sign),
]


@pytest.mark.parametrize(("key", "position", "change"), CHANGES)
def test_a_broken_step_is_reported(
    key: str, position: int, change: Callable[[Terms], Terms]
) -> None:
    found = verify(broken(derived(Asked("general")), key, position, change))
    assert not found.ok
    assert found.max_error > 1e-3
    # The step to the broken line fails, and the one from it where there is one.
    assert {(step.key, step.position) for step in found.failures} <= {
        (key, position),
        (key, position + 1),
    }
    assert (found.failures[0].key, found.failures[0].position) == (key, position)
    assert str(found).startswith("FAILED: ")
    with pytest.raises(VerificationError) as error:
        found.require()
    assert f"step {position} of equation {key} " in str(error.value)
    assert found.failures[0].rule in str(error.value)
    assert "\n" not in str(error.value)


@pytest.fixture
def broken_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong(*arguments: object, **options: object) -> Derivation:
        return broken(derive(*arguments, **options), "w:1:j:k", 2, with_sign)  # type: ignore[arg-type]

    monkeypatch.setattr(symbackprop.network, "_derive", wrong)


@pytest.mark.usefixtures("broken_network")
def test_no_document_is_written_when_a_step_fails(tmp_path: Path) -> None:
    derivation = Network.from_sizes("3-2").derive()
    assert not derivation.verify().ok
    for write in (derivation.to_latex, derivation.to_text, derivation.render):
        with pytest.raises(VerificationError, match="equation w:1:j:k"):
            write()


@pytest.mark.usefixtures("broken_network")
def test_the_command_line_fails_with_one_line_when_a_step_fails(tmp_path: Path) -> None:
    there = tmp_path / "notes.tex"
    there.write_text("what was there")
    result = CliRunner().invoke(main, ["derive", "3-2", "-o", str(there)])
    assert result.exit_code == 1
    assert result.stderr.count("\n") == 1
    assert "step 2 of equation w:1:j:k" in result.stderr
    assert result.stdout == ""
    assert there.read_text() == "what was there"
    assert [path.name for path in tmp_path.iterdir()] == ["notes.tex"]

    result = CliRunner().invoke(main, ["verify", "3-2"])
    assert result.exit_code == 1
    assert "FAILED: " in result.stdout


def test_a_step_that_was_never_tried_does_not_hold() -> None:
    assert not Verdict(0.0, 0).holds(TOLERANCE)
    assert Verdict(0.0, 1).holds(TOLERANCE)


def test_no_number_is_different_from_every_number() -> None:
    assert relative(math.nan, math.nan) == math.inf
    assert relative(1.0, math.nan) == math.inf
    assert relative(0.0, 0.0) == 0.0
