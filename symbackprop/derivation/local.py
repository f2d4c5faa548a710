"""Local derivatives, derived: the definition put in, the sum rule, deltas, contraction."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from sympy import Expr, Indexed, Integer, Mul, Symbol
from sympy.core.parameters import distribute

from symbackprop.calculus.adjoints import local_derivative
from symbackprop.derivation.places import (
    assumptions_of,
    definition_at,
    known_of,
    letters_of,
)
from symbackprop.derivation.steps import Detail, Equation, Line
from symbackprop.model.definitions import Definition
from symbackprop.model.functions import SELF, T
from symbackprop.model.model import Model
from symbackprop.notation.expressions import (
    Condition,
    Partial,
    Term,
    Terms,
    Written,
    as_expr,
    ordered_factors,
    substitute,
)
from symbackprop.notation.functions import Apply, apply
from symbackprop.notation.readable import readable
from symbackprop.notation.symbols import spelled


def local_equation(
    model: Model, partial: Partial, context: Iterable[Condition] = (), key: str | None = None
) -> Equation:
    """The local derivative ``partial`` of one instance by another, step by step.

    context: what else is known of the letters that the two instances use.
    """
    of, by = partial.args
    instances = [one for one in (of, by) if model.quantity(one).axes]
    given = known_of(model, instances, context)
    place = definition_at(model, of, given)
    letters = letters_of(model, instances, given)
    taken = frozenset(b.letter for b in letters)
    raw, value = local_derivative(place, by, given)
    lines = _pending(place, by, taken)
    shown = readable(raw, taken)
    value = readable(value, taken)
    jacobian = place.jacobian is not None and not _same(value, shown)
    if not _same(shown, value):
        lines.append(Line(shown, "delta", detail=Detail.FULL))
    apart = tuple(_numbers_apart(term) for term in value)
    if apart != value:
        lines.append(Line(apart, "derivative", detail=Detail.FULL))
        value = tuple(_multiplied(term) for term in value)
    rule = "fold" if jacobian else _rule(raw, place)
    lines.append(Line(value or _zero(), rule, detail=Detail.BRIEF))
    folded = _folded(model, value)
    if not _same(folded, value):
        lines.append(Line(folded, "fold", detail=Detail.STANDARD))
    return Equation(
        key or f"local:{slug(model, of)}:{slug(model, by)}",
        partial,
        tuple(lines),
        letters,
        given,
        assumptions_of(model, instances),
    )


def _pending(place: Definition, by: Expr, taken: frozenset[Symbol]) -> list[Line]:
    """The derivative of the right side, then of each of its summands."""
    right = readable(place.refreshed_terms, taken)
    whole = as_expr(right)
    lines = []
    if not _is_function_of(whole, by):
        lines.append(Line((Term(((Written(whole, by),),)),), "definition", detail=Detail.FULL))
    split = tuple(_each(term, by) for term in right)
    if len(right) > 1 or right[0].sums:
        lines.append(Line(split, "linearity", detail=Detail.FULL))
    elif _is_function_of(whole, by):
        lines.append(Line(split, "definition", detail=Detail.FULL))
    return lines


def _is_function_of(whole: Expr, by: Expr) -> bool:
    return isinstance(whole, Apply) and whole.argument == by


def _each(term: Term, by: Expr) -> Term:
    inside = as_expr((replace(term, sums=()),))
    return Term(((Written(inside, by),),), term.sums, term.guards)


def _numbers_apart(term: Term) -> Term:
    """1/2 times 2 (a - y), before the numbers are multiplied: each number opens a link."""
    numbers = [f for f in term.factors if f.is_number and f != -1]
    if len(numbers) < 2:
        return term
    rest = tuple(f for f in term.factors if f not in numbers)
    return replace(term, links=(*((n,) for n in numbers[:-1]), (numbers[-1], *rest)))


def _multiplied(term: Term) -> Term:
    """The same with one number."""
    numbers = [f for f in term.factors if f.is_number]
    if len(numbers) < 2:
        return term
    rest = tuple(f for f in term.factors if not f.is_number)
    whole = Mul(*numbers)
    return replace(term, links=((*(() if whole == 1 and rest else (whole,)), *rest),))


def _rule(raw: Terms, place: Definition) -> str:
    """Why the contracted derivative is what it is."""
    if any(term.sums for term in raw):
        return "contraction"
    return "own_summand" if len(place.terms) > 1 else "derivative"


def _same(first: Terms, second: Terms) -> bool:
    return [(t.factors, t.sums, t.guards) for t in first] == [
        (t.factors, t.sums, t.guards) for t in second
    ]


def _zero() -> Terms:
    return (Term(((Integer(0),),)),)


def _folded(model: Model, terms: Terms) -> Terms:
    """First derivatives of named functions in their best printed form."""
    return tuple(
        Term(
            tuple(
                tuple(part for factor in link for part in _best(model, factor))
                for link in term.links
            ),
            term.sums,
            term.guards,
        )
        for term in terms
    )


def _best(model: Model, factor: Expr) -> tuple[Expr, ...]:
    if not (isinstance(factor, Apply) and factor.order == 1):
        return (factor,)
    row = model.function(factor.head)
    derivative = row.printed_derivative
    if derivative is None or row.slope_latex is not None:
        return (factor,)
    value = _value_of(model, factor)
    with distribute(False):
        best = substitute(derivative, {T: factor.argument, SELF: value})
    return ordered_factors(best)


def _value_of(model: Model, factor: Apply) -> Expr:
    """The instance whose definition is the function at this argument, or the function's value."""
    plain = apply(factor.head, factor.argument, factor.place or None)
    if isinstance(factor.argument, Indexed):
        for definition in model.definitions:
            if len(definition.indices) != len(factor.argument.indices):
                continue
            place = definition.at(tuple(factor.argument.indices))
            if place is not None and place.expr == plain:
                return place.target
    return plain


def slug(model: Model, instance: Expr) -> str:
    """A label for an instance: its name, and its indices where they are not the usual letters."""
    quantity = model.quantity(instance)
    indices = tuple(instance.indices) if isinstance(instance, Indexed) else ()
    name = spelled((quantity.adjoint_of or quantity).name)
    if all(i.is_Symbol and not i.is_positive for i in indices):
        return name
    return f"{name}:" + ":".join(str(i).replace(" ", "") for i in indices)
