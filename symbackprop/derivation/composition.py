"""The cost as an explicit composition: definitions put in one after another, from the output on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from sympy import Expr, Indexed, Sum

from symbackprop.calculus.adjoints import range_conditions
from symbackprop.derivation.local import slug
from symbackprop.derivation.places import (
    definition_at,
    domain_conditions,
    indices_of,
    is_letter,
    letters_in,
    letters_of,
)
from symbackprop.derivation.steps import Detail, Equation, Line
from symbackprop.errors import ModelError
from symbackprop.model.definitions import Definition, name_of
from symbackprop.model.model import Model, directions, recurrence_axis
from symbackprop.notation.conditions import implied, reduced
from symbackprop.notation.expressions import (
    Applied,
    Bound,
    Condition,
    Term,
    Terms,
    Vector,
    as_expr,
    substitute,
)
from symbackprop.notation.functions import Apply
from symbackprop.notation.quantities import Quantity, Role, mentioned
from symbackprop.notation.readable import readable


def composition(model: Model, depth: int) -> Equation:
    """C_0 with the definitions of the last ``depth`` layers put in, a line a definition.

    A model without layers is unfolded all the way. What stays are inputs, parameters, targets, the
    activations of layer L - depth, along a recurrence whose end is no fixed number of places away
    what stands ``depth`` places behind its first mention, and what has no one definition for all
    values of its letters. A composition ends where it would grow beyond `_LARGEST` instances.
    """
    cost = model.cost.symbol
    terms = definition_at(model, cost).terms
    lines = [Line(readable(terms), "composition")]
    ages: dict[Expr, int] = {}
    while frontier := _frontier(model, terms, depth, ages):
        places = {one: definition_at(model, one, context) for one, context in frontier}
        for one, place in places.items():
            _grow(model, one, place, ages)
        terms = _with(terms, places)
        if sum(1 for _ in _mentions(terms)) > _LARGEST and len(lines) > 1:
            break
        lines.append(Line(readable(terms), "composition"))
    lines[-1] = replace(lines[-1], detail=Detail.BRIEF)
    return Equation("composition", cost, tuple(lines), assumptions=_depth_needed(model, terms))


_LARGEST = 120
"""So many instances a composition has at most."""

Mention = tuple[Expr, tuple[Condition, ...]]
"""An instance, and what is known of its letters where it stands."""


def _mentions(terms: Terms) -> Iterator[Mention]:
    """Every instance of a quantity, with the conditions of the sums around it."""
    for term in terms:
        context = tuple(c for bound in term.sums for c in bound.conditions)
        for factor in term.factors:
            yield from _inside(factor, (*context, *term.guards))


def _inside(expr: Expr, context: tuple[Condition, ...]) -> Iterator[Mention]:
    if expr in mentioned(expr):
        yield expr, context
    elif isinstance(expr, Sum):
        inner = tuple(c for limit in expr.limits for c in Bound(*limit).conditions)
        yield from _inside(expr.function, (*context, *inner))
    else:
        for arg in expr.args:
            yield from _inside(arg, context)


def _depth_needed(model: Model, terms: Terms) -> tuple[Condition, ...]:
    """The assumption that there are as many layers, or times, as were unfolded: L >= 2."""
    found: dict[Condition, None] = {}
    for one, _ in _mentions(terms):
        if name_of(one) not in model.by_name:
            continue
        quantity = model.quantity(one)
        position = recurrence_axis(quantity)
        if position is not None and not _has_letters(indices_of(one)[position]):
            layers = replace(quantity, axes=(quantity.axes[position],))
            for condition in range_conditions(layers, (indices_of(one)[position],)):
                found.setdefault(condition)
    return reduced(tuple(found), ()) or ()


def _has_letters(index: Expr) -> bool:
    return any(is_letter(symbol) for symbol in index.free_symbols)


def _frontier(model: Model, terms: Terms, depth: int, ages: dict[Expr, int]) -> list[Mention]:
    """The outermost defined instances, of the quantity nearest to the cost, still to be put in."""
    order = [d.quantity.name for d in reversed(model.definitions)]
    found = {
        one: context
        for one, context in _mentions(terms)
        if name_of(one) in order
        and (recurrence_axis(model.quantity(one)) is None or _age(model, one, ages) < depth)
        and _one_definition(model, one, context)
    }
    if not found:
        return []
    place = min(_rank(model, one, order, ages) for one in found)
    return [(one, known) for one, known in found.items() if _rank(model, one, order, ages) == place]


def _rank(
    model: Model, instance: Expr, order: list[str], ages: dict[Expr, int]
) -> tuple[int, int, int]:
    """Later layers first, then what stands nearer to the cost."""
    if recurrence_axis(model.quantity(instance)) is None:
        return 0, 0, order.index(name_of(instance))
    return 1, _age(model, instance, ages), order.index(name_of(instance))


def _age(model: Model, instance: Expr, ages: dict[Expr, int]) -> int:
    """How many places an instance stands behind the end of its recurrence, or its first mention."""
    quantity = model.quantity(instance)
    position = recurrence_axis(quantity)
    if position is None:
        return 0
    axis, place = quantity.axes[position], instance.indices[position]
    forward = directions(model).get(quantity.name, 1) > 0
    behind = (axis.high - place if forward else place - axis.low).expand()
    return int(behind) if behind.is_Integer else ages.get(instance, 0)


def _grow(model: Model, parent: Expr, place: Definition, ages: dict[Expr, int]) -> None:
    """Note the age of what a definition mentions: that of its target, and one for each turn."""
    position = recurrence_axis(model.quantity(parent))
    for one in place.instances():
        if name_of(one) not in model.by_name:
            continue
        own = recurrence_axis(model.quantity(one))
        moved = (
            own is not None
            and position is not None
            and indices_of(one)[own] != indices_of(parent)[position]
        )
        age = _age(model, parent, ages) + moved
        ages[one] = min(ages.get(one, age), age)


def _one_definition(model: Model, instance: Expr, context: tuple[Condition, ...]) -> bool:
    """Whether one definition holds for all values of the instance's letters."""
    try:
        definition_at(model, instance, context)
    except ModelError:
        return False
    several = model.definitions_of(model.quantity(instance))
    for definition in several:
        if definition.at(indices_of(instance)) is not None:
            conditions = domain_conditions(definition, instance)
            if all(implied(c, context) for c in conditions if letters_in(c)):
                return True
    return False


def _with(terms: Terms, places: dict[Expr, Definition]) -> Terms:
    mapping = {one: as_expr(place.refreshed_terms) for one, place in places.items()}
    return tuple(term.mapped(lambda factor: substitute(factor, mapping)) for term in terms)


def function_form(model: Model) -> tuple[Equation, ...]:
    """C_0j = C_0j(a_j(z_j(w_j))) and C_0 = sum_j of it: what each is computed from.

    Nothing where the cost is not a sum of one quantity that depends on others, or where what it
    depends on cannot be written with the letters at hand.
    """
    (first, *others) = definition_at(model, model.cost.symbol).terms
    if others or len(first.factors) != 1 or not isinstance(first.factors[0], Indexed):
        return ()
    summand = model.quantity(first.factors[0]).symbol
    applied = _applied(model, summand)
    if not isinstance(applied, Applied) or _letters(applied) - _letters(summand):
        return ()
    inner = (one.args[0] if isinstance(one, Applied) else one for one in applied.args[1:])
    nearest = Applied(summand, *inner)
    forms = [_form_line(one) for one in dict.fromkeys((nearest, applied))]
    forms[-1] = replace(forms[-1], detail=Detail.BRIEF)
    terms = (replace(first, links=((_applied(model, first.factors[0]),),)),)
    return (
        Equation("function-form:summand", summand, tuple(forms), letters_of(model, [summand])),
        Equation(
            "function-form",
            model.cost.symbol,
            (Line(readable(terms), "function_form", detail=Detail.BRIEF),),
        ),
    )


def _letters(expr: Expr) -> set[Expr]:
    """The index letters in an expression."""
    return {one for one in expr.free_symbols if one.is_integer and not one.is_positive}


def _form_line(expr: Expr) -> Line:
    return Line((Term(((expr,),)),), "function_form")


def composed(model: Model) -> Iterator[Equation]:
    """Activations with their weighted input put in: a = g(sum_k w a + b)."""
    defined = {d.quantity.name for d in model.definitions}
    for definition in model.definitions:
        function = _only_factor(definition)
        if not isinstance(function, Apply):
            continue
        inner, context = function.argument, definition.conditions
        if name_of(inner) not in defined or not _one_definition(model, inner, context):
            continue
        place = definition_at(model, inner, context)
        put = substitute(function, {inner: as_expr(place.refreshed_terms)})
        taken = frozenset(bound.letter for bound in definition.domain)
        line = Line(readable((Term(((put,),)),), taken), "composition", detail=Detail.BRIEF)
        key = "composed:" + slug(model, definition.target)
        yield Equation(key, definition.target, (line,), definition.domain)


def _only_factor(definition: Definition) -> Expr | None:
    """The right side where it is a single factor under no sum."""
    if len(definition.terms) != 1 or definition.terms[0].sums:
        return None
    factors = definition.terms[0].factors
    return factors[0] if len(factors) == 1 else None


def _applied(model: Model, instance: Expr) -> Expr:
    """An instance as a function: of intermediates at the same place, else of its parameters.

    What is read at every value of a bound index stands as a vector: a softmax reads all of z. An
    instance without one definition for all its letters stands for itself.
    """
    if not _one_definition(model, instance, range_conditions(*_ranges(model, instance))):
        return instance
    place = definition_at(model, instance)
    bound = _bound_in(place)
    arguments: dict[Expr, None] = {}
    parameters: dict[Expr, None] = {}
    for one in place.instances():
        if name_of(one) not in model.by_name:
            continue
        quantity = model.quantity(one)
        if quantity.role is Role.INTERMEDIATE and _same_layer(model, one, instance):
            arguments.setdefault(_vector(one, bound))
        elif quantity.role is Role.PARAMETER:
            parameters.setdefault(_vector(one, bound))
    vectors = [p for p in parameters if isinstance(p, Vector)]
    chosen = _widest(arguments) or vectors or list(parameters)
    inner = (one if isinstance(one, Vector) else _applied(model, one) for one in chosen)
    return Applied(instance, *inner) if chosen else instance


def _ranges(model: Model, instance: Expr) -> tuple[Quantity, tuple[Expr, ...]]:
    return model.quantity(instance), indices_of(instance)


def _bound_in(place: Definition) -> set[Expr]:
    """The letters that the sums of a definition bind, around its terms and inside of them."""
    inside = {
        limit[0]
        for term in place.terms
        for factor in term.factors
        for total in factor.atoms(Sum)
        for limit in total.limits
    }
    return inside | {bound.letter for term in place.terms for bound in term.sums}


def _widest(arguments: Iterable[Expr]) -> list[Expr]:
    """The arguments without the single entries of those that stand as a vector."""
    vectors = {one.args[0].base for one in arguments if isinstance(one, Vector)}
    return [
        one
        for one in arguments
        if isinstance(one, Vector) or not (isinstance(one, Indexed) and one.base in vectors)
    ]


def _same_layer(model: Model, one: Expr, other: Expr) -> bool:
    positions = [recurrence_axis(model.quantity(x)) for x in (one, other)]
    if None in positions:
        return True
    here, there = (
        indices_of(x)[p] for x, p in zip((one, other), positions, strict=True) if p is not None
    )
    return bool(here == there)


def _vector(instance: Expr, summed: set[Expr]) -> Expr:
    """w[l, j, k] under a sum over k as the vector w[l, j]."""
    if not isinstance(instance, Indexed):
        return instance
    kept = tuple(i for i in instance.indices if not (i.free_symbols & summed))
    if len(kept) == len(instance.indices) or not kept:
        return instance
    return Vector(instance.base[kept])
