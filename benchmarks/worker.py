"""The process of one peer: prepares columns, checks them, and times blocks when told to.

Started by ``timing`` as ``python -m benchmarks.worker PEER DTYPE THREADS``; commands come as
JSON lines on standard input, answers go as JSON lines to standard output.
"""

from __future__ import annotations

import ctypes
import gc
import importlib.metadata
import json
import os
import signal
import sys
import time
from collections.abc import Iterator
from itertools import repeat
from statistics import median
from typing import Any, TextIO

import numpy as np

from benchmarks.load import Meter, probe
from benchmarks.peers import Call, Peer, allocating, find
from benchmarks.shapes import COLUMNS, Column, Gradient, make_data

RUN_SECONDS = 0.0005
"""Fast calls are timed so long together; a block takes the median of many such runs."""
WARM_SECONDS = 0.005
SLOW_SECONDS = 0.5
"""A call that takes longer warms its own caches: a block is one call, with none before it."""
LEAST_RUNS = 3
"""Of other calls a block has at least so many runs."""
PROBES = 100
_PR_SET_PDEATHSIG = 1
TOLERANCE = {"float64": 1e-12, "float32": 1e-5}
"""Largest difference from the reference allowed, over the largest entry of the same array."""


class WrongGradientError(Exception):
    """The peer's gradient is not the reference's."""


class Session:
    """What the worker knows between two commands."""

    def __init__(self, peer: Peer, dtype: str) -> None:
        self.factory = peer.load()
        self.dtype = dtype
        self.packages = peer.packages
        self.call: Call | None = None
        self.repeats = 1
        self.slow = False

    def prepare(self, column: str) -> dict[str, Any]:
        """Make the call for one column and compare its gradient with the reference."""
        self.call = None
        gc.collect()
        chosen = next(entry for entry in COLUMNS if entry.name == column)
        start = time.perf_counter()
        call = self.factory(chosen.shape, chosen.samples, self.dtype)
        result = call.function(*call.arguments)
        seconds = time.perf_counter() - start
        difference = None
        if call.unpack is not None:
            difference = compare(call.unpack(result), chosen, self.dtype)
        del result
        self.call = call
        quickest = min(time_runs(call, 1, WARM_SECONDS))
        self.repeats = max(1, round(RUN_SECONDS / quickest))
        self.slow = quickest > SLOW_SECONDS
        return {"seconds": seconds, "difference": difference, "note": call.note}

    def block(self, seconds: float, slowest: float) -> dict[str, Any]:
        """Time the call for so many seconds, unless the probe is slower than it may be.

        The answer has the probe's time, the slower of before and after, and the foreign load.
        """
        if self.call is None:
            raise RuntimeError("no column is prepared")
        before = probe()
        if before > slowest:
            return {"time": None, "probe": before, "foreign": 0.0}
        if not self.slow:
            time_runs(self.call, self.repeats, seconds / 5)  # warms the caches
        meter = Meter()
        runs = time_runs(self.call, self.repeats, seconds, 1 if self.slow else LEAST_RUNS)
        return {"time": median(runs), "foreign": meter.share(), "probe": max(before, probe())}

    def pace(self) -> dict[str, float]:
        """The probe at its best."""
        return {"probe": min(probe() for _ in range(PROBES))}

    def describe(self) -> dict[str, Any]:
        """Versions, and the BLAS and thread pools loaded into this process."""
        from threadpoolctl import threadpool_info

        keys = ("user_api", "internal_api", "version", "architecture", "num_threads")
        return {
            "pools": [{key: pool.get(key) for key in keys} for pool in threadpool_info()],
            "packages": {
                name: importlib.metadata.version(name) for name in ("numpy", *self.packages)
            },
        }


def compare(found: Gradient, column: Column, dtype: str) -> float:
    """The largest relative difference from the allocating peer, which computes in float64."""
    data = make_data(column.shape, column.samples, dtype)
    reference = allocating.gradient_of(data, np.float64)
    worst = 0.0
    for one, other in zip((*found.w, *found.b), (*reference.w, *reference.b), strict=True):
        if one.shape != other.shape or one.dtype != np.dtype(dtype):
            raise WrongGradientError(f"{one.shape} {one.dtype} in place of {other.shape} {dtype}")
        worst = max(worst, float(np.abs(one - other).max() / np.abs(other).max()))
    if not worst <= TOLERANCE[dtype]:
        raise WrongGradientError(f"differs from the reference by {worst:.1e}")
    return worst


def time_runs(call: Call, repeats: int, seconds: float, least: int = 1) -> list[float]:
    """Seconds a call, one number a run, collected for so long, and so many at least."""
    function, arguments, clock = call.function, call.arguments, time.perf_counter
    runs: list[float] = []
    gc.collect()
    gc.disable()
    deadline = clock() + seconds
    while len(runs) < least or clock() < deadline:
        start = clock()
        for _ in repeat(None, repeats):
            function(*arguments)
        runs.append((clock() - start) / repeats)
    gc.enable()
    return runs


def read_commands(stream: TextIO) -> Iterator[tuple[str, dict[str, Any]]]:
    """Commands until the other side closes the pipe."""
    for line in stream:
        command = json.loads(line)
        yield command.pop("command"), command


def main() -> None:
    """Answer commands; an exception is an answer, too."""
    name, dtype, threads = sys.argv[1:]
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)  # whatever a library prints goes to standard error
    die_with_parent()
    limit_processors(int(threads))
    session: Session | None = None
    for command, arguments in read_commands(sys.stdin):
        try:
            if session is None:
                session = Session(find(name), dtype)
            answer = getattr(session, command)(**arguments)
        except Exception as error:  # the parent records it and goes on
            answer = {"error": f"{type(error).__name__}: {error}"}
        answers.write(json.dumps(answer) + "\n")


def die_with_parent() -> None:
    """On Linux: a stopped worker would outlive a parent that was killed."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def limit_processors(threads: int) -> None:
    """Keep to so many processors: some libraries count these and read no variable."""
    if hasattr(os, "sched_setaffinity"):
        allowed = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, allowed[-threads:])


if __name__ == "__main__":
    main()
