"""What holds for the project as a whole, whatever it computes."""

import ast
import os
import re
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import symbackprop
from tests.support import ROOT

PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
SOURCES = sorted((ROOT / "symbackprop").rglob("*.py"))

FORBIDDEN = {
    # These run what a user typed.
    "__import__",
    "compile",
    "eval",
    "exec",
    "lambdify",
    "parse_expr",
    "parse_latex",
    "sympify",
    "os.popen",
    "os.system",
    "pickle.load",
    "pickle.loads",
    # These rewrite an expression in ways that no step of a derivation can name.
    "deltasummation",
    "simplify",
}


def forbidden_calls(source: str) -> Iterator[str]:
    """The forbidden calls and imports in a piece of source, each with its line."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Call(func=func, keywords=keywords):
                name = ast.unparse(func)
                method = name.rpartition(".")[2]
                # re.compile and the like are harmless; a builtin has no dot before it.
                if name in FORBIDDEN or (method in FORBIDDEN and method != "compile"):
                    yield f"{node.lineno}: {name}"
                for keyword in keywords:
                    if keyword.arg == "shell":
                        yield f"{node.lineno}: {name}(shell=...)"
            case ast.ImportFrom(module=module, names=names):
                for alias in names:
                    if alias.name in FORBIDDEN or f"{module}.{alias.name}" in FORBIDDEN:
                        yield f"{node.lineno}: from {module} import {alias.name}"


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_forbidden_calls(path: Path) -> None:
    assert list(forbidden_calls(path.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize(
    "source",
    [
        "eval(text)",
        "exec(text)",
        "import sympy as sp\nsp.sympify(text)",
        "from sympy import sympify",
        "sympy.parsing.sympy_parser.parse_expr(text)",
        "expression.simplify()",
        "import os\nos.system(text)",
        "from os import system",
        "subprocess.run(text, shell=True)",
    ],
)
def test_a_forbidden_call_is_found(source: str) -> None:
    assert len(list(forbidden_calls(source))) == 1


def test_a_harmless_call_is_not_forbidden() -> None:
    assert not list(forbidden_calls("re.compile(pattern); evaluate(x); subprocess.run(['ls'])"))


def test_the_version_lives_in_one_place() -> None:
    assert "version" not in PYPROJECT["project"]
    assert PYPROJECT["tool"]["hatch"]["version"]["path"] == "symbackprop/version.py"
    others = [*SOURCES, ROOT / "pyproject.toml", ROOT / "docs" / "conf.py", ROOT / "README.md"]
    others.remove(ROOT / "symbackprop" / "version.py")
    literal = re.compile(rf"(?<![\d.]){re.escape(symbackprop.__version__)}(?![\d.])")
    assert [path for path in others if literal.search(path.read_text(encoding="utf-8"))] == []


def requirements() -> dict[str, set[str]]:
    """The names of the packages that each extra needs, under "" those of the project itself.

    An extra that names the project itself takes in its other extras, which are on their own here.
    """
    project = PYPROJECT["project"]
    lists = {"": project["dependencies"], **project["optional-dependencies"]}
    parsed = {extra: [Requirement(line) for line in lines] for extra, lines in lists.items()}
    taken = {one for lines in parsed.values() for line in lines for one in line.extras}
    assert taken <= set(lists)
    return {
        extra: {canonicalize_name(line.name) for line in lines} - {project["name"]}
        for extra, lines in parsed.items()
    }


def test_each_dependency_has_a_reason() -> None:
    page = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    reasons = set(re.findall(r"^\| ([a-z0-9-]+) \| .+ \|$", page, flags=re.MULTILINE))
    assert reasons - {"package"} == set().union(*requirements().values())


def test_constraints_pin_every_dependency() -> None:
    text = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    assert [line for line in lines if not re.fullmatch(r"[\w.-]+==[\w.+!]+", line)] == []
    pinned = {canonicalize_name(line.partition("==")[0]) for line in lines}
    assert set().union(*requirements().values()) <= pinned


def test_the_ci_script_is_a_valid_program() -> None:
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    subprocess.run(["bash", "-n", str(script)], check=True)
