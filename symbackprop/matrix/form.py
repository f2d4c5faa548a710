"""The matrix form of a model: its array program at stand-in sizes, one matrix equation a value.

The widths of the stand-in are symbols, so that every extent says which layer it belongs to; a
symbolic number of layers is stood for by a few. Equations that differ by their layer alone are
one *run* of layers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from sympy import Expr, Integer, Symbol

from symbackprop.arrays.passes.contractions import order_contractions, recognise_products
from symbackprop.arrays.passes.passes import drop_unused, fold_choices, share_common
from symbackprop.arrays.program.lower import lowered
from symbackprop.arrays.program.sizes import Sizes
from symbackprop.arrays.system import System, systems
from symbackprop.errors import NotSupported
from symbackprop.matrix import expressions as mx
from symbackprop.matrix.equations import MatrixEquation, Reader
from symbackprop.matrix.expressions import Key
from symbackprop.model.batch import SAMPLES
from symbackprop.model.definitions import Definition
from symbackprop.model.model import Model, recurrence_axis
from symbackprop.notation.quantities import Axis, Kind
from symbackprop.notation.symbols import size

PASSES = (fold_choices, order_contractions, recognise_products, share_common, drop_unused)
"""What makes matrix products of a program, and leaves functions by their names."""

DEPTH = 4
"""How many layers stand for a symbolic number of them: a first, a last and two between."""


@dataclass(frozen=True)
class MatrixRun:
    """Equations of consecutive layers that say the same; any one of them can be printed."""

    equations: tuple[MatrixEquation, ...]

    @property
    def first(self) -> MatrixEquation:
        """The equation of the lowest layer."""
        return self.equations[0]

    @property
    def last(self) -> MatrixEquation:
        """The equation of the highest layer."""
        return self.equations[-1]


@dataclass(frozen=True)
class MatrixForm:
    """All matrix equations of a model, forward ones first, in the order of the program."""

    system: System
    depth: int
    equations: tuple[MatrixEquation, ...]

    @property
    def model(self) -> Model:
        """The model at its stand-in sizes."""
        return self.system.model

    def is_adjoint(self, equation: MatrixEquation) -> bool:
        """Whether an equation is that of a derivative of the cost."""
        return self.model.by_name[equation.key[0]].adjoint_of is not None

    def definition(self, equation: int) -> Definition:
        """The index equation with this number."""
        return self.system.definitions[equation]

    @cached_property
    def runs(self) -> tuple[MatrixRun, ...]:
        """The equations, those of consecutive layers together where they say the same."""
        found: dict[tuple[str, object], list[list[MatrixEquation]]] = {}
        for one in sorted(self.equations, key=lambda one: one.place):
            groups = found.setdefault((one.key[0], _relative(one)), [])
            if groups and groups[-1][-1].place == one.place - 1:
                groups[-1].append(one)
            else:
                groups.append([one])
        order = {one: number for number, one in enumerate(self.equations)}
        runs = [MatrixRun(tuple(group)) for groups in found.values() for group in groups]
        return tuple(sorted(runs, key=lambda run: min(order[one] for one in run.equations)))

    def columns(self) -> MatrixForm:
        """The same form with the samples as columns."""
        return replace(self, equations=tuple(one.with_columns() for one in self.equations))


def _relative(equation: MatrixEquation) -> object:
    """The right side with layers counted from that of the left side."""
    place = equation.place

    def extent_of(extent: Expr) -> Expr:
        if extent.is_Indexed:
            return extent.base[extent.indices[0] - place]
        return extent

    return mx.relabelled(equation.right, lambda layer: layer - place, extent_of)


def matrix_form(
    model: Model, parameters: Sequence[str], *, batch: bool, errors: str = ""
) -> MatrixForm:
    """The matrix equations of a model of one sample, or (``batch``) of its mean over samples.

    parameters: the names of those whose derivatives are wanted. errors: the quantity whose adjoint
    is the error delta; the adjoint of what is computed from it is then written inside of it.

    Raises NotSupported for what is no network of layers.
    """
    depth = _depth(model)
    system, widths = _stand_in(model, depth, batch)
    wanted: list[Key] = [(system.model.cost.name, ())]
    for name in parameters:
        wanted += system.gradients(system.model.by_name[name])
    order: tuple[Key, ...] = tuple(sorted(wanted, key=system.schedule.depth))
    program = lowered(system.schedule, order)
    for change in PASSES:
        program = change(program)
    equations = Reader(system, widths, program, order, errors).equations()
    forward = [e for e in equations if system.model.by_name[e.key[0]].adjoint_of is None]
    backward = [e for e in equations if system.model.by_name[e.key[0]].adjoint_of is not None]
    return MatrixForm(system, depth, (*forward, *backward))


def _depth(model: Model) -> int:
    """The number of layers, or how many stand for a symbolic number of them."""
    others = [s for s in model.symbols if s not in model.depths]
    kinds = {axis.kind for axis in _recurrences(model)}
    what = f"model {model.name}: the matrix form is written for networks of layers"
    if kinds != {Kind.LAYER}:
        found = "times" if Kind.TIME in kinds else "none"
        raise NotSupported(f"{what}; this one has {found}")
    if others:
        raise NotSupported(f"{what} with widths n_l; this one has the size {others[0]}")
    high = _recurrences(model)[0].high
    return int(high) if high.is_Integer else DEPTH


def _recurrences(model: Model) -> list[Axis]:
    positions = ((q, recurrence_axis(q)) for q in model.quantities)
    return [q.axes[position] for q, position in positions if position is not None]


def _stand_in(model: Model, depth: int, batch: bool) -> tuple[System, dict[Symbol, Expr]]:
    """The numbered equations with a symbol of its own for every width, and what these stand for."""
    high = _recurrences(model)[0].high
    numbers: dict[Expr, Expr] = {} if high.is_Integer else {high: Integer(depth)}
    stands: dict[Symbol, Expr] = {}
    for family in model.size_families:
        for layer in range(depth + 1):
            symbol = size(f"{family.label.name}_{layer}")
            numbers[family[layer]] = symbol
            stands[symbol] = family[layer]
        numbers[family[high]] = numbers[family[depth]]
    known = {} if high.is_Integer else {high: depth}
    mean, one = systems(replace(model, sizes=known))
    free = (*((SAMPLES,) if batch else ()), *stands)
    return replace(mean if batch else one, sizes=Sizes(numbers, free)), stands
