"""Documents to be tested: models, details and notations, each pair of them at least once."""

from functools import cache
from itertools import product

from symbackprop.derivation.verify import Report
from symbackprop.documents import render
from symbackprop.network import Derivation, Network

MODELS = ("general", "chain", "3-2", "4-3-2")
NOTATIONS = ("deeplizard", "3blue1brown", "nielsen", "bishop", "goodfellow", "ng")
DETAILS = ("brief", "standard", "full")

CASES = [
    (model, notation, DETAILS[(row + column) % 3])
    for (row, model), (column, notation) in product(enumerate(MODELS), enumerate(NOTATIONS))
]
"""Every model in every notation; each meets every detail."""


@cache
def derived(model: str, *targets: str) -> tuple[Derivation, Report]:
    derivation = Network.named(model).derive(*targets)
    report = derivation.verify()
    report.require()
    return derivation, report


def document(
    model: str, format_: str, *targets: str, notation: str = "deeplizard", **options: str
) -> str:
    derivation, report = derived(model, *targets)
    return render(
        derivation.derived, report, format_, notation=notation, title=derivation.title, **options
    )
