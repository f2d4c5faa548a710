"""The likely slip: the first small repair of an equation after which it holds."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from symbackprop.checker.meaning.surroundings import look
from symbackprop.checker.repairs.costs import to_one_sample
from symbackprop.checker.repairs.repairs import repairs
from symbackprop.checker.repairs.sites import Edit, Repair, Site
from symbackprop.checker.verdicts.judge import Equation
from symbackprop.checker.verdicts.verdicts import EQUALS, Finding, Judge, Verdict
from symbackprop.reading.statements import parse
from symbackprop.reading.syntax.tree import Relation, Statement
from symbackprop.reading.syntax.walk import walk
from symbackprop.reading.text.source import NotUnderstood, Source

_MOST = 500
_WORK = 30_000  # parts of formulas that are judged for one equation
_WHOLE = 6_000_000  # and for all equations of a text
_BREAKS = re.compile(r"(?<!\\)&|\\\\(\[[^\]]*\])?")


@dataclass
class Search:
    """The search for the slips of one text, which ends when so much was judged.

    work: the parts of formulas that may still be judged.
    """

    judge: Judge
    work: int = _WHOLE

    def with_slip(self, statement: Statement, source: Source, finding: Finding) -> Finding:
        """The finding with the slip that was probably made, if a small repair is found."""
        body = statement.body
        if not isinstance(body, Relation) or any(sign not in EQUALS for sign in body.signs):
            return finding
        parts = sum(1 for _ in walk(body))
        most = min(_MOST, min(_WORK, self.work) // parts)
        candidates = _candidates(self.judge, body, source, finding)
        for repair in itertools.islice(candidates, most):
            self.work -= parts
            corrected = _edited(source.text, body, repair.edits)
            if corrected is not None and _holds(self.judge, corrected, statement):
                written = " ".join(corrected.split())
                return replace(finding, slip=repair.what, corrected=written)
        if most == _MOST or next(candidates, None) is None:
            return finding
        said = f"its slip was looked for in {most} repairs only: the equation is long"
        return replace(finding, notes=(*finding.notes, said))


def _candidates(judge: Judge, body: Relation, source: Source, finding: Finding) -> Iterator[Repair]:
    """Repairs of the member that differs, then of the first; the same with C_0 for C."""
    nodes = tuple(sorted(look(body, judge.lookup).nodes))
    at = max(finding.member, 2) - 1
    members = (body.members[at], body.members[0])
    sites = [Site(source.text, member, body, judge.lookup, nodes) for member in members]
    alone = to_one_sample(sites[0]) if judge.conventions.mean else None
    for site in sites:
        yield from repairs(site)
    if finding.verdict is not Verdict.FAILS:
        return
    for site in sites:
        for repair in repairs(site) if alone is not None else ():
            both = (*alone.edits, *repair.edits) if alone is not None else ()
            if not _overlap(both):
                yield Repair(f"{repair.what}; and {alone.what}" if alone else "", both)
    pairs = itertools.combinations(list(repairs(sites[0])), 2)
    for one, other in pairs:
        both = (*one.edits, *other.edits)
        if not _overlap(both):
            yield Repair(f"{one.what}; {other.what}", both)


def _overlap(edits: tuple[Edit, ...]) -> bool:
    ordered = sorted(edits, key=lambda edit: (edit.start, edit.end))
    pairs = itertools.pairwise(ordered)
    return any(two.start < one.end or one == two for one, two in pairs)


def _edited(text: str, body: Relation, edits: tuple[Edit, ...]) -> str | None:
    """The text of an equation with edits made; None where they lie outside of it."""
    found = text[body.start : body.end]
    for edit in sorted(edits, key=lambda edit: edit.start, reverse=True):
        start, end = edit.start - body.start, edit.end - body.start
        if start < 0 or end > len(found):
            return None
        found = f"{found[:start]}{edit.text}{found[end:]}"
    return _BREAKS.sub(" ", found)


def _holds(judge: Judge, text: str, statement: Statement) -> bool:
    """Whether a corrected equation can be read and holds, and says more than a = a."""
    try:
        first, *others = parse(text)
        body = first.body
        if others or not isinstance(body, Relation) or len(set(body.members)) < len(body.members):
            return False
        equation = Equation(Source.of(text), body.members, statement.conditions)
        return judge.equation(equation).verdict is Verdict.HOLDS
    except NotUnderstood:
        return False
