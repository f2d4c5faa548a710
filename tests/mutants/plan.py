"""Which modules are spoiled, and which tests must see it."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatch

from tests.support import ROOT


@dataclass(frozen=True)
class Plan:
    """Modules by patterns under `symbackprop`, and the tests that concern them.

    fast: run first, in this order, until one fails. wider: what else runs where none did.
    """

    modules: tuple[str, ...]
    fast: tuple[str, ...]
    wider: tuple[str, ...]

    def files(self) -> list[str]:
        """The modules as paths, sorted."""
        every = sorted(str(path.relative_to(ROOT)) for path in (ROOT / "symbackprop").rglob("*.py"))
        return [
            path
            for path in every
            if any(fnmatch(path, f"symbackprop/{pattern}") for pattern in self.modules)
            and not path.endswith("__init__.py")
        ]


#: The first row that has a module is its plan.
PLANS = (
    Plan(
        ("calculus/*.py",),
        (
            "tests/calculus/test_contract.py",
            "tests/calculus/test_differentiate.py",
            "tests/calculus/test_adjoints.py",
        ),
        ("tests/calculus", "tests/derivation/test_derive.py", "tests/codegen/test_bare.py"),
    ),
    Plan(
        ("verification/gradient.py", "verification/entries.py"),
        ("tests/verification/test_gradient.py",),
        ("tests/test_checks.py",),
    ),
    Plan(
        ("verification/*.py",),
        ("tests/verification/test_reference.py", "tests/test_checks.py"),
        (
            "tests/derivation/test_verify.py",
            "tests/verification/test_gradient.py",
            "tests/verification/test_rows.py",
        ),
    ),
    Plan(
        ("derivation/*.py",),
        ("tests/derivation/test_verify.py", "tests/derivation/test_derive.py"),
        ("tests/derivation", "tests/documents/test_forms.py", "tests/documents/test_numbers.py"),
    ),
    Plan(
        ("codegen/matrix*.py",),
        ("tests/matrix/test_trees.py",),
        ("tests/matrix", "tests/test_checks.py"),
    ),
    Plan(
        (
            "codegen/algebra.py", "codegen/binary.py", "codegen/contractions.py",
            "codegen/expand.py", "codegen/instances.py", "codegen/lower.py", "codegen/order.py",
            "codegen/passes.py", "codegen/pipeline.py", "codegen/program.py",
            "codegen/running_sums.py", "codegen/self_check.py", "codegen/shifts.py",
            "codegen/system.py",
        ),
        ("tests/codegen/test_passes.py", "tests/codegen/test_bare.py"),
        (
            "tests/codegen/test_dense.py",
            "tests/codegen/test_nests.py",
            "tests/codegen/test_self_check.py",
        ),
    ),
)  # fmt: skip


def planned() -> dict[str, Plan]:
    """Every module that is spoiled with its plan; each in one row only."""
    found: dict[str, Plan] = {}
    for plan in PLANS:
        for module in plan.files():
            found.setdefault(module, plan)
    return found
