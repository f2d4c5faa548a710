"""Run the code blocks of a Markdown page, in order, as a reader would.

What a block's language says:

- `python`: run; the names it binds stay for the page's later blocks.
- `pycon`: a session with `>>>`, compared with doctest.
- `console`: lines after `$ ` are run in bash with the project's commands on the path, and must end
  with exit code 0; lines below one are its output (standard output and error), where `...` stands
  for anything. A command with no line below it may print what it likes.
- `sh`: set-up that a test cannot run, so it may hold only `make`, `git clone`, `cd` and installers;
  each make target has to exist.
- `text`, `toml`, `latex`, `markdown`, `json`, `rst`, `html`: shown, not run.

A page's blocks run in one new directory. Any other language, and a block without one, is an error.
"""

import doctest
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from markdown_it import MarkdownIt

from tests.support import ROOT

SHOWN = ("text", "toml", "latex", "markdown", "json", "rst", "html")
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


@dataclass(frozen=True)
class Block:
    """A fenced code block."""

    language: str
    source: str
    line: int
    """Its first line of code, counted from 1."""


def pages() -> list[Path]:
    """Every Markdown page of the project that a reader may meet, but for the generated gallery."""
    gallery = ROOT / "docs" / "gallery"
    folders = ("docs", "templates", "examples", "benchmarks")
    return sorted(ROOT.glob("*.md")) + [
        page
        for folder in folders
        for page in sorted((ROOT / folder).rglob("*.md"))
        if gallery not in page.parents
    ]


def blocks(text: str) -> list[Block]:
    """The fenced code blocks of a page, in order; MyST directives are left to Sphinx."""
    return [
        Block(token.info.strip(), token.content, token.map[0] + 2)
        for token in MarkdownIt().parse(text)
        if token.type == "fence" and token.map and not token.info.startswith("{")
    ]


def run_page(name: str, text: str, directory: Path) -> None:
    """Run the blocks of a page, console blocks in the directory; raise at the first that fails."""
    namespace: dict[str, object] = {"__name__": "__main__"}
    for block in blocks(text):
        place = f"{name}:{block.line}"
        match block.language:
            case "python":
                padded = "\n" * (block.line - 1) + block.source
                exec(compile(padded, name, "exec"), namespace)
            case "pycon":
                _run_session(block, place, namespace)
            case "console":
                _run_console(block.source, place, directory)
            case "sh":
                _check_setup(block.source, place)
            case language if language not in SHOWN:
                raise AssertionError(f"{place}: a block in {language or 'no language'!r}")


def _run_session(block: Block, place: str, namespace: dict[str, object]) -> None:
    test = doctest.DocTestParser().get_doctest(
        block.source, namespace, place, place, block.line - 1
    )
    report: list[str] = []
    runner = doctest.DocTestRunner(optionflags=FLAGS)
    runner.run(test, out=report.append, clear_globs=False)
    namespace.update(test.globs)
    assert not report, "".join(report)


def _run_console(source: str, place: str, directory: Path) -> None:
    commands = re.split(r"^\$ ", source.replace("\\\n", " "), flags=re.MULTILINE)
    assert not commands[0].strip(), f"{place}: output before the first command"
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    for command, _, expected in (entry.partition("\n") for entry in commands[1:]):
        process = subprocess.run(
            ["bash", "-c", command],
            cwd=directory,
            env={**os.environ, "PATH": path, "COLUMNS": "80"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=180,
            check=False,
        )
        assert process.returncode == 0, f"{place}: $ {command}\n{process.stdout}"
        if expected.strip():
            same = doctest.OutputChecker().check_output(expected, process.stdout, FLAGS)
            assert same, f"{place}: $ {command}\nexpected:\n{expected}\ngot:\n{process.stdout}"


def _check_setup(source: str, place: str) -> None:
    targets = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(), flags=re.MULTILINE))
    for line in filter(None, map(str.strip, source.splitlines())):
        program, *words = line.split("#")[0].split() or [""]
        known = ("", "make", "git", "cd", "pip", "apt", "sudo")
        assert program in known, f"{place}: {line}: run it in a `console` block"
        if program == "make":
            unknown = {word for word in words if "=" not in word} - targets
            assert not unknown, f"{place}: the Makefile has no target {', '.join(unknown)}"
