"""Documents of our own, checked: each says which model it is of, and nothing in them is accused."""

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import pytest

from symbackprop import documents
from symbackprop.checker.report import check_text
from symbackprop.checker.verdicts.verdicts import Verdict
from symbackprop.derivation.forms import FORMS
from symbackprop.derivation.steps import Detail
from symbackprop.documents.formats.markdown import NAMES as DIALECTS
from symbackprop.errors import SymbackpropError
from symbackprop.model.builtin import BUILT_IN, build
from symbackprop.model.costs import COSTS
from symbackprop.model.functions import ACTIVATIONS
from symbackprop.network import Network
from symbackprop.notation.profiles import PROFILES

FORMATS = [("latex", ""), ("fragment", ""), ("beamer", ""), ("handout", "")]
FORMATS += [("markdown", dialect) for dialect in DIALECTS]
NAMES = [row.name for row in PROFILES]
FORM_NAMES = [row.name for row in FORMS]
DETAILS = [one.name.lower() for one in Detail]
MODELS = ["general", "chain", "4-3-2", "2-3", "3-2-4-2"]
FEW, MANY = 17, 4000


@dataclass(frozen=True)
class Case:
    """One document: of which network, how it is written."""

    model: str
    activation: str
    cost: str
    form: str
    notation: str
    detail: str
    format: str
    dialect: str


@cache
def networks() -> list[tuple[str, str, str]]:
    """Every model with every activation and cost that it can have; "g" is the abstract one."""
    found = []
    names = ["g", *(row.name for row in ACTIVATIONS)]
    for activation, cost in itertools.product(names, [row.name for row in COSTS]):
        for model in MODELS:
            try:
                build(model, [activation], cost)
            except SymbackpropError:
                continue
            found.append((model, activation, cost))
    return found


def cases(count: int) -> Iterator[Case]:
    """So many documents: each table is walked at its own pace, so that their rows meet in turn."""
    every = networks()
    pages = list(itertools.product(FORM_NAMES, NAMES, FORMATS))
    # From one page to the next each of form, notation and format moves on by one or two rows.
    turn = coprime(len(NAMES) * len(FORMATS) + len(FORMATS) + 1, len(pages))
    step = coprime(97, len(every))
    for n in range(count):
        form, notation, format_ = pages[n * turn % len(pages)]
        detail = DETAILS[(n + n // 3) % len(DETAILS)]
        yield Case(*every[n * step % len(every)], form, notation, detail, *format_)


def coprime(least: int, total: int) -> int:
    """The smallest step, `least` or more, that walks a circle of `total` places through all."""
    return next(step for step in itertools.count(least) if math.gcd(step, total) == 1)


@cache
def derived(model: str, activation: str, cost: str, form: str):
    """A derivation. It is not verified: other tests do."""
    return Network.named(model, [activation], cost).derive(form=form).derived


@cache
def report():
    """The report of some derivation, for the line in which a document quotes one."""
    return Network.from_sizes("1-1").derive("w").verify()


def written(case: Case) -> str:
    return documents.render(
        derived(case.model, case.activation, case.cost, case.form), report(), case.format,
        notation=case.notation, detail=case.detail, dialect=case.dialect, title="a network",
    )  # fmt: skip


def accused(case: Case) -> list[str]:
    """The equations of a document that are called wrong."""
    kind = "markdown" if case.format == "markdown" else "tex"
    found = check_text(written(case), kind)
    assert found.findings
    assert "the document says which model it is of" in found.remarks[0]
    good = (Verdict.FAILS, Verdict.ONE_NEURON, Verdict.ONE_SAMPLE)
    return [f"{one.verdict}: {one.written}: {one.why}" for one in found.findings
            if one.verdict in good]  # fmt: skip


@pytest.mark.parametrize("case", list(cases(FEW)), ids=lambda case: "-".join(vars(case).values()))
def test_nothing_of_our_own_is_accused(case):
    assert accused(case) == []


@pytest.mark.full
@pytest.mark.parametrize("case", list(cases(MANY))[FEW:], ids=str)
def test_nothing_of_our_own_is_accused_in_any_style(case):
    assert accused(case) == []


def test_the_tables_are_walked():
    few, many = list(cases(FEW)), list(cases(MANY))
    assert {(one.format, one.dialect) for one in few} == set(FORMATS)
    assert {one.notation for one in few} == set(NAMES)
    assert {one.form for one in few} == set(FORM_NAMES)
    assert {(one.model, one.activation, one.cost) for one in many} == set(networks())
    assert {row.name for row in BUILT_IN} <= set(MODELS)
    pairs = set(itertools.product(FORM_NAMES, NAMES, FORMATS))
    assert {(one.form, one.notation, (one.format, one.dialect)) for one in many} == pairs


@pytest.mark.parametrize("format_", ["latex", "markdown"])
def test_a_slip_in_a_document_of_our_own_is_found(format_):
    text = written(Case("4-3-2", "tanh", "huber", "chain", "ng", "standard", format_, ""))
    right, wrong = r"a_k^{[l-1]}", r"a_k^{[l]}"
    assert right in text
    found = check_text(text.replace(right, wrong), "tex" if format_ == "latex" else "markdown")
    assert not found.ok


def test_a_document_of_an_unknown_model_is_not_accused():
    text = written(Case("4-3-2", "tanh", "huber", "chain", "ng", "standard", "latex", ""))
    foreign = text.replace('"huber"', "null").replace(r"a_k^{[l-1]}", r"a_k^{[l]}")
    found = check_text(foreign, "tex")
    assert found.ok
    assert Verdict.CANNOT_TELL in found.counts
