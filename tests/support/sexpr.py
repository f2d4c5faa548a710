"""A tree as nested parentheses, for tests and for looking at."""

from collections.abc import Iterable
from functools import singledispatch

from symbackprop.reading.syntax import tree as syntax


@singledispatch
def to_sexpr(node: object) -> str:
    r"""The tree as text, without places.

    >>> from symbackprop.reading.statements import parse
    >>> to_sexpr(parse(r"\frac{\partial C}{\partial w^2} = 2(a - y)")[0].body)
    '(= (d/d partial C (w (^ 2))) (* 2 (paren (+ a (- y)))))'
    """
    raise TypeError(f"no node of a formula: {type(node).__name__}")


def _list(head: str, parts: Iterable[object]) -> str:
    return f"({' '.join([head, *map(to_sexpr, parts)])})"


def _scripts(head: str, node: syntax.Symbol | syntax.Scripted | syntax.Call) -> str:
    parts = [head + "'" * node.primes]
    parts += [f"(_ {to_sexpr(script)})" for script in node.below]
    parts += [f"(^ {to_sexpr(script)})" for script in node.above]
    return f"({' '.join(parts)})" if len(parts) > 1 else parts[0]


@to_sexpr.register
def _(node: str) -> str:
    return node


@to_sexpr.register
def _(node: syntax.Number) -> str:
    return node.text


@to_sexpr.register
def _(node: syntax.Dots) -> str:
    return "..."


@to_sexpr.register
def _(node: syntax.Words) -> str:
    return f'(words "{node.text}")'


@to_sexpr.register
def _(node: syntax.Symbol) -> str:
    name = ":".join([*node.accents, *node.fonts, node.name])
    return _scripts(name, node)


@to_sexpr.register
def _(node: syntax.Scripted) -> str:
    return _scripts(to_sexpr(node.base), node)


@to_sexpr.register
def _(node: syntax.Call) -> str:
    call = _list("call" if node.certain else "call?", [node.head, *node.arguments])
    return _scripts(call, node)


_BRACKETS = {"(": "paren", "[": "bracket", "{": "brace", "<": "angle"}


@to_sexpr.register
def _(node: syntax.Group) -> str:
    return _list(_BRACKETS[node.bracket], [node.body])


@to_sexpr.register
def _(node: syntax.Negative) -> str:
    return _list("-", [node.operand])


@to_sexpr.register
def _(node: syntax.Add) -> str:
    return _list("+", node.terms)


@to_sexpr.register
def _(node: syntax.Product) -> str:
    parts: list[object] = [node.factors[0]]
    for sign, factor in zip(node.signs, node.factors[1:], strict=True):
        parts += [sign, factor] if sign else [factor]
    return _list("*", parts)


@to_sexpr.register
def _(node: syntax.Quotient) -> str:
    return _list("/", [node.numerator, node.denominator])


@to_sexpr.register
def _(node: syntax.Root) -> str:
    return _list("root", [node.body] if node.degree is None else [node.body, node.degree])


@to_sexpr.register
def _(node: syntax.Norm) -> str:
    return _list("norm", [node.body])


@to_sexpr.register
def _(node: syntax.Absolute) -> str:
    return _list("abs", [node.body])


@to_sexpr.register
def _(node: syntax.Indicator) -> str:
    return _list("indicator", [node.condition])


@to_sexpr.register
def _(node: syntax.Reduction) -> str:
    below, above = node.below or "()", node.above or "()"
    return _list(node.operator, [below, above, node.body])


@to_sexpr.register
def _(node: syntax.Derivative) -> str:
    sign = node.sign + "+" * node.local
    return _list("d/d", [sign, node.operand, *node.variables])


@to_sexpr.register
def _(node: syntax.Differential) -> str:
    order = [] if node.order == 1 else [str(node.order)]
    return _list("diff", [node.sign + "+" * node.local, *order, node.operand])


@to_sexpr.register
def _(node: syntax.Gradient) -> str:
    return _list(
        "nabla", [node.operand] if node.variable is None else [node.operand, node.variable]
    )


@to_sexpr.register
def _(node: syntax.Matrix) -> str:
    return _list(node.environment, [_list("row", row) for row in node.rows])


@to_sexpr.register
def _(node: syntax.Condition) -> str:
    parts: list[object] = [f'"{node.words}"', *node.clauses[:1]]
    for joint, clause in zip(node.joints, node.clauses[1:], strict=True):
        parts += [joint, clause]
    return _list("when", parts)


@to_sexpr.register
def _(node: syntax.Case) -> str:
    return _list("case", [node.value] if node.condition is None else [node.value, node.condition])


@to_sexpr.register
def _(node: syntax.Cases) -> str:
    return _list("cases", node.rows)


@to_sexpr.register
def _(node: syntax.Sequence) -> str:
    return _list("list", node.items)


@to_sexpr.register
def _(node: syntax.Relation) -> str:
    return _chain(node.members, node.signs)


@to_sexpr.register
def _(node: syntax.Arrows) -> str:
    return _chain(node.members, node.signs)


def _chain(members: tuple[syntax.Node, ...], signs: tuple[str, ...]) -> str:
    if len(set(signs)) == 1:
        return _list(signs[0], members)
    parts: list[object] = [members[0]]
    for sign, member in zip(signs, members[1:], strict=True):
        parts += [sign, member]
    return _list("chain", parts)


@to_sexpr.register
def _(node: syntax.Label) -> str:
    return f"({node.form} {node.text})"


@to_sexpr.register
def _(node: syntax.Statement) -> str:
    if not (node.conditions or node.labels or node.remarks):
        return to_sexpr(node.body)
    return _list("statement", [node.body, *node.conditions, *node.labels, *node.remarks])
