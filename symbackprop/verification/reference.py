"""The reference: definitions evaluated by plain loops, differentiated by a complex step.

Nothing symbolic is differentiated here. A derivative is read in one of two modes:

* *local*: only the right side of u is evaluated, every other quantity frozen, the one instance of
  v in it perturbed;
* *total*: everything is evaluated in order, v perturbed after it is computed.

An adjoint is the total derivative of the cost.
"""

from __future__ import annotations

import cmath
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import cast

import mpmath
from sympy import Expr, Float, Indexed

from symbackprop.errors import NotSupported
from symbackprop.model.definitions import name_of
from symbackprop.model.functions import FUNCTIONS, FunctionRow, T
from symbackprop.model.model import Model
from symbackprop.notation.expressions import Partial
from symbackprop.notation.quantities import Quantity, Role, mentioned
from symbackprop.verification.evaluate import (
    DIGITS,
    STEP,
    Env,
    Evaluator,
    Index,
    Place,
    condition,
    evaluator,
    integer,
    term_evaluator,
)

Key = tuple[str, tuple[int, ...]]


@dataclass(frozen=True)
class _Rule:
    """A definition ready for evaluation: how to match an instance, and its terms."""

    fixed: tuple[tuple[int, Index], ...]
    letters: tuple[tuple[int, str], ...]
    conditions: tuple[Callable[[Env, Place], bool], ...]
    terms: tuple[Evaluator, ...]


@dataclass
class Reference:
    """One sample of a model at concrete sizes.

    sizes: a number for every plain symbolic size, and for every member of a size family that is
        used: ``{"L": 3, ("n", 0): 3, ("n", 1): 2, ...}``.
    values: inputs, parameters and targets by ``(name, indices)``; what is missing is drawn from
        ``seed`` when it is read.
    mixed_targets: whether every other drawn target is negative: above all outputs, or below all,
        the slopes of an absolute error would cancel in a softmax.
    """

    model: Model
    sizes: Mapping[object, int]
    values: dict[Key, complex] = field(default_factory=dict)
    seed: int = 0
    mixed_targets: bool = False

    def __post_init__(self) -> None:
        """Prepare the rules; nothing is evaluated yet."""
        self._rules: dict[str, list[_Rule]] = {}
        for definition in self.model.definitions:
            letters = {b.letter for b in definition.domain}
            own = list(enumerate(definition.indices))
            self._rules.setdefault(definition.quantity.name, []).append(
                _Rule(
                    tuple((p, integer(i)) for p, i in own if i not in letters),
                    tuple((p, i.name) for p, i in own if i in letters),
                    tuple(condition(c) for c in definition.conditions),
                    tuple(term_evaluator(term) for term in definition.terms),
                )
            )
        self._memo: dict[Key, complex] = {}
        self._readers: dict[Key, set[Key]] = {}
        self._reading: list[Key] = []
        self._totals: dict[Key, dict[Key, complex]] = {}
        self._locals: dict[tuple[object, ...], complex] = {}
        self._changed: dict[Key, complex] | None = None
        self._downstream: set[Key] = set()
        self._adjoints = {q.adjoint.name: q.name for q in self.model.quantities}

    # -- the Place protocol ---------------------------------------------------------------------

    def size(self, name: str, indices: tuple[int, ...]) -> int:
        """The number a symbolic size stands for."""
        key: object = (name, *indices) if indices else name
        try:
            return self.sizes[key]
        except KeyError:
            place = f"[{', '.join(map(str, indices))}]" if indices else ""
            raise NotSupported(f"no number is given for the size {name}{place}") from None

    def read(self, name: str, indices: tuple[int, ...]) -> complex:
        """The value of an instance, in the state in force."""
        key = (name, indices)
        if name in self._adjoints:
            return self.total(self.model.cost.name, (), self._adjoints[name], indices)
        if self._changed is None:
            return self._base(key)
        if key in self._changed:
            return self._changed[key]
        if key not in self._downstream:
            return self._base(key)
        value = self._compute(key)
        self._changed[key] = value
        return value

    def function(self, head: str, place: int, order: int, argument: complex) -> complex:
        """A named function; its derivatives by a complex step of the function itself."""
        row = self.model.function(head)
        return function_value(row, place, order, argument)

    def partial(self, node: Partial, env: Env) -> complex:
        """A derivative written by name, local or total."""
        of, by = node.args
        name = name_of(by)
        indices = self._indices(by, env)
        if node.total and not mentioned_itself(of):
            return self._total_of(evaluator(of), env, (name, indices))
        if node.total:
            return self.total(name_of(of), self._indices(of, env), name, indices)
        if mentioned_itself(of):
            return self.local(name_of(of), self._indices(of, env), name, indices)
        key = (name, indices)
        with _Frozen(self, key):
            value = evaluator(of)(env, self)
        return value.imag / STEP

    @property
    def known(self) -> dict[Key, complex]:
        """Every value that has been evaluated or given so far."""
        return {**self.values, **self._memo}

    # -- derivatives ----------------------------------------------------------------------------

    def local(
        self, name: str, indices: tuple[int, ...], by: str, by_indices: tuple[int, ...]
    ) -> complex:
        """The derivative of the right side of one instance by another, all else frozen."""
        if (name, indices) == (by, by_indices):
            return 1
        memo = (name, indices, by, by_indices)
        if memo not in self._locals:
            self._base((name, indices))
            with _Frozen(self, (by, by_indices)):
                value = self._compute((name, indices))
            self._locals[memo] = value.imag / STEP
        return self._locals[memo]

    def total(
        self, name: str, indices: tuple[int, ...], by: str, by_indices: tuple[int, ...]
    ) -> complex:
        """The total derivative of one instance by another, which answers through everything."""
        target, key = (name, indices), (by, by_indices)
        if target == key:
            return 1
        self._base(target)
        self._base(key)
        if target not in self._totals.get(key, {}):
            affected = self._affected(key)
            if target not in affected:
                return 0.0
            self._totals[key] = self._slopes(key, affected)
        return self._totals[key][target]

    def _slopes(self, key: Key, affected: set[Key]) -> dict[Key, complex]:
        """The total derivatives by one instance of everything evaluated so far that it affects."""
        saved = (self._changed, self._downstream)
        self._downstream = affected
        self._changed = {key: self._base(key) + 1j * STEP}
        try:
            return {one: self.read(*one).imag / STEP for one in affected}
        finally:
            self._changed, self._downstream = saved

    def _total_of(self, value: Evaluator, env: Env, key: Key) -> complex:
        """The total derivative of a compound expression."""
        value(env, self)
        saved = (self._changed, self._downstream)
        self._downstream = self._affected(key)
        self._changed = {key: self._base(key) + 1j * STEP}
        try:
            return value(env, self).imag / STEP
        finally:
            self._changed, self._downstream = saved

    # -- evaluation -----------------------------------------------------------------------------

    def _indices(self, instance: Expr, env: Env) -> tuple[int, ...]:
        if not isinstance(instance, Indexed):
            return ()
        return tuple(int(integer(i)(env, self)) for i in instance.indices)

    def _affected(self, key: Key) -> set[Key]:
        found: set[Key] = set()
        stack = [key]
        while stack:
            for reader in self._readers.get(stack.pop(), ()):
                if reader not in found:
                    found.add(reader)
                    stack.append(reader)
        return found

    def _base(self, key: Key) -> complex:
        if self._reading:
            self._readers.setdefault(key, set()).add(self._reading[-1])
        if key not in self._memo:
            saved, self._changed = self._changed, None
            self._reading.append(key)
            try:
                self._memo[key] = self._compute(key)
            finally:
                self._reading.pop()
                self._changed = saved
        return self._memo[key]

    def _compute(self, key: Key) -> complex:
        name, indices = key
        if name not in self._rules:
            return self._given(key)
        for rule in self._rules[name]:
            env: Env = {letter: indices[position] for position, letter in rule.letters}
            if any(value(env, self) != indices[p] for p, value in rule.fixed):
                continue
            if all(test(env, self) for test in rule.conditions):
                total = 0j
                for term in rule.terms:
                    total += term(env, self)
                return total
        raise NotSupported(f"{name}{list(indices)} is outside every definition of {name}")

    def _given(self, key: Key) -> complex:
        quantity = self.model.quantity(key[0])
        env: Env = {a.letter.name: i for a, i in zip(quantity.axes, key[1], strict=True)}
        for axis, value in zip(quantity.axes, key[1], strict=True):
            low, high = integer(axis.low)(env, self), integer(axis.high)(env, self)
            if not low <= value <= high:
                raise NotSupported(f"{key[0]}{list(key[1])}: {value} is outside {low}..{high}")
        if key not in self.values:
            number = drawn(quantity, key, self.seed)
            flipped = self.mixed_targets and quantity.role is Role.TARGET and sum(key[1]) % 2
            self.values[key] = -number if flipped else number
        return self.values[key]


class _Frozen:
    """Inside: one instance perturbed, every other read frozen at its value."""

    def __init__(self, reference: Reference, key: Key) -> None:
        self.reference = reference
        self.key = key

    def __enter__(self) -> None:
        value = self.reference._base(self.key)
        self.saved = (self.reference._changed, self.reference._downstream)
        self.reference._downstream = set()
        self.reference._changed = {self.key: value + 1j * STEP}

    def __exit__(self, *_: object) -> None:
        self.reference._changed, self.reference._downstream = self.saved


def mentioned_itself(expr: Expr) -> bool:
    """Whether the expression is an instance itself, not a compound."""
    return mentioned(expr) == (expr,)


def drawn(quantity: Quantity, key: Key, seed: int) -> complex:
    """A value for an instance that nobody gave: the same for the same name, indices and seed.

    Inputs differ from sample to sample (seed), parameters do not. Targets look like probabilities.
    """
    own = 0 if quantity.role is Role.PARAMETER else seed
    source = random.Random(f"{key}:{own}")
    if quantity.role is Role.TARGET:
        return complex(source.uniform(0.15, 0.85))
    return complex(source.uniform(0.25, 1.1) * source.choice((1, 1, -1)))


def function_value(row: FunctionRow, place: int, order: int, argument: complex) -> complex:
    """The order-th derivative of a named function at ``argument``."""
    if order == 0:
        return _value(row, place, argument)
    if order == 1 and argument.imag == 0:
        return _value(row, place, complex(argument.real, STEP)).imag / STEP
    if row.formula is None:
        return _abstract(place, argument, order)
    first = _by_steps(row.formula, order, argument.real)
    return complex(first, argument.imag * _by_steps(row.formula, order + 1, argument.real))


def _by_steps(formula: Expr, order: int, at: float) -> float:
    """The order-th derivative at a real number, by small steps in many digits.

    An imaginary part as small as the complex step's adds the next derivative times itself.
    """

    def value(t: mpmath.mpf) -> mpmath.mpf:
        number = formula.xreplace({T: Float(t, mpmath.mp.dps)}).evalf(mpmath.mp.dps)
        return mpmath.mpf(number)

    with mpmath.workdps(DIGITS):
        return float(mpmath.diff(value, mpmath.mpf(at), order))


def _value(row: FunctionRow, place: int, argument: complex) -> complex:
    if row.formula is None:
        return _abstract(place, argument, 0)
    return _formula(row)({T.name: argument}, _NOWHERE)


def _formula(row: FunctionRow) -> Evaluator:
    return evaluator(row.formula)


def _abstract(place: int, t: complex, order: int) -> complex:
    """A smooth, non-odd, non-linear g^(l), another one in each layer, and its derivatives.

    g(t) = alpha t + beta sin(t + gamma): sums and shifts keep every derivative in closed form.
    """
    alpha, beta, gamma = 0.5 + 0.07 * place, 0.4 + 0.05 * (place % 3), 0.3 + 0.2 * place
    turned = _sine(t + gamma, order)
    linear = (alpha * t, alpha, 0.0)[min(order, 2)]
    return linear + beta * turned


def _sine(t: complex, order: int) -> complex:
    return (cmath.sin, cmath.cos, lambda u: -cmath.sin(u), lambda u: -cmath.cos(u))[order % 4](t)


class _Nowhere:
    """A place without quantities: formulas of functions mention none but other functions."""

    def function(self, head: str, place: int, order: int, argument: complex) -> complex:
        row = next(row for row in FUNCTIONS if row.name == head)
        return function_value(row, place, order, argument)


_NOWHERE = cast(Place, _Nowhere())


def small_sizes(model: Model, depth: int = 3, least: int = 2) -> dict[object, int]:
    """Small, unequal sizes for the symbolic sizes of a model: equal ones would hide a transpose.

    depth: for a symbolic number of layers. least: the smallest width (the largest index named in
    a target, plus one).
    """
    numbers: dict[object, int] = {}
    names = [symbol.name for symbol in model.symbols]
    for position, name in enumerate(sorted(names, key=lambda name: name != "L")):
        numbers[name] = depth + position
    deepest = _deepest(model, numbers)
    for family in model.size_families:
        for place in range(deepest + 1):
            numbers[family.label.name, place] = least + (1, 0, 2)[place % 3]
    return numbers


def _deepest(model: Model, numbers: Mapping[object, int]) -> int:
    probe = Reference.__new__(Reference)
    probe.sizes = numbers
    highest = 0
    for quantity in model.quantities:
        for axis in quantity.axes[:1]:
            if not axis.high.atoms(Indexed):
                highest = max(highest, int(integer(axis.high)({}, probe)))
    return highest
