"""A place with given numbers, in which expressions are evaluated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from symbackprop.model.functions import FUNCTIONS
from symbackprop.notation.expressions import Terms
from symbackprop.verification.environment import Env
from symbackprop.verification.evaluate import term_evaluator
from symbackprop.verification.functions import function_value


@dataclass(frozen=True)
class Numbers:
    """Arrays by name; reading outside them is an error. sizes: numbers of symbolic sizes."""

    arrays: Mapping[str, np.ndarray]
    sizes: Mapping[str, Any] = field(default_factory=dict)

    def read(self, name: str, indices: tuple[Any, ...], env: Env) -> Any:
        array = np.asarray(self.arrays[name])
        pairs = list(zip(indices, array.shape, strict=True))
        assert all(np.all((i >= 0) & (i < n)) for i, n in pairs), (name, indices)
        return array[indices] + 0j

    def function(self, head: str, place: Any, order: int, argument: Any) -> Any:
        row = next(row for row in FUNCTIONS if row.name == head)
        return function_value(row, place, order, argument)

    def size(self, name: str, indices: tuple[Any, ...]) -> Any:
        return np.asarray(self.sizes[name])[indices][()]

    def value(self, terms: Terms, **letters: int) -> float:
        """The terms with numbers for their free letters."""
        return sum(term_evaluator(term)(dict(letters), self).real for term in terms)
