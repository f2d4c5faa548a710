"""The judge catches every wrong line: all slips at all places of the built-in derivations.

Whether a slip changes what a line is worth is decided by JAX, on networks written by hand; whether
it is caught, by the judge with the references that `verify` uses. A slip that changes nothing must
be left alone, and has a reason.
"""

from __future__ import annotations

import cmath
import math
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import islice

import pytest
from sympy import Integer

from symbackprop.derivation.derive import Derivation, derive
from symbackprop.derivation.steps import Equation
from symbackprop.derivation.targets import parse_target
from symbackprop.derivation.verify import TOLERANCE, _Places
from symbackprop.errors import NotSupported
from symbackprop.model.batch import SAMPLES
from symbackprop.model.builtin import build
from symbackprop.notation.expressions import Bound, Terms
from symbackprop.notation.profiles import DEFAULT
from symbackprop.verification.equality import Equality, Verdict, judge
from symbackprop.verification.reference import Reference
from tests.support import FULL
from tests.verification.mutations import (
    EVERY_SAMPLE,
    Mutant,
    about_samples,
    distinct,
    mean_for_sample,
    slips,
)
from tests.verification.oracle import (
    Network,
    OutOfRangeError,
    assignments,
    holds,
    reading,
    term_reading,
    value_of,
)

CHANGED = 1e-6
"""From which relative difference on a slip counts as one that changes the value."""

SAME = 1e-9
"""Up to which relative difference JAX finds two sides equal."""

POINTS = (-1.7, -0.45, 0.6, 2.2)


@dataclass(frozen=True)
class Case:
    """A derivation to spoil.

    least: how many of its slips must change a value. every: of so many slips one is tried, all of
    them in the full sweep.
    """

    name: str
    model: str
    activations: tuple[str, ...]
    least: int
    cost: str = "squared_error"
    targets: tuple[str, ...] = ()
    every: int = 1

    @property
    def step(self) -> int:
        return 1 if FULL else self.every

    @property
    def single(self) -> bool:
        return self.model == "chain"

    def derivation(self) -> Derivation:
        abstract = self.activations == ("g",)
        model = build(self.model, () if abstract else self.activations, self.cost)
        return derive(model, [parse_target(model, text, DEFAULT) for text in self.targets])


CASES = (
    Case("general", "general", ("g",), 1000, every=2),
    Case("chain", "chain", ("g",), 700, every=2),
    Case("3-2", "3-2", ("sigmoid",), 400, every=2),
    Case("4-3-2", "4-3-2", ("sigmoid", "sigmoid"), 1000, every=4),
    Case("general w[1,2]@L", "general", ("g",), 380, targets=("w[1,2]@L",), every=3),
    Case("general w[2,2]@L-1", "general", ("g",), 500, targets=("w[2,2]@L-1",), every=3),
    Case("4-3-2 softmax", "4-3-2", ("tanh", "softmax"), 1000, "categorical_cross_entropy", every=5),
)

KINDS = {
    "C for C_0 everywhere",
    "C for C_0 on the left",
    "a for z",
    "another adjoint",
    "another index",
    "another index of y",
    "dropped condition",
    "dropped factor",
    "dropped power",
    "dropped slope",
    "dropped sum",
    "dropped summand",
    "flipped sign",
    "function for slope",
    "shifted layer",
    "swapped indices",
    "wrong bound",
    "wrong condition",
    "wrong width",
    "y without its index",
    "z for a",
}
"""The kinds of slips that occur, and must be caught, in the general derivation."""


class Laboratory:
    """The references and the hand-written networks in which a derivation's equations are tried."""

    def __init__(self, case: Case, derivation: Derivation) -> None:
        self.case, self.derivation = case, derivation
        self.places = _Places(derivation)
        self.networks: dict[int, Network] = {}

    def references(self, equation: Equation) -> list[Reference]:
        return self.places.references(equation)

    def network(self, reference: Reference, batch: bool) -> Network:
        if id(reference) not in self.networks:
            names = self.case.activations
            depth = reference.sizes.get("L", len(names))
            every = names * depth if len(names) == 1 else names
            self.networks[id(reference)] = Network(
                reference, every, self.case.cost, single=self.case.single, batch=batch
            )
        return self.networks[id(reference)]

    def by_jax(self, equality: Equality, nets: Sequence[Network]) -> Finding:
        """The largest relative difference that JAX finds, and where both sides can be read."""
        finding = Finding()
        points = (None,) if equality.argument is None else POINTS
        for number, net in enumerate(nets):
            for env in assignments(equality.letters, equality.given, net):
                for point in points:
                    if point is not None:
                        env = {**env, equality.argument: point}
                    try:
                        left = value_of(equality.left, env, net)
                        right = value_of(equality.right, env, net)
                    except OutOfRangeError:
                        finding.unreadable += 1
                        continue
                    finding.read(left, right, number, env)
                    if finding.difference > CHANGED:
                        return finding
        return finding


@dataclass
class Finding:
    """What JAX says of an equality."""

    difference: float = 0.0
    readable: int = 0
    unreadable: int = 0
    largest: float = 0.0
    places: list[tuple[int, dict]] = field(default_factory=list)

    def read(self, left: float, right: float, number: int, env: dict) -> None:
        scale = max(abs(left), abs(right))
        difference = abs(left - right) / scale if scale else 0.0
        self.difference = max(self.difference, math.inf if math.isnan(difference) else difference)
        self.largest = max(self.largest, scale)
        self.readable += 1
        self.places.append((number, env))


def has_values(verdict: Verdict) -> bool:
    """Whether both sides have values wherever they were tried: what is read exists."""
    return verdict.worst is None or not any(cmath.isnan(side) for side in verdict.worst[1:])


def judged(
    equality: Equality, references: Sequence[Reference], nets: Sequence[Network]
) -> Verdict | None:
    """The judge's verdict, where needed on those index values for which the line exists at all."""
    try:
        verdict = judge(equality, references)
    except NotSupported:
        pass
    else:
        if has_values(verdict):
            return verdict
    error, count = 0.0, 0
    for reference, net in zip(references, nets, strict=True):
        for env in assignments(equality.letters, equality.given, net):
            here = tuple(Bound(k, Integer(int(n)), Integer(int(n))) for k, n in env.items())
            try:
                verdict = judge(replace(equality, letters=here), [reference])
            except NotSupported:
                continue
            if not has_values(verdict):
                continue
            error, count = max(error, verdict.error), count + verdict.assignments
            if error > TOLERANCE:
                return Verdict(error, count)
    return Verdict(error, count) if count else None


@dataclass
class Summary:
    """The counts of one derivation."""

    lines: int = 0
    caught: Counter = field(default_factory=Counter)
    unexpressible: Counter = field(default_factory=Counter)
    unchanged: list[tuple[str, str, str, str]] = field(default_factory=list)
    untrue: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)
    alarmed: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        count = sum(self.caught.values()) + len(self.missed)
        reasons = Counter(reason for *_, reason in self.unchanged)
        rows = [
            f"{self.lines} lines: {count} mutants change the value, {sum(self.caught.values())} "
            f"of them are caught; {sum(self.unexpressible.values())} cannot be expressed; "
            f"{len(self.unchanged)} change nothing:",
            *(f"  {number} because {reason}" for reason, number in reasons.most_common()),
        ]
        return "\n".join(rows)

    def listing(self) -> str:
        """Every slip that changes nothing, with its reason."""
        return "\n".join(f"{key}: {kind}: {what}: {why}" for key, kind, what, why in self.unchanged)


def reason(original: Equality, mutant: Mutant, finding: Finding, nets: Sequence[Network]) -> str:
    """Why a slip changes nothing, found by JAX; '' when it is none of the reasons known."""
    if mutant.named:
        return "the arguments of a quantity written as a function have no value of their own"
    if finding.largest == 0:
        return "both sides are 0"
    if mutant.kind.startswith("C for C_0"):
        return "the equation is linear in the derivatives of the cost: it holds for the mean too"
    if mutant.kind in ("wrong bound", "wrong width", "dropped sum"):
        return "the terms that the sum gains or loses are 0"
    if mutant.kind == "dropped summand":
        return "the summand is 0"
    if not summands_agree(original, mutant.terms, finding, nets):
        return "the sum is the same: its terms are exchanged"
    if mutant.before is not None and same_node(mutant, finding, nets):
        return "both are the same number"
    return "the other factors are 0 wherever the two differ"


def same_node(mutant: Mutant, finding: Finding, nets: Sequence[Network]) -> bool:
    """Whether the node before and after are equal wherever both can be read."""
    found = 0
    for number, env in finding.places:
        net = nets[number]
        try:
            first, second = (
                reading(node)(env, net.values, net) for node in (mutant.before, mutant.after)
            )
        except (OutOfRangeError, KeyError):
            continue
        found += 1
        if abs(first - second) > SAME:
            return False
    return found > 0


def summands_agree(first: Terms, second: Terms, finding: Finding, nets: Sequence[Network]) -> bool:
    """Whether the lines agree summand by summand, the sums taken apart."""
    if [t.sums for t in first] != [t.sums for t in second]:
        return False
    for one, other in zip(first, second, strict=True):
        left, right = (term_reading(replace(t, sums=())) for t in (one, other))
        for number, env in finding.places:
            net = nets[number]
            if all(holds(guard, env, net) for guard in one.guards):
                for inner in assignments(one.sums, (), net, env):
                    if abs(left(inner, net.values, net) - right(inner, net.values, net)) > SAME:
                        return False
    return True


# -- the trial -----------------------------------------------------------------------------------


def spoiled(
    lab: Laboratory, equation: Equation, before: Terms, line: Terms, first: bool
) -> Iterator[tuple[Mutant, Equality]]:
    """Every wrong version of one line of an equation, and of the left side."""
    model = lab.derivation.batch if equation.batch else lab.derivation.model
    own = Equality(before, line, equation.letters, equation.given, equation.argument)
    for mutant in distinct(slips(model, line, equation.letters), line):
        yield mutant, replace(own, right=mutant.terms)
    if first:
        for mutant in distinct(slips(model, before, equation.letters), before):
            if mutant.before is not None:
                what = f"left side: {mutant.what}"
                yield replace(mutant, what=what), replace(own, left=mutant.terms)


def for_the_mean(
    lab: Laboratory, equation: Equation, before: Terms, line: Terms
) -> Iterator[tuple[Mutant, Equality]]:
    """C for C_0, judged in the model of all samples."""
    if equation.batch or equation.argument is not None:
        return
    batch = lab.derivation.batch
    letters = (EVERY_SAMPLE, *equation.letters)
    for kind, left, right in mean_for_sample(batch, equation, before, line):
        yield Mutant(kind, right, kind), Equality(left, right, letters, equation.given)


def attempt(
    summary: Summary,
    lab: Laboratory,
    equation: Equation,
    own: Equality,
    trials: Iterator[tuple[Mutant, Equality]],
) -> None:
    """Try the judge on wrong lines, and JAX as the judge of the judge."""
    references = lab.references(equation)
    nets = [lab.network(reference, equation.batch) for reference in references]
    for mutant, equality in trials:
        finding = lab.by_jax(equality, nets)
        verdict = judged(equality, references, nets)
        place = f"{equation.key}: {mutant.kind}: {mutant.what}"
        if not finding.readable or verdict is None:
            assert not finding.readable, f"{place}: only JAX can read it"
            assert verdict is None, f"{place}: only the judge can read it"
            summary.unexpressible[mutant.kind] += 1
        elif finding.difference > CHANGED:
            if verdict.holds(TOLERANCE):
                summary.missed.append(place)
            else:
                summary.caught[mutant.kind] += 1
        else:
            assert finding.difference <= SAME, f"{place}: {finding.difference} is neither"
            if not verdict.holds(TOLERANCE):
                summary.alarmed.append(f"{place}: {verdict}")
            original = own.left if mutant.what.startswith("left") else own.right
            why = reason(original, mutant, finding, nets)
            summary.unchanged.append((equation.key, mutant.kind, mutant.what, why))


@cache
def trial(case: Case) -> Summary:
    """Spoil every line of a derivation."""
    derivation = case.derivation()
    lab, summary = Laboratory(case, derivation), Summary()
    for equation in derivation.equations:
        for position, (line, own) in enumerate(equation.steps()):
            summary.lines += 1
            nets = [lab.network(r, equation.batch) for r in lab.references(equation)]
            finding = lab.by_jax(own, nets)
            if finding.unreadable or not finding.readable or finding.difference > SAME:
                summary.untrue.append(f"{equation.key}, {line.rule}: {finding}")
            start = summary.lines % case.step
            wrong = spoiled(lab, equation, own.left, own.right, position == 0)
            attempt(summary, lab, equation, own, islice(wrong, start, None, case.step))
            mean = islice(for_the_mean(lab, equation, own.left, own.right), start, None, case.step)
            attempt(summary, lab, replace(equation, batch=True), own, mean)
    return summary


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_every_wrong_line_is_caught(
    case: Case, record_property: Callable[[str, object], None]
) -> None:
    summary = trial(case)
    print(summary)
    print(summary.listing())
    record_property(f"mutants of {case.name}", str(summary))
    record_property(f"mutants of {case.name} that change nothing", summary.listing())
    assert summary.untrue == []
    assert summary.missed == []
    assert summary.alarmed == []
    assert sum(summary.caught.values()) >= case.least // case.step
    if case.name == "general":
        assert KINDS - set(summary.caught) == set()


def test_samples_differ_so_that_the_mean_is_not_one_of_them() -> None:
    derivation = CASES[2].derivation()
    lab = Laboratory(CASES[2], derivation)
    equation = derivation.equation("w:1:j:k")
    (batch,) = lab.references(replace(equation, batch=True))
    assert batch.sizes[SAMPLES.name] >= 2
    net = lab.network(batch, batch=True)
    (_, own), *_ = equation.steps()
    terms = about_samples(derivation.batch, own.left, mean=False)
    env = next(iter(assignments((EVERY_SAMPLE, *equation.letters), (), net)))
    values = {
        round(value_of(terms, {**env, EVERY_SAMPLE.letter: s}, net), 9)
        for s in range(batch.sizes[SAMPLES.name])
    }
    assert len(values) == batch.sizes[SAMPLES.name]
