"""What nobody gave: values of inputs, parameters and targets, and small sizes to judge at."""

from __future__ import annotations

import random
from collections.abc import Mapping
from enum import Enum

import numpy as np
from sympy import Expr, Indexed, Integer, Symbol

from symbackprop.model.model import Model
from symbackprop.notation.quantities import Kind, Quantity, Role


class Manner(Enum):
    """How values are drawn: of both signs; or, where a model needs it, of one sign or smaller."""

    MIXED = (0.25, 1.1, True)
    POSITIVE = (0.25, 1.1, False)
    SMALL = (0.05, 0.3, True)
    SMALL_POSITIVE = (0.05, 0.3, False)
    LARGE_POSITIVE = (1.2, 2.5, False)


MIXED = Manner.MIXED
_BY_KEY = 20_000
"""Arrays of more numbers than this are drawn at once."""


def drawn(quantity: Quantity, indices: tuple[int, ...], seed: int, manner: Manner = MIXED) -> float:
    """A value for an instance that nobody gave: the same for the same name, indices and seed.

    Inputs differ from sample to sample (seed), parameters do not. Targets look like probabilities.
    """
    own = 0 if quantity.role is Role.PARAMETER else seed
    source = random.Random(f"{(quantity.name, indices)}:{own}")
    if quantity.role is Role.TARGET:
        return source.uniform(0.15, 0.85)
    low, high, mixed = manner.value
    return source.uniform(low, high) * (source.choice((1, 1, -1)) if mixed else 1)


def drawn_array(
    quantity: Quantity, columns: tuple[np.ndarray, ...], seed: int, manner: Manner, *, mixed: bool
) -> np.ndarray:
    """Values for many instances. mixed: every other target is negative."""
    count = len(columns[0]) if columns else 1
    if count > _BY_KEY:
        own = 0 if quantity.role is Role.PARAMETER else seed
        source = np.random.default_rng([own, *quantity.name.encode()])
        if quantity.role is Role.TARGET:
            return source.uniform(0.15, 0.85, count)
        low, high, signed = manner.value
        sign = source.choice((1, 1, -1), count) if signed else 1
        return source.uniform(low, high, count) * sign
    rows = np.stack(columns, 1).tolist() if columns else [[]]
    found = np.array([drawn(quantity, tuple(row), seed, manner) for row in rows])
    if mixed and quantity.role is Role.TARGET and columns:
        found = np.where(sum(columns) % 2, -found, found)
    return found


def small_sizes(
    model: Model,
    depth: int = 3,
    least: int = 2,
    needed: Mapping[Expr, int] | None = None,
) -> dict[object, int]:
    """Small, unequal sizes for the symbolic sizes of a model: equal ones would hide a transpose.

    depth: for a symbolic number of layers. least: the smallest width (the largest index named in
    a target, plus one). needed: for a size (``H``) or a family of sizes (the base of ``n[l]``), how
    many different values its range must have: as many as a term has letters of that range.
    """
    wanted = needed or {}
    numbers: dict[object, int] = {}
    layers, times = model.depths, ends_of(model, Kind.TIME)
    taken: set[int] = set()
    for symbol in sorted(model.symbols, key=lambda s: (wanted.get(s, 0), s.name)):
        if symbol in layers:
            numbers[symbol.name] = depth
            continue
        number = max(least, wanted.get(symbol, 0), 3 if symbol in times else 2)
        while number in taken:
            number += 1
        taken.add(number)
        numbers[symbol.name] = number
    deepest = _deepest(model, numbers)
    for family in model.size_families:
        start = max(least, wanted.get(family, 0))
        for place in range(deepest + 1):
            numbers[family.label.name, place] = start + (1, 0, 2)[place % 3]
    return numbers


def ends_of(model: Model, kind: Kind) -> set[Symbol]:
    """The symbols in the upper ends of all axes of one kind."""
    return {
        symbol
        for quantity in model.quantities
        for axis in quantity.axes
        if axis.kind is kind
        for symbol in axis.high.free_symbols
    }


def _deepest(model: Model, numbers: Mapping[object, int]) -> int:
    """The largest value of the first index of any quantity, which may count layers."""
    highest = 0
    known = {s: Integer(numbers[s.name]) for s in model.symbols}
    for quantity in model.quantities:
        for axis in quantity.axes[:1]:
            if not axis.high.atoms(Indexed):
                high = axis.high.xreplace(known)
                highest = max(highest, int(high) if high.is_Integer else 0)
    return highest
