"""The mean cost over N samples: every quantity but the parameters gets a sample index."""

from __future__ import annotations

from dataclasses import replace

from sympy import Expr, Indexed, Integer, Sum, Symbol
from sympy.core.parameters import distribute

from symbackprop.model.definitions import Definition, define, name_of
from symbackprop.model.model import Model, noted
from symbackprop.notation.expressions import Bound, Product, Term
from symbackprop.notation.quantities import Axis, Kind, Part, Quantity, Role, is_scalar
from symbackprop.notation.symbols import index, own, size

SAMPLES = size(own("N"))
"""The number of samples: no size of a user's model, whatever that is called."""

SAMPLE = index(own("s"))
"""The index of a sample."""

MEAN = Quantity(own("C"), Role.COST, (), "the mean cost over all samples", part=Part.MEAN_COST)
"""The mean cost over all samples."""


@noted
def batched(model: Model) -> Model:
    """The model of C = (1/N) sum_s C_s, s = 0..N-1, over all samples.

    The cost of one sample becomes a quantity with the sample index alone; the scalar `MEAN` is
    added. The sample index comes first: ``a[s, l, j]``.
    """
    axis = Axis(SAMPLE, Integer(0), SAMPLES - 1, Kind.SAMPLE)
    renamed = {q.name: _with_sample(q, axis) for q in model.quantities}
    definitions = [_spread(d, renamed, axis) for d in model.definitions]
    each = renamed[model.cost.name]
    total = define(MEAN, (), Product(1 / SAMPLES, Sum(each[SAMPLE], (SAMPLE, 0, SAMPLES - 1))))
    return replace(
        model,
        name=f"{model.name}, mean over samples",
        quantities=(*renamed.values(), MEAN),
        definitions=(*definitions, total),
    )


def _with_sample(quantity: Quantity, axis: Axis) -> Quantity:
    if quantity.role is Role.PARAMETER:
        return quantity
    role = Role.INTERMEDIATE if quantity.role is Role.COST else quantity.role
    return replace(quantity, role=role, axes=(axis, *quantity.axes))


def _spread(definition: Definition, renamed: dict[str, Quantity], axis: Axis) -> Definition:
    def change(expr: Expr) -> Expr:
        if isinstance(expr, Indexed) and expr.is_integer:  # a width n[l], whatever else is called n
            return expr
        if isinstance(expr, Indexed) or is_scalar(expr):
            quantity = renamed.get(name_of(expr))
            if quantity is None or quantity.role is Role.PARAMETER:
                return expr
            indices = tuple(expr.indices) if isinstance(expr, Indexed) else ()
            return quantity[(SAMPLE, *indices)]
        if not expr.args or not expr.atoms(Indexed, Symbol):
            return expr
        return expr.func(*[change(arg) for arg in expr.args])

    def spread(term: Term) -> Term:
        with distribute(False):
            return term.mapped(change)

    quantity = renamed[definition.quantity.name]
    jacobian = definition.jacobian
    return Definition(
        quantity,
        change(definition.target),
        tuple(spread(term) for term in definition.terms),
        (Bound(SAMPLE, axis.low, axis.high), *definition.domain),
        jacobian and (change(jacobian[0]), tuple(spread(term) for term in jacobian[1])),
    )
