"""Notes checked: each equation of a text with its verdict, and what the text was read with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from symbackprop.checker import evidence
from symbackprop.checker.bench import Bench
from symbackprop.checker.conditions_of import with_conditions
from symbackprop.checker.conventions import Bare, Conventions
from symbackprop.checker.definitions import Unread, unread
from symbackprop.checker.displays import Display, FileKind, displays
from symbackprop.checker.doubts import doubts
from symbackprop.checker.lookup import Lookup
from symbackprop.checker.settle import DEFAULT_COST, Chosen, settle
from symbackprop.checker.slips import Search
from symbackprop.checker.source import NotUnderstood, Position, Source
from symbackprop.checker.statements import parse
from symbackprop.checker.syntax import Call, Statement, Symbol
from symbackprop.checker.verdicts import Finding, Judge, Verdict
from symbackprop.checker.walk import walk
from symbackprop.model.model import Model
from symbackprop.notation.files import find_profile
from symbackprop.notation.profiles import DEFAULT, Profile

_SLIPS = (Verdict.FAILS, Verdict.ONE_SAMPLE, Verdict.ONE_NEURON)


@dataclass(frozen=True)
class Report:
    """What came of checking notes.

    findings: one for each equation, in the order of the text. remarks: what the text was read with.
    """

    findings: tuple[Finding, ...]
    remarks: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether no equation fails."""
        return not any(finding.verdict is Verdict.FAILS for finding in self.findings)

    @property
    def counts(self) -> dict[Verdict, int]:
        """How many equations got each verdict."""
        found = Counter(finding.verdict for finding in self.findings)
        return {verdict: found[verdict] for verdict in Verdict if found[verdict]}

    def lines(self, name: str) -> Iterator[str]:
        """The report line by line; ``name`` is what the file is called."""
        for remark in self.remarks:
            yield f"{name}: {remark}"
        for finding in self.findings:
            yield from _lines(finding, name)
        missed = self.counts.get(Verdict.NOT_UNDERSTOOD, 0)
        if missed and missed == len(self.findings) - self.counts.get(Verdict.NO_EQUATION, 0):
            yield f"{name}: 0 of {missed} equations understood: nothing was checked"
        counts = ", ".join(f"{count} {verdict}" for verdict, count in self.counts.items())
        yield f"{name}: {counts or 'no display equations'}"


def _lines(finding: Finding, name: str) -> Iterator[str]:
    at = finding.position
    label = f" ({finding.label})" if finding.label else ""
    why = f": {finding.why}" if finding.why else ""
    yield f"{name}:{at.line}:{at.column}: {finding.verdict}{label}{why}"
    if finding.verdict in (Verdict.HOLDS, Verdict.NO_EQUATION):
        return
    yield f"    {finding.written}"
    if finding.slip:
        yield f"    likely slip: {finding.slip}"
    if finding.corrected:
        yield f"    which holds: {finding.corrected}"
    for note in finding.notes:
        yield f"    {note}"


def check_text(
    text: str,
    kind: FileKind = "markdown",
    *,
    model: str | Model = "",
    notation: str | Profile | None = None,
    activation: str | None = None,
    cost: str | None = None,
) -> Report:
    """Check the displayed equations of a text.

    kind: "tex" or "markdown". model: the network that the equations are about; without, a chain of
    neurons where quantities have no node indices, and a network of any widths where they have.
    notation: the profile; without, the default with what the formulas tell of their conventions.
    activation, cost: by name; without, those that the text defines, or the usual ones.
    """
    read, missed = _read(text, kind)
    judge, chosen = _judge(read, model, notation, activation, cost)
    settled = settle(judge, read, chosen)
    lost = [one for display, _ in missed for one in _lost(display, judge.lookup)]
    weighing = doubts(settled, read, lost, chosen)
    search = Search(settled.judge)
    judged: list[Placed] = []
    for statement, source in read:
        finding = settled.judge.finding(statement, source)
        finding = weighing.weighed(statement, source, finding)
        if finding.verdict in _SLIPS:
            finding = search.with_slip(statement, source, finding)
        judged.append((statement.body.start, finding))
    unknown = [(display.start, finding) for display, finding in missed]
    findings = sorted([*judged, *unknown], key=lambda one: one[0])
    remarks = (*_words(settled.judge.conventions), *settled.remarks)
    return Report(tuple(finding for _, finding in findings), remarks)


Placed = tuple[int, Finding]
Read = list[tuple[Statement, Source]]


def _judge(
    read: Read,
    model: str | Model,
    notation: str | Profile | None,
    activation: str | None,
    cost: str | None,
) -> tuple[Judge, Chosen]:
    """The judge before the text is asked, and what it need not be asked for."""
    row = find_profile(notation) if notation is not None else DEFAULT
    usual = activation or _usual(read, model)
    bench = Bench((usual,) if usual else (), cost or DEFAULT_COST, model)
    lookup = Lookup(row, bench.network.batch)
    bare = {"": None, "chain": Bare.NEURON}.get(str(model), Bare.LAYER)
    statements = [statement for statement, _ in read]
    found = evidence.conventions(statements, lookup, chosen=notation is not None, bare=bare)
    whole = isinstance(model, Model)
    chosen = Chosen(
        bool(model),
        notation is not None,
        whole or activation is not None,
        whole or cost is not None,
    )
    return Judge(bench, found), chosen


def _read(text: str, kind: FileKind) -> tuple[Read, list[tuple[Display, Finding]]]:
    """The statements of all displays, and what could not be read."""
    read: Read = []
    missed: list[tuple[Display, Finding]] = []
    for display in displays(text, kind):
        try:
            statements = with_conditions(parse(display))
            read += [(statement, display.source) for statement in statements]
        except NotUnderstood as error:
            finding = Finding(
                Position(error.line, error.column), Verdict.NOT_UNDERSTOOD,
                " ".join(display.text.split()), f"met {error.met}; expected {error.expected}",
            )  # fmt: skip
            missed.append((display, finding))
    return read, missed


def _lost(display: Display, lookup: Lookup) -> Iterator[Unread]:
    return unread(display.text, display.position.line, lookup)


def _usual(read: Read, model: str | Model) -> str:
    """The usual activation: an abstract one where layers have their own, else the sigmoid."""
    if model not in ("", "general", "chain"):
        return "sigmoid"
    heads = [
        one.head for statement, _ in read for one in walk(statement.body) if isinstance(one, Call)
    ]
    by_layer = any(head.name in ("g", "f", "h", "phi") and _is_plain(head) for head in heads)
    return "" if by_layer and not any(head.name == "sigma" for head in heads) else "sigmoid"


def _is_plain(head: Symbol) -> bool:
    return not head.below


def _words(found: Conventions) -> tuple[str, ...]:
    words = []
    if found.bare is Bare.NEURON:
        words.append("quantities without node indices are those of single neurons")
    if found.bare is Bare.LAYER:
        words.append("quantities without node indices are whole layers")
    return tuple(words)
