"""The pieces of a row: formulas, words, labels, and what separates them."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from symbackprop.reading.syntax.cursor import Cursor
from symbackprop.reading.tokens import Kind, Space, Token

_COMPLETE = frozenset(
    {Kind.NUMBER, Kind.LETTER, Kind.NAME, Kind.SYMBOL, Kind.RIGHT, Kind.CLOSE, Kind.END}
    | {Kind.PRIME, Kind.BAR, Kind.DOTS}
)
_CONTINUING = frozenset({Kind.RELATION, Kind.OPERATOR, Kind.ARROW, Kind.IMPLIES, Kind.WORDS})
_BREAKS = frozenset({Kind.WORDS, Kind.IMPLIES})
_RELATIONS = frozenset({Kind.RELATION, Kind.ARROW})
_LABEL_PARTS = frozenset({Kind.NUMBER, Kind.LETTER, Kind.NAME})


@dataclass(frozen=True, slots=True)
class Piece:
    """The tokens from start to end. `sort` is "formula", "words", "implies" or "label"; `before` is
    what separates it from the piece before: "", ",", ";", "." or "gap" for a wide space.
    """

    sort: str
    start: int
    end: int
    before: str = ""
    related: bool = False  # whether a relation or an arrow stands in it


def pieces(cursor: Cursor) -> tuple[Piece, ...]:
    """The pieces of a row; items without a relation stay with the relation next to them."""
    joined: list[Piece] = []
    for piece in _split(cursor):
        last = joined[-1] if joined else None
        listed = piece.before == "," and piece.sort == "formula"
        if last and last.sort == "formula" and listed and not (piece.related and last.related):
            related = piece.related or last.related
            joined[-1] = replace(last, end=piece.end, related=related)
        else:
            joined.append(piece)
    return tuple(joined)


def _split(cursor: Cursor) -> Iterator[Piece]:
    index = begun = cursor.index
    before = ""
    while index < cursor.end:
        separator, after = _separator(cursor, index, begun)
        if not separator:
            index = cursor.partner.get(index, index) + 1
            continue
        if index > begun:
            yield _formula(cursor, begun, index, before)
            before = ""
        if separator in ("words", "implies", "label"):
            yield Piece(separator, index, after)
            before = ""
        else:
            before = separator
        begun = index = after
        if separator == "gap":
            index = cursor.partner.get(index, index) + 1
    if cursor.end > begun:
        yield _formula(cursor, begun, cursor.end, before)


def _formula(cursor: Cursor, start: int, end: int, before: str) -> Piece:
    return Piece("formula", start, end, before, relation_in(cursor, start, end))


def relation_in(cursor: Cursor, start: int, end: int) -> bool:
    """Whether a relation or an arrow stands between start and end, outside brackets."""
    index = start
    while index < end:
        if cursor.tokens[index].kind in _RELATIONS:
            return True
        index = cursor.partner.get(index, index) + 1
    return False


def _separator(cursor: Cursor, index: int, begun: int) -> tuple[str, int]:
    """What separates at this token, and the index behind it; "" if nothing does."""
    token = cursor.tokens[index]
    if token.kind is Kind.WORDS:
        return "words", index + 1
    if token.kind is Kind.IMPLIES:
        return "implies", index + 1
    if token.kind in (Kind.COMMA, Kind.SEMICOLON):
        return token.text, index + 1
    if token.kind is Kind.OPERATOR and token.text == "." and _is_period(cursor, index):
        return ".", index + 1
    if token.kind is Kind.ARROW and (after := _label_end(cursor, index, begun)):
        return "label", after
    if index > begun and token.before >= Space.GAP and token.kind not in _CONTINUING:
        complete = cursor.tokens[index - 1].kind in _COMPLETE
        return ("gap", index) if complete and token.before is Space.GAP else ("", index)
    return "", index


def _is_period(cursor: Cursor, index: int) -> bool:
    if index + 1 >= cursor.end:
        return True
    following = cursor.tokens[index + 1]
    return following.kind in _BREAKS or following.before >= Space.TEXT


def _label_end(cursor: Cursor, index: int, begun: int) -> int:
    r"""The index behind a label like `\rightarrow (1.1)` that ends a formula; 0 if there is none.

    A letter is a label only behind an equation, as `x \rightarrow (y)` may be a chain of arrows.
    """
    opened = index + 1
    if opened >= cursor.end or cursor.tokens[opened].text != "(":
        return 0
    closed = cursor.partner[opened]
    if not ends_piece(cursor, closed + 1) or not label_text(cursor, opened, closed):
        return 0
    numbered = any(token.kind is Kind.NUMBER for token in cursor.tokens[opened:closed])
    return closed + 1 if numbered or relation_in(cursor, begun, index) else 0


def ends_piece(cursor: Cursor, index: int) -> bool:
    """Whether nothing comes at this index that belongs to the piece before it."""
    if index >= cursor.end:
        return True
    token = cursor.tokens[index]
    separates = token.kind in (Kind.COMMA, Kind.SEMICOLON) or token.kind in _BREAKS
    return separates or token.text == "." or token.before >= Space.TEXT


def label_text(cursor: Cursor, opened: int, closed: int) -> str:
    """The label between two parentheses, such as 1.1, 2.3.1 or A; "" if it is none."""
    inner = cursor.tokens[opened + 1 : closed]
    words = [token for token in inner if token.kind in _LABEL_PARTS]
    signs = [token for token in inner if token.kind not in _LABEL_PARTS]
    dots = all(sign.text in (".", "-") for sign in signs)
    one = len(words) == 1 or all(word.kind is Kind.NUMBER for word in words)
    text = "".join(token.text for token in inner)
    return text if words and dots and one and len(text) <= 12 and _short(words) else ""


def _short(words: list[Token]) -> bool:
    return all(word.kind is not Kind.NAME or len(word.text) <= 3 for word in words)
