"""Where something is that no code is written for: the equation, said once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from symbackprop.errors import NotSupported
from symbackprop.notation.quantities import Quantity


class _InEquation(NotSupported):
    """A refusal whose message names its equation already."""


@contextmanager
def named(quantity: Quantity) -> Iterator[None]:
    """What is not supported inside is said to be in the equation of this quantity."""
    try:
        yield
    except _InEquation:
        raise
    except NotSupported as error:
        of = quantity.adjoint_of
        whose = quantity.name if of is None else f"the derivative of the cost by {of.name}"
        raise _InEquation(f"the equation of {whose}: {error}") from None
