"""Formulas that are printed, in text and in LaTeX, read back by a reader that shares nothing."""

from __future__ import annotations

import cmath
import random
from collections.abc import Callable, Mapping

import pytest
from sympy import (
    Abs,
    Add,
    Expr,
    I,
    Indexed,
    Integer,
    Max,
    Min,
    Mul,
    Number,
    NumberSymbol,
    Piecewise,
    Pow,
    Rational,
    Sum,
    Symbol,
    exp,
    log,
    nan,
    oo,
    sin,
    tanh,
    zoo,
)
from sympy.core.parameters import distribute
from sympy.core.relational import Relational

from symbackprop.model.functions import FUNCTIONS as ROWS
from symbackprop.model.functions import FunctionRow, T
from symbackprop.notation.expressions import Plus, Product
from symbackprop.notation.functions import Apply, apply
from symbackprop.notation.printers.printer import Printer
from symbackprop.notation.printers.styles import BREAK, LATEX, TEXT
from symbackprop.notation.profiles import DEFAULT
from symbackprop.notation.quantities import Axis, Quantity, Role
from symbackprop.notation.symbols import index
from tests.notation.reading import FUNCTIONS, read

j = index("j")
x, y, z = (Quantity(name, Role.PARAMETER) for name in "xyz")
w = Quantity("w", Role.PARAMETER, (Axis(j, Integer(0), Integer(2)),))
COST = Quantity("C0", Role.COST)
QUANTITIES = {q.name: q for q in (x, y, z, w, COST)}
OWN = FunctionRow("own", "F", "F", formula=T * T / 3 + T)
VALUES = {"x": 1.37, "y": -0.83, "z": 2.21, "w": (0.59, -1.71, 1.13)}
ENV = {"j": 2}


def value_of(name: str, place: int | None) -> complex:
    found = VALUES[name]
    return complex(found if place is None else found[place])  # type: ignore[index, arg-type]


def drawn(source: random.Random, depth: int) -> Expr:
    """A random expression; its sums bind j, which is also free."""
    if depth == 0 or source.random() < 0.12:
        leaves = [x[()], y[()], z[()], w[j], w[1], Integer(source.randint(-3, 5)),
                  Rational(source.randint(-5, 5) or 1, source.randint(2, 5))]  # fmt: skip
        return source.choice(leaves)

    def one() -> Expr:
        return drawn(source, depth - 1)

    exponents = (2, 3, -1, -2, Rational(1, 2), Rational(3, 2), Rational(-1, 2), Rational(-3, 2))
    made: tuple[Callable[[], Expr], ...] = (
        lambda: Add(one(), one()),
        lambda: Plus(one(), one()),
        lambda: Product(one(), one(), one()),
        lambda: Mul(one(), one()),
        lambda: Mul(one(), Pow(one(), -1)),
        lambda: Product(one(), Pow(one(), -1), one()),
        lambda: Pow(one(), source.choice(exponents)),
        lambda: Pow(exp(one()), source.choice((x[()], -y[()], w[1], x[()] ** 2, w[1] ** 2))),
        lambda: Pow(3, one()),
        lambda: source.choice((exp, log, tanh, Abs, sin))(one()),
        lambda: source.choice((Max, Min))(one(), one()),
        lambda: apply("own", one(), order=source.choice((0, 1))),
        lambda: apply(source.choice(("absolute", "positive_part")), one()),
        lambda: Sum(Product(one(), w[j]), (j, 0, 2)),
        lambda: Sum(Add(one(), w[j]), (j, 0, 1)),
        lambda: Piecewise((one(), x[()] > w[1]), (one(), True)),
        lambda: Mul(-1, one(), evaluate=False),
    )
    return source.choice(made)()


def number(expr: Expr, env: Mapping[str, int]) -> complex:
    """The value of an expression."""
    if isinstance(expr, Number | NumberSymbol):
        return complex(float(expr))
    if isinstance(expr, Indexed):
        place = expr.indices[0]
        return value_of("w", env["j"] if place == j else int(place))
    if isinstance(expr, Symbol):
        return value_of(expr.name, None)
    if isinstance(expr, Sum):
        ((_, low, high),) = expr.limits
        places = range(int(low), int(high) + 1)
        return sum((number(expr.function, {"j": n}) for n in places), 0j)
    if isinstance(expr, Piecewise):
        return next(number(v, env) for v, test in expr.args if holds(test, env))
    if isinstance(expr, Apply):
        inner = number(expr.argument, env)
        if expr.head == "own":
            return FUNCTIONS["F" + "'" * expr.order](inner)
        return FUNCTIONS["abs"](inner) if expr.head == "absolute" else FUNCTIONS["max"](0j, inner)
    args = [number(arg, env) for arg in expr.args]
    if isinstance(expr, Add | Plus):
        return sum(args, 0j)
    if isinstance(expr, Mul | Product):
        total = 1 + 0j
        for arg in args:
            total *= arg
        return total
    if isinstance(expr, exp):
        return cmath.exp(args[0])
    if isinstance(expr, Pow):
        return args[0] ** args[1]
    return FUNCTIONS[type(expr).__name__.lower()](*args)


def holds(test: object, env: Mapping[str, int]) -> bool:
    if not isinstance(test, Relational):
        return bool(test)
    left, right = (number(side, env).real for side in test.args)
    return left > right if test.rel_op == ">" else left < right


def expression(seed: int) -> Expr | None:
    """A random expression that has a value; None where it has none."""
    try:
        with distribute(False):
            found = drawn(random.Random(seed), 3)
        value = number(found, ENV)
    except (ZeroDivisionError, OverflowError, ValueError, KeyError):
        return None
    if found.has(I, zoo, nan, oo) or value.imag:
        return None
    return found if cmath.isfinite(value) and 1e-9 < abs(value) < 1e9 else None


@pytest.mark.parametrize("style", [TEXT, LATEX], ids=["text", "latex"])
@pytest.mark.parametrize("block", range(5))
def test_what_is_printed_reads_as_what_it_is(style: object, block: int) -> None:
    rows = {row.name: row for row in (*ROWS, OWN)}
    printer = Printer(QUANTITIES, rows, "C0", DEFAULT, style)  # type: ignore[arg-type]
    read_back = 0
    for seed in range(200 * block, 200 * block + 200):
        found = expression(seed)
        if found is None:
            continue
        printed = printer.expr(found).replace(BREAK, "")
        value, wanted = read(printed, value_of, ENV), number(found, ENV)
        assert abs(value - wanted) <= 1e-9 * max(1, abs(wanted)), f"{found} is printed {printed}"
        read_back += 1
    assert read_back > 50
