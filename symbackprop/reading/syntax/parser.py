r"""The grammar by precedence: relations, sums, products, factors side by side.

From the loosest to the tightest: commas and relations; `+` and `-`; the signs of products, `/`
among them, from left to right; factors side by side; scripts and calls. A sum sign takes the whole
term behind it.

`a/b` is one factor divided by one factor. A factor directly behind it would be read as below the
bar by some and beside it by others, so it needs white space, a sign, or to be a fraction or a sum.
"""

from dataclasses import dataclass, field

from symbackprop.reading import vocabulary
from symbackprop.reading.syntax import derivatives
from symbackprop.reading.syntax.atoms import factor
from symbackprop.reading.syntax.cursor import Cursor, Grammar
from symbackprop.reading.syntax.tree import (
    Add,
    Arrows,
    Differential,
    Negative,
    Node,
    Number,
    Product,
    Quotient,
    Relation,
    Sequence,
)
from symbackprop.reading.tokens import Kind

_SIGNS = frozenset({*vocabulary.PRODUCT_SIGNS.values(), *vocabulary.ELEMENTWISE_SIGNS})
_ARROWS = frozenset(vocabulary.ARROWS.values())
_BESIDE = frozenset({"\\sum", "\\prod", *vocabulary.FRACTIONS})


@dataclass(slots=True)
class _Clause:
    """A relation while its members are still lists of items."""

    members: list[list[Node]]
    signs: list[str] = field(default_factory=list)


def clauses(cursor: Cursor) -> Node:
    r"""Relations with commas between them.

    An item without a relation belongs to the relation before it, `l = 1, \dots, L`, or else to the
    one behind it, `j, k = 0`.
    """
    pieces = [_clause(cursor)]
    while cursor.accept(Kind.COMMA) or cursor.accept(Kind.SEMICOLON, ";"):
        pieces.append(_clause(cursor))
    whole: list[_Clause] = []
    first: list[Node] = []
    for piece in pieces:
        if piece.signs:
            piece.members[0][:0] = first
            first = []
            whole.append(piece)
        elif whole:
            whole[-1].members[-1] += piece.members[0]
        else:
            first += piece.members[0]
    if not whole:
        return _sequence(first)
    return _sequence([_relation(cursor, clause) for clause in whole])


def _clause(cursor: Cursor) -> _Clause:
    clause = _Clause([[expression(cursor)]])
    while cursor.at(Kind.RELATION) or cursor.at(Kind.ARROW):
        clause.signs.append(cursor.take().text)
        clause.members.append([expression(cursor)])
    return clause


def _relation(cursor: Cursor, clause: _Clause) -> Node:
    members = tuple(_sequence(member) for member in clause.members)
    arrows = [sign in _ARROWS for sign in clause.signs]
    start, end = members[0].start, members[-1].end
    if all(arrows):
        return Arrows(start, end, members, tuple(clause.signs))
    if any(arrows):
        met = f"{cursor.source.quote(start, end)}, in which arrows and relations are mixed"
        raise cursor.source.not_understood(start, met, "either arrows or relations")
    return Relation(start, end, members, tuple(clause.signs))


def _sequence(items: list[Node]) -> Node:
    if len(items) == 1:
        return items[0]
    return Sequence(items[0].start, items[-1].end, tuple(items))


def expression(cursor: Cursor) -> Node:
    """A sum of terms."""
    terms = [_signed(cursor)]
    while cursor.at(Kind.OPERATOR, "+", "-"):
        cursor.accept(Kind.OPERATOR, "+")
        terms.append(_signed(cursor))
    if len(terms) == 1:
        return terms[0]
    return Add(terms[0].start, terms[-1].end, tuple(terms))


def _signed(cursor: Cursor) -> Node:
    """A term, with a minus or without."""
    minus = cursor.accept(Kind.OPERATOR, "-")
    node = term(cursor)
    return Negative(minus.start, node.end, node) if minus else node


def term(cursor: Cursor) -> Node:
    """Factors with signs of products between them, or side by side."""
    factors = _side_by_side(cursor)
    signs = [""] * (len(factors) - 1)
    while True:
        if cursor.accept(Kind.OPERATOR, "/"):
            factors[-1] = _divided(cursor, factors[-1])
            added = _side_by_side(cursor) if cursor.starts_factor() else []
            signs += [""] * len(added)
        elif cursor.at(Kind.OPERATOR, *_SIGNS):
            sign = cursor.take().text
            minus = cursor.accept(Kind.OPERATOR, "-")
            added = _side_by_side(cursor)
            if minus:
                added[0] = Negative(minus.start, added[0].end, added[0])
            signs += [sign, *[""] * (len(added) - 1)]
        else:
            return _joined(factors, signs)
        factors += added


def factors(cursor: Cursor) -> Node:
    """Factors side by side."""
    found = _side_by_side(cursor)
    return _joined(found, [""] * (len(found) - 1))


def _side_by_side(cursor: Cursor) -> list[Node]:
    found = _sign_or_factor(cursor)
    while cursor.starts_factor():
        added = _sign_or_factor(cursor)
        if isinstance(found[-1], Number) and isinstance(added[0], Number):
            at = added[0]
            met = f"{cursor.source.quote(found[-1].start, at.end)}, two numbers side by side"
            raise cursor.source.not_understood(at.start, met, "a sign between them")
        found += added
    return found


def _sign_or_factor(cursor: Cursor) -> list[Node]:
    r"""One factor; or `\delta C` where a slash and the same sign follow, else its two factors."""
    sign = derivatives.doubtful_sign(cursor)
    if sign is None:
        return [factor(cursor)]
    token = cursor.peek()
    symbol = derivatives.sign_as_symbol(cursor)
    operand = factor(cursor)
    if token is not None and derivatives.divides_by(cursor, sign):
        return [Differential(token.start, operand.end, sign, operand)]
    return [symbol, operand]


def _divided(cursor: Cursor, numerator: Node) -> Node:
    """The quotient of one factor by the factor that comes next."""
    if isinstance(numerator, Quotient) and numerator.form == "/":
        raise cursor.unexpected("parentheses, since there are two slashes in a row")
    differential = derivatives.as_differential(numerator)
    if differential is not None and derivatives.at_sign(cursor, differential.sign):
        denominator: Node = derivatives.differential(cursor, differential.sign)
    else:
        denominator = factor(cursor)
    divisor = derivatives.as_differential(denominator)
    if differential and divisor and differential.sign == divisor.sign:
        return derivatives.ratio(cursor, differential, (divisor,), "/")
    token = cursor.peek()
    beside = token is not None and token.text in _BESIDE
    if cursor.starts_factor() and not cursor.wide_gap() and not beside:
        raise cursor.unexpected(
            "a sign or white space, since it may belong below the bar or beside it"
        )
    return Quotient(numerator.start, denominator.end, numerator, denominator, "/")


def _joined(factors: list[Node], signs: list[str]) -> Node:
    if len(factors) == 1:
        return factors[0]
    return Product(factors[0].start, factors[-1].end, tuple(factors), tuple(signs))


GRAMMAR = Grammar(clauses, expression, term, factors, factor)
