"""The reference: definitions evaluated as they are written, differentiated by a complex step.

Nothing symbolic is differentiated here. A derivative is read in one of two modes:

* *local*: only the right side of u is evaluated, every other quantity frozen, the one instance of
  v in it perturbed;
* *total*: everything is evaluated in order, v perturbed after it is computed.

An adjoint is the total derivative of the cost. Many places, and many perturbations, are evaluated
at once; each number is what plain loops would have given.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from sympy import Expr, Indexed

from symbackprop.errors import NotSupported
from symbackprop.model.definitions import name_of
from symbackprop.model.model import Model
from symbackprop.notation.domains import REAL, draw
from symbackprop.notation.expressions import Partial
from symbackprop.notation.quantities import Kind, Quantity, Role, mentioned
from symbackprop.verification.draw import Manner, drawn_array
from symbackprop.verification.environment import (
    STEP,
    Env,
    Values,
    is_array,
    where,
)
from symbackprop.verification.evaluate import evaluator
from symbackprop.verification.forward import Forward
from symbackprop.verification.functions import function_value
from symbackprop.verification.indices import integer
from symbackprop.verification.perturbed import BY, Frozen, Responding
from symbackprop.verification.rules import Rule, rule_of
from symbackprop.verification.schedule import Group, Turn, groups
from symbackprop.verification.spaces import Space, space_of

Key = tuple[str, tuple[int, ...]]

_AT_ONCE = 1 << 21
"""So many numbers of a perturbed state are kept at once."""

_NONE: Env = {}


@dataclass
class Reference:
    """One sample of a model at concrete sizes.

    sizes: a number for every plain symbolic size, and for every member of a size family that is
        used: ``{"L": 3, ("n", 0): 3, ("n", 1): 2, ...}``.
    values: inputs, parameters and targets by ``(name, indices)``; what is missing is drawn from
        ``seed``, in this ``manner``.
    mixed_targets: whether every other drawn target is negative: above all outputs, or below all,
        the slopes of an absolute error would cancel in a softmax.

    A value that a model does not have (the logarithm of a negative number) is nan.
    """

    model: Model
    sizes: Mapping[object, int]
    values: dict[Key, complex] = field(default_factory=dict)
    seed: int = 0
    mixed_targets: bool = False
    manner: Manner = Manner.MIXED

    def __post_init__(self) -> None:
        """Prepare the rules; nothing is evaluated yet."""
        self.rules = {
            name: tuple(rule_of(d) for d in self.model.definitions if d.quantity.name == name)
            for name in dict.fromkeys(d.quantity.name for d in self.model.definitions)
        }
        self._adjoint_of = {q.adjoint.name: q.name for q in self.model.quantities}
        self._slopes: dict[str, np.ndarray] = {}
        self._columns: dict[str, dict[int, dict[str, np.ndarray]]] = {}
        self.letters: dict[tuple[Turn, int | None], Env] = {}

    # -- values ---------------------------------------------------------------------------------

    @cached_property
    def groups(self) -> tuple[Group, ...]:
        """The definitions in the order of evaluation."""
        return groups(self.model)

    @cached_property
    def spaces(self) -> dict[str, Space]:
        """The indices of each quantity."""
        return {q.name: space_of(q, self)[0] for q in self.model.quantities}

    @cached_property
    def arrays(self) -> dict[str, np.ndarray]:
        """Every number of the model; nan outside ragged ranges."""
        found: dict[str, np.ndarray] = {}
        for quantity in self.model.quantities:
            space = self.spaces[quantity.name]
            found[quantity.name] = np.full(space.shape, np.nan)
            if quantity.name not in self.rules:
                self._draw(quantity.name, found[quantity.name])
        with np.errstate(all="ignore"):
            run = Forward(self, found)
            run.everything()
        return found

    def _draw(self, name: str, array: np.ndarray) -> None:
        """Fill the array of a given quantity: drawn, then what the values say."""
        quantity, space = self.model.quantity(name), self.spaces[name]
        if quantity.domain != REAL:
            array[...] = self._of_domain(quantity, array.shape)
        else:
            _, env = space_of(quantity, self)
            columns = tuple(env[axis.letter.name] for axis in quantity.axes)
            places = tuple(c - low for c, low in zip(columns, space.low, strict=True))
            mixed = self.mixed_targets
            numbers = drawn_array(quantity, columns, self.seed, self.manner, mixed=mixed)
            array[places] = numbers if columns else numbers[0]
        for (given, indices), value in self.values.items():
            if given == name:
                where_it_is, inside = space.position(indices)
                if not inside:
                    raise NotSupported(f"{name}{list(indices)} is outside the ranges of {name}")
                array[where_it_is] = value.real

    def _of_domain(self, quantity: Quantity, shape: tuple[int, ...]) -> np.ndarray:
        """Values of a quantity's own domain: of one sample, or of several along the first axis."""
        source = np.random.default_rng([self.seed, *quantity.name.encode()])
        if quantity.axes and quantity.axes[0].kind is Kind.SAMPLE:
            return np.asarray(draw(quantity.domain, source, shape[1:], samples=shape[0]))
        return np.asarray(draw(quantity.domain, source, shape))

    @property
    def missing(self) -> tuple[str, ...]:
        """The quantities whose definitions have no real value somewhere."""
        return tuple(name for name in self.rules if not self._is_real(name))

    def _is_real(self, name: str) -> bool:
        space, axes = self.spaces[name], self.model.quantity(name).axes
        _, env = space_of(self.model.quantity(name), self)
        places, _ = space.position([env[axis.letter.name] for axis in axes])
        return bool(np.isfinite(self.arrays[name][places]).all())

    @property
    def known(self) -> dict[Key, float]:
        """Every number of the model, by name and indices."""
        return {
            (name, tuple(int(i) + low for i, low in zip(place, space.low, strict=True))): float(
                self.arrays[name][place]
            )
            for name, space in self.spaces.items()
            for place in np.ndindex(*space.shape)
            if not np.isnan(self.arrays[name][place])
        }

    @property
    def given(self) -> dict[Key, complex]:
        """Inputs, parameters and targets."""
        free = {q.name for q in self.model.with_role(Role.INPUT, Role.PARAMETER, Role.TARGET)}
        return {key: complex(value) for key, value in self.known.items() if key[0] in free}

    # -- the Place protocol ---------------------------------------------------------------------

    def size(self, name: str, indices: tuple[Values, ...]) -> Values:
        """The number a symbolic size stands for."""
        if not indices:
            return self._number(name)
        (index,) = indices
        if not is_array(index):
            return self._number(name, int(index))
        places, back = np.unique(index, return_inverse=True)
        return np.array([self._number(name, int(i)) for i in places])[back].reshape(index.shape)

    def _number(self, *key: object) -> int:
        found = self.sizes.get(key if len(key) > 1 else key[0])
        if found is None:
            place = "".join(f"[{i}]" for i in key[1:])
            raise NotSupported(f"no number is given for the size {key[0]}{place}")
        return found

    def read(self, name: str, indices: tuple[Values, ...], env: Env = _NONE) -> Values:
        """The value of an instance, or of many. Raises NotSupported for a single one outside."""
        if name in self._adjoint_of:
            return self.total(self.model.cost.name, (), self._adjoint_of[name], indices)
        try:
            array, space = self.arrays[name], self.spaces[name]
        except KeyError:
            raise NotSupported(f"{name} is no quantity of model {self.model.name}") from None
        position, inside = space.position(indices)
        found = array[position]
        if is_array(inside):
            return np.where(inside, found, np.nan) + 0j
        if not inside or (name in self.rules and not is_array(found) and np.isnan(found)):
            self._explain(name, indices, bool(inside))
        return np.where(inside, found, np.nan) + 0j if is_array(found) else complex(found)

    def _explain(self, name: str, indices: tuple[Values, ...], inside: bool) -> None:
        """Say why an instance has no value; nothing where its value is nan by its definition."""
        numbers = [int(i) for i in indices]
        if not inside:
            raise NotSupported(f"{name}{numbers} is outside the ranges of {name}")
        env: Env = {}
        if not any(self._matches(rule, tuple(numbers), env) for rule in self.rules[name]):
            raise NotSupported(f"{name}{numbers} is outside every definition of {name}")

    def function(self, head: str, place: Values, order: int, argument: Values) -> Values:
        """A named function; its derivatives by a complex step of the function itself."""
        return function_value(self.model.function(head), place, order, argument)

    def partial(self, node: Partial, env: Env) -> Values:
        """A derivative written by name, local or total."""
        of, by = node.args
        name, indices = name_of(by), self._indices(by, env)
        if mentioned_itself(of) and not node.written:
            derivative = self.total if node.total else self.direct if node.marked else self.local
            return derivative(name_of(of), self._indices(of, env), name, indices)
        inner = {**env, **{f"{BY}{n}": index for n, index in enumerate(indices)}}
        place = Responding(self, name) if node.total else Frozen(self, name)
        found = _slope(evaluator(of)(inner, place))
        return np.where(self._exists(name, indices), found, np.nan)[()] + 0j

    # -- derivatives ----------------------------------------------------------------------------

    def local(
        self, name: str, indices: tuple[Values, ...], by: str, by_indices: tuple[Values, ...]
    ) -> Values:
        """The derivative of one instance by another, all else frozen; by itself it is 1."""
        if name == by:
            itself = _same(indices, by_indices)
            if name not in self.rules:
                return np.where(itself, 1 + 0j, 0j)[()]
            return np.where(itself, 1, self.direct(name, indices, by, by_indices))[()]
        return self.direct(name, indices, by, by_indices)

    def direct(
        self, name: str, indices: tuple[Values, ...], by: str, by_indices: tuple[Values, ...]
    ) -> Values:
        """The derivative of the right side alone: that of an instance by itself is 0 here."""
        place = Frozen(self, by)
        total: Values = 0j
        for rule in self.rules.get(name, ()):
            env: Env = {letter: indices[position] for position, letter in rule.letters}
            env |= {f"{BY}{n}": index for n, index in enumerate(by_indices)}
            matches = self._matches(rule, indices, env)
            total = total + where(matches, rule.value, env, place)
        there = self._exists(name, indices) & self._exists(by, by_indices)
        return np.where(there, _slope(total), np.nan)[()] + 0j

    def _matches(self, rule: Rule, indices: tuple[Values, ...], env: Env) -> Values:
        """Where a rule defines these instances; ``env`` receives the letters."""
        env |= {letter: indices[position] for position, letter in rule.letters}
        found: Values = True
        for position, value in rule.fixed:
            found = found & (indices[position] == value(env, self))
        for test in rule.conditions:
            found = found & test(env, self)
        return found

    def total(
        self, name: str, indices: tuple[Values, ...], by: str, by_indices: tuple[Values, ...]
    ) -> Values:
        """The total derivative of one instance by another, which answers through everything."""
        there = self._exists(by, by_indices)
        space = self.spaces[by]
        flats = np.asarray(space.flat(space.position(by_indices)[0]))
        if name == by and (name not in self.rules or name == self.model.cost.name):
            found = np.where(_same(indices, by_indices), 1.0, 0.0)
        elif name == self.model.cost.name:
            found = self._adjoints(by, flats)
        else:
            found = self._totals(name, indices, by, flats)
        return np.where(there, found, np.nan)[()] + 0j

    def _exists(self, name: str, indices: tuple[Values, ...]) -> Values:
        """Whether instances exist. Raises NotSupported for a single one that does not."""
        return ~np.isnan(self.read(name, indices))

    def _adjoints(self, by: str, flats: np.ndarray) -> np.ndarray:
        """The total derivatives of the cost by numbered instances."""
        known = self._slopes.setdefault(by, np.full(self.arrays[by].size, np.nan))
        missing = np.unique(flats[np.isnan(known[flats])])
        cost = self.model.cost.name
        for part in self._parts(by, missing):
            known[part] = Forward.perturbed(self, by, part).slope(cost)
        return known[flats]

    def _totals(
        self, name: str, indices: tuple[Values, ...], by: str, flats: np.ndarray
    ) -> np.ndarray:
        known = self._columns.setdefault(by, {})
        wanted, back = np.unique(flats, return_inverse=True)
        missing = np.array([n for n in wanted.tolist() if n not in known], int)
        for part in self._parts(by, missing):
            run = Forward.perturbed(self, by, part)
            for column, number in enumerate(part.tolist()):
                known[number] = run.column(column)
        position, inside = self.spaces[name].position(indices)
        back = back.reshape(flats.shape)
        place, *others = np.broadcast_arrays(back, *position) if position else (back,)
        zero = np.zeros(self.spaces[name].shape)
        table = np.stack([known[number].get(name, zero) for number in wanted.tolist()])
        there = inside & ~np.isnan(self.arrays[name][position])
        return np.where(there, table[(place, *others)], np.nan)

    def _parts(self, by: str, missing: np.ndarray) -> list[np.ndarray]:
        """The numbers of instances, as many at once as memory should hold.

        Of a small quantity all instances are taken: the next question is about another of them.
        """
        if not missing.size:
            return []
        numbers = sum(array.size for name, array in self.arrays.items() if name in self.rules)
        most = max(1, min(256, _AT_ONCE // max(1, numbers)))
        return [missing[start : start + most] for start in range(0, len(missing), most)]

    def _indices(self, instance: Expr, env: Env) -> tuple[Values, ...]:
        if not isinstance(instance, Indexed):
            return ()
        return tuple(integer(i)(env, self) for i in instance.indices)


def _slope(value: Values) -> Values:
    """The derivative in a perturbed value; none where the value itself does not exist."""
    found = np.asarray(value, complex)
    return np.where(np.isnan(found.real), np.nan, found.imag / STEP)[()] + 0j


def _same(indices: tuple[Values, ...], others: tuple[Values, ...]) -> Values:
    """Where two instances of one quantity are the same."""
    found: Values = True
    for one, other in zip(indices, others, strict=True):
        found = found & (one == other)
    return found


def mentioned_itself(expr: Expr) -> bool:
    """Whether the expression is an instance itself, not a compound."""
    return mentioned(expr) == (expr,)
