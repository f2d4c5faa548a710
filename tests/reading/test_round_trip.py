"""What an unparser writes for a tree, the reader reads as that tree."""

import random

from hypothesis import example, given
from hypothesis import strategies as st

from symbackprop.reading import parse
from symbackprop.reading.syntax import tree as syntax
from tests.reading.trees import EQUATIONS, EXPRESSIONS, Unparser
from tests.support.sexpr import to_sexpr


@given(EXPRESSIONS | EQUATIONS, st.integers(0, 2**32))
@example(syntax.Negative(0, 0, syntax.Number(0, 0, "1")), 0)
def test_a_tree_survives_being_written_and_read(tree: syntax.Node, seed: int) -> None:
    text = Unparser(random.Random(seed))(tree)
    (statement,) = parse(text)
    assert statement.body == tree, f"{text}\n{to_sexpr(tree)}\n{to_sexpr(statement)}"


@given(st.lists(EQUATIONS, min_size=2, max_size=4), st.integers(0, 2**32))
def test_rows_are_statements(trees: list[syntax.Node], seed: int) -> None:
    unparser = Unparser(random.Random(seed))
    text = " \\\\\n".join(unparser(tree) for tree in trees)
    for environment in ("aligned", "gathered"):
        found = parse(f"\\begin{{{environment}}} {text} \\end{{{environment}}}")
        assert [statement.body for statement in found] == trees


def test_a_wrong_tree_is_told_from_the_right_one() -> None:
    (one,), (other,) = parse("a_{jk}"), parse("a_{kj}")
    assert one.body != other.body
