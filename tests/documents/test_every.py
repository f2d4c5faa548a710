"""Every activation, cost, form, format, detail and notation: documents that hold their targets.

The tables are walked, not copied. In the usual run each value of each table stands in some
document; the full sweep derives every activation with every cost in every form, and writes every
format in every detail and notation.
"""

from functools import cache
from itertools import cycle, islice, product

import pytest

from symbackprop import Network
from symbackprop.derivation.forms import FORMS
from symbackprop.documents.formats.formats import FORMATS, detail_named, format_named, render
from symbackprop.documents.layout import Layout
from symbackprop.documents.statements import required
from symbackprop.errors import UsageError
from symbackprop.model.costs import COSTS
from symbackprop.model.functions import ACTIVATIONS as TABLE
from symbackprop.notation.profiles import PROFILES, profile
from symbackprop.notation.quantities import Role
from tests.documents.support import DETAILS

SIZES = "2-2"


@cache
def network(activation, cost):
    """A network of this pair; None where the activation can leave the domain of the cost."""
    try:
        return Network.from_sizes(SIZES, activation, cost)
    except UsageError:
        return None


ACTIVATIONS = [row.name for row in TABLE]
PAIRS = [
    (activation, cost.name)
    for activation, cost in product(ACTIVATIONS, COSTS)
    if network(activation, cost.name)
]


@cache
def verified(activation, cost, form):
    derivation = network(activation, cost).derive(form=form)
    report = derivation.verify()
    report.require()
    return derivation, report


def check(activation, cost, form, format_, detail, notation):
    """A document is written, and each target stands in it as the left side of an equation."""
    derivation, report = verified(activation, cost, form)
    text = render(derivation.derived, report, format_, detail=detail, notation=notation, title="t")
    assert text
    assert "Traceback" not in text
    row = format_named(format_)
    layout = Layout(
        derivation.derived, profile(notation), row.style, detail_named(detail), row.page
    )
    view = layout.document("t", report)
    lefts = {one.left for section in view.sections for one in section.equations}
    model = derivation.derived.model
    for quantity in model.with_role(Role.PARAMETER):
        symbol = quantity.adjoint.symbol
        at_one = quantity.adjoint[(1, *symbol.indices[1:])]
        wanted = {layout._plain(layout.one.side(one)) for one in (symbol, at_one)}
        assert wanted & lefts
        if format_ in ("latex", "text", "fragment"):
            assert any(one in text for one in wanted & lefts)


def rotating():
    """As many documents as the longest table has rows, the others gone through in a circle."""
    tables = (
        [row.name for row in FORMS],
        [row.name for row in FORMATS],
        DETAILS,
        [row.name for row in PROFILES],
    )
    by_cost = {cost.name: [pair for pair in PAIRS if pair[1] == cost.name] for cost in COSTS}
    pairs, left = [], set(ACTIVATIONS)
    for cost in cycle(by_cost):
        fresh = [pair for pair in by_cost[cost] if pair[0] in left] or by_cost[cost]
        pairs.append(fresh[0])
        left.discard(fresh[0][0])
        if not left and len(pairs) >= len(by_cost):
            break
    length = max(len(pairs), *map(len, tables))
    columns = [list(islice(cycle(table), length)) for table in (pairs, *tables)]
    return [(*pair, *others) for pair, *others in zip(*columns, strict=True)]


ROTATING = rotating()


def test_every_table_is_walked():
    columns = [set(column) for column in zip(*ROTATING, strict=True)]
    assert columns[0] == set(ACTIVATIONS)
    assert columns[1] == {row.name for row in COSTS}
    assert columns[2] == {row.name for row in FORMS}
    assert columns[3] == {row.name for row in FORMATS}
    assert columns[4] == set(DETAILS)
    assert columns[5] == {row.name for row in PROFILES}


@pytest.mark.parametrize("case", ROTATING, ids="-".join)
def test_documents_hold_their_targets(case):
    check(*case)


def test_what_a_document_lacks_is_refused(monkeypatch):
    asked = []
    monkeypatch.setattr(
        "symbackprop.documents.statements.statements.require_targets",
        lambda derivation: asked.append(required.require_targets(derivation)),
    )
    derivation, report = verified("sigmoid", "squared_error", "chain")
    for row in FORMATS:
        render(derivation.derived, report, row.name)
    assert len(asked) >= len(FORMATS)


@pytest.mark.full
@pytest.mark.parametrize("form", [row.name for row in FORMS])
@pytest.mark.parametrize("pair", PAIRS, ids="-".join)
def test_every_pair_in_every_form(pair, form):
    notations = cycle([row.name for row in PROFILES])
    details = cycle(DETAILS)
    for row in FORMATS:
        check(*pair, form, row.name, next(details), next(notations))


@pytest.mark.full
@pytest.mark.parametrize("form", [row.name for row in FORMS])
@pytest.mark.parametrize(
    "pair", [("sigmoid", "squared_error"), ("softmax", "categorical_cross_entropy")], ids="-".join
)
def test_every_format_in_every_detail_and_notation(pair, form):
    for row, detail, notation in product(FORMATS, DETAILS, PROFILES):
        check(*pair, form, row.name, detail, notation.name)
