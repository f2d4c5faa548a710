"""The slips: every place of a module where one can be made, and the module with one of them."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Slip:
    """One slip in a module.

    module: its path. node: the number of the node in the order of `ast.walk`. variant: which slip
    at this node. line: of the node. inside: the function or class around it. code: the line's text.
    change: what is done, in words. spans: first and last line of the statement it is in, of the
    function around that, and of the module; of a statement with a body: its head.
    """

    module: str
    node: int
    variant: int
    line: int
    inside: str
    code: str
    change: str
    spans: Spans

    @property
    def key(self) -> str:
        """What it is known by, also when lines move."""
        return f"{self.module} {self.inside}: {self.code}: {self.change}"


NOTHING = Slip("", 0, 0, 0, "", "", "", ())
"""No slip at all."""

Change = tuple[str, Callable[[], None]]
Spans = tuple[tuple[int, int], ...]

_COMPARED = {
    ast.Lt: (ast.LtE, ast.GtE), ast.LtE: (ast.Lt, ast.Gt), ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt), ast.Eq: (ast.NotEq,), ast.NotEq: (ast.Eq,), ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,), ast.In: (ast.NotIn,), ast.NotIn: (ast.In,),
}  # fmt: skip
_OPERATORS = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult}
_SIGNS = {
    ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!=",
    ast.Is: "is", ast.IsNot: "is not", ast.In: "in", ast.NotIn: "not in", ast.Add: "+",
    ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.And: "and", ast.Or: "or",
}  # fmt: skip
_NAMES = {"min": "max", "max": "min", "any": "all", "all": "any"}
_LOOSER = 1e8
_LARGE = 10


def slips(module: str, source: str) -> list[Slip]:
    """Every slip that can be made in a module."""
    tree = ast.parse(source)
    lines = source.splitlines()
    inside = dict(_owners(tree, ""))
    unseen = set(_unseen(tree))
    spans = dict(_spans(tree, ((1, len(lines)),)))
    return [
        Slip(module, number, variant, node.lineno, inside.get(node, ""),
             lines[node.lineno - 1].strip(), words, spans[node])
        for number, node in enumerate(ast.walk(tree))
        if node not in unseen and hasattr(node, "lineno")
        for variant, (words, _) in enumerate(_changes(node, tree))
    ]  # fmt: skip


def spoiled(source: str, slip: Slip) -> str:
    """The module with the slip."""
    tree = ast.parse(source)
    node = list(ast.walk(tree))[slip.node]
    _, change = list(_changes(node, tree))[slip.variant]
    change()
    return ast.unparse(ast.fix_missing_locations(tree)) + "\n"


def _owners(node: ast.AST, name: str) -> Iterator[tuple[ast.AST, str]]:
    """Every node with the qualified name of the function or class around it."""
    for child in ast.iter_child_nodes(node):
        own = name
        if isinstance(child, ast.FunctionDef | ast.ClassDef):
            own = f"{name}.{child.name}" if name else child.name
        yield child, own
        yield from _owners(child, own)


def _spans(node: ast.AST, around: tuple[tuple[int, int], ...]) -> Iterator[tuple[ast.AST, Spans]]:
    """Every node with the lines of its statement, of the function around it and of the module."""
    for child in ast.iter_child_nodes(node):
        own, below = around, around
        if isinstance(child, ast.stmt):
            body = getattr(child, "body", None)
            last = max(child.lineno, body[0].lineno - 1) if body else child.end_lineno
            own = ((child.lineno, last or child.lineno), *around[-2:])
            below = own
            if isinstance(child, ast.FunctionDef):
                inner = (body[0].lineno, child.end_lineno or child.lineno)
                own, below = (own[0], inner, around[-1]), (own[0], inner, around[-1])
        yield child, own
        yield from _spans(child, below)


def _unseen(tree: ast.AST) -> Iterator[ast.AST]:
    """Nodes that nothing evaluates or that are words: types, messages, imports for types.

    And the `strict` of `zip`: that lengths are equal is not to be seen where they are.
    """
    for node in ast.walk(tree):
        parts: list[ast.AST | None] = []
        if isinstance(node, ast.AnnAssign | ast.arg):
            parts = [node.annotation]
        elif isinstance(node, ast.FunctionDef):
            parts = [node.returns, *node.decorator_list]
            parts += [node] if node.name in ("__str__", "__repr__") else []
        elif isinstance(node, ast.ClassDef):
            parts = list(node.decorator_list)
        elif (
            isinstance(node, ast.JoinedStr)
            or (isinstance(node, ast.keyword) and node.arg == "strict")
            or (isinstance(node, ast.Call) and ast.unparse(node.func) == "TypeVar")
            or (isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING")
        ):
            parts = [node]
        for part in parts:
            if part is not None:
                yield from ast.walk(part)


def _changes(node: ast.AST, tree: ast.AST) -> Iterator[Change]:
    """What can go wrong at a node."""
    if isinstance(node, ast.Compare):
        for position, operator in enumerate(node.ops):
            for other in _COMPARED.get(type(operator), ()):
                yield (
                    f"{_SIGNS[type(operator)]} becomes {_SIGNS[other]}",
                    _setting(node.ops, position, other()),
                )
    elif isinstance(node, ast.BinOp | ast.AugAssign) and type(node.op) in _OPERATORS:
        other = _OPERATORS[type(node.op)]
        yield f"{_SIGNS[type(node.op)]} becomes {_SIGNS[other]}", _giving(node, "op", other())
    elif isinstance(node, ast.BoolOp):
        other = ast.Or if isinstance(node.op, ast.And) else ast.And
        yield f"{_SIGNS[type(node.op)]} becomes {_SIGNS[other]}", _giving(node, "op", other())
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield "without not", _without_not(node)
    elif isinstance(node, ast.Constant):
        yield from _of_constant(node)
    elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in _NAMES:
        yield f"{node.id} becomes {_NAMES[node.id]}", _giving(node, "id", _NAMES[node.id])
    elif isinstance(node, ast.Call):
        plain = [arg for arg in node.args if not isinstance(arg, ast.Starred)]
        if len(plain) == len(node.args) > 1 and ast.dump(plain[0]) != ast.dump(plain[1]):
            swapped = [plain[1], plain[0], *plain[2:]]
            yield "first two arguments swapped", _giving(node, "args", swapped)
    elif isinstance(node, ast.stmt):
        yield from _of_statement(node, tree)


def _of_constant(node: ast.Constant) -> Iterator[Change]:
    if isinstance(node.value, bool):
        yield f"{node.value} becomes {not node.value}", _giving(node, "value", not node.value)
    elif isinstance(node.value, int):
        # Of a large number, such as how many are tried, nobody could see the next one.
        near = abs(node.value) < _LARGE
        for other in (node.value + 1, node.value - 1) if near else (0,):
            yield f"{node.value} becomes {other}", _giving(node, "value", other)
    elif isinstance(node.value, float):
        other_ = node.value * _LOOSER or 1.0
        yield f"{node.value} becomes {other_}", _giving(node, "value", other_)


def _of_statement(node: ast.stmt, tree: ast.AST) -> Iterator[Change]:
    if isinstance(node, ast.Return) and not _is_nothing(node.value):
        yield "returns None", _giving(node, "value", ast.Constant(None))
    if isinstance(node, ast.If):
        for value in (True, False):
            yield f"condition is always {value}", _giving(node, "test", ast.Constant(value))
    called = isinstance(node, ast.Expr) and isinstance(node.value, ast.Call | ast.Yield)
    if called or isinstance(node, ast.AugAssign | ast.Raise | ast.Continue | ast.Break):
        yield "removed", _removing(node, tree)


def _is_nothing(node: ast.expr | None) -> bool:
    """Whether a value is as good as None to whoever asks if there is one: nothing, empty, False."""
    if isinstance(node, ast.Constant):
        return any(node.value is one for one in (None, False)) or node.value == ""
    if isinstance(node, ast.List | ast.Tuple):
        return not node.elts
    return node is None or (isinstance(node, ast.Dict) and not node.keys)


def _setting(target: list[ast.cmpop], position: int, value: ast.cmpop) -> Callable[[], None]:
    def change() -> None:
        target[position] = value

    return change


def _giving(node: ast.AST, field: str, value: object) -> Callable[[], None]:
    return lambda: setattr(node, field, value)


def _without_not(node: ast.UnaryOp) -> Callable[[], None]:
    """`not not x`: the truth of x itself."""
    return lambda: setattr(node, "operand", ast.UnaryOp(ast.Not(), node.operand))


def _removing(node: ast.stmt, tree: ast.AST) -> Callable[[], None]:
    def change() -> None:
        for parent in ast.walk(tree):
            for _, value in ast.iter_fields(parent):
                if isinstance(value, list) and any(one is node for one in value):
                    value[next(n for n, one in enumerate(value) if one is node)] = ast.Pass()

    return change
