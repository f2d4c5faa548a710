"""Where a peer has several ways to do the same, take the one that is fastest here."""

from __future__ import annotations

from collections.abc import Mapping
from statistics import median
from time import perf_counter

from benchmarks.peers import Call

ROUNDS = 7
SECONDS = 0.01


def fastest(calls: Mapping[str, Call]) -> Call:
    """The call with the smallest median time; its note says what was chosen among."""
    repeats = {}
    for name, call in calls.items():
        call.function(*call.arguments)
        start = perf_counter()
        call.function(*call.arguments)
        repeats[name] = max(1, int(SECONDS / (perf_counter() - start)))
    times: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(ROUNDS):
        for name, call in calls.items():
            start = perf_counter()
            for _ in range(repeats[name]):
                call.function(*call.arguments)
            times[name].append((perf_counter() - start) / repeats[name])
    return calls[min(times, key=lambda name: median(times[name]))]
