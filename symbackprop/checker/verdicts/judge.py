"""One equation judged in numbers: its members for all values of its letters, in one reading."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from symbackprop.checker.meaning import arrays
from symbackprop.checker.meaning.arrays import Array, NoShape
from symbackprop.checker.meaning.conditions import condition
from symbackprop.checker.meaning.context import ARGUMENT, PATTERN, SAMPLE, Context, Scope, Value
from symbackprop.checker.meaning.conventions import Conventions, Layout, Reading
from symbackprop.checker.meaning.lookup import Lookup
from symbackprop.checker.meaning.meaning import meaning
from symbackprop.checker.meaning.sums import BoundsLeave
from symbackprop.checker.meaning.surroundings import look
from symbackprop.checker.meaning.worlds import (
    DEPTH,
    SAMPLES,
    WIDTH,
    Demands,
    OutOfRange,
    World,
    Worlds,
)
from symbackprop.reading.syntax.tree import (
    Absolute,
    Call,
    Cases,
    Condition,
    Indicator,
    Node,
    Relation,
    Symbol,
)
from symbackprop.reading.syntax.walk import letters, terms, walk
from symbackprop.reading.text.source import Source

TOLERANCE = 1e-9
_MOST = 4000
_PATTERNS = 6
_POINTS = (-2.3, -0.7, 0.4, 1.9)
_DEEPEST = 6
_LARGEST = 30


@dataclass(frozen=True, slots=True)
class Counterexample:
    """Where two members differ: the letters as they are written, the member, both values."""

    letters: tuple[tuple[str, int | float], ...]
    member: int
    left: Array
    right: Array


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an equation came out in one reading.

    tried: how many values of its letters. reason: why it has no value there, if so.
    speaks_of_mean: whether the mean over the samples occurs in it. samples, depth: of the world.
    """

    tried: int
    failure: Counterexample | None = None
    reason: str = ""
    speaks_of_mean: bool = False
    member: int = 1
    sizes: str = ""

    @property
    def holds(self) -> bool:
        """Whether it was tried and no member differs from the first."""
        return self.tried > 0 and self.failure is None and not self.reason


@dataclass(frozen=True)
class Equation:
    """The members of an equation and its conditions, in their source."""

    source: Source
    members: tuple[Node, ...]
    conditions: tuple[Condition, ...] = ()

    @property
    def body(self) -> Node:
        """The members as one relation."""
        first, last = self.members[0], self.members[-1]
        return Relation(first.start, last.end, self.members, ("=",) * (len(self.members) - 1))


@dataclass
class _Read:
    """An equation as it was read: what its members evaluate to, and what they need."""

    context: Context
    values: list[Value]
    tests: list[Callable[[Scope], bool]] = field(default_factory=list)


def judge(
    equation: Equation,
    worlds: Worlds,
    conventions: Conventions,
    reading: Reading,
    samples: int = SAMPLES,
) -> Outcome:
    """Compare all members with the first. Raises NotUnderstood."""
    read = _read(equation, worlds, conventions, reading)
    wanted = demands(read.context, equation, samples)
    outcome = _in_any_layout(read, worlds.get(wanted), reading)
    if outcome.holds and (worlds.breaks or _breaks(equation.body)):
        far = _in_any_layout(read, worlds.get(replace(wanted, wide=True)), reading)
        return far if far.failure is not None else outcome
    while not outcome.tried and not outcome.reason and wanted.depth < _DEEPEST:
        wanted = replace(wanted, depth=wanted.depth + 1)
        outcome = _in_any_layout(read, worlds.get(wanted), reading)
    return outcome


def _breaks(body: Node) -> bool:
    """Whether a formula has several cases: it is tried on both sides of where they meet."""
    cases = (Cases, Indicator, Absolute)
    return any(
        isinstance(one, cases)
        or (isinstance(one, Call) and one.head.name.lower() in ("max", "min", "relu"))
        for one in walk(body)
    )


def _read(equation: Equation, worlds: Worlds, conventions: Conventions, reading: Reading) -> _Read:
    lookup = Lookup(conventions.profile, worlds.batch, conventions.named)
    around = look(equation.body, lookup, single=reading is Reading.SINGLE)
    context = Context(equation.source, lookup, conventions, reading, around)
    context.around_argument = argument_of(equation, lookup)
    context.speaks_of_mean = bool(around.samples)
    values = [meaning(member, context) for member in equation.members]
    tests = [condition(one, context, meaning) for one in equation.conditions]
    return _Read(context, values, tests)


def argument_of(equation: Equation, lookup: Lookup) -> str:
    """The argument of an equation between functions, such as the t of sigma(t) = ...; or none."""
    first = equation.members[0]
    if not isinstance(first, Call) or len(first.arguments) != 1:
        return ""
    (argument,) = first.arguments
    named = lookup.is_activation(first.head) or lookup.function(first.head)
    if not named or not isinstance(argument, Symbol) or argument.below or argument.above:
        return ""
    alone = all(
        symbol.name == argument.name or lookup.quantity(symbol) is None
        for symbol in terms(equation.body)
    )
    return argument.name if alone else ""


def demands(context: Context, equation: Equation, samples: int) -> Demands:
    """What an equation needs so that all that it names exists. Raises NotUnderstood."""
    asked = max([context.least, context.deepest, *(count for _, count in context.widths)])
    if asked > _LARGEST:
        where = equation.members[0].start
        met = f"a network with {asked} layers or nodes"
        raise equation.source.not_understood(where, met, f"a small one, of at most {_LARGEST}")
    numbered = context.deepest > 0
    moving = "L" in letters(equation.body) or "layer" in context.free.values()
    depth = max(DEPTH, context.deepest)
    if numbered and not moving:
        depth = max(context.conventions.layers, context.deepest)
    if not context.around.layered and context.reading is Reading.SINGLE:
        depth = 1
    depth = context.around.depth or depth
    return Demands(depth, max(WIDTH, context.least), samples, tuple(dict.fromkeys(context.widths)))


def _in_any_layout(read: _Read, world: World, reading: Reading) -> Outcome:
    layouts = tuple(Layout) if reading is Reading.WHOLE else (Layout.LIKE_VARIABLE,)
    first: Outcome | None = None
    for layout in layouts:
        outcome = _in_world(read, world, layout)
        if outcome.holds:
            return outcome
        first = first or outcome
    assert first is not None
    return first


def _in_world(read: _Read, world: World, layout: Layout) -> Outcome:
    tried, reason, member = 0, "", 1
    mean = read.context.speaks_of_mean
    for env in assignments(read.context, world):
        scope = Scope(world, env, layout)
        try:
            if not all(test(scope) for test in read.tests):
                continue
            first = read.values[0](scope)
            for member, value in enumerate(read.values[1:], start=1):
                other = value(scope)
                if arrays.difference(first, other) > TOLERANCE:
                    found = Counterexample(_shown(env, read.context), member, first, other)
                    return Outcome(tried + 1, found, "", mean, member, _sizes(world))
            tried += 1
        except (OutOfRange, ZeroDivisionError, OverflowError, ValueError):
            continue
        except (NoShape, BoundsLeave) as error:
            reason = reason or str(error)
    return Outcome(tried, None, reason, mean, member, _sizes(world))


def _sizes(world: World) -> str:
    """The sizes of a world in words."""
    widths = [str(n) for key, n in sorted(
        (key, n) for key, n in world.sizes.items() if isinstance(key, tuple)
    )]  # fmt: skip
    return "-".join(widths[: world.depth + 1])


def assignments(context: Context, world: World) -> Iterator[dict[str, int | float]]:
    """Values for all free letters; a sample of them where there are too many."""
    first = context.conventions.first
    ranges = {name: _values(kind, world, first) for name, kind in context.free.items()}
    if context.around_argument:
        ranges[ARGUMENT] = _POINTS
    total = 1
    for values in ranges.values():
        total *= len(values)
    every = itertools.product(*ranges.values())
    if total > _MOST:
        chosen = random.Random(0)
        every = (tuple(chosen.choice(v) for v in ranges.values()) for _ in range(_MOST))  # type: ignore[assignment]
    for values in every:
        yield dict(zip(ranges, values, strict=True))


def _values(kind: str, world: World, first: int) -> tuple[int, ...] | tuple[float, ...]:
    match kind:
        case "layer":
            return tuple(range(world.depth, -1, -1))
        case "sample":
            return tuple(range(first, first + world.samples))
        case "current":
            return tuple(range(world.samples))
        case "pattern":
            return tuple(range(_PATTERNS))
    return tuple(range(first, first + max(world.widest, 2)))


def _shown(env: dict[str, int | float], context: Context) -> tuple[tuple[str, int | float], ...]:
    """The letters of a counterexample as a reader knows them."""
    names = {SAMPLE: "sample", ARGUMENT: context.around_argument}
    many = len(context.free) and context.speaks_of_mean
    return tuple(
        (names.get(name, "layer" if name.startswith("·layer") else name), number)
        for name, number in env.items()
        if name != PATTERN and (name != SAMPLE or many)
    )
