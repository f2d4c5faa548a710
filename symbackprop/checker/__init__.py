"""Notes in TeX or Markdown read into equations: find the displays, tokenize, parse.

    displays(text, kind)   the display equations of a file, with their places
    tokenize(display)      the tokens of one, with their offsets
    parse(display)         its statements: trees of the nodes in `syntax`
    to_sexpr(node)         a tree as text
    check_text(text, kind) the equations of a text, each with its verdict

What is not understood raises NotUnderstood, which says what was met, where, and what was expected.
"""

from symbackprop.checker.displays import Display, displays
from symbackprop.checker.report import Report, check_text
from symbackprop.checker.sexpr import to_sexpr
from symbackprop.checker.source import NotUnderstood
from symbackprop.checker.statements import parse
from symbackprop.checker.tokenizer import tokenize

__all__ = [
    "Display",
    "NotUnderstood",
    "Report",
    "check_text",
    "displays",
    "parse",
    "to_sexpr",
    "tokenize",
]
