"""The code blocks of the documentation are run."""

from pathlib import Path

import pytest

from tests.support import ROOT
from tests.support.documentation import blocks, pages, run_page


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_page(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    run_page(str(page.relative_to(ROOT)), page.read_text(encoding="utf-8"), tmp_path)


def fenced(language: str, code: str) -> str:
    return f"# Page\n\n```{language}\n{code}\n```\n"


GOOD = [
    fenced("python", "x = 1") + fenced("pycon", ">>> x + 1\n2"),
    fenced("console", "$ echo a; echo b\na\nb\n$ touch new\n$ ls\nnew"),
    fenced("console", "$ echo 3.1415\n3.1..."),
    fenced("sh", "make test PYTHON=python3  # all of it"),
    fenced("text", "anything"),
    fenced("{note}", "a directive"),
]

BAD = [
    fenced("python", "assert False"),
    fenced("pycon", ">>> 1 + 1\n3"),
    fenced("console", "$ false"),
    fenced("console", "$ echo a\nb"),
    fenced("console", "echo a"),
    fenced("sh", "make tset"),
    fenced("sh", "symbackprop derive 3-2"),
    fenced("pyhton", "x = 1"),
    fenced("", "x = 1"),
]


@pytest.mark.parametrize("text", GOOD)
def test_a_good_page_passes(text: str, tmp_path: Path) -> None:
    run_page("page.md", text, tmp_path)


@pytest.mark.parametrize("text", BAD)
def test_a_bad_page_fails(text: str, tmp_path: Path) -> None:
    with pytest.raises(AssertionError):
        run_page("page.md", text, tmp_path)


def test_a_failure_names_the_line_of_the_page() -> None:
    (block,) = blocks(fenced("python", "x = 1"))
    assert block.line == 4
