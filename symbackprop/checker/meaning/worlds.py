"""The small networks in which equations are tried: several samples at once, unequal widths."""

from __future__ import annotations

import random
from cmath import isnan
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sympy import Abs, Max, Min, Piecewise

from symbackprop.errors import NotSupported
from symbackprop.model.batch import SAMPLES as SAMPLES_SIZE
from symbackprop.model.batch import batched
from symbackprop.model.definitions import name_of
from symbackprop.model.functions import FunctionRow
from symbackprop.model.model import Model
from symbackprop.notation.domains import REAL
from symbackprop.notation.functions import Apply
from symbackprop.notation.quantities import Kind, Quantity, Role
from symbackprop.verification.draw import small_sizes
from symbackprop.verification.environment import STEP
from symbackprop.verification.indices import integer
from symbackprop.verification.reference import Key, Reference

# Three samples: with two, the half of a mean cancels the 2 of a square.
DEPTH, WIDTH, SAMPLES = 3, 2, 3


class OutOfRange(Exception):
    """An index that has no such value: the assignment does not count."""


@dataclass(frozen=True, slots=True)
class Demands:
    """What an equation needs of a network so that it can be tried.

    depth: layers, where the model leaves them open. least: the smallest width. samples: how many.
    widths: numbers of nodes by layer, counted from the front or, if negative, from the end (-1 is
    the last layer); the key None stands for all layers. wide: whether values are spread far enough
    to reach both sides of every breakpoint.
    """

    depth: int = DEPTH
    least: int = WIDTH
    samples: int = SAMPLES
    widths: tuple[tuple[int | None, int], ...] = ()
    wide: bool = False


class World(Reference):
    """One network with all its samples; the quantities but the parameters carry a sample index."""

    def __post_init__(self) -> None:
        """Nothing is perturbed at first; what is asked for once is kept."""
        super().__post_init__()
        self._values: dict[Key, complex] = {}
        self._derivatives: dict[tuple[Key, Key, bool], complex] = {}
        self._ranges: dict[tuple[str, tuple[int, ...], int], range] = {}
        self._perturbed: tuple[Key, bool] | None = None

    @property
    def samples(self) -> int:
        """The number of samples."""
        return self.size(SAMPLES_SIZE.name, ())

    @property
    def depth(self) -> int:
        """The number of the last layer."""
        if "L" in self.sizes:
            return self.sizes["L"]
        numbers = [key[1] for key in self.sizes if isinstance(key, tuple)]
        return max([*numbers, self._last_layer()])

    @property
    def widest(self) -> int:
        """The largest width."""
        return max((n for key, n in self.sizes.items() if isinstance(key, tuple)), default=1)

    def _last_layer(self) -> int:
        highs = [
            axis.high
            for quantity in self.model.quantities
            for axis in quantity.axes
            if axis.kind is Kind.LAYER
        ]
        return max((int(high) for high in highs if high.is_Integer), default=1)

    def ranges(self, quantity: Quantity, before: tuple[int, ...]) -> tuple[range, ...]:
        """The values that the indices behind some given ones may take. Raises OutOfRange."""
        return tuple(
            self.axis_range(quantity, before, position)
            for position in range(len(before), len(quantity.axes))
        )

    def axis_range(self, quantity: Quantity, before: tuple[int, ...], position: int) -> range:
        """The values that one index may take, given those in front. Raises OutOfRange."""
        key = quantity.name, before, position
        if key not in self._ranges:
            self._ranges[key] = self._range(quantity, before, position)
        return self._ranges[key]

    def _range(self, quantity: Quantity, before: tuple[int, ...], position: int) -> range:
        axes = zip(quantity.axes, before, strict=False)
        env: dict[str, Any] = {axis.letter.name: value for axis, value in axes}
        axis = quantity.axes[position]
        try:
            low, high = integer(axis.low)(env, self), integer(axis.high)(env, self)
        except (NotSupported, KeyError):
            raise OutOfRange from None
        return range(int(low), int(high) + 1)

    def spread(self) -> World:
        """The same network with values that reach far to both sides of zero."""
        values: dict[Key, complex] = {}
        for quantity in self.model.with_role(Role.INPUT, Role.PARAMETER, Role.TARGET):
            if quantity.domain != REAL:
                continue
            for key in self._instances(quantity, ()):
                source = random.Random(f"wide:{key}")
                values[key] = complex(source.uniform(0.3, 1.9) * source.choice((1, -1)))
        return World(self.model, self.sizes, values, self.seed)

    def _instances(self, quantity: Quantity, before: tuple[int, ...]) -> Iterator[Key]:
        if len(before) == len(quantity.axes):
            yield quantity.name, before
            return
        for value in self.axis_range(quantity, before, len(before)):
            yield from self._instances(quantity, (*before, value))

    def value(self, name: str, indices: tuple[int, ...]) -> complex:
        """The value of an instance, in the state in force. Raises OutOfRange."""
        key = name, indices
        found = self._at_rest(key)
        if self._perturbed is None or name in self._adjoint_of:
            return found
        by, local = self._perturbed
        if key == by:
            return found + 1j * STEP
        return found if local else found + 1j * STEP * self.slope(key, by)

    def _at_rest(self, key: Key) -> complex:
        """The value of an instance with nothing perturbed. Raises OutOfRange."""
        if key not in self._values:
            try:
                self._values[key] = complex(self.read(*key))
            except NotSupported:
                raise OutOfRange from None
        if isnan(self._values[key]):
            raise OutOfRange
        return self._values[key]

    def slope(self, of: Key, by: Key, *, local: bool = False) -> complex:
        """The derivative of one instance by another."""
        key = of, by, local
        if key not in self._derivatives:
            self._at_rest(of)
            self._at_rest(by)
            try:
                found = self.local(*of, *by) if local else self.total(*of, *by)
            except NotSupported:
                raise OutOfRange from None
            self._derivatives[key] = complex(found)
        return self._derivatives[key]

    def slope_of(self, value: Callable[[], Any], by: Key, *, local: bool = False) -> Any:
        """The derivative of what ``value`` computes from the instances that it reads."""
        value()
        self.value(*by)
        self._perturbed = (by, local)
        try:
            return value().imag / STEP
        finally:
            self._perturbed = None

    def activation(self, layer: int) -> str:
        """The name of the function that makes the activations of a layer."""
        for definition in self.model.definitions:
            if definition.quantity.name != "a" or not definition.target.args:
                continue
            place = next(
                index
                for axis, index in zip(definition.quantity.axes, definition.indices, strict=True)
                if axis.kind is Kind.LAYER
            )
            if place.is_Integer and int(place) != layer:
                continue
            if place.is_Symbol and not self._within(definition.domain, place, layer):
                continue
            heads = [one.head for term in definition.terms for f in term.factors
                     for one in f.atoms(Apply)]  # fmt: skip
            if len(set(heads)) == 1:
                return heads[0]
        raise OutOfRange

    def _within(self, domain: Any, letter: Any, layer: int) -> bool:
        for bound in domain:
            if bound.letter == letter:
                low, high = integer(bound.low)({}, self), integer(bound.high)({}, self)
                return bool(low <= layer <= high)
        return True


class Worlds:
    """The worlds of one model, each made when it is first asked for."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.batch = batched(model)
        self.made: dict[Demands, World] = {}

    def get(self, demands: Demands) -> World:
        """The world that meets these demands."""
        if demands not in self.made:
            world = World(self.batch, self._sizes(demands), seed=1)
            self.made[demands] = world.spread() if demands.wide else world
        return self.made[demands]

    @cached_property
    def breaks(self) -> bool:
        """Whether a function of the model has another formula on another side of a point."""
        heads = {
            one.head
            for definition in self.model.definitions
            for term in definition.terms
            for factor in term.factors
            for one in factor.atoms(Apply)
        }
        return any(breaks(self.model.function(head)) for head in sorted(heads))

    def _sizes(self, demands: Demands) -> Mapping[object, int]:
        sizes = small_sizes(self.batch, demands.depth, demands.least)
        sizes[SAMPLES_SIZE.name] = demands.samples
        own = {(name_of(size), int(size.indices[0])): n for size, n in self.model.sizes.items()}
        if own and max(own.values()) <= 6:
            sizes |= own
        last = max((key[1] for key in sizes if isinstance(key, tuple)), default=0)
        for layer, width in demands.widths:
            for key in [key for key in sizes if isinstance(key, tuple)]:
                if layer is None or key[1] == (layer if layer >= 0 else last + 1 + layer):
                    sizes[key] = width
        return sizes


def breaks(row: FunctionRow) -> bool:
    """Whether a function has another formula on another side of a point."""
    return row.formula is not None and bool(row.formula.atoms(Piecewise, Abs, Max, Min))


def node_of(layer: int, width: int, pattern: int) -> int:
    """A node of a layer, another one for another pattern, for what is read entry by entry."""
    return random.Random(f"{layer}:{pattern}").randrange(width)
