"""Indices that are sums of letters: slices, and the sliding windows of a convolution."""

from __future__ import annotations

from collections.abc import Mapping

from sympy import Expr, Integer, Symbol

from symbackprop.codegen import algebra
from symbackprop.codegen.program import Builder, Pick, Windows
from symbackprop.errors import NotSupported
from symbackprop.notation.conditions import affine
from symbackprop.notation.expressions import Bound


def read_axis(
    builder: Builder, node: int, axis: int, index: Expr, bounds: Mapping[Symbol, Bound]
) -> tuple[int, tuple[Symbol, ...]]:
    """An axis read at an index expression counted from 0: the new array and its letters there.

    A number picks one position. ``j + c`` is a slice, ``2 i + m`` all windows with stride 2.
    """
    if isinstance(index, Integer):
        return algebra.pick(builder, node, axis, int(index)), ()
    parsed = affine(index)
    if parsed is None or not set(parsed[0]) <= set(bounds):
        raise NotSupported(f"no code is written for the index {index}")
    coefficients, constant = parsed
    letters = sorted(coefficients, key=lambda letter: (-coefficients[letter], str(letter)))
    lows = {letter: int(bounds[letter].low) for letter in letters}
    counts = {letter: int(bounds[letter].high) - lows[letter] + 1 for letter in letters}
    start = constant + sum(coefficients[letter] * lows[letter] for letter in letters)
    if any(coefficients[letter] < 1 for letter in letters) or start < 0:
        raise NotSupported(f"no code is written for the index {index}")
    if len(letters) == 1:
        (letter,) = letters
        return _slice(builder, node, axis, start, counts[letter], coefficients[letter]), (letter,)
    if len(letters) != 2 or coefficients[letters[1]] != 1:
        raise NotSupported(f"no code is written for the index {index}")
    outer, inner = letters
    step = coefficients[outer]
    length = step * (counts[outer] - 1) + counts[inner]
    return (
        _windows(builder, _slice(builder, node, axis, start, length, 1), axis, counts[inner], step),
        (outer, inner),
    )


def _slice(builder: Builder, node: int, axis: int, start: int, count: int, step: int) -> int:
    shape = builder.shape(node)
    if (start, count, step) == (0, shape[axis], 1):
        return node
    cut = (*shape[:axis], count, *shape[axis + 1 :])
    return builder.append(Pick((node,), cut, axis, start, start + step * (count - 1) + 1, step))


def _windows(builder: Builder, node: int, axis: int, length: int, step: int) -> int:
    shape = builder.shape(node)
    count = (int(shape[axis]) - length) // step + 1
    cut = (*shape[:axis], count, length, *shape[axis + 1 :])
    return builder.append(Windows((node,), cut, axis, length, step))
