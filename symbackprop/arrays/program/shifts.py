"""Indices that are sums of letters: slices, and the sliding windows of a convolution."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from math import lcm

from sympy import Expr, Indexed, Integer, Symbol

from symbackprop.arrays.program import algebra
from symbackprop.arrays.program.program import Builder, Pick, Spread, Windows
from symbackprop.errors import NotSupported
from symbackprop.notation import symbols
from symbackprop.notation.conditions import affine
from symbackprop.notation.expressions import Bound, Term
from symbackprop.notation.quantities import Axis


def read_axis(
    builder: Builder, node: int, axis: int, index: Expr, bounds: Mapping[Symbol, Bound]
) -> tuple[int, tuple[Symbol, ...]]:
    """An axis read at an index expression counted from 0: the new array and its letters there.

    A number picks one position. ``j + c`` is a slice, ``2 i + m`` all windows with stride 2, and
    ``(k + r)/2`` all windows of the array with zeros between its entries: it counts where it is an
    index at all.
    """
    if isinstance(index, Integer):
        return algebra.pick(builder, node, axis, int(index)), ()
    divisor = lcm(*(int(c.q) for c in index.expand().as_coefficients_dict().values()))
    parsed = affine(divisor * index)
    if parsed is None or not set(parsed[0]) <= set(bounds):
        raise NotSupported(f"no code is written for the index {index}")
    coefficients, constant = parsed
    letters = sorted(coefficients, key=lambda letter: (-coefficients[letter], str(letter)))
    counts = [int(bounds[x].high) - int(bounds[x].low) + 1 for x in letters]
    steps = [coefficients[x] for x in letters]
    start = constant + sum(coefficients[x] * int(bounds[x].low) for x in letters)
    reach = start + sum(step * (count - 1) for step, count in zip(steps, counts, strict=True))
    if len(letters) == 1 and divisor == 1:
        return _slice(builder, node, axis, start, counts[0], steps[0]), (letters[0],)
    if len(letters) != 2 or steps[1] != 1 or min(steps) < 1:
        raise NotSupported(f"no code is written for the index {index}")
    node, start = _spread(builder, node, axis, divisor, start, reach)
    node = _slice(builder, node, axis, start, steps[0] * (counts[0] - 1) + counts[1], 1)
    return _windows(builder, node, axis, counts[1], steps[0]), (letters[0], letters[1])


def stays_on(axis: Axis, index: Expr, bounds: Mapping[Symbol, Bound]) -> bool:
    """Whether an index is a place of its axis for all values of its letters."""
    bound = bounds.get(index) if isinstance(index, Symbol) else None
    if bound is not None and (bound.low, bound.high) == (axis.low, axis.high):
        return True
    parsed = affine(index.expand())
    if parsed is None or not set(parsed[0]) <= set(bounds):
        return False
    coefficients, constant = parsed
    ends = [
        [coefficient * int(end) for end in (bounds[letter].low, bounds[letter].high)]
        for letter, coefficient in coefficients.items()
    ]
    low, high = constant + sum(map(min, ends)), constant + sum(map(max, ends))
    return int(axis.low) <= low and high <= int(axis.high)


def _slice(builder: Builder, node: int, axis: int, start: int, count: int, step: int) -> int:
    """``count`` entries of an axis, from ``start`` on, each ``step`` after the last."""
    shape = builder.shape(node)
    last = start + step * (count - 1)
    if min(start, last) < 0 or max(start, last) >= int(shape[axis]):
        raise NotSupported(f"an index reaches from {start} to {last} on an axis of {shape[axis]}")
    if (start, count, step) == (0, shape[axis], 1):
        return node
    cut = (*shape[:axis], count, *shape[axis + 1 :])
    return builder.append(Pick((node,), cut, axis, start, last + (1 if step > 0 else -1), step))


def _windows(builder: Builder, node: int, axis: int, length: int, step: int) -> int:
    shape = builder.shape(node)
    count = (int(shape[axis]) - length) // step + 1
    cut = (*shape[:axis], count, length, *shape[axis + 1 :])
    return builder.append(Windows((node,), cut, axis, length, step))


def _spread(
    builder: Builder, node: int, axis: int, step: int, start: int, reach: int
) -> tuple[int, int]:
    """An axis with zeros, so that every index from ``start`` to ``reach`` can be read."""
    shape = builder.shape(node)
    length = step * (int(shape[axis]) - 1) + 1
    before, after = max(0, -start), max(0, reach + 1 - length)
    if (step, before, after) == (1, 0, 0):
        return node, start
    cut = (*shape[:axis], before + length + after, *shape[axis + 1 :])
    return builder.append(Spread((node,), cut, axis, step, before, after)), start + before


def opened(term: Term, bounds: Mapping[Symbol, Bound]) -> Term:
    """A sum whose range depends on another index, over a range that does not.

    The adjoint of a convolution is such: sum_i d[i] w[k - 2 i], for as long as w has that index.
    With r that counts w from its end, it is a sum over all of w, of d where that exists.
    """
    letters = {one.letter for one in term.sums} | set(bounds)
    for bound in term.sums:
        if (bound.low.free_symbols | bound.high.free_symbols) & letters:
            return opened(_reversed(term, bound, bounds), bounds)
    return term


def _reversed(term: Term, bound: Bound, bounds: Mapping[Symbol, Bound]) -> Term:
    letter = bound.letter
    mentions = [factor for factor in term.factors if letter in factor.free_symbols]
    if not all(isinstance(factor, Indexed) for factor in mentions):
        raise NotSupported(f"no code is written for a sum over {bound.low}..{bound.high}")
    for factor in mentions:
        for index in factor.indices:
            coefficient = index.expand().coeff(letter)
            if index != letter and coefficient.is_Integer and coefficient < 0:
                return _solved(term, bound, index, bounds)
    raise NotSupported(f"no code is written for a sum over {bound.low}..{bound.high}")


def _solved(term: Term, bound: Bound, index: Expr, bounds: Mapping[Symbol, Bound]) -> Term:
    """The sum over another letter, r, in which the index of the other array is ``ends - r``."""
    coefficient = -index.expand().coeff(bound.letter)
    rest = (index + coefficient * bound.letter).expand()
    outer = [letter for letter in rest.free_symbols if letter in bounds]
    if len(outer) != 1:
        raise NotSupported(f"no code is written for the index {index}")
    low, high = _covered(bound, index, bounds[outer[0]])
    letter = symbols.fresh(bound.letter)
    value = (rest - (low + high - letter)) / coefficient
    sums = tuple(Bound(letter, low, high) if one is bound else one for one in term.sums)
    return replace(term, sums=sums).replaced({bound.letter: value.expand()})


def _covered(bound: Bound, index: Expr, outer: Bound) -> tuple[Integer, Integer]:
    """The values that the index takes inside of the sum: the other array's whole range."""
    values: list[int] = []
    for number in range(int(outer.low), int(outer.high) + 1):
        at = {outer.letter: Integer(number)}
        for inner in range(int(bound.low.xreplace(at)), int(bound.high.xreplace(at)) + 1):
            values.append(int(index.xreplace({**at, bound.letter: Integer(inner)})))
    return Integer(min(values)), Integer(max(values))
