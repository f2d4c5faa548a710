"""What expressions are evaluated in: values of indices by name, and a place that knows the rest."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
from sympy import Symbol

from symbackprop.notation.expressions import Partial

STEP = 1e-30
"""The imaginary step: its square vanishes, so imaginary part over step is the exact derivative."""

VANISHING = float(np.finfo(float).tiny) / STEP
"""A derivative smaller than this loses digits to the step: differences are relative to this."""

HIDDEN = "\0"
"""How a name begins that a place itself puts into an environment."""

Values = Any
"""A number, or an array of them."""

Env = dict[str, Values]
"""Values of indices and arguments by name: a name hashes quickly, a SymPy symbol does not."""


class Place(Protocol):
    """What an expression is evaluated in: values of instances, derivatives, functions, sizes."""

    def read(self, name: str, indices: tuple[Values, ...], env: Env) -> Values:
        """The value of an instance."""

    def partial(self, node: Partial, env: Env) -> Values:
        """The value of a derivative written by name."""

    def function(self, head: str, place: Values, order: int, argument: Values) -> Values:
        """The value of a named function or of one of its derivatives."""

    def size(self, name: str, indices: tuple[Values, ...]) -> Values:
        """The number that a symbolic size stands for."""


Evaluator = Callable[[Env, Place], Values]
Test = Callable[[Env, Place], Values]


def argument_key(symbol: Symbol) -> str:
    """The name under which an environment carries the value of a function's argument.

    It is none that an index has: a formula in t may stand beside a time t.
    """
    return f"{HIDDEN}={symbol.name}"


def is_array(value: Values) -> bool:
    """Whether a value has axes."""
    return isinstance(value, np.ndarray) and value.ndim > 0


def shape_of(env: Env) -> tuple[int, ...]:
    """The shape that all arrays of an environment broadcast to."""
    return np.broadcast_shapes(*(v.shape for v in env.values() if is_array(v)))


def where(mask: Values, body: Evaluator, env: Env, place: Place) -> Values:
    """``body`` where the mask holds, evaluated there only, and 0 elsewhere."""
    if not is_array(mask):
        return body(env, place) if mask else 0j
    if mask.all():
        return body(env, place)
    if not mask.any():
        return 0j
    shape = np.broadcast_shapes(mask.shape, shape_of(env))
    mask = np.broadcast_to(mask, shape)
    inner = {k: np.broadcast_to(v, shape)[mask] if is_array(v) else v for k, v in env.items()}
    found = np.zeros(shape, complex)
    found[mask] = body(inner, place)
    return found
