"""Generated modules against the oracle: every function of one, on one and on several samples."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from types import ModuleType
from typing import Any
from unittest import mock

import numpy as np

from symbackprop.codegen import generate, load
from symbackprop.codegen.targets import TARGETS, Target
from symbackprop.notation.quantities import Kind, Quantity, Role
from tests.search.case import SAMPLES, Case
from tests.search.oracle import Place

NOTHING = 1e-14
"""What is no larger is 0, and rounding is what ordinary numbers leave when they cancel."""

SELF_CHECKED = 1e-5
"""What a module's own check calls agreement."""

RELATIVE, ROUNDING = 1e-12, 2e-15
"""What a difference may be: of the largest entry of the array, and of that of all of them."""


@dataclass(frozen=True)
class Way:
    """One way to have code: a row of the table, with loops over layers or not.

    plain: numba's module with its loops left to Python.
    """

    row: Target
    loops: bool | None = None
    plain: bool = False
    exact: bool = False

    def __str__(self) -> str:
        parts = (self.row.name, "buffers" * self.row.buffers, "rolled" * bool(self.loops))
        return " ".join(filter(None, (*parts, "plain" * self.plain, "exact" * self.exact)))

    def made(self, case: Case) -> tuple[str, ModuleType]:
        """The module's text, and the module."""
        text = generate(
            case.model,
            target=self.row.name,
            buffers=self.row.buffers,
            loops=self.loops,
            exact_saturation=self.exact,
        )
        if not self.plain:
            return text, load(text)
        with mock.patch("numba.njit", return_value=lambda function: function):
            return text, load(text, "plain")


def ways() -> tuple[Way, ...]:
    """Every row of the table, in every form that it has; numba's own compiler last."""
    found = [Way(row, plain=row.name == "numba") for row in TARGETS]
    found += [Way(row, loops=True) for row in TARGETS if row.rolled is not None]
    found += [Way(row, exact=True) for row in TARGETS if row.rolled is not None]
    return (*found, *(Way(row) for row in TARGETS if row.name == "numba"))


def _listed(quantity: Quantity) -> list[bool]:
    """For each axis, whether its values are arrays of their own in a tuple."""
    used = {s for a in quantity.axes for s in a.low.free_symbols | a.high.free_symbols}
    return [axis.kind is Kind.LAYER or axis.letter in used for axis in quantity.axes]


class Wanted:
    """What the oracle says of a case, as the arrays that a module takes and returns."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.model = case.model
        self.oracle = case.oracle
        self.costs, self.slopes = self.oracle.derived(case.values)
        self.scale = max(
            [
                float(np.abs(self.costs).max()),
                *(float(np.abs(s).max()) for s in self.slopes.values()),
            ]
        )

    def arrays(self, quantity: Quantity, values: dict[Any, Any]) -> list[np.ndarray]:
        """The values of a quantity, a first axis for the samples: one array, or one a layer."""
        flags = _listed(quantity)
        groups: dict[Place, dict[Place, Any]] = {}
        for place in self.oracle.places(quantity):
            apart = tuple(n for n, flag in zip(place, flags, strict=True) if flag)
            inside = tuple(n for n, flag in zip(place, flags, strict=True) if not flag)
            groups.setdefault(apart, {})[inside] = values[quantity.name, place]
        found = []
        for group in groups.values():
            extents = [max(n) - min(n) + 1 for n in zip(*group, strict=True)]
            found.append(np.stack(list(group.values()), axis=1).reshape(SAMPLES, *extents))
        return found

    @cached_property
    def parameters(self) -> list[Any]:
        """The fields of `Parameters`, in order."""
        fields: list[Any] = []
        for q in self.model.with_role(Role.PARAMETER):
            found = [array[0] for array in self.arrays(q, self.case.values)]
            fields.append(tuple(found) if any(_listed(q)) else found[0])
        return fields

    @cached_property
    def samples(self) -> list[np.ndarray]:
        """Inputs, then targets, for all samples."""
        return [
            self.arrays(q, self.case.values)[0]
            for role in (Role.INPUT, Role.TARGET)
            for q in self.model.with_role(role)
        ]

    def by(self, role: Role) -> list[tuple[str, list[np.ndarray]]]:
        """The derivatives of each sample's cost by the quantities of a role."""
        return [(q.name, self.arrays(q, self.slopes)) for q in self.model.with_role(role)]


def _leaves(part: Any) -> list[np.ndarray]:
    return [np.asarray(one) for one in (part if isinstance(part, tuple) else (part,))]


class Comparison:
    """One module against what is wanted; `faults` says where they differ."""

    def __init__(self, wanted: Wanted, module: ModuleType) -> None:
        self.wanted = wanted
        self.module = module
        self.parameters = module.Parameters(*wanted.parameters)

    def faults(self) -> Iterator[str]:
        """Each function whose result differs, on several samples, on one, and on one in a batch."""
        yield from self._on("several", slice(None))
        yield from self._on("one", 0)
        yield from self._on("batch of one", slice(0, 1))
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            worst = self.module._self_check()
        if not worst <= SELF_CHECKED:
            yield f"self-check: {said.getvalue().splitlines()[0]}"

    def _on(self, title: str, chosen: Any) -> Iterator[str]:
        samples = [array[chosen] for array in self.wanted.samples]
        module, given = self.module, self.parameters
        rows = np.atleast_1d(np.arange(SAMPLES)[chosen])
        alone = isinstance(chosen, int)
        cost, gradient = module.cost_and_gradient(given, *samples)
        mean = [self.wanted.costs[rows].mean()]
        yield from self._differs(f"cost ({title})", [np.asarray(cost)], mean)
        yield from self._gradient(f"cost_and_gradient ({title})", gradient, rows)
        yield from self._differs(f"cost alone ({title})", [module.cost(given, *samples)], mean)
        found = module.gradient(given, *samples)
        yield from self._gradient(f"gradient ({title})", found, rows)
        if not alone:
            each = module.gradient_per_sample(given, *samples)
            yield from self._gradient(f"gradient_per_sample ({title})", each, rows, each=True)
        found = module.gradient_inputs(given, *samples)
        wanted = [one[0][chosen] / len(rows) for _, one in self.wanted.by(Role.INPUT)]
        yield from self._differs(f"gradient_inputs ({title})", _leaves(found), wanted)
        yield from self._more(title, samples, rows)

    def _more(self, title: str, samples: list[np.ndarray], rows: np.ndarray) -> Iterator[str]:
        """The functions on one vector, and on a workspace, where a module has one."""
        module, given = self.module, self.parameters
        _value, found = module.cost_and_gradient_flat(module.flatten(given), *samples)
        back = module.unflatten(np.asarray(found))
        yield from self._gradient(f"cost_and_gradient_flat ({title})", back, rows)
        if hasattr(module, "Workspace"):
            space = module.Workspace(len(rows))
            for _ in range(2):
                _, found = module.cost_and_gradient(given, *samples, workspace=space)
                yield from self._gradient(f"workspace ({title})", found, rows)

    def _gradient(
        self, what: str, found: Any, rows: np.ndarray, *, each: bool = False
    ) -> Iterator[str]:
        for part, (name, wanted) in zip(found, self.wanted.by(Role.PARAMETER), strict=True):
            right = [one[rows] if each else one[rows].mean(axis=0) for one in wanted]
            yield from self._differs(f"{what} by {name}", _leaves(part), right)

    def _differs(self, what: str, found: list[Any], wanted: list[Any]) -> Iterator[str]:
        if len(found) != len(wanted):
            yield f"{what}: {len(found)} arrays instead of {len(wanted)}"
            return
        for one, other in zip(found, wanted, strict=True):
            one, other = np.asarray(one), np.asarray(other)
            if one.shape != other.shape:
                yield f"{what}: shape {one.shape} instead of {other.shape}"
                continue
            if one.dtype != np.float64:
                yield f"{what}: type {one.dtype} instead of float64"
            largest = np.abs(other).max(initial=0.0)
            scale = self.wanted.scale if largest > NOTHING else max(1.0, self.wanted.scale)
            allowed = RELATIVE * largest + ROUNDING * scale
            worst = np.abs(one - other).max(initial=0.0)
            if not worst <= allowed:
                yield f"{what}: off by {worst:.2g}, where at most {np.abs(other).max():.2g} stands"
