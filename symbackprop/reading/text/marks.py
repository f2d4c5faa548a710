"""Where formulas begin and end in a TeX or Markdown file, outside code and comments."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from symbackprop.reading import vocabulary

_SHARED = r"""
    |\\(?P<edge>begin|end)[ \t]*\{(?P<name>[A-Za-z]+\*?)\}
    |\\(?P<bracket>[\[\]])
    |(?P<escape>\\.)
    |(?P<dollars>\$\$)
"""
_TEX = re.compile(
    r"""
    (?P<comment>%[^\n]*)
    |(?P<verb>\\(?:verb|lstinline)\*?(?P<bar>[^\sA-Za-z*\\{])[^\n]{0,1000}?(?P=bar))
    |(?P<define>\\(?:(?:re)?newcommand|providecommand|def|DeclareMathOperator|(?:re)?newenvironment)
        (?![A-Za-z])\*?)
    |\\begin[ \t]*\{(?P<verbatim>verbatim\*?|Verbatim|lstlisting|minted|comment)\}
    """
    + _SHARED
    + r"|(?P<inline>\$(?:[^$\\\n]|\\.|\n(?![ \t]*\n))+\$)|(?P<stray>\$)",
    re.VERBOSE | re.DOTALL,
)
_MARKDOWN = re.compile(
    r"""
    (?P<fence>^[ \t>]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)?(?P<ticks>`{3,}|~{3,}|:{3,})
        (?P<info>[^`\n]*)$)
    |(?P<comment><!--)
    |(?P<pre><pre\b)
    |(?P<code>(?<!`)(?P<run>`+)(?!`)(?:(?!\n[ \t]*\n).){1,1000}?(?<!`)(?P=run)(?!`))
    """
    + _SHARED
    + r"|(?P<inline>\$(?![\s$])(?:[^$\\\n]|\\.|\n(?![ \t]*\n))*(?<!\s)\$(?![$0-9]))",
    re.VERBOSE | re.DOTALL | re.MULTILINE,
)
_DEFINITION = re.compile(
    r"\s*(?:\{\s*\\?[A-Za-z@]+\*?\s*\}|\\[A-Za-z@]+)\s*(?:\[[^\]\n]{0,80}\]\s*)*(?:#\d)*\s*"
)
_BRACES = re.compile(r"\\.|[{}]", re.DOTALL)
_ROWS = re.compile(r"\\begin\s*\{(aligned|split|gathered|alignedat)\}")
_SIMPLE_CLOSERS = {"comment": "-->", "pre": "</pre>"}


@dataclass(frozen=True, slots=True)
class Mark:
    r"""A delimiter.

    `sort` is "$$", "[" and "]" (for `\[` and `\]`), "begin" and "end" of the environment
    `name`, "inline" for a whole `$...$` that holds rows, "block" for a whole fenced formula with
    its body between `inner_start` and `inner_end`, or "open" for something that is never closed.
    """

    sort: str
    start: int
    end: int
    name: str = ""
    inner_start: int = 0
    inner_end: int = 0


def tex_marks(text: str) -> Iterator[Mark]:
    r"""The delimiters of a TeX file, or of its body where it has `\begin{document}`."""
    position = max(text.find("\\begin{document}"), 0)
    end = text.rfind("\\end{document}")
    end = end if end >= position else len(text)
    while (match := _TEX.search(text, position, end)) is not None:
        position = match.end()
        match match.lastgroup:
            case "verbatim":
                name = match["verbatim"]
                closed = text.find(f"\\end{{{name}}}", position, end)
                position = closed if closed >= 0 else end
                if closed < 0:
                    yield Mark("open", *match.span(), f"\\begin{{{name}}}")
            case "define":
                position, closed_well = _behind_definition(text, position, end)
                if not closed_well:
                    yield Mark("open", *match.span(), match.group())
            case "stray":
                yield Mark("open", *match.span(), "$")
            case _:
                yield from _shared(match)


def markdown_marks(text: str) -> Iterator[Mark]:
    """The delimiters of a Markdown file."""
    position = 0
    while (match := _MARKDOWN.search(text, position)) is not None:
        position = match.end()
        match match.lastgroup:
            case "fence":
                mark, position = _fence(text, match)
                if mark is not None:
                    yield mark
            case "comment" | "pre" as name:
                closed = text.find(_SIMPLE_CLOSERS[name], position)
                position = closed if closed >= 0 else len(text)
            case _:
                yield from _shared(match)


def _shared(match: re.Match[str]) -> Iterator[Mark]:
    match match.lastgroup:
        case "name" if match["name"] in vocabulary.ROWED:
            yield Mark(match["edge"], *match.span(), match["name"])
        case "bracket":
            yield Mark(match["bracket"], *match.span())
        case "dollars":
            yield Mark("$$", *match.span())
        case "inline" if _ROWS.search(match.group()):
            start, end = match.span()
            yield Mark("inline", start, end, "$", start + 1, end - 1)
        case _:
            return


def _behind_definition(text: str, position: int, end: int) -> tuple[int, bool]:
    """Where the macro definition that starts here ends, and whether it does."""
    header = _DEFINITION.match(text, position, end)
    if header is None:
        return position, True
    if not text.startswith("{", header.end(), end):
        return header.end(), True
    depth = 0
    for brace in _BRACES.finditer(text, header.end(), end):
        depth += {"{": 1, "}": -1}.get(brace.group(), 0)
        if depth == 0:
            return brace.end(), True
    return end, False


def _fence(text: str, match: re.Match[str]) -> tuple[Mark | None, int]:
    """A fenced block: a formula if its info string says so, otherwise code to be passed over."""
    ticks, info = match["ticks"], match["info"].strip()
    formula = info in ("math", "{math}") or info.startswith("{math}")
    if ticks[0] == ":" and not formula:
        return None, match.end()
    closing = re.compile(rf"^[ \t>]*{re.escape(ticks[0])}{{{len(ticks)},}}[ \t]*$", re.MULTILINE)
    closed = closing.search(text, match.end())
    if closed is None:
        sort = Mark("open", match.start("ticks"), match.end(), ticks + info) if formula else None
        return sort, len(text)
    if not formula:
        return None, closed.end()
    start = match.start("ticks")
    return Mark(
        "block", start, closed.end(), ticks + info, match.end(), closed.start()
    ), closed.end()
