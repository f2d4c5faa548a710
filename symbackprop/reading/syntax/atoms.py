"""Factors: numbers, symbols with their scripts, calls, brackets, bars, and what commands make."""

from collections.abc import Callable
from dataclasses import replace

from symbackprop.reading import vocabulary
from symbackprop.reading.syntax import derivatives, scripts
from symbackprop.reading.syntax.cursor import Cursor
from symbackprop.reading.syntax.environments import environment
from symbackprop.reading.syntax.tree import (
    Absolute,
    Call,
    Differential,
    Dots,
    Group,
    Indicator,
    Negative,
    Node,
    Norm,
    Number,
    Reduction,
    Relation,
    Root,
    Scripted,
    Sequence,
    Symbol,
)
from symbackprop.reading.tokens import Kind, Token

_CALLING = frozenset({"(", "["})
_NEVER_HEADS = frozenset({"prime", "top", "intercal", "infty"})


def factor(cursor: Cursor) -> Node:
    """One factor with its scripts."""
    token = cursor.peek()
    if token is None:
        raise cursor.unexpected("an expression")
    with cursor.deeper():
        if token.kind in _READERS:
            return _READERS[token.kind](cursor)
        if token.kind is Kind.WORDS and cursor.in_script:
            return _symbol(cursor)
        if token.kind is Kind.RELATION and token.text == "<" and cursor.in_script:
            return _angle(cursor)
    raise cursor.unexpected("an expression")


# --- numbers, symbols, calls -------------------------------------------------------------------


def _number(cursor: Cursor) -> Node:
    token = cursor.take()
    node = scripts.attach(cursor, Number(token.start, token.end, token.text))
    if token.text == "1" and isinstance(node, Scripted) and not (node.above or node.primes):
        return _indicator(node.below, node) or node
    return node


def _indicator(below: tuple[Node, ...], node: Node) -> Node | None:
    """1_{j = q}: an indicator, if the only script is a relation."""
    if len(below) == 1 and isinstance(below[0], Relation):
        return Indicator(node.start, node.end, below[0])
    return None


def _symbol(cursor: Cursor) -> Node:
    if derivatives.is_tight(cursor):
        return derivatives.differential(cursor, derivatives.sign_of(cursor.peek()) or "")
    token = cursor.take()
    symbol = Symbol(token.start, token.end, token.text, fonts=token.fonts)
    return _with_arguments(cursor, scripts.read(cursor, symbol))


def _with_arguments(cursor: Cursor, head: Symbol) -> Node:
    """A symbol, or a call if brackets follow it."""
    one = head.name == "1" or (head.name == "I" and "mathbb" in head.fonts)
    if one and not head.above and (found := _indicator(head.below, head)):
        return found
    token = cursor.peek()
    if token is None or token.kind is not Kind.LEFT or head.name in _NEVER_HEADS:
        return head
    if one and not head.below and _holds_relation(cursor):
        body = _brackets(cursor)
        return Indicator(head.start, body.end, body.body)
    if token.text not in _CALLING or (token.text == "[" and _holds_relation(cursor)):
        return head
    return _call(cursor, head)


def _call(cursor: Cursor, head: Symbol, *, certain: bool = False) -> Call:
    group = _brackets(cursor)
    arguments = group.body.items if isinstance(group.body, Sequence) else (group.body,)
    dots = any(isinstance(argument, Dots) for argument in arguments)
    certain = certain or len(arguments) > 1 or dots
    call = Call(head.start, group.end, head, arguments, group.bracket, certain)
    return scripts.read(cursor, call)


def _holds_relation(cursor: Cursor) -> bool:
    """Whether the brackets that come next hold a relation."""
    closing = cursor.partner[cursor.index]
    index = cursor.index + 1
    while index < closing:
        if cursor.tokens[index].kind is Kind.RELATION:
            return True
        index = cursor.partner.get(index, index) + 1
    return False


# --- brackets and bars -------------------------------------------------------------------------


def _brackets(cursor: Cursor) -> Group:
    opened = cursor.take()
    with cursor.inside():
        body = cursor.grammar.clauses(cursor)
    closed = cursor.expect(Kind.RIGHT, "an operator or a closing bracket")
    return Group(opened.start, closed.end, opened.text, body)


def _bracketed(cursor: Cursor) -> Node:
    opened = cursor.tokens[cursor.index]
    if opened.text == "{.":
        return _system(cursor)
    group = _brackets(cursor)
    node: Node = group
    if opened.text in ("|", "||"):
        shape = Absolute if opened.text == "|" else Norm
        node = shape(group.start, group.end, group.body)
    elif opened.text == "[" and isinstance(group.body, Relation) and not cursor.in_script:
        node = Indicator(group.start, group.end, group.body)
    return scripts.attach(cursor, node)


def _system(cursor: Cursor) -> Node:
    r"""`\left\{ \begin{array} ... \end{array} \right.`: a value by cases."""
    opened = cursor.take()
    if not cursor.at(Kind.BEGIN, "array"):
        raise cursor.unexpected("'\\begin{array}', or '\\right\\}' at the end")
    node = environment(cursor, by_cases=True)
    closed = cursor.expect(Kind.RIGHT, "'\\right.'")
    return replace(node, start=opened.start, end=closed.end)


def _bars(cursor: Cursor) -> Node:
    opened = cursor.take()
    with cursor.inside(bar=opened.text):
        body = cursor.grammar.expression(cursor)
    if not cursor.accept(Kind.BAR, opened.text):
        raise cursor.unexpected(f"the '{opened.text}' that closes")
    shape = Absolute if opened.text == "|" else Norm
    return scripts.attach(cursor, shape(opened.start, cursor.last_end(), body))


def _angle(cursor: Cursor) -> Node:
    """A script in angle brackets that were typed as order signs: `x^{<t>}`."""
    opened = cursor.take()
    body = cursor.grammar.expression(cursor)
    if not cursor.accept(Kind.RELATION, ">"):
        raise cursor.unexpected("'>'")
    return Group(opened.start, cursor.last_end(), "<", body)


def _dots(cursor: Cursor) -> Node:
    token = cursor.take()
    return Dots(token.start, token.end, token.text)


# --- commands ----------------------------------------------------------------------------------


def _command(cursor: Cursor) -> Node:
    text = cursor.tokens[cursor.index].text
    if text in vocabulary.FUNCTIONS:
        return _function(cursor)
    if text in vocabulary.SUMS:
        token = cursor.take()
        return _reduction(cursor, token, vocabulary.SUMS[text])
    if text in vocabulary.ACCENTS:
        return _accented(cursor)
    if text not in _COMMANDS:
        raise cursor.unexpected("an expression")
    return _COMMANDS[text](cursor)


def _fraction(cursor: Cursor) -> Node:
    return scripts.attach(cursor, derivatives.fraction(cursor))


def _partial(cursor: Cursor) -> Differential:
    return derivatives.differential(cursor, "partial")


def _root(cursor: Cursor) -> Node:
    token = cursor.take()
    degree = cursor.argument(script=True) if token.text == "\\root" else None
    body = cursor.argument(script=False)
    return scripts.attach(cursor, Root(token.start, cursor.last_end(), body, degree))


def _accented(cursor: Cursor) -> Node:
    token = cursor.take()
    symbol = cursor.argument()
    if not isinstance(symbol, Symbol):
        met = f"'{token.text}' over more than one symbol"
        raise cursor.source.not_understood(token.start, met, "a single symbol below it")
    accents = (token.text.removeprefix("\\"), *symbol.accents)
    symbol = replace(symbol, start=token.start, end=cursor.last_end(), accents=accents)
    return _with_arguments(cursor, scripts.read(cursor, symbol))


def _reduction(cursor: Cursor, token: Token, operator: str) -> Reduction:
    below, above = scripts.limits(cursor)
    minus = cursor.accept(Kind.OPERATOR, "-")
    if not cursor.starts_factor():
        raise cursor.unexpected(f"what stands behind the sign of the {operator}")
    body = cursor.grammar.term(cursor)
    if minus:
        body = Negative(minus.start, body.end, body)
    return Reduction(token.start, body.end, operator, below, above, body)


def _function(cursor: Cursor) -> Node:
    r"""\log a, \max(0, z), \max_j a_j, \arg\max_j a_j."""
    token = cursor.take()
    name = token.text
    if name == "arg" and (extremum := cursor.accept(Kind.COMMAND, "max", "min")):
        name = f"arg{extremum.text}"
    if name in vocabulary.EXTREMA and cursor.at(Kind.SCRIPT, "_"):
        return _reduction(cursor, token, name)
    head = scripts.read(cursor, Symbol(token.start, cursor.last_end(), name))
    if cursor.at(Kind.LEFT, "(", "[", "{"):
        return _call(cursor, head, certain=True)
    if not cursor.starts_factor():
        raise cursor.unexpected(f"the argument of {name}")
    argument = factor(cursor)
    following = cursor.peek()
    function = following is not None and following.text in vocabulary.FUNCTIONS
    if cursor.starts_factor() and not function:
        raise cursor.unexpected(f"parentheses round the argument of {name}, or a sign behind it")
    return Call(head.start, argument.end, head, (argument,), "", True)


_COMMANDS: dict[str, Callable[[Cursor], Node]] = {
    **dict.fromkeys((*vocabulary.FRACTIONS, "\\over"), _fraction),
    "\\partial": _partial,
    "\\nabla": derivatives.gradient,
    "\\sqrt": _root,
    "\\root": _root,
}
_READERS: dict[Kind, Callable[[Cursor], Node]] = {
    Kind.NUMBER: _number,
    Kind.LETTER: _symbol,
    Kind.NAME: _symbol,
    Kind.SYMBOL: _symbol,
    Kind.LEFT: _bracketed,
    Kind.BAR: _bars,
    Kind.DOTS: _dots,
    Kind.BEGIN: lambda cursor: scripts.attach(cursor, environment(cursor)),
    Kind.COMMAND: _command,
}
