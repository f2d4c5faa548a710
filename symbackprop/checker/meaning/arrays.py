"""Numbers, columns and matrices: the operations that notes write, with their shapes checked."""

from __future__ import annotations

from typing import Any

import numpy as np

Array = Any
"""A complex number, or a two-dimensional complex array: a column, a row or a matrix."""


class NoShape(Exception):
    """An operation that has no meaning for these shapes; the message says why."""


def is_number(value: Array) -> bool:
    """Whether a value is a single number."""
    return not isinstance(value, np.ndarray)


def shape(value: Array) -> str:
    """The shape in words: ``a column of 3``, ``a 3 by 2 matrix``."""
    if is_number(value):
        return "a number"
    rows, columns = value.shape
    if columns == 1:
        return f"a column of {rows}"
    return f"a row of {columns}" if rows == 1 else f"a {rows} by {columns} matrix"


def add(left: Array, right: Array) -> Array:
    """The sum. Raises NoShape where the shapes differ."""
    if is_number(left) != is_number(right) or (not is_number(left) and left.shape != right.shape):
        raise NoShape(f"{shape(left)} and {shape(right)} do not add")
    return left + right


def multiply(left: Array, right: Array, sign: str = "") -> Array:
    """The product, of matrices where neither is a number. Raises NoShape."""
    if is_number(left) or is_number(right):
        return left * right
    if sign in ("\\odot", "\\circ", "\\otimes"):
        if left.shape != right.shape:
            if sign == "\\otimes" and left.shape[1] == right.shape[1] == 1:
                return left @ right.T
            raise NoShape(f"{shape(left)} {sign} {shape(right)} has no meaning")
        return left * right
    if left.shape[1] == right.shape[0]:
        return _plain(left @ right)
    if sign == "*" and left.shape == right.shape:
        return left * right
    if sign in (".", "\\cdot") and left.shape == right.shape and left.shape[1] == 1:
        return complex((left * right).sum())
    raise NoShape(f"{shape(left)} times {shape(right)} has no meaning")


def _plain(value: np.ndarray[Any, Any]) -> Array:
    return complex(value[0, 0]) if value.shape == (1, 1) else value


def power(base: Array, exponent: Array) -> Array:
    """The power of a number. Raises NoShape for anything else."""
    if not is_number(base):
        raise NoShape(f"{shape(base)} has no power")
    if not is_number(exponent):
        raise NoShape(f"{shape(exponent)} is no exponent")
    if exponent.imag == 0 and exponent.real == int(exponent.real):
        return base ** int(exponent.real)
    return base**exponent


def divide(above: Array, below: Array) -> Array:
    """The quotient by a number. Raises NoShape for anything else."""
    if not is_number(below):
        raise NoShape(f"nothing can be divided by {shape(below)}")
    return above / below if below else above * complex("nan")


def transpose(value: Array) -> Array:
    """The transpose; a number is its own."""
    return value if is_number(value) else value.T


def length(value: Array) -> Array:
    """The Euclidean norm, as a smooth function."""
    squares = value * value if is_number(value) else (value * value).sum()
    return complex(squares) ** 0.5


def difference(left: Array, right: Array) -> float:
    """The largest difference of two values, relative to the larger. Raises NoShape."""
    if is_number(left) and is_number(right):
        return _relative(left, right)
    if is_number(left) or is_number(right) or left.shape != right.shape:
        raise NoShape(f"one side is {shape(left)}, the other {shape(right)}")
    pairs = zip(left.flat, right.flat, strict=True)
    return max(_relative(one, other) for one, other in pairs)


def _relative(left: complex, right: complex) -> float:
    gap = abs(left - right)
    if gap != gap:
        return float("inf")
    return gap / max(abs(left), abs(right)) if gap > 1e-13 else 0.0
