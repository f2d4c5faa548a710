"""Whether a set of tests walks a table: a row that no case runs is a failure of the tests."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any


def names(table: Iterable[Any]) -> list[str]:
    """The names of the rows of a table: of activations, costs, formats, targets, notations."""
    return [row if isinstance(row, str) else row.name for row in table]


def assert_walked(
    cases: Iterable[str], table: Iterable[Any], without: Mapping[str, str] | None = None
) -> None:
    """Fail unless the names that some cases use are exactly those of the table.

    without: rows that no case can use, each with its reason; one that a case does use fails too.
    """
    ran, rows, left_out = set(cases), set(names(table)), set(without or {})
    assert ran <= rows, f"cases of what the table does not know: {sorted(ran - rows)}"
    assert left_out <= rows, f"left out, and not in the table: {sorted(left_out - rows)}"
    assert not ran & left_out, f"left out, and run all the same: {sorted(ran & left_out)}"
    assert rows == ran | left_out, f"no case for {sorted(rows - ran - left_out)}"
