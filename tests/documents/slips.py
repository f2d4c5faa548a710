"""Networks whose documents are judged, and slips of 0.1 % in what these state."""

from dataclasses import replace
from functools import cache

from sympy import Rational

from symbackprop import Network
from symbackprop.notation.expressions import Term

SLIP = Rational(1001, 1000)
SOFTMAX = ("softmax", "categorical_cross_entropy")
NETWORKS = {
    "general": Network.general(),
    "chain": Network.chain(),
    "4-3-2": Network.from_sizes("4-3-2"),
    "softmax": Network.named("general", [SOFTMAX[0]], SOFTMAX[1]),
    "mixed": Network.from_sizes("4-3-2", ["tanh", "softmax"], SOFTMAX[1]),
}


@cache
def derived(name, form="chain", targets=()):
    return NETWORKS[name].derive(*targets, form=form).derived


def scaled(terms):
    """The terms, 0.1 % larger."""
    return tuple(Term(((SLIP,), *term.links), term.sums, term.guards) for term in terms)


def changed(derivation, key, change):
    """A derivation with another equation of this label, or (None) without it."""
    sections = tuple(
        replace(
            section,
            equations=tuple(
                new
                for one in section.equations
                for new in [change(one) if one.key == key else one]
                if new is not None
            ),
        )
        for section in derivation.sections
    )
    assert sections != derivation.sections
    return replace(derivation, sections=sections)
