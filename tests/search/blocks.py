"""The definitions of a random model, a block at a time: what it is that networks are made of."""

from __future__ import annotations

from sympy import Abs, Expr, Integer, Max, Rational, Sum, cos, exp, log, sin, sqrt, tanh
from sympy import Add as Plain

from symbackprop.notation.expressions import Bound, Product
from symbackprop.notation.functions import apply
from symbackprop.notation.quantities import Axis, Kind, Quantity, Role
from tests.search.recurrences import layers, times
from tests.search.rows import OF_ONE, OWN
from tests.search.writer import ONE, ZERO, Context, Span, Writer, summed


def applied(w: Writer, argument: Expr) -> Expr:
    """A named function, a user's own one, or one of SymPy's, at an argument."""
    c = w.choices
    kind = c.below(10)
    if kind < 6:
        return apply(c.pick(OF_ONE), argument)
    if kind < 8:
        row = c.pick(OWN)
        w.functions[row.name] = row
        return apply(row.name, argument)
    forms = (
        tanh(argument),
        exp(-(argument**2)),
        log(1 + argument**2),
        sqrt(1 + argument**2),
        sin(argument),
        cos(argument),
        1 / (1 + argument**2),
        argument**2,
        argument**3,
        Abs(argument),
        Max(argument, argument / 3),
    )
    return c.pick(forms)


def right_side(w: Writer, context: Context) -> list[Expr]:
    """The summands of a definition of one value for each place of the context."""
    c = w.choices
    kind = c.below(9)
    if kind < 3:
        return w.affine(context)
    argument = Plain(*w.affine(context))
    if kind < 6:
        return [applied(w, argument)]
    if kind == 6:
        return [Product(applied(w, argument), w.term(context, bare=True))]
    if kind == 7:
        return [argument / (1 + w.term(context) ** 2)]
    return [applied(w, argument), w.term(context, bare=True)]


def context_of(w: Writer) -> Context:
    """Letters for the axes of a new quantity, over ranges that exist already or new ones."""
    c = w.choices
    found: list[tuple] = []
    for _ in range(c.pick((1, 1, 2, 0, 1, 3))):
        known = list(dict.fromkeys(s for q in w.readable for s in w.spans_of[q.name]))
        known = [span for span in known if span.kind is Kind.NODE]
        span = c.pick(known) if known and not c.chance(45) else w.span(most=2 if found else 3)
        found.append((w.letter(found), span))
    return tuple(found)


def plain(w: Writer) -> None:
    """v_i := an expression."""
    context = context_of(w)
    right = right_side(w, context)
    v = w.quantity(Role.INTERMEDIATE, context)
    w.define(v, tuple(letter for letter, _ in context), *right)
    w.available(v)


def normal(w: Writer) -> None:
    """The mean, the variance and what is normalised by them."""
    u = w.source()
    spans = w.spans_of[u.name]
    if not spans or spans[-1].kind is not Kind.NODE or len(spans) > 2:
        return plain(w)
    context: list[tuple] = []
    for span in spans:
        context.append((w.letter(context), span))
    outer, (i, span) = tuple(context[:-1]), context[-1]
    k = w.letter(context)
    places = tuple(letter for letter, _ in outer)
    count = span.high - span.low + 1
    limits = (k, span.low, span.high)
    w.unread.pop(u.name, None)
    mean, spread = w.quantity(Role.INTERMEDIATE, outer), w.quantity(Role.INTERMEDIATE, outer)
    w.define(mean, places, Product(1 / count, Sum(u[(*places, k)], limits)))
    centred = (u[(*places, k)] - mean[places]) ** 2
    w.define(spread, places, Product(1 / count, Sum(centred, limits)))
    v = w.quantity(Role.INTERMEDIATE, tuple(context))
    scaled = Product(u[(*places, i)] - mean[places], 1 / sqrt(spread[places] + Rational(1, 10)))
    w.define(v, (*places, i), Product(w.offset(((i, span),)), scaled))
    return w.available(v)


def softmax(w: Writer) -> None:
    """p_j := exp(z_j) / sum_i exp(z_i)."""
    context = context_of(w) or ((w.letter([]), w.span()),)
    letters = tuple(letter for letter, _ in context)
    z = w.quantity(Role.INTERMEDIATE, context)
    (*_outer, (_, span)) = context
    i = w.letter(list(context))
    p = w.quantity(Role.INTERMEDIATE, context)
    terms = w.affine(context)
    w.define(z, letters, *terms)
    total = Sum(exp(z[(*letters[:-1], i)]), (i, span.low, span.high))
    quotient = (
        exp(z[letters]) / total if w.choices.chance(50) else Product(exp(z[letters]), 1 / total)
    )
    w.define(p, letters, quotient)
    w.available(p)
    w.simplex.append(p)


def convolution(w: Writer) -> None:
    """z_i := sum_m w_m x_(s i + m), over an input of its own or a quantity made for it."""
    c = w.choices
    outputs, taps = w.span(most=3), w.span(most=2)
    step = c.pick((1, 2))
    high = step * outputs.high + taps.high
    low = step * outputs.low + taps.low
    first = step * outputs.first + taps.first
    last = step * outputs.last + taps.last
    long = Span(low, high, first, last)
    i, m = w.letter([]), w.letter([w.letter([])])
    m = next(one for one in (m, w.letter([i])) if one != i)
    if c.chance(40):
        k = w.letter([i, m])
        u = w.quantity(Role.INTERMEDIATE, ((k, long),))
        w.define(u, (k,), *right_side(w, ((k, long),)))
    else:
        u = w.quantity(Role.INPUT, ((w.letter([i, m]), long),))
    weight = w.quantity(Role.PARAMETER, ((m, taps),))
    v = w.quantity(Role.INTERMEDIATE, ((i, outputs),))
    place = step * i + taps.low + taps.high - m if c.chance(25) else step * i + m
    body = Product(weight[m], u[place])
    w.define(v, (i,), summed(body, [(m, taps)]))
    w.available(v)


def triangle(w: Writer) -> None:
    """v_i := a sum over s = 0..i, or over s = i..K-1."""
    c = w.choices
    span = w.span(most=3)
    i, s = w.letter([]), w.letter([w.letter([])])
    s = next(one for one in (s, w.letter([i])) if one != i)
    inner = ((i, span), (s, span))
    sums: list = []
    body = Product(w.parameter(inner, sums), w.at(w.source(), inner, sums))
    body = applied(w, body) if c.chance(30) else body
    limits = (s, i, span.high) if c.chance(40) else (s, span.low, i)
    v = w.quantity(Role.INTERMEDIATE, ((i, span),))
    w.define(v, (i,), Sum(summed(body, sums), limits) if sums else Sum(body, limits))
    w.available(v)


def ragged(w: Writer) -> None:
    """p_ts for s = 0..t: rows of different lengths, each a softmax."""
    span = w.span(most=3)
    t, s, r = w.letter([]), None, None
    s = w.letter([t])
    r = w.letter([t, s])
    axes = (Axis(t, span.low, span.high), Axis(s, span.low, t))
    inner = ((t, span), (s, span))
    e = w.quantity(Role.INTERMEDIATE, inner)
    w.define(e, (t, s), *right_side(w, inner))
    p = w.declare(Quantity(w.name(Role.INTERMEDIATE), Role.INTERMEDIATE, axes), [])
    total = Sum(exp(apply("tanh", e[t, r])), (r, span.low, t))
    w.define(p, (t, s), Product(exp(apply("tanh", e[t, s])), 1 / total))
    v = w.quantity(Role.INTERMEDIATE, ((t, span),))
    sums: list = []
    body = summed(Product(p[t, s], w.at(w.source(), inner, sums)), sums)
    w.define(v, (t,), Sum(body, (s, span.low, t)))
    w.available(v)


def pieces(w: Writer) -> None:
    """The first or the last value defined by itself, the others by another equation."""
    c = w.choices
    span = w.span(least=2)
    i = w.letter([])
    end, rest = span.low, Bound(i, span.low + 1, span.high)
    if c.chance(40):
        end, rest = span.high, Bound(i, span.low, span.high - 1)
    v = w.quantity(Role.INTERMEDIATE, ((i, span),))
    w.define(v, (end,), *right_side(w, ()))
    part = Span(rest.low, rest.high, span.first + (end == span.low), span.last - (end != span.low))
    w.define(v, (i,), *right_side(w, ((i, part),)), domain=(rest,))
    w.available(v)


def chained(w: Writer) -> None:
    """Two values of one quantity multiplied: v_i := f(u_i) u_(K-1-i)."""
    u = w.source()
    spans = w.spans_of[u.name]
    if len(spans) != 1 or spans[0].kind is not Kind.NODE:
        return plain(w)
    i, span = w.letter([]), spans[0]
    w.unread.pop(u.name, None)
    other = span.low + span.high - i if w.choices.chance(60) else span.low
    v = w.quantity(Role.INTERMEDIATE, ((i, span),))
    w.define(v, (i,), Product(w.offset(()), applied(w, u[i]), u[other]))
    return w.available(v)


BLOCKS = (
    *(plain, plain, plain, plain, chained, softmax, normal, pieces, triangle, convolution),
    *(times, times, layers, layers, ragged),
)
__all__ = ["BLOCKS", "ONE", "ZERO", "Integer", "applied", "right_side"]
