"""Write the page on performance from the results: ``python -m benchmarks.report``.

The page is never edited by hand; what it says is said here or measured.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks import passes, symbolic
from benchmarks.gradients import OUTPUT
from benchmarks.peers import PEERS
from benchmarks.results import Table, markdown, short, table_rows
from benchmarks.shapes import COLUMNS
from benchmarks.timing import ROOT

PAGE = ROOT / "docs" / "performance.md"

INTRODUCTION = """\
# Performance

This page is written by `python -m benchmarks.report` from the results of `python -m benchmarks`.

The whole gradient, with respect to all weights and biases, of dense sigmoid networks with the
squared error; sizes of the layers, then the number of samples. The first row is the time of the
bare matrix products by NumPy's `dot`, in microseconds; all other rows are ratios to it. Every cell
is a median over blocks; blocks of all rows were taken in random order, each row in a process of
its own, and blocks during which other work slowed the machine were taken again. `~` marks a cell
for which too few blocks remained (then it is the median of the least disturbed), or whose first
row is so marked. Differences under 5 % are ties. Every gradient was compared with that of the row
"NumPy allocating", computed in float64, before it was timed.

Generated functions check their arguments at each call, which takes one or two microseconds; what is
written by hand checks nothing. That is the difference between both in the first columns.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Read results, write the page."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.report", description=__doc__)
    parser.add_argument("results", nargs="?", type=Path, default=OUTPUT)
    parser.add_argument("--passes", type=Path, default=passes.OUTPUT, help="default: %(default)s")
    parser.add_argument(
        "--symbolic", type=Path, default=symbolic.RESULTS, help="default: %(default)s"
    )
    parser.add_argument("-o", "--output", type=Path, default=PAGE, help="default: %(default)s")
    options = parser.parse_args(arguments)
    results = json.loads(options.results.read_text())
    sections = [page(results)]
    for path, module in ((options.symbolic, symbolic), (options.passes, passes)):
        if path.exists():
            sections.append(module.section(json.loads(path.read_text())))
    options.output.parent.mkdir(parents=True, exist_ok=True)
    options.output.write_text("\n".join(sections))
    return 0


def page(results: dict[str, Any]) -> str:
    """The gradients' part of the page, as Markdown."""
    sections = [INTRODUCTION, _measured_on(results)]
    sections += [_section(table) for table in results["tables"]]
    return "\n".join(sections)


def _measured_on(results: dict[str, Any]) -> str:
    machine, settings = results["machine"], results["settings"]
    versions = ", ".join(f"{name} {version}" for name, version in results["versions"].items())
    return f"""\
## Measured on

- {machine["processor"]}, {machine["processors"]} processors, {machine["memory_gib"]} GiB
- {machine["system"]}; Python {machine["python"]}
- {versions}
- NumPy's products: {_kernel(results["tables"])}
- {results["date"]}, {settings["rounds"]} blocks a cell, {results["seconds"]} s in all
"""


def _kernel(tables: Sequence[Table]) -> str:
    """The BLAS that the baseline's process ran, as threadpoolctl saw it."""
    kernels = []
    for table in tables:
        for pool in table["workers"].get("products", {}).get("pools", ()):
            if pool["user_api"] == "blas":
                kernel = f"{pool['internal_api']} {pool['version']}, kernel {pool['architecture']}"
                kernels.append(kernel)
    return "; ".join(dict.fromkeys(kernels)) or "unknown"


def _section(table: Table) -> str:
    threads = f"{table['threads']} thread{'s' if table['threads'] > 1 else ''}"
    lines = [f"## {table['dtype']}, {threads}", "", markdown(table_rows(table)), ""]
    lines += ["Generated code against others: the ratio of the times; bold beyond a tie.", ""]
    lines += [markdown(_comparison(table)), "", *_remarks(table)]
    return "\n".join(lines)


OWN = tuple(peer.name for peer in PEERS if peer.name.startswith("generated"))
OTHERS = ("numba", "pytensor", "jax", "torch", "torch-compile", "autograd")
TIE = 1.05


def _comparison(table: Table) -> list[list[str]]:
    """Each target against what is written by hand in its manner, the best target against all."""
    columns = [column for column in COLUMNS if column.name in table["columns"]]
    titles = {peer.name: peer.title for peer in PEERS}
    pairs = [("generated", "allocating"), ("generated-buffers", "buffered")]
    rows = [["", *(column.title for column in columns)]]
    for own, other in pairs:
        cells = [_ratio(table["columns"][column.name], [own], other) for column in columns]
        rows.append([f"{titles[own]} / {titles[other]}", *cells])
    best = [_best(table["columns"][column.name], titles) for column in columns]
    rows.append(["best target", *best])
    for other in ("buffered", "scalar", *OTHERS):
        cells = [_ratio(table["columns"][column.name], OWN, other) for column in columns]
        rows.append([f"best target / {titles[other]}", *cells])
    return rows


def _times(cells: dict[str, Any], names: Sequence[str]) -> dict[str, float]:
    return {name: cells[name]["time"] for name in names if cells.get(name, {}).get("time")}


def _ratio(cells: dict[str, Any], own: Sequence[str], other: str) -> str:
    ours, theirs = _times(cells, own), _times(cells, [other])
    if not ours or not theirs:
        return ""
    ratio = min(ours.values()) / theirs[other]
    return f"**{short(ratio)}**" if ratio > TIE else short(ratio)


def _best(cells: dict[str, Any], titles: dict[str, str]) -> str:
    """The target that takes least."""
    ours = _times(cells, OWN)
    if not ours:
        return ""
    return titles[min(ours, key=lambda name: ours[name])].removeprefix("generated: ")


def _remarks(table: Table) -> list[str]:
    """Failures, and the largest difference between any peer and the reference."""
    remarks = []
    largest = 0.0
    for column, cells in table["columns"].items():
        for peer, cell in cells.items():
            largest = max(largest, cell["difference"] or 0.0)
            if cell["error"]:
                remarks.append(f"- {peer} on {column} failed: {cell['error']}")
    remarks.append(f"- Largest relative difference from the reference: {largest:.1e}")
    return [*remarks, ""]


if __name__ == "__main__":
    sys.exit(main())
