"""The result of a run of mutants, in docs/trust.md."""

from __future__ import annotations

import tomllib
from collections import Counter
from pathlib import Path

from tests.mutants.run import Outcome
from tests.support import ROOT

PAGE = ROOT / "docs" / "trust.md"
REASONS = Path(__file__).with_name("survivors.toml")
START, END = "<!-- mutants: written by make mutants -->", "<!-- end of mutants -->"


def reasons() -> dict[str, str]:
    """Why a survivor may survive, by its key."""
    return {str(key): str(why) for key, why in tomllib.loads(REASONS.read_text("utf-8")).items()}


def report(outcomes: list[Outcome], seed: int) -> str:
    """The numbers, and every survivor with its reason."""
    known = reasons()
    total, killed = len(outcomes), sum(one.killed for one in outcomes)
    lines = [
        f"{killed} of {total} mutants are killed ({killed / max(1, total):.1%}; seed {seed}, "
        f"{sum(one.how == 'killed in time' for one in outcomes)} of them for running too long).",
        "",
        "| part | mutants | killed |",
        "|---|---:|---:|",
    ]
    parts = Counter(_part(one) for one in outcomes)
    alive = Counter(_part(one) for one in outcomes if not one.killed)
    lines += [f"| {part} | {n} | {n - alive[part]} |" for part, n in sorted(parts.items())]
    survivors = [one for one in outcomes if not one.killed]
    if survivors:
        lines += ["", "| survivor | slip | reason |", "|---|---|---|"]
    for one in survivors:
        place = f"`{one.slip.module.removeprefix('symbackprop/')}`, `{one.slip.inside}`"
        code = one.slip.code.replace("|", "\\|").replace("`", "'")
        why = known.get(one.slip.key, "**not explained**")
        lines.append(f"| {place} | `{code}`: {one.slip.change} | {why} |")
    return "\n".join(lines)


def _part(outcome: Outcome) -> str:
    return outcome.slip.module.split("/")[1]


def write(text: str) -> None:
    """Put the result between the marks of the page."""
    page = PAGE.read_text("utf-8")
    head, rest = page.split(START)
    _, tail = rest.split(END)
    PAGE.write_text(f"{head}{START}\n{text}\n{END}{tail}", "utf-8")
