"""The networks once more, in JAX and by hand: what decides whether an equation is true.

Nothing of symbackprop's evaluator is used. The forward pass is written out below, every derivative
is JAX's, and formulas are read by a small interpreter of their own. Only the numbers of inputs,
parameters and targets are taken from a reference, so that its verdicts can be compared.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax.flatten_util import ravel_pytree
from sympy import (
    Add,
    Expr,
    Indexed,
    Integer,
    Max,
    Min,
    Mul,
    Piecewise,
    Pow,
    Rational,
    Sum,
    Symbol,
    exp,
    log,
)

from symbackprop.model.batch import MEAN, SAMPLES
from symbackprop.notation.expressions import (
    Applied,
    Bound,
    Condition,
    Delta,
    Partial,
    Plus,
    Product,
    Relation,
    Term,
)
from symbackprop.notation.functions import Apply
from symbackprop.notation.symbols import is_own
from symbackprop.verification.reference import Reference


class OutOfRangeError(Exception):
    """An instance or a size that the network does not have."""


def abstract(layer: int) -> Callable:
    """The g^(l) of the abstract models: smooth, not odd, another one in each layer."""
    slope, height, phase = 0.5 + 0.07 * layer, 0.4 + 0.05 * (layer % 3), 0.3 + 0.2 * layer
    return lambda t: slope * t + height * jnp.sin(t + phase)


ELEMENTWISE: dict[str, Callable[[int], Callable]] = {
    "g": abstract,
    "sigmoid": lambda _: lambda t: 1 / (1 + jnp.exp(-t)),
    "tanh": lambda _: jnp.tanh,
}


def softmax(rows: jax.Array) -> jax.Array:
    powers = jnp.exp(rows)
    return powers / powers.sum(-1, keepdims=True)


def squared_error(a: jax.Array, y: jax.Array) -> jax.Array:
    return (a - y) ** 2


def categorical_cross_entropy(a: jax.Array, y: jax.Array) -> jax.Array:
    return -y * jnp.log(a)


COSTS = {f.__name__: f for f in (squared_error, categorical_cross_entropy)}


class Values(NamedTuple):
    """Every quantity of a network; the first axis of all but the parameters counts samples."""

    x: jax.Array
    w: tuple[jax.Array, ...]
    b: tuple[jax.Array, ...]
    y: jax.Array
    z: tuple[jax.Array, ...]
    a: tuple[jax.Array, ...]
    c: jax.Array
    C0: jax.Array
    C: jax.Array


@dataclass(frozen=True)
class System:
    """The forward pass of a kind of network; compiled once, whatever the numbers.

    activations: the name of the activation of each layer. single: one neuron a layer, in a model
    whose cost has no summands of its own.
    """

    activation_names: tuple[str, ...]
    cost: str
    single: bool

    @property
    def activations(self) -> list[Callable]:
        return [
            softmax if name == "softmax" else ELEMENTWISE[name](layer)
            for layer, name in enumerate(self.activation_names, start=1)
        ]

    @property
    def summand(self) -> Callable:
        return COSTS[self.cost]

    @property
    def depth(self) -> int:
        return len(self.activation_names)

    def differentiated(self, leaves: Values) -> tuple[Values, np.ndarray, np.ndarray]:
        """All values, and the tables of local and of total derivatives of all by all."""
        numbers, local, total = _differentiated(self, leaves)
        return numbers, np.array(local), np.asarray(total)

    def forward(self, leaves: Values, shift: Values | None = None) -> Values:
        """Everything in order; ``shift`` is added to each quantity after it is computed."""

        def moved(value: jax.Array, name: str, *place: int) -> jax.Array:
            if shift is None:
                return value
            by = getattr(shift, name)
            return value + (by[place[0]] if place else by)

        x, y = moved(leaves.x, "x"), moved(leaves.y, "y")
        w = [moved(part, "w", n) for n, part in enumerate(leaves.w)]
        b = [moved(part, "b", n) for n, part in enumerate(leaves.b)]
        a, z = [moved(x, "a", 0)], []
        for n in range(self.depth):
            z.append(moved(a[-1] @ w[n].T + b[n], "z", n))
            a.append(moved(self.activations[n](z[-1]), "a", n + 1))
        c = moved(self.summand(a[-1], y), "c")
        each = moved(c.sum(-1), "C0")
        return Values(x, tuple(w), tuple(b), y, tuple(z), tuple(a), c, each,
                      moved(each.mean(), "C"))  # fmt: skip

    def right_sides(self, given: Values) -> Values:
        """The right side of every definition, with all that it mentions taken from ``given``."""
        still = jax.lax.stop_gradient
        layers = range(self.depth)
        return Values(
            x=still(given.x), w=still(given.w), b=still(given.b), y=still(given.y),
            z=tuple(given.a[n] @ given.w[n].T + given.b[n] for n in layers),
            a=(given.x, *(self.activations[n](given.z[n]) for n in layers)),
            c=self.summand(given.a[-1], given.y),
            C0=self.summand(given.a[-1], given.y).sum(-1) if self.single else given.c.sum(-1),
            C=given.C0.mean(),
        )  # fmt: skip


@partial(jax.jit, static_argnums=0)
def _differentiated(system: System, leaves: Values) -> tuple[Values, jax.Array, jax.Array]:
    values = system.forward(leaves)
    flat, unravel = ravel_pytree(values)

    def responded(shift: jax.Array) -> jax.Array:
        return ravel_pytree(system.forward(leaves, unravel(shift)))[0]

    def one_step(given: jax.Array) -> jax.Array:
        return ravel_pytree(system.right_sides(unravel(given)))[0]

    return values, jax.jacfwd(one_step)(flat), jax.jacfwd(responded)(jnp.zeros_like(flat))


class Network:
    """A dense network with the numbers of ``reference``, its derivatives by JAX.

    activations: the name of the activation of each layer. single: one neuron a layer, no indices.
    batch: whether instances carry a sample index.
    """

    def __init__(
        self,
        reference: Reference,
        activations: Sequence[str],
        cost: str,
        *,
        single: bool,
        batch: bool,
    ) -> None:
        self.single, self.batch, self.cost_name = single, batch, "C" if batch else "C0"
        self.depth = len(activations)
        self.widths = [1 if single else reference.sizes["n", n] for n in range(self.depth + 1)]
        self.samples = reference.sizes[SAMPLES.name] if batch else 1
        self.sizes = dict(reference.sizes)
        system = System(tuple(activations), cost, single)
        numbers, self.local, self.total = system.differentiated(self.leaves(reference))
        np.fill_diagonal(self.local, 1.0)
        parts, structure = jax.tree.flatten(numbers)
        self.values = [float(v) for part in parts for v in np.ravel(part)]
        places, start = [], 0
        for part in parts:
            places.append(np.arange(start, start + part.size).reshape(part.shape))
            start += part.size
        self.places: Values = jax.tree.unflatten(structure, places)
        self.gradients: dict[tuple, np.ndarray] = {}
        self.slopes: dict[tuple, float] = {}

    def leaves(self, reference: Reference) -> Values:
        """Inputs, parameters and targets, read from the reference one by one."""
        node = (lambda *i: ()) if self.single else (lambda *i: i)

        def table(name: str, *shape: int, sampled: bool = False, layer: int | None = None) -> Any:
            counts = ((self.samples,) if sampled else ()) + shape
            array = np.zeros(counts)
            for place in itertools.product(*map(range, counts)):
                sample = place[:1] if sampled and self.batch else ()
                layers = () if layer is None else (layer,)
                nodes = place[1:] if sampled else place
                array[place] = reference.read(name, (*sample, *layers, *node(*nodes))).real
            return array

        pairs = list(enumerate(itertools.pairwise(self.widths), start=1))
        empty = np.zeros(0)
        return Values(
            x=table("x", self.widths[0], sampled=True),
            w=tuple(table("w", after, before, layer=n) for n, (before, after) in pairs),
            b=tuple(table("b", after, layer=n) for n, (_, after) in pairs),
            y=table("y", self.widths[-1], sampled=True),
            z=(), a=(), c=empty, C0=empty, C=empty,
        )  # fmt: skip

    def place(self, name: str, indices: tuple[int, ...]) -> int:
        """The number of an instance. Raises OutOfRangeError for one that does not exist."""
        rest = list(indices)
        name = "C" if name == MEAN.name else name
        parameter = name in ("w", "b")
        sample = rest.pop(0) if self.batch and not parameter and name != "C" else 0
        table: Any = getattr(self.places, name)
        if name in ("w", "b", "z", "a"):
            layer = rest.pop(0) - (name != "a")
            if not 0 <= layer < len(table):
                raise OutOfRangeError(name, indices)
            table = table[layer]
        if self.single and name not in ("C0", "C"):
            rest += [0, 0] if name == "w" else [0]
        where = tuple(rest) if parameter or name == "C" else (sample, *rest)
        if any(not 0 <= i < n for i, n in zip(where, table.shape, strict=True)):
            raise OutOfRangeError(name, indices)
        return int(table[where])

    def size(self, name: str, indices: tuple[int, ...]) -> int:
        key: Any = (name, *indices) if indices else name
        if key not in self.sizes:
            raise OutOfRangeError(name, indices)
        return self.sizes[key]

    def slope(self, head: str, layer: int, order: int, at: float) -> float:
        key = (head, layer, order, at)
        if key not in self.slopes:
            function = ELEMENTWISE[head](layer)
            for _ in range(order):
                function = jax.grad(function)
            self.slopes[key] = float(function(at))
        return self.slopes[key]

    def gradient(self, expr: Expr, env: dict[Symbol, float]) -> np.ndarray:
        """The derivative of an expression by every instance it mentions, all else held fixed."""
        used = sorted((s for s in expr.free_symbols if s in env), key=str)
        key = (expr, *(env[s] for s in used))
        if key not in self.gradients:
            value, read = reading(expr), Reads(self.values)
            value(env, read, self)
            inputs = {place: self.values[place] for place in sorted(read.places)}
            found = jax.grad(lambda values: value(env, values, self))(inputs)
            self.gradients[key] = np.zeros(len(self.values))
            for place, slope in found.items():
                self.gradients[key][place] = slope
        return self.gradients[key]


class Reads:
    """The values, and which of them were read."""

    def __init__(self, values: Sequence[float]) -> None:
        self.values = values
        self.places: set[int] = set()

    def __getitem__(self, place: int) -> float:
        self.places.add(place)
        return self.values[place]


Reading = Callable[[dict[Symbol, float], Any, Network], Any]


@cache
def whole(expr: Expr) -> Callable[[dict[Symbol, float], Network], Any]:
    """An index expression."""
    if isinstance(expr, Integer):
        number = int(expr)
        return lambda env, net: number
    if isinstance(expr, Symbol):
        return lambda env, net: env[expr] if expr in env else net.size(expr.name, ())
    if isinstance(expr, Indexed):
        inner = [whole(i) for i in expr.indices]
        name = expr.base.label.name
        return lambda env, net: net.size(name, tuple(int(f(env, net)) for f in inner))
    parts = [whole(arg) for arg in expr.args]
    combine = {Add: sum, Mul: math.prod, Max: max, Min: min}[expr.func]
    return lambda env, net: combine([part(env, net) for part in parts])


def is_instance(expr: Expr) -> bool:
    if isinstance(expr, Indexed):
        return not expr.is_integer
    return isinstance(expr, Symbol) and bool(expr.is_real) and not expr.is_integer


def location(expr: Expr) -> Callable[[dict[Symbol, float], Network], int]:
    if isinstance(expr, Symbol):
        return lambda env, net: net.place(expr.name, ())
    name, inner = expr.base.label.name, [whole(i) for i in expr.indices]
    return lambda env, net: net.place(name, tuple(int(f(env, net)) for f in inner))


@cache
def reading(expr: Expr) -> Reading:
    """What an expression of quantities is worth."""
    if is_instance(expr):
        return _instance(expr)
    if isinstance(expr, Integer | Rational):
        number = float(expr)
        return lambda env, values, net: number
    if isinstance(expr, Symbol | Indexed):
        size = whole(expr)
        return lambda env, values, net: float(size(env, net))
    if isinstance(expr, Partial):
        return _partial(expr)
    if isinstance(expr, Applied):
        return reading(expr.args[0])
    if isinstance(expr, Delta):
        left, right = map(whole, expr.args)
        return lambda env, values, net: float(left(env, net) == right(env, net))
    if isinstance(expr, Apply):
        return _apply(expr)
    if isinstance(expr, Sum):
        body = reading(expr.function)
        for limit in expr.limits:
            body = _looped(body, Bound(*limit))
        return body
    if isinstance(expr, Piecewise):
        raise TypeError(f"no built-in network needs {expr}")
    parts = [reading(arg) for arg in expr.args]
    if isinstance(expr, Add | Plus):
        return lambda env, values, net: sum(part(env, values, net) for part in parts)
    if isinstance(expr, Mul | Product):
        return lambda env, values, net: math.prod(part(env, values, net) for part in parts)
    (first, *rest) = parts
    if isinstance(expr, Pow):
        (power,) = rest
        return lambda env, values, net: first(env, values, net) ** int(power(env, values, net))
    by_type: dict[type, Callable] = {exp: jnp.exp, log: jnp.log}
    function = by_type[expr.func]
    quick = {exp: math.exp, log: math.log}[expr.func]

    def value(env: dict[Symbol, float], values: Any, net: Network) -> Any:
        at = first(env, values, net)
        if not isinstance(at, float):
            return function(at)
        return quick(at) if expr.func is exp or at > 0 else math.nan

    return value


def _instance(expr: Expr) -> Reading:
    name = expr.name if isinstance(expr, Symbol) else expr.base.label.name
    if is_own(name) and name.startswith("d_"):
        inner = [whole(i) for i in getattr(expr, "indices", ())]

        def adjoint(env: dict[Symbol, float], values: Any, net: Network) -> float:
            cost = net.place(net.cost_name, ())
            by = net.place(name[2:-1], tuple(int(f(env, net)) for f in inner))
            return float(net.total[cost, by])

        return adjoint
    where = location(expr)
    if isinstance(expr, Symbol):
        return lambda env, values, net: env[expr] if expr in env else values[where(env, net)]
    return lambda env, values, net: values[where(env, net)]


def _partial(expr: Partial) -> Reading:
    of, by = expr.args
    below = location(by)
    if is_instance(of):
        above = location(of)

        def named(env: dict[Symbol, float], values: Any, net: Network) -> float:
            table = net.total if expr.total else net.local
            return float(table[above(env, net), below(env, net)])

        return named

    def compound(env: dict[Symbol, float], values: Any, net: Network) -> float:
        gradient = net.gradient(of, env)
        column = below(env, net)
        return float(gradient @ net.total[:, column] if expr.total else gradient[column])

    return compound


def _apply(expr: Apply) -> Reading:
    place, argument = whole(expr.place), reading(expr.argument)
    head, order = expr.head, expr.order

    def value(env: dict[Symbol, float], values: Any, net: Network) -> Any:
        layer, at = int(place(env, net)), argument(env, values, net)
        if isinstance(at, float):
            return net.slope(head, layer, order, at)
        function = ELEMENTWISE[head](layer)
        for _ in range(order):
            function = jax.grad(function)
        return function(at)

    return value


def _looped(body: Reading, bound: Bound) -> Reading:
    low, high, letter = whole(bound.low), whole(bound.high), bound.letter

    def value(env: dict[Symbol, float], values: Any, net: Network) -> Any:
        numbers = range(int(low(env, net)), int(high(env, net)) + 1)
        return sum((body({**env, letter: n}, values, net) for n in numbers), 0.0)

    return value


def holds(condition: Condition, env: dict[Symbol, float], net: Network) -> bool:
    value = whole(condition.expr)(env, net)
    if condition.relation is Relation.ZERO:
        return value == 0
    if condition.relation is Relation.NONNEGATIVE:
        return value >= 0
    return value % condition.modulus == 0


@cache
def term_reading(term: Term) -> Reading:
    """A term: its sums as loops, 0 where a guard fails."""
    factors = [reading(factor) for factor in term.factors]

    def inside(env: dict[Symbol, float], values: Any, net: Network) -> Any:
        if not all(holds(guard, env, net) for guard in term.guards):
            return 0.0
        return math.prod(factor(env, values, net) for factor in factors)

    body: Reading = inside
    for bound in reversed(term.sums):
        body = _looped(body, bound)
    bound_letters = {bound.letter for bound in term.sums}
    outer = [g for g in term.guards if not g.expr.free_symbols & bound_letters]

    def value(env: dict[Symbol, float], values: Any, net: Network) -> Any:
        return body(env, values, net) if all(holds(g, env, net) for g in outer) else 0.0

    return value


def value_of(terms: Sequence[Term], env: dict[Symbol, float], net: Network) -> float:
    return float(sum(term_reading(term)(env, net.values, net) for term in terms))


def assignments(
    letters: Sequence[Bound],
    given: Sequence[Condition],
    net: Network,
    start: dict[Symbol, float] | None = None,
) -> Iterator[dict[Symbol, float]]:
    """Every value of the letters within their ranges, where the conditions hold."""

    def walk(position: int, env: dict[Symbol, float]) -> Iterator[dict[Symbol, float]]:
        if position == len(letters):
            try:
                kept = all(holds(condition, env, net) for condition in given)
            except OutOfRangeError:
                kept = False
            if kept:
                yield env
            return
        bound = letters[position]
        for number in range(int(whole(bound.low)(env, net)), int(whole(bound.high)(env, net)) + 1):
            yield from walk(position + 1, {**env, bound.letter: number})

    return walk(0, dict(start or {}))
