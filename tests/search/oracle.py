"""What a model computes, by JAX: definitions read at concrete sizes, one number after the other.

A translator of its own: it shares no code with the evaluator, the calculus or the code generator.
Every instance is computed by plain recursion, for all samples at once: a value is a vector with an
entry for each sample. Differentiation is JAX's.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import jax
import jax.numpy as jnp
import jax.scipy.special
import numpy as np
import scipy.special
import sympy as sp
from sympy import Expr, Indexed, Sum, Symbol

from symbackprop.model.functions import T
from symbackprop.model.model import Model
from symbackprop.notation.expressions import Bound, Plus, Product, as_expr
from symbackprop.notation.functions import Apply
from symbackprop.notation.quantities import Quantity, Role

jax.config.update("jax_enable_x64", True)

Place = tuple[int, ...]
Values = dict[tuple[str, Place], Any]
Env = dict[Symbol, Any]

NAMES = {
    sp.exp: "exp",
    sp.log: "log",
    sp.tanh: "tanh",
    sp.sinh: "sinh",
    sp.cosh: "cosh",
    sp.sin: "sin",
    sp.cos: "cos",
    sp.atan: "arctan",
    sp.Abs: "abs",
    sp.sign: "sign",
    sp.floor: "floor",
}
"""SymPy's functions by their names in NumPy and JAX."""
KINKED = (sp.Abs, sp.sign)


@dataclass(frozen=True)
class Written:
    """An equation as it was written, before anything of the project has read it."""

    name: str
    indices: tuple[Expr, ...]
    bounds: tuple[Bound, ...]
    right: tuple[Expr, ...]


def written(model: Model) -> tuple[Written, ...]:
    """The equations of a model that is known by its definitions only."""
    return tuple(
        Written(d.quantity.name, d.indices, d.domain, (as_expr(d.terms),))
        for d in model.definitions
    )


@dataclass
class Oracle:
    """A model at the numbers of its own sizes.

    equations: what is computed; the definitions of the model unless given.
    """

    model: Model
    equations: tuple[Written, ...] = ()
    xp: Any = jnp
    margin: float = field(default=float("inf"), init=False)

    def __post_init__(self) -> None:
        self.equations = self.equations or written(self.model)
        self.sizes = {key: int(number) for key, number in self.model.sizes.items()}
        self.families = {key.base for key in self.sizes if isinstance(key, Indexed)}
        self.known: Values = {}
        self.rules: dict[str, list[Written]] = {}
        for equation in self.equations:
            self.rules.setdefault(equation.name, []).append(equation)

    # -- places ---------------------------------------------------------------------------------

    def places(self, quantity: Quantity) -> list[Place]:
        """All places of a quantity, in ascending order."""
        found: list[Place] = [()]
        for axis in quantity.axes:
            found = [
                (*place, value)
                for place in found
                for env in [dict(zip(quantity.letters, place, strict=False))]
                for value in range(self.number(axis.low, env), self.number(axis.high, env) + 1)
            ]
        return found

    @cached_property
    def given(self) -> tuple[Quantity, ...]:
        """What a caller gives: parameters, inputs and targets."""
        return self.model.with_role(Role.PARAMETER, Role.INPUT, Role.TARGET)

    # -- values ---------------------------------------------------------------------------------

    def cost(self, values: Values) -> Any:
        """The cost of each sample."""
        self.known = dict(values)
        return self.read(self.model.cost.name, ())

    def derived(self, values: Values) -> tuple[Any, Values]:
        """The cost of each sample, and its derivative by each parameter, input and target."""

        def total(free: Values) -> Any:
            cost = self.cost(free)
            return jnp.sum(cost), cost

        floats = {key: jnp.asarray(value) for key, value in values.items()}
        (_, cost), found = jax.value_and_grad(total, has_aux=True)(floats)
        return np.asarray(cost), {key: np.asarray(one) for key, one in found.items()}

    def read(self, name: str, place: Place) -> Any:
        """The value of one instance."""
        key = (name, place)
        if key not in self.known:
            self.known[key] = self._computed(name, place)
        return self.known[key]

    def _computed(self, name: str, place: Place) -> Any:
        found = []
        for rule in self.rules.get(name, ()):
            env = self._matched(rule, place)
            if env is not None:
                found.append(sum(self.value(one, env) for one in rule.right))
        if len(found) != 1:
            raise LookupError(f"{len(found)} equations define {name}{list(place)}")
        return found[0]

    def _matched(self, rule: Written, place: Place) -> Env | None:
        """The letters of an equation at a place; None where it does not apply."""
        letters = {bound.letter for bound in rule.bounds}
        env: Env = {}
        for own, value in zip(rule.indices, place, strict=True):
            if own in letters:
                env[own] = value
            elif self.number(own, env) != value:
                return None
        for bound in rule.bounds:
            inside = self.number(bound.low, env) <= env[bound.letter]
            if not inside or env[bound.letter] > self.number(bound.high, env):
                return None
        return env

    # -- expressions ----------------------------------------------------------------------------

    def number(self, expr: Expr, env: Env) -> int:
        """An index or a size."""
        if isinstance(expr, sp.Integer):
            return int(expr)
        if isinstance(expr, Symbol):
            return int(env[expr]) if expr in env else self.sizes[expr]
        if isinstance(expr, Indexed):
            return self.sizes[
                expr.base[tuple(sp.Integer(self.number(i, env)) for i in expr.indices)]
            ]
        parts = [self.number(arg, env) for arg in expr.args]
        if isinstance(expr, sp.Add):
            return sum(parts)
        if isinstance(expr, sp.Mul):
            return int(np.prod(parts))
        raise TypeError(f"no index: {expr}")

    def value(self, expr: Expr, env: Env) -> Any:
        """The value of an expression with these letters."""
        if expr.is_Number or isinstance(expr, sp.NumberSymbol):
            return float(expr)
        if isinstance(expr, Symbol):
            if expr in env:
                return env[expr]
            return self.sizes[expr] if expr.is_integer else self.read(expr.name, ())
        if isinstance(expr, Indexed):
            if expr.base in self.families:
                return self.number(expr, env)
            place = tuple(self.number(i, env) for i in expr.indices)
            return self.read(expr.base.label.name, place)
        if isinstance(expr, Sum):
            return self._summed(expr.function, list(expr.limits), env)
        if isinstance(expr, Apply):
            return self._applied(expr, env)
        if isinstance(expr, sp.Piecewise):
            return self._piecewise(expr, env)
        return self._combined(expr, [self.value(arg, env) for arg in expr.args])

    def _summed(self, body: Expr, limits: list[Any], env: Env) -> Any:
        """The outermost limit stands last."""
        if not limits:
            return self.value(body, env)
        letter, low, high = limits[-1]
        return sum(
            (
                self._summed(body, limits[:-1], {**env, letter: number})
                for number in range(self.number(low, env), self.number(high, env) + 1)
            ),
            0.0,
        )

    def _applied(self, expr: Apply, env: Env) -> Any:
        formula = self.model.function(expr.head).formula
        if formula is None or expr.order:
            raise TypeError(f"no value: {expr}")
        return self.value(formula, {T: self.value(expr.argument, env)})

    def _piecewise(self, expr: Expr, env: Env) -> Any:
        found: Any = None
        for value, test in reversed(expr.args):
            here = self.value(value, env)
            if test == True:  # noqa: E712
                found = here
                continue
            left, right = (self.value(side, env) for side in (test.lhs, test.rhs))
            self._apart(left, right)
            found = self.xp.where(self._compared(test, left, right), here, found)
        return found

    def _compared(self, test: Expr, left: Any, right: Any) -> Any:
        if isinstance(test, sp.Gt | sp.Ge):
            return left > right
        if isinstance(test, sp.Lt | sp.Le):
            return left < right
        raise TypeError(f"no test: {test}")

    def _combined(self, expr: Expr, parts: list[Any]) -> Any:
        if isinstance(expr, sp.Add | Plus):
            return sum(parts[1:], parts[0])
        if isinstance(expr, sp.Mul | Product):
            return _multiplied(parts)
        if isinstance(expr, sp.Pow):
            return self._power(expr.exp, *parts)
        if isinstance(expr, sp.Max | sp.Min):
            choose = self.xp.maximum if isinstance(expr, sp.Max) else self.xp.minimum
            found = parts[0]
            for part in parts[1:]:
                self._apart(found, part)
                found = choose(found, part)
            return found
        if isinstance(expr, sp.Heaviside):
            self._apart(parts[0], 0.0)
            return self.xp.where(parts[0] > 0, 1.0, 0.0)
        if isinstance(expr, sp.erf):
            library = jax.scipy.special if self.xp is jnp else scipy.special
            return library.erf(parts[0])
        if isinstance(expr, KINKED):
            self._apart(parts[0], 0.0)
        elif isinstance(expr, sp.floor):
            self._apart(parts[0], np.round(parts[0]) if self.xp is np else parts[0])
        return getattr(self.xp, NAMES[expr.func])(parts[0])

    def _power(self, exponent: Expr, base: Any, power: Any) -> Any:
        if isinstance(exponent, sp.Integer):
            whole = _multiplied([base] * abs(int(exponent)))
            return whole if exponent > 0 else 1 / whole
        if exponent == sp.Rational(1, 2):
            return self.xp.sqrt(base)
        if exponent == sp.Rational(-1, 2):
            return 1 / self.xp.sqrt(base)
        return self.xp.exp(power * self.xp.log(base))

    def _apart(self, left: Any, right: Any) -> None:
        """Note how near a value comes to a kink, in the pass that looks for good values."""
        if self.xp is np:
            self.margin = min(self.margin, float(np.min(np.abs(np.asarray(left - right)))))


def _multiplied(parts: list[Any]) -> Any:
    found = parts[0]
    for part in parts[1:]:
        found = found * part
    return found


def drawn(oracle: Oracle, samples: int, seed: int) -> Values | None:
    """Values for which the model is finite and stays away from every kink; None if none is found.

    Parameters are the same for all samples.
    """
    looks = Oracle(oracle.model, oracle.equations, np)
    for attempt in range(12):
        rng = np.random.default_rng([seed, attempt])
        values: Values = {}
        for q in oracle.given:
            for place in oracle.places(q):
                count = 1 if q.role is Role.PARAMETER else samples
                size = rng.uniform(0.2, 0.9, count) * 0.9**attempt
                sign = 1 if q.role is Role.TARGET else rng.choice([-1.0, 1.0], count)
                values[q.name, place] = np.broadcast_to(size * sign, (samples,)).copy()
        looks.margin = float("inf")
        with np.errstate(all="ignore"):
            looks.cost(values)
        numbers = np.array([np.max(np.abs(np.asarray(one))) for one in looks.known.values()])
        if np.isfinite(numbers).all() and numbers.max() < 1e3 and looks.margin > 1e-5:
            return values
    return None


__all__ = ["Oracle", "Place", "Values", "Written", "drawn", "written"]
