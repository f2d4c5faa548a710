"""Why nothing can be told of an equation that does not hold: what it rests on was assumed.

An equation fails only where the text states what it is judged with, or where it fails whichever
way it is read. `Doubts.weighed` turns any other accusation into *cannot tell*, with the reason.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from symbackprop.checker.meaning.functions import depends
from symbackprop.checker.verdicts import hints
from symbackprop.checker.verdicts.definitions import (
    COST,
    FUNCTION,
    LAYER,
    OTHER,
    Definition,
    Unread,
)
from symbackprop.checker.verdicts.definitions import definitions as found_in
from symbackprop.checker.verdicts.hints import Case
from symbackprop.checker.verdicts.settle import Chosen, Settled, Statements
from symbackprop.checker.verdicts.variants import OPEN, found_by, relevant, variants
from symbackprop.checker.verdicts.verdicts import Finding, Judge, Verdict
from symbackprop.reading.syntax.tree import Statement
from symbackprop.reading.text.source import Source

_ACCUSING = (Verdict.FAILS, Verdict.ONE_SAMPLE, Verdict.ONE_NEURON)
_UNSETTLED = (Verdict.FAILS, Verdict.NOT_UNDERSTOOD)
_MOST = 400
_WORLD = {
    LAYER: "z^(l) = W^(l) a^(l-1) + b^(l)", "a": "a^(l) = {activation}(z^(l))",
    FUNCTION: "the activation {activation}", COST: "the cost {cost}", "y": "the targets y",
    "x": "the inputs x", "w": "the weights w", "b": "the biases b",
}  # fmt: skip


@dataclass(frozen=True)
class Doubts:
    """What a text leaves open, and what it defines in its own way.

    own: why nothing that depends on a quantity can be told, by the name of the quantity.
    letters: what the definitions that hold speak of. excused: where definitions begin that do not
    hold and are not called wrong, with the reason. foreign: why nothing at all is called wrong.
    """

    settled: Settled
    chosen: Chosen
    own: dict[str, str]
    letters: frozenset[str]
    excused: dict[int, str]
    samples: frozenset[str]
    foreign: str = ""

    def weighed(self, statement: Statement, source: Source, finding: Finding) -> Finding:
        """The finding; an accusation that rests on what was assumed is withdrawn."""
        if finding.verdict not in _ACCUSING:
            return finding
        why = self.foreign or self.excused.get(statement.start, "")
        case = Case(statement.body, self.settled, self.chosen, self.letters, self.samples)
        why = why or self._own(case)
        if not why and finding.verdict is Verdict.FAILS:
            why = next((said for rule in hints.RULES if (said := rule(case))), "")
        if why:
            return _withdrawn(finding, why)
        return self._tried(statement, source, finding)

    def _own(self, case: Case) -> str:
        """Why nothing can be told of what an equation mentions."""
        model = self.settled.judge.lookup.model
        for name, why in self.own.items():
            if any(one == name or depends(model, one, name) for one in case.names):
                return why
        return ""

    def _tried(self, statement: Statement, source: Source, finding: Finding) -> Finding:
        """The finding, unless the equation holds in another way to read it."""
        if finding.verdict is Verdict.ONE_NEURON:
            return finding
        judge, choices = self.settled.judge, self.settled.choices
        if finding.verdict is Verdict.ONE_SAMPLE:
            choices = {"mean": choices["mean"]}
        stated = {name: choice for name, choice in choices.items() if choice.stated}
        for other in variants(judge, statement.body, stated, _MOST):
            found = found_by(other.judge, statement, source)
            if found is not None and _stands(found):
                return replace(found, why=found.why or f"with {other.words}")
        tried = 0
        for other in variants(judge, statement.body, choices, _MOST):
            found = found_by(other.judge, statement, source)
            if found is not None and _stands(found):
                why = f"it {found.verdict} with {other.words}"
                return _withdrawn(finding, f"{why}; the text does not state which is meant")
            tried += 1
        rests = relevant(judge, statement.body)
        opened = [OPEN[one] for one in choices if one in rests and not choices[one].stated]
        if not tried or not opened:
            return finding
        said = f"fails under each of {tried + 1} assumptions; not stated: {', '.join(opened)}"
        return replace(finding, notes=(*finding.notes, said))


def _withdrawn(finding: Finding, why: str) -> Finding:
    return replace(finding, verdict=Verdict.CANNOT_TELL, why=why, member=0)


def doubts(
    settled: Settled,
    statements: Statements,
    missed: Sequence[Unread],
    chosen: Chosen,
    foreign: str = "",
) -> Doubts:
    """The doubts of a text. missed: what it defines and could not be read."""
    judge = settled.judge
    found = found_in(statements, judge.lookup)
    verdicts = [_best(settled, one) for one in found]
    standing = [one for one, said in zip(found, verdicts, strict=True) if _stands(said)]
    held = {one.name for one in standing}
    own = {one.name: f"the definition in line {one.line} is not understood" for one in missed}
    own = {name: why for name, why in own.items() if not _is_chosen(name, chosen)}
    excused: dict[int, str] = {}
    for one, said in zip(found, verdicts, strict=True):
        if said.verdict is Verdict.ONE_SAMPLE:
            excused[one.statement.start] = f"the text defines {one.words} beside the other costs"
        if _stands(said) or _is_chosen(one.name, chosen) or _contradicts(one, said, held):
            continue
        why = _why(one, said, judge)
        excused[one.statement.start] = why
        if one.name != OTHER and not hints.is_example(one.statement.body):
            own.setdefault(one.name, why)
    letters = {
        name for one in standing for name in hints.mentions(one.statement.body, judge.lookup)
    }
    samples = hints.sample_marks([one.body for one, _ in statements], judge.lookup)
    return Doubts(settled, chosen, own, frozenset(letters), excused, samples, foreign)


def _best(settled: Settled, one: Definition) -> Finding:
    """What is said of a definition, in the best of the ways that the text states."""
    first = settled.judge.finding(one.statement, one.source)
    if first.verdict is not Verdict.FAILS:
        return first
    stated = {name: choice for name, choice in settled.choices.items() if choice.stated}
    for other in variants(settled.judge, one.statement.body, stated, _MOST):
        found = found_by(other.judge, one.statement, one.source)
        if found is not None and _stands(found):
            return found
    return first


def _stands(finding: Finding) -> bool:
    return finding.verdict not in _UNSETTLED


def _is_chosen(name: str, chosen: Chosen) -> bool:
    """Whether the user says what a definition could say."""
    by: dict[str, bool] = {
        LAYER: chosen.notation, COST: chosen.cost, FUNCTION: chosen.activation,
        "a": chosen.activation and chosen.notation, OTHER: False,
    }  # fmt: skip
    return by.get(name, chosen.model and chosen.notation)


def _contradicts(one: Definition, said: Finding, held: set[str]) -> bool:
    """Whether it cannot be a definition of its own, since the text defines the same elsewhere."""
    if one.name not in held or said.verdict is not Verdict.FAILS:
        return False
    return one.name == LAYER or not said.counterexample


def _why(one: Definition, said: Finding, judge: Judge) -> str:
    if hints.is_example(one.statement.body):
        return "these are the numbers of an example"
    if said.verdict is Verdict.NOT_UNDERSTOOD:
        return f"the text defines {one.words}, which is not understood"
    world = _WORLD.get(one.name, "functions of the table")
    activation, cost = judge.bench.activations[:1] or ("g",), judge.bench.cost
    world = world.format(
        activation=getattr(activation[0], "name", activation[0]), cost=getattr(cost, "name", cost)
    )
    return f"the text defines {one.words}; this is judged with {world}"
