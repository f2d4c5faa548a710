"""Which modules are spoiled, and which tests may see it."""

from __future__ import annotations

from fnmatch import fnmatch

from tests.support import ROOT

MODULES = (
    "calculus/*.py", "verification/*.py", "derivation/*.py", "arrays/*.py", "arrays/program/*.py",
    "arrays/passes/passes.py", "arrays/passes/contractions.py", "arrays/passes/expand.py",
    "arrays/passes/binary.py", "arrays/passes/running_sums.py", "arrays/passes/pipeline.py",
    "matrix/expressions.py", "matrix/convert.py", "matrix/equations.py", "matrix/form.py",
    "matrix/judge.py", "codegen/self_check.py",
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
