"""Sums and products over nodes, layers or samples, with their bounds or without."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from symbackprop.checker.meaning import arrays
from symbackprop.checker.meaning.arrays import Array
from symbackprop.checker.meaning.context import COUNT, SAMPLE, Context, Index, Scope, Slot, Value
from symbackprop.checker.meaning.conventions import Reading
from symbackprop.checker.meaning.indexing import LAST, index
from symbackprop.checker.meaning.worlds import OutOfRange
from symbackprop.reading.syntax.tree import Node, Reduction, Relation, Sequence, Symbol

Read = Callable[[Node, Context], Value]
_LONGEST = 1000


class BoundsLeave(Exception):
    """The bounds of a sum leave the range of an index; the message says where."""


@dataclass(frozen=True, slots=True)
class _Letter:
    """A letter that a sum binds, with its written bounds, if it has any."""

    name: str
    low: Node | None = None
    high: Node | None = None


def reduction(node: Reduction, context: Context, read: Read) -> Value:
    """The value of a sum (or of a product) over its letters."""
    if node.operator not in ("sum", "prod"):
        raise context.not_understood(node, "a sum or a product")
    value: Value | None = None
    found = _letters(node, context)
    names = [one.name for one in found]
    context.bound += names
    start = len(context.slots)
    value = read(node.body, context)
    own = context.slots[start:]
    for one in reversed(found):
        value = _loop(one, value, own, node, context)
    del context.bound[len(context.bound) - len(names) :]
    return value


def _letters(node: Reduction, context: Context) -> list[_Letter]:
    below = node.below
    items = below.items if isinstance(below, Sequence) else (below,) if below else ()
    found = [_letter(item, node, context) for item in items]
    if not found:
        raise context.not_understood(node, "the letter of the sum below its sign")
    return found


def _letter(item: Node, node: Reduction, context: Context) -> _Letter:
    if isinstance(item, Symbol) and not item.below and not item.above:
        return _Letter(item.name)
    if isinstance(item, Relation) and isinstance(item.members[0], Symbol):
        name, rest = item.members[0].name, item.members[1:]
        if item.signs == ("=",):
            return _Letter(name, rest[0], node.above)
    if isinstance(item, Relation) and item.signs == ("\\le", "\\le"):
        low, middle, high = item.members
        if isinstance(middle, Symbol):
            return _Letter(middle.name, low, high)
    raise context.not_understood(item, "a letter, perhaps with bounds")


def _loop(
    letter: _Letter, body: Value, slots: list[Slot], node: Reduction, context: Context
) -> Value:
    own = tuple(slot for slot in slots if slot.index.letter == letter.name)
    outer = [name for name in context.bound if name != letter.name]
    context.bound, saved = outer, context.bound
    low = None if letter.low is None else index(letter.low, context, "bound")
    high = None if letter.high is None else index(letter.high, context, "bound")
    context.bound = saved
    over_samples = letter.name in context.around.samples or not own
    first = context.conventions.first
    times = arrays.add if node.operator == "sum" else arrays.multiply
    if over_samples:
        context.speaks_of_mean = True
        context.use(SAMPLE, "current")
    elif low is not None and high is not None and None not in (low.number, high.number):
        _demand(context, own, (high.number or 0) - (low.number or 0) + 1)

    def value(scope: Scope) -> Array:
        if over_samples:
            numbers: Iterator[Scope] = _samples(scope, letter.name, low, high, first)
        else:
            numbers = _values(scope, letter.name, low, high, own)
        total = None
        for inner in numbers:
            one = body(inner)
            total = one if total is None else times(total, one)
        if total is None:
            raise OutOfRange
        return total

    return value


def _samples(
    scope: Scope, name: str, low: Index | None, high: Index | None, first: int
) -> Iterator[Scope]:
    """The scopes of all samples, however they are numbered."""
    count = scope.world.samples
    if low is not None and high is not None:
        inner = scope.inside(**{COUNT: count})
        count = high.value(inner) - low.value(inner) + 1
    if count > scope.world.samples:
        raise BoundsLeave(f"{name} takes {count} values, but there are {scope.world.samples}")
    for number in range(count):
        yield scope.inside(**{name: number + first, SAMPLE: number})


def _values(
    scope: Scope, name: str, low: Index | None, high: Index | None, slots: tuple[Slot, ...]
) -> Iterator[Scope]:
    """The scopes of all values of a letter that counts nodes or layers."""
    ranges = [found for slot in slots if (found := _range(slot, scope)) is not None]
    start = max((one.start for one in ranges), default=0)
    stop = min((one.stop for one in ranges), default=0)
    if low is None or high is None:
        for number in range(start, stop):
            yield scope.inside(**{name: number})
        return
    inner = scope.inside(**{COUNT: stop - start})
    least, most = low.value(inner), high.value(inner)
    if most >= least and ranges and (least < start or most >= stop):
        raise BoundsLeave(
            f"{name} runs from {least} to {most}, but only {start} to {stop - 1} exist"
        )
    if most - least > _LONGEST:
        raise OutOfRange
    for number in range(least, most + 1):
        yield scope.inside(**{name: number})


def _range(slot: Slot, scope: Scope) -> range | None:
    """The values that fit a slot; None where that depends on letters bound further inside."""
    try:
        return slot.values(scope)
    except KeyError:
        return None


def _demand(context: Context, slots: tuple[Slot, ...], count: int) -> None:
    """A sum that ends at a number says how many nodes a layer has."""
    for slot in slots:
        if slot.layer is None or slot.index is slot.layer:
            continue
        source = slot.quantity.name == "w" and len(slot.indices) == len(slot.quantity.axes) - 1
        layer = _from_an_end(slot.layer)
        context.widths.append((None if layer is None else layer - source, count))


def _from_an_end(layer: Index) -> int | None:
    """A layer counted from the first (0) or from the last (-1); None where that is open."""
    if layer.number is not None:
        return layer.number
    return layer.offset - 1 if layer.letter == LAST else None


def whole(node: Node, context: Context, read: Read) -> Value:
    """What stands in a norm: whole layers, also where all else is read entry by entry."""
    if context.reading is not Reading.ENTRIES:
        return read(node, context)
    inner = replace(context, reading=Reading.WHOLE)
    value = read(node, inner)
    context.least = max(context.least, inner.least)
    context.deepest = max(context.deepest, inner.deepest)
    context.speaks_of_mean |= inner.speaks_of_mean
    return value
