"""The form that operations are given: what is simplified, and what is left to the machine."""

import pytest
from sympy import Rational

from symbackprop.arrays.passes.binary import split_steps
from symbackprop.arrays.program import algebra
from symbackprop.arrays.program.order import Order
from symbackprop.arrays.program.program import (
    Align,
    Builder,
    Elementwise,
    Input,
    Label,
    Number,
    Pick,
    Program,
    Reduce,
    broadcast,
)


class Shown(Builder):
    """A builder with a vector x, a vector y and a scalar t, that shows values as text."""

    def __init__(self):
        super().__init__()
        self.x, self.y = (self.append(Input((), (3,), name, ())) for name in "xy")
        self.t = self.append(Input((), (), "t", ()))

    def show(self, node, ops=None):
        ops = self.ops if ops is None else ops
        op = ops[node]
        if isinstance(op, Input):
            return op.name
        if isinstance(op, Number):
            return str(op.value)
        name = op.function if isinstance(op, Elementwise | Reduce) else type(op).__name__.lower()
        return f"{name}({', '.join(self.show(arg, ops) for arg in op.args)})"


def made(build):
    builder = Shown()
    return builder.show(build(builder))


def times(builder, number, *nodes):
    return algebra.multiply(builder, [builder.number(number), *nodes])


ALGEBRA = (
    (lambda b: algebra.multiply(b, [b.x, b.number(1)]), "x"),
    (lambda b: algebra.multiply(b, [b.x, b.number(0)]), "0"),
    (lambda b: algebra.multiply(b, [b.x, b.number(2), b.y, b.number(3)]), "multiply(6, x, y)"),
    (lambda b: algebra.multiply(b, [b.number(2), b.number(3)]), "6"),
    (lambda b: algebra.add(b, [b.number(2), b.number(3)]), "5"),
    (lambda b: algebra.add(b, [b.x, b.number(0)]), "x"),
    (lambda b: algebra.add(b, [b.x, b.number(2), b.number(-2)]), "x"),
    (lambda b: algebra.add(b, [b.number(1), b.x]), "add(1, x)"),
    (lambda b: algebra.add(b, [b.x, b.number(1)]), "add(x, 1)"),
    (lambda b: algebra.add(b, [b.x, b.y]), "add(x, y)"),
    (lambda b: algebra.add(b, [times(b, 2, b.x), times(b, 2, b.y)]), "multiply(2, add(x, y))"),
    (
        lambda b: algebra.add(b, [times(b, 2, b.x), times(b, -2, b.y)]),
        "multiply(2, add(x, multiply(-1, y)))",
    ),
    (
        lambda b: algebra.add(b, [times(b, 2, b.x), times(b, 3, b.y)]),
        "add(multiply(2, x), multiply(3, y))",
    ),
    (lambda b: algebra.add(b, [times(b, -1, b.x), b.y]), "add(multiply(-1, x), y)"),
    (
        lambda b: algebra.add(b, [times(b, 2, b.x), times(b, 2, b.y), b.number(4)]),
        "add(multiply(2, x), multiply(2, y), 4)",
    ),
    (
        lambda b: algebra.add(b, [times(b, 2, b.x, b.y), times(b, 2, b.y, b.y)]),
        "multiply(2, add(multiply(x, y), multiply(y, y)))",
    ),
    (lambda b: algebra.reciprocal(b, b.x), "reciprocal(x)"),
    (lambda b: algebra.reciprocal(b, b.number(4)), "1/4"),
    (lambda b: algebra.reduce(b, "sum", b.x, (), False), "x"),
    (lambda b: algebra.reduce(b, "sum", b.x, (0,), False), "sum(x)"),
    (lambda b: algebra.align(b, b.x, (None, 0)), "x"),
    (lambda b: algebra.align(b, b.x, (0, None)), "align(x)"),
)


@pytest.mark.parametrize("number", range(len(ALGEBRA)))
def test_simplifications(number):
    build, wanted = ALGEBRA[number]
    assert made(build) == wanted


def test_a_number_times_other_values():
    builder = Shown()
    double = times(builder, 2, builder.x, builder.y)
    plain = algebra.multiply(builder, [builder.x, builder.y])
    assert algebra.coefficient_of(builder, double) == (2, (builder.x, builder.y))
    assert algebra.coefficient_of(builder, plain) == (1, (builder.x, builder.y))
    assert algebra.coefficient_of(builder, builder.x) == (1, (builder.x,))


def test_an_axis_of_one_that_was_picked_away_comes_back():
    builder = Shown()
    row = builder.append(Input((), (1, 3), "r", ()))
    wide = builder.append(Input((), (2, 3), "w", ()))
    assert algebra.align(builder, algebra.pick(builder, row, 0, 0), (None, 0)) != row
    column = builder.append(Input((), (3, 1), "c", ()))
    assert algebra.align(builder, algebra.pick(builder, column, 1, 0), (0, None)) == column
    again = algebra.align(builder, algebra.pick(builder, wide, 0, 1), (0, None))
    assert builder.show(again) == "align(pick(w))"


def split(build):
    builder = Shown()
    program = Program(tuple(builder.ops), (), ())
    node = build(builder)
    program = Program(tuple(builder.ops), (), (node,))
    found = split_steps(program)
    return builder.show(found.results[0], found.ops)


def product(builder, *nodes):
    return algebra.elementwise(builder, "multiply", nodes)


def total(builder, *nodes):
    return algebra.elementwise(builder, "add", nodes)


def under(builder, node):
    return algebra.elementwise(builder, "reciprocal", [node])


STEPS = (
    (lambda b: total(b, b.x, b.y, b.t), "add(add(x, y), t)"),
    (lambda b: total(b, b.x, b.number(-2)), "subtract(x, 2)"),
    (lambda b: total(b, b.number(-2), b.x), "subtract(x, 2)"),
    (lambda b: total(b, b.x, product(b, b.number(-1), b.y)), "subtract(x, y)"),
    (lambda b: total(b, product(b, b.number(-1), b.y), b.x), "subtract(x, y)"),
    (lambda b: total(b, b.x, product(b, b.number(-2), b.y)), "subtract(x, multiply(2, y))"),
    (
        lambda b: total(b, product(b, b.number(-1), b.x), product(b, b.number(-2), b.y)),
        "subtract(negative(x), multiply(2, y))",
    ),
    (lambda b: product(b, b.x, b.y, b.t), "multiply(multiply(t, x), y)"),
    (lambda b: product(b, b.number(3), b.x, b.t), "multiply(multiply(3, t), x)"),
    (lambda b: product(b, b.number(-1), b.x), "negative(x)"),
    (lambda b: product(b, b.number(-1), b.x, under(b, b.y)), "negative(divide(x, y))"),
    (lambda b: product(b, b.number(-1), under(b, b.y)), "negative(divide(1, y))"),
    (lambda b: product(b, b.x, under(b, b.y), under(b, b.t)), "divide(divide(x, y), t)"),
    (lambda b: product(b, under(b, b.y), under(b, b.x)), "divide(divide(1, y), x)"),
)


@pytest.mark.parametrize("number", range(len(STEPS)))
def test_steps_of_two(number):
    build, wanted = STEPS[number]
    assert split(build) == wanted


@pytest.mark.parametrize(
    ("shapes", "wanted"),
    [
        ([(3,), ()], (3,)),
        ([(5, 1), (3,), ()], (5, 3)),
        ([(1, 3), (5, 3)], (5, 3)),
        ([(4, 1, 2), (3, 1)], (4, 3, 2)),
        ([(), (1,)], (1,)),
        ([(1,), (7, 1)], (7, 1)),
    ],
)
def test_shapes_together(shapes, wanted):
    assert broadcast(shapes) == wanted
    assert broadcast(reversed(shapes)) == wanted


def test_what_is_written_where_it_is_read():
    """Views, numbers, and what is divided by once; the place that is picked is not in the form."""
    builder = Shown()
    matrix = builder.append(Input((), (2, 3), "w", ()))
    picked = [builder.append(Pick((matrix,), (3,), 0, place, None)) for place in (0, 1)]
    range_of = builder.append(Pick((builder.x,), (2,), 0, 0, 2))
    other_range = builder.append(Pick((builder.x,), (2,), 0, 1, 3))
    flipped = builder.append(Align((matrix,), (3, 2), (1, 0)))
    once, twice = (under(builder, node) for node in (builder.x, builder.y))
    nodes = [
        total(builder, picked[0], once),
        total(builder, picked[1], twice),
        total(builder, range_of, builder.number(2)),
        total(builder, other_range, builder.number(2)),
        total(builder, flipped, builder.number(Rational(1, 2))),
        product(builder, twice, builder.y),
    ]
    labels = ((nodes[0], Label("a", (1,), 1)), (nodes[1], Label("a", (2,), 1)))
    order = Order(Program(tuple(builder.ops), labels, tuple(nodes)))
    assert once not in order.index
    assert twice in order.index
    assert not {*picked, range_of, flipped} & set(order.nodes)
    first, second = (order.operands[order.index[node]][0] for node in nodes[:2])
    assert (first.starts, second.starts) == ((0,), (1,))
    assert first.form == second.form
    one, other = (order.operands[order.index[node]][0] for node in nodes[2:4])
    assert one.starts == other.starts == ()
    assert one.form != other.form
    begins = [order.begins_statement(n) for n in range(len(order.nodes))]
    assert begins == [n == 0 or order.nodes[n - 1] in nodes[:2] for n in range(len(order.nodes))]
    assert {node for node, _ in order.label_slots()} == set(nodes[:2])


def test_a_label_of_several_values_has_no_slot():
    builder = Shown()
    nodes = [total(builder, builder.x, builder.y), product(builder, builder.x, builder.y)]
    labels = tuple((node, Label("a", (1,), 1)) for node in nodes)
    assert not list(Order(Program(tuple(builder.ops), labels, tuple(nodes))).label_slots())
