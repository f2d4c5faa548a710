"""The display equations of a TeX or Markdown file, each with its place."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from symbackprop.reading import vocabulary
from symbackprop.reading.text.marks import Mark, markdown_marks, tex_marks
from symbackprop.reading.text.source import NotUnderstood, Position, Source

FileKind = Literal["tex", "markdown"]
_LABEL = re.compile(r"[ \t]*(?:\(([\w:.+-]+)\)|\{#([\w:.-]+)[^}\n]*\})[ \t]*$", re.MULTILINE)
_QUOTE = re.compile(r"^[ \t]*(?:>[ \t]?)+", re.MULTILINE)
_OPTION_LINES = re.compile(r"\s*?\n(?:---\n(?:[^\n]*\n)*?---\n|(?:[ \t>]*:[\w-]+:[^\n]*\n)*)")
_LABEL_OPTION = re.compile(r"^[ \t>]*:?label:[ \t]*(\S+)", re.MULTILINE)
_ARGUMENT = re.compile(r"[ \t]*(?:\[[a-z]\]|\{[0-9]+\})")
_BLANK_LINE = re.compile(r"\n[ \t]*\n")
_INNER = vocabulary.ROWED - vocabulary.DISPLAYS
_FAR = 20_000  # how far the text of a display that is never closed is looked at


@dataclass(frozen=True, slots=True)
class Display:
    r"""One displayed formula: source.text[start:end], its delimiters included.

    `delimiter` is what opened it: "$$", "\[", the name of an environment, or the line of a
    fence. `body_start` and `body_end` delimit what is between the delimiters. `label` is the one
    that Markdown puts outside (`$$...$$ (name)`, `$$...$$ {#eq-name}`, `:label: name`). A display
    whose delimiters do not balance has a `problem`, which `parse` raises.
    """

    source: Source
    delimiter: str
    start: int
    end: int
    body_start: int
    body_end: int
    label: str = ""
    problem: NotUnderstood | None = None

    @property
    def position(self) -> Position:
        """Line and column of the opening delimiter."""
        return self.source.position(self.start)

    @property
    def text(self) -> str:
        """What stands between the delimiters, with the marks of a block quotation blanked out."""
        body = self.source.text[self.body_start : self.body_end]
        line = self.source.line_starts[self.position.line - 1]
        if not _QUOTE.match(self.source.text, line, self.start + 1):
            return body
        begins_line = self.source.text[self.body_start - 1] == "\n"
        first, newline, rest = ("", "", body) if begins_line else body.partition("\n")
        return first + newline + _QUOTE.sub(lambda mark: " " * len(mark.group()), rest)


def displays(text: str, kind: FileKind) -> tuple[Display, ...]:
    r"""All displays of a file, in their order.

    Found are `$$...$$`, `\[...\]`, the display environments of amsmath with and without star,
    fenced blocks named `math` or `{math}`, and aligned rows in `$...$`; not looked at are code,
    verbatim text, definitions of macros, what a TeX file has before `\begin{document}`, and
    comments (`%` in TeX, `<!-- -->` in Markdown).

    >>> [found.text for found in displays("So $$a = b$$ and `$$`.", "markdown")]
    ['a = b']
    """
    source = Source.of(text)
    marks = tuple(tex_marks(text) if kind == "tex" else markdown_marks(text))
    return tuple(_pair(source, marks, kind))


def _pair(source: Source, marks: Sequence[Mark], kind: FileKind) -> Iterator[Display]:
    partners = _partners(marks)
    index = 0
    while index < len(marks):
        mark = marks[index]
        closing = _closing(marks, index, partners)
        if mark.sort in ("inline", "block"):
            yield _block(source, mark)
        elif closing is None:
            yield _unbalanced(source, mark, marks[index + 1] if index + 1 < len(marks) else None)
        else:
            yield _display(source, mark, marks[closing], kind)
            index = closing
        index += 1


def _partners(marks: Sequence[Mark]) -> dict[int, int]:
    r"""For each \begin the index of its \end, for those that have one."""
    partners: dict[int, int] = {}
    begun: list[int] = []
    waiting: dict[str, int] = {}
    for index, mark in enumerate(marks):
        if mark.sort == "begin":
            begun.append(index)
            waiting[mark.name] = waiting.get(mark.name, 0) + 1
        elif mark.sort == "end" and waiting.get(mark.name, 0):
            while True:
                opened = begun.pop()
                waiting[marks[opened].name] -= 1
                if marks[opened].name == mark.name:
                    partners[opened] = index
                    break
    return partners


def _closing(marks: Sequence[Mark], index: int, partners: dict[int, int]) -> int | None:
    """The index of the mark that closes this one; None if another display begins before."""
    mark = marks[index]
    if mark.sort == "begin":
        return partners.get(index)
    closer = {"$$": "$$", "[": "]"}.get(mark.sort)
    if closer is None:
        return None
    for later in range(index + 1, len(marks)):
        if marks[later].sort == closer:
            return later
        if marks[later].sort in ("$$", "[", "]", "block", "open"):
            return None
    return None


def _block(source: Source, mark: Mark) -> Display:
    start, label = mark.inner_start, ""
    if mark.sort == "block":
        options = _OPTION_LINES.match(source.text, start, mark.inner_end)
        start = options.end() if options else start
        found = _LABEL_OPTION.search(source.text, mark.inner_start, start)
        label = found.group(1) if found else ""
    return Display(source, mark.name, mark.start, mark.end, start, mark.inner_end, label)


def _display(source: Source, opened: Mark, closed: Mark, kind: FileKind) -> Display:
    body = opened.end
    if opened.sort == "begin":
        argument = _ARGUMENT.match(source.text, body, closed.start)
        takes = opened.name.startswith("alignat") or opened.name in _INNER
        body = argument.end() if argument and takes else body
    name = opened.name or source.text[opened.start : opened.end]
    found = _LABEL.match(source.text, closed.end) if kind == "markdown" else None
    label = (found.group(1) or found.group(2)) if found else ""
    return Display(source, name, opened.start, closed.end, body, closed.start, label)


def _unbalanced(source: Source, mark: Mark, following: Mark | None) -> Display:
    """A delimiter without its partner; the display ends with the paragraph."""
    text = source.text
    closes = mark.sort in ("]", "end")
    limit = min(following.start if following else len(text), mark.end + _FAR)
    blank = _BLANK_LINE.search(text, mark.end, limit)
    end = mark.end if closes else blank.start() if blank else limit
    met = source.quote(mark.start, mark.end)
    problem = (
        source.not_understood(mark.start, f"{met}, which nothing opened", "its beginning before it")
        if closes
        else source.not_understood(mark.start, f"{met}, which is never closed", "its end")
    )
    name = mark.name or text[mark.start : mark.end]
    return Display(source, name, mark.start, end, mark.end, end, "", problem)
