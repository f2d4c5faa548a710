"""Runs mutants in scratch copies of the checkout: each is killed by a test, or survives."""

from __future__ import annotations

import compileall
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from py_compile import PycInvalidationMode
from queue import SimpleQueue

from tests.mutants.plan import TESTS, planned
from tests.mutants.slips import NOTHING, Slip, slips, spoiled
from tests.support import ROOT

COPIED = (
    "symbackprop", "templates", "tests", "docs", "examples", "benchmarks", "pyproject.toml",
    "README.md", "CHANGELOG.md", "CONTRIBUTING.md", "Makefile", "constraints.txt", "LICENSE",
)  # fmt: skip
PATIENCE = 4
"""How many times as long as without a slip the tests may take, and half a minute."""
FIRST = 10
"""How many seconds of tests are run before all others: most slips fail in one of them."""
LONGEST = 120
"""How many seconds of tests are run at most, the quickest first."""


@dataclass(frozen=True)
class Outcome:
    """What became of a mutant.

    how: "killed", "killed in time" (it ran too long), "survived". by: the test that failed, or
    how many did not.
    """

    slip: Slip
    how: str
    by: str
    seconds: float

    @property
    def killed(self) -> bool:
        """Whether some test saw the slip."""
        return self.how != "survived"


def sample(count: int, seed: int, only: str = "") -> list[Slip]:
    """A sample of all slips of the planned modules, or of those whose key has ``only``.

    Each slip has a number of its own, by its key: a change in one place moves no other slip into
    the sample or out of it.
    """
    seen: Counter[str] = Counter()
    numbered: list[tuple[str, Slip]] = []
    for module in planned():
        for slip in slips(module, (ROOT / module).read_text("utf-8")):
            seen[slip.key] += 1
            own = f"{seed} {slip.key} {seen[slip.key]}"
            numbered.append((hashlib.sha256(own.encode()).hexdigest(), slip))
    chosen = [slip for _, slip in sorted(numbered) if only in slip.key]
    return sorted(chosen[:count])


class Record:
    """Which tests run which lines, and how long each takes; of the sources without a slip."""

    def __init__(self, folder: Path) -> None:
        self.seconds: dict[str, float] = {}
        self.lines: defaultdict[str, defaultdict[int, set[str]]] = defaultdict(
            lambda: defaultdict(set)
        )
        failed: list[str] = []
        for path in folder.glob("*.json"):
            found = json.loads(path.read_text("utf-8"))
            self.seconds |= found["seconds"]
            failed += found["failed"]
            for module, lines in found["lines"].items():
                for line, tests in lines.items():
                    self.lines[module][int(line)].update(tests)
        if failed or not self.seconds:
            raise RuntimeError(f"without any slip, tests fail: {failed[:5] or 'all'}")

    def tests(self, slip: Slip) -> list[str]:
        """The tests that run the line of a slip, the quickest first.

        Of what runs on import only, such as a default: those that run the function around it, or
        anything of the module; of a table, all.
        """
        lines = self.lines[slip.module]
        for first, last in slip.spans:
            found = {test for line in range(first, last + 1) for test in lines.get(line, ())}
            if found != {""}:
                return self._quickest(found - {""})
        return self._quickest(self.seconds)

    def _quickest(self, tests: Iterable[str]) -> list[str]:
        return sorted(tests, key=lambda test: (self.seconds[test], test))


class Copy:
    """A scratch copy of the checkout, in which one module after the other is spoiled."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in COPIED:
            source = ROOT / name
            if source.is_dir():
                ignored = shutil.ignore_patterns("__pycache__", "build")
                shutil.copytree(source, folder / name, ignore=ignored)
            elif source.exists():
                shutil.copy(source, folder / name)
        # Compiled files that are compared by content: a slip may keep the size and the second.
        mode = PycInvalidationMode.CHECKED_HASH
        compileall.compile_dir(folder / "symbackprop", quiet=2, invalidation_mode=mode)
        self.settings = {
            **os.environ, "PYTHONPATH": str(folder), "OMP_NUM_THREADS": "1",
            "OPENBLAS_NUM_THREADS": "1", "JAX_PLATFORMS": "cpu", "JAX_ENABLE_X64": "true",
        }  # fmt: skip
        self.server = subprocess.Popen(
            [sys.executable, str(folder / "tests" / "mutants" / "server.py")],
            cwd=folder, env=self.settings, text=True, bufsize=1,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip

    @contextmanager
    def with_slip(self, slip: Slip) -> Iterator[None]:
        """Inside: the module has the slip."""
        path = self.folder / slip.module
        text = path.read_text("utf-8")
        path.write_text(spoiled(text, slip), "utf-8")
        try:
            yield
        finally:
            path.write_text(text, "utf-8")

    def run(self, tests: list[str], limit: float) -> tuple[str, str]:
        """Run tests until one fails: "passed", "failed" or "too long", and the failing one."""
        assert self.server.stdin is not None
        assert self.server.stdout is not None
        print(json.dumps({"tests": tests, "limit": limit}), file=self.server.stdin, flush=True)
        answer = json.loads(self.server.stdout.readline())
        return answer["found"], answer["by"]

    def record(self, folder: Path, jobs: int) -> Record:
        """Run all tests and see which lines they run."""
        command = [
            sys.executable, "-m", "pytest", "-q", "--no-header", "--tb=short",
            "-p", "no:cacheprovider", "-p", "tests.mutants.recorder",
            "-n", str(jobs), "--dist", "worksteal", *TESTS,
        ]  # fmt: skip
        settings = {**self.settings, "MUTANTS_RECORD": str(folder)}
        subprocess.run(command, cwd=self.folder, env=settings, check=False)
        return Record(folder)


class Killed:
    """The mutants that were killed before, a line of JSON each: a slip in a text of a module."""

    def __init__(self, path: Path) -> None:
        self.path = path
        lines = path.read_text("utf-8").splitlines() if path.exists() else []
        self.known = {key: Outcome(NOTHING, *rest) for key, *rest in map(json.loads, lines)}

    def outcome(self, slip: Slip) -> Outcome | None:
        """What became of a mutant, if it was killed."""
        found = self.known.get(self._key(slip))
        return None if found is None else replace(found, slip=slip)

    def add(self, found: Outcome) -> None:
        """Remember a mutant that was killed."""
        if found.killed:
            with self.path.open("a", encoding="utf-8") as file:
                row = (self._key(found.slip), found.how, found.by, found.seconds)
                print(json.dumps(row), file=file)

    def _key(self, slip: Slip) -> str:
        text = (ROOT / slip.module).read_bytes()
        return f"{hashlib.sha256(text).hexdigest()} {slip.node} {slip.variant}"


def outcome(slip: Slip, copy: Copy, record: Record) -> Outcome:
    """What becomes of one mutant."""
    start = time.monotonic()
    tests = record.tests(slip)
    sums: list[float] = []
    for test in tests:
        sums.append((sums[-1] if sums else 0) + record.seconds[test])
    first = sum(total <= FIRST for total in sums)
    every = max(first, sum(total <= LONGEST for total in sums))
    for part in (tests[:first], tests[first:every]):
        if not part:
            continue
        limit = PATIENCE * sum(record.seconds[test] for test in part) + 30
        with copy.with_slip(slip):
            found, by = copy.run(part, limit)
        if found != "passed":
            how = "killed" if found == "failed" else "killed in time"
            return Outcome(slip, how, by, time.monotonic() - start)
    return Outcome(slip, "survived", f"{every} tests", time.monotonic() - start)


def run(
    chosen: list[Slip], jobs: int, folder: Path | None, progress: Callable[[Outcome, int], None]
) -> list[Outcome]:
    """Run mutants, ``jobs`` at a time. Raises RuntimeError where tests fail without a slip.

    folder: where a record of the same tests is, or will be; None: in none that stays. What was
    killed in a run with this folder is not run again as long as its module is the same.
    """
    outcomes = []
    with tempfile.TemporaryDirectory(prefix="mutants-") as scratch:
        copies: SimpleQueue[Copy] = SimpleQueue()
        every = [Copy(Path(scratch) / str(number)) for number in range(jobs)]
        kept = folder or Path(scratch) / "record"
        kept.mkdir(exist_ok=True)
        record = Record(kept) if any(kept.glob("*.json")) else every[0].record(kept, jobs)
        quickest = sorted(record.seconds, key=lambda test: record.seconds[test])
        for copy in every:
            found = copy.run(quickest[:20], 300)
            if found[0] != "passed":
                raise RuntimeError(f"without any slip, tests fail: {found}")
            copies.put(copy)

        killed = Killed(kept / "killed")

        def one(slip: Slip) -> Outcome:
            before = killed.outcome(slip)
            if before is not None:
                return before
            copy = copies.get()
            try:
                found = outcome(slip, copy, record)
            finally:
                copies.put(copy)
            killed.add(found)
            return found

        with ThreadPoolExecutor(jobs) as pool:
            for found in pool.map(one, chosen):
                outcomes.append(found)
                progress(found, len(outcomes))
        for copy in every:
            copy.server.communicate()
    return outcomes
