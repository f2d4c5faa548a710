"""Slips: every way in which the texts this project grew from were wrong, applied at every place."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from sympy import Add, Expr, Indexed, Integer, Mul, Pow, Sum, Symbol
from sympy.core.parameters import distribute

from symbackprop.derivation.steps import Equation
from symbackprop.errors import ModelError
from symbackprop.model.batch import MEAN, SAMPLE, SAMPLES
from symbackprop.model.model import Model
from symbackprop.notation import symbols
from symbackprop.notation.expressions import (
    Applied,
    Bound,
    Partial,
    Plus,
    Product,
    Term,
    Terms,
    Total,
    Vector,
)
from symbackprop.notation.functions import Apply
from symbackprop.notation.quantities import Kind, Role, is_scalar


@dataclass(frozen=True)
class Mutant:
    """One wrong version of a line: the kind of slip, what it did, what the line became.

    before, after: the node that was changed, where it was one. named: whether it stands among the
    arguments of a quantity that is written as a function, which have no value of their own.
    """

    kind: str
    terms: Terms
    what: str
    before: Expr | None = None
    after: Expr | None = None
    named: bool = False


Scope = tuple[Bound, ...]
ONE = Integer(1)


def is_node(bound: Bound) -> bool:
    """Whether a letter counts nodes: its range ends at a width."""
    return bool(bound.high.has(Indexed))


def name_of(expr: Expr) -> str:
    return str(expr.base.label.name) if isinstance(expr, Indexed) else str(expr)


def instance_slips(model: Model, node: Expr, scope: Scope) -> Iterator[tuple[str, Expr]]:
    """The slips of one instance: swapped and wrong indices, wrong layers, wrong quantities."""
    name = name_of(node)
    quantity = model.by_name[name]
    indices = list(getattr(node, "indices", ()))

    def at(position: int, value: Expr) -> Expr:
        return node.base[(*indices[:position], value, *indices[position + 1 :])]

    nodes = [p for p, axis in enumerate(quantity.axes) if axis.kind is Kind.NODE]
    if len(nodes) == 2 and indices[nodes[0]] != indices[nodes[1]]:
        first, second = nodes
        swapped = list(indices)
        swapped[first], swapped[second] = indices[second], indices[first]
        yield "swapped indices", node.base[tuple(swapped)]
    for position in nodes:
        for bound in scope:
            if is_node(bound) and bound.letter != indices[position]:
                yield "another index", at(position, bound.letter)
    for position, axis in enumerate(quantity.axes):
        if axis.kind is Kind.LAYER:
            yield "shifted layer", at(position, indices[position] + 1)
            yield "shifted layer", at(position, indices[position] - 1)
    if quantity.role is Role.TARGET and nodes:
        if indices[nodes[0]] != 0:
            yield "y without its index", at(nodes[0], Integer(0))
        yield "another index of y", at(nodes[0], indices[nodes[0]] + 1)
    others = (
        {"a": "z", "z": "a"} if quantity.adjoint_of is None else {"a": "zb", "z": "ab", "b": "az"}
    )
    for letter in others.get((quantity.adjoint_of or quantity).name, ""):
        other = model.by_name[letter]
        if len(other.axes) != len(indices):
            continue
        kind = f"{letter} for {name}" if quantity.adjoint_of is None else "another adjoint"
        with suppress(ModelError):  # there is no z of layer 0
            yield kind, (other if quantity.adjoint_of is None else other.adjoint)[tuple(indices)]


def node_slips(model: Model, node: Expr, scope: Scope) -> Iterator[tuple[str, Expr]]:
    """The slips of one node of an expression."""
    if isinstance(node, Indexed) and node.is_integer:
        position = node.indices[0]
        yield "wrong width", node.base[position + 1]
        yield "wrong width", node.base[position - 1]
    elif isinstance(node, Indexed) or (is_scalar(node) and str(node) in model.by_name):
        yield from instance_slips(model, node, scope)
    elif isinstance(node, Apply):
        yield from function_slips(model, node)
    elif isinstance(node, Add | Plus | Mul | Product):
        yield from operation_slips(node)
    elif isinstance(node, Pow) and isinstance(node.exp, Integer):
        yield "dropped power", node.base if node.exp != 1 else ONE
    elif isinstance(node, Sum):
        for limit in node.limits:
            kept = [other for other in node.limits if other != limit]
            fixed = node.function.xreplace({limit[0]: limit[1]})
            yield "dropped sum", Sum(fixed, *kept) if kept else fixed
            for low, high in ((1, 0), (0, 1), (0, -1)):
                moved = (limit[0], limit[1] + low, limit[2] + high)
                yield "wrong bound", Sum(node.function, moved, *kept)


def function_slips(model: Model, node: Apply) -> Iterator[tuple[str, Expr]]:
    head, place, order, argument = node.args
    if node.order > 0:
        yield "dropped slope", ONE
        yield "function for slope", Apply(head, place, Integer(node.order - 1), argument)
    else:
        yield "slope for function", Apply(head, place, Integer(1), argument)
    if model.function(node.head).by_layer:
        for step in (1, -1):
            yield "shifted layer", Apply(head, place + step, order, argument)


def operation_slips(node: Expr) -> Iterator[tuple[str, Expr]]:
    for position, arg in enumerate(node.args):
        rest = (*node.args[:position], *node.args[position + 1 :])
        kind = "dropped summand" if isinstance(node, Add | Plus) else "dropped factor"
        yield kind, rest[0] if len(rest) == 1 else node.func(*rest)
        if isinstance(node, Add | Plus):
            flipped = (*node.args[:position], -arg, *node.args[position + 1 :])
            yield "flipped sign", node.func(*flipped)


def factor_slips(
    model: Model, expr: Expr, scope: Scope, named: bool = False
) -> Iterator[tuple[str, Expr, Expr, Expr, bool]]:
    """Every slip inside a factor: kind, the whole factor, the node before, the node after."""
    for kind, changed in node_slips(model, expr, scope):
        yield kind, changed, expr, changed, named
    if isinstance(expr, Indexed):
        return
    inner = (
        scope + tuple(Bound(*limit) for limit in expr.limits) if isinstance(expr, Sum) else scope
    )
    for position, arg in enumerate(expr.args):
        below = named or (isinstance(expr, Applied) and position > 0) or isinstance(expr, Vector)
        if isinstance(expr, Vector):
            continue
        for kind, changed, before, after, hidden in _below(
            model, expr, position, arg, inner, below
        ):
            args = (*expr.args[:position], changed, *expr.args[position + 1 :])
            with distribute(False):
                yield kind, expr.func(*args), before, after, hidden


def _below(
    model: Model, expr: Expr, position: int, arg: Expr, scope: Scope, named: bool
) -> Iterator[tuple[str, Expr, Expr, Expr, bool]]:
    if isinstance(expr, Sum) and position > 0:
        letter, low, high = arg
        for kind, changed, before, after, hidden in factor_slips(model, high, scope, named):
            if isinstance(before, Indexed):
                yield kind, type(arg)(letter, low, changed), before, after, hidden
        return
    if isinstance(expr, Apply) and position < 3:
        return
    if isinstance(arg, Symbol) and not is_scalar(arg):
        return
    yield from factor_slips(model, arg, scope, named)


def term_slips(model: Model, term: Term, scope: Scope) -> Iterator[Mutant]:
    """Every slip of one term."""
    inner = scope + term.sums
    for position, link in enumerate(term.links):
        for place, factor in enumerate(link):

            def with_factor(*new: Expr, link=link, place=place, position=position) -> Term:
                changed = (*link[:place], *new, *link[place + 1 :]) or (ONE,)
                return replace(
                    term, links=(*term.links[:position], changed, *term.links[position + 1 :])
                )

            if factor != 1:
                slope = isinstance(factor, Apply) and factor.order > 0
                kind = "dropped slope" if slope else "dropped factor"
                yield Mutant(kind, (with_factor(),), f"without {factor}", factor, ONE)
            for kind, changed, before, after, named in factor_slips(model, factor, inner):
                yield Mutant(kind, (with_factor(changed),), f"{before} -> {after}",
                             before, after, named)  # fmt: skip
    yield Mutant("flipped sign", (replace(term, links=((Integer(-1),), *term.links)),), "-term")
    for number, bound in enumerate(term.sums):
        rest = (*term.sums[:number], *term.sums[number + 1 :])
        fixed = replace(term, sums=rest).replaced({bound.letter: bound.low})
        yield Mutant("dropped sum", (fixed,), f"{bound.letter} = {bound.low} for its sum")
        for low, high in ((1, 0), (0, 1), (0, -1)):
            moved = replace(bound, low=bound.low + low, high=bound.high + high)
            sums = (*term.sums[:number], moved, *term.sums[number + 1 :])
            yield Mutant("wrong bound", (replace(term, sums=sums),), f"{bound} -> {moved}")
        for width in sorted(bound.high.atoms(Indexed), key=str):
            for step in (1, -1):
                other = width.base[width.indices[0] + step]
                moved = replace(bound, high=bound.high.xreplace({width: other}))
                sums = (*term.sums[:number], moved, *term.sums[number + 1 :])
                yield Mutant("wrong width", (replace(term, sums=sums),), f"{width} -> {other}")
    for number, guard in enumerate(term.guards):
        rest_guards = (*term.guards[:number], *term.guards[number + 1 :])
        yield Mutant("dropped condition", (replace(term, guards=rest_guards),), f"{guard.expr}")
        moved_guard = replace(guard, expr=guard.expr + 1)
        yield Mutant(
            "wrong condition",
            (replace(term, guards=(*rest_guards, moved_guard)),),
            f"{guard.expr} {guard.relation} -> {moved_guard.expr}",
        )


def slips(model: Model, terms: Terms, scope: Scope) -> Iterator[Mutant]:
    """Every slip of a line."""
    for position, term in enumerate(terms):
        around = terms[:position], terms[position + 1 :]
        if len(terms) > 1:
            yield Mutant("dropped summand", around[0] + around[1], f"without {term.factors}")
        for mutant in term_slips(model, term, scope):
            yield replace(mutant, terms=around[0] + mutant.terms + around[1])


def distinct(mutants: Iterator[Mutant], original: Terms) -> Iterator[Mutant]:
    """Each wrong line once, and none that is the line itself."""
    seen: set[Terms] = {original}
    for mutant in mutants:
        if mutant.terms not in seen:
            seen.add(mutant.terms)
            yield mutant


# -- C for C_0 -------------------------------------------------------------------------------------

EVERY_SAMPLE = Bound(SAMPLE, Integer(0), SAMPLES - 1)


def about_samples(batch: Model, terms: Sequence[Term], *, mean: bool) -> Terms:
    """The terms for sample s of a batch; with ``mean``, C stands wherever C_0 stood."""

    def change(expr: Expr) -> Expr:
        if isinstance(expr, Vector) or (not expr.args and not is_scalar(expr)):
            return expr
        if isinstance(expr, Applied):
            return change(expr.args[0])
        if isinstance(expr, Indexed) or is_scalar(expr):
            return _instance(batch, expr, mean)
        if isinstance(expr, Partial):
            of, by = (change(arg) for arg in expr.args)
            return (Total if mean and str(of) == MEAN.name else expr.func)(of, by)
        with distribute(False):
            return expr.func(*[change(arg) for arg in expr.args])

    return tuple(term.mapped(change) for term in terms)


def _instance(batch: Model, expr: Expr, mean: bool) -> Expr:
    if isinstance(expr, Indexed) and expr.is_integer:
        return expr
    name = name_of(expr)
    if name == "C0":
        return batch.cost.symbol if mean else batch.by_name["C0"][SAMPLE]
    quantity = batch.by_name.get(name)
    if quantity is None:
        return expr
    own = quantity.adjoint_of or quantity
    indices = tuple(getattr(expr, "indices", ()))
    sampled = indices if own.role is Role.PARAMETER else (SAMPLE, *indices)
    if quantity.adjoint_of is None:
        return quantity[sampled]
    return quantity[sampled] if mean else Total(batch.by_name["C0"][SAMPLE], own[sampled])


def names_cost(terms: Sequence[Term]) -> bool:
    """Whether the terms mention C_0 or a derivative of it."""
    return any(
        name_of(node) == "C0" or symbols.spelled(name_of(node)).startswith("d_")
        for term in terms
        for factor in term.factors
        for node in factor.atoms(Indexed, Symbol)
    )


def mean_for_sample(
    batch: Model, equation: Equation, left: Terms, right: Terms
) -> Iterator[tuple[str, Terms, Terms]]:
    """C for C_0: on both sides, and on the left side alone."""
    if names_cost((*left, *right)):
        everywhere = about_samples(batch, right, mean=True)
        alone = about_samples(batch, right, mean=False)
        wrong_left = about_samples(batch, left, mean=True)
        yield "C for C_0 everywhere", wrong_left, everywhere
        if names_cost(left) and alone != everywhere:
            yield "C for C_0 on the left", wrong_left, alone


__all__ = [
    "EVERY_SAMPLE",
    "Mutant",
    "about_samples",
    "distinct",
    "mean_for_sample",
    "slips",
]
