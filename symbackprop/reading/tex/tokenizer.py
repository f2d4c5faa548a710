"""From a display to its tokens."""

from symbackprop.reading.tex import words
from symbackprop.reading.tex.commands import HANDLERS
from symbackprop.reading.tex.lexer import Lexer
from symbackprop.reading.text.displays import Display
from symbackprop.reading.text.source import Source
from symbackprop.reading.tokens import Token


def whole(text: str) -> Display:
    """A formula without delimiters, as a display."""
    return Display(Source.of(text), "", 0, len(text), 0, len(text))


def tokenize(formula: Display | str) -> tuple[Token, ...]:
    r"""The tokens of a display, or of a formula that is given without delimiters.

    White space, comments and commands that print nothing are no tokens: what was in front of a
    token is its `before`. Letters typed side by side are settled into symbols, names and prose
    (see `words`). Braces, and commands that change only the look, are still there.

    >>> [token.text for token in tokenize(r"a^{l} = \sigma(z2)")]
    ['a', '^', '{', 'l', '}', '=', 'sigma', '(', 'z2', ')']
    """
    display = whole(formula) if isinstance(formula, str) else formula
    text = display.text
    lexer = Lexer(display.source, text, display.body_start, 0, len(text), HANDLERS)
    lexer.run()
    if lexer.lefts:
        raise lexer.error(lexer.lefts[-1][0], "a '\\left' without its '\\right'", "'\\right'")
    return words.settle(lexer.tokens)
