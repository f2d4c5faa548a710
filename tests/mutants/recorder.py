"""A plugin of pytest that records how long each test takes and which lines it runs.

Writes a file of JSON into the folder that ``MUTANTS_RECORD`` names: ``seconds`` by test,
``failed`` tests, and ``lines``: tests by line by module. Lines that run on import have the test "".
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Generator
from pathlib import Path

import pytest
from coverage import Coverage

_COVERAGE = Coverage(data_file=None, config_file=False, include=["symbackprop/*"], messages=False)
_SECONDS: dict[str, float] = {}
_FAILED: list[str] = []
# Before anything of symbackprop is imported, so that what runs on import is seen.
_COVERAGE.start()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """One test, under its own name."""
    _COVERAGE.switch_context(item.nodeid)
    start = time.perf_counter()
    result = yield
    _SECONDS[item.nodeid] = time.perf_counter() - start
    _COVERAGE.switch_context("")
    return result


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Remember what failed without any slip."""
    if report.failed:
        _FAILED.append(report.nodeid)


def pytest_sessionfinish() -> None:
    """Write what was recorded; the process that only hands out tests has nothing to say."""
    _COVERAGE.stop()
    if not _SECONDS:
        return
    data, here = _COVERAGE.get_data(), Path.cwd()
    found = {
        "seconds": _SECONDS,
        "failed": _FAILED,
        "lines": {
            Path(name).relative_to(here).as_posix(): data.contexts_by_lineno(name)
            for name in data.measured_files()
        },
    }
    path = Path(os.environ["MUTANTS_RECORD"]) / f"{os.getpid()}.json"
    path.write_text(json.dumps(found), "utf-8")
