"""A derivation of a model: sections of equations, made by the calculus, ready to be laid out.

The pipeline: definitions -> the cost and its composition -> local derivatives -> the chain rule for
each target -> the recursion -> the outputs -> the mean over the samples.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from sympy import Expr

from symbackprop.derivation.collect import Chains, places_of
from symbackprop.derivation.composition import composed, composition, function_form
from symbackprop.derivation.forms import CHAIN, Form, error_stations
from symbackprop.derivation.local import slug
from symbackprop.derivation.mean import mean_equation
from symbackprop.derivation.numbers import definitions_of
from symbackprop.derivation.places import (
    layer_axis,
)
from symbackprop.derivation.steps import Detail, Equation, Line, Section
from symbackprop.derivation.unrolled import unrolled
from symbackprop.model.batch import batched
from symbackprop.model.definitions import Definition
from symbackprop.model.functions import SELF, FunctionRow, T
from symbackprop.model.model import Model
from symbackprop.notation.expressions import (
    Term,
    ordered_factors,
    substitute,
    undistributed,
)
from symbackprop.notation.functions import Apply, apply
from symbackprop.notation.quantities import Role


@dataclass(frozen=True)
class Derivation:
    """What was derived, in order: sections of equations whose every line is a judged step.

    targets: the instances that were asked for. functions: the rows of the functions in use.
    """

    model: Model
    targets: tuple[Expr, ...]
    sections: tuple[Section, ...]
    functions: tuple[FunctionRow, ...] = field(default=())
    form: Form = CHAIN

    @property
    def equations(self) -> tuple[Equation, ...]:
        """All equations, in order."""
        return tuple(equation for section in self.sections for equation in section.equations)

    @cached_property
    def batch(self) -> Model:
        """The model of the mean cost, in which the batch equations live."""
        return batched(self.model)

    def equation(self, key: str) -> Equation:
        """The equation with this label."""
        return next(one for one in self.equations if one.key == key)


@undistributed
def derive(
    model: Model,
    targets: Sequence[Expr] = (),
    unfold: int | None = None,
    form: Form = CHAIN,
) -> Derivation:
    """Derive the cost of ``model`` by the targets (all parameters when none are given).

    unfold: how many layers of the cost are composed, and how many an unrolled form goes back.
    """
    wanted = tuple(targets) or tuple(q.symbol for q in model.with_role(Role.PARAMETER))
    sections = [_definitions(model), _functions(model), _cost(model, unfold)]
    chains = Chains(model, error_stations(model) if form.errors else None)
    for target in wanted:
        chains.add(target)
    chains.close()
    sections.append(Section("instances", tuple(definitions_of(model, chains.found.values()))))
    sections.append(Section("locals", tuple(chains.locals())))
    sections += unrolled(model, wanted, unfold) if form.layers else chains.sections()
    sections.append(Section("mean", tuple(_means(model, wanted))))
    kept = tuple(section for section in sections if section.equations)
    return Derivation(model, wanted, kept, tuple(used_functions(model)), form)


def used_functions(model: Model) -> Iterator[FunctionRow]:
    """The rows of the named functions that the definitions use, in order."""
    seen: dict[str, None] = {}
    for definition in model.definitions:
        for term in definition.terms:
            for factor in term.factors:
                for one in sorted(factor.atoms(Apply), key=str):
                    seen.setdefault(one.head)
    return (model.function(head) for head in seen)


def _definitions(model: Model) -> Section:
    equations = [_as_equation(model, d) for d in model.definitions if not _of_cost(model, d)]
    return Section("definitions", (*equations, *composed(model)))


def _of_cost(model: Model, definition: Definition) -> bool:
    """Whether a definition is the cost's, or that of its summands."""
    if definition.quantity == model.cost:
        return True
    readers = [d.quantity for d in model.uses_of(definition.quantity)]
    return (
        readers == [model.cost]
        and all(model.quantity(one).role is not Role.PARAMETER for one in definition.instances())
        and layer_axis(definition.quantity) is None
    )


def _as_equation(model: Model, definition: Definition) -> Equation:
    return Equation(
        f"def:{slug(model, definition.target)}",
        definition.target,
        (Line(definition.terms, "definition", detail=Detail.BRIEF),),
        definition.domain,
    )


def _functions(model: Model) -> Section:
    """The formulas of the functions in use, and their derivatives in the best printed form."""
    found: list[Equation] = []
    for row in used_functions(model):
        if row.formula is None or row.reads_row:
            continue
        value, slope = apply(row.name, T), apply(row.name, T, order=1)
        formula = _line(row.formula, "definition")
        if row.formula.func.__name__ != row.name:
            found.append(Equation(f"function:{row.name}", value, (formula,), argument=T))
        derivative = row.printed_derivative
        if derivative is not None:
            best = _line(substitute(derivative, {SELF: value}), "fold")
            found.append(Equation(f"derivative:{row.name}", slope, (best,), argument=T))
    return Section("functions", tuple(found))


def _line(expr: Expr, rule: str) -> Line:
    return Line((Term((ordered_factors(expr),)),), rule, detail=Detail.BRIEF)


def _cost(model: Model, unfold: int | None) -> Section:
    equations = [_as_equation(model, d) for d in model.definitions if _of_cost(model, d)]
    depth = 2 if unfold is None else unfold
    equations += [*function_form(model), composition(model, depth)]
    return Section("cost", tuple(equations))


def _only_layer(model: Model, target: Expr) -> Expr:
    """A target with its layer as a number where there is only one layer."""
    places = places_of(model, target)
    return places[0][0] if len(places) == 1 else target


def _means(model: Model, targets: Sequence[Expr]) -> Iterator[Equation]:
    batch = batched(model)
    for target in targets:
        if model.quantity(target).role is Role.PARAMETER:
            yield mean_equation(batch, _only_layer(model, target))
