"""Helpers of the tests: TeX, formulas, a browser, the documentation's code blocks."""

import os
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import TypeVar

import pytest

ROOT = Path(__file__).resolve().parents[2]
"""The checkout."""

R = TypeVar("R")
C = TypeVar("C")

FULL = os.environ.get("SYMBACKPROP_TESTS") == "full"
"""Whether this is the full sweep (`make test-full`)."""


def rotating(rows: Sequence[R], columns: Sequence[C], each: int) -> list[tuple[R, C]]:
    """Every row with so many of the columns, which go round; with all of them in the full sweep.

    Every column meets some row, and every row some column, where there are enough of both.
    """
    count = len(columns) if FULL else min(each, len(columns))
    return [
        (row, columns[(each * n + k) % len(columns)])
        for n, row in enumerate(rows)
        for k in range(count)
    ]


def missing(what: str, remedy: str) -> None:
    """End the running test for want of a program: skipped at home, failed where CI is set."""
    message = f"{what} is not installed; {remedy}"
    if os.environ.get("CI"):
        pytest.fail(message)
    pytest.skip(message, allow_module_level=True)


def package(name: str) -> ModuleType:
    """A package that some tests need and symbackprop does not, or the end of the test."""
    try:
        return import_module(name)
    except ModuleNotFoundError:
        missing(name, "pip install -e '.[test,docs]'")
        raise
