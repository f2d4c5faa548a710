"""The generated code beside the equations it implements, each citing the other."""

from __future__ import annotations

import re
from collections.abc import Callable

from symbackprop import codegen
from symbackprop.arrays.system import systems
from symbackprop.documents.measure.width import pieces, width
from symbackprop.documents.views import EquationView, LineView, Paragraph, SectionView
from symbackprop.model.batch import batched
from symbackprop.model.definitions import Definition
from symbackprop.model.model import Model
from symbackprop.notation.expressions import Terms
from symbackprop.notation.printers.printer import Printer
from symbackprop.notation.readable import readable

_CITED = re.compile(r"# (\(\d+\)(?:, \(\d+\))*)\s*$")
_NUMBER = re.compile(r"\((\d+)\)")
_NAME = re.compile(r"\s*([A-Za-z_]\w*)(?:\[[^\]]*\])?(?: = |\.append\()")

FUNCTION = "gradient"


def listing(
    model: Model,
    title: str,
    paragraphs: tuple[Paragraph, ...],
    offset: int,
    printer_of: Callable[[Model], Printer],
    right_of: Callable[[Printer, Terms], str],
    page: float,
) -> SectionView:
    """The gradient function of the generated module, and the equations that its lines cite.

    offset: how many equations stand before this section; the lines cite the numbers that the
    document gives them. printer_of, right_of: how the document prints.
    """
    lines = _function(codegen.generate(model))
    definitions = systems(model)[0].definitions
    printer = printer_of(batched(model))
    cited = {n: names for n, names in _cited(lines).items() if n in definitions}
    equations = tuple(
        _equation(number, definitions[number], names, printer, right_of, page)
        for number, names in sorted(cited.items())
    )
    numbers = {n: offset + place for place, n in enumerate(sorted(cited), start=1)}
    code = tuple(_renumbered(line, numbers) for line in lines)
    return SectionView("sec:code", title, paragraphs, equations, code=code)


def _function(text: str) -> list[str]:
    """The lines of one function of a module."""
    lines = text.splitlines()
    start = next(n for n, line in enumerate(lines) if line.startswith(f"def {FUNCTION}("))
    found = [lines[start]]
    for line in lines[start + 1 :]:
        if line and not line[0].isspace() and line[0] != ")":
            break
        found.append(line)
    while not found[-1].strip():
        found.pop()
    return found


def _cited(lines: list[str]) -> dict[int, list[str]]:
    """The numbers that lines cite, with the names that those lines define."""
    found: dict[int, list[str]] = {}
    for line in lines:
        comment, name = _CITED.search(line), _NAME.match(line)
        for number in _NUMBER.findall(comment.group(1)) if comment else ():
            names = found.setdefault(int(number), [])
            if name and name.group(1) not in names:
                names.append(name.group(1))
    return found


def _renumbered(line: str, numbers: dict[int, int]) -> str:
    comment = _CITED.search(line)
    if comment is None:
        return line
    own = _NUMBER.sub(lambda m: f"({numbers.get(int(m[1]), 0)})", comment.group(1))
    return line[: comment.start()] + "# " + own


def _equation(
    number: int,
    definition: Definition,
    names: list[str],
    printer: Printer,
    right_of: Callable[[Printer, Terms], str],
    page: float,
) -> EquationView:
    mark = printer.style.mark
    left = printer.side(definition.target)
    left = left.replace(mark, "") if mark else left
    taken = frozenset(bound.letter for bound in definition.domain)
    right = right_of(printer, readable(definition.terms, taken))
    remark = ", ".join(names)
    room = page - width(left) - 18.0
    parts = pieces(right, room)
    beside = max(map(width, parts)) + 5.3 * len(remark) + 40.0 < room
    return EquationView(f"eq:code:{number}", left, "=", (LineView(parts, remark, beside),), ())
