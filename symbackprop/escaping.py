r"""Text of users in each format: one function a format, and none of them ever refuses.

What a user typed is text everywhere: on a terminal, in LaTeX, Markdown, YAML, HTML, JSON and the
comments of Python. Control characters, the marks that turn the direction of a line, and halves of
characters are no text: in a message they are shown by their number, in a document left out.
"""

from __future__ import annotations

import html as _html
import json
import re
import unicodedata

LONGEST = 600
"""How many characters a message has at most; what is longer is cut in the middle."""

_SHOWN = 60
"""The same of one value in a message."""


def terminal(text: str) -> str:
    r"""One line for a terminal, on which nothing moves the cursor or turns the line.

    >>> terminal("a\x1b[31mb\nc\u202e")
    'a\\x1b[31mb c\\u202e'
    """
    return "".join(map(_visible, text))


def message(text: str) -> str:
    """The same, for a message: cut in the middle where it is very long."""
    line = terminal(text).strip()
    half = LONGEST // 2
    return line if len(line) <= LONGEST else f"{line[:half]} ... {line[-half:]}"


def _visible(character: str) -> str:
    if character.isprintable():
        return character
    return " " if character.isspace() else ascii(character)[1:-1]


def shown(value: object) -> str:
    """A value as a message shows it, whatever it is and however large.

    >>> shown("abc"), shown([1, 2]), shown({"a": 1}), shown(10**60)
    ("'abc'", '[1, 2]', 'a table of 1', 'an integer of 200 bits')
    >>> shown([[1] * 99])
    'a list of 1'
    """
    match value:
        case dict():
            return f"a table of {len(value)}"
        case list() | tuple() if len(value) > 6 or not all(map(_is_plain, value)):
            return f"a {type(value).__name__} of {len(value)}"
        case int() if abs(value) >= 10**_SHOWN:
            return f"an integer of {value.bit_length()} bits"
        case str() if len(value) > _SHOWN:
            return repr(f"{value[: _SHOWN // 2]} ... {value[-_SHOWN // 2 :]}")
        case str() | int() | float() | None | list() | tuple():
            return repr(value)
    return f"a {type(value).__name__}"


def _is_plain(value: object) -> bool:
    return isinstance(value, str | int | float) and len(shown(value)) < _SHOWN // 2


def plain(text: str) -> str:
    r"""The characters of a text that can be printed; other white space is a space.

    >>> plain("a\tb\x00c")
    'a bc'
    """
    return "".join(c if c.isprintable() else " " if c.isspace() else "" for c in text)


# -- LaTeX ------------------------------------------------------------------------------------

_LATEX = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#",
    "_": r"\_", "%": r"\%", "^": r"\textasciicircum{}", "~": r"\textasciitilde{}",
    "<": r"\textless{}", ">": r"\textgreater{}", "|": r"\textbar{}", '"': r"\textquotedbl{}",
    "`": r"\textasciigrave{}",
}  # fmt: skip
_GREEK = {
    "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "varepsilon", "ζ": "zeta",
    "η": "eta", "θ": "theta", "ι": "iota", "κ": "kappa", "λ": "lambda", "μ": "mu", "ν": "nu",
    "ξ": "xi", "π": "pi", "ρ": "rho", "σ": "sigma", "τ": "tau", "υ": "upsilon", "φ": "varphi",
    "χ": "chi", "ψ": "psi", "ω": "omega", "Γ": "Gamma", "Δ": "Delta", "Θ": "Theta",
    "Λ": "Lambda", "Ξ": "Xi", "Π": "Pi", "Σ": "Sigma", "Φ": "Phi", "Ψ": "Psi", "Ω": "Omega",
}  # fmt: skip
_SETTABLE = frozenset("–—‘’‚“”„…€™†‡•‰‹›Œœ")


def latex(text: str) -> str:
    r"""Text as every TeX sets it, whatever it contains.

    A character that the fonts of pdfTeX do not have is set by its number.

    >>> latex("50 % of β, 網")
    '50 \\% of \\ensuremath{\\beta}, [U+7DB2]'
    """
    return "".join(map(_latex, unicodedata.normalize("NFC", plain(text))))


def _latex(character: str) -> str:
    if character in _LATEX:
        return _LATEX[character]
    if character in _GREEK:
        return rf"\ensuremath{{\{_GREEK[character]}}}"
    if character < "\x7f" or "\xa1" <= character < "\u0180" or character in _SETTABLE:
        return character
    return f"[U+{ord(character):04X}]"


# -- the web ----------------------------------------------------------------------------------

_MARKS = re.compile(r"([\\`*_{}\[\]<>#$|~^@&])")


def markdown(text: str) -> str:
    r"""Words of prose as Markdown shows them, whatever they contain.

    >>> markdown("*a* <b>")
    '\\*a\\* \\<b\\>'
    """
    return _MARKS.sub(r"\\\1", plain(text))


def html(text: str) -> str:
    """Text and values of attributes in HTML and XML.

    >>> html('<b title="x">')
    '&lt;b title=&quot;x&quot;&gt;'
    """
    return _html.escape(plain(text))


# -- data and code ----------------------------------------------------------------------------


def yaml(text: str) -> str:
    r"""Text as a quoted scalar of YAML.

    >>> yaml('a "b": c')
    '"a \\"b\\": c"'
    """
    return json.dumps(plain(text), ensure_ascii=False)


def unprintable_json(text: str) -> str:
    r"""A text of JSON, its characters that cannot be printed written by their numbers.

    >>> unprintable_json('"a\u202e"')
    '"a\\u202e"'
    """
    return "".join(c if c.isprintable() or c == "\n" else json.dumps(c)[1:-1] for c in text)


def python(text: str) -> str:
    """Text that can stand in a docstring or a comment: no quote, no backslash, one line.

    >>> python('\"\"\" import os')
    "''' import os"
    """
    clean = "".join(c if c.isprintable() else " " for c in text)
    return clean.replace("\\", "/").replace('"', "'")
