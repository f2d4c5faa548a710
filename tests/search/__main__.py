"""The search from the shell: ``python -m tests.search --models 300 --start 0``."""

from __future__ import annotations

import argparse
import sys
import time

from tests import conftest  # noqa: F401  (JAX on the CPU, in float64)
from tests.search import show
from tests.search.case import Case, case, replayed
from tests.search.choices import shrunk
from tests.search.report import Tally
from tests.search.trial import LIMIT, Outcome, everything, some
from symbackprop.errors import SymbackpropError


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.search", description=__doc__)
    parser.add_argument("--models", type=int, default=200, help="how many")
    parser.add_argument("--start", type=int, default=0, help="the first seed")
    parser.add_argument("--limit", type=float, default=LIMIT, help="seconds for each step")
    parser.add_argument("--all", action="store_true", help="every form and target of each")
    parser.add_argument("--show", action="store_true", help="print the models and their faults")
    parser.add_argument("--shrink", metavar="KIND", help="make the case of --start smaller")
    return parser.parse_args()


def main() -> int:
    """Run it; 1 where something is wrong."""
    options = _arguments()
    if options.shrink is not None:
        return _shrink(options)
    tally = Tally()
    begin = time.monotonic()
    for seed in range(options.start, options.start + options.models):
        try:
            found = case(seed)
        except SymbackpropError as error:
            tally.refused["model", str(error)] += 1
            continue
        outcome = run(options, found, seed)
        tally.add(seed, len(found.script), outcome)
        if options.show:
            print(f"seed {seed}", *show.lines(found), sep="\n  ")
            for fault in outcome.faults:
                print(f"  FAULT {fault.stage}: {fault.kind}\n{fault.detail}")
        for fault in outcome.faults:
            print(f"seed {seed} {fault.stage}: {fault.kind}", file=sys.stderr, flush=True)
    print(*tally.lines(), sep="\n")
    print(f"{time.monotonic() - begin:.0f} s")
    return int(bool(tally.faulty))


def run(options: argparse.Namespace, found: Case, seed: int) -> Outcome:
    """All or a part of a trial."""
    if options.all:
        return everything(found, options.limit)
    return some(found, seed, options.limit)


def _shrink(options: argparse.Namespace) -> int:
    """The smallest case found that has a fault with this in its stage and kind."""
    seed, kind = options.start, options.shrink

    def fails(script: list[int]) -> bool:
        try:
            found = replayed(script)
        except Exception:
            return False
        if found is None:
            return False
        outcome = run(options, found, seed)
        return any(kind in f"{fault.stage}: {fault.kind}" for fault in outcome.faults)

    begin = case(seed).script
    if not fails(list(begin)):
        print(f"seed {seed} has no fault {kind!r}")
        return 1
    found = replayed(shrunk(list(begin), fails))
    assert found is not None
    print(*show.lines(found), sep="\n")
    for fault in (run(options, found, seed)).faults:
        print(f"FAULT {fault.stage}: {fault.kind}\n{fault.detail}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
