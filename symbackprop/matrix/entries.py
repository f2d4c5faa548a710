"""The index equation behind a matrix equation: the definition or adjoint that was lowered to it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sympy import Expr, Indexed, Integer, Mul, Symbol

from symbackprop.calculus.adjoints import inserted
from symbackprop.derivation.places import layer_axis
from symbackprop.errors import VerificationError
from symbackprop.matrix.equations import MatrixEquation, serves_cost
from symbackprop.matrix.expressions import Key, walk
from symbackprop.matrix.form import MatrixForm, MatrixRun
from symbackprop.matrix.judge import references
from symbackprop.model.batch import MEAN
from symbackprop.model.definitions import Definition, name_of
from symbackprop.model.model import Model
from symbackprop.notation.expressions import (
    Bound,
    Condition,
    Term,
    Terms,
    ordered_factors,
    substitute,
)
from symbackprop.notation.quantities import mentioned
from symbackprop.notation.readable import readable
from symbackprop.notation.symbols import is_own, spelled
from symbackprop.verification.equality import Equality, judge

LAYER = Symbol("l", integer=True)
_TOLERANCE = 1e-10


@dataclass(frozen=True)
class Shown:
    """How the layers of a run are written: by numbers, counted from l, or counted back from L.

    run: the equations. depth: the number of layers in the stand-in. top: what stands for it.
    several: whether the run is written once for all its layers, with l.
    """

    run: MatrixRun
    depth: int
    top: Expr
    several: bool

    @property
    def equation(self) -> MatrixEquation:
        """The equation that is printed."""
        return self.run.first

    def layer(self, place: int) -> Expr:
        """What is written for a layer of the stand-in."""
        if self.several and place:
            return LAYER + (place - self.equation.place)
        return self.counted(place)

    def counted(self, place: int) -> Expr:
        """A layer by its number, from whichever end is nearer."""
        if self.top.is_Integer or place <= 1:
            return Integer(place)
        if self.several and place == 2:
            return Integer(place)
        return self.top - (self.depth - place)

    def size(self, extent: Expr) -> Expr:
        """What is written for an extent."""
        if isinstance(extent, Indexed):
            return extent.base[self._width_of(int(extent.indices[0]))]
        return extent

    def _width_of(self, place: int) -> Expr:
        if self.several:
            return LAYER + (place - self.equation.place)
        return self.counted(place)

    @property
    def key(self) -> str:
        """What labels the equation: the name on its left, and its layer."""
        name, place = self.equation.key
        named = spelled(name).replace("d_", "d", 1) if is_own(name) else name
        return f"{named}:{self.layer(place[-1])}".replace(" ", "") if place else named

    @property
    def bound(self) -> Bound | None:
        """The layers that the equation stands for, where it stands for several."""
        if not self.several:
            return None
        return Bound(LAYER, self.counted(self.run.first.place), self.counted(self.run.last.place))


@dataclass(frozen=True)
class Entries:
    """One entry of a matrix equation, in index notation: left = terms."""

    left: Expr
    terms: Terms

    def mentions(self, name: str, layer: Expr | None, model: Model) -> Indexed | None:
        """The first instance of a quantity at a layer, so that its letters can be named."""
        for one in (self.left, *(i for t in self.terms for f in t.factors for i in mentioned(f))):
            if not isinstance(one, Indexed) or name_of(one) != name:
                continue
            position = layer_axis(model.by_name[name])
            if position is None or layer is None or one.indices[position] == layer:
                return one
        return None


def entries(form: MatrixForm, shown: Shown) -> Entries:
    """The index equation of what is printed, other definitions put in where the matrix one did."""
    equation = shown.equation
    (own, number), *inner = equation.definitions
    definition = form.definition(number)
    left, terms = _at(form, shown, own, definition, _indices(shown, own, definition))
    for key, source in inner:
        terms = _put_in(form, shown, terms, key, form.definition(source))
    for key, source in _constants(form, terms):
        found = _put_in(form, shown, terms, key, form.definition(source))
        terms = tuple(_one_number(term) for term in found)
    terms = _inputs(form, terms)
    taken = frozenset(s for s in left.free_symbols if isinstance(s, Symbol))
    return Entries(left, readable(terms, taken))


def _constants(form: MatrixForm, terms: Terms) -> Iterator[tuple[Key, int]]:
    """The adjoints of parts of the cost among the terms, which the program knows as numbers."""
    names = {name_of(one): None for term in terms for f in term.factors for one in mentioned(f)}
    while names:
        name = next(iter(names))
        del names[name]
        of = form.model.by_name[name].adjoint_of
        if of is None or not serves_cost(form.model, of.name):
            continue
        for number, definition in form.system.definitions.items():
            if definition.quantity.name == name:
                names |= dict.fromkeys(name_of(one) for one in definition.instances())
                yield (name, ()), number


def _one_number(term: Term) -> Term:
    """The term with its numbers and sizes multiplied into one, in its first other link."""
    links = [[part for f in link for part in ordered_factors(f)] for link in term.links]
    numbers = [part for link in links for part in link if not mentioned(part)]
    kept = [tuple(part for part in link if mentioned(part)) for link in links]
    first, *others = [link for link in kept if link] or [()]
    number = Mul(*numbers)
    return Term(((number, *first) if number != 1 else first, *others), term.sums, term.guards)


def _indices(shown: Shown, key: Key, definition: Definition) -> tuple[Expr, ...]:
    """The indices of a definition's target, with the layer that is shown."""
    position = layer_axis(definition.quantity)
    return tuple(
        shown.layer(key[1][-1]) if n == position and index.is_Symbol else index
        for n, index in enumerate(definition.indices)
    )


def _at(
    form: MatrixForm, shown: Shown, key: Key, definition: Definition, indices: tuple[Expr, ...]
) -> tuple[Expr, Terms]:
    """A definition at a place: its target and the terms that apply there, without guards."""
    found = definition.at(indices)
    assert found is not None
    place = Integer(key[1][-1] if key[1] else form.depth)
    kept = tuple(
        Term(term.links, term.sums)
        for term in found.terms
        if all(_holds(guard, form, shown, place) for guard in term.guards)
    )
    return found.target, kept


def _holds(guard: Condition, form: MatrixForm, shown: Shown, place: Expr) -> bool:
    """Whether a condition holds at a place: the letters l and L have their numbers."""
    here = Integer(shown.equation.place)
    value = guard.expr.xreplace({LAYER: here, shown.top: Integer(form.depth)})
    return not value.is_Integer or guard.holds(int(value))


def _put_in(
    form: MatrixForm, shown: Shown, terms: Terms, key: Key, definition: Definition
) -> Terms:
    """The terms with a definition in place of the instances of its quantity."""
    found: list[Term] = []
    for term in terms:
        factor = next((f for f in term.factors if name_of(f) == key[0]), None)
        if factor is None:
            found.append(term)
            continue
        indices = tuple(factor.indices) if isinstance(factor, Indexed) else ()
        _, inside = _at(form, shown, key, definition, indices)
        found += [inserted(term, factor, one) for one in inside]
    return tuple(found)


def _inputs(form: MatrixForm, terms: Terms) -> Terms:
    """The terms with the inputs in place of what is defined to be just them: a^(0) is x."""
    mapping: dict[Expr, Expr] = {}
    for term in terms:
        for one in (i for f in term.factors for i in mentioned(f) if isinstance(i, Indexed)):
            for definition in form.model.definitions_of(form.model.by_name[name_of(one)]):
                same = definition.at(tuple(one.indices))
                fixed = any(index.is_Integer for index in definition.indices)
                if same is not None and fixed and _is_instance(same.terms):
                    mapping[one] = same.terms[0].factors[0]
    return tuple(term.mapped(lambda f: substitute(f, mapping)) for term in terms)


def _is_instance(terms: Terms) -> bool:
    return (
        len(terms) == 1 and len(terms[0].factors) == 1 and isinstance(terms[0].factors[0], Indexed)
    )


def require(form: MatrixForm, shown: Shown, found: Entries, letters: tuple[Bound, ...]) -> None:
    """Raise VerificationError unless an index equation holds, for all values of its letters."""
    left = (Term(((found.left,),)),)
    batch = form.model.cost == MEAN
    verdict = judge(Equality(left, found.terms, letters), references(form.model, form.depth, batch))
    if not verdict.holds(_TOLERANCE):
        raise VerificationError(
            f"the entries of the matrix equation of {found.left} do not hold: off by "
            f"{verdict.error:.1e}. Please report this defect of symbackprop"
        )


def require_shapes(form: MatrixForm, shown: Shown) -> None:
    """Raise VerificationError, naming it, unless the shapes that are printed are the true ones.

    What is printed for an extent, with the numbers of this layer put in, must be the extent.
    """
    numbers = {shown.top: Integer(form.depth), LAYER: Integer(shown.equation.place)}
    for node in (*walk(shown.equation.left), *walk(shown.equation.right)):
        for extent in (node.rows, node.cols):
            if shown.size(extent).xreplace(numbers) != extent.xreplace(numbers):
                raise VerificationError(
                    f"the matrix equation {shown.key} says {shown.size(extent)} where {extent} "
                    "is right. Please report this defect of symbackprop"
                )
