r"""Derivatives as they are printed: fractions of differentials, differentials alone, gradients.

A fraction is a derivative if numerator and denominator begin with the same sign (`\partial`, `d`,
`\delta`, `\Delta`) and something follows the one below. Outside `\frac` a `d` that is set apart,
or a `\delta`, is such a sign only in front of one factor, a slash, and the same sign: `\delta
C/\delta w`; elsewhere it is a symbol like any other.
"""

from dataclasses import replace

from symbackprop.reading import vocabulary
from symbackprop.reading.syntax.cursor import Cursor
from symbackprop.reading.syntax.tree import (
    Call,
    Derivative,
    Differential,
    Gradient,
    Group,
    Node,
    Number,
    Quotient,
    Scripted,
    Symbol,
)
from symbackprop.reading.tokens import Kind, Space, Token

_SIGNS = {
    (Kind.COMMAND, "\\partial"): "partial",
    (Kind.SYMBOL, "delta"): "delta",
    (Kind.SYMBOL, "Delta"): "Delta",
    (Kind.LETTER, "d"): "d",
}
_LETTERS = frozenset({Kind.LETTER, Kind.NAME, Kind.SYMBOL})


def sign_of(token: Token | None) -> str | None:
    """The sign of derivatives that a token may be."""
    return _SIGNS.get((token.kind, token.text)) if token else None


def at_sign(cursor: Cursor, sign: str) -> bool:
    """Whether this sign comes next, without a script that would make it a symbol."""
    return sign_of(cursor.peek()) == sign and (sign == "partial" or not _scripted(cursor.peek(1)))


def _scripted(token: Token | None) -> bool:
    return token is not None and token.kind in (Kind.SCRIPT, Kind.PRIME)


def _begins_operand(token: Token | None) -> bool:
    """Whether what follows a sign can be what it is the differential of."""
    if token is None:
        return False
    return token.kind in _LETTERS or (
        token.kind is Kind.COMMAND and token.text in vocabulary.ACCENTS
    )


def is_tight(cursor: Cursor) -> bool:
    r"""Whether the next token, `d` or `\Delta` makes a differential of the letter behind it."""
    token, following = cursor.peek(), cursor.peek(1)
    if token is None or following is None or cursor.in_script or not _begins_operand(following):
        return False
    if sign_of(token) == "d":
        return following.before is Space.NONE or bool(token.fonts)
    return sign_of(token) == "Delta"


def doubtful_sign(cursor: Cursor) -> str | None:
    """The sign that comes next, if only what stands behind its operand can tell that it is one."""
    sign = sign_of(cursor.peek())
    if sign not in ("d", "delta") or cursor.in_script or is_tight(cursor):
        return None
    return sign if _begins_operand(cursor.peek(1)) else None


def sign_as_symbol(cursor: Cursor) -> Symbol:
    """The next token, which may be a sign, as a symbol."""
    token = cursor.take()
    return Symbol(token.start, token.end, token.text, fonts=token.fonts)


def divides_by(cursor: Cursor, sign: str) -> bool:
    """Whether a slash and this sign come next."""
    slash = cursor.at(Kind.OPERATOR, "/")
    return slash and sign_of(cursor.peek(1)) == sign and not _scripted(cursor.peek(2))


def as_differential(node: Node) -> Differential | None:
    r"""The differential that a node is; `\delta(a)` looks like a call."""
    if isinstance(node, Differential):
        return node
    if not isinstance(node, Call) or node.certain or node.below or node.above or node.primes:
        return None
    if node.head != Symbol(0, 0, node.head.name) or node.head.name not in ("d", "delta", "Delta"):
        return None
    group = Group(node.head.end, node.end, node.bracket, node.arguments[0])
    return Differential(node.start, node.end, node.head.name, group)


def differential(cursor: Cursor, sign: str) -> Differential:
    """A sign and the factor behind it."""
    start = cursor.take().start
    order, local = _order(cursor)
    operand = cursor.grammar.factor(cursor)
    return Differential(start, operand.end, sign, operand, order, local)


def _order(cursor: Cursor) -> tuple[int, bool]:
    """What stands above a sign: its order, or the plus of a local derivative."""
    if not cursor.at(Kind.SCRIPT):
        return 1, False
    script = cursor.peek()
    above = cursor.accept(Kind.SCRIPT, "^") is not None
    if above:
        cursor.expect(Kind.OPEN, "an order")
        plus, number = cursor.accept(Kind.OPERATOR, "+"), cursor.accept(Kind.NUMBER)
        order = int(number.text) if number and number.text in ("1", "2", "3", "4") else None
        if cursor.accept(Kind.CLOSE) and (order or (plus and not number)):
            return order or 1, plus is not None
    start = script.start if script else 0
    met = (
        f"{cursor.source.quote(start, cursor.last_end() + (not above))} on the sign of a derivative"
    )
    raise cursor.source.not_understood(start, met, "an order up to 4 or '+' above it")


def ratio(
    cursor: Cursor, above: Differential, below: tuple[Differential, ...], form: str
) -> Derivative:
    """The derivative that two differentials make."""
    variables = _variables(cursor, above.order, below)
    local = above.local or below[0].local
    return Derivative(above.start, below[-1].end, above.sign, above.operand, variables, local, form)


def _variables(cursor: Cursor, order: int, below: tuple[Differential, ...]) -> tuple[Node, ...]:
    if order == len(below):
        return tuple(each.operand for each in below)
    times = [_times(each.operand) for each in below]
    if sum(count for _, count in times) != order:
        start, end = below[0].start, below[-1].end
        met = f"{cursor.source.quote(start, end)} below a derivative of order {order}"
        raise cursor.source.not_understood(start, met, "as many variables as the order says")
    return tuple(variable for variable, count in times for _ in range(count))


def _times(operand: Node) -> tuple[Node, int]:
    """A variable, and how often it is differentiated by: `w^2` twice."""
    if not isinstance(operand, Symbol | Scripted) or not operand.above:
        return operand, 1
    last = operand.above[-1]
    if not isinstance(last, Number) or last.text not in ("2", "3", "4"):
        return operand, 1
    stripped: Node = replace(operand, above=operand.above[:-1])
    if isinstance(stripped, Scripted) and not (stripped.below or stripped.above or stripped.primes):
        stripped = stripped.base
    return stripped, int(last.text)


def fraction(cursor: Cursor) -> Node:
    r"""\frac with its two arguments: a quotient, a derivative, or an operator with its operand."""
    start = cursor.index
    form = "over" if cursor.tokens[start].text == "\\over" else "frac"
    below = cursor.partner[start + 1] + 1
    sign = _common_sign(cursor, start + 2, below + 1)
    cursor.take()
    if sign is None:
        numerator, denominator = cursor.argument(), cursor.argument()
        return Quotient(cursor.tokens[start].start, cursor.last_end(), numerator, denominator, form)
    above = _numerator(cursor, sign)
    variables = _denominator(cursor, sign)
    if above.operand is _NOTHING:
        operand = _operand(cursor)
        above, form = replace(above, operand=operand), "operator"
    end = max(cursor.last_end(), above.operand.end)
    node = ratio(cursor, above, variables, form)
    return replace(node, start=cursor.tokens[start].start, end=end)


def _common_sign(cursor: Cursor, above: int, below: int) -> str | None:
    """The sign with which both arguments of a fraction begin."""
    tokens = cursor.tokens
    first, second = tokens[above], tokens[below]
    follower = tokens[min(below + 1, len(tokens) - 1)]
    if sign_of(first) == "d" and _glued(second):
        return "d"
    sign = sign_of(second)
    if sign is None or not (
        _begins_operand(follower) or follower.kind in (Kind.LEFT, Kind.COMMAND)
    ):
        return None
    if sign == "d" and _glued(first):
        return "d"
    if sign_of(first) != sign:
        return None
    if sign == "delta" and _scripted(tokens[above + 1]):
        met = "'\\delta' with a script above '\\delta' without one"
        raise cursor.source.not_understood(first.start, met, "the same sign above and below")
    return sign


def _glued(token: Token) -> bool:
    """A name with the sign d in front: `dnet`."""
    return token.kind is Kind.NAME and token.text.startswith("d") and token.text[1:2].isalpha()


_NOTHING = Number(0, 0, "")


def _take_sign(cursor: Cursor, sign: str) -> int:
    """Pass over the sign; where it is glued to a name, the name is what comes next."""
    token = cursor.peek()
    if token is None or not (sign_of(token) == sign or (sign == "d" and _glued(token))):
        raise cursor.unexpected("the sign of a derivative, as at the beginning")
    if sign_of(token) == sign:
        return cursor.take().start
    name = replace(token, text=token.text[1:], start=token.start + 1, before=Space.NONE)
    cursor.tokens[cursor.index] = name
    return token.start


def _numerator(cursor: Cursor, sign: str) -> Differential:
    cursor.expect(Kind.OPEN, "a numerator")
    start = _take_sign(cursor, sign)
    order, local = _order(cursor)
    operand: Node = _NOTHING
    if not cursor.at(Kind.CLOSE):
        with cursor.inside():
            operand = cursor.grammar.term(cursor)
    cursor.expect(Kind.CLOSE, "the end of the numerator, or parentheses round a sum")
    return Differential(start, cursor.last_end(), sign, operand, order, local)


def _denominator(cursor: Cursor, sign: str) -> tuple[Differential, ...]:
    cursor.expect(Kind.OPEN, "a denominator")
    found: list[Differential] = []
    with cursor.inside():
        while not cursor.at(Kind.CLOSE):
            start = _take_sign(cursor, sign)
            order, local = _order(cursor)
            operand = cursor.grammar.factor(cursor)
            if order > 1:
                met = "an order on the sign below"
                raise cursor.source.not_understood(start, met, "it behind the variable")
            found.append(Differential(start, operand.end, sign, operand, 1, local))
    cursor.expect(Kind.CLOSE, "the end of the denominator")
    return tuple(found)


def _operand(cursor: Cursor) -> Node:
    r"""What \frac{d}{dx} is applied to: one bracket, or all factors side by side."""
    if not cursor.starts_factor():
        raise cursor.unexpected("what the derivative is taken of")
    if not cursor.at(Kind.LEFT):
        return cursor.grammar.factors(cursor)
    operand = cursor.grammar.factor(cursor)
    if cursor.starts_factor():
        raise cursor.unexpected(
            "a sign, since the derivative may be of the bracket or of all of it"
        )
    return operand


def gradient(cursor: Cursor) -> Node:
    r"""\nabla with its variable and its operand."""
    start = cursor.take().start
    variable = cursor.argument(script=False) if cursor.accept(Kind.SCRIPT, "_") else None
    if cursor.at(Kind.SCRIPT) or not cursor.starts_factor():
        raise cursor.unexpected("what the gradient is taken of")
    operand = cursor.grammar.factor(cursor)
    return Gradient(start, operand.end, operand, variable)
