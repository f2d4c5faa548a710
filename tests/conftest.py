"""What holds for every test: hypothesis' profiles, the full sweep, JAX on the CPU in float64."""

import os

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
    """Show what each trial of the judge recorded; with -v, also what changes nothing, and why."""
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
