"""The rows of a display, each with the rows that only continue it.

A row continues the one before it if that one ends with an operator or a relation, or has a bracket
that is still open; or if it begins with an operator that cannot begin an expression. A row that
begins with `+` continues; one that begins with `-` does if `&` stands in front, or if the row has
no relation. (A row that begins with a relation continues an equation, but is read by itself.)
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from symbackprop.reading import vocabulary
from symbackprop.reading.tokens import Kind, Space, Token

_OPENING = frozenset({Kind.OPEN, Kind.BEGIN})
_CLOSING = frozenset({Kind.CLOSE, Kind.END})


@dataclass(slots=True)
class Row:
    """The tokens of a row without `&`, its labels and tags, and whether it began with `&`.

    `open_brackets` are the brackets that are opened in it, less those that are closed.
    """

    tokens: list[Token] = field(default_factory=list)
    metas: list[Token] = field(default_factory=list)
    indented: bool = False
    open_brackets: int = 0


def rows(tokens: Sequence[Token], delimiter: str) -> tuple[Row, ...]:
    r"""Split at `\\` outside braces and matrices, and join what belongs together.

    Every second `&` of a row separates columns, so that white space is printed there; in eqnarray
    none does. Rows of multline are one formula.
    """
    splitter = _Splitter(delimiter)
    for index, token in enumerate(tokens):
        splitter.read(token, tokens[index + 1] if index + 1 < len(tokens) else None)
    joined: list[Row] = []
    for row in splitter.rows:
        if joined and row.tokens and _continues(joined[-1], row):
            first = replace(row.tokens[0], before=Space.ROW)
            joined[-1].tokens += [first, *row.tokens[1:]]
            joined[-1].metas += row.metas
            joined[-1].open_brackets += row.open_brackets
        elif row.tokens or row.metas:
            joined.append(row)
    return tuple(joined)


class _Splitter:
    def __init__(self, delimiter: str) -> None:
        self.rows = [Row()]
        self.environments = [delimiter]
        self.depth = 0
        self.cells = 0
        self.space = Space.NONE
        self.systems = 0  # \left\{ in front of rows, whose \right. is still to come

    def read(self, token: Token, following: Token | None) -> None:
        if token.kind is Kind.META:
            self.rows[-1].metas.append(token)
        elif self.depth == 0 and self._structural(token, following):
            return
        else:
            self.depth += (token.kind in _OPENING) - (token.kind in _CLOSING)
            self.rows[-1].tokens.append(replace(token, before=max(token.before, self.space)))
            self.rows[-1].open_brackets += (token.kind is Kind.LEFT) - (token.kind is Kind.RIGHT)
            self.space = Space.NONE

    def _structural(self, token: Token, following: Token | None) -> bool:
        """Whether a token outside braces and matrices only arranges rows."""
        match token.kind:
            case Kind.BEGIN if token.text in vocabulary.ROWED:
                self.environments.append(token.text)
            case Kind.END if len(self.environments) > 1:
                self.environments.pop()
            case Kind.ROW if self.environments[-1] in vocabulary.UNSPLIT:
                self.space = Space.ROW
            case Kind.ROW:
                self.rows.append(Row())
                self.cells, self.space = 0, Space.NONE
            case Kind.CELL:
                self._cell()
            case Kind.LEFT if token.text == "{." and _begins_rows(following):
                self.systems += 1
            case Kind.RIGHT if token.text == "." and self.systems:
                self.systems -= 1
            case _:
                return False
        return True

    def _cell(self) -> None:
        self.cells += 1
        self.rows[-1].indented |= not self.rows[-1].tokens
        if self.cells % 2 == 0 and not self.environments[-1].startswith("eqnarray"):
            self.space = Space.GAP


def _begins_rows(token: Token | None) -> bool:
    return token is not None and token.kind is Kind.BEGIN and token.text in vocabulary.ROWED


def _continues(before: Row, row: Row) -> bool:
    if not before.tokens:
        return False
    last, first = before.tokens[-1], row.tokens[0]
    if last.kind is Kind.RELATION or (last.kind is Kind.OPERATOR and last.text != "."):
        return True
    if before.open_brackets > 0:
        return True
    if first.kind is not Kind.OPERATOR:
        return False
    relation = any(token.kind is Kind.RELATION for token in row.tokens)
    return first.text != "-" or row.indented or not relation
