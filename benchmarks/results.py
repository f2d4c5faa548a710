"""The results as they are kept: plain dictionaries, written as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from benchmarks.peers import BASELINE, PEERS
from benchmarks.shapes import COLUMNS
from benchmarks.timing import Measurement

Cell = dict[str, Any]
Table = dict[str, Any]


def column_results(measurements: Mapping[str, Measurement]) -> dict[str, Cell]:
    """The cells of one column: time, ratio to the baseline, and how far to trust them."""
    baseline = measurements.get(BASELINE)
    base = baseline.time if baseline else None
    cells = {}
    for name, measurement in measurements.items():
        time = measurement.time
        cells[name] = {
            **asdict(measurement),
            "time": time,
            "ratio": time / base if time and base else None,
            "trusted": measurement.trusted and bool(baseline and baseline.trusted),
        }
    return cells


def table_rows(table: Table) -> list[list[str]]:
    """The table as text, header first: the baseline in microseconds, the others as ratios."""
    columns = [column for column in COLUMNS if column.name in table["columns"]]
    rows = [["", *(column.title for column in columns)]]
    for peer in PEERS:
        cells = [table["columns"][column.name].get(peer.name) for column in columns]
        if not any(cells):
            continue
        unit = ", µs" if peer.name == BASELINE else ""
        rows.append([peer.title + unit, *(cell_text(cell, absolute=bool(unit)) for cell in cells)])
    return rows


def cell_text(cell: Cell | None, *, absolute: bool) -> str:
    """One cell; ``~`` marks what was measured under foreign load, ``failed`` what was not."""
    if cell is None:
        return ""
    if cell["error"]:
        return "failed"
    value = cell["time"] * 1e6 if absolute and cell["time"] else cell["ratio"]
    if value is None:
        return ""
    return ("" if cell["trusted"] else "~") + short(value)


def short(value: float) -> str:
    """Three significant digits, at most two of them after the point.

    >>> [short(v) for v in (0.7213, 1.049, 12.34, 384.4, 83142.0)]
    ['0.72', '1.05', '12.3', '384', '83100']
    """
    if value < 10:
        return f"{value:.2f}"
    if value < 100:
        return f"{value:.1f}"
    return str(int(round(value, 3 - len(str(int(value))))))


def markdown(rows: list[list[str]]) -> str:
    """A Markdown table, numbers to the right.

    >>> print(markdown([["", "n"], ["a", "12"]]))
    |   |  n |
    |---|---:|
    | a | 12 |
    """
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]

    def line(cells: list[str]) -> str:
        first, *others = cells
        padded = [f"{first:<{widths[0]}}"]
        padded += [f"{cell:>{width}}" for cell, width in zip(others, widths[1:], strict=True)]
        return "| " + " | ".join(padded) + " |"

    rule = "|" + "-" * (widths[0] + 2) + "|"
    rule += "".join("-" * (width + 1) + ":|" for width in widths[1:])
    return "\n".join([line(rows[0]), rule, *map(line, rows[1:])])
