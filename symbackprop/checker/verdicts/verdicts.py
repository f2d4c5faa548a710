"""Verdicts: what is said of one equation, and why."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum

from symbackprop.checker.meaning import arrays
from symbackprop.checker.meaning.arrays import Array
from symbackprop.checker.meaning.conventions import Bare, Conventions, Reading
from symbackprop.checker.meaning.lookup import Lookup, nodes_of
from symbackprop.checker.meaning.surroundings import indices_of, look
from symbackprop.checker.meaning.worlds import SAMPLES
from symbackprop.checker.verdicts import listings, updates
from symbackprop.checker.verdicts.bench import Bench
from symbackprop.checker.verdicts.evidence import factors_of_layers
from symbackprop.checker.verdicts.judge import Counterexample, Equation, Outcome, judge
from symbackprop.reading.syntax.tree import Relation, Statement
from symbackprop.reading.syntax.walk import terms
from symbackprop.reading.text.source import NotUnderstood, Position, Source

EQUALS = ("=", ":=", "\\equiv", "=:")
_REST = "the members that can be compared"


class Verdict(StrEnum):
    """What came of an equation."""

    HOLDS = "holds"
    FAILS = "fails"
    CANNOT_TELL = "cannot tell"
    ONE_NEURON = "holds for one neuron a layer only"
    ONE_SAMPLE = "holds for one sample only"
    NOT_UNDERSTOOD = "not understood"
    NO_EQUATION = "no equation"


@dataclass(frozen=True, slots=True)
class Finding:
    """What is said of one equation.

    position: where it begins, or what was not understood. written: the equation as it stands.
    why: the reason in words. slip: what was probably meant, and corrected: the equation with it.
    member: which member of the equation differs from the first, counted from 1.
    notes: what else there is to say, a line each. counterexample: whether both sides have values,
    which differ; an equation may also fail because it has none.
    """

    position: Position
    verdict: Verdict
    written: str
    why: str = ""
    slip: str = ""
    corrected: str = ""
    label: str = ""
    member: int = 0
    notes: tuple[str, ...] = ()
    counterexample: bool = False


@dataclass(frozen=True)
class Judge:
    """Judges equations of one text with its conventions; it remembers what it said of statements.

    said: by the settings and the place of a statement; shared by all judges of the text.
    """

    bench: Bench
    conventions: Conventions
    said: dict[object, Finding] = field(default_factory=dict, compare=False, repr=False)

    @property
    def lookup(self) -> Lookup:
        """The letters."""
        return Lookup(self.conventions.profile, self.bench.network.batch, self.conventions.named)

    def finding(self, statement: Statement, source: Source) -> Finding:
        """What is said of a statement."""
        key = self.bench.activations, self.bench.cost, self.conventions.key, statement.start
        if key not in self.said:
            self.said[key] = self._finding(statement, source)
        return self.said[key]

    def _finding(self, statement: Statement, source: Source) -> Finding:
        written = _one_line(source.text[statement.body.start : statement.body.end])
        label = statement.labels[0].text if statement.labels else ""
        at = source.position(statement.body.start)
        body = statement.body
        if not isinstance(body, Relation):
            return Finding(at, Verdict.NO_EQUATION, written, "", label=label)
        try:
            found = self._relation(statement, body, source)
        except RecursionError:
            return Finding(at, Verdict.NOT_UNDERSTOOD, written, "it is nested too deeply")
        except NotUnderstood as error:
            return Finding(
                Position(error.line, error.column), Verdict.NOT_UNDERSTOOD, written,
                f"met {error.met}; expected {error.expected}", label=label,
            )  # fmt: skip
        return replace(found, position=at, written=written, label=label)

    def _relation(self, statement: Statement, body: Relation, source: Source) -> Finding:
        special = listings.assess(body, self.lookup) or updates.assess(
            body, source, self.bench, self.conventions
        )
        if special is not None:
            verdict = Verdict.HOLDS if special.holds else Verdict.FAILS
            return _finding(verdict, special.why)
        if any(sign not in EQUALS for sign in body.signs):
            return _finding(Verdict.NO_EQUATION, f"a relation with {body.signs[0]}")
        return self.equation(Equation(source, body.members, statement.conditions))

    def equation(self, equation: Equation) -> Finding:
        """What is said of an equation."""
        readings = self.readings(equation)
        outcome = self.outcome(equation, readings[0])
        if outcome.holds:
            return self._held(equation, outcome, readings[0])
        if readings[0] is Reading.WHOLE and self._by_entries(equation):
            return _finding(Verdict.HOLDS, "read entry by entry")
        if outcome.speaks_of_mean:
            alone = judge(
                equation, self.bench.worlds(readings[0]), self.conventions, readings[0], samples=1
            )
            if alone.holds:
                return _finding(Verdict.ONE_SAMPLE, _with_samples(outcome))
            outcome = alone if alone.failure is not None else outcome
        for reading in readings[1:]:
            if self.outcome(equation, reading).holds:
                if reading is Reading.SINGLE:
                    return _finding(Verdict.ONE_NEURON, _whole_words(outcome))
                return _finding(Verdict.HOLDS)
        if not outcome.tried and not outcome.reason and outcome.failure is None:
            raise equation.source.not_understood(
                equation.members[0].start,
                "an equation whose quantities never exist together",
                "index values for which all of it is defined",
            )
        why = self._without_nodes(equation, readings[0]) + _counterexample(outcome)
        differs = outcome.failure is not None
        return replace(
            _finding(Verdict.FAILS, why), member=outcome.member + 1, counterexample=differs
        )

    def _without_nodes(self, equation: Equation, reading: Reading) -> str:
        """Which quantities have no index where others have one."""
        if reading is not Reading.WHOLE or not look(equation.body, self.lookup).indexed:
            return ""
        bare = dict.fromkeys(
            one.name
            for one in terms(equation.body)
            if (quantity := self.lookup.quantity(one)) is not None
            and nodes_of(quantity) > 0
            and not indices_of(one)
        )
        return f"{', '.join(bare)} without an index is a whole layer: " if bare else ""

    def outcome(self, equation: Equation, reading: Reading) -> Outcome:
        """How an equation comes out in one reading."""
        return judge(equation, self.bench.worlds(reading), self.conventions, reading)

    def readings(self, equation: Equation) -> tuple[Reading, ...]:
        """The readings of an equation, the one that is meant first."""
        around = look(equation.body, self.lookup)
        if self.bench.model == "chain":
            return (Reading.SINGLE,)
        if not around.bare:
            return (Reading.NODES,)
        if around.indexed:
            return (Reading.WHOLE,)
        if self.bench.model:
            return Reading.WHOLE, Reading.SINGLE
        if self.conventions.bare is Bare.NEURON:
            return (Reading.SINGLE,)
        return Reading.SINGLE, Reading.WHOLE

    def _held(self, equation: Equation, outcome: Outcome, reading: Reading) -> Finding:
        """An equation that holds for single neurons is tried for layers of several."""
        settled = self.conventions.bare is Bare.NEURON or self.bench.model == "chain"
        if reading is not Reading.SINGLE or settled:
            return _finding(Verdict.HOLDS)
        try:
            whole = self.outcome(equation, Reading.WHOLE)
        except NotUnderstood:
            return _finding(Verdict.HOLDS)
        if whole.holds or self._by_entries(equation):
            return _finding(Verdict.HOLDS)
        return _finding(Verdict.ONE_NEURON, _whole_words(whole))

    def _by_entries(self, equation: Equation) -> bool:
        """Whether it holds entry by entry, where nothing is multiplied that has nodes."""
        if any(factors_of_layers(member, self.lookup) for member in equation.members):
            return False
        return self.outcome(equation, Reading.ENTRIES).holds


def _finding(verdict: Verdict, why: str = "") -> Finding:
    return Finding(Position(1, 1), verdict, "", why)


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _with_samples(outcome: Outcome) -> str:
    found = outcome.failure
    if found is None:
        return outcome.reason
    return f"with {SAMPLES} samples {_sides(found)}"


def _whole_words(outcome: Outcome) -> str:
    """Why an equation does not hold for layers of several neurons."""
    if outcome.failure is not None:
        return f"with layers of {outcome.sizes} neurons {_sides(outcome.failure)}"
    return f"with layers of {outcome.sizes} neurons, {outcome.reason}"


def _counterexample(outcome: Outcome) -> str:
    if outcome.failure is None:
        return outcome.reason
    return _sides(outcome.failure)


def _sides(found: Counterexample) -> str:
    names = ", ".join(f"{name} = {number}" for name, number in found.letters)
    place = f" at {names}" if names else ""
    which = f"member {found.member + 1}" if found.member > 1 else "the right side"
    one, other = _numbers(found.left, found.right)
    return f"the left side is {one}, {which} {other}{place}"


def _numbers(left: Array, right: Array) -> tuple[str, str]:
    """Both values; of arrays the first entries that differ."""
    if not arrays.is_number(left):
        pairs = zip(left.flat, right.flat, strict=True)
        left, right = max(pairs, key=lambda pair: abs(pair[0] - pair[1]))
    return f"{left.real:.6g}", f"{right.real:.6g}"
