"""The table `formulas.txt`: formulas as people write them, and what the reader makes of each.

A formula stands on a line of its own, and below it, indented, its statements or the error. Lines
that begin with "##" are titles. `python -m tests.reading.formulas` writes the results anew; look at
the difference before it is committed.
"""

from dataclasses import dataclass
from pathlib import Path

from symbackprop.reading import NotUnderstood, parse
from tests.support.sexpr import to_sexpr

TABLE = Path(__file__).with_name("formulas.txt")
INDENT = "    "


@dataclass(frozen=True, slots=True)
class Row:
    formula: str
    results: tuple[str, ...]


def results(formula: str) -> tuple[str, ...]:
    try:
        return tuple(to_sexpr(statement) for statement in parse(formula))
    except NotUnderstood as error:
        return (f"!! {error}",)


def rows() -> list[Row]:
    found: list[Row] = []
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        if line.startswith(INDENT):
            found[-1] = Row(found[-1].formula, (*found[-1].results, line.removeprefix(INDENT)))
        elif line.strip() and not line.startswith("##"):
            found.append(Row(line, ()))
    return found


def write() -> None:
    lines: list[str] = []
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        if line.startswith(INDENT):
            continue
        lines.append(line)
        if line.strip() and not line.startswith("##"):
            lines += [INDENT + result for result in results(line)]
    TABLE.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    write()
