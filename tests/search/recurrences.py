"""Quantities that read themselves, in time or in layers, from either end."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sympy import Add, Expr, Integer, Rational, Sum, Symbol

from symbackprop.notation.expressions import Bound, Product
from symbackprop.notation.functions import apply
from symbackprop.notation.quantities import Axis, Kind, Quantity, Role
from symbackprop.notation.symbols import index, size, sizes
from tests.search.rows import OF_ONE
from tests.search.writer import ONE, ZERO, Context, Span, Writer

SMOOTH = ("tanh", "sigmoid", "sin", "softplus", "silu", "gelu", "identity")


@dataclass(frozen=True)
class Track:
    """A recurrence: its letter, where it starts, where it goes, by which step.

    base: the place of the base case. bound: the places that are computed from the one before.
    whole: the range of both.
    """

    letter: Symbol
    base: Expr
    bound: Bound
    whole: Span
    step: int


def _track(w: Writer, kind: Kind) -> Track:
    """From low to high or from high to low, the base case inside of the range or beside it."""
    c = w.choices
    names = ("t", "n", "s", "k") if kind is Kind.TIME else ("l", "t", "m")
    letter = index(c.pick(names) if c.chance(30) else names[0])
    number = c.pick((2, 3, 1))
    if c.chance(35):
        last: Expr = Integer(number)
    else:
        wanted = ("T", "N", "S") if kind is Kind.TIME else ("L", "M", "T")
        last = size(next(one for one in wanted if size(one) not in w.sizes))
        w.sizes[last] = number
    if not c.chance(35):
        whole = Span(ZERO, last, 0, number, kind)
        return Track(letter, ZERO, Bound(letter, ONE, last), whole, -1)
    if c.chance(50):
        whole = Span(ONE, last + 1, 1, number + 1, kind)
        return Track(letter, last + 1, Bound(letter, ONE, last), whole, 1)
    if number > 1:
        whole = Span(ONE, last, 1, number, kind)
        return Track(letter, ONE, Bound(letter, Integer(2), last), whole, -1)
    whole = Span(ZERO, last, 0, number, kind)
    return Track(letter, last, Bound(letter, ZERO, last - 1), whole, 1)


def _inner(track: Track) -> Span:
    """The range of what is computed."""
    low, high, whole = track.bound.low, track.bound.high, track.whole
    first, last = whole.first + (low != whole.low), whole.last - (high != whole.high)
    return Span(low, high, first, last, whole.kind)


def _start(w: Writer, nodes: Context) -> Expr:
    """The base case: 0, a number, a parameter, or what is there already."""
    kind = w.choices.below(5)
    if kind < 2:
        return Rational(kind, 3)
    if kind == 2:
        learned = w.quantity(Role.PARAMETER, nodes)
        return learned[tuple(letter for letter, _ in nodes)]
    return w.term(nodes, bare=kind == 3)


def _free(w: Writer, letter: Symbol, count: int) -> list[Symbol]:
    found: list[Symbol] = []
    for _ in range(count):
        found.append(w.letter([letter, *found]))
    return found


def times(w: Writer) -> None:
    """h_t := f(w h_(t-1) + u x_t + b), or from the last time to the first one."""
    c = w.choices
    track = _track(w, Kind.TIME)
    t, inner = track.letter, _inner(track)
    j, k = _free(w, t, 2)
    nodes: Context = () if c.chance(30) else ((j, w.span(most=2)),)
    start = _start(w, nodes)
    read = [w.term(((t, inner), *nodes))] if not c.chance(30) else []
    if c.chance(60):
        x = w.quantity(Role.INPUT, ((t, inner), *nodes))
        read.append(x[(t, *(letter for letter, _ in nodes))])
    if c.chance(40):
        read.append(w.offset(nodes))
    h = w.quantity(Role.INTERMEDIATE, ((t, track.whole), *nodes))
    back = t + track.step
    if nodes:
        span = nodes[0][1]
        weight = w.quantity(Role.PARAMETER, ((j, span), (k, span)))
        before: Expr = Sum(Product(weight[j, k], h[back, k]), (k, span.low, span.high))
    else:
        before = Product(w.quantity(Role.PARAMETER, ())[()], h[back])
    domain = (track.bound, *(Bound(letter, span.low, span.high) for letter, span in nodes))
    place = (t, *(letter for letter, _ in nodes))
    w.define(h, (track.base, *place[1:]), start)
    w.define(h, place, *_moved(w, track, nodes, [before, *read], h), domain=domain)
    w.available(h)


def _moved(w: Writer, track: Track, nodes: Context, terms: list[Expr], h: Quantity) -> list[Expr]:
    """The right side of a recurrence, its argument by itself or as a quantity of its own."""
    c = w.choices
    letters = tuple(letter for letter, _ in nodes)
    before = h[(track.letter + track.step, *letters)]
    kind = c.below(6)
    if kind == 0:
        return terms
    name = c.pick(SMOOTH)
    if kind < 3:
        z = w.quantity(Role.INTERMEDIATE, ((track.letter, _inner(track)), *nodes))
        w.define(z, (track.letter, *letters), *terms)
        moved = apply(name, z[(track.letter, *letters)])
    else:
        moved = apply(name, Add(*terms))
    if c.chance(25):
        return [moved, before]
    if c.chance(15):
        gate = apply("sigmoid", w.offset(nodes))
        return [Product(gate, moved), Product(1 - gate, before)]
    return [moved]


def layers(w: Writer) -> None:
    """Layers of one width, or of widths n_l, with weights of their own or shared ones."""
    if w.choices.chance(30) and not w.sizes.keys() & {size("L")}:
        return _dense(w)
    c = w.choices
    track = _track(w, Kind.LAYER)
    l, inner = track.letter, _inner(track)  # noqa: E741
    j, k = _free(w, l, 2)
    nodes: Context = () if c.chance(25) else ((j, w.span(most=2)),)
    letters = tuple(letter for letter, _ in nodes)
    start = w.term(nodes, bare=True)
    a = w.quantity(Role.INTERMEDIATE, ((l, track.whole), *nodes))
    back = l + track.step
    own: Context = () if c.chance(25) else ((l, inner),)
    mark = tuple(letter for letter, _ in own)
    if nodes:
        span = nodes[0][1]
        weight = w.quantity(Role.PARAMETER, (*own, (j, span), (k, span)))
        product = Product(weight[(*mark, j, k)], a[back, k])
        terms: list[Expr] = [Sum(product, (k, span.low, span.high))]
    else:
        weight = w.quantity(Role.PARAMETER, own)
        terms = [Product(weight[mark], a[back])]
    if c.chance(50):
        terms.append(w.quantity(Role.PARAMETER, (*own, *nodes))[(*mark, *letters)])
    domain = (track.bound, *(Bound(letter, span.low, span.high) for letter, span in nodes))
    w.define(a, (track.base, *letters), start)
    w.define(a, (l, *letters), *_moved(w, track, nodes, terms, a), domain=domain)
    return w.available(a)


def _dense(w: Writer) -> None:
    """z_j^(l) := sum_k w_jk^(l) a_k^(l-1) + b_j^(l) with widths n_l, a_j^(l) := f(z_j^(l))."""
    c = w.choices
    l, j, k = map(index, "ljk")  # noqa: E741
    n, number = sizes("n"), c.pick((2, 1, 3))
    last: Expr = Integer(number)
    if c.chance(60):
        last = size("L")
        w.sizes[last] = number
    for layer in range(number + 1):
        w.sizes[n[layer]] = c.pick((2, 1, 3))
    own = Axis(l, ONE, last, Kind.LAYER)
    here, below = Axis(j, ZERO, n[l] - 1), Axis(k, ZERO, n[l - 1] - 1)
    role = Role
    first = Span(ZERO, n[0] - 1, 0, w.sizes[n[0]] - 1)
    start = w.term(((k, first),), bare=True)
    weight = w.declare(Quantity(w.name(role.PARAMETER), role.PARAMETER, (own, here, below)), [])
    bias = w.declare(Quantity(w.name(role.PARAMETER), role.PARAMETER, (own, here)), [])
    w.parameters = [q for q in w.parameters if q not in (weight, bias)]
    z = w.declare(Quantity(w.name(role.INTERMEDIATE), role.INTERMEDIATE, (own, here)), [])
    a = w.declare(
        Quantity(w.name(role.INTERMEDIATE), role.INTERMEDIATE, (replace(own, low=ZERO), here)),
        [],
    )
    w.define(a, (ZERO, k), start)
    product = Product(weight[l, j, k], a[l - 1, k])
    w.define(z, (l, j), Sum(product, (k, ZERO, n[l - 1] - 1)), bias[l, j])
    domain = (Bound(l, ONE, last), Bound(j, ZERO, n[l] - 1))
    w.define(a, (l, j), apply(c.pick(OF_ONE), z[l, j]), domain=domain)
    out = Span(ZERO, n[last] - 1, 0, w.sizes[n[number]] - 1)
    v = w.quantity(role.INTERMEDIATE, ((j, out),))
    w.define(v, (j,), Product(w.offset(()), a[last, j]))
    w.available(v)
