"""Matrix equations judged in numbers, by the printed structure itself.

The values of both sides come from the reference, which knows neither matrices nor calculus; the
products, transposes and sums between them are carried out by NumPy as they are written. Nothing
broadcasts here: a missing transpose or a vector of ones left out is an error of shapes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray
from sympy import Expr, Indexed, Integer

from symbackprop.errors import NotSupported, VerificationError
from symbackprop.matrix import expressions as mx
from symbackprop.matrix.expressions import Key, Matrix
from symbackprop.matrix.form import MatrixForm
from symbackprop.model.batch import SAMPLES
from symbackprop.model.model import Model
from symbackprop.notation.elementary import OF_ONE
from symbackprop.notation.quantities import Kind, Quantity
from symbackprop.notation.symbols import spelled
from symbackprop.verification.draw import small_sizes
from symbackprop.verification.indices import integer
from symbackprop.verification.reference import Reference

Array = NDArray[np.float64]
TOLERANCE = 1e-10
_SAMPLES = 5
_SEEDS = (1, 2)


@dataclass(frozen=True)
class Judge:
    """Evaluates matrix expressions with the values of one reference."""

    reference: Reference

    def evaluate(self, node: Matrix) -> Array:
        """The value of an expression. Raises ValueError where shapes do not go together."""
        found = self._value(node)
        shape = (self.size(node.rows), self.size(node.cols))
        if found.shape != shape:
            raise ValueError(f"a {found.shape} array stands where {shape} is said")
        return found

    def size(self, extent: Expr) -> int:
        """A number of rows or columns."""
        return int(integer(extent)({}, self.reference))

    def _value(self, node: Matrix) -> Array:
        match node:
            case mx.Value():
                array = self._array(node.key)
                return array.T if node.turned else array
            case mx.Ones():
                return np.ones((self.size(node.rows), 1))
            case mx.Constant():
                return np.full((1, 1), self._number(node.value))
            case mx.Transposed():
                return self.evaluate(node.inner).T
            case mx.Many():
                return self._compound(node, [self.evaluate(arg) for arg in node.args])
        raise NotSupported(f"no value is known of {type(node).__name__}")

    def _compound(self, node: mx.Many, args: list[Array]) -> Array:
        match node:
            case mx.Times():
                return np.linalg.multi_dot(args) if len(args) > 1 else args[0]
            case mx.Scaled():
                return _scaled(args)
            case mx.Power():
                return args[0] ** float(node.exponent)
            case mx.Function():
                return self._function(node, args[0])
            case mx.OnLines():
                powers = np.exp(args[0])
                return powers / powers.sum(axis=node.along, keepdims=True)
        if len({array.shape for array in args}) > 1:
            raise ValueError(f"shapes {[array.shape for array in args]} are not equal")
        match node:
            case mx.Plus():
                return np.sum(args, axis=0)
            case mx.Entrywise():
                return np.prod(args, axis=0)
            case mx.Quotient():
                return args[0] / args[1]
        raise NotSupported(f"no value is known of {type(node).__name__}")

    def _function(self, node: mx.Function, array: Array) -> Array:
        if not node.named:
            with np.errstate(all="ignore"):
                found: Array = np.real(OF_ONE[node.head].value(array + 0j))
            return found
        values = [
            self.reference.function(node.head, node.place, node.order, complex(t)).real
            for t in array.flat
        ]
        return np.array(values).reshape(array.shape)

    def _number(self, value: Expr) -> float:
        sizes = {
            one: Integer(self.size(one))
            for one in value.atoms(Indexed) | {SAMPLES} & value.free_symbols
        }
        return float(value.xreplace(sizes))

    def _array(self, key: Key) -> Array:
        """The values of an instance over its array axes: one axis is a column."""
        name, place = key
        quantity = self.reference.model.by_name[name]
        places = list(self._places(quantity, place))
        values = [self.reference.read(name, indices).real for indices in places]
        free = [n for n, axis in enumerate(quantity.axes) if axis.kind is not Kind.LAYER]
        extents = [1 + max(indices[n] for indices in places) for n in free]
        rows, cols = (*extents, 1, 1)[:2]
        return np.array(values).reshape(rows, cols)

    def _places(self, quantity: Quantity, place: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
        given = iter(place)
        env = {a.letter.name: next(given) for a in quantity.axes if a.kind is Kind.LAYER}
        highs = [int(integer(axis.high)(dict(env), self.reference)) for axis in quantity.axes]
        return product(
            *(
                (env[axis.letter.name],) if axis.kind is Kind.LAYER else range(high + 1)
                for axis, high in zip(quantity.axes, highs, strict=True)
            )
        )


def _scaled(args: list[Array]) -> Array:
    if any(array.shape != (1, 1) for array in args[:-1]):
        raise ValueError("a matrix stands where a number is said")
    return np.prod([array[0, 0] for array in args[:-1]]) * args[-1]


def references(model: Model, depth: int, batch: bool) -> list[Reference]:
    """Two samples, or one batch of more samples than any layer is wide."""
    sizes = small_sizes(model, depth)
    if batch:
        return [Reference(model, {**sizes, SAMPLES.name: _SAMPLES}, seed=1)]
    return [Reference(model, sizes, seed=seed) for seed in _SEEDS]


def difference(form: MatrixForm, batch: bool) -> float:
    """The largest relative difference between the sides of an equation of the form.

    Raises VerificationError, naming the equation, when one does not hold, and when a value of the
    forward pass is written through a derivative of the cost.
    """
    worst = 0.0
    for equation in form.equations:
        through = None if form.is_adjoint(equation) else _adjoint_in(form, equation.right)
        if through is not None:
            raise VerificationError(
                f"the matrix equation of {_named(equation.key)} is written through the derivative "
                f"{_named(through)}. Please report this defect of symbackprop"
            )
    for reference in references(form.model, form.depth, batch):
        judge = Judge(reference)
        for run in form.runs:
            for equation in run.equations:
                error = _error(judge, equation.left, equation.right)
                if error is None or not error <= TOLERANCE:
                    raise VerificationError(
                        f"the matrix equation of {_named(equation.key)} does not hold: "
                        f"{'its shapes do not fit' if error is None else f'off by {error:.1e}'}. "
                        "Please report this defect of symbackprop"
                    )
                worst = max(worst, error)
    return worst


def _adjoint_in(form: MatrixForm, node: Matrix) -> Key | None:
    """The first derivative of the cost that an expression names."""
    keys = (one.key for one in mx.walk(node) if isinstance(one, mx.Value))
    return next((k for k in keys if form.model.by_name[k[0]].adjoint_of is not None), None)


def _error(judge: Judge, left: Matrix, right: Matrix) -> float | None:
    """The largest relative difference of two matrices; None where their shapes differ."""
    try:
        first, second = judge.evaluate(left), judge.evaluate(right)
    except ValueError:
        return None
    if first.shape != second.shape:
        return None
    scale = max(np.abs(first).max(), np.abs(second).max())
    return float(np.abs(first - second).max() / scale) if scale else 0.0


def _named(key: Key) -> str:
    return f"{spelled(key[0])} {', '.join(map(str, key[1]))}".strip()
