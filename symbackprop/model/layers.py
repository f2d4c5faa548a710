"""Networks of layers: they write definitions, and nothing downstream knows that they exist."""

from __future__ import annotations

from dataclasses import dataclass

from sympy import Add, Expr, Indexed, Integer, Sum

from symbackprop.errors import ModelError, UsageError
from symbackprop.model.costs import A, CostRow, FromLogits, Y
from symbackprop.model.definitions import Definition, as_terms, define
from symbackprop.model.functions import (
    FUNCTIONS,
    ROW,
    SELF_ROW,
    WIDTH,
    FunctionRow,
    J,
    Q,
    activation,
    heads_in,
    with_named,
)
from symbackprop.model.model import Model
from symbackprop.notation.domains import Domain
from symbackprop.notation.expressions import Bound, Term, Terms, substitute
from symbackprop.notation.functions import apply
from symbackprop.notation.quantities import Axis, Kind, Part, Quantity, Role
from symbackprop.notation.symbols import index, size, sizes

L = size("L")
N = sizes("n")
_l, _j, _k = index("l"), index("j"), index("k")


DIGITS = 9
"""How many digits a width has at most."""


@dataclass(frozen=True)
class Dense:
    """A fully connected layer: z_j = sum_k w_jk a_k + b_j, a_j = g(z_j).

    width: the number of nodes, at least 1.
    activation: a name of the table of activations, or a `FunctionRow` of your own.
    """

    width: int
    activation: str | FunctionRow = "sigmoid"

    def __post_init__(self) -> None:
        """Check the width and the activation."""
        check_width(self.width, "a layer")
        activation(self.activation)


def check_width(width: object, what: str) -> None:
    """Raise ModelError unless ``width`` is an integer of at least 1."""
    if isinstance(width, bool) or not isinstance(width, int) or width < 1:
        raise ModelError(f"the width of {what} must be an integer of at least 1, not {width!r}")


def parse_sizes(text: str) -> tuple[int, ...]:
    """The widths in ``784-30-10``. Raises UsageError that says what is wrong."""
    example = "write widths joined by hyphens, such as 784-30-10"
    parts = text.split("-")
    if not all(part.isascii() and part.isdigit() for part in parts):
        raise UsageError(f"sizes {text!r}: {example}")
    if any(len(part) > DIGITS for part in parts):
        raise UsageError(f"sizes: a width has at most {DIGITS} digits; {example}")
    widths = tuple(int(part) for part in parts)
    if len(widths) < 2:
        raise UsageError(f"sizes {text!r}: a network needs at least two widths; {example}")
    if 0 in widths:
        raise UsageError(f"sizes {text!r}: a width must be at least 1")
    return widths


def check_pair(function: FunctionRow, cost: CostRow, width: int | None = None) -> None:
    """Raise UsageError when the activation can leave the domain of the cost.

    width: the number of outputs, None where it is symbolic.
    """
    image = function.image_of(width)
    if image.is_subset(cost.domain):
        return
    wider = function.image_of(2).is_subset(cost.domain)
    nodes = "one node" if width == 1 else f"{N[L]} nodes, which may be one"
    where = f" in a layer of {nodes}" if wider else ""
    raise UsageError(
        f"activation {function.name} takes values in {_interval(image)}{where}, "
        f"but cost {cost.name} needs them in {_interval(cost.domain)}"
    )


def _interval(interval: object) -> str:
    left = "(" if interval.left_open else "["  # type: ignore[attr-defined]
    right = ")" if interval.right_open else "]"  # type: ignore[attr-defined]
    return f"{left}{interval.start}, {interval.end}{right}"  # type: ignore[attr-defined]


def layered_model(
    name: str,
    activations: tuple[FunctionRow, ...],
    cost: CostRow,
    *,
    widths: tuple[int, ...] | None = None,
    deep: bool = False,
    single: bool = False,
    from_logits: bool = False,
) -> Model:
    """The definitions of a network of dense layers.

    activations: one a layer; with ``deep``, one for all of L layers.
    widths: n_0, n_1, ..., n_L; without, widths are symbols n_l.
    single: one neuron a layer, and no node index at all.
    from_logits: write the cost in z of the last layer where its row has such a form.
    """
    check_pair(activations[-1], cost, None if widths is None else widths[-1])
    depth: Expr = L if deep else Integer(len(activations))
    build = _Builder(depth, single, cost.targets)
    definitions = [build.input(), build.weighted_input()]
    definitions += [build.activation(*run) for run in _runs(activations, depth)]
    last = activations[-1]
    forms = [form for form in cost.from_logits if activation(form.activation).is_same(last)]
    if from_logits and forms and not single:
        definitions += build.cost_of_logits(forms[0])
    else:
        definitions += build.cost(cost)
    numbers = {} if widths is None or single else {N[i]: width for i, width in enumerate(widths)}
    used = heads_in(cost.summand, *(form.summand for form in forms if from_logits))
    functions = with_named((*activations, *(row for row in FUNCTIONS if row.name in used)))
    return Model(name, build.quantities, tuple(definitions), numbers, functions)


def _runs(
    activations: tuple[FunctionRow, ...], depth: Expr
) -> list[tuple[Expr, Expr, FunctionRow]]:
    """Consecutive layers with one activation, as (first layer, last layer, row)."""
    if not depth.is_Integer:
        return [(Integer(1), depth, activations[0])]
    runs: list[tuple[Expr, Expr, FunctionRow]] = []
    for layer, row in enumerate(activations, start=1):
        if runs and runs[-1][2] == row:
            runs[-1] = (runs[-1][0], Integer(layer), row)
        else:
            runs.append((Integer(layer), Integer(layer), row))
    return runs


class _Builder:
    """Writes the quantities and definitions; with ``single``, nodes have no index."""

    def __init__(self, depth: Expr, single: bool, targets: Domain) -> None:
        self.depth = depth
        self.single = single
        layer = Axis(_l, Integer(1), depth, Kind.LAYER)
        with_input = Axis(_l, Integer(0), depth, Kind.LAYER)
        node = self.nodes(Axis(_j, Integer(0), N[_l] - 1))
        source = self.nodes(Axis(_k, Integer(0), N[_l - 1] - 1))
        output = self.nodes(Axis(_j, Integer(0), N[depth] - 1))
        inputs = self.nodes(Axis(_k, Integer(0), N[0] - 1))
        role = Role
        here = "" if single else " node {j} in"
        self.x = Quantity(
            "x", role.INPUT, inputs, "input {k}" if inputs else "the input", part=Part.INPUT
        )
        self.w = Quantity(
            "w",
            role.PARAMETER,
            (layer, *node, *source),
            "the weight into layer {l}"
            if single
            else "the weight from node {k} in layer {l-1} to node {j} in layer {l}",
            part=Part.WEIGHT,
        )
        self.b = Quantity(
            "b", role.PARAMETER, (layer, *node), f"the bias of{here} layer {{l}}", part=Part.BIAS
        )
        self.z = Quantity(
            "z",
            role.INTERMEDIATE,
            (layer, *node),
            f"the weighted input of{here} layer {{l}}",
            part=Part.WEIGHTED_INPUT,
        )
        self.a = Quantity(
            "a",
            role.INTERMEDIATE,
            (with_input, *node),
            f"the activation of{here} layer {{l}}",
            part=Part.ACTIVATION,
        )
        self.y = Quantity(
            "y",
            role.TARGET,
            output,
            "the wanted output" if single else "the wanted activation of output node {j}",
            part=Part.TARGET,
            domain=targets,
        )
        self.c = Quantity(
            "c",
            role.INTERMEDIATE,
            output,
            "what output node {j} contributes to the cost",
            part=Part.OUTPUT_COST,
        )
        self.C = Quantity("C0", role.COST, (), "the cost of one sample", part=Part.COST)
        summand = () if single else (self.c,)
        self.quantities = (self.x, self.w, self.b, self.z, self.a, self.y, *summand, self.C)

    def nodes(self, axis: Axis) -> tuple[Axis, ...]:
        """The axis, or nothing with one neuron a layer."""
        return () if self.single else (axis,)

    def at(self, *letters: Expr) -> tuple[Expr, ...]:
        """Node letters, or nothing with one neuron a layer."""
        return () if self.single else letters

    def input(self) -> Definition:
        """a_k^(0) := x_k."""
        return define(self.a, (Integer(0), *self.at(_k)), self.x[self.at(_k)])

    def weighted_input(self) -> Definition:
        """z_j^(l) := sum_k w_jk^(l) a_k^(l-1) + b_j^(l)."""
        w = self.w[(_l, *self.at(_j, _k))]
        a = self.a[(_l - 1, *self.at(_k))]
        sums = () if self.single else (Bound(_k, Integer(0), N[_l - 1] - 1),)
        product = Term(((w, a),), sums)
        return define(self.z, (_l, *self.at(_j)), product, self.b[(_l, *self.at(_j))])

    def activation(self, first: Expr, last: Expr, row: FunctionRow) -> Definition:
        """a_j^(l) := g(z_j^(l)), or g of the whole row, for the layers first..last."""
        layer = first if first == last else _l
        target = (layer, *self.at(_j))
        nodes = () if self.single else (Bound(_j, Integer(0), N[layer] - 1),)
        domain = nodes if first == last else (Bound(_l, first, last), *nodes)
        if not row.reads_row:
            right = apply(row.name, self.z[target], layer if row.by_layer else None)
            return define(self.a, target, right, domain=domain)
        if self.single or row.formula is None:
            raise ModelError(f"{row.name} reads a whole layer; it needs layers with node indices")
        right = self._on_row(row.formula, layer)
        return define(
            self.a, target, right, domain=domain, jacobian=self._by_row(row.derivative, layer)
        )

    def cost(self, row: CostRow) -> list[Definition]:
        """C_0j := the row's summand, C_0 := sum_j C_0j."""
        value, target = self.a[(self.depth, *self.at(_j))], self.y[self.at(_j)]
        width: Expr = Integer(1) if self.single else N[self.depth]
        summand = substitute(row.summand, {A: value, Y: target, WIDTH: width})
        parts = summand.args if isinstance(summand, Add) else (summand,)
        if self.single:
            return [define(self.C, (), *parts)]
        return [define(self.c, (_j,), *parts), self._total()]

    def cost_of_logits(self, form: FromLogits) -> list[Definition]:
        """C_0j in z of the last layer, with the derivative that stays exact in saturation."""
        summand = self._on_row(form.summand, self.depth)
        parts = summand.args if isinstance(summand, Add) else (summand,)
        jacobian = self._by_row(form.derivative, self.depth)
        return [define(self.c, (_j,), *parts, jacobian=jacobian), self._total()]

    def _total(self) -> Definition:
        return define(self.C, (), Sum(self.c[_j], (_j, 0, N[self.depth] - 1)))

    def _by_row(self, derivative: Expr | None, layer: Expr) -> tuple[Expr, Terms] | None:
        if derivative is None:
            return None
        return self.z[layer, Q], as_terms(self._on_row(derivative, layer))

    def _on_row(self, expr: Expr, layer: Expr) -> Expr:
        """A row's formula with this layer's z, a and y in it."""
        families = {ROW: self.z, SELF_ROW: self.a}
        mapping: dict[Expr, Expr] = {WIDTH: N[layer], Y: self.y[_j] if layer == self.depth else Y}
        for one in expr.atoms(Indexed):
            if one.base in families:
                mapping[one] = families[one.base][layer, one.indices[0]]
        return substitute(expr, {**mapping, J: _j})
