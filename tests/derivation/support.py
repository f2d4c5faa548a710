"""Derivations that several tests look at, each made and verified once."""

from dataclasses import dataclass
from functools import cache

from symbackprop.derivation.derive import Derivation
from symbackprop.derivation.steps import Detail, Equation
from symbackprop.derivation.verify import Report
from symbackprop.documents.layout import Layout
from symbackprop.documents.views import DocumentView
from symbackprop.network import Derivation as Verified
from symbackprop.network import Network
from symbackprop.notation.printers.styles import LATEX, TEXT, Latex, Text
from symbackprop.notation.profiles import DEFAULT


@dataclass(frozen=True)
class Asked:
    """A derivation that is asked for."""

    model: str
    activations: tuple[str, ...] = ()
    cost: str = "squared_error"
    targets: tuple[str, ...] = ()
    unfold: int | None = None

    def __str__(self) -> str:
        words = [self.model, *self.activations, *self.targets]
        if self.unfold is not None:
            words.append(f"unfold={self.unfold}")
        return " ".join(words)


BUILT_IN = tuple(map(Asked, ("general", "chain", "3-2", "4-3-2", "784-30-10")))

DIFFERENT = (
    Asked("4-3-2", ("tanh", "softmax"), "categorical_cross_entropy"),
    Asked("3-4-2-5", ("relu", "sigmoid", "identity")),
    Asked("2-3-3-3-2", ("sin", "tanh", "tanh", "sigmoid"), "binary_cross_entropy"),
)

NUMBERED = (
    Asked("general", targets=("w[1,2]@L", "w[2,2]@L-1")),
    Asked("general", targets=("b[3]@L-2", "w@1")),
    Asked("general", targets=("a[1]@L-1", "w[0,0]@L")),
    Asked("chain", ("sigmoid",), targets=("w@L", "b@L", "a@L-1")),
    Asked("4-3-3", targets=("w[1,2]@L", "w[2,2]@L-1")),
    Asked("4-3-2", ("tanh", "softmax"), "categorical_cross_entropy", ("w[1,2]@2", "b[0]@1")),
    Asked("3-2", targets=("w[1,2]@1",)),
)

QUANTITIES = (
    Asked("general", targets=("w",)),
    Asked("general", targets=("a",)),
    Asked("general", targets=("w", "b", "a", "z", "x")),
    Asked("4-3-2", targets=("b", "a")),
)


@cache
def network(asked: Asked) -> Network:
    """The network of a derivation."""
    return Network.named(asked.model, asked.activations, asked.cost)


@cache
def verified(asked: Asked) -> Verified:
    """The derivation behind its public face."""
    return network(asked).derive(*asked.targets, unfold=asked.unfold)


def derived(asked: Asked) -> Derivation:
    """The derivation."""
    return verified(asked).derived


@cache
def report(asked: Asked) -> Report:
    """What came of verifying it."""
    return verified(asked).verify()


@cache
def document(asked: Asked, style: Latex | Text = LATEX) -> DocumentView:
    """The derivation laid out with all its steps, on a page of any width."""
    layout = Layout(derived(asked), DEFAULT, style, Detail.FULL, float("inf"))
    return layout.document("", report(asked))


def text(asked: Asked) -> str:
    """The derivation as plain text, its lines joined."""
    return " ".join(verified(asked).to_text().split())


def printed(asked: Asked, equation: Equation, position: int = -1) -> str:
    """A line of an equation as plain text: ``left = right``."""
    printer = Layout(derived(asked), DEFAULT, TEXT, Detail.FULL).one
    return f"{printer.expr(equation.left)} = {printer.terms(equation.lines[position].terms)}"
