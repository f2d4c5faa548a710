"""Helpers of the tests: TeX, formulas, a browser, the documentation's code blocks."""

import os
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
"""The checkout."""

FULL = os.environ.get("SYMBACKPROP_TESTS") == "full"
"""Whether this is the full sweep (`make test-full`)."""


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
