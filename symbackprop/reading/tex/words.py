r"""Which letters typed side by side are a product, which are one name, and which are prose.

The rules, in this order:

1. *Prose.* Two or more words that are kept apart by text spaces (`\space`, a backslash and a
   blank, `~`), one of them with three letters at least, are prose: `which \space is`. A word of
   one or two letters counts only if it is an English word (`is`, `to`, `a`); no word counts that
   carries a script, a prime or an argument, and the last one does not if an operator or a relation
   follows it: in `where \space net = w x`, `net` is a quantity. A single word is prose if it is a
   connective of three letters or more (`where`, `for`, `otherwise`), or `if`, `or`, `so` between
   wide spaces.
2. *Names.* Three or more letters are one name: `learningRate`, `net`. Digits that follow at once
   belong to the letter before them: `z2`, `h1`. `ln` is a function.
3. *Products.* One or two letters are one or two symbols: `w x`, `wx`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from symbackprop.reading import vocabulary
from symbackprop.reading.tokens import Kind, Space, Token

_BINDING = frozenset({Kind.SCRIPT, Kind.PRIME})
_CONTINUING = frozenset({Kind.RELATION, Kind.OPERATOR})
_AFTER = frozenset({Kind.SCRIPT, Kind.WRAP})  # a letter behind these is their argument
_LONGEST = 60  # words in a sentence
_SHORT = frozenset(word.lower() for word in vocabulary.SHORT_WORDS)
_SPACED = frozenset({"if", "or", "so"})
_EDGES = frozenset({Kind.COMMA, Kind.CELL, Kind.ROW, Kind.BEGIN, Kind.END, Kind.WORDS, Kind.META})


def settle(tokens: Sequence[Token]) -> tuple[Token, ...]:
    """Replace each run of letters by symbols, a name, or together with its neighbours by prose."""
    settled: list[Token] = []
    index = 0
    while index < len(tokens):
        token = tokens[index]
        end = _prose_end(tokens, index) if token.kind is Kind.RUN else index
        if end > index:
            last = tokens[end - 1]
            text = _sentence(tokens[index:end])
            settled.append(replace(token, kind=Kind.WORDS, text=text, end=last.end))
            index = end
        else:
            settled.extend(letters(token) if token.kind is Kind.RUN else (token,))
            index += 1
    return tuple(settled)


def letters(run: Token) -> Iterator[Token]:
    """The symbols of a run: one name, or its one or two letters."""
    word = run.text.rstrip("0123456789")
    if run.text in vocabulary.FUNCTIONS:
        yield replace(run, kind=Kind.COMMAND)
    elif len(word) != 2:
        yield replace(run, kind=Kind.NAME if len(run.text) > 1 else Kind.LETTER)
    else:
        yield replace(run, kind=Kind.LETTER, text=run.text[0], end=run.start + 1)
        rest = replace(run, text=run.text[1:], start=run.start + 1, before=Space.NONE)
        yield replace(rest, kind=Kind.NAME if len(rest.text) > 1 else Kind.LETTER)


def _sentence(tokens: Sequence[Token]) -> str:
    spaced = (token.text if token.before is Space.NONE else f" {token.text}" for token in tokens)
    return "".join(spaced).strip()


def _prose_end(tokens: Sequence[Token], start: int) -> int:
    """The index behind the prose that starts here; `start` if none does."""
    if start and tokens[start - 1].kind in _AFTER:
        return start
    ends = _word_ends(tokens, start)
    follower = tokens[ends[-1]] if ends and ends[-1] < len(tokens) else None
    if follower and len(ends) > 1 and follower.kind in _CONTINUING:
        ends.pop()
    first = [start, *ends]
    while len(ends) > 1 and tokens[first[len(ends) - 1]].text == "a":
        ends.pop()
    if len(ends) > 1 and any(len(token.text) > 2 for token in tokens[start : ends[-1]]):
        return ends[-1]
    return start + 1 if ends and _is_connective(tokens, start) else start


def _word_ends(tokens: Sequence[Token], start: int) -> list[int]:
    """The indices behind each word of the longest run of words that starts here."""
    ends: list[int] = []
    index = start
    while index < len(tokens) and _is_word(tokens, index) and len(ends) < _LONGEST:
        alone = len(tokens[index].text) == 1 if not ends else tokens[index].before != Space.TEXT
        if alone:
            break
        index += 1
        while _is_hyphen(tokens, index):
            index += 2
        if index < len(tokens) and _binds(tokens[index]):
            break
        ends.append(index)
    return ends


def _is_word(tokens: Sequence[Token], index: int) -> bool:
    token = tokens[index]
    if token.kind is not Kind.RUN or not token.text.isalpha():
        return False
    short = token.text.lower() in _SHORT or _is_hyphen(tokens, index + 1)
    return len(token.text) > 2 or short


def _is_hyphen(tokens: Sequence[Token], index: int) -> bool:
    """Whether a hyphen joins the word before the index with a word behind it."""
    if index + 1 >= len(tokens) or len(tokens[index - 1].text) < 2:
        return False
    hyphen, word = tokens[index], tokens[index + 1]
    tight = hyphen.before is Space.NONE and word.before is Space.NONE
    letters_only = word.kind is Kind.RUN and word.text.isalpha() and len(word.text) > 2
    return hyphen.text == "-" and tight and letters_only


def _binds(token: Token) -> bool:
    bracket = token.kind is Kind.LEFT and token.before is Space.NONE
    return token.kind in _BINDING or bracket


def _is_connective(tokens: Sequence[Token], index: int) -> bool:
    token = tokens[index]
    if token.text.lower() not in vocabulary.CONNECTIVES:
        return False
    if len(token.text) > 2:
        return True
    before = index == 0 or tokens[index - 1].kind in _EDGES or token.before >= Space.TEXT
    after = index + 1 == len(tokens) or tokens[index + 1].before >= Space.TEXT
    return token.text.lower() in _SPACED and before and after
