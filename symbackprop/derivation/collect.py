"""The chain equations of some targets, and of everything that their results still name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from sympy import Expr

from symbackprop.derivation.chain import between, chain_equation, further
from symbackprop.derivation.local import local_equation, slug
from symbackprop.derivation.places import (
    Run,
    definition_at,
    exist,
    indices_of,
    is_letter,
    layer_axis,
    letters_in,
    runs,
    uniform,
)
from symbackprop.derivation.steps import Equation, Section
from symbackprop.errors import ModelError
from symbackprop.model.definitions import Definition, name_of
from symbackprop.model.model import Model, recurrence_axis
from symbackprop.notation.conditions import contradictory, solve_for
from symbackprop.notation.expressions import Condition, Partial, Relation
from symbackprop.notation.quantities import Axis, Kind, Quantity, Role


class Chains:
    """Collects the chain equations of the targets, and of what their results still name."""

    def __init__(self, model: Model, stations: frozenset[str] | None = None) -> None:
        self.model = model
        self.stations = stations
        self.found: dict[str, Equation] = {}
        self.targets: list[str] = []
        self.paths: list[str] = []
        self.recursions: list[str] = []
        self.explicit: list[str] = []
        self.open: list[Expr] = []

    def add(self, target: Expr) -> None:
        """Derive a target, for each run of layers with the same definitions."""
        for instance, given in places_of(self.model, target):
            key = slug(self.model, instance)
            if key not in self.found:
                equation = self._chain(instance, given, key)
                self.found[key] = equation
                self.targets.append(key)
                self.open += further(self.model, equation)

    def close(self) -> None:
        """Derive what the results name until nothing new is named."""
        while self.open:
            self._follow(self.open.pop(0))
        self.outputs()

    def _follow(self, instance: Expr) -> None:
        quantity = self.model.quantity(instance)
        instance = _usual(quantity, instance)
        for place, given in places_of(self.model, instance):
            key = slug(self.model, place)
            absent = _is_input(self.model, place, given) or not exist(self.model, [place])
            if key in self.found or absent:
                continue
            equation = self._chain(place, given, key, known=False)
            self.found[key] = equation
            self.recursions.append(key)
            self.open += further(self.model, equation)
            if self.stations is None:
                self._add_paths(quantity, place)

    def _chain(
        self, instance: Expr, given: Iterable[Condition], key: str, *, known: bool = True
    ) -> Equation:
        return chain_equation(
            self.model, instance, given, key=key, known=known, stations=self.stations
        )

    def _add_paths(self, quantity: Quantity, place: Expr) -> None:
        """The same with the indices that the next layer's definition gives it: a_k^(l-1)."""
        position = layer_axis(quantity)
        if position is None or not is_letter(indices_of(place)[position]):
            return
        for definition in self.model.uses_of(quantity):
            for one in definition.instances():
                if name_of(one) == quantity.name and _shifted(indices_of(one)[position]):
                    self._add_path(definition, one, indices_of(one)[position])

    def _add_path(self, definition: Definition, one: Expr, layer: Expr) -> None:
        key = slug(self.model, one)
        if key not in self.found and exist(self.model, [one]):
            given = tuple(c for c in definition.conditions if letters_in(c) <= layer.free_symbols)
            self.found[key] = self._chain(one, given, key, known=False)
            self.paths.append(key)

    def locals(self) -> Iterator[Equation]:
        """The local derivatives that the chains name, each once."""
        seen: set[tuple[object, ...]] = set()
        same = uniform(self.model)
        for key in (*self.targets, *self.paths, *self.explicit, *self.recursions):
            equation = self.found[key]
            for term in (t for line in equation.lines if line.names_paths for t in line.terms):
                inner = tuple(c for b in term.sums for c in b.conditions)
                fixed = _fixed_by(term.guards)
                for factor in (f.xreplace(fixed) for f in term.factors if isinstance(f, Partial)):
                    form = _form(self.model, factor, same)
                    if form not in seen and exist(self.model, factor.args):
                        seen.add(form)
                        given = (*equation.given, *term.guards, *inner)
                        yield local_equation(self.model, factor, given)

    def sections(self) -> list[Section]:
        """One section for the targets of each quantity, one for paths, one for the recursion."""
        sections: list[Section] = []
        by_name: dict[str, list[Equation]] = {}
        for key in self.targets:
            name = self.model.quantity(self.found[key].left).adjoint_of
            by_name.setdefault(name.name if name else "", []).append(self.found[key])
        for target, equations in by_name.items():
            sections.append(Section("target", tuple(equations), self.model.quantity(target).symbol))
        sections.append(Section("paths", tuple(self.found[key] for key in self.paths)))
        sections.append(Section("recursion", tuple(self.found[key] for key in self.recursions)))
        sections.append(Section("between", tuple(self._between())))
        sections.append(Section("output", tuple(self.found[key] for key in self.explicit)))
        return sections

    def _between(self) -> Iterator[Equation]:
        """How a layer answers to the layer before and to its own parameters."""
        parameters = [q.symbol for q in self.model.with_role(Role.PARAMETER) if layer_axis(q) == 0]
        for key in self.paths:
            quantity = self.model.quantity(self.found[key].left).adjoint_of
            if quantity is None:
                continue
            for of, given in places_of(self.model, quantity.symbol):
                if _is_input(self.model, of, given):
                    continue
                layers = {quantity.letters[0]: indices_of(of)[0]}
                before = quantity[indices_of(self.found[key].left)]
                for by in (before, *parameters):
                    there = by.xreplace(layers)
                    equation = between(self.model, of, there, (*given, *_not_input(of, quantity)))
                    if equation is not None:
                        yield equation

    def outputs(self) -> None:
        """The targets once more at the last layer, where everything is explicit."""
        for key in tuple(self.targets if self.stations is None else self.recursions):
            self._add_output(self.found[key])
            instance = self._at_output(self.found[key])
            own = "" if instance is None else slug(self.model, instance)
            if instance is not None and own not in self.found and exist(self.model, [instance]):
                self.found[own] = self._chain(instance, (), own)
                self.explicit.append(own)
                self._add_output(self.found[own])

    def _add_output(self, equation: Equation) -> None:
        """The adjoints of the outputs themselves, which the last line puts in."""
        known = [n for n, line in enumerate(equation.lines) if line.rule == "adjoint"]
        for line in equation.lines[known[0] - 1 : known[0]] if known else ():
            for instance in further(self.model, replace(equation, lines=(line,))):
                key = slug(self.model, instance)
                if key not in self.found and exist(self.model, [instance]):
                    found = self._chain(instance, equation.given, key)
                    if not further(self.model, found) and found.lines:
                        self.found[key] = found
                        self.explicit.insert(0, key)

    def _at_output(self, equation: Equation) -> Expr | None:
        quantity = self.model.quantity(equation.left).adjoint_of
        position = None if quantity is None else layer_axis(quantity)
        if quantity is None or position is None:
            return None
        indices = list(indices_of(equation.left))
        last = quantity.axes[position].high
        if not is_letter(indices[position]) or not _reaches(equation, indices[position], last):
            return None
        indices[position] = last
        return quantity[tuple(indices)]


def _reaches(equation: Equation, letter: Expr, last: Expr) -> bool:
    mapping = {letter: last}
    return not contradictory(tuple(c.replaced(mapping) for c in equation.given))


def _is_input(model: Model, place: Expr, given: tuple[Condition, ...]) -> bool:
    """Whether an instance is an input by another name: a^(0) = x."""
    try:
        definition = definition_at(model, place, given)
    except ModelError:
        return False
    roles = {model.quantity(one).role for one in definition.instances()}
    return roles <= {Role.INPUT}


def _shifted(layer: Expr) -> bool:
    """Whether a layer is a letter with a number added: l - 1."""
    return not is_letter(layer) and any(is_letter(s) for s in layer.free_symbols)


def _fixed_by(guards: tuple[Condition, ...]) -> dict[Expr, Expr]:
    """The letters that guards such as l = L fix."""
    found: dict[Expr, Expr] = {}
    for guard in guards:
        for letter in letters_in(guard):
            if guard.relation is Relation.ZERO:
                value = solve_for(guard.expr, letter)
                if value is not None and not letters_in(Condition(value, guard.relation)):
                    found[letter] = value
    return found


def _form(model: Model, partial: Partial, same_layers: bool) -> tuple[object, ...]:
    """A local derivative up to its letters: names, and the indices that are fixed.

    Where all layers have the same definitions, the layer does not count.
    """
    fixed = [
        None
        if any(is_letter(s) for s in value.free_symbols) or (same_layers and n == layer)
        else value
        for one in partial.args
        for layer in [layer_axis(model.quantity(one))]
        for n, value in enumerate(indices_of(one))
    ]
    return (*(model.quantity(one).name for one in partial.args), *fixed)


def _not_input(instance: Expr, quantity: Quantity) -> tuple[Condition, ...]:
    """Conditions that keep an instance off its base case (layer 0)."""
    position = layer_axis(quantity)
    if position is None or not is_letter(indices_of(instance)[position]):
        return ()
    axis = quantity.axes[position]
    return Run(axis.low + 1, axis.high).conditions(indices_of(instance)[position])


def _usual(quantity: Quantity, instance: Expr) -> Expr:
    """An instance in the usual letters: l + 1 and l - 1 become l, the letters of nodes its own.

    So does a numbered layer of L layers, and a numbered time, unless a node is numbered too:
    following it place by place would have no end, and the recursion holds for all of them.
    """
    indices: list[Expr] = []
    for axis, value in zip(quantity.axes, indices_of(instance), strict=True):
        free = [s for s in value.free_symbols if is_letter(s)]
        indices.append(axis.letter if free else value)
    position = recurrence_axis(quantity)
    if position is not None and _many(quantity.axes[position]):
        nodes = [value for place, value in enumerate(indices) if place != position]
        if indices[position].is_Integer and all(map(is_letter, nodes)):
            indices[position] = quantity.axes[position].letter
    return quantity[tuple(indices)]


def _many(axis: Axis) -> bool:
    """Whether a recurrence has so many places that they are not followed one by one."""
    return axis.kind is Kind.TIME or not axis.high.is_Integer


def places_of(model: Model, target: Expr) -> list[tuple[Expr, tuple[Condition, ...]]]:
    """A target for each run of layers: fixed layers as numbers, others by their letter."""
    quantity = model.quantity(target)
    position = layer_axis(quantity)
    indices = list(indices_of(target))
    if position is None or not is_letter(indices[position]):
        return [(target, ())]
    found: list[tuple[Expr, tuple[Condition, ...]]] = []
    every = runs(model, quantity)
    for run in every:
        if run.fixed:
            fixed = [run.low if n == position else i for n, i in enumerate(indices)]
            found.append((quantity[tuple(fixed)], ()))
        else:
            given = run.conditions(indices[position]) if len(every) > 1 else ()
            found.append((target, given))
    return found
