r"""From a display to its statements: equations with their conditions, labels and remarks.

A row is split at words, commas, semicolons, full stops and wide spaces:

* A piece with a relation of its own is a new statement; one that begins with a relation continues
  the statement before it, also across rows.
* Words are passed over and kept as `remarks`. Behind `if`, `for`, `when`, `\forall` and their like
  a formula is a condition, and so is one with an order sign, a membership or a range with dots,
  where it follows a statement; `(l < L)` set apart by a wide space is one too. A condition in
  front of the first statement of its row belongs to that statement.
* `\rightarrow (A)`, `\quad (1.1)`, `\tag{...}` and `\label{...}` are labels.
* Two expressions with a wide space between them are neither a product nor two statements.
"""

from bisect import bisect_right
from dataclasses import replace

from symbackprop.reading.syntax.reader import Reader
from symbackprop.reading.syntax.rows import rows
from symbackprop.reading.syntax.tree import Label, Statement
from symbackprop.reading.tex.arrange import arrange
from symbackprop.reading.tex.tokenizer import tokenize, whole
from symbackprop.reading.text.displays import Display
from symbackprop.reading.tokens import Note


def parse(formula: Display | str) -> tuple[Statement, ...]:
    r"""The statements of a display, or of a formula that is given without delimiters.

    Raises NotUnderstood at the first place that cannot be read.

    >>> [statement.labels[0].text for statement in parse(r"a = b \quad (1) \\ c = d \tag{2}")]
    ['1', '2']
    """
    display = whole(formula) if isinstance(formula, str) else formula
    if display.problem is not None:
        raise display.problem
    arranged = arrange(tokenize(display), display.source)
    reader = Reader(display.source)
    for row in rows(arranged.tokens, display.delimiter):
        reader.read(row)
    statements = reader.finish()
    if display.label and statements:
        label = Label(display.end, display.end, display.label, "outside")
        statements[0] = replace(statements[0], labels=(*statements[0].labels, label))
    return _with_notes(statements, arranged.notes)


def _with_notes(statements: list[Statement], notes: tuple[Note, ...]) -> tuple[Statement, ...]:
    """Each note with the statement in which what it is about begins."""
    starts = [statement.start for statement in statements]
    noted: dict[int, list[Note]] = {}
    for note in notes:
        noted.setdefault(max(bisect_right(starts, note.start) - 1, 0), []).append(note)
    return tuple(
        replace(statement, notes=tuple(noted.get(index, ())))
        for index, statement in enumerate(statements)
    )
