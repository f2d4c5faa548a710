"""Random command lines: exit codes 0, 1 and 2, errors that a terminal can show, a bounded time."""

from pathlib import Path

import pytest

from tests import fuzz_commands
from tests.fuzz_commands import VALUES, main

QUICK, ALL = 60, 1000


def check(start: int, count: int) -> None:
    failed = [one for one in fuzz_commands.outcomes(count, start) if one.problems]
    assert not failed, failed


def test_every_parameter_has_values() -> None:
    parameters = {
        one.name
        for command in main.commands.values()
        for one in command.params
        if not getattr(one, "is_flag", False)
    }
    assert parameters == set(VALUES)


def test_random_command_lines() -> None:
    check(0, QUICK)


@pytest.mark.full
@pytest.mark.parametrize("start", range(QUICK, ALL, 94))
def test_many_random_command_lines(start: int) -> None:
    check(start, 94)


@pytest.mark.full
@pytest.mark.parametrize("number", range(40))
def test_the_seed_of_hashes_changes_no_byte(number: int, tmp_path: Path) -> None:
    folders = [tmp_path / name for name in ("one", "other")]
    for folder in folders:
        folder.mkdir()
    one, other = (fuzz_commands.hashed(number, folder, n) for n, folder in enumerate(folders, 1))
    assert one == other
