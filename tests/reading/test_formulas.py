"""The table of formulas: each is read as it stands there."""

import pytest

from tests.reading import formulas


@pytest.mark.parametrize("row", formulas.rows(), ids=lambda row: row.formula[:60])
def test_a_formula_is_read_as_the_table_says(row: formulas.Row) -> None:
    assert formulas.results(row.formula) == row.results, "python -m tests.reading.formulas"


def test_what_is_no_formula_is_said_to_be_none() -> None:
    titled = formulas.TABLE.read_text(encoding="utf-8").split("## ")
    refused = {part.split("\n", 1)[0]: part.count("\n    !! ") for part in titled}
    assert refused.pop("Not understood") > 30
    assert not any(refused.values())
