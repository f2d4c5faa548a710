r"""Validate formulas strictly, without TeX.

    check_formula(r"\frac{\partial C_0}{\partial w_{jk}^{(l)}}")
    for formula in formulas(document):
        check_formula(formula.body)

Being valid here does not prove that TeX compiles: tests.support.latex does.
"""

import re
from dataclasses import dataclass

from math_core import LatexError, LatexToMathML

_NUMBERED = ("align", "alignat", "equation", "flalign", "gather", "multline")
_CONVERTER = LatexToMathML(fancy_error=False)


class InvalidFormulaError(AssertionError):
    """A formula that the validator rejects."""


@dataclass(frozen=True)
class Formula:
    """A formula found in a document."""

    body: str
    """What the validator reads: environments keep their begin and end, dollars are left out."""
    display: bool
    line: int
    """Where it begins, counted from 1."""


def check_formula(body: str, *, display: bool = True) -> str:
    r"""The MathML of a formula, in math mode, without its dollars; raise when it is not valid.

    >>> check_formula("a^2", display=False)
    '<math><msup><mi>a</mi><mn>2</mn></msup></math>'
    >>> check_formula(r"\frac{1}{2")
    Traceback (most recent call last):
      ...
    tests.support.math.InvalidFormulaError: ...
    """
    if not body.strip():
        raise InvalidFormulaError("the formula is empty")
    if re.search(r"\n[ \t]*\n", body):
        raise InvalidFormulaError(f"TeX allows no blank line in a formula: {body!r}")
    body = body.replace(r"\allowbreak ", "")  # Where a line may end; the validator has no lines.
    try:
        return _CONVERTER.convert_with_local_state(body, displaystyle=display)
    except LatexError as error:
        raise InvalidFormulaError(f"{error}\nin {body!r}") from None


def formulas(source: str) -> list[Formula]:
    r"""The formulas of a LaTeX or Markdown document, in order, verbatim text and comments left out.

    >>> [f.body for f in formulas(r"Let $a_j$ be\[ b \] or \begin{align*} c &= d \end{align*}")]
    ['a_j', ' b ', '\\begin{align*} c &= d \\end{align*}']
    """
    text = _blank(_VERBATIM, source)
    return [
        Formula(
            body=match["environment"] or next(filter(None, match.group(*_BODIES)), ""),
            display=match["inline"] is None and match["paren"] is None,
            line=text.count("\n", 0, match.start()) + 1,
        )
        for match in _FORMULA.finditer(text)
    ]


_BODIES = ("dollars", "bracket", "inline", "paren")
_VERBATIM = re.compile(
    r"""
    (?<!\\)%[^\n]*                                           # a comment of LaTeX
    | ^(?P<fence>```+|~~~+)[^\n]*\n.*?^(?P=fence)[ \t]*$     # a fenced block of Markdown
    | (?<!`)`[^`\n]+`(?!`)                                   # a code span of Markdown
    | \\begin\{(?P<name>verbatim|lstlisting|minted)\}.*?\\end\{(?P=name)\}
    | \\verb\*?(?P<mark>[^a-zA-Z\s]).*?(?P=mark)
    """,
    re.VERBOSE | re.DOTALL | re.MULTILINE,
)
_FORMULA = re.compile(
    rf"""
    (?P<environment>\\begin\{{(?P<kind>(?:{"|".join(_NUMBERED)})\*?)\}}.*?\\end\{{(?P=kind)\}})
    | (?<!\\)\$\$(?P<dollars>.*?)\$\$
    | (?<!\\)\\\[(?P<bracket>.*?)\\\]
    | (?<!\\)\\\((?P<paren>.*?)\\\)
    | (?<!\\)\$(?P<inline>(?:[^$\\]|\\.)+?)\$
    """,
    re.VERBOSE | re.DOTALL,
)


def _blank(pattern: re.Pattern[str], text: str) -> str:
    """The text with every match replaced by spaces, its line breaks kept."""
    return pattern.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), text)
