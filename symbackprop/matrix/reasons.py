"""Why a matrix equation has its transposes, outer products and ⊙: read off its products."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from sympy import Expr, Indexed

from symbackprop.matrix import expressions as mx
from symbackprop.matrix.entries import Entries, Shown
from symbackprop.matrix.expressions import Matrix
from symbackprop.matrix.form import MatrixForm
from symbackprop.matrix.print import MatrixPrinter
from symbackprop.notation.quantities import Kind

Reason = tuple[str, dict[str, str]]
"""The key of a sentence, and the formulas that it names."""


@dataclass
class Reasons:
    """Finds the reasons of one equation, each once."""

    form: MatrixForm
    shown: Shown
    entries: Entries
    printer: MatrixPrinter
    found: dict[str, Reason] = field(default_factory=dict)

    def run(self) -> tuple[Reason, ...]:
        """The reasons in the order of reading."""
        right = self.shown.equation.right
        for node in mx.walk(right):
            match node:
                case mx.Times():
                    self._product(node)
                case mx.Entrywise():
                    self._entrywise(node)
                case mx.Quotient():
                    self._add("quotient")
                case mx.OnLines():
                    self._lines(node)
                case mx.Power():
                    self._add("power")
                case mx.Function() if node is right:
                    self._add("function")
        if isinstance(right, mx.Value) and self.form.is_adjoint(self.shown.equation):
            self._add("same")
        return tuple(self.found.values())

    def _add(self, key: str, **formulas: str) -> None:
        self.found.setdefault(f"{key} {formulas}", (key, formulas))

    # -- products -------------------------------------------------------------------------------

    def _product(self, node: mx.Times) -> None:
        if any(_is_ones(arg) for arg in node.args):
            self._with_ones(node)
        for left, right in pairwise(node.args):
            if _is_ones(left) or _is_ones(right):
                continue
            if left.cols == 1:
                self._outer(left, right)
            else:
                self._matmul(left, right)

    def _with_ones(self, node: mx.Times) -> None:
        others = [arg for arg in node.args if not _is_ones(arg)]
        values = [v for arg in others for v in mx.walk(arg) if isinstance(v, mx.Value)]
        if not others:
            self._add("ones")
        elif any(left.cols == 1 for left, _ in pairwise(node.args)) and len(node.args) == 2:
            if others[0].rows == 1 or others[0].cols == 1:
                self._add("repeated", vector=self.printer.name(values[0]))
        else:
            index = self._summed(node)
            self._add("sum" if index else "sum_any", index=index)

    def _summed(self, node: mx.Times) -> str:
        """The letters that the ones of a product sum over."""
        inside = next(arg for arg in node.args if not _is_ones(arg))
        value = next(v for v in mx.walk(inside) if isinstance(v, mx.Value))
        own = self._letters(value)
        flipped = isinstance(inside, mx.Transposed)
        rows, cols = (own[1], own[0]) if flipped else own
        found = [rows if _is_ones(node.args[0]) else "", cols if _is_ones(node.args[-1]) else ""]
        return ", ".join(sorted({one for one in found if one}))

    def _outer(self, left: Matrix, right: Matrix) -> None:
        first, second = self._letters(_value(left))[0], self._letters(_value(right))[0]
        self._add("outer", first=first, second=second, matrix=self._name(right))

    def _matmul(self, left: Matrix, right: Matrix) -> None:
        one, two = isinstance(left, mx.Transposed), isinstance(right, mx.Transposed)
        rows, cols = self._letters(_value(left))
        index = rows if one else cols
        if left.rows == 1 and right.cols == 1:
            self._add("dot", index=index)
            return
        if not one and not two:
            self._add("plain", index=index, left=self._name(left), right=self._name(right))
        if one:
            self._add("left", index=index, matrix=self._name(left))
        if two:
            self._add("right", index=index, matrix=self._name(right))

    # -- entry by entry -------------------------------------------------------------------------

    def _entrywise(self, node: mx.Many) -> None:
        value = next((v for v in mx.walk(node) if isinstance(v, mx.Value)), None)
        same = (node.rows, node.cols) == (
            self.shown.equation.left.rows,
            self.shown.equation.left.cols,
        )
        letters = [x for x in self._letters(self.shown.equation.left if same else value) if x]
        if len(letters) == 2:
            self._add("entrywise_two", first=letters[0], second=letters[1])
        elif letters:
            self._add("entrywise", index=letters[0])

    def _lines(self, node: mx.OnLines) -> None:
        name = self.printer.printer.function_name(node.head)
        if node.rows == 1 or node.cols == 1:
            self._add("whole", function=name)
        else:
            self._add("rows" if node.along == 1 else "columns", function=name)

    # -- letters --------------------------------------------------------------------------------

    def _name(self, node: Matrix) -> str:
        return self.printer.name(_value(node))

    def _letters(self, value: mx.Value | None) -> tuple[str, str]:
        """The letters that count the rows and the columns of a value; empty for none."""
        if value is None:
            return "", ""
        name, place = value.key
        layer = self.shown.layer(place[-1]) if place else None
        one = self.entries.mentions(name, layer, self.form.model)
        found = [self._letter(index) for index in self._array_indices(name, one)]
        found = found[::-1] if value.turned and len(found) > 1 else found
        if value.turned and len(found) == 1:
            return "", found[0]
        rows, cols = (*found, "", "")[:2]
        return rows, cols

    def _array_indices(self, name: str, one: Indexed | None) -> Iterator[Expr]:
        if one is None:
            return
        for axis, index in zip(self.form.model.by_name[name].axes, one.indices, strict=True):
            if axis.kind is not Kind.LAYER:
                yield index

    def _letter(self, index: Expr) -> str:
        return self.printer.printer.index(index)


def _is_ones(node: Matrix) -> bool:
    inner = node.inner if isinstance(node, mx.Transposed) else node
    return isinstance(inner, mx.Ones)


def _value(node: Matrix) -> mx.Value:
    """The first value in an expression."""
    return next(one for one in mx.walk(node) if isinstance(one, mx.Value))
