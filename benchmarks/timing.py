"""The measuring: one process a peer, blocks in random order, loaded blocks taken again.

Only one process runs at a time.  The others are stopped by a signal, because the threads of a
BLAS go on spinning for a tenth of a second after their last product and would disturb whoever
comes next.
"""

from __future__ import annotations

import json
import math
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from types import TracebackType
from typing import Any

from benchmarks.load import wait_for_quiet
from benchmarks.peers import Peer
from benchmarks.shapes import Column

ROOT = Path(__file__).resolve().parent.parent
THREAD_VARIABLES = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMBA_NUM_THREADS",
)
KERNEL_VARIABLES = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")
"""Unset for the workers: a BLAS told to use another processor's kernels is not what we measure."""


@dataclass(frozen=True)
class Settings:
    """How long and how carefully to measure."""

    rounds: int = 7
    block_seconds: float = 0.02
    foreign_limit: float = 0.1
    """Foreign load, in processors, from which on a block is taken again."""
    pace_limit: float = 1.15
    """The same for the probe's time over its best time."""
    patience: float = 1.5
    """Seconds a column may spend on waiting and on blocks taken again."""
    seed: int = 0


QUICK = Settings(rounds=3, block_seconds=0.01, patience=1.0)
PAUSE = 0.01
LEAST_CLEAN = 3


@dataclass(frozen=True)
class Block:
    """Seconds a call, the foreign load meanwhile, and the probe's time around it."""

    time: float
    foreign: float
    probe: float

    def disturbance(self) -> float:
        """By which blocks are ranked when none is clean."""
        return self.probe * (1 + self.foreign)


@dataclass
class Measurement:
    """One cell: its blocks, and what preparing it told."""

    clean: list[Block] = field(default_factory=list)
    loaded: list[Block] = field(default_factory=list)
    difference: float | None = None
    note: str = ""
    setup_seconds: float = 0.0
    error: str = ""

    @property
    def trusted(self) -> bool:
        """Whether there are enough blocks that nothing disturbed."""
        return len(self.clean) >= LEAST_CLEAN

    @property
    def time(self) -> float | None:
        """The median of the clean blocks; of the least disturbed where those are too few."""
        blocks = self.clean
        if not self.trusted:
            blocks = sorted(self.clean + self.loaded, key=Block.disturbance)
            blocks = blocks[: max(LEAST_CLEAN, len(blocks) // 4)]
        return median(block.time for block in blocks) if blocks else None


class Worker:
    """The process of one peer, seen from the parent."""

    def __init__(self, peer: Peer, dtype: str, threads: int) -> None:
        self.peer = peer
        self.log = tempfile.TemporaryFile("w+")  # noqa: SIM115 (closed in close)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.worker", peer.name, dtype, str(threads)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.log,
            text=True,
            bufsize=1,
            cwd=ROOT,
            env=worker_environment(threads),
        )

    def ask(self, command: str, **arguments: Any) -> dict[str, Any]:
        """Wake the process, have one command answered, stop it again."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        try:
            self.process.send_signal(signal.SIGCONT)
            self.process.stdin.write(json.dumps({"command": command, **arguments}) + "\n")
            answer = self.process.stdout.readline()
            self.process.send_signal(signal.SIGSTOP)
        except (BrokenPipeError, ProcessLookupError):
            answer = ""
        if not answer:
            return {"error": f"the process ended; {self.last_words()}"}
        result: dict[str, Any] = json.loads(answer)
        return result

    def last_words(self) -> str:
        """The last line the process wrote to standard error."""
        self.log.seek(0)
        lines = self.log.read().strip().splitlines()
        return lines[-1] if lines else "it said nothing"

    def close(self) -> None:
        """End the process."""
        self.process.kill()
        self.process.wait()
        self.log.close()


def worker_environment(threads: int) -> dict[str, str]:
    """This process's environment with the threads set and no BLAS kernel forced."""
    environment = {k: v for k, v in os.environ.items() if k not in KERNEL_VARIABLES}
    environment.update(dict.fromkeys(THREAD_VARIABLES, str(threads)))
    return environment


class Bench:
    """The workers of all peers for one dtype and one number of threads."""

    def __init__(
        self,
        peers: Iterable[Peer],
        dtype: str,
        threads: int,
        settings: Settings,
        tell: Callable[[str], None] = print,
    ) -> None:
        self.settings = settings
        self.tell = tell
        self.random = random.Random(settings.seed)
        self.pace = math.inf
        self.patience = settings.patience
        self.workers = [Worker(peer, dtype, threads) for peer in peers]

    def __enter__(self) -> Bench:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for worker in self.workers:
            worker.close()

    def describe(self) -> dict[str, dict[str, Any]]:
        """What each worker says of its versions and thread pools."""
        return {worker.peer.name: worker.ask("describe") for worker in self.workers}

    def measure(self, column: Column) -> dict[str, Measurement]:
        """One column, every peer: prepare and check all, then blocks in random order."""
        results: dict[str, Measurement] = {}
        ready: list[tuple[Worker, Measurement]] = []
        for worker in self.workers:
            if not worker.peer.applies(column):
                continue
            measurement = self._prepare(worker, column)
            results[worker.peer.name] = measurement
            if not measurement.error:
                ready.append((worker, measurement))
        self.patience = self.settings.patience
        for _ in range(self.settings.rounds):
            self.random.shuffle(ready)
            for worker, measurement in ready:
                self._take_block(worker, measurement)
        for _, measurement in ready:
            self._sort_again(measurement)
        return results

    def _prepare(self, worker: Worker, column: Column) -> Measurement:
        answer = worker.ask("prepare", column=column.name)
        if "error" in answer:
            self.tell(f"  {worker.peer.name}, {column.name}: {answer['error']}")
            return Measurement(error=answer["error"])
        self.pace = min(self.pace, worker.ask("pace")["probe"])
        return Measurement(
            difference=answer["difference"], note=answer["note"], setup_seconds=answer["seconds"]
        )

    def _take_block(self, worker: Worker, measurement: Measurement) -> None:
        """Take one block; again, after a wait, while the column's patience lasts."""
        seconds = self.settings.block_seconds
        start = time.monotonic()
        while True:
            patient = time.monotonic() - start < self.patience
            slowest = self.settings.pace_limit * self.pace if patient else math.inf
            answer = worker.ask("block", seconds=seconds, slowest=slowest)
            if "error" in answer:
                measurement.error = answer["error"]
                return
            self.pace = min(self.pace, answer["probe"])
            if answer["time"] is not None:
                block = Block(**answer)
                if self._is_clean(block):
                    measurement.clean.append(block)
                    break
                measurement.loaded.append(block)
                if not patient:
                    break
                if block.foreign > self.settings.foreign_limit:
                    wait_for_quiet(self.settings.foreign_limit, self.patience)
            time.sleep(PAUSE)
        self.patience -= max(0.0, time.monotonic() - start - 2 * seconds)

    def _is_clean(self, block: Block) -> bool:
        settings = self.settings
        slowest = settings.pace_limit * self.pace
        return block.foreign <= settings.foreign_limit and block.probe <= slowest

    def _sort_again(self, measurement: Measurement) -> None:
        """The best pace may have come late: judge all blocks by it."""
        blocks = measurement.clean + measurement.loaded
        measurement.clean = [block for block in blocks if self._is_clean(block)]
        measurement.loaded = [block for block in blocks if not self._is_clean(block)]
