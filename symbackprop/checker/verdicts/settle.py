"""The cost, the activation and the order of weights of a text, settled by its own definitions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from symbackprop.checker.meaning.conventions import Bare
from symbackprop.checker.meaning.lookup import Lookup, key_of
from symbackprop.checker.meaning.surroundings import indices_of, look
from symbackprop.checker.meaning.worlds import breaks
from symbackprop.checker.verdicts.definitions import (
    COST,
    FUNCTION,
    LAYER,
    Definition,
    defined,
    definitions,
)
from symbackprop.checker.verdicts.variants import (
    LAYOUTS,
    Choice,
    found_by,
    layout_of,
    layout_words,
    varied,
)
from symbackprop.checker.verdicts.verdicts import Judge, Verdict
from symbackprop.model.costs import COSTS
from symbackprop.model.functions import ACTIVATIONS, FunctionRow
from symbackprop.reading.syntax.tree import Call, Number, Reduction, Relation, Statement, Symbol
from symbackprop.reading.syntax.walk import letters, symbols, walk
from symbackprop.reading.text.source import Source

Statements = Sequence[tuple[Statement, Source]]
DEFAULT_COST = "squared_error"


@dataclass(frozen=True, slots=True)
class Chosen:
    """What the user chose, or the document says of itself: the text need not state it."""

    model: bool = False
    notation: bool = False
    activation: bool = False
    cost: bool = False


@dataclass(frozen=True)
class Settled:
    """The judge with all that was settled, sentences that say by what, and what stays open."""

    judge: Judge
    remarks: tuple[str, ...]
    choices: dict[str, Choice]


def settle(judge: Judge, statements: Statements, chosen: Chosen) -> Settled:
    """Settle the activation, the cost, the mean and the order of weights."""
    found = definitions(statements, judge.lookup)
    judge, activations, said = _activations(judge, found, statements, chosen)
    judge, costs, more = _costs(judge, found, statements, chosen)
    judge, layouts, last = _layouts(judge, found, chosen)
    choices = {"activation": activations, "cost": costs, "layout": layouts}
    choices |= _conventions(judge, statements, chosen)
    return Settled(judge, (*said, *more, *last), choices)


def _holds(judge: Judge | None, one: Definition) -> bool:
    """Whether a definition holds, perhaps for single neurons only."""
    return _said(judge, one) in (Verdict.HOLDS, Verdict.ONE_NEURON)


def _said(judge: Judge | None, one: Definition) -> Verdict:
    """The verdict on a definition; a judge that cannot be, or cannot judge it, does not tell."""
    found = None if judge is None else found_by(judge, one.statement, one.source)
    return Verdict.CANNOT_TELL if found is None else found.verdict


# --- the activation -------------------------------------------------------------------------------


def _activations(
    judge: Judge, found: Sequence[Definition], statements: Statements, chosen: Chosen
) -> tuple[Judge, Choice, list[str]]:
    """The activations that definitions name: a = tanh(z), sigma(z) = 1/(1 + e^(-z))."""
    current = _current_activation(judge)
    if chosen.activation:
        return judge, Choice((current,), True), []
    names: list[str] = []
    remarks: list[str] = []
    for one in found:
        if not _names_activation(one, judge.lookup):
            continue
        fits = [name for name in _fitting(judge, one, current) if name not in names]
        names += fits
        remarks += [
            f"the activation is {name}, by its definition in line {one.line}"
            for name in fits if name != current or names[0] != current
        ]  # fmt: skip
    if not names:
        text = statements[0][1].text.lower() if statements else ""
        return judge, Choice(_usual_activations(current, text), False), []
    return varied(judge, activation=names[0]) or judge, Choice(tuple(names), True), remarks


def _current_activation(judge: Judge) -> str:
    """The name of the activation in force; empty for an abstract one."""
    row = judge.bench.activations[0] if judge.bench.activations else ""
    return row.name if isinstance(row, FunctionRow) else row


def _fitting(judge: Judge, one: Definition, current: str) -> list[str]:
    """The first row that fits a definition, unless all do: then it tells nothing."""
    if all(_holds(varied(judge, activation=name), one) for name in ("sigmoid", "sin")):
        return []
    names = [current, *(row.name for row in ACTIVATIONS if row.name != current)]
    for name in names:
        if _holds(varied(judge, activation=name), one):
            return [name]
    return []


def _names_activation(one: Definition, lookup: Lookup) -> bool:
    """Whether a definition says which function the activation is."""
    body = one.statement.body
    assert isinstance(body, Relation)
    if one.name == FUNCTION:
        return True
    named = any(isinstance(n, Call) and lookup.is_activation(n.head) for n in walk(body))
    return one.name in ("a", LAYER) and not named


def _usual_activations(current: str, text: str) -> tuple[str, ...]:
    """What an activation that is not defined may be: smooth, or named in the words of the text."""
    smooth = [
        row.name for row in ACTIVATIONS
        if row.name in text or not (breaks(row) or row.reads_row or row.name == "identity")
    ]  # fmt: skip
    return tuple(dict.fromkeys((current, *smooth, "")))


# --- the cost -------------------------------------------------------------------------------------


def _costs(
    judge: Judge, found: Sequence[Definition], statements: Statements, chosen: Chosen
) -> tuple[Judge, Choice, list[str]]:
    """The rows of the table that definitions agree with."""
    current = str(getattr(judge.bench.cost, "name", judge.bench.cost))
    names = [current] if chosen.cost else [row.name for row in COSTS]
    fitting: list[str] = []
    remarks: list[str] = []
    first: Definition | None = None
    for one in found:
        if one.name != COST or not _reads_targets(one, judge.lookup):
            continue
        fit = _fitting_cost(judge, one, names)
        if fit is None or fit[0] in fitting:
            continue
        fitting.append(fit[0])
        if first is None:
            first, judge = one, varied(judge, cost=fit[0], mean=fit[1]) or judge
        if not chosen.cost:
            remarks.append(f"the cost is {fit[0]}, by its definition in line {one.line}")
    full = first is not None and _is_full(first, judge.lookup)
    if not full:
        mean = any(_speaks_of_samples(statement, judge.lookup) for statement, _ in statements)
        judge = varied(judge, mean=mean) or judge
    remarks += _words_of_mean(judge, statements, full)
    if fitting or chosen.cost:
        return judge, Choice(tuple(fitting or [current]), True), remarks
    return judge, Choice((current, *(n for n in names if n != current)), False), remarks


def _fitting_cost(judge: Judge, one: Definition, names: list[str]) -> tuple[str, bool] | None:
    for name in names:
        for mean in (False, True):
            if _holds(varied(judge, cost=name, mean=mean), one):
                return name, mean
    return None


def _reads_targets(one: Definition, lookup: Lookup) -> bool:
    names = (lookup.quantity(symbol) for symbol in symbols(one.statement.body))
    return any(quantity is not None and quantity.name == "y" for quantity in names)


def _words_of_mean(judge: Judge, statements: Statements, defined: bool) -> list[str]:
    """What a cost without a mark is read as, if there is one."""
    lookup = judge.lookup
    full = [
        one for statement, _ in statements for one in symbols(statement.body)
        if lookup.is_cost(one) and is_full(one, lookup)
    ]  # fmt: skip
    if not full:
        return []
    letter = full[0].name
    if judge.conventions.mean:
        return [f"{letter} is the mean over the samples"]
    why = "so it is defined" if defined else "nothing speaks of several"
    return [f"{letter} is the cost of one sample: {why}"]


def _is_full(one: Definition, lookup: Lookup) -> bool:
    left = one.left
    return left is not None and is_full(left, lookup)


def is_full(left: Symbol, lookup: Lookup) -> bool:
    """Whether a symbol is a cost without a mark of one sample, where others carry one."""
    return len(lookup.costs.get(key_of(left), ())) != 2 and not indices_of(left)


def _speaks_of_samples(statement: Statement, lookup: Lookup) -> bool:
    """Whether there is a cost with the mark of one sample, or a sum over samples."""
    marked = any(
        lookup.is_cost(one) and (one.below or len(lookup.costs[key_of(one)]) == 2)
        for one in symbols(statement.body)
    )
    return marked or bool(look(statement.body, lookup).samples)


# --- the order of weights -------------------------------------------------------------------------


def _layouts(
    judge: Judge, found: Sequence[Definition], chosen: Chosen
) -> tuple[Judge, Choice, list[str]]:
    """How weights are written, where z = W a + b or z_j = sum_k w_jk a_k tells."""
    usual = layout_of(judge)
    if chosen.notation:
        return judge, Choice((usual,), True), []
    every = (usual, *(one for one in LAYOUTS if one != usual))
    allowed: list[tuple[Definition, list[object]]] = []
    for one in found:
        if one.name == LAYER:
            fits: list[object] = [v for v in every if _holds(varied(judge, layout=v), one)]
            allowed += [(one, fits)] * bool(fits)
    if not allowed:
        return judge, Choice(every, False), []
    common = [v for v in every if all(v in fits for _, fits in allowed)]
    values = common or [v for v in every if any(v in fits for _, fits in allowed)]
    judge = varied(judge, layout=values[0]) or judge
    said = []
    if values[0] != usual:
        line = next(one.line for one, fits in allowed if values[0] in fits)
        said = [f"{layout_words(values[0])}, by the definition in line {line}"]
    return judge, Choice(tuple(values), True), said


# --- what the formulas only hint at ---------------------------------------------------------------


def _conventions(judge: Judge, statements: Statements, chosen: Chosen) -> dict[str, Choice]:
    """The first index, the meaning of numbers above letters, what has no index, the mean."""
    now = judge.conventions
    found: dict[str, Choice] = {}
    mean = (chosen.notation and now.mean) or _states_mean(judge, statements)
    first = chosen.notation or len(set(_lows(statements))) == 1
    found["first"] = Choice((now.first, 1 - now.first), first)
    found["bare_layers"] = Choice((now.bare_layers, not now.bare_layers), chosen.notation)
    found["bare"] = Choice((now.bare, *(one for one in Bare if one != now.bare)), chosen.model)
    found["layers"] = Choice((now.layers, now.layers + 1, now.layers + 2), chosen.model)
    found["mean"] = Choice((now.mean, not now.mean), mean)
    return {
        name: Choice(choice.values[:1], True) if choice.stated else choice
        for name, choice in found.items()
    }


def _lows(statements: Statements) -> Iterator[str]:
    """The numbers at which sums over nodes begin."""
    for statement, _ in statements:
        for one in walk(statement.body):
            if isinstance(one, Reduction) and isinstance(one.below, Relation) and one.above:
                low = one.below.members[-1]
                if isinstance(low, Number) and letters(one.above) - {"L"}:
                    yield low.text


def _states_mean(judge: Judge, statements: Statements) -> bool:
    """Whether an equation of the text only holds as the cost without a mark is read."""
    other = varied(judge, mean=not judge.conventions.mean)
    for statement, source in statements:
        lookup = judge.lookup
        full = any(lookup.is_cost(one) and is_full(one, lookup) for one in symbols(statement.body))
        if not full:
            continue
        one = Definition(COST, statement, source)
        tells = _speaks_of_samples(statement, lookup) or defined(statement.body, lookup) == COST
        if tells and _said(judge, one) is Verdict.HOLDS and not _holds(other, one):
            return True
    return False
