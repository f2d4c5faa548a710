"""One random model: inputs, blocks, a cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sympy import Expr, Mul, log

from symbackprop.model.model import Model
from symbackprop.notation.expressions import Product
from symbackprop.notation.functions import apply
from symbackprop.notation.quantities import Kind, Quantity, Role
from tests.search.blocks import BLOCKS
from tests.search.choices import Choices
from tests.search.oracle import Oracle, Values, Written, drawn
from tests.search.rows import OF_RESIDUALS
from tests.search.writer import Context, Writer, summed

SAMPLES = 3


@dataclass(frozen=True)
class Case:
    """A model, the equations it was written with, values for it, and the choices it came from."""

    model: Model
    equations: tuple[Written, ...]
    values: Values
    script: tuple[int, ...] = ()
    name: str = ""

    @property
    def oracle(self) -> Oracle:
        return Oracle(self.model, self.equations)


def inputs(w: Writer) -> None:
    """One or two inputs of up to two axes."""
    c = w.choices
    for _ in range(c.pick((1, 1, 2))):
        found: list = []
        for _ in range(c.pick((1, 1, 0, 2, 1, 2))):
            found.append((w.letter(found), w.span()))
        w.available(w.quantity(Role.INPUT, tuple(found)))


def _residual(w: Writer, u: Quantity) -> tuple[Expr, Context]:
    """A value of a quantity, mostly minus a target, over letters that are to be summed."""
    c = w.choices
    sums: list = []
    value = w.at(u, (), sums)
    if c.chance(25):
        return value, tuple(sums)
    axes = tuple(one for one in sums if one[1].kind is Kind.NODE or c.chance(60))
    axes = tuple(one for one in axes if one[1].kind is not Kind.LAYER)
    y = w.quantity(Role.TARGET, axes)
    return value - y[tuple(letter for letter, _ in axes)], tuple(sums)


def _part(w: Writer, u: Quantity) -> Expr:
    """One summand of the cost."""
    c = w.choices
    if u in w.simplex and not c.chance(20):
        context = tuple((w.letter([]), s) for s in w.spans_of[u.name])
        if len(context) == 1:
            ((j, _),) = context
            y = w.quantity(Role.TARGET, context)
            w.unread.pop(u.name, None)
            return summed(Mul(-1, y[j], log(u[j])), list(context))
    value, sums = _residual(w, u)
    kind = c.below(6)
    if kind < 3:
        body: Expr = value**2
    elif kind < 5:
        body = apply(c.pick(OF_RESIDUALS), value)
    else:
        body = apply(c.pick(("sigmoid", "softplus", "sin")), value)
    if c.chance(20):
        body = body / 2
    found = summed(body, list(sums))
    if sums and c.chance(15):
        _, span = sums[0]
        return Product(1 / (span.high - span.low + 1), found)
    return found


def _penalty(w: Writer) -> Expr:
    """A tenth of the squares of a parameter."""
    c = w.choices
    q = c.pick(w.parameters)
    sums: list = []
    for span in w.spans_of[q.name]:
        sums.append((w.letter([one for one, _ in sums]), span))
    value = q[tuple(letter for letter, _ in sums)]
    return summed(value**2 / 10 if not c.chance(30) else apply("absolute", value), sums)


def cost(w: Writer) -> None:
    """The sum of what the latest quantity, what nobody has read and a penalty contribute."""
    c = w.choices
    last = w.readable[-1]
    parts = [_part(w, last)]
    if c.chance(25):
        parts.append(_part(w, w.source()))
    for name in list(w.unread):
        if w.quantities[name].role is not Role.INPUT and not c.chance(5):
            parts.append(_part(w, w.quantities[name]))
    if w.parameters and c.chance(25):
        parts.append(_penalty(w))
    if c.chance(15):
        u = next((q for q in w.readable if not w.spans_of[q.name]), None)
        if u is not None:
            parts.append(Product(u[()], u[()]))
    total = w.quantity(Role.COST, ())
    w.define(total, (), *parts)


def built(choices: Choices, blocks: int) -> tuple[Model, tuple[Written, ...]]:
    """A model of so many blocks. Raises ModelError where the project refuses it."""
    w = Writer(choices)
    inputs(w)
    for _ in range(blocks):
        choices.pick(BLOCKS)(w)
    cost(w)
    return w.model("random"), tuple(w.equations)


def case_of(choices: Choices, seed: int = 0) -> Case | None:
    """A case, or None where no good values were found."""
    blocks = choices.pick((1, 1, 2, 2, 3))
    model, equations = built(choices, blocks)
    values = drawn(Oracle(model, equations), SAMPLES, seed)
    if values is None:
        return None
    return Case(model, equations, values, tuple(choices.record))


def case(seed: int) -> Case:
    """The case of a seed."""
    for attempt in range(20):
        found = case_of(Choices(seed * 1000 + attempt))
        if found is not None:
            return found
    raise AssertionError(f"seed {seed}: no model has good values")


def replayed(script: Sequence[int]) -> Case | None:
    """The case of a script of choices."""
    return case_of(Choices(script=script))


def case_of_model(model: Model, seed: int = 1) -> Case:
    """A model that is known by its definitions, with values for it."""
    values = drawn(Oracle(model), SAMPLES, seed)
    assert values is not None
    return Case(model, (), values)
