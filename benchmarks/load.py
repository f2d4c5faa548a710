"""Is the machine ours?  Foreign load, and a probe of the processors' pace.

Other processes of this machine show in its accounts.  Other machines on the same host do not,
and can halve the pace of a processor for seconds: the probe, a fixed piece of work, shows them.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field
from itertools import repeat
from pathlib import Path

import numpy as np

_NANOSECONDS_A_TICK = 10**9 // os.sysconf("SC_CLK_TCK")
_CGROUP_1 = Path("/sys/fs/cgroup/cpuacct/cpuacct.usage")
_CGROUP_2 = Path("/sys/fs/cgroup/cpu.stat")
_STAT = Path("/proc/stat")
_PROBE_PRODUCTS = 300
_PROBE_TRIES = 3


def busy_nanoseconds() -> int | None:
    """Processor time that all processes together have used; None where it cannot be read.

    The accounts of the root control group are finer than the ticks of /proc/stat, and are
    taken where they exist.
    """
    for read in (_read_cgroup_1, _read_cgroup_2, _read_stat):
        try:
            return read()
        except (OSError, ValueError, IndexError):
            continue
    return None


def stolen_nanoseconds() -> int:
    """Time the machine wanted to run and its host gave to others; 0 where that is not told."""
    try:
        return int(_STAT.read_text().split(maxsplit=9)[8]) * _NANOSECONDS_A_TICK
    except (OSError, ValueError, IndexError):
        return 0


def _read_cgroup_1() -> int:
    return int(_CGROUP_1.read_text())


def _read_cgroup_2() -> int:
    name, value = _CGROUP_2.read_text().split(maxsplit=2)[:2]
    if name != "usage_usec":
        raise ValueError(name)
    return int(value) * 1000


def _read_stat() -> int:
    user, nice, system, _idle, _wait, irq, softirq = map(int, _STAT.read_text().split()[1:8])
    return (user + nice + system + irq + softirq) * _NANOSECONDS_A_TICK


@dataclass
class Meter:
    """Reads the load between its making and ``share``.

    Our own time is read first: that brings the machine's account of our threads up to date.
    """

    own: int = field(default_factory=time.process_time_ns)
    busy: int | None = field(default_factory=busy_nanoseconds)
    stolen: int = field(default_factory=stolen_nanoseconds)
    clock: int = field(default_factory=time.perf_counter_ns)

    def share(self) -> float:
        """Foreign and stolen processor time over elapsed time: 1.0 is one processor kept busy.

        Where the machine's load cannot be read only stolen time counts.
        """
        elapsed = time.perf_counter_ns() - self.clock
        own = time.process_time_ns() - self.own
        busy = busy_nanoseconds()
        foreign = 0 if busy is None or self.busy is None else max(0, busy - self.busy - own)
        return (foreign + stolen_nanoseconds() - self.stolen) / elapsed


def wait_for_quiet(limit: float, timeout: float, window: float = 0.03) -> bool:
    """Wait until a short window has less foreign load than ``limit``; say whether it came."""
    deadline = time.monotonic() + timeout
    while True:
        meter = Meter()
        time.sleep(window)
        if meter.share() <= limit:
            return True
        if time.monotonic() >= deadline:
            return False


def probe() -> float:
    """Seconds that a fixed piece of work takes on the slowest of the processors we may use."""
    if not hasattr(os, "sched_setaffinity"):
        return _probe_here()
    allowed = os.sched_getaffinity(0)
    try:
        return max(_probe_on(processor) for processor in sorted(allowed))
    finally:
        os.sched_setaffinity(0, allowed)


def _probe_on(processor: int) -> float:
    os.sched_setaffinity(0, {processor})
    return _probe_here()


def _probe_here() -> float:
    left, right, out = np.ones((2, 3)), np.ones(3), np.empty(2)
    best = float("inf")
    for _ in range(_PROBE_TRIES):
        start = time.perf_counter()
        for _ in repeat(None, _PROBE_PRODUCTS):
            left.dot(right, out)
        best = min(best, time.perf_counter() - start)
    return best
