"""Costs: of one sample, of one output, or the mean over the samples."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from symbackprop.checker.meaning.context import SAMPLE, Context, Index, Scope, Slot
from symbackprop.checker.meaning.indexing import index
from symbackprop.checker.meaning.lookup import key_of
from symbackprop.checker.meaning.spots import above_of
from symbackprop.checker.meaning.surroundings import indices_of
from symbackprop.model.batch import MEAN
from symbackprop.notation.quantities import Quantity
from symbackprop.reading.syntax.tree import Node, Number, Symbol
from symbackprop.verification.reference import Key


@dataclass(frozen=True, slots=True)
class Cost:
    """A cost where it stands, and its instance."""

    quantity: Quantity
    key: Callable[[Scope], Key]


def cost(symbol: Symbol, context: Context) -> Cost | None:
    """The cost that a symbol names; None if it names none. Raises NotUnderstood."""
    names = context.lookup.costs.get(key_of(symbol))
    if names is None or not context.lookup.is_cost(symbol):
        return None
    above = above_of(symbol, context, False)
    items = indices_of(symbol)
    marked = bool(items) and _is_mark(items[0], context)
    if marked:
        items = items[1:]
    sample, node = _sorted(items, marked, names, context)
    sample = above.sample or sample
    unmarked = not marked and sample is None and node is None
    if unmarked and names != ("C0", "c"):
        return _full(context)
    return _of_sample(sample, node, context)


def _is_mark(item: Node, context: Context) -> bool:
    """Whether a subscript marks the cost of one sample: C_0, C_x, E_n."""
    text = item.text if isinstance(item, Number) else getattr(item, "name", "")
    return text not in context.bound and text in (context.lookup.cost_mark, "0", "x")


def _sorted(
    items: tuple[Node, ...], marked: bool, names: tuple[str, ...], context: Context
) -> tuple[Node | None, Node | None]:
    """Which subscript is the sample, which the node."""
    if len(items) > 2 or (marked and len(items) > 1):
        raise context.not_understood(items[-1], "at most a sample and a node below a cost")
    if len(items) == 2:
        return items[0], items[1]
    if not items:
        return None, None
    if marked:
        return None, items[0]
    counts_nodes = getattr(items[0], "name", "") in context.around.nodes
    if context.lookup.cost_mark == "" and (counts_nodes or isinstance(items[0], Number)):
        return None, items[0]
    return items[0], None


def _full(context: Context) -> Cost:
    """C without a mark: the mean over the samples, or the cost of the one that is spoken of."""
    if not context.conventions.mean:
        return _of_sample(None, None, context)
    context.speaks_of_mean = True
    return Cost(MEAN, lambda scope: (MEAN.name, ()))


def _of_sample(sample: Node | None, node: Node | None, context: Context) -> Cost:
    model, first = context.lookup.model, context.conventions.first
    which: Callable[[Scope], int] = lambda scope: scope.env[SAMPLE]  # noqa: E731
    quantity = model.quantity("C0" if node is None else "c")
    if sample is None:
        context.use(SAMPLE, "current")
    else:
        found = index(sample, context, "sample")
        context.speaks_of_mean = True
        context.slots.append(Slot(quantity, (), found, first))
        which = _from(found, first)
    if node is None:
        return Cost(quantity, lambda scope: ("C0", (which(scope),)))
    place = index(node, context, "node")
    context.slots.append(Slot(quantity, (which,), place, first))
    at = _from(place, first)
    return Cost(quantity, lambda scope: ("c", (which(scope), at(scope))))


def _from(written: Index, first: int) -> Callable[[Scope], int]:
    return lambda scope: written.value(scope) - first
