"""Short names for what networks written as bare definitions are made of."""

from dataclasses import replace

from sympy import Sum

from symbackprop.model.model import Model
from symbackprop.notation.expressions import Bound
from symbackprop.notation.quantities import Axis, Kind, Quantity, Role
from symbackprop.notation.symbols import index, size
from tests.support.models import ONE, ZERO

a_, c_ = map(index, "ac")
i, j, k, m, n, p, q, r, t = map(index, "ijkmnpqrt")
T, H, D, K = map(size, "THDK")
TIME, WITH_START = Axis(t, ONE, T, Kind.TIME), Axis(t, ZERO, T, Kind.TIME)


def sized(model: Model, **numbers: int) -> Model:
    """The model with these numbers for its plain sizes."""
    return replace(model, sizes={size(name): number for name, number in numbers.items()})


def parameter(name, *axes):
    """A parameter with these axes."""
    return Quantity(name, Role.PARAMETER, axes)


def between(name, *axes):
    """An intermediate quantity with these axes."""
    return Quantity(name, Role.INTERMEDIATE, axes)


def over(body, letter, count):
    """A sum over a letter from 0 to count - 1."""
    return Sum(body, (letter, 0, count - 1))


def steps(width=H, letter=p):
    """The domain of what is computed at times 1..T."""
    return (Bound(t, ONE, T), Bound(letter, ZERO, width - 1))


COST = Quantity("C0", Role.COST)
