"""Notes checked: each equation of a text with its verdict, and what the text was read with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

from symbackprop.checker.meaning.conditions import with_conditions
from symbackprop.checker.meaning.conventions import Bare, Conventions
from symbackprop.checker.meaning.lookup import Lookup
from symbackprop.checker.provenance import provenance
from symbackprop.checker.repairs.slips import Search
from symbackprop.checker.verdicts import evidence
from symbackprop.checker.verdicts.bench import Bench
from symbackprop.checker.verdicts.definitions import Unread, unread
from symbackprop.checker.verdicts.doubts import doubts
from symbackprop.checker.verdicts.settle import DEFAULT_COST, Chosen, settle
from symbackprop.checker.verdicts.verdicts import Finding, Judge, Verdict
from symbackprop.model.model import Model
from symbackprop.notation.files import find_profile
from symbackprop.notation.profiles import DEFAULT, Profile
from symbackprop.reading.statements import parse
from symbackprop.reading.syntax.tree import Call, Statement, Symbol
from symbackprop.reading.syntax.walk import walk
from symbackprop.reading.text.displays import Display, FileKind, displays
from symbackprop.reading.text.source import NotUnderstood, Position, Source

_LONGEST = 120_000
"""Characters of displays that are judged in one text: about two thousand equations."""

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
    setting = _setting(text, model, notation, activation, cost)
    judge = _judge(read, setting)
    settled = settle(judge, read, setting.chosen)
    lost = [one for display, _ in missed for one in _lost(display, judge.lookup)]
    weighing = doubts(settled, read, lost, setting.chosen, setting.foreign)
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
    remarks = (*setting.remarks, *_words(settled.judge.conventions), *settled.remarks)
    return Report(tuple(finding for _, finding in findings), remarks)


Placed = tuple[int, Finding]
Read = list[tuple[Statement, Source]]


@dataclass(frozen=True)
class _Setting:
    """What a text is to be judged with before it is asked itself.

    activations: None where they are open. foreign: why nothing can be called wrong, if so. named:
    see `Conventions`.
    """

    model: str | Model
    notation: Profile
    activations: tuple[str, ...] | None
    cost: str | None
    chosen: Chosen
    remarks: tuple[str, ...] = ()
    foreign: str = ""
    named: bool = False


def _setting(
    text: str,
    model: str | Model,
    notation: str | Profile | None,
    activation: str | None,
    cost: str | None,
) -> _Setting:
    """What the user chose; without a choice, what the document says of itself."""
    row = find_profile(notation) if notation is not None else DEFAULT
    found = None if model or activation or cost else provenance(text)
    if found is not None:
        row = found.notation if notation is None else row
        known = bool(found.model)
        why = "" if known else found.words
        if found.form == "batch":
            why = "errors of a whole batch, which are slopes of the mean, are not understood yet"
        return _Setting(
            found.model, row, found.activations if known else None, found.cost or None,
            Chosen(known, True, known, known), (found.words,), why, known,
        )  # fmt: skip
    whole = isinstance(model, Model)
    named = whole or activation is not None
    chosen = Chosen(bool(model), notation is not None, named, whole or cost is not None)
    return _Setting(model, row, (activation,) if activation else None, cost, chosen)


def _judge(read: Read, setting: _Setting) -> Judge:
    """The judge before the text is asked."""
    usual = _usual(read, setting.model)
    activations = setting.activations or ((usual,) if usual else ())
    bench = Bench(activations, setting.cost or DEFAULT_COST, setting.model)
    lookup = Lookup(setting.notation, bench.network.batch, setting.named)
    bare = {"": None, "chain": Bare.NEURON}.get(str(setting.model), Bare.LAYER)
    statements = [statement for statement, _ in read]
    found = evidence.conventions(statements, lookup, chosen=setting.chosen.notation, bare=bare)
    return Judge(bench, replace(found, named=setting.named))


def _read(text: str, kind: FileKind) -> tuple[Read, list[tuple[Display, Finding]]]:
    """The statements of all displays, and what could not be read."""
    read: Read = []
    missed: list[tuple[Display, Finding]] = []
    left = _LONGEST
    for display in displays(text, kind):
        left -= len(display.text)
        try:
            if left < 0:
                raise display.source.not_understood(
                    display.start, f"more than {_LONGEST} characters of equations", "shorter notes"
                )
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
