"""Matrix expressions: what an array program says once every axis is a row or a column.

A vector is a column. Nothing broadcasts: what is repeated stands beside a vector of ones, so that
every shape can be written under its factor. Extents are integers, widths n[l], or the symbol N.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from sympy import Expr, Indexed, Integer

Key: TypeAlias = tuple[str, tuple[int, ...]]
ONE = Integer(1)


@dataclass(frozen=True, slots=True)
class Matrix:
    """What all expressions have: so many rows and columns."""

    rows: Expr
    cols: Expr

    @property
    def is_scalar(self) -> bool:
        """Whether it is a single number."""
        return bool(self.rows == 1 and self.cols == 1)

    @property
    def parts(self) -> tuple[Matrix, ...]:
        """The expressions that it is made of."""
        return ()


@dataclass(frozen=True, slots=True)
class Value(Matrix):
    """An instance of a quantity; ``turned`` when its letter stands for the transposed array.

    sampled: whether one of its axes counts samples.
    """

    key: Key
    sampled: bool = False
    turned: bool = False


@dataclass(frozen=True, slots=True)
class Ones(Matrix):
    """A column of ones."""


@dataclass(frozen=True, slots=True)
class Constant(Matrix):
    """A number."""

    value: Expr


@dataclass(frozen=True, slots=True)
class Transposed(Matrix):
    """The transpose of a value or of ones: other transposes are carried out."""

    inner: Matrix

    @property
    def parts(self) -> tuple[Matrix, ...]:
        """What is transposed."""
        return (self.inner,)


@dataclass(frozen=True, slots=True)
class Many(Matrix):
    """An expression of several others, in order."""

    args: tuple[Matrix, ...]

    @property
    def parts(self) -> tuple[Matrix, ...]:
        """The others."""
        return self.args


@dataclass(frozen=True, slots=True)
class Times(Many):
    """A matrix product."""


@dataclass(frozen=True, slots=True)
class Entrywise(Many):
    """A product entry by entry."""


@dataclass(frozen=True, slots=True)
class Quotient(Many):
    """The first divided by the second, entry by entry."""


@dataclass(frozen=True, slots=True)
class Plus(Many):
    """A sum."""


@dataclass(frozen=True, slots=True)
class Scaled(Many):
    """A product of numbers with, at the end, at most one matrix."""


@dataclass(frozen=True, slots=True)
class Power(Many):
    """Every entry raised to a power."""

    exponent: Expr


@dataclass(frozen=True, slots=True)
class Function(Many):
    """A function of every entry: a named one (or its derivative) of a place, or exp, log, ..."""

    head: str
    order: int = 0
    place: int = 0
    named: bool = True


@dataclass(frozen=True, slots=True)
class OnLines(Many):
    """A function of whole lines, such as the softmax; ``along`` 1: each row, 0: each column."""

    head: str
    along: int


def transposed(node: Matrix) -> Matrix:
    """The transpose: of a product, the transposes in the other order.

    >>> from sympy import Symbol
    >>> n, m = Symbol("n"), Symbol("m")
    >>> w, a = Value(n, m, ("w", ())), Value(m, ONE, ("a", ()))
    >>> found = transposed(Times(n, ONE, (w, a)))
    >>> [type(part).__name__ for part in found.parts], found.parts[0].inner.key
    (['Transposed', 'Transposed'], ('a', ()))
    """
    if isinstance(node, Transposed):
        return node.inner
    if isinstance(node, Value | Ones | Constant):
        return node if node.is_scalar else Transposed(node.cols, node.rows, node)
    assert isinstance(node, Many)
    args = tuple(transposed(arg) for arg in node.args)
    if isinstance(node, Times):
        args = args[::-1]
    if isinstance(node, OnLines):
        return replace(node, rows=node.cols, cols=node.rows, args=args, along=1 - node.along)
    return replace(node, rows=node.cols, cols=node.rows, args=args)


def times(*factors: Matrix) -> Matrix:
    """The matrix product, numbers in front; products inside it are opened: it is associative."""
    numbers: list[Matrix] = []
    flat: list[Matrix] = []
    for factor in factors:
        if isinstance(factor, Scaled):
            numbers += factor.args[:-1]
            factor = factor.args[-1]
        flat += factor.args if isinstance(factor, Times) else (factor,)
    return scaled(numbers, Times(flat[0].rows, flat[-1].cols, tuple(flat)))


def mapped(node: Matrix, change: Callable[[Matrix], Matrix]) -> Matrix:
    """The expression with every leaf replaced; transposes of what comes out are carried out."""
    if isinstance(node, Transposed):
        return transposed(mapped(node.inner, change))
    if isinstance(node, Many):
        return replace(node, args=tuple(mapped(arg, change) for arg in node.args))
    return change(node)


def samples_as_columns(node: Matrix) -> Matrix:
    """The same expression when the letters of sampled values stand for their transposes."""

    def change(leaf: Matrix) -> Matrix:
        if isinstance(leaf, Value) and leaf.sampled:
            return transposed(replace(leaf, rows=leaf.cols, cols=leaf.rows, turned=True))
        return leaf

    return mapped(node, change)


def walk(node: Matrix) -> Iterator[Matrix]:
    """The expression and everything in it, in the order of reading."""
    yield node
    for part in node.parts:
        yield from walk(part)


def relabelled(node: Matrix, layer: Callable[[int], int], size: Callable[[Expr], Expr]) -> Matrix:
    """The expression with other places in its keys and functions, and other extents."""
    changes: dict[str, object] = {"rows": size(node.rows), "cols": size(node.cols)}
    if isinstance(node, Value):
        name, place = node.key
        changes["key"] = (name, tuple(layer(number) for number in place))
    if isinstance(node, Constant):
        sizes = {one: size(one) for one in node.value.atoms(Indexed)}
        changes["value"] = node.value.xreplace(sizes)
    if isinstance(node, Function) and node.named and node.place:
        changes["place"] = layer(node.place)
    if isinstance(node, Transposed):
        changes["inner"] = relabelled(node.inner, layer, size)
    if isinstance(node, Many):
        changes["args"] = tuple(relabelled(arg, layer, size) for arg in node.args)
    return replace(node, **changes)


def scaled(numbers: Sequence[Matrix], body: Matrix | None) -> Matrix:
    """A matrix with numbers in front of it, their constants multiplied into one."""
    factors: list[Matrix] = []
    for one in (*numbers, *([body] if body is not None else [])):
        factors += one.args if isinstance(one, Scaled) else (one,)
    value = ONE
    for one in factors:
        value = value * one.value if isinstance(one, Constant) else value
    rest = [one for one in factors if not isinstance(one, Constant)]
    if value != 1 or not rest:
        rest.insert(0, Constant(ONE, ONE, value))
    if len(rest) == 1:
        return rest[0]
    return Scaled(rest[-1].rows, rest[-1].cols, tuple(rest))
