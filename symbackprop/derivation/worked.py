"""Worked numbers: every step of a small network with its values, up to the updated parameters.

Each step is an equation of the derivation at numbered nodes, its sums written out. Values come from
the reference in full precision; rounding is for whoever prints them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from sympy import Expr, Integer

from symbackprop.derivation.chain import chain_equation
from symbackprop.derivation.numbers import written_out
from symbackprop.derivation.places import definition_at, indices_of
from symbackprop.derivation.verify import bound_sizes
from symbackprop.errors import UsageError
from symbackprop.model.definitions import Definition, name_of
from symbackprop.model.model import Model, recurrence_axis
from symbackprop.notation.expressions import Terms
from symbackprop.notation.quantities import Kind, Quantity, Role
from symbackprop.notation.readable import readable
from symbackprop.verification.indices import integer
from symbackprop.verification.reference import Key, Reference

_MOST = 120
"""Parameters of the largest network that is worked through by hand."""


@dataclass(frozen=True, slots=True)
class WorkedStep:
    """One instance: what it equals in symbols, and its value."""

    left: Expr
    terms: Terms
    value: float


@dataclass(frozen=True, slots=True)
class Update:
    """One parameter: its value, the derivative of the cost by it, its value after the step."""

    parameter: Expr
    value: float
    slope: float
    updated: float


@dataclass(frozen=True)
class Worked:
    """A network worked through once.

    given: the values that the reader starts from, by instance. values: every value by key.
    cost, new_cost: the cost before and after the step of gradient descent with this rate.
    """

    model: Model
    given: tuple[tuple[Expr, float], ...]
    forward: tuple[WorkedStep, ...]
    backward: tuple[WorkedStep, ...]
    updates: tuple[Update, ...]
    values: Mapping[Key, float]
    rate: float
    cost: float
    new_cost: float


def worked(model: Model, values: Mapping[Key, float], seed: int, rate: float) -> Worked:
    """Work a network through: forward, backward, one step of gradient descent.

    values: by ``(name, indices)``; what is missing is drawn from ``seed``.

    Raises UsageError for symbolic sizes and for networks too large to be read.
    """
    reference = _reference(model, values, seed)
    numbers = _Numbers(model, reference)
    every = (i for q in model.with_role(Role.PARAMETER) for i in numbers.instances(q))
    parameters = list(islice(every, _MOST + 1))
    if len(parameters) > _MOST:
        raise UsageError(
            f"{model.name} has more parameters than {_MOST}; worked numbers are for at most {_MOST}"
        )
    given = [
        instance
        for q in model.with_role(Role.INPUT, Role.PARAMETER, Role.TARGET)
        for instance in numbers.instances(q)
    ]
    forward = tuple(numbers.forward())
    backward = tuple(numbers.backward())
    slopes = {i: numbers.slope(i) for i in parameters}
    updates = tuple(
        Update(i, numbers.value(i), slopes[i], numbers.value(i) - rate * slopes[i])
        for i in parameters
    )
    moved = reference.given
    moved.update({numbers.key(u.parameter): complex(u.updated) for u in updates})
    after = Reference(model, reference.sizes, moved, seed)
    cost = model.cost.name
    return Worked(
        model,
        tuple((i, numbers.value(i)) for i in given),
        forward,
        backward,
        updates,
        reference.known,
        rate,
        reference.read(cost, ()).real,
        after.read(cost, ()).real,
    )


def _reference(model: Model, values: Mapping[Key, float], seed: int) -> Reference:
    if model.symbols or (model.size_families and not model.sizes):
        raise UsageError(f"worked numbers need concrete sizes; {model.name} has symbolic ones")
    return Reference(model, bound_sizes(model), {k: complex(v) for k, v in values.items()}, seed)


class _Numbers:
    """The instances of a model at its sizes, their equations and their values."""

    def __init__(self, model: Model, reference: Reference) -> None:
        self.model = model
        self.reference = reference

    def key(self, instance: Expr) -> Key:
        """The key of an instance."""
        return self.model.quantity(instance).name, tuple(int(i) for i in indices_of(instance))

    def value(self, instance: Expr) -> float:
        """The value of an instance."""
        return self.reference.read(*self.key(instance)).real

    def slope(self, instance: Expr) -> float:
        """The derivative of the cost by an instance."""
        name, indices = self.key(instance)
        return self.reference.total(self.model.cost.name, (), name, indices).real

    def instances(self, quantity: Quantity, layer: int | None = None) -> Iterator[Expr]:
        """Every instance of a quantity, of one layer if it is given."""
        for indices in self._indices(quantity, (), layer):
            yield quantity[indices]

    def _indices(
        self, quantity: Quantity, found: tuple[int, ...], layer: int | None
    ) -> Iterator[tuple[int, ...]]:
        if len(found) == len(quantity.axes):
            yield found
            return
        axis = quantity.axes[len(found)]
        env = {a.letter.name: n for a, n in zip(quantity.axes, found, strict=False)}
        low = int(integer(axis.low)(env, self.reference))
        high = int(integer(axis.high)(env, self.reference))
        for number in range(low, high + 1):
            if axis.kind is Kind.LAYER and layer is not None and number != layer:
                continue
            yield from self._indices(quantity, (*found, number), layer)

    def forward(self) -> Iterator[WorkedStep]:
        """Every definition at every place, in the order of evaluation."""
        for layer, quantities in self._stages():
            for quantity in quantities:
                for instance in self.instances(quantity, layer):
                    place = definition_at(self.model, instance)
                    terms = written_out(self.model, place.terms) or place.terms
                    terms = readable(terms, frozenset())
                    yield WorkedStep(instance, terms, self.value(instance))

    def backward(self) -> Iterator[WorkedStep]:
        """The derivatives of the cost, from the last layer to the first, then by parameters."""
        for layer, quantities in reversed(list(self._stages())):
            parameters = [q for q in self.model.with_role(Role.PARAMETER) if self._has(q, layer)]
            found = self._named(quantities, parameters, layer)[::-1]
            for quantity in (*found, *parameters):
                yield from self._slopes(quantity, layer)

    def _slopes(self, quantity: Quantity, layer: int | None) -> Iterator[WorkedStep]:
        """One equation for the quantity at this layer, put down for each of its nodes."""
        letters, general = self._general(quantity, layer)
        for instance in self.instances(quantity, layer):
            mapping = dict(zip(letters, indices_of(instance), strict=True))
            terms = tuple(
                term.replaced({k: v for k, v in mapping.items() if k.is_Symbol}) for term in general
            )
            flat = written_out(self.model, terms) or terms
            yield WorkedStep(quantity.adjoint[indices_of(instance)], flat, self.slope(instance))

    def _general(self, quantity: Quantity, layer: int | None) -> tuple[list[Expr], Terms]:
        """The derivative of the cost by a quantity at a layer, in letters."""
        position = recurrence_axis(quantity)
        letters = list(quantity.letters)
        if position is not None and layer is not None:
            letters[position] = Integer(layer)
        equation = chain_equation(self.model, quantity[tuple(letters)], known=False)
        return letters, equation.result

    def _named(
        self, quantities: list[Quantity], parameters: list[Quantity], layer: int | None
    ) -> list[Quantity]:
        """The quantities of a layer whose derivatives are to be written: what others name."""
        found = list(self._stations(quantities))
        waiting = [*found, *parameters]
        while waiting:
            _, terms = self._general(waiting.pop(), layer)
            factors = {name_of(f) for term in terms for f in term.factors if f.is_Indexed}
            new = [q for q in quantities if q.adjoint.name in factors and q not in found]
            found += new
            waiting += new
        return [q for q in quantities if q in found]

    def _stations(self, quantities: list[Quantity]) -> Iterator[Quantity]:
        """The quantities whose derivatives later equations name: not those on single paths."""
        for quantity in quantities:
            readers = self.model.uses_of(quantity)
            alone = len(readers) == 1 and readers[0].quantity.role is not Role.COST
            own = recurrence_axis(quantity)
            same = own is not None and all(
                recurrence_axis(d.quantity) is not None and self._beside(d, quantity, own)
                for d in readers
            )
            if quantity.role is Role.INTERMEDIATE and not (alone and same) and own is not None:
                yield quantity

    def _beside(self, definition: Definition, quantity: Quantity, own: int) -> bool:
        here = recurrence_axis(definition.quantity)
        return here is not None and any(
            indices_of(one)[own] == definition.indices[here]
            for one in definition.instances()
            if name_of(one) == quantity.name
        )

    def _has(self, quantity: Quantity, layer: int | None) -> bool:
        return (recurrence_axis(quantity) is None) == (layer is None)

    def _stages(self) -> Iterator[tuple[int | None, list[Quantity]]]:
        """The layers in order with the quantities defined in each; None behind the last layer."""
        defined = list(dict.fromkeys(d.quantity for d in self.model.definitions))
        layered = [q for q in defined if recurrence_axis(q) is not None]
        depth = max(
            (int(i) for q in layered for i in [self._high(q)]),
            default=0,
        )
        order = [d.quantity for d in self.model.definitions if d.quantity in layered and d.domain]
        unique = [q for q in dict.fromkeys(order) if q in layered]
        for layer in range(1, depth + 1):
            yield layer, sorted(unique, key=self._order)
        yield None, [q for q in defined if q not in layered]

    def _high(self, quantity: Quantity) -> int:
        position = recurrence_axis(quantity)
        return int(integer(quantity.axes[position or 0].high)({}, self.reference))

    def _order(self, quantity: Quantity) -> int:
        """Within a layer, a quantity comes after those of the same layer that it reads."""
        position = recurrence_axis(quantity)
        reads = 0
        for definition in self.model.definitions_of(quantity):
            here = definition.indices[position or 0]
            for one in definition.instances():
                other = self.model.quantity(one)
                own = recurrence_axis(other)
                if (
                    own is not None
                    and other.role is Role.INTERMEDIATE
                    and indices_of(one)[own] == here
                ):
                    reads += 1
        return reads
