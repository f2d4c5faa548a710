"""Elementary functions of complex arrays, exact for a complex step.

Of an argument x + ih with a tiny h the real part of the value is f(x), and its imaginary part
h f'(x); the branch of a function with kinks is chosen by the real part. NumPy's own functions do
so too, those excepted that stand here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.complex128]

DIGITS = 60
"""Digits that mpmath computes with: the imaginary part is 1e-30 of the real one, or far less."""


def precise(name: str) -> Callable[[Array], Array]:
    """The function of mpmath with this name, each different argument once."""
    function = getattr(mpmath, name)

    def value(x: Array) -> Array:
        given = np.asarray(x, dtype=complex)
        parts, inverse = np.unique(given.ravel(), return_inverse=True)
        with mpmath.workdps(DIGITS):
            found = [complex(function(mpmath.mpc(z))) for z in parts]
        return np.array(found, dtype=complex)[inverse].reshape(given.shape)

    return value


def log_of_one_plus(x: Array) -> Array:
    """The logarithm of 1 + x, without its loss of digits near 0."""
    below = 1 + x.real
    return np.log1p(x.real) + np.log1p((x.imag / below) ** 2) / 2 + 1j * np.arctan2(x.imag, below)


def exp_minus_one(x: Array) -> Array:
    """The exponential less 1, without its loss of digits near 0."""
    small = np.expm1(x.real) * np.cos(x.imag) - 2 * np.sin(x.imag / 2) ** 2
    return small + 1j * np.exp(x.real) * np.sin(x.imag)


def largest(*values: Array) -> Array:
    """The first of the arguments with the largest real part."""
    found = values[0]
    for one in values[1:]:
        found = np.where(one.real > found.real, one, found)
    return found


def smallest(*values: Array) -> Array:
    """The first of the arguments with the smallest real part."""
    found = values[0]
    for one in values[1:]:
        found = np.where(one.real < found.real, one, found)
    return found


def stepwise(function: Callable[..., Any]) -> Callable[..., Array]:
    """A function that is constant between its jumps."""

    def value(*args: Array) -> Array:
        found: Array = function(*(np.real(arg) for arg in args)).astype(complex)
        return found

    return value


def absolute(x: Array) -> Array:
    """The argument, or minus it; 0 at 0."""
    found: Array = np.sign(x.real) * x
    return found
