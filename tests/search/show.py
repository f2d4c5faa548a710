"""A case for people to read: its equations, sizes and values."""

from symbackprop.model.model import Model
from tests.search.case import Case


def equations(model: Model) -> list[str]:
    """The quantities and the definitions of a model."""
    found = []
    for q in model.quantities:
        axes = ", ".join(f"{a.letter}={a.low}..{a.high} {a.kind}" for a in q.axes)
        found.append(f"{q.role} {q.name}[{axes}]")
    for d in model.definitions:
        domain = ", ".join(f"{b.letter}={b.low}..{b.high}" for b in d.domain)
        found.append(f"{d.target} := {d.expr}   for {domain}")
    found.append(f"sizes {model.sizes}")
    return found


def lines(case: Case) -> list[str]:
    """All that one needs to repeat a case."""
    return [*equations(case.model), f"script {list(case.script)}"]
