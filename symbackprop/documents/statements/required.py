"""Every target that was asked for stands in a derivation, at each of its places."""

from __future__ import annotations

from collections.abc import Iterator

from sympy import Expr

from symbackprop.derivation.derive import Derivation
from symbackprop.derivation.places import (
    conditions_of,
    exist,
    indices_of,
    is_letter,
    layer_axis,
    letters_of,
)
from symbackprop.derivation.steps import Equation
from symbackprop.documents.statements.standin import numbers, stand_in, walk
from symbackprop.errors import VerificationError
from symbackprop.model.definitions import name_of
from symbackprop.notation.quantities import Quantity
from symbackprop.verification.environment import Env
from symbackprop.verification.indices import condition, integer
from symbackprop.verification.reference import Reference


def require_targets(derivation: Derivation) -> None:
    """Raise VerificationError, naming it, unless every target has its equation at every place.

    An equation counts in whichever letters it is written; what is looked for is that some equation
    whose left side is the derivative of the cost by the target is valid at the place.
    """
    reference = stand_in(derivation)
    equations: dict[str, list[Equation]] = {}
    for one in derivation.equations:
        left = derivation.model.by_name.get(name_of(one.left))
        if left is not None and left.adjoint_of is not None and not one.batch:
            equations.setdefault(left.adjoint_of.name, []).append(one)
    for target in derivation.targets:
        quantity = derivation.model.quantity(target)
        found = equations.get(quantity.name, [])
        for place in _wanted(derivation, target, quantity, reference):
            if not any(_covers(one, place, reference) for one in found):
                at = f"{list(place)}" if place else ""
                raise VerificationError(
                    f"the document has no equation for the derivative of the cost by {target}"
                    f"{f' at {quantity.name}{at}' if at else ''}. "
                    "Please report this defect of symbackprop"
                )


def _wanted(
    derivation: Derivation, target: Expr, quantity: Quantity, reference: Reference
) -> Iterator[tuple[int, ...]]:
    """The places of a target: those of its letters, sampled where they are many.

    Where layers are written one by one, a target with the letter of its layer is asked for in the
    layers that have a section, and in the last.
    """
    indices, position = indices_of(target), layer_axis(quantity)
    layers: set[int] | None = None
    if derivation.form.layers and position is not None and is_letter(indices[position]):
        subjects = [s.subject for s in derivation.sections if s.topic == "layer" and s.subject]
        high = quantity.axes[position].high
        there = [
            one
            for one in (*subjects, high)
            if exist(derivation.model, [target.xreplace({indices[position]: one})])
        ]
        layers = {int(integer(one)({}, reference)) for one in there}
    free = letters_of(derivation.model, [target])
    for env in walk(free, conditions_of(derivation.model, [target]), {}, reference):
        place = numbers(indices, env, reference)
        if layers is None or position is None or place[position] in layers:
            yield place


def matched(indices: tuple[Expr, ...], place: tuple[int, ...], reference: Reference) -> Env | None:
    """The numbers of the letters with which the indices are those of a place."""
    env: Env = {}
    for index, number in zip(indices, place, strict=True):
        letters = [one for one in index.free_symbols if is_letter(one)]
        if len(letters) == 1 and index.coeff(letters[0]) == 1:
            rest = (index - letters[0]).expand()
            if not any(is_letter(one) for one in rest.free_symbols):
                own = number - int(integer(rest)({}, reference))
                if env.setdefault(letters[0].name, own) != own:
                    return None
    try:
        same = all(
            integer(index)(env, reference) == number
            for index, number in zip(indices, place, strict=True)
        )
    except KeyError:
        return None
    return env if same else None


def _covers(equation: Equation, place: tuple[int, ...], reference: Reference) -> bool:
    """Whether an equation is valid at a place of the quantity on its left."""
    env = matched(indices_of(equation.left), place, reference)
    if env is None:
        return False
    for bound in equation.letters:
        value = env.get(bound.letter.name)
        low, high = integer(bound.low)(env, reference), integer(bound.high)(env, reference)
        if value is None or not low <= value <= high:
            return False
    return all(condition(one)(env, reference) for one in equation.given)
