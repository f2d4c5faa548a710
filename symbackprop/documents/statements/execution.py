"""The stated algorithm, run: every line from what earlier lines computed, held against the truth.

The interpreter knows what the reader of an algorithm knows: inputs, parameters and targets are
given, functions can be evaluated, and what a line computes can be read by the lines behind it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NoReturn

import numpy as np

from symbackprop.derivation.derive import Derivation
from symbackprop.derivation.places import indices_of
from symbackprop.documents.algorithm import Assign, Program
from symbackprop.documents.statements.standin import every, places, sampled, stand_in
from symbackprop.errors import VerificationError
from symbackprop.model.model import Model
from symbackprop.notation.expressions import Partial
from symbackprop.notation.quantities import Quantity, Role
from symbackprop.verification.environment import VANISHING, Env, Place, Values
from symbackprop.verification.evaluate import magnitude_evaluator, term_evaluator
from symbackprop.verification.indices import integer
from symbackprop.verification.reference import Reference
from symbackprop.verification.spaces import Space, count_of

TOLERANCE = 1e-10
_GIVEN = (Role.INPUT, Role.PARAMETER, Role.TARGET)


class Unfounded(VerificationError):
    """An algorithm that reads what no line computes, or leaves out what was asked for."""


@dataclass(frozen=True)
class Executed:
    """What came of running an algorithm: how many lines it has, how many values it computed."""

    lines: int
    values: int


def execute(derivation: Derivation, lines: Program) -> Executed:
    """Run an algorithm. Raises VerificationError, naming the line, when one computes wrongly.

    Raises Unfounded where a line reads what no line before it computed, or where a derivative that
    was asked for is not computed: such an algorithm is not to be stated.

    Of many layers, those at both ends and in the middle are held against the truth: what a line
    gets wrong in between reaches one of them.
    """
    machine = _Machine(derivation.model, stand_in(derivation))
    count = 0
    for line in lines:
        if isinstance(line, Assign):
            machine.assign(line, {})
            count += 1
            continue
        low, high = (int(integer(one)({}, machine.reference)) for one in (line.first, line.last))
        layers, judged = range(low, high + 1), set(sampled(low, high))
        for number in reversed(layers) if line.downwards else layers:
            for one in line.body:
                machine.assign(one, {line.letter.name: number}, number in judged)
        count += len(line.body)
    machine.require(derivation)
    return Executed(count, sum(int((~np.isnan(v)).sum()) for v in machine.values.values()))


class _Machine(Place):
    """What the lines of an algorithm are run in: the values that were computed so far."""

    def __init__(self, model: Model, reference: Reference) -> None:
        self.model = model
        self.reference = reference
        self.values: dict[str, np.ndarray] = {}
        self.line = ""

    def assign(self, line: Assign, env: Env, judged: bool = True) -> None:
        """Compute a line for every value of its letters; hold it against the truth if judged."""
        self.line = line.key
        parts = [(term_evaluator(term), magnitude_evaluator(term)) for term in line.terms]
        quantity = self.model.quantity(line.left)
        space = self._space(quantity)
        own = self.values.setdefault(quantity.name, np.full(space.shape, np.nan))
        places = every(line.letters, line.given, env, self.reference)
        if not count_of(places):
            return
        value = sum(part(places, self) for part, _ in parts)
        indices = tuple(integer(i)(places, self.reference) for i in indices_of(line.left))
        if judged:
            right = self.reference.read(quantity.name, indices)
            sizes = [abs(size(places, self)) for _, size in parts]
            self._compare(quantity.name, indices, value, right, sizes)
        own[space.position(indices)[0]] = np.real(value)

    def _compare(
        self,
        name: str,
        indices: tuple[Values, ...],
        value: Values,
        right: Values,
        sizes: list[Values],
    ) -> None:
        """Raise VerificationError where a value is not the right one.

        Where summands cancel, the difference is measured against the largest of them.
        """
        value, right, *rest = np.broadcast_arrays(value, right, *sizes, *indices)
        sizes, places = rest[: len(sizes)], rest[len(sizes) :]
        scale = np.maximum(np.max([abs(value), abs(right), *sizes], axis=0), VANISHING)
        error = np.where(abs(value - right) <= TOLERANCE * scale, 0, 1)
        if error.any():
            row = np.unravel_index(int(np.argmax(error)), error.shape)
            self._wrong(
                f"it computes {_shown(name, tuple(int(p[row]) for p in places))} = "
                f"{value[row].real:.12g}, which is {right[row].real:.12g}"
            )

    def _space(self, quantity: Quantity) -> Space:
        return self.reference.spaces[(quantity.adjoint_of or quantity).name]

    def require(self, derivation: Derivation) -> None:
        """Raise VerificationError unless all targets have been computed."""
        for target in derivation.targets:
            quantity = self.model.quantity(target)
            name = quantity.adjoint.name
            for indices in places(quantity, self.reference):
                place, _ = self._space(quantity).position(indices)
                if name not in self.values or np.isnan(self.values[name][place]):
                    raise Unfounded(f"the algorithm does not compute {_shown(name, indices)}")

    def read(self, name: str, indices: tuple[Values, ...], env: Env) -> Values:
        """What is given, or was computed by an earlier line."""
        quantity = self.model.by_name[name]
        if quantity.role in _GIVEN and quantity.adjoint_of is None:
            return self.reference.read(name, indices, env)
        place, inside = self._space(quantity).position(indices)
        if name not in self.values or not np.all(inside):
            self._unread(name)
        found = self.values[name][place]
        if np.isnan(found).any():
            self._unread(name)
        return found + 0j

    def partial(self, node: Partial, env: Env) -> Values:
        """No line computes a derivative that is only named."""
        return self._unread(str(node))

    def function(self, head: str, place: Values, order: int, argument: Values) -> Values:
        """The value of a named function."""
        return self.reference.function(head, place, order, argument)

    def size(self, name: str, indices: tuple[Values, ...]) -> Values:
        """The number of a size."""
        return self.reference.size(name, indices)

    def _unread(self, what: str) -> NoReturn:
        raise Unfounded(
            f"the line of the algorithm that cites equation {self.line} reads {what}, which no "
            "line before it computes"
        )

    def _wrong(self, what: str) -> NoReturn:
        raise VerificationError(
            f"the line of the algorithm that cites equation {self.line} is wrong: {what}. "
            "Please report this defect of symbackprop"
        )


def _shown(name: str, indices: tuple[int, ...]) -> str:
    return f"{name}{list(indices)}" if indices else name
