"""Worked numbers judged: in full precision, and once more from what stands on the page."""

from __future__ import annotations

from sympy import Expr

from symbackprop.derivation.places import definition_at, indices_of
from symbackprop.derivation.verify import bound_sizes
from symbackprop.derivation.worked import Worked, WorkedStep
from symbackprop.documents.numbers import rounded
from symbackprop.documents.statements.recording import Recording
from symbackprop.errors import ModelError, VerificationError
from symbackprop.model.model import Model
from symbackprop.notation.expressions import Terms
from symbackprop.verification.evaluate import term_evaluator
from symbackprop.verification.reference import Key, Reference

TOLERANCE = 1e-10

_SECOND = 1.1
"""What rounding does beyond its first order: errors multiply where values do."""


def require_numbers(worked: Worked) -> int:
    """Raise VerificationError, naming the line, unless every worked number is right.

    Each is the reference's in full precision, and so is what its terms give. Then each is computed
    again from the numbers that are printed in front of it, and must be its print within what their
    rounding explains. Returns how many numbers were judged.
    """
    judge = _Judge(worked)
    for step in (*worked.forward, *worked.backward):
        judge.step(step)
    judge.updates()
    judge.costs()
    return len(worked.forward) + len(worked.backward) + len(worked.updates)


class _Judge:
    """Goes through the lines in order; ``printed`` knows the numbers of those before."""

    def __init__(self, worked: Worked) -> None:
        self.worked = worked
        self.model = worked.model
        given = {key_of(self.model, i): complex(value) for i, value in worked.given}
        self.reference = Reference(self.model, bound_sizes(self.model), given)
        self.printed = {key: printed(value.real) for key, value in given.items()}

    def step(self, step: WorkedStep) -> None:
        """One line of the forward or the backward pass."""
        key = key_of(self.model, step.left)
        self._same(step.left, step.value, complex(self.reference.read(*key)).real)
        self._same(step.left, step.value, _value(step.terms, Recording(self.reference)))
        self._from_print(step)
        self.printed[key] = printed(step.value)

    def updates(self) -> None:
        """The table of the step of gradient descent."""
        rate, half = printed(self.worked.rate)
        for one in self.worked.updates:
            name, indices = key_of(self.model, one.parameter)
            adjoint = self.model.quantity(name).adjoint.name
            slope = complex(self.reference.read(adjoint, indices)).real
            before = complex(self.reference.read(name, indices)).real
            self._same(one.parameter, one.value, before)
            self._same(one.parameter, one.slope, slope)
            self._same(one.parameter, one.updated, before - self.worked.rate * slope)
            (value, first), (own, second) = printed(one.value), printed(one.slope)
            error = first + abs(own) * half + abs(rate) * second
            self._close(one.parameter, value - rate * own, one.updated, error)

    def costs(self) -> None:
        """The cost before and after the step."""
        cost = self.model.cost
        moved = dict(self.reference.given)
        moved |= {key_of(self.model, u.parameter): complex(u.updated) for u in self.worked.updates}
        after = Reference(self.model, self.reference.sizes, moved)
        self._same(cost.symbol, self.worked.cost, complex(self.reference.read(cost.name, ())).real)
        self._same(cost.symbol, self.worked.new_cost, complex(after.read(cost.name, ())).real)

    def _from_print(self, step: WorkedStep) -> None:
        """A line computed again from the print of those before it."""
        reading = Recording(self.reference)
        _value(step.terms, reading)
        known = {key: self._known(step.left, key) for key in reading.keys}
        own = {key: value for key, (value, _) in known.items()}
        found = _value(step.terms, Recording(self.reference, own))
        error = 0.0
        if abs(found - step.value) > TOLERANCE * abs(found):
            for key, (value, half) in known.items():
                ends = (
                    _value(step.terms, Recording(self.reference, {**own, key: value + side}))
                    for side in (-half, half)
                    if half
                )
                error += max((abs(end - found) for end in ends), default=0.0)
        self._close(step.left, found, step.value, error)

    def _known(self, left: Expr, key: Key) -> tuple[float, float]:
        """The printed number of a value; what is only another name for one has its number."""
        if key not in self.printed:
            alias = self._alias(key)
            if alias is None or alias not in self.printed:
                self._wrong(left, f"it reads {_shown(key)}, which no line before it gives")
            return self.printed[alias]
        return self.printed[key]

    def _alias(self, key: Key) -> Key:
        """The value that a definition repeats: a^(0) is x."""
        quantity = self.model.by_name[key[0]]
        try:
            (term,) = definition_at(self.model, quantity[key[1]]).terms
            (factor,) = term.factors
            return key_of(self.model, factor)
        except (ModelError, ValueError):
            return key

    def _same(self, left: Expr, value: float, right: float) -> None:
        if not abs(value - right) <= TOLERANCE * max(abs(value), abs(right)):
            self._wrong(left, f"{value:.12g} stands where {right:.12g} is right")

    def _close(self, left: Expr, found: float, value: float, error: float) -> None:
        own, half = printed(value)
        if not abs(found - own) <= half + _SECOND * error + TOLERANCE * abs(own):
            self._wrong(left, f"the printed numbers give {found:.6g}, and {own:.6g} is printed")

    def _wrong(self, left: Expr, what: str) -> None:
        raise VerificationError(
            f"the worked number of {left} is wrong: {what}. "
            "Please report this defect of symbackprop"
        )


def printed(value: float) -> tuple[float, float]:
    """A number as it is printed, and how far its rounding may be off.

    >>> printed(0.59326999), printed(3.0)
    ((0.5933, 5e-05), (3.0, 0.0))
    """
    text = rounded(value, latex=False)
    _, point, decimals = text.partition(".")
    digits, _, power = decimals.partition("e")
    exponent = int(power or text.partition("e")[2] or 0)
    half = 0.5 * 10.0 ** (exponent - len(digits)) if point else 0.0
    return float(text), half


def _value(terms: Terms, place: Recording) -> float:
    return complex(sum(term_evaluator(term)({}, place) for term in terms)).real


def key_of(model: Model, instance: Expr) -> Key:
    """The key of a numbered instance."""
    return model.quantity(instance).name, tuple(int(i) for i in indices_of(instance))


def _shown(key: Key) -> str:
    return f"{key[0]}{list(key[1])}" if key[1] else key[0]
