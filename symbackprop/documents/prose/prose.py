"""Which sentences a section gets: those that its equations bear out, none that only some models do.

A sentence about layers, nodes or what is known stands where the equations show it; elsewhere stands
one that is true of any model.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from sympy import Expr

from symbackprop.derivation.derive import Derivation
from symbackprop.derivation.forms import error_stations
from symbackprop.derivation.numbers import numbered
from symbackprop.derivation.places import indices_of, layer_axis
from symbackprop.derivation.steps import Equation, Section
from symbackprop.documents.statements.function_form import read_by
from symbackprop.documents.statements.standin import numbers, stand_in
from symbackprop.model.definitions import name_of
from symbackprop.model.model import Model
from symbackprop.notation.expressions import Applied, Partial, Term
from symbackprop.notation.quantities import Part, Quantity, Role, mentioned
from symbackprop.verification.reference import Key, Reference


@dataclass(frozen=True)
class Prose:
    """Chooses the words of one derivation's sections."""

    derivation: Derivation

    def topics(self, section: Section) -> tuple[str, ...]:
        """The keys of the sentences of a section; the first one gives its title."""
        match section.topic:
            case "cost":
                return tuple(self._cost(section))
            case "paths":
                return (self._paths(section),)
            case "recursion":
                return tuple(self._recursion(section))
            case "output":
                return (self._output(section),)
        return (section.topic,)

    # -- the cost -------------------------------------------------------------------------------

    def _cost(self, section: Section) -> Iterator[str]:
        """The targets are constants where there are any; the outputs are what the cost reads."""
        model = self.derivation.model
        own = {name_of(one.left) for one in section.equations}
        read = {
            name_of(one)
            for definition in model.definitions
            if definition.quantity.name in own
            for one in definition.instances()
        } - own
        roles = {model.quantity(name).role for name in read}
        yield "cost"
        if Role.TARGET in roles:
            only = roles <= {Role.TARGET, Role.INTERMEDIATE}
            yield "cost:outputs" if only and Role.INTERMEDIATE in roles else "cost:targets"
        yield "cost:composition"
        if any(
            factor.has(Applied)
            for one in section.equations
            for line in one.lines
            for term in line.terms
            for factor in term.factors
        ):
            yield "cost:function"

    # -- chains ---------------------------------------------------------------------------------

    def _paths(self, section: Section) -> str:
        """Whether all paths lead through the nodes of the next layer, or through its one node."""
        found = {self._through_next(one) for one in section.equations}
        return found.pop() if len(found) == 1 else "paths:all"

    def _through_next(self, equation: Equation) -> str:
        chains = [line for line in equation.lines if line.names_paths]
        of = self.derivation.model.quantity(equation.left).adjoint_of
        if not chains or of is None or len(chains[0].terms) != 1:
            return "paths:all"
        (term,) = chains[0].terms
        first = next((f.args[0] for f in term.factors if isinstance(f, Partial)), None)
        here = self._layer(of, indices_of(equation.left))
        station = None if first is None else self.derivation.model.quantity(first)
        there = (
            None if station is None or first is None else self._layer(station, indices_of(first))
        )
        if here is None or there is None or (there - here).expand() != 1:
            return "paths:all"
        return "paths" if term.sums else "paths:single"

    def _recursion(self, section: Section) -> Iterator[str]:
        """Errors are introduced; layer by layer is said where each reads the next layer alone."""
        model, errors = self.derivation.model, self.derivation.form.errors
        yield "recursion" if self._repeats(section) else "recursion:other"
        if errors:
            stations = [model.by_name[name] for name in sorted(error_stations(model))]
            usual = [one.part for one in stations] == [Part.WEIGHTED_INPUT]
            yield "recursion:error" if usual else "recursion:errors"
        pairs = list(self._named(section))
        layered = pairs and all(step == 1 for step in pairs)
        yield "recursion:layers" if layered else "recursion:any"

    def _repeats(self, section: Section) -> bool:
        """Whether some derivative is given by others of its own kind."""
        model = self.derivation.model
        lefts = {name_of(one.left) for one in section.equations}
        named = {name_of(f) for one in section.equations for f in _adjoints(model, one)}
        return bool(lefts & named) or len(lefts) < len(section.equations)

    def _named(self, section: Section) -> Iterator[Expr | None]:
        """How many layers further on the derivatives are that results name."""
        model = self.derivation.model
        for equation in section.equations:
            of = model.quantity(equation.left).adjoint_of
            here = None if of is None else self._layer(of, indices_of(equation.left))
            for factor in _adjoints(model, equation):
                by = model.by_name[name_of(factor)].adjoint_of
                there = None if by is None else self._layer(by, indices_of(factor))
                yield None if here is None or there is None else (there - here).expand()

    def _output(self, section: Section) -> str:
        """Whether the derivatives at the last layer are given without any other."""
        model = self.derivation.model
        lefts = [model.quantity(one.left).adjoint_of for one in section.equations]
        if any(of is None or layer_axis(of) is None for of in lefts):
            return "output:any"
        closed = not any(True for one in section.equations for _ in _adjoints(model, one))
        return "output" if closed else "output:named"

    def _layer(self, quantity: Quantity, indices: tuple[Expr, ...]) -> Expr | None:
        position = layer_axis(quantity)
        return None if position is None else indices[position]

    # -- paths ----------------------------------------------------------------------------------

    def path_count(self, equation: Equation) -> int | None:
        """How many paths lead from a numbered node to the cost, one a choice of later nodes.

        None where the widths are not known, or where paths are more or fewer than such choices:
        they are counted in the stand-in.
        """
        model = self.derivation.model
        of = model.quantity(equation.left).adjoint_of
        position = None if of is None else layer_axis(of)
        if of is None or position is None or not model.sizes:
            return None
        indices = indices_of(equation.left)
        layer, depth = indices[position], of.axes[position].high
        if not numbered(model, of[indices]) or layer == depth:
            return None
        later = [size for size in model.sizes if size.indices and size.indices[0] > layer]
        if len(later) != int(depth - layer):
            return None
        reference = stand_in(self.derivation)
        small = math.prod(numbers(later, {}, reference))
        if small != _paths_to_cost(model, (of.name, numbers(indices, {}, reference)), reference):
            return None
        return math.prod(model.sizes[size] for size in later)


def _adjoints(model: Model, equation: Equation) -> Iterator[Expr]:
    """The derivatives of the cost that the result of an equation names."""
    lines = [one for one in equation.lines if one.rule not in ("written_out", "explicit")]
    terms: tuple[Term, ...] = lines[-1].terms if lines else ()
    for term in terms:
        for factor in term.factors:
            if not isinstance(factor, Partial):
                for one in mentioned(factor):
                    quantity = model.by_name.get(name_of(one))
                    if quantity is not None and quantity.adjoint_of is not None:
                        yield one


def _paths_to_cost(model: Model, start: Key, reference: Reference) -> int:
    """How many paths of definitions lead from one value to the cost."""
    counts: dict[Key, int] = {start: 1}

    def count(key: Key) -> int:
        if key not in counts:
            counts[key] = 0
            own = model.by_name[key[0]].role
            if own in (Role.INTERMEDIATE, Role.COST):
                counts[key] = sum(count(one) for one in read_by(model, key, reference))
        return counts[key]

    return count((model.cost.name, ()))
