"""The stated algorithm, run: every line from what earlier lines computed, held against the truth.

The interpreter knows what the reader of an algorithm knows: inputs, parameters and targets are
given, functions can be evaluated, and what a line computes can be read by the lines behind it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NoReturn

from symbackprop.derivation.derive import Derivation
from symbackprop.derivation.places import indices_of
from symbackprop.documents.algorithm import Assign, Program
from symbackprop.documents.standin import numbers, places, stand_in, walk
from symbackprop.errors import VerificationError
from symbackprop.model.model import Model
from symbackprop.notation.expressions import Partial
from symbackprop.notation.quantities import Role
from symbackprop.verification.equality import relative
from symbackprop.verification.evaluate import (
    Env,
    Place,
    integer,
    magnitude_evaluator,
    term_evaluator,
)
from symbackprop.verification.reference import Key, Reference

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
    """
    machine = _Machine(derivation.model, stand_in(derivation))
    count = 0
    for line in lines:
        if isinstance(line, Assign):
            machine.assign(line, {})
            count += 1
            continue
        low, high = (int(integer(one)({}, machine.reference)) for one in (line.first, line.last))
        layers = range(low, high + 1)
        for number in reversed(layers) if line.downwards else layers:
            for one in line.body:
                machine.assign(one, {line.letter.name: number})
        count += len(line.body)
    machine.require(derivation)
    return Executed(count, len(machine.values))


class _Machine(Place):
    """What the lines of an algorithm are run in: the values that were computed so far."""

    def __init__(self, model: Model, reference: Reference) -> None:
        self.model = model
        self.reference = reference
        self.values: dict[Key, complex] = {}
        self.line = ""

    def assign(self, line: Assign, env: Env) -> None:
        """Compute a line for every value of its letters."""
        self.line = line.key
        parts = [(term_evaluator(term), magnitude_evaluator(term)) for term in line.terms]
        name = self.model.quantity(line.left).name
        for place in walk(line.letters, line.given, env, self.reference):
            key = (name, numbers(indices_of(line.left), place, self.reference))
            value = sum((part(place, self) for part, _ in parts), 0j)
            right = self.reference.read(*key)
            scale = max((abs(size(place, self)) for _, size in parts), default=0.0)
            error = min(relative(value, right), abs(value - right) / scale if scale else 1.0)
            if not error <= TOLERANCE:
                self._wrong(
                    f"it computes {_shown(key)} = {value.real:.12g}, which is {right.real:.12g}"
                )
            self.values[key] = value

    def require(self, derivation: Derivation) -> None:
        """Raise VerificationError unless all targets have been computed."""
        for target in derivation.targets:
            quantity = self.model.quantity(target)
            for indices in places(quantity, self.reference):
                key = (quantity.adjoint.name, indices)
                if key not in self.values:
                    raise Unfounded(f"the algorithm does not compute {_shown(key)}")

    def read(self, name: str, indices: tuple[int, ...]) -> complex:
        """What is given, or was computed by an earlier line."""
        if self.model.by_name[name].role in _GIVEN and self.model.by_name[name].adjoint_of is None:
            return self.reference.read(name, indices)
        if (name, indices) not in self.values:
            self._unread(_shown((name, indices)))
        return self.values[name, indices]

    def partial(self, node: Partial, env: Env) -> complex:
        """No line computes a derivative that is only named."""
        return self._unread(str(node))

    def function(self, head: str, place: int, order: int, argument: complex) -> complex:
        """The value of a named function."""
        return self.reference.function(head, place, order, argument)

    def size(self, name: str, indices: tuple[int, ...]) -> int:
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


def _shown(key: Key) -> str:
    return f"{key[0]}{list(key[1])}" if key[1] else key[0]
