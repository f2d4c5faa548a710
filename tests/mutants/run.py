"""Runs mutants in scratch copies of the checkout: each is killed by a test, or survives."""

from __future__ import annotations

import compileall
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from py_compile import PycInvalidationMode
from queue import SimpleQueue
from threading import Lock

from tests.mutants.plan import Plan, planned
from tests.mutants.slips import Slip, slips, spoiled
from tests.support import ROOT

COPIED = (
    "symbackprop", "templates", "tests", "docs", "examples", "benchmarks", "pyproject.toml",
    "README.md", "CHANGELOG.md", "CONTRIBUTING.md", "Makefile", "constraints.txt", "LICENSE",
)  # fmt: skip
PATIENCE = 4
"""How many times as long as without a slip the tests may take, and half a minute."""


@dataclass(frozen=True)
class Outcome:
    """What became of a mutant.

    how: "killed", "killed in time" (it ran too long), "survived". by: the test that failed.
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
    """A fixed sample of all slips of the planned modules, or of those whose path has ``only``."""
    every = [
        slip
        for module in planned()
        if only in module
        for slip in slips(module, (ROOT / module).read_text("utf-8"))
    ]
    return sorted(random.Random(seed).sample(every, min(count, len(every))))


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

    def tests(self, paths: tuple[str, ...], limit: float) -> tuple[str, str]:
        """Run tests until one fails: "passed", "failed" or "too long", and the failing one."""
        there = [path for path in paths if (self.folder / path).exists()]
        command = [sys.executable, "-m", "pytest", "-x", "-q", "--no-header", "--tb=no"]
        command += ["-p", "no:cacheprovider", "-p", "no:xdist", *there]
        settings = {
            **os.environ, "PYTHONPATH": str(self.folder), "PYTHONDONTWRITEBYTECODE": "1",
            "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1",
        }  # fmt: skip
        process = subprocess.Popen(
            command, cwd=self.folder, env=settings, text=True, start_new_session=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            output, _ = process.communicate(timeout=limit)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            return "too long", ""
        marks = ("FAILED ", "ERROR ")
        failed = [line for line in output.splitlines() if line.startswith(marks)]
        by = failed[0].split(" ", 1)[1].split(" - ")[0] if failed else output[-300:]
        return ("passed", "") if process.returncode == 0 else ("failed", by)


@dataclass
class Laboratory:
    """Scratch copies, one a worker, and how long each set of tests takes without a slip."""

    copies: SimpleQueue[Copy]
    seconds: dict[tuple[str, ...], float] = field(default_factory=dict)
    timing: Lock = field(default_factory=Lock)

    def outcome(self, slip: Slip, plan: Plan) -> Outcome:
        """What becomes of one mutant."""
        copy, start = self.copies.get(), time.monotonic()
        try:
            for paths in (plan.fast, plan.wider):
                limit = PATIENCE * self.duration(copy, paths) + 30
                with copy.with_slip(slip):
                    found, by = copy.tests(paths, limit)
                if found != "passed":
                    how = "killed" if found == "failed" else "killed in time"
                    return Outcome(slip, how, by, time.monotonic() - start)
            return Outcome(slip, "survived", "", time.monotonic() - start)
        finally:
            self.copies.put(copy)

    def duration(self, copy: Copy, paths: tuple[str, ...]) -> float:
        """How long tests take without a slip. Raises RuntimeError where they fail."""
        with self.timing:
            if paths not in self.seconds:
                start = time.monotonic()
                found, by = copy.tests(paths, 1800)
                if found != "passed":
                    raise RuntimeError(f"without any slip, tests fail: {by or found}")
                self.seconds[paths] = time.monotonic() - start
            return self.seconds[paths]


def run(chosen: list[Slip], jobs: int, progress: Callable[[Outcome, int], None]) -> list[Outcome]:
    """Run mutants, ``jobs`` at a time. Raises RuntimeError where tests fail without a slip."""
    plans, outcomes = planned(), []
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        copies: SimpleQueue[Copy] = SimpleQueue()
        for number in range(jobs):
            copies.put(Copy(Path(folder) / str(number)))
        laboratory = Laboratory(copies)
        with ThreadPoolExecutor(jobs) as pool:
            every = pool.map(lambda slip: laboratory.outcome(slip, plans[slip.module]), chosen)
            for outcome in every:
                outcomes.append(outcome)
                progress(outcome, len(outcomes))
    return outcomes
