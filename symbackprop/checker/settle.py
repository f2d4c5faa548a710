"""The cost and the activation of a text, settled by its own definitions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from symbackprop.checker.bench import Bench
from symbackprop.checker.judge import Equation
from symbackprop.checker.lookup import Lookup, key_of
from symbackprop.checker.source import NotUnderstood, Source
from symbackprop.checker.surroundings import indices_of, look
from symbackprop.checker.syntax import (
    Call,
    Derivative,
    Differential,
    Gradient,
    Node,
    Relation,
    Statement,
    Symbol,
)
from symbackprop.checker.verdicts import Judge
from symbackprop.checker.walk import symbols, walk
from symbackprop.errors import SymbackpropError
from symbackprop.model.costs import COSTS
from symbackprop.model.functions import ACTIVATIONS

Statements = Iterable[tuple[Statement, Source]]
DEFAULT_COST = "squared_error"


@dataclass(frozen=True)
class Settled:
    """What was settled: the judge for the text, and sentences that say by what."""

    judge: Judge
    remarks: tuple[str, ...]


def settle(judge: Judge, statements: Statements, cost: str | None, activation: bool) -> Settled:
    """Settle cost, mean and activation. cost, activation: what the user chose."""
    every = [one for one in statements if isinstance(one[0].body, Relation)]
    plain = [one for one in every if not _has_derivative(one[0].body)]
    remarks: list[str] = []
    if not activation:
        judge, remarks = _activation(judge, plain)
    judge, definition, said = _cost(judge, plain, cost)
    if definition is None or not _is_full(_left(definition), judge.lookup):
        mean = any(_speaks_of_samples(statement.body, judge.lookup) for statement, _ in every)
        judge = _with(judge, mean=mean) or judge
    said += _words_of_mean(judge, every, definition)
    return Settled(judge, (*remarks, *said))


def _words_of_mean(
    judge: Judge, statements: list[tuple[Statement, Source]], definition: Statement | None
) -> list[str]:
    """What a cost without a mark is read as, if there is one."""
    lookup = judge.lookup
    full = [
        one for statement, _ in statements for one in symbols(statement.body)
        if lookup.is_cost(one) and _is_full(one, lookup)
    ]  # fmt: skip
    if not full:
        return []
    letter = full[0].name
    if judge.conventions.mean:
        return [f"{letter} is the mean over the samples"]
    why = "nothing speaks of several"
    if definition is not None and _is_full(_left(definition), lookup):
        why = "so it is defined"
    return [f"{letter} is the cost of one sample: {why}"]


def _has_derivative(body: Node) -> bool:
    return any(isinstance(one, Derivative | Differential | Gradient) for one in walk(body))


def _holds(judge: Judge, statement: Statement, source: Source) -> bool:
    """Whether an equation holds as it is first read."""
    body = statement.body
    if not isinstance(body, Relation):
        return False
    equation = Equation(source, body.members, statement.conditions)
    try:
        return judge.outcome(equation, judge.readings(equation)[0]).holds
    except (NotUnderstood, SymbackpropError):
        return False


# --- the cost -------------------------------------------------------------------------------------


def _cost(
    judge: Judge, statements: list[tuple[Statement, Source]], chosen: str | None
) -> tuple[Judge, Statement | None, list[str]]:
    """The row of the table that a definition agrees with, and the definition."""
    definitions = list(_definitions(judge.lookup, statements))
    names = [chosen] if chosen is not None else [row.name for row in COSTS]
    for statement, source in definitions:
        for name in names:
            for mean in (False, True):
                with_cost = _with(judge, cost=name, mean=mean)
                if with_cost is None or not _holds(with_cost, statement, source):
                    continue
                line = source.position(statement.start).line
                said = [] if chosen else [f"the cost is {name}, by its definition in line {line}"]
                return with_cost, statement, said
    if chosen or not definitions:
        return judge, None, []
    return judge, None, [f"no cost of the table fits the definitions; {DEFAULT_COST} is used"]


def _speaks_of_samples(body: Node, lookup: Lookup) -> bool:
    """Whether there is a cost with the mark of one sample, or a sum over samples."""
    marked = any(
        lookup.is_cost(one) and (one.below or len(lookup.costs[key_of(one)]) == 2)
        for one in symbols(body)
    )
    return marked or bool(look(body, lookup).samples)


def _definitions(
    lookup: Lookup, statements: list[tuple[Statement, Source]]
) -> Iterator[tuple[Statement, Source]]:
    for statement, source in statements:
        left = _left(statement)
        if not isinstance(left, Symbol) or not lookup.is_cost(left):
            continue
        right = statement.body.members[1:] if isinstance(statement.body, Relation) else ()
        used = {
            quantity.name
            for member in right
            for one in symbols(member)
            if (quantity := lookup.quantity(one)) is not None
        }
        if "y" in used:
            yield statement, source


def _left(statement: Statement) -> Node:
    assert isinstance(statement.body, Relation)
    first = statement.body.members[0]
    return first.head if isinstance(first, Call) else first


def _is_full(left: Node, lookup: Lookup) -> bool:
    """Whether a symbol is a cost without a mark of one sample, where others carry one."""
    if not isinstance(left, Symbol):
        return False
    return len(lookup.costs.get(key_of(left), ())) != 2 and not indices_of(left)


def _with(
    judge: Judge,
    *,
    cost: str | None = None,
    mean: bool | None = None,
    activation: str | None = None,
) -> Judge | None:
    """The judge with something else settled; None for a pair that cannot be."""
    bench = judge.bench
    if cost is not None:
        bench = Bench(bench.activations, cost, bench.model)
    if activation is not None:
        bench = Bench((activation,), bench.cost, bench.model)
    conventions = judge.conventions
    if mean is not None:
        conventions = replace(conventions, mean=mean)
    try:
        bench.network  # noqa: B018
    except SymbackpropError:
        return None
    return Judge(bench, conventions)


# --- the activation -------------------------------------------------------------------------------


def _activation(
    judge: Judge, statements: list[tuple[Statement, Source]]
) -> tuple[Judge, list[str]]:
    """The activation that a definition names: a = tanh(z), sigma(z) = 1/(1 + e^(-z))."""
    for statement, source in statements:
        if not _defines_activation(statement, judge.lookup) or _holds(judge, statement, source):
            continue
        for row in ACTIVATIONS:
            other = None if row.reads_row else _with(judge, activation=row.name)
            if other is not None and _holds(other, statement, source):
                line = source.position(statement.start).line
                return other, [f"the activation is {row.name}, by its definition in line {line}"]
    return judge, []


def _defines_activation(statement: Statement, lookup: Lookup) -> bool:
    assert isinstance(statement.body, Relation)
    first, *others = statement.body.members
    if isinstance(first, Call):
        return lookup.is_activation(first.head)
    quantity = lookup.quantity(first) if isinstance(first, Symbol) else None
    named = any(
        isinstance(one, Call) and lookup.is_activation(one.head) for m in others for one in walk(m)
    )
    return quantity is not None and quantity.name == "a" and not named
