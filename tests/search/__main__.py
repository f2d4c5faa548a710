"""The search from the shell: ``python -m tests.search --models 300 --start 0``."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator

from symbackprop.errors import SymbackpropError
from tests import conftest  # noqa: F401  (JAX on the CPU, in float64)
from tests.search import show
from tests.search.case import Case, case, replayed
from tests.search.choices import shrunk
from tests.search.report import Tally
from tests.search.trial import LIMIT, PARTS, Outcome, everything, some


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.search", description=__doc__)
    parser.add_argument("--models", type=int, default=200, help="how many")
    parser.add_argument("--start", type=int, default=0, help="the first seed")
    parser.add_argument("--limit", type=float, default=LIMIT, help="seconds for each step")
    parser.add_argument("--only", choices=PARTS, help="derivations alone, or code alone")
    parser.add_argument("--sorted", action="store_true", help="the smallest models first")
    parser.add_argument("--all", action="store_true", help="every form and target of each")
    parser.add_argument("--show", action="store_true", help="print the models and their faults")
    parser.add_argument("--shrink", metavar="KIND", help="make the case of --start smaller")
    parser.add_argument("--tries", type=int, default=200, help="how often shrinking tries")
    parser.add_argument("--script", help="the choices of one model, as --show prints them")
    return parser.parse_args()


def _cases(options: argparse.Namespace, tally: Tally) -> Iterator[tuple[int, Case]]:
    """The cases that were asked for, with their seeds."""
    found: list[tuple[int, Case]] = []
    for seed in range(options.start, options.start + options.models):
        try:
            found.append((seed, case(seed)))
        except SymbackpropError as error:
            tally.refused["model", str(error)] += 1
    if options.sorted:
        found.sort(key=lambda one: len(one[1].script))
    return iter(found)


def _run(options: argparse.Namespace, found: Case, seed: int) -> Outcome:
    """All or a part of a trial."""
    parts = PARTS if options.only is None else (options.only,)
    if options.all:
        return everything(found, options.limit, parts)
    return some(found, seed, options.limit, parts)


def _print(seed: int, found: Case, outcome: Outcome) -> None:
    print(f"seed {seed}", *show.lines(found), sep="\n  ")
    for fault in outcome.faults:
        print(f"  FAULT {fault.stage}: {fault.kind}\n{fault.detail}", flush=True)


def main() -> int:
    """Run it; 1 where something is wrong."""
    options = _arguments()
    if options.script is not None:
        found = replayed([int(one) for one in options.script.strip("[]").split(",")])
        assert found is not None
        _print(options.start, found, _run(options, found, options.start))
        return 0
    if options.shrink is not None:
        return _shrink(options)
    tally = Tally()
    begin = time.monotonic()
    for seed, found in _cases(options, tally):
        outcome = _run(options, found, seed)
        tally.add(seed, len(found.script), outcome)
        if options.show:
            _print(seed, found, outcome)
        for fault in outcome.faults:
            last = (fault.detail.strip().splitlines() or [""])[-1][:150]
            print(f"seed {seed} {fault.stage}: {fault.kind} | {last}", file=sys.stderr, flush=True)
    print(*tally.lines(), sep="\n")
    print(f"{time.monotonic() - begin:.0f} s")
    return int(bool(tally.faulty))


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
        outcome = _run(options, found, seed)
        return any(kind in f"{fault.stage}: {fault.kind}" for fault in outcome.faults)

    begin = case(seed).script
    if not fails(list(begin)):
        print(f"seed {seed} has no fault {kind!r}")
        return 1
    found = replayed(shrunk(list(begin), fails, options.tries))
    assert found is not None
    _print(seed, found, _run(options, found, seed))
    return 0


if __name__ == "__main__":
    sys.exit(main())
