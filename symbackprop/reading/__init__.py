"""Notes in TeX or Markdown read into the trees of their equations; no model is known here.

The stages, each with what goes in and what comes out:

    text/displays   the text of a file       its display equations, with their places
    tex/tokenizer   a display                its tokens, with their places
    tex/arrange     tokens                   tokens in the order and grouping of what is printed
    syntax/reader   arranged tokens          statements: trees of the nodes in syntax/tree
    statements      a display                its statements, by way of all stages

What is not understood raises NotUnderstood, which says what was met, where, and what was expected.
"""

from symbackprop.reading.statements import parse
from symbackprop.reading.tex.tokenizer import tokenize
from symbackprop.reading.text.displays import Display, displays
from symbackprop.reading.text.source import NotUnderstood

__all__ = ["Display", "NotUnderstood", "displays", "parse", "tokenize"]
