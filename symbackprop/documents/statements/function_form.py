"""What a quantity is written as a function of, held against what it is computed from."""

from __future__ import annotations

from collections.abc import Iterator

from sympy import Expr

from symbackprop.derivation.derive import Derivation
from symbackprop.derivation.places import indices_of
from symbackprop.derivation.steps import Equation
from symbackprop.documents.statements.recording import Recording
from symbackprop.documents.statements.standin import numbers, places, stand_in, walk
from symbackprop.errors import VerificationError
from symbackprop.model.model import Model, recurrence_axis
from symbackprop.notation.expressions import Applied, Vector
from symbackprop.notation.quantities import Role
from symbackprop.verification.environment import Env
from symbackprop.verification.evaluate import term_evaluator
from symbackprop.verification.indices import condition
from symbackprop.verification.reference import Key, Reference


def require_dependence(derivation: Derivation) -> int:
    """Raise VerificationError, naming the equation, where a function form is not true.

    In u(v(w)), u is computed from exactly those values of v that are named; besides them from no
    other intermediate value of its own layer (of the model, where there are no layers). Returns how
    many statements were looked at.
    """
    reference, count = stand_in(derivation), 0
    for equation in derivation.equations:
        for node, env in _applications(equation, reference):
            count += 1
            fault = _fault(derivation.model, node, env, reference)
            if fault:
                raise VerificationError(
                    f"the function form of equation {equation.key} is not true: {fault}. "
                    "Please report this defect of symbackprop"
                )
    return count


def _applications(equation: Equation, reference: Reference) -> Iterator[tuple[Applied, Env]]:
    """Every u(v) of an equation, at every place."""
    for line in equation.lines:
        for term in line.terms:
            found = [one for factor in term.factors for one in _within(factor)]
            letters = (*equation.letters, *term.sums) if found else ()
            given = (*equation.given, *term.guards)
            for env in walk(letters, given, {}, reference) if found else ():
                yield from ((one, env) for one in found)


def _within(expr: Expr) -> tuple[Applied, ...]:
    """The function forms in an expression, those inside of others too, in the order of reading."""
    own = (expr,) if isinstance(expr, Applied) else ()
    return (*own, *(inner for arg in expr.args for inner in _within(arg)))


def _fault(model: Model, node: Applied, env: Env, reference: Reference) -> str:
    """What is wrong with one function form; nothing when it is true."""
    key = _key(model, node.args[0], env, reference)
    read = set(read_by(model, key, reference))
    named = {one for arg in node.args[1:] for one in _named(model, arg, env, reference)}
    families = {name for name, _ in named}
    definitions = model.definitions_of(model.by_name[key[0]])
    for name in sorted(families):
        if not any(one.mentions(model.by_name[name]) for one in definitions):
            return f"{_shown(key)} is not computed from {name}"
    for one in sorted(read - named):
        inside = model.quantity(one[0]).role is Role.INTERMEDIATE and _beside(model, one, key)
        if inside or one[0] in families:
            return f"{_shown(key)} is also computed from {_shown(one)}"
    return ""


def _key(model: Model, instance: Expr, env: Env, reference: Reference) -> Key:
    return model.quantity(instance).name, numbers(indices_of(instance), env, reference)


def _named(model: Model, arg: Expr, env: Env, reference: Reference) -> Iterator[Key]:
    """The values that an argument names: one, or all of a vector."""
    inner = arg.args[0] if isinstance(arg, Applied | Vector) else arg
    if not isinstance(arg, Vector):
        yield _key(model, inner, env, reference)
        return
    quantity = model.by_name[inner.base.label.name]
    start = numbers(inner.indices, env, reference)
    for indices in places(quantity, reference, start, lambda low, high: range(low, high + 1)):
        yield quantity.name, indices


def _beside(model: Model, one: Key, other: Key) -> bool:
    """Whether two values belong to one layer or time, or to no layer at all."""
    layers = [
        None if (axis := recurrence_axis(model.by_name[name])) is None else indices[axis]
        for name, indices in (one, other)
    ]
    return None in layers or layers[0] == layers[1]


def read_by(model: Model, key: Key, reference: Reference) -> Iterator[Key]:
    """The values that the definition of one value reads."""
    place = Recording(reference)
    for definition in model.definitions_of(model.by_name[key[0]]):
        env: Env = {}
        for index, number in zip(definition.indices, key[1], strict=True):
            if index in {bound.letter for bound in definition.domain}:
                env[index.name] = number
        if numbers(definition.indices, env, reference) != key[1]:
            continue
        if all(condition(one)(env, reference) for one in definition.conditions):
            for term in definition.terms:
                term_evaluator(term)(env, place)
    yield from place.keys


def _shown(key: Key) -> str:
    return f"{key[0]}{list(key[1])}" if key[1] else key[0]
