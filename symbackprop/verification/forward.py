"""One evaluation of a whole model, in order: plain, or with one instance perturbed in each copy."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from sympy import Integer

from symbackprop.errors import NotSupported
from symbackprop.notation.expressions import Bound, Partial
from symbackprop.verification.environment import HIDDEN, STEP, Env, Values, is_array
from symbackprop.verification.indices import integer
from symbackprop.verification.schedule import Group, Turn, letter_of
from symbackprop.verification.spaces import count_of, enumerated

if TYPE_CHECKING:
    from symbackprop.verification.reference import Reference
    from symbackprop.verification.rules import Rule

_COPY = HIDDEN + "copy"
"""The name under which an environment carries the number of the copy."""


class Forward:
    """The numbers of a model, in the making.

    base: the array of each quantity; the plain evaluation writes into it. by, flats: the quantity
    and the numbers of the instances that are perturbed, one in each copy.
    """

    def __init__(
        self,
        reference: Reference,
        base: dict[str, np.ndarray],
        by: str = "",
        flats: np.ndarray | None = None,
    ) -> None:
        self.reference = reference
        self.base = base
        self.by = by
        self.flats = flats
        self.state: dict[str, np.ndarray] = {}
        self.touched: set[tuple[str, int | None]] = set()

    @classmethod
    def perturbed(cls, reference: Reference, by: str, flats: np.ndarray) -> Forward:
        """The evaluation in which copy n has instance ``flats[n]`` of ``by`` perturbed."""
        run = cls(reference, reference.arrays, by, flats)
        with np.errstate(all="ignore"):
            run._perturb()
            run.everything()
        return run

    def slope(self, name: str) -> np.ndarray:
        """The derivative of a scalar, by copies."""
        if name not in self.state:
            return np.zeros(len(self.copies))
        return self.state[name].imag / STEP

    def column(self, copy: int) -> dict[str, np.ndarray]:
        """The derivatives of everything that answers, in one copy."""
        return {name: array[..., copy].imag / STEP for name, array in self.state.items()}

    @property
    def copies(self) -> np.ndarray:
        """The numbers of the copies."""
        return np.arange(0 if self.flats is None else len(self.flats))

    # -- the Place protocol ---------------------------------------------------------------------

    def read(self, name: str, indices: tuple[Values, ...], env: Env) -> Values:
        """The values of instances, in the copies in which they are read."""
        space = self.reference.spaces[name]
        position, inside = space.position(indices)
        if name in self.state:
            found = self.state[name][(*position, env[_COPY])]
        else:
            found = self.base[name][position]
            if name == self.by and self.flats is not None:
                hit = self.flats[env[_COPY]] == space.flat(position)
                found = found + np.where(hit, 1j * STEP, 0)
        if is_array(inside) or not inside:
            return np.where(inside, found, np.nan)
        return found

    def partial(self, node: Partial, env: Env) -> Values:
        """Definitions hold no derivatives."""
        raise NotSupported(f"a definition mentions the derivative {node}")

    def function(self, head: str, place: Values, order: int, argument: Values) -> Values:
        """The value of a named function."""
        return self.reference.function(head, place, order, argument)

    def size(self, name: str, indices: tuple[Values, ...]) -> Values:
        """The number that a symbolic size stands for."""
        return self.reference.size(name, indices)

    # -- evaluation -----------------------------------------------------------------------------

    def _perturb(self) -> None:
        """Mark what is perturbed; a defined quantity has its copies from the start."""
        assert self.flats is not None
        space = self.reference.spaces[self.by]
        self.touched.add((self.by, None))
        for group in self.reference.groups:
            for turn in group.turns:
                if turn.definition.quantity.name == self.by and turn.along is not None:
                    places = space.unravelled(self.flats)[turn.along]
                    self.touched |= {(self.by, int(p)) for p in np.unique(places)}
                    self.touched.discard((self.by, None))
        if self.by in self.reference.rules:
            self._state_of(self.by).reshape(-1, len(self.flats))[self.flats, self.copies] += (
                1j * STEP
            )

    def _state_of(self, name: str) -> np.ndarray:
        if name not in self.state:
            assert self.flats is not None
            self.state[name] = np.repeat(self.base[name][..., None], len(self.flats), -1) + 0j
        return self.state[name]

    def everything(self) -> None:
        """Evaluate all definitions in order; of a perturbed model only what answers."""
        for group in self.reference.groups:
            if group.direction == 0:
                for turn in group.turns:
                    self._turn(turn, None)
            else:
                self._recurrence(group)

    def _recurrence(self, group: Group) -> None:
        """Place by place, each definition as many places behind as it lags."""
        spans = [self._span(turn) for turn in group.turns]
        starts = [
            (low if group.direction > 0 else -high) + lag
            for (low, high), lag in zip(spans, group.offsets, strict=True)
        ]
        ends = [
            (high if group.direction > 0 else -low) + lag
            for (low, high), lag in zip(spans, group.offsets, strict=True)
        ]
        for step in range(min(starts), max(ends) + 1):
            for turn, lag, (low, high) in zip(group.turns, group.offsets, spans, strict=True):
                place = group.direction * (step - lag)
                if low <= place <= high:
                    self._turn(turn, place)

    def _span(self, turn: Turn) -> tuple[int, int]:
        """The first and the last place of a definition along its recurrence."""
        letter = letter_of(turn)
        if letter is None:
            assert turn.along is not None
            place = int(integer(turn.definition.indices[turn.along])({}, self))
            return place, place
        bound = next(b for b in turn.definition.domain if b.letter == letter)
        return int(integer(bound.low)({}, self)), int(integer(bound.high)({}, self))

    def _turn(self, turn: Turn, place: int | None) -> None:
        definition = turn.definition
        name = definition.quantity.name
        if self.flats is not None and not self._answers(turn, place):
            return
        env = self._letters(turn, place)
        if count_of(env):
            self._write(self._rule(turn), name, env)
            self.touched.add((name, place))

    def _letters(self, turn: Turn, place: int | None) -> Env:
        """All values of the letters of a definition at a place; they are the same in every run."""
        known = self.reference.letters
        if (turn, place) not in known:
            letter = letter_of(turn)
            fixed = {letter: Integer(place)} if letter is not None and place is not None else {}
            bounds = [
                Bound(b.letter, fixed[b.letter], fixed[b.letter]) if b.letter in fixed else b
                for b in turn.definition.domain
            ]
            known[turn, place] = enumerated(bounds, {}, self)
        return known[turn, place]

    def _answers(self, turn: Turn, place: int | None) -> bool:
        """Whether a definition reads anything that differs from copy to copy."""
        for name, step in turn.needs:
            if (name, None) in self.touched:
                return True
            if place is not None and step is not None and turn.along is not None:
                if (name, place + step) in self.touched:
                    return True
            elif any(one == name for one, _ in self.touched):
                return True
        return False

    def _rule(self, turn: Turn) -> Rule:
        rules = self.reference.rules[turn.definition.quantity.name]
        return next(rule for rule in rules if rule.definition is turn.definition)

    def _write(self, rule: Rule, name: str, env: Env) -> None:
        """Evaluate a rule for all the letters in ``env``, in every copy."""
        indices = [integer(i)(env, self) for i in rule.definition.indices]
        position, _ = self.reference.spaces[name].position(indices)
        if self.flats is None:
            found = np.asarray(rule.value(env, self))
            real = np.where(found.imag == 0, found.real, np.nan)
            self.base[name][position] = real
            return
        inner = {k: v[:, None] if is_array(v) else v for k, v in env.items()}
        inner[_COPY] = self.copies[None, :]
        found = np.asarray(rule.value(inner, self))
        state = self._state_of(name)
        count = count_of(env)
        rows = tuple(np.broadcast_to(p, (count,)) for p in position)
        state[rows] = np.broadcast_to(found, (count, len(self.copies)))
        if name == self.by:
            flat = np.broadcast_to(self.reference.spaces[name].flat(position), (count,))
            hit = flat[:, None] == self.flats[None, :]
            row, copy = np.nonzero(hit)
            state[(*(p[row] for p in rows), copy)] += 1j * STEP
