"""The arrays in which a model's quantities are given: shapes, tuples of arrays, names in Python."""

from __future__ import annotations

import keyword
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sympy import Expr, Integer, Symbol

from symbackprop.errors import UsageError
from symbackprop.model.model import Model
from symbackprop.notation.quantities import Kind, Quantity


def listed(quantity: Quantity) -> tuple[bool, ...]:
    """For each axis of a given quantity, whether its values are arrays of their own in a tuple."""
    return tuple(
        axis.kind is Kind.LAYER or others_depend(quantity, axis.letter) for axis in quantity.axes
    )


def time_axes(quantity: Quantity) -> tuple[int, ...]:
    """Which axes of its arrays the times of a quantity are."""
    flags = zip(quantity.axes, listed(quantity), strict=True)
    kinds = [axis.kind for axis, flag in flags if not flag]
    return tuple(n for n, kind in enumerate(kinds) if kind is Kind.TIME)


def others_depend(quantity: Quantity, letter: Symbol) -> bool:
    """Whether the range of some axis of a quantity depends on another one's letter."""
    return any(letter in axis.low.free_symbols | axis.high.free_symbols for axis in quantity.axes)


@dataclass(frozen=True)
class Leaf:
    """One array of a quantity.

    position: its place in the tuple of arrays; None where the quantity is one array.
    given: for each axis of the quantity, the index that the whole array has, None where the axis
        is one of the array. low: the lowest index of each axis of the array. shape: of the array.
    """

    quantity: Quantity
    position: int | None
    given: tuple[int | None, ...]
    low: tuple[int, ...]
    shape: tuple[int, ...]

    @property
    def name(self) -> str:
        """The array as Python writes it: ``w[1]``."""
        own = field_name(self.quantity)
        return own if self.position is None else f"{own}[{self.position}]"

    def entry(self, place: Sequence[int]) -> str:
        """An entry of the array as Python writes it: ``w[1][0, 2]``."""
        return f"{self.name}[{', '.join(str(int(i)) for i in place)}]" if place else self.name

    def indices(self, place: Sequence[int]) -> tuple[int, ...]:
        """The indices of the quantity at a place of the array."""
        inner = iter(int(number) + lowest for number, lowest in zip(place, self.low, strict=True))
        return tuple(next(inner) if index is None else index for index in self.given)


def field_name(quantity: Quantity) -> str:
    """The name of the field that holds a quantity: a keyword gets an underscore.

    >>> from symbackprop.notation.quantities import Role
    >>> field_name(Quantity("lambda", Role.PARAMETER)), field_name(Quantity("w", Role.PARAMETER))
    ('lambda_', 'w')
    """
    return f"{quantity.name}_" if keyword.iskeyword(quantity.name) else quantity.name


def leaves(model: Model, quantity: Quantity) -> tuple[Leaf, ...]:
    """The arrays of a quantity, in order. Raises UsageError where a size is no number."""
    flags = listed(quantity)
    found = list(_ranges(model, quantity, flags, ()))
    many = any(flags)
    return tuple(
        Leaf(
            quantity,
            position if many else None,
            tuple(low if flag else None for flag, (low, _) in zip(flags, ranges, strict=True)),
            tuple(low for flag, (low, _) in zip(flags, ranges, strict=True) if not flag),
            tuple(
                high - low + 1 for flag, (low, high) in zip(flags, ranges, strict=True) if not flag
            ),
        )
        for position, ranges in enumerate(found)
    )


def _ranges(
    model: Model,
    quantity: Quantity,
    flags: tuple[bool, ...],
    before: tuple[tuple[int, int], ...],
) -> Iterator[tuple[tuple[int, int], ...]]:
    """The ranges of all axes, of one index each where the axis is listed."""
    if len(before) == len(flags):
        yield before
        return
    axis = quantity.axes[len(before)]
    letters: dict[Expr, Expr] = {
        one.letter: Integer(low)
        for one, flag, (low, _) in zip(quantity.axes, flags, before, strict=False)
        if flag
    }
    low, high = (_number(model, end.xreplace(letters)) for end in (axis.low, axis.high))
    for range_ in [(n, n) for n in range(low, high + 1)] if flags[len(before)] else [(low, high)]:
        yield from _ranges(model, quantity, flags, (*before, range_))


def _number(model: Model, end: Expr) -> int:
    """The end of a range by the sizes of the model."""
    found = end.xreplace({size: Integer(number) for size, number in model.sizes.items()})
    if not found.is_Integer:
        raise UsageError(f"model {model.name} has symbolic sizes: no number is given for {found}")
    return int(found)
