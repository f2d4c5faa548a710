"""The command: measure the gradients of every peer, print the table, write the results."""

from __future__ import annotations

import argparse
import fnmatch
import json
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from benchmarks.machine import describe_machine, describe_versions, is_installed
from benchmarks.peers import BASELINE, PEERS, Peer
from benchmarks.results import Table, column_results, markdown, table_rows
from benchmarks.shapes import COLUMNS, DTYPES, Column
from benchmarks.timing import QUICK, ROOT, Bench, Settings

OUTPUT = ROOT / "build" / "benchmarks" / "gradients.json"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; the exit code is 1 where a peer failed or gave a wrong gradient."""
    options = parse(arguments)
    settings = QUICK if options.quick else Settings()
    if options.rounds is not None:
        settings = replace(settings, rounds=options.rounds)
    if options.patience is not None:
        settings = replace(settings, patience=options.patience)
    peers = choose_peers(options.peers)
    columns = choose_columns(options.columns)
    record = Record(options.output, settings)
    for dtype in options.dtype:
        for threads in options.threads:
            table = measure_table(peers, columns, dtype, threads, settings, record)
            print(f"\n{dtype}, threads: {threads}\n\n{markdown(table_rows(table))}\n", flush=True)
    print(f"{record.results['seconds']} s; results in {options.output}")
    return 1 if any_error(record.results["tables"]) else 0


class Record:
    """The results, kept on disk as they come: a run that is cut short loses one column."""

    def __init__(self, path: Path, settings: Settings) -> None:
        self.path = path
        self.start = time.monotonic()
        self.results: dict[str, Any] = {
            "machine": describe_machine(),
            "versions": describe_versions(),
            "settings": asdict(settings),
            "date": time.strftime("%Y-%m-%d"),
            "seconds": 0,
            "tables": [],
        }
        path.parent.mkdir(parents=True, exist_ok=True)

    def new_table(self, dtype: str, threads: int) -> Table:
        """A table with no column yet."""
        table: Table = {"dtype": dtype, "threads": threads, "columns": {}, "workers": {}}
        self.results["tables"].append(table)
        return table

    def save(self) -> None:
        """Write what there is."""
        self.results["seconds"] = round(time.monotonic() - self.start)
        self.path.write_text(json.dumps(self.results, indent=1) + "\n")


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """The options."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    processors = os.cpu_count() or 1
    names = ", ".join(column.name for column in COLUMNS)
    parser.add_argument("--quick", action="store_true", help="fewer and shorter blocks")
    parser.add_argument("--rounds", type=int, metavar="N", help="blocks a peer and column")
    parser.add_argument(
        "--patience",
        type=float,
        metavar="SECONDS",
        help="what a column may spend on waiting for a quiet machine",
    )
    parser.add_argument(
        "--columns", nargs="+", default=["*"], metavar="PATTERN", help=f"of: {names}"
    )
    parser.add_argument(
        "--peers",
        nargs="+",
        default=["*"],
        metavar="PATTERN",
        help=f"of: {', '.join(peer.name for peer in PEERS)}; the baseline always takes part",
    )
    parser.add_argument("--dtype", nargs="+", default=list(DTYPES), choices=DTYPES)
    threads = sorted({1, min(2, processors)}, reverse=True)
    parser.add_argument("--threads", nargs="+", type=int, default=threads, metavar="N")
    parser.add_argument("--output", type=Path, default=OUTPUT, help="default: %(default)s")
    return parser.parse_args(arguments)


def choose_columns(patterns: Sequence[str]) -> list[Column]:
    """The columns whose names match one of the patterns."""
    return [c for c in COLUMNS if any(fnmatch.fnmatch(c.name, p) for p in patterns)]


def choose_peers(patterns: Sequence[str]) -> list[Peer]:
    """The peers whose names match and whose packages are installed; always the baseline."""
    chosen = []
    for peer in PEERS:
        if peer.name != BASELINE and not any(fnmatch.fnmatch(peer.name, p) for p in patterns):
            continue
        missing = [package for package in peer.packages if not is_installed(package)]
        if missing:
            print(f"{peer.name} is left out: {', '.join(missing)} is not installed")
        else:
            chosen.append(peer)
    return chosen


def measure_table(
    peers: Sequence[Peer],
    columns: Sequence[Column],
    dtype: str,
    threads: int,
    settings: Settings,
    record: Record,
) -> Table:
    """One table: every column at one dtype and one number of threads."""
    table = record.new_table(dtype, threads)
    with Bench(peers, dtype, threads, settings, tell) as bench:
        for column in columns:
            tell(f"{dtype}, {threads} threads: {column.name} ...")
            table["columns"][column.name] = column_results(bench.measure(column))
            table["workers"] = bench.describe()
            record.save()
    return table


def any_error(tables: Sequence[Table]) -> bool:
    """Whether some cell of some table could not be measured."""
    cells = (cell for t in tables for c in t["columns"].values() for cell in c.values())
    return any(cell["error"] for cell in cells)


def tell(message: str) -> None:
    """Progress, beside the results."""
    print(message, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
