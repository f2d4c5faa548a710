"""Tokens: the smallest pieces of a formula, each with its place in the text."""

from dataclasses import dataclass
from enum import IntEnum, StrEnum


class Kind(StrEnum):
    """What sort of piece a token is; `Token.text` says which one of its sort."""

    NUMBER = "number"
    RUN = "run"  # letters typed side by side, before it is known whether they are one name
    LETTER = "letter"
    NAME = "name"  # several letters that are one name: learningRate, z2, \text{out}
    SYMBOL = "symbol"  # a command that is a letter: \sigma, \ell, \top
    COMMAND = "command"  # a command with a meaning of its own: \frac, \sum, \hat, \log
    WORDS = "words"  # prose: \text{for all }, or words typed in math mode
    OPEN = "{"
    CLOSE = "}"
    BEGIN = "begin"
    END = "end"
    SCRIPT = "script"  # ^ or _
    PRIME = "prime"
    OPERATOR = "operator"
    RELATION = "relation"
    ARROW = "arrow"
    IMPLIES = "implies"
    LEFT = "left"  # an opening bracket
    RIGHT = "right"  # a closing bracket
    BAR = "bar"  # | or ||, which may open or close
    COMMA = "comma"
    SEMICOLON = "semicolon"
    DOTS = "dots"
    ROW = "row"  # \\
    CELL = "cell"  # &
    META = "meta"  # \label{...}, \tag{...}, \notag
    WRAP = "wrap"  # a command that changes only the look of what follows


class Space(IntEnum):
    """The widest white space in front of a token."""

    NONE = 0
    PLAIN = 1  # prints nothing: blanks, line ends, comments
    THIN = 2  # \, \! \: \;
    TEXT = 3  # \space, a backslash and a blank, ~
    GAP = 4  # \quad, \qquad, \hspace{...}
    ROW = 5  # the break between two rows that are read as one


@dataclass(frozen=True, slots=True)
class Token:
    r"""One piece of a formula.

    `text` is normalised (`\leq` and `≤` are both `\le`, commands that are letters have no
    backslash); `start` and `end` are offsets into the whole file, so that
    `source.text[token.start:token.end]` is what the author typed. `fonts` are the fonts of a
    letter, outermost first; `argument` is the argument of a command that was read verbatim
    (a colour, a label); `group` is the offset where the braces begin behind which a script
    stands, as in `{w^{(l)}}^2`, else -1.
    """

    kind: Kind
    text: str
    start: int
    end: int
    before: Space = Space.NONE
    fonts: tuple[str, ...] = ()
    argument: str = ""
    group: int = -1


@dataclass(frozen=True, slots=True)
class Note:
    """A command that changed only the look of source.text[start:end]: colour, font, underbrace."""

    start: int
    end: int
    command: str
    argument: str = ""
