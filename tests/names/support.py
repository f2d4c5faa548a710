"""One model under any names: a layer with a scalar scale, of sizes and letters that are told."""

from __future__ import annotations

import random
from dataclasses import dataclass

from sympy import Integer, Sum, exp

from symbackprop.model.definitions import define
from symbackprop.model.functions import FUNCTIONS, FunctionRow, T
from symbackprop.model.model import Model
from symbackprop.notation.functions import apply
from symbackprop.notation.quantities import Axis, Quantity, Role
from symbackprop.notation.symbols import index, size

UNLUCKY = (
    "N", "s", "c", "C", "C0", "w1", "w_1", "w", "k", "T", "t", "L", "n", "l", "j", "i", "r", "u",
    "e", "pi", "sigma", "delta", "eta", "Parameters", "x0", "x", "d_w", "d_x", "d", "dw", "self",
    "row", "width", "a", "z", "y", "b", "h", "g", "f", "m", "M", "J", "E", "W", "t1", "v1", "r1",
    "np", "xp", "math", "total", "samples", "parameters", "cost", "gradient", "value", "theta",
    "shape", "rng", "array", "found", "rows", "kind", "out", "memory", "dtype", "H", "exp", "log",
    "p", "q", "v", "nabla", "D", "K", "I", "S", "O", "Q", "h_t", "h0",
)  # fmt: skip


@dataclass(frozen=True)
class Names:
    """What everything of the model is called; the fields are what it is."""

    input: str = "feature"
    weight: str = "weight"
    scale: str = "gain"
    bias: str = "offset"
    sum: str = "summed"
    state: str = "hidden"
    target: str = "wanted"
    cost: str = "loss"
    node: str = "row_letter"
    source: str = "column_letter"
    nodes: str = "ROWS"
    sources: str = "COLUMNS"
    function: str = "squash"


QUANTITIES = ("input", "weight", "scale", "bias", "sum", "state", "target", "cost")
LETTERS = ("node", "source", "nodes", "sources")


def draw(seed: int) -> Names:
    """Unlucky names: no two quantities, no two letters alike; a letter may be called as one."""
    source = random.Random(seed)
    quantities = source.sample(UNLUCKY, len(QUANTITIES))
    letters = source.sample(UNLUCKY, len(LETTERS))
    function = source.choice(UNLUCKY)
    return Names(*quantities, *letters, function)


def function(name: str) -> FunctionRow:
    """A function that is none of the table's, whatever it is called."""
    return FunctionRow(name, rf"\operatorname{{{name}}}".replace("_", r"\_"), name,
                       formula=T / (1 + exp(-T / 2)))  # fmt: skip


def build(names: Names, sizes: bool = True) -> Model:
    """The model: h_j = f(sum_k w_jk x_k + g b_j), the cost is the sum of (h_j - y_j)^2 g + h_j."""
    j, k = index(names.node), index(names.source)
    rows, columns = size(names.nodes), size(names.sources)
    first, second = Axis(j, Integer(0), rows - 1), Axis(k, Integer(0), columns - 1)
    x = Quantity(names.input, Role.INPUT, (second,))
    w = Quantity(names.weight, Role.PARAMETER, (first, second))
    g = Quantity(names.scale, Role.PARAMETER)
    b = Quantity(names.bias, Role.PARAMETER, (first,))
    z = Quantity(names.sum, Role.INTERMEDIATE, (first,))
    h = Quantity(names.state, Role.INTERMEDIATE, (first,))
    y = Quantity(names.target, Role.TARGET, (first,))
    c = Quantity(names.cost, Role.COST)
    row = function(names.function)
    others = tuple(one for one in FUNCTIONS if one.name != names.function)
    return Model(
        "named",
        (x, w, g, b, z, h, y, c),
        (
            define(z, (j,), Sum(w[j, k] * x[k], (k, 0, columns - 1)), g[()] * b[j]),
            define(h, (j,), apply(names.function, z[j])),
            define(
                c,
                (),
                Sum((h[j] - y[j]) ** 2 * g[()], (j, 0, rows - 1)),
                Sum(h[j], (j, 0, rows - 1)),
            ),
        ),
        {rows: 5, columns: 3} if sizes else {},
        (row, *others),
    )
