"""Which modules are spoiled, and which tests may see it."""

from __future__ import annotations

from fnmatch import fnmatch

from tests.support import ROOT

MODULES = (
    "calculus/*.py", "verification/*.py", "derivation/*.py", "codegen/matrix*.py",
    "codegen/algebra.py", "codegen/binary.py", "codegen/contractions.py", "codegen/expand.py",
    "codegen/instances.py", "codegen/lower.py", "codegen/order.py", "codegen/passes.py",
    "codegen/pipeline.py", "codegen/program.py", "codegen/running_sums.py",
    "codegen/self_check.py", "codegen/shifts.py", "codegen/system.py",
)  # fmt: skip
"""Patterns under `symbackprop`: the calculus, the judging, and what decides in the generator."""

TESTS = (
    "tests/calculus", "tests/verification", "tests/derivation", "tests/matrix", "tests/codegen",
    "tests/search", "tests/golden", "tests/model", "tests/notation", "tests/names",
    "tests/checker", "tests/test_checks.py", "tests/test_cli.py",
    "tests/test_bad_input.py", "tests/documents/test_forms.py", "tests/documents/test_numbers.py",
    "tests/documents/test_statements.py", "tests/documents/test_any_target.py",
    "tests/documents/test_worked_statements.py", "symbackprop",
)  # fmt: skip
"""Of these, those that run the line of a slip are run until one fails."""


def planned() -> list[str]:
    """The modules that are spoiled, as paths."""
    every = sorted((ROOT / "symbackprop").rglob("*.py"))
    paths = [path.relative_to(ROOT).as_posix() for path in every if path.name != "__init__.py"]
    return [
        path
        for path in paths
        if any(fnmatch(path, f"symbackprop/{pattern}") for pattern in MODULES)
    ]
