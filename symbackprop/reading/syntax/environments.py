"""Matrices, and values by cases."""

from symbackprop.reading.syntax.conditions import condition
from symbackprop.reading.syntax.cursor import Cursor
from symbackprop.reading.syntax.tree import Case, Cases, Matrix, Node
from symbackprop.reading.tokens import Kind

_BY_CASES = frozenset({"cases", "dcases", "rcases"})
Cell = tuple[int, int]


def environment(cursor: Cursor, *, by_cases: bool = False) -> Matrix | Cases:
    """The environment that comes next."""
    begun = cursor.take()
    closing = cursor.partner[cursor.index - 1]
    rows = _rows(cursor, cursor.index, closing)
    if not rows:
        raise cursor.unexpected("rows")
    by_cases = by_cases or begun.text in _BY_CASES
    end = cursor.tokens[closing].end
    node: Matrix | Cases
    with cursor.inside(script=False):
        if by_cases:
            node = Cases(begun.start, end, tuple(_case(cursor, row) for row in rows))
        else:
            cells = tuple(tuple(_cell(cursor, cell) for cell in row) for row in rows)
            node = Matrix(begun.start, end, begun.text, cells)
    cursor.index = closing
    cursor.take()
    return node


def _rows(cursor: Cursor, start: int, end: int) -> list[list[Cell]]:
    """Where the cells of each row start and end; a row without any token is left out."""
    rows: list[list[Cell]] = [[]]
    index = begun = start
    while index < end:
        token = cursor.tokens[index]
        if token.kind in (Kind.CELL, Kind.ROW):
            rows[-1].append((begun, index))
            begun = index + 1
            if token.kind is Kind.ROW:
                rows.append([])
        index = cursor.partner.get(index, index) + 1
    rows[-1].append((begun, end))
    return [row for row in rows if len(row) > 1 or row[0][0] < row[0][1]]


def _cell(cursor: Cursor, cell: Cell) -> Node:
    """The one expression that a cell holds."""
    outer = cursor.end
    cursor.index, cursor.end = cell
    node = cursor.grammar.clauses(cursor)
    if cursor.peek() is not None:
        raise cursor.unexpected("an operator, or the end of the cell")
    cursor.end = outer
    return node


def _case(cursor: Cursor, row: list[Cell]) -> Case:
    """A value and its condition, in two cells or with words or a comma between them."""
    first, last = row[0][0], row[-1][1]
    split = row[0][1]
    if len(row) == 1:
        split = _first_separator(cursor, first, last)
    if len(row) > 2:
        raise cursor.source.not_understood(
            cursor.tokens[row[2][0] - 1].start, "a third cell", "a value and a condition"
        )
    upper = split
    while upper > first and cursor.tokens[upper - 1].kind in (Kind.COMMA, Kind.SEMICOLON):
        upper -= 1
    value = _cell(cursor, (first, upper))
    lower = min(row[-1][0] if len(row) > 1 else split, last)
    while lower < last and cursor.tokens[lower].kind is Kind.COMMA:
        lower += 1
    limit = condition(cursor, lower, last) if lower < last else None
    end = limit.end if limit else value.end
    return Case(value.start, end, value, limit)


def _first_separator(cursor: Cursor, start: int, end: int) -> int:
    index = start
    while index < end and cursor.tokens[index].kind not in (Kind.WORDS, Kind.COMMA):
        index = cursor.partner.get(index, index) + 1
    return index
