"""The statements of a display, row by row and piece by piece; `statements` says by which rules."""

from dataclasses import dataclass, field, replace

from symbackprop.reading import vocabulary
from symbackprop.reading.syntax.conditions import condition, is_condition
from symbackprop.reading.syntax.cursor import Cursor, partners
from symbackprop.reading.syntax.parser import GRAMMAR
from symbackprop.reading.syntax.pieces import Piece, label_text, pieces
from symbackprop.reading.syntax.rows import Row
from symbackprop.reading.syntax.tree import (
    Arrows,
    Condition,
    Label,
    Node,
    Relation,
    Statement,
    Words,
)
from symbackprop.reading.text.source import Source
from symbackprop.reading.tokens import Kind, Space, Token


@dataclass(slots=True)
class _Draft:
    """A statement that may still be continued."""

    body: Node
    conditions: list[Condition] = field(default_factory=list)
    labels: list[Label] = field(default_factory=list)
    remarks: list[Words] = field(default_factory=list)

    def finish(self) -> Statement:
        said = (*self.conditions, *self.labels, *self.remarks)
        start = min((self.body.start, *(each.start for each in said)))
        end = max((self.body.end, *(each.end for each in said)))
        parts = tuple(self.conditions), tuple(self.labels), tuple(self.remarks)
        return Statement(start, end, self.body, *parts)


class Reader:
    """Reads row by row; `drafts` are the statements so far.

    `begun` tells whether the last of them began in this row, or was continued in it. Remarks,
    conditions and labels wait for the next statement where they stand in front of the first.
    """

    def __init__(self, source: Source) -> None:
        self.source = source
        self.drafts: list[_Draft] = []
        self.begun = False
        self.remarks: list[Words] = []
        self.ahead: list[Condition] = []
        self.loose: list[Label] = []

    def read(self, row: Row) -> None:
        """Read one row more."""
        self.begun = False
        tokens = row.tokens
        partner = partners(tokens, self.source)
        cursor = Cursor(self.source, tokens, partner, GRAMMAR, 0, len(tokens))
        found = pieces(cursor)
        index = 0
        while index < len(found):
            index = self._piece(cursor, found, index)
        self._end_row()
        for meta in row.metas:
            self._meta(meta)

    def finish(self) -> list[Statement]:
        """All statements."""
        if self.drafts:
            self.drafts[-1].labels += self.loose
        return [draft.finish() for draft in self.drafts]

    # --- the pieces of a row --------------------------------------------------------------------

    def _piece(self, cursor: Cursor, found: tuple[Piece, ...], index: int) -> int:
        """Read one piece, or several that make a condition; the index of the next."""
        piece = found[index]
        token = cursor.tokens[piece.start]
        if piece.sort == "words" and _introduces(token):
            end = self._condition_end(cursor, found, index)
            if end > index:
                last = found[end - 1].end
                self._limit(condition(cursor, piece.start, last))
                return end
        if piece.sort == "label":
            closed = piece.end - 1
            text = label_text(cursor, piece.start + 1, closed)
            self._label(Label(token.start, cursor.tokens[closed].end, text, "arrow"))
        elif piece.sort == "formula":
            self._formula(cursor, piece)
        else:
            self.remarks.append(Words(token.start, token.end, token.text))
        return index + 1

    def _condition_end(self, cursor: Cursor, found: tuple[Piece, ...], index: int) -> int:
        """How far the condition goes that the words at this index begin; `index` if they do not."""
        token = cursor.tokens[found[index].start]
        end = index + 1
        if _word(token) in vocabulary.OTHERWISE:
            return end
        if end == len(found) or found[end].sort != "formula":
            return index
        spaced = cursor.tokens[found[end].start].before >= Space.GAP
        if token.text.lower() not in vocabulary.BARE_CONDITIONS and (spaced or not self.begun):
            return index
        while end < len(found):
            piece = found[end]
            first = end == index + 1
            listed = piece.before == "," and self.begun
            if piece.sort != "formula" or not (first or listed or found[end - 1].sort == "words"):
                break
            end += 1
            if end + 1 < len(found) and found[end].sort == "words":
                word = _word(cursor.tokens[found[end].start])
                joined = word in ("and", "or") and found[end + 1].sort == "formula"
                end += joined
                if not joined:
                    break
        return end

    def _formula(self, cursor: Cursor, piece: Piece) -> None:
        first = cursor.tokens[piece.start]
        if piece.before == "gap" and self._aside(cursor, piece):
            return
        cursor.index, cursor.end = piece.start, piece.end
        if first.kind in (Kind.RELATION, Kind.ARROW):
            self._continue(cursor, cursor.take())
        else:
            node = cursor.grammar.clauses(cursor)
            self._check_end(cursor)
            self._new(cursor, piece, node)
        cursor.end = len(cursor.tokens)

    def _check_end(self, cursor: Cursor) -> None:
        if cursor.peek() is not None:
            raise cursor.unexpected("an operator, or the end of the formula")

    def _aside(self, cursor: Cursor, piece: Piece) -> bool:
        """A label or a condition in parentheses, set apart by a wide space."""
        opened, closed = piece.start, piece.end - 1
        if cursor.tokens[opened].text != "(" or cursor.partner[opened] != closed:
            return False
        start, end = cursor.tokens[opened].start, cursor.tokens[closed].end
        if text := label_text(cursor, opened, closed):
            self._label(Label(start, end, text, "gap"))
        else:
            self._limit(replace(condition(cursor, opened + 1, closed), start=start, end=end))
        return True

    def _continue(self, cursor: Cursor, sign: Token) -> None:
        """A formula that begins with a relation: more members for the statement before."""
        draft = self.drafts[-1] if self.drafts else None
        if draft is None or isinstance(draft.body, Words):
            cursor.index -= 1
            raise cursor.unexpected("the left side of the equation")
        node = cursor.grammar.clauses(cursor)
        self._check_end(cursor)
        kind = Arrows if sign.kind is Kind.ARROW else Relation
        members, signs = _chain(draft.body, kind)
        more, further = _chain(node, kind)
        if any(isinstance(member, Relation | Arrows) for member in (*members, *more)):
            met = "a chain in which arrows and relations are mixed"
            raise self.source.not_understood(sign.start, met, "either arrows or relations")
        whole_chain = (*members, *more), (*signs, sign.text, *further)
        draft.body = kind(draft.body.start, node.end, *whole_chain)
        draft.remarks += self.remarks
        draft.conditions += self.ahead
        self.remarks, self.ahead = [], []
        self.begun = True

    def _new(self, cursor: Cursor, piece: Piece, node: Node) -> None:
        """A statement of its own, or a condition of the statement before."""
        if self.begun and is_condition(node):
            words = " … ".join(remark.text for remark in self.remarks)
            start = self.remarks[0].start if self.remarks else node.start
            self.remarks = []
            self._limit(Condition(start, node.end, words, (node,)))
            return
        if self.begun and piece.before == "gap" and not piece.related:
            start = cursor.tokens[piece.start].start
            met = f"a wide space in front of {self.source.quote(node.start, node.end)}"
            raise self.source.not_understood(start, met, "a sign, a relation or words")
        self.drafts.append(_Draft(node, self.ahead, self.loose, self.remarks))
        self.ahead, self.loose, self.remarks = [], [], []
        self.begun = True

    def _limit(self, limit: Condition) -> None:
        if self.begun:
            self.drafts[-1].conditions.append(limit)
        else:
            self.ahead.append(limit)

    def _label(self, label: Label) -> None:
        if self.drafts:
            self.drafts[-1].labels.append(label)
        else:
            self.loose.append(label)

    def _end_row(self) -> None:
        """Words and conditions that no statement of this row took."""
        if self.ahead and self.drafts:
            self.drafts[-1].conditions += self.ahead
            self.ahead = []
        self.drafts += [_Draft(limit) for limit in self.ahead]
        if self.begun:
            self.drafts[-1].remarks += self.remarks
        else:
            self.drafts += [_Draft(remark) for remark in self.remarks]
        self.ahead, self.remarks = [], []

    def _meta(self, meta: Token) -> None:
        if meta.text in ("\\label", "\\tag"):
            form = meta.text.removeprefix("\\")
            self._label(Label(meta.start, meta.end, meta.argument, form))
        elif self.drafts:
            self.drafts[-1].remarks.append(Words(meta.start, meta.end, meta.text))


def _word(token: Token) -> str:
    return token.text.split()[0].lower().removeprefix("\\")


def _introduces(token: Token) -> bool:
    """Whether a token of words begins a condition."""
    return _word(token) in vocabulary.CONDITION_WORDS | vocabulary.OTHERWISE


def _chain(
    node: Node, kind: type[Relation] | type[Arrows]
) -> tuple[tuple[Node, ...], tuple[str, ...]]:
    if isinstance(node, kind):
        return node.members, node.signs
    return (node,), ()
