"""Random command lines of every command and every option, with good, odd and hostile values.

    python -m tests.fuzz_commands --count 1000 --start 0

Each number is one command line, the same on every machine. A run ends with 0, 1 or 2, says what is
wrong on lines that a terminal can show, and takes a bounded time; the same bytes come out whatever
the seed of Python's hashes is (`--hashes` runs a part of them twice, as processes of their own).
"""

import argparse
import os
import random
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click
from click.testing import CliRunner

from symbackprop.cli import main
from symbackprop.codegen import targets
from symbackprop.derivation.forms import FORMS
from symbackprop.documents import FORMATS
from symbackprop.documents.formats.markdown import NAMES as DIALECTS
from symbackprop.model.costs import COSTS
from symbackprop.model.functions import ACTIVATIONS
from symbackprop.notation.profiles import PROFILES
from tests.support import ROOT
from tests.support.hostile import HOSTILE, is_shown

SECONDS = 20
"""What no command line may take of a processor."""

_GOOD, _ODD = 0.8, 0.94
"""Where good values end among random numbers, and odd ones; what is left is hostile."""

MODEL = '[[layers]]\nwidth = 2\nactivation = "{}"\n'
NOTE = "$$z_j^{(l)} = \\sum_k w_{jk}^{(l)} a_k^{(l-1)} + b_j^{(l)}$$\n\n$$a_j = b_j$$\n"
FILES = {
    "model.toml": 'title = "Digits"\ninputs = 3\n' + MODEL.format("tanh"),
    "broken.toml": "inputs = \n",
    "hostile.toml": "title = 'w}\\input{/etc/passwd}<script>'\ninputs = 2\n" + MODEL.format("relu"),
    "values.toml": "rate = 0.1\nx = [0.1, 0.2, 0.3]\n",
    "huge.toml": "x = [1e308, 1e308, 1e308]\n",
    "notation.toml": 'base = "nielsen"\nfirst_index = 0\n[letters]\nw = "W"\n',
    "notes.md": NOTE,
    "notes.tex": NOTE.replace("b_j^{(l)}", "a_j^{(l)}"),
    "empty.md": "",
    "binary.md": "\x00\x01",
    "esc\x1b[31m.md": NOTE,
}
VALUES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "model": (
        ("general", "chain", "3-2", "4-3-2", "2-1", "1-1", "model.toml", "hostile.toml"),
        ("3", "0-2", "3--2", "999999999-2", "2-2-2-2-2-2", "missing.toml", "broken.toml", "."),
    ),
    "cost": (tuple(row.name for row in COSTS), ("Huber", " huber", "huber,huber")),
    "activation": (
        (*(row.name for row in ACTIVATIONS), "tanh,sigmoid", "relu, softmax"),
        ("g", ",", "tanh,tanh,tanh,tanh", "Sigmoid"),
    ),
    "wrt": (("w", "b", "a", "w[1,0]@1", "b[0]@L", "w[1,2]@L-1"), ("y", "w[9,9]@9", "w[]", "@")),
    "format_": (
        (*(row.name for row in FORMATS), "tikz", "svg", "latex"),
        ("docx", "LATEX", "latex "),
    ),
    "dialect": (("", *DIALECTS), ("pandoc",)),
    "notation": ((*(row.name for row in PROFILES), "notation.toml"), ("broken.toml", "nobody")),
    "detail": (("brief", "standard", "full"), ("all", "__class__")),
    "form": (tuple(row.name for row in FORMS), ("Chain", "none")),
    "unfold": (("0", "1", "2", "3"), ("-1", "51", "2.5", "1e9")),
    "only": (("w", "eq:b", "z"), ("nothing", "eq:")),
    "values": (("values.toml",), ("huge.toml", "missing.toml", "model.toml", "/dev/zero")),
    "seed": (("0", "1", "7"), ("-1", "9" * 400, "x")),
    "templates": ((".",), ("missing", "/dev/null", "model.toml")),
    "target": (tuple(sorted({row.name for row in targets()})), ("numpy2", "NUMPY")),
    "output": (("out.txt", "out.tex"), (".", "missing/out", "model.toml", "x" * 255, "/dev/full")),
    "file": (("notes.md", "notes.tex", "empty.md"), ("binary.md", "missing.md", "esc\x1b[31m.md")),
    "compare": (tuple(row.name for row in PROFILES), ("nobody",)),
}
"""Good values and odd ones of each parameter, by its name in the command."""


@dataclass(frozen=True)
class Outcome:
    """What came of one command line; problems: what may not be."""

    number: int
    arguments: tuple[str, ...]
    code: int
    seconds: float
    output: bytes
    problems: tuple[str, ...]


def command_line(number: int) -> tuple[str, ...]:
    """The command line of a number."""
    chance = random.Random(f"command {number}")
    name = chance.choice(sorted(main.commands))
    command = main.commands[name]
    arguments: list[str] = [name]
    plain: list[str] = []
    for parameter in command.params:
        if parameter.param_type_name == "argument":
            plain += _values(chance, parameter)
        elif chance.random() < 0.25:
            given = [] if getattr(parameter, "is_flag", False) else _values(chance, parameter)
            for _ in range(2 if parameter.multiple and chance.random() < 0.3 else 1):
                arguments += [chance.choice(parameter.opts), *given]
    if chance.random() < 0.03:
        arguments.append(chance.choice(["--help", "--nonsense", "-x", HOSTILE["ansi"]]))
    if chance.random() < 0.03:
        plain.append(_text(chance))
    return (*arguments, *(("--",) if any(one.startswith("-") for one in plain) else ()), *plain)


def _values(chance: random.Random, parameter: click.Parameter) -> list[str]:
    good, odd = VALUES[parameter.name or ""]
    found = []
    for _ in range(parameter.nargs):
        where = chance.random()
        pool = good if where < _GOOD else odd if where < _ODD else None
        found.append(_text(chance) if pool is None else chance.choice(pool))
    return found


def _text(chance: random.Random) -> str:
    return chance.choice(list(HOSTILE.values()))


def prepare(folder: Path) -> None:
    """Put the files that command lines name into a folder."""
    for name, content in FILES.items():
        (folder / name).write_text(content, encoding="utf-8")


def run(number: int, folder: Path) -> Outcome:
    """Run one command line in this process, in a folder of its own."""
    arguments = command_line(number)
    prepare(folder)
    before = os.getcwd()
    os.chdir(folder)
    started = time.process_time()
    try:
        result = CliRunner().invoke(main, arguments)
    finally:
        os.chdir(before)
    seconds = time.process_time() - started
    problems = []
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        last = traceback.extract_tb(result.exception.__traceback__)[-1]
        where = f"{Path(last.filename).name}:{last.lineno}"
        problems.append(f"{type(result.exception).__name__}: {result.exception} at {where}"[:300])
    if result.exit_code not in (0, 1, 2):
        problems.append(f"exit code {result.exit_code}")
    if not is_shown(result.stderr):
        problems.append("standard error has characters that no terminal should get")
    if result.exit_code == 2 and not result.stderr:
        problems.append("nothing says what is wrong")
    if seconds > SECONDS:
        problems.append(f"{seconds:.0f} seconds of a processor")
    return Outcome(
        number, arguments, result.exit_code, seconds, result.stdout_bytes, tuple(problems)
    )


def hashed(number: int, folder: Path, seed: int) -> tuple[int, bytes, bytes]:
    """Exit code, output and errors of one command line as a process with a seed for hashes."""
    prepare(folder)
    arguments = [one.encode("utf-8", "replace").replace(b"\0", b"") for one in command_line(number)]
    done = subprocess.run(
        [sys.executable, "-m", "symbackprop", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": str(seed)},
        capture_output=True,
        timeout=10 * SECONDS,
        check=False,
    )
    written = b"".join(path.read_bytes() for path in sorted(folder.glob("out.*")) if path.is_file())
    return done.returncode, done.stdout + written, done.stderr


def outcomes(count: int, start: int) -> Iterator[Outcome]:
    """Run command lines one after the other."""
    for number in range(start, start + count):
        with tempfile.TemporaryDirectory() as folder:
            yield run(number, Path(folder))


def _main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--start", type=int, default=0)
    parser.add_argument("--hashes", type=int, default=0, metavar="COUNT")
    options = parser.parse_args()
    codes: dict[int, int] = {}
    failed, slowest = 0, 0.0
    for outcome in outcomes(options.count, options.start):
        codes[outcome.code] = codes.get(outcome.code, 0) + 1
        slowest = max(slowest, outcome.seconds)
        failed += bool(outcome.problems)
        for problem in outcome.problems:
            shown = " ".join(ascii(one[:60]) for one in outcome.arguments)
            print(f"{outcome.number}: {problem!a}\n    {shown}", flush=True)
    for number in range(options.start, options.start + options.hashes):
        with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
            if hashed(number, Path(one), 1) != hashed(number, Path(other), 2):
                failed += 1
                print(f"{number}: other bytes under another seed of hashes", flush=True)
    print(f"{options.count} command lines, exit codes {codes}, slowest {slowest:.1f} s, "
          f"{failed} with problems")  # fmt: skip
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(_main())
