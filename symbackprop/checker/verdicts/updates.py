"""The step down the gradient: w_new = w_old - rate * dC/dw, an assignment and no equality."""

from __future__ import annotations

from dataclasses import replace

from symbackprop.checker.meaning import arrays
from symbackprop.checker.meaning.arrays import NoShape
from symbackprop.checker.meaning.context import SAMPLE, Context, Scope, Value
from symbackprop.checker.meaning.conventions import Bare, Conventions, Reading
from symbackprop.checker.meaning.derivatives import laid_out
from symbackprop.checker.meaning.lookup import Lookup
from symbackprop.checker.meaning.meaning import meaning, values_at
from symbackprop.checker.meaning.spots import Spot, spot
from symbackprop.checker.meaning.surroundings import look
from symbackprop.checker.meaning.worlds import SAMPLES, OutOfRange
from symbackprop.checker.verdicts.bench import Bench
from symbackprop.checker.verdicts.judge import TOLERANCE, Equation, assignments, demands
from symbackprop.checker.verdicts.listings import Assessment
from symbackprop.model.batch import MEAN
from symbackprop.notation.quantities import Role
from symbackprop.reading.syntax.tree import Add, Relation, Symbol
from symbackprop.reading.syntax.walk import symbols, terms
from symbackprop.reading.text.source import Source

RATES = frozenset(
    ("eta", "alpha", "epsilon", "varepsilon", "gamma", "mu", "lr", "rate", "learningRate")
)
_RATE = 0.1


def assess(
    body: Relation, source: Source, bench: Bench, conventions: Conventions
) -> Assessment | None:
    """Judge a step down the gradient; None if it is something else. Raises NotUnderstood."""
    if len(body.members) != 2:
        return None
    left, right = body.members
    lookup = Lookup(conventions.profile, bench.network.batch, conventions.named)
    quantity = lookup.quantity(_plain(left)) if isinstance(left, Symbol) else None
    if not isinstance(left, Symbol) or quantity is None or quantity.role is not Role.PARAMETER:
        return None
    assigned = body.signs[0] in ("\\leftarrow", ":=") or _says_new(left)
    if not isinstance(right, Add) or not (assigned or _rates(right, lookup)):
        return None
    around = look(body, lookup)
    single = around.bare and not around.indexed and conventions.bare is not Bare.LAYER
    reading = Reading.SINGLE if single or bench.model == "chain" else Reading.WHOLE
    found = _compare(_plain(left), Equation(source, (right,)), bench, conventions, reading)
    if found is None:
        return None
    if found > 0:
        return Assessment(True, "an assignment: a step down the gradient")
    if found < 0:
        return Assessment(False, "the step goes up the gradient; the derivative must be subtracted")
    return Assessment(False, "the step is not along the derivative of the cost")


def _plain(symbol: Symbol) -> Symbol:
    """The parameter without the prime of w'."""
    return replace(symbol, primes=0)


def _says_new(symbol: Symbol) -> bool:
    return symbol.primes > 0 or any(one.name in ("new", "next") for one in symbols(symbol))


def _rates(node: Add, lookup: Lookup) -> frozenset[str]:
    return RATES & {one.name for one in terms(node) if lookup.quantity(one) is None}


def _compare(
    left: Symbol, right: Equation, bench: Bench, conventions: Conventions, reading: Reading
) -> int | None:
    """1 for a step down, -1 for a step up, 0 for any other; None if nothing could be tried."""
    worlds = bench.worlds(reading)
    lookup = Lookup(conventions.profile, worlds.batch, conventions.named)
    around = look(right.body, lookup, single=reading is Reading.SINGLE)
    context = Context(right.source, lookup, conventions, reading, around)
    node = right.members[0]
    assert isinstance(node, Add)
    context.constants = _rates(node, lookup)
    quantity = lookup.quantity(left)
    assert quantity is not None
    where = spot(left, quantity, context)
    value = meaning(node, context)
    steps = [_slope(where, of, context) for of in ("C0", "C")]
    world = worlds.get(demands(context, right, SAMPLES))
    ways = {sign: {0, 1} for sign in (1, -1)}
    tried = 0
    for env in assignments(context, world):
        scope = Scope(world, env)
        try:
            result, base = value(scope), values_at(where)(scope)
            slopes = [step(scope) for step in steps]
        except OutOfRange:
            continue
        except NoShape:
            return 0
        tried += 1
        for sign, kept in ways.items():
            kept -= {n for n in kept if _differs(result, base - sign * _RATE * slopes[n])}
    if not tried:
        return None
    return next((sign for sign, kept in ways.items() if kept), 0)


def _differs(one: arrays.Array, other: arrays.Array) -> bool:
    try:
        return arrays.difference(one, other) > TOLERANCE
    except NoShape:
        return True


def _slope(where: Spot, of: str, context: Context) -> Value:
    if of == "C":
        return laid_out(lambda scope, by: scope.world.slope((MEAN.name, ()), by), where)
    context.use(SAMPLE, "current")
    return laid_out(lambda scope, by: scope.world.slope(("C0", (scope.env[SAMPLE],)), by), where)
