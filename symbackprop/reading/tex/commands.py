"""How the scanner reads commands that are no letters or signs: text, looks, labels, brackets.

Each handler gets the scanner, the name of the command and the place where it starts.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from symbackprop.reading import vocabulary
from symbackprop.reading.tex.lexer import Handler, Lexer
from symbackprop.reading.tokens import Kind, Space

_OVERLAY = re.compile(r"<[^<>{}\n]{0,80}>")
_OPTION = re.compile(r"\[[^\[\]{}\n]{0,80}\]")
_ROW_END = re.compile(r"\*?(?:\[\s*-?[0-9.]+\s*(?:[a-z]{2}|\\[a-z]+)\s*\])?")
_NEGATED = re.compile(r"=|\\in(?![A-Za-z])")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9\-]*")
_MATH_IN_TEXT = re.compile(r"\$([^$]*)\$|\\\(((?:[^\\]|\\[^)])*)\\\)")
_TEXT_COMMAND = re.compile(r"\\(?:[A-Za-z]+|.)|[{}~]", re.DOTALL)
_WORD_ARGUMENT = re.compile(r"\s*\{\s*([A-Za-z](?:[A-Za-z0-9\-]|\\[,;!: ]|\s)*)\}")
_LIMIT = 20  # formulas in texts in formulas


def _row(lexer: Lexer, name: str, start: int) -> None:
    lexer.skip(_ROW_END)
    lexer.emit(Kind.ROW, "\\\\", start)


def _space(lexer: Lexer, name: str, start: int) -> None:
    lexer.widen(vocabulary.SPACES[name])
    if name in ("\\hspace", "\\mspace"):
        lexer.take("*")
        lexer.group(name, start)


def _switch(lexer: Lexer, name: str, start: int) -> None:
    lexer.widen(Space.PLAIN)
    count = vocabulary.SWITCHES[name]
    if count:
        lexer.verbatim(count, name, start)


def _meta(lexer: Lexer, name: str, start: int) -> None:
    space = lexer.space
    if name == "\\tag":
        lexer.take("*")
    count = vocabulary.META[name]
    argument = lexer.verbatim(count, name, start) if count else ""
    lexer.emit(Kind.META, name, start, argument)
    lexer.widen(space)


def _wrapper(lexer: Lexer, name: str, start: int) -> None:
    if name in vocabulary.WORD_FONTS and _word(lexer, name, start):
        return
    overlay = lexer.skip(_OVERLAY) if name in vocabulary.OVERLAYS else ""
    count = vocabulary.WRAPPERS[name]
    argument = lexer.verbatim(count, name, start) if count or name == "\\bbox" else overlay
    lexer.emit(Kind.WRAP, name, start, argument)


def _word(lexer: Lexer, name: str, start: int) -> bool:
    r"""`\mathrm{new}` is one name, `\mathrm{d}` a letter in a font, `\mathrm{if}` prose."""
    found = _WORD_ARGUMENT.match(lexer.text, lexer.position, lexer.end)
    word = re.sub(r"\\.|\s", "", found.group(1)) if found else ""
    if found is None or (len(word) < 2 and name != "\\operatorname"):
        return False
    lexer.position = found.end()
    if word in vocabulary.FUNCTIONS:
        lexer.emit(Kind.COMMAND, word, start)
    elif word.lower() in vocabulary.CONNECTIVES:
        lexer.emit(Kind.WORDS, word, start)
    else:
        lexer.emit(Kind.NAME, word, start, name)
    return True


def _operator_name(lexer: Lexer, name: str, start: int) -> None:
    lexer.take("*")
    if not _word(lexer, name, start):
        raise lexer.error(start, "'\\operatorname' without a name", "letters in braces")


def _text(lexer: Lexer, name: str, start: int) -> None:
    r"""Words, and the formulas between them: `\text{for all $l < L$}`."""
    count = vocabulary.TEXTS[name]
    if name in vocabulary.BOXES:
        lexer.emit(Kind.WRAP, name, start, lexer.verbatim(count, name, start) if count else "")
        lexer.emit(Kind.OPEN, "{", lexer.position)
    lower, upper = lexer.group(name, start)
    after, last = lexer.position, lower
    for formula in _MATH_IN_TEXT.finditer(lexer.text, lower, upper):
        _prose(lexer, last, formula.start())
        _nested(lexer, *formula.span(1 if formula.group(1) is not None else 2))
        last = formula.end()
    _prose(lexer, last, upper)
    lexer.position = after
    if name in vocabulary.BOXES:
        lexer.emit(Kind.CLOSE, "}", after)


def _nested(lexer: Lexer, start: int, end: int) -> None:
    if lexer.depth >= _LIMIT:
        raise lexer.error(start, f"texts nested deeper than {_LIMIT}", "a simpler formula")
    outer, lexer.position, lexer.end = lexer.end, start, end
    lexer.depth += 1
    lexer.run()
    lexer.end, lexer.depth = outer, lexer.depth - 1
    lexer.widen(Space.PLAIN)


def _prose(lexer: Lexer, start: int, end: int) -> None:
    """Words; or one name, where a single word stands that is no connective."""
    lexer.position = end
    raw = " ".join(_TEXT_COMMAND.sub(" ", lexer.text[start:end]).split())
    if "$" in raw:
        raise lexer.error(start, "a '$' in a text without a second one", "'$' round a formula")
    words = raw.strip(",.;: ")
    if not words:
        for mark in raw.replace(" ", ""):
            lexer.sign(mark, start)
        lexer.widen(Space.TEXT)
    elif _NAME.fullmatch(words) and words.lower() not in vocabulary.CONNECTIVES:
        lexer.emit(Kind.NAME if len(words) > 1 else Kind.LETTER, words, start, "\\text")
    else:
        lexer.emit(Kind.WORDS, words, start)


def _environment(lexer: Lexer, name: str, start: int) -> None:
    lower, upper = lexer.group(name, start)
    environment = lexer.text[lower:upper].strip()
    if environment not in vocabulary.MATRICES | vocabulary.ROWED:
        met = f"the environment '{environment[:40]}'"
        raise lexer.error(start, met, "an environment that the reader knows")
    if name == "\\begin":
        lexer.skip(_OPTION)
        if environment.startswith(("array", "alignat", "alignedat")):
            lexer.group(name, start)
    lexer.emit(Kind.BEGIN if name == "\\begin" else Kind.END, environment, start)


def _negation(lexer: Lexer, name: str, start: int) -> None:
    lexer.blank()
    sign = lexer.skip(_NEGATED)
    if not sign:
        raise lexer.error(start, f"'{name}'", "'=' or '\\in' behind it")
    lexer.emit(Kind.RELATION, vocabulary.NEGATED[sign], start)


def _arrow(lexer: Lexer, name: str, start: int) -> None:
    lexer.emit(Kind.ARROW, "\\rightarrow", start, lexer.verbatim(1, name, start))


def _size(lexer: Lexer, name: str, start: int) -> None:
    kind, text = lexer.delimiter(name, start)
    if text == ".":
        raise lexer.error(start, f"'{name}.'", "a bracket")
    side = vocabulary.SIZES[name]
    if kind is Kind.BAR and side in ("l", "r"):
        kind = Kind.LEFT if side == "l" else Kind.RIGHT
    lexer.emit(kind, text, start)


def _left(lexer: Lexer, name: str, start: int) -> None:
    kind, text = lexer.delimiter(name, start)
    if kind is Kind.RIGHT:
        raise lexer.error(start, f"a closing bracket behind '{name}'", "an opening bracket")
    lexer.lefts.append((start, None if text == "." else len(lexer.tokens)))
    if text != ".":
        lexer.emit(Kind.LEFT, text, start)


def _right(lexer: Lexer, name: str, start: int) -> None:
    r"""The closing bracket; `\left\{ ... \right.` is marked as having none that is printed."""
    kind, text = lexer.delimiter(name, start)
    if kind is Kind.LEFT:
        raise lexer.error(start, f"an opening bracket behind '{name}'", "a closing bracket")
    if not lexer.lefts:
        raise lexer.error(start, "a '\\right' without its '\\left'", "'\\left' before it")
    _, opened = lexer.lefts.pop()
    if text != ".":
        lexer.emit(Kind.RIGHT, text, start)
    elif opened is not None and lexer.tokens[opened].text == "{":
        lexer.tokens[opened] = replace(lexer.tokens[opened], text="{.")
        lexer.emit(Kind.RIGHT, ".", start)


HANDLERS: Final[Mapping[str, Handler]] = (
    dict.fromkeys(("\\\\", "\\cr", "\\newline"), _row)
    | dict.fromkeys(vocabulary.SPACES, _space)
    | dict.fromkeys(vocabulary.SWITCHES, _switch)
    | dict.fromkeys(vocabulary.WRAPPERS, _wrapper)
    | dict.fromkeys(vocabulary.META, _meta)
    | dict.fromkeys(vocabulary.TEXTS, _text)
    | dict.fromkeys(vocabulary.SIZES, _size)
    | dict.fromkeys(("\\begin", "\\end"), _environment)
    | {"\\operatorname": _operator_name, "\\not": _negation, "\\xrightarrow": _arrow}
    | {"\\left": _left, "\\right": _right}
)
