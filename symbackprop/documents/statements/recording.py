"""A place of evaluation that writes down what is read in it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from symbackprop.notation.expressions import Partial
from symbackprop.verification.environment import Env, Place, Values
from symbackprop.verification.reference import Key, Reference


class Recording(Place):
    """The values of a reference, or others in place of some of them.

    keys: what has been read, in order.
    """

    def __init__(self, reference: Reference, values: Mapping[Key, float] | None = None) -> None:
        self.reference = reference
        self.values = values or {}
        self.keys: dict[Key, None] = {}

    def read(self, name: str, indices: tuple[Values, ...], env: Env) -> Values:
        """The value of an instance, or of many, which are written down."""
        columns = np.broadcast_arrays(*indices) if indices else []
        rows = zip(*(column.ravel() for column in columns), strict=True) if columns else [()]
        keys = [(name, tuple(int(i) for i in row)) for row in rows]
        self.keys.update(dict.fromkeys(keys))
        found = self.reference.read(name, indices, env)
        if not self.values:
            return found
        flat = np.broadcast_to(found, columns[0].shape if columns else ()).ravel()
        own = [self.values.get(key, value) for key, value in zip(keys, flat, strict=True)]
        return np.array(own, complex).reshape(columns[0].shape if columns else ())[()]

    def partial(self, node: Partial, env: Env) -> Values:
        """A derivative written by name."""
        return self.reference.partial(node, env)

    def function(self, head: str, place: Values, order: int, argument: Values) -> Values:
        """The value of a named function."""
        return self.reference.function(head, place, order, argument)

    def size(self, name: str, indices: tuple[Values, ...]) -> Values:
        """The number of a size."""
        return self.reference.size(name, indices)
