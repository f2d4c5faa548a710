"""What commands write is what was stored, byte for byte."""

from difflib import unified_diff

import pytest

from tests.golden.table import STORED, made, stored, table

SHOWN = 60


@pytest.mark.parametrize("name", table())
def test_stored(name):
    """Where it differs on purpose, the named command writes it anew."""
    before = stored(name).read_text("utf-8").splitlines()
    difference = list(unified_diff(before, made(name).splitlines(), "stored", "now", lineterm=""))
    assert not difference, "\n".join(
        [f"renew it with: python -m tests.golden {name}", *difference[:SHOWN]]
    )


def test_nothing_else_is_stored():
    assert {path.name for path in STORED.iterdir()} == {stored(name).name for name in table()}
