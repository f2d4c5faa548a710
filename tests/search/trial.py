"""A model put through everything: each form, format and target, each result compared."""

from __future__ import annotations

import re
import signal
import traceback
import warnings
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType
from typing import Any

from symbackprop.derivation.forms import FORMS, Form
from symbackprop.derivation.steps import Detail
from symbackprop.documents import render
from symbackprop.errors import SymbackpropError, VerificationError
from symbackprop.model.model import Model
from symbackprop.network import derive
from symbackprop.notation.quantities import Role
from tests.search.case import Case
from tests.search.code import Comparison, Wanted, Way, ways

FORMATS = ("text", "latex", "json")
LIMIT = 10
"""How many seconds of the processor one step of a trial may take."""


@dataclass(frozen=True)
class Fault:
    """Something that went wrong: where (a form, a target), what kind, and all of it."""

    stage: str
    kind: str
    detail: str


@dataclass
class Outcome:
    """What came of one trial: faults, and what was refused, by stage and reason.

    tried: how often each stage was entered.
    """

    faults: list[Fault] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)
    tried: list[str] = field(default_factory=list)


class TooLong(Exception):
    """A step took longer than it may."""


@contextmanager
def limited(seconds: float) -> Iterator[None]:
    """Raise TooLong in the body after so many seconds of the processor, again where it is lost."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise TooLong(f"over {seconds} s")

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds, 0.5)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def _last(error: BaseException) -> str:
    """Where in the project an error came up."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [f for f in frames if "symbackprop/" in f.filename or "gradients_" in f.filename]
    frame = (own or frames)[-1]
    place = frame.filename.rsplit("/", 1)[-1]
    return "generated module" if "gradients_" in place else f"{place}, {frame.name}"


def reason(message: str, model: Model) -> str:
    """A message without what is this model's own: what it refuses."""
    text = re.sub(r"(definition of|equation) \S+", r"\1 _", message)
    names = sorted({q.name for q in model.quantities}, key=len, reverse=True)
    text = re.sub(rf"\b(d_)?({'|'.join(map(re.escape, names))})\b(\[[^\]]*\])*", "_", text)
    return re.sub(r"\d+", "0", text)[:110]


def names_a_place(message: str, model: Model) -> bool:
    """Whether a message names the model, or one of its quantities or functions."""
    names = [model.name, *(q.name for q in model.quantities)]
    names += [row.name for row in model.functions]
    return any(
        re.search(rf"(?<![A-Za-z0-9]){re.escape(one)}(?![A-Za-z0-9])", message) for one in names
    )


class Trial:
    """One case put through what is asked for; `outcome` has what came of it."""

    def __init__(self, case: Case, limit: float = LIMIT) -> None:
        self.case = case
        self.model = case.model
        self.limit = limit
        self.outcome = Outcome()

    def step(self, stage: str, action: Callable[[], Any]) -> Any:
        """What an action returns; None, and a note, where it is refused or goes wrong."""
        self.outcome.tried.append(stage)
        try:
            with limited(self.limit), warnings.catch_warnings():
                warnings.simplefilter("error")
                return action()
        except VerificationError as error:
            self.fault(stage, "a step does not hold", str(error))
        except SymbackpropError as error:
            message = str(error)
            if not names_a_place(message, self.model):
                self.fault(stage, "a refusal that names no place", message)
            self.outcome.refused.append((stage, reason(message, self.model)))
        except TooLong as error:
            self.fault(stage, f"takes too long ({_last(error)})", str(error))
        except Exception as error:
            kind = f"{type(error).__name__} in {_last(error)}"
            self.fault(stage, kind, "".join(traceback.format_exception(error)[-3:]))
        return None

    def fault(self, stage: str, kind: str, detail: str) -> None:
        """Note something that is wrong."""
        self.outcome.faults.append(Fault(stage, kind, detail))

    # -- derivations ----------------------------------------------------------------------------

    def derivation(
        self,
        form: Form,
        targets: tuple[str, ...] = (),
        unfold: int | None = None,
        pages: tuple[tuple[str, str], ...] = (),
    ) -> None:
        """Derive, verify, and write in some formats and details."""
        stage = f"derive {form.name}"
        made = self.step(stage, lambda: derive(self.model, *targets, unfold=unfold, form=form.name))
        if made is None:
            return
        report = self.step(f"verify {form.name}", made.verify)
        if report is None:
            return
        for judged in report.failures:
            place = re.sub(r":.*", "", judged.key)
            detail = f"{judged.key} {judged.rule} {judged.verdict}"
            self.fault(stage, f"step does not hold: {place} ({judged.rule})", detail)
        if report.failures:
            return
        for format_, detail in pages:
            stage = f"write {format_}" + f" {form.name}" * bool(form.matrices)
            text = self.step(
                stage,
                lambda f=format_, d=detail: render(made.derived, report, f, detail=d, title="M"),
            )
            if text is not None and not text.strip():
                self.fault(stage, "an empty document", "")

    def entry(self, number: int) -> str:
        """One entry of a parameter or input, as a user names it."""
        given = self.model.with_role(Role.PARAMETER, Role.INPUT)
        quantity = given[number % len(given)]
        if not quantity.axes or any(axis.kind.value in ("layer", "time") for axis in quantity.axes):
            return quantity.name
        places = self.case.oracle.places(quantity)
        return f"{quantity.name}[{','.join(map(str, places[number % len(places)]))}]"

    # -- code -----------------------------------------------------------------------------------

    def code(self, way: Way, wanted: Wanted) -> None:
        """Generate, import, and compare every function."""
        stage = f"code {way}"
        made = self.step(stage, lambda: way.made(self.case))
        if made is None:
            return
        found: list[str] = []
        self.step(f"run {way}", lambda: found.extend(Comparison(wanted, made[1]).faults()))
        for fault in found:
            kind = re.sub(r"( by \w+)?:.*", "", fault)
            wrong = "wrong shape" if ": shape" in fault else "wrong numbers"
            self.fault(f"run {way}", f"{wrong}: {kind}", fault)


DETAILS = tuple(detail.name.lower() for detail in Detail)


PARTS = ("derive", "code")
"""What a trial tries: derivations with their documents, and code."""


def everything(case: Case, limit: float = LIMIT, parts: Collection[str] = PARTS) -> Outcome:
    """Each form in each format and detail, each target."""
    trial = Trial(case, limit)
    if "derive" in parts:
        for form in FORMS:
            trial.derivation(form, pages=tuple((f, d) for f in FORMATS for d in DETAILS))
    if "code" in parts:
        wanted = Wanted(case)
        for way in ways()[:-1]:
            trial.code(way, wanted)
    return trial.outcome


def some(case: Case, number: int, limit: float = LIMIT, parts: Collection[str] = PARTS) -> Outcome:
    """A part of it that goes round with the number."""
    trial = Trial(case, limit)
    if "derive" in parts:
        _some_derivations(trial, number)
    if "code" in parts:
        _some_code(trial, number)
    return trial.outcome


def _some_derivations(trial: Trial, number: int) -> None:
    """One form by all parameters; of each third model one by an entry, or one with matrices."""
    plain = tuple(form for form in FORMS if not form.matrices)
    matrix = tuple(form for form in FORMS if form.matrices)
    unfold = (None, 0, 1, 3)[number // 7 % 4]
    trial.derivation(plain[number % len(plain)], pages=_page(number), unfold=unfold)
    turn, rest = divmod(number, 6)
    if rest == 0:
        trial.derivation(plain[turn % len(plain)], (trial.entry(number),), pages=_page(turn))
    if rest == 3:
        trial.derivation(matrix[turn % len(matrix)], pages=_page(turn))


def _page(number: int) -> tuple[tuple[str, str], ...]:
    """One format and one detail; every pair of them comes round."""
    turn, place = divmod(number, len(FORMATS))
    return ((FORMATS[place], DETAILS[turn % len(DETAILS)]),)


def _some_code(trial: Trial, number: int) -> None:
    """Plain numpy always, one of the others, what numba compiles rarely."""
    wanted = Wanted(trial.case)
    first, *others, compiled = ways()
    for way in (first, others[number % len(others)]):
        trial.code(way, wanted)
    if number % 50 == 0:
        trial.code(compiled, wanted)
