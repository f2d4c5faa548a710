"""When an equation holds: the relations behind `if`, `for` and their like."""

from symbackprop.reading import vocabulary
from symbackprop.reading.syntax.cursor import Cursor
from symbackprop.reading.syntax.tree import Condition, Dots, Node, Relation, Sequence
from symbackprop.reading.tokens import Kind

_JOINTS = frozenset({"and", "or"})
_MARKS = frozenset({Kind.COMMA, Kind.SEMICOLON})


def condition(cursor: Cursor, start: int, end: int) -> Condition:
    """The condition that the tokens from start to end make: words, and clauses between them.

    Clauses are joined by a comma, "and" or "or"; all other words are kept in `words`.
    """
    words: list[str] = []
    found: list[Node] = []
    joints: list[str] = []
    joint = ","
    begun = index = start
    while index <= end:
        token = cursor.tokens[index] if index < end else None
        if token is not None and token.kind is not Kind.WORDS:
            index = cursor.partner.get(index, index) + 1
            continue
        if _trimmed(cursor, begun, index) is not None:
            found.append(_clause(cursor, begun, index))
            joints += [joint] * (len(found) > 1)
            joint = ","
        if token is not None and token.text.lower() in _JOINTS and found:
            joint = token.text.lower()
        elif token is not None:
            words.append(token.text)
        index += 1
        begun = index
    first, last = cursor.tokens[start], cursor.tokens[end - 1]
    split, joints = _split(found, joints)
    return Condition(first.start, last.end, " … ".join(words), split, tuple(joints))


def _trimmed(cursor: Cursor, start: int, end: int) -> tuple[int, int] | None:
    while start < end and cursor.tokens[start].kind in _MARKS:
        start += 1
    while end > start and _is_punctuation(cursor, end - 1):
        end -= 1
    return (start, end) if start < end else None


def _is_punctuation(cursor: Cursor, index: int) -> bool:
    token = cursor.tokens[index]
    return token.kind in _MARKS or (token.kind is Kind.OPERATOR and token.text == ".")


def _clause(cursor: Cursor, start: int, end: int) -> Node:
    trimmed = _trimmed(cursor, start, end)
    outer = cursor.index, cursor.end
    cursor.index, cursor.end = trimmed or (start, end)
    node = cursor.grammar.clauses(cursor)
    if cursor.peek() is not None:
        raise cursor.unexpected("a relation, or the end of the condition")
    cursor.index, cursor.end = outer
    return node


def _split(found: list[Node], joints: list[str]) -> tuple[tuple[Node, ...], list[str]]:
    """What stands between commas is a clause of its own."""
    clauses: list[Node] = []
    between: list[str] = []
    for index, node in enumerate(found):
        parts: tuple[Node, ...] = (node,)
        if isinstance(node, Sequence):
            parts = node.items
        if index:
            between.append(joints[index - 1])
        between += [","] * (len(parts) - 1)
        clauses += parts
    return tuple(clauses), between


def is_condition(node: Node) -> bool:
    """Whether a relation tells where an equation holds: by an order, a membership, a range."""
    if not isinstance(node, Relation):
        return False
    if vocabulary.ORDER_SIGNS.intersection(node.signs):
        return True
    items = node.members[-1].items if isinstance(node.members[-1], Sequence) else ()
    return any(isinstance(item, Dots) for item in items)
