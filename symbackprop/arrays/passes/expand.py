"""Passes that write functions out: what a name stands for, in the form that computes it best."""

from __future__ import annotations

from functools import reduce

from sympy import Expr, Symbol

from symbackprop.arrays.program import algebra
from symbackprop.arrays.program.expressions import Expressions, Scope, Value
from symbackprop.arrays.program.program import (
    Builder,
    Named,
    Op,
    Program,
    Row,
    rewritten,
)
from symbackprop.errors import NotSupported
from symbackprop.model.functions import SELF, FunctionRow, T
from symbackprop.notation.symbols import index


def slopes_from_values(program: Program) -> Program:
    """Derivatives of functions by the functions' own values, which the program has anyway.

    >>> from symbackprop.arrays.program.program import Elementwise
    >>> from symbackprop.model.functions import activation
    >>> ops = (Op((), (3,)), Named((0,), (3,), "tanh", 0), Named((0,), (3,), "tanh", 1))
    >>> before = Program(ops, (), (1, 2), {"tanh": activation("tanh")})
    >>> after = slopes_from_values(before).ops
    >>> [(op.head, op.order) for op in after if isinstance(op, Named)]
    [('tanh', 0), ('tanh', 0)]
    >>> [op.function for op in after if isinstance(op, Elementwise)]
    ['square', 'multiply', 'add']
    """

    def change(builder: Builder, op: Op) -> int | None:
        if not isinstance(op, Named) or op.order != 1:
            return None
        row = program.function(op.head)
        formula = next(
            (one for one in (row.slope, row.printed_derivative) if one is not None), None
        )
        if formula is None or not formula.has(SELF):
            return None
        return _written_out(builder, op, formula)

    return rewritten(program, change)


def expand_functions(program: Program) -> Program:
    """Named functions replaced by the formulas that their rows give for code.

    >>> from symbackprop.model.functions import activation
    >>> ops = (Op((), (3,)), Named((0,), (3,), "relu", 0))
    >>> before = Program(ops, (), (1,), {"relu": activation("relu")})
    >>> expand_functions(before).ops[-1]
    Elementwise(args=(0, 1), shape=(3,), function='maximum')
    """

    def change(builder: Builder, op: Op) -> int | None:
        if not isinstance(op, Named):
            return None
        return _written_out(builder, op, _formula(program.function(op.head), op.order))

    while any(isinstance(op, Named) for op in program.ops):  # formulas may use other functions
        program = rewritten(program, change)
    return program


def _written_out(builder: Builder, op: Named, formula: Expr) -> int:
    """A formula of a function's argument and, perhaps, of its value."""
    letters: tuple[Symbol, ...] = tuple(index(f"axis{n}") for n in range(len(op.shape)))
    scope = Scope(rank={letter: n for n, letter in enumerate(letters)})

    def read(expr: Expr, _: Scope) -> Value:
        if expr == T:
            return Value(op.args[0], letters)
        if expr == SELF:
            return Value(builder.append(Named(op.args, op.shape, op.head, 0)), letters)
        raise NotSupported(f"function {op.head}: its formula uses {expr}")

    return Expressions(builder, read).lower(formula, scope).node


def _formula(row: FunctionRow, order: int) -> Expr:
    """The formula of a function's value or of a derivative, by its argument alone if it can be."""
    if order == 0:
        choices = [row.formula if row.stable is None else row.stable]
    elif order == 1:
        choices = [row.slope, row.printed_derivative, row.exact_slope]
        choices.sort(key=lambda one: one is not None and one.has(SELF))
    else:
        choices = [None if row.formula is None else row.formula.diff(T, order)]
    found = next((one for one in choices if one is not None), None)
    if found is None:
        raise NotSupported(f"function {row.name} has no formula, so no code can compute it")
    return found


def expand_rows(program: Program) -> Program:
    """Softmaxes, and logarithms of sums of exponentials, from a row less its maximum.

    That changes no value and overflows nowhere: every exponential is at most 1.

    >>> from symbackprop.arrays.program.program import Elementwise, Reduce
    >>> builder = Builder()
    >>> z = builder.append(Op((), (5, 3)))
    >>> found = algebra.softmax(builder, z, 1)
    >>> after = expand_rows(Program((*builder.ops,), (), (found,))).ops
    >>> [op.function for op in after if isinstance(op, Elementwise | Reduce)]
    ['max', 'multiply', 'add', 'exp', 'sum', 'reciprocal', 'multiply']
    """

    def change(builder: Builder, op: Op) -> int | None:
        if not isinstance(op, Row):
            return None
        return _written_row(builder, op) if op.axis is None else _row(builder, op, op.axis)

    return rewritten(program, change)


def _row(builder: Builder, op: Row, axis: int) -> int:
    """A function of a row along an axis."""
    (values,) = op.args
    highest = algebra.reduce(builder, "max", values, [axis], True)
    powers = _powers(builder, values, highest)
    total = algebra.reduce(builder, "sum", powers, [axis], True)
    if op.function == "softmax":
        return algebra.multiply(builder, [powers, algebra.reciprocal(builder, total)])
    return _logarithm(builder, highest, total)


def _written_row(builder: Builder, op: Row) -> int:
    """The same of a row whose numbers stand in values of their own."""
    softmax = op.function == "softmax"
    row = op.args[1:] if softmax else op.args

    def higher(one: int, other: int) -> int:
        return algebra.elementwise(builder, "maximum", [one, other])

    highest = reduce(higher, row)
    total = algebra.add(builder, [_powers(builder, one, highest) for one in row])
    if not softmax:
        return _logarithm(builder, highest, total)
    top = _powers(builder, op.args[0], highest)
    return algebra.multiply(builder, [top, algebra.reciprocal(builder, total)])


def _powers(builder: Builder, values: int, highest: int) -> int:
    minus = algebra.multiply(builder, [builder.number(-1), highest])
    return algebra.elementwise(builder, "exp", [algebra.add(builder, [values, minus])])


def _logarithm(builder: Builder, highest: int, total: int) -> int:
    return algebra.add(builder, [highest, algebra.elementwise(builder, "log", [total])])


__all__ = ["expand_functions", "expand_rows", "slopes_from_values"]
