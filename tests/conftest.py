"""What holds for every test: hypothesis' profiles, the full sweep, JAX on the CPU in float64."""

import os
from collections import Counter

# Read by JAX when it is first imported.
os.environ["JAX_PLATFORMS"] = "cpu"
os.environ["JAX_ENABLE_X64"] = "true"

import pytest
from hypothesis import HealthCheck, settings

from tests.support import FULL

settings.register_profile(
    "default",
    max_examples=20,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile(
    "full",
    max_examples=400,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("full" if FULL else "default")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave the tests marked `full` to the full sweep."""
    if not FULL:
        skip = pytest.mark.skip(reason="only in the full sweep: make test-full")
        for item in items:
            if item.get_closest_marker("full"):
                item.add_marker(skip)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Show what each trial of the judge recorded, and what the search was refused.

    With -v, also which wrong lines change nothing, and why.
    """
    found = [
        (name, str(text))
        for reports in terminalreporter.stats.values()
        for report in reports
        if getattr(report, "when", "") == "call"
        for name, text in report.user_properties
        if name.startswith("mutants of")
    ]
    if found:
        terminalreporter.section("wrong lines and the judge")
    for name, text in found:
        if terminalreporter.verbosity > 0 or not name.endswith("nothing"):
            terminalreporter.write_line(f"{name}: {text}")
    shares = _summed(terminalreporter, "search ")
    if shares:
        terminalreporter.section("the search")
    for name in sorted(one for one in shares if not one.endswith("refused")):
        refused = shares[f"{name} refused"]
        terminalreporter.write_line(f"{name.split()[1]}: {shares[name]} tried, {refused} refused")


def _summed(terminalreporter: pytest.TerminalReporter, prefix: str) -> Counter[str]:
    """The numbers that tests recorded under names that begin so, added up."""
    found: Counter[str] = Counter()
    for reports in terminalreporter.stats.values():
        for report in reports:
            if getattr(report, "when", "") == "call":
                for name, value in report.user_properties:
                    if name.startswith(prefix):
                        found[name] += value
    return found
