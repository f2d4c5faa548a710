"""`python -m tests.mutants`: a fixed sample of mutants, and the page that says what came of it."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from tests.mutants import page
from tests.mutants.run import Outcome, run, sample


def main() -> int:
    """Run the mutants; 1 where one survives without a reason."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutants")
    parser.add_argument("--count", type=int, default=300, help="how many mutants")
    parser.add_argument("--seed", type=int, default=0, help="which sample")
    parser.add_argument("--jobs", type=int, default=2, help="how many at a time")
    parser.add_argument("--only", default="", help="slips whose key contains this")
    parser.add_argument(
        "--record", type=Path, help="a folder that keeps which test runs which line"
    )
    parser.add_argument("--write", action="store_true", help="write docs/trust.md")
    parser.add_argument("--list", action="store_true", help="list the sample and run nothing")
    options = parser.parse_args()
    chosen = sample(options.count, options.seed, options.only)
    if options.list:
        print(*(f"{slip.module}:{slip.line}: {slip.key}" for slip in chosen), sep="\n")
        return 0
    start = time.monotonic()

    def progress(outcome: Outcome, done: int) -> None:
        mark = outcome.how if outcome.killed else "SURVIVED"
        print(
            f"{done}/{len(chosen)} {mark} {outcome.seconds:.0f} s "
            f"{outcome.slip.module}:{outcome.slip.line} {outcome.slip.key} {outcome.by}",
            flush=True,
        )

    outcomes = run(chosen, options.jobs, options.record, progress)
    text = page.report(outcomes, options.seed)
    print(text, f"\n{time.monotonic() - start:.0f} s")
    if options.write:
        page.write(text)
    known = page.reasons()
    return int(any(not one.killed and one.slip.key not in known for one in outcomes))


if __name__ == "__main__":
    sys.exit(main())
