"""The counts of the mutants, at the end of a run."""

import pytest


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
