r"""Tokens in the order and grouping in which the parser reads them: only what is printed counts.

After this pass each script and each argument stands in braces of its own, also where the author
left them out (`\frac12`, `x^\top`), and no other braces are left: braces that group nothing but
the look of things, as in `\mathbf{...}` or `\textcolor{red}{...}`, are not printed and mean
nothing. Where dropping them would change what the author may have meant, as in `{a+b}c` or
`{ab}^2`, the reader asks for parentheses instead.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from symbackprop.reading import vocabulary
from symbackprop.reading.tex.frames import Frame, rest_of
from symbackprop.reading.text.source import NotUnderstood, Source
from symbackprop.reading.tokens import Kind, Note, Space, Token

LIMIT = 100  # braces, arguments and environments in one another
_OPERANDS = frozenset(
    {Kind.NUMBER, Kind.LETTER, Kind.NAME, Kind.SYMBOL, Kind.COMMAND, Kind.LEFT, Kind.BEGIN}
)
_ENDS = frozenset(
    {Kind.NUMBER, Kind.LETTER, Kind.NAME, Kind.SYMBOL, Kind.COMMAND, Kind.RIGHT, Kind.CLOSE}
    | {Kind.END, Kind.PRIME}
)
_SPLITS = frozenset({Kind.RELATION, Kind.ARROW, Kind.ROW, Kind.CELL, Kind.COMMA, Kind.WORDS})
_ONE_SYMBOL = frozenset({Kind.LETTER, Kind.NAME, Kind.SYMBOL})
_PARENTHESES = "parentheses, since braces are not printed"


@dataclass(frozen=True, slots=True)
class Arranged:
    """The tokens without what is not printed, and the notes on what was not."""

    tokens: tuple[Token, ...]
    notes: tuple[Note, ...]


def arrange(tokens: Sequence[Token], source: Source) -> Arranged:
    """Give each argument its braces, and drop all others."""
    arranger = _Arranger(source, list(reversed(tokens)))
    arranger.run()
    return Arranged(tuple(arranger.output), tuple(arranger.notes))


class _Arranger:
    """The pass over the tokens: a stack of what has begun, and no recursion."""

    def __init__(self, source: Source, todo: list[Token]) -> None:
        nothing = Token(Kind.BEGIN, "", 0, 0)
        self.source = source
        self.todo = todo
        self.output: list[Token] = []
        self.notes: list[Note] = []
        self.stack = [Frame("group", nothing, 0)]
        self.closed: Token | None = None  # the first token of braces that were just closed
        self.loose = False  # whether those braces held a sum
        self.units = 0  # how many units they held

    def run(self) -> None:
        while self.todo:
            self._read(self.todo.pop())
        frame = self.stack[-1]
        if len(self.stack) == 1:
            return
        if frame.sort in ("expect", "wrap", "single"):
            raise self._error(frame.token, self._quote(frame.token), "its argument")
        raise self._error(frame.token, f"{self._quote(frame.token)}, never closed", "its end")

    def _quote(self, token: Token) -> str:
        return self.source.quote(token.start, token.end)

    def _error(self, token: Token, met: str, expected: str) -> NotUnderstood:
        return self.source.not_understood(token.start, met, expected)

    def _read(self, token: Token) -> None:
        if token.kind is Kind.META:
            self.output.append(token)
        elif token.kind is Kind.OPEN:
            self._open(token)
        elif token.kind is Kind.CLOSE:
            self._close(token)
        elif token.kind is Kind.SCRIPT or token.kind is Kind.PRIME:
            self._script(token)
        elif token.kind is Kind.COMMAND and token.text == "\\over":
            self._over(token)
        elif token.kind is Kind.END:
            self._end(token)
        else:
            self._unit(token)

    # --- units ----------------------------------------------------------------------------------

    def _unit(self, token: Token) -> None:
        if self.stack[-1].sort == "expect":
            token = self._first_sign(token)
            self._synthetic(Kind.OPEN, token.start)
            self._push("single", token)
        if token.kind is Kind.WRAP:
            self._push("wrap", token)
        elif token.kind is Kind.BEGIN:
            self._emit(token)
            self._push("environment", token)
        elif token.kind is Kind.COMMAND and token.text in vocabulary.ARITY:
            self._command(token)
        else:
            self._emit(token)
            if token.text == "]" and self.stack[-1].sort == "option" and self._holder().depth < 0:
                self._finish_option(token)
            else:
                self._complete()

    def _command(self, token: Token) -> None:
        option = token.text == "\\sqrt" and self.todo and self.todo[-1].text == "["
        token = replace(token, text="\\root") if option else token
        self._emit(token)
        self._push("expect", token, vocabulary.ARITY[token.text])
        if option:
            self._synthetic(Kind.OPEN, self.todo.pop().start)
            self._push("option", token)

    def _finish_option(self, token: Token) -> None:
        self.stack.pop()
        self.output[-1] = replace(token, kind=Kind.CLOSE, text="}")
        self._argument_done()

    def _first_sign(self, token: Token) -> Token:
        """TeX takes one sign as an argument without braces: the rest of a number comes behind."""
        if token.kind not in (Kind.NUMBER, Kind.NAME) or not token.text[0].isalnum():
            return token
        if token.argument or len(token.text) == 1:
            return token
        rest = replace(token, text=token.text[1:], start=token.start + 1, before=Space.NONE)
        script = self.stack[-1].token
        if script.kind is Kind.SCRIPT and rest.text[0].isdigit():
            met = (
                f"{self._quote(script)}{self._quote(token)}, of which TeX raises or lowers one sign"
            )
            raise self._error(token, met.replace("''", ""), "braces round all of it")
        self.todo.extend(reversed(list(rest_of(rest))))
        kind = Kind.NUMBER if token.kind is Kind.NUMBER else Kind.LETTER
        return replace(token, kind=kind, text=token.text[0], end=token.start + 1)

    def _complete(self) -> None:
        """A unit is complete: so may be what waited for it."""
        while True:
            frame = self.stack[-1]
            if frame.sort == "single":
                self._synthetic(Kind.CLOSE, self.output[-1].end)
                self.stack.pop()
                if not self._count():
                    return
            elif frame.sort == "wrap":
                self._unwrap(self.stack.pop())
            else:
                frame.units += 1
                return

    def _count(self) -> bool:
        """One argument more; whether the command with its arguments completes a unit."""
        frame = self.stack[-1]
        frame.count -= 1
        if frame.count:
            return False
        self.stack.pop()
        return frame.token.kind is not Kind.SCRIPT

    def _argument_done(self) -> None:
        if self._count():
            self._complete()

    # --- braces ---------------------------------------------------------------------------------

    def _open(self, token: Token) -> None:
        if self.stack[-1].sort == "expect":
            self._emit(token)
            self._push("argument", token)
        else:
            self._push("group", token)

    def _close(self, token: Token) -> None:
        frame = self.stack[-1]
        if len(self.stack) == 1 or frame.sort in ("environment", "option"):
            raise self._error(token, "'}' that nothing opened", "'{' before it")
        if frame.sort in ("expect", "wrap", "single"):
            raise self._error(frame.token, self._quote(frame.token), "its argument")
        self.stack.pop()
        self._divide(frame)
        if frame.sort == "argument":
            self._emit(token)
            self._argument_done()
        else:
            self._vanish(frame)
            self._complete()

    def _vanish(self, frame: Frame) -> None:
        """Drop a pair of braces, unless that would change what the author may have meant."""
        holder = self._holder()
        holder.split |= frame.split
        holder.depth += frame.depth
        holder.additive |= frame.additive
        content = self.output[frame.start :]
        first = content[0] if content else frame.token
        loose = frame.additive and not frame.split and frame.depth == 0
        if loose and frame.start and first.text not in ("+", "-"):
            before = self.output[frame.start - 1]
            tight = before.kind in _ENDS or before.text in ("-", "/", *vocabulary.PRODUCT_SIGNS)
            if tight:
                raise self._error(frame.token, "a sum in braces next to a factor", _PARENTHESES)
        self.loose = loose and content[-1].kind is not Kind.OPERATOR
        self.closed = first
        self.units = frame.units

    def _over(self, token: Token) -> None:
        frame = self.stack[-1]
        if (
            frame.sort not in ("group", "argument")
            or len(self.stack) == 1
            or frame.over is not None
        ):
            raise self._error(token, "'\\over'", "'{a \\over b}' in braces of its own")
        frame.over = len(self.output)

    def _divide(self, frame: Frame) -> None:
        r"""{a \over b} becomes \over{a}{b}."""
        if frame.over is None:
            return
        parts = self.output[frame.start : frame.over], self.output[frame.over :]
        if not all(parts):
            raise self._error(
                frame.token, "'\\over' with an empty side", "a numerator and a divisor"
            )
        start, end = parts[0][0].start, parts[1][-1].end
        divided = [Token(Kind.COMMAND, "\\over", start, end, parts[0][0].before)]
        for part in parts:
            divided.append(Token(Kind.OPEN, "{", part[0].start, part[0].start))
            divided += part
            divided.append(Token(Kind.CLOSE, "}", part[-1].end, part[-1].end))
        self.output[frame.start :] = divided
        frame.additive, frame.units = False, 1

    def _end(self, token: Token) -> None:
        frame = self.stack[-1]
        if frame.sort != "environment" or frame.token.text != token.text:
            met = f"{self._quote(token)} without its '\\begin'"
            raise self._error(token, met, f"the end of {self._quote(frame.token)}")
        self.stack.pop()
        self._emit(token)
        self._complete()

    # --- scripts and looks ----------------------------------------------------------------------

    def _script(self, token: Token) -> None:
        if self.stack[-1].sort in ("expect", "wrap"):
            raise self._error(token, self._quote(token), f"the argument of {self._quote_top()}")
        if self.closed is not None:
            token = replace(token, group=self.closed.start)
        self._emit(token)
        if token.kind is Kind.SCRIPT:
            self._push("expect", token, 1)

    def _quote_top(self) -> str:
        return self._quote(self.stack[-1].token)

    def _unwrap(self, frame: Frame) -> None:
        """The unit whose look was changed is complete: keep its font, or a note."""
        command, body = frame.token, self.output[frame.start :]
        if not body:
            return
        argument = command.argument
        if command.text in vocabulary.BRACES and self.todo and self.todo[-1].kind is Kind.SCRIPT:
            argument = self._label()
        one = self.units == 1 or len(body) == 1
        place = frame.start
        while self.output[place].text in vocabulary.ACCENTS:
            place += 2  # the letter below the accent
        first = self.output[place]
        if command.text in vocabulary.FONTS and one:
            if first.kind is Kind.NUMBER and first.text in "01" and len(body) == 1:
                first = replace(first, kind=Kind.NAME)
            if first.kind in _ONE_SYMBOL:
                fonts = (command.text.removeprefix("\\"), *first.fonts)
                self.output[place] = replace(first, fonts=fonts)
                return
        self.notes.append(Note(body[0].start, body[-1].end, command.text, argument))

    def _label(self) -> str:
        """The script of a brace, which is its label and no index."""
        script = self.todo.pop()
        last, depth = script, 0
        start = script.end
        while self.todo:
            last = self.todo.pop()
            if last.kind is Kind.OPEN and depth == 0:
                start = last.end
            depth += {Kind.OPEN: 1, Kind.CLOSE: -1}.get(last.kind, 0)
            if depth <= 0:
                break
        end = last.start if last.kind is Kind.CLOSE else last.end
        return self.source.text[start:end].strip()

    # --- the output -----------------------------------------------------------------------------

    def _push(self, sort: str, token: Token, count: int = 0) -> None:
        if len(self.stack) > LIMIT:
            raise self._error(token, f"a formula nested deeper than {LIMIT}", "a simpler one")
        self.stack.append(Frame(sort, token, len(self.output), count))
        self.closed, self.units = None, 0

    def _holder(self) -> Frame:
        """The innermost frame that holds tokens."""
        index = len(self.stack) - 1
        while self.stack[index].sort in ("single", "wrap", "expect"):
            index -= 1
        return self.stack[index]

    def _synthetic(self, kind: Kind, at: int) -> None:
        self.output.append(Token(kind, "{" if kind is Kind.OPEN else "}", at, at))
        self.closed, self.loose = None, False

    def _emit(self, token: Token) -> None:
        follows = token.kind in _OPERANDS or token.kind is Kind.SCRIPT or token.kind is Kind.PRIME
        if self.loose and (follows or token.text in ("/", *vocabulary.PRODUCT_SIGNS)):
            raise self._error(token, "a sum in braces next to a factor", _PARENTHESES)
        self.closed, self.loose = None, False
        frame = self._holder()
        if token.kind in (Kind.LEFT, Kind.BEGIN):
            frame.depth += token.kind is Kind.LEFT
        elif token.kind is Kind.RIGHT:
            frame.depth -= 1
        elif token.kind is Kind.BAR:
            frame.in_bars = not frame.in_bars
        elif token.text in ("+", "-") and token.kind is Kind.OPERATOR:
            inside = frame.depth > 0 or frame.in_bars or len(self.output) == frame.start
            frame.additive |= not inside
        elif token.kind in _SPLITS and frame.depth <= 0:
            frame.split = True
        self.output.append(token)
