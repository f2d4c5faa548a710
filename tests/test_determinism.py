"""The same input gives the same bytes, whatever Python's hash seed, the time and the place."""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from symbackprop.notation.profiles import PROFILES
from tests.support import ROOT

SOFTMAX = ("--activation", "tanh,softmax", "--cost", "categorical_cross_entropy")

ARGUMENTS = (
    ("derive", "general", "--detail", "full"),
    ("derive", "general", "--format", "text", "--wrt", "w[1,2]@L", "--wrt", "w[2,2]@L-1"),
    ("derive", "4-3-2", *SOFTMAX, "--format", "text", "--detail", "full"),
    ("derive", "chain", "--activation", "gelu", "--cost", "huber"),
    *(("derive", "4-3-2", "--notation", row.name) for row in PROFILES),
    ("generate", "4-3-2"),
    ("generate", "4-3-2", *SOFTMAX),
    ("generate", "4-3-2", "--buffers"),
    ("verify", "3-2"),
    ("models",),
)

RUN = """
import hashlib, json, sys
from click.testing import CliRunner
from symbackprop.cli import main
found = []
for arguments in json.loads(sys.argv[1]):
    result = CliRunner().invoke(main, arguments, catch_exceptions=False)
    assert result.exit_code == 0, (arguments, result.stderr)
    found.append(hashlib.sha256(result.stdout.encode()).hexdigest())
print(json.dumps(found))
"""


def start(seed: str, directory: Path, backwards: bool = False) -> subprocess.Popen[str]:
    """A process that runs every command, in this order or the other way round."""
    commands = [list(one) for one in ARGUMENTS]
    return subprocess.Popen(
        [sys.executable, "-c", RUN, json.dumps(commands[::-1] if backwards else commands)],
        cwd=directory,
        env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def digests(process: subprocess.Popen[str]) -> list[str]:
    """What came of it: a digest of each command's output."""
    output, errors = process.communicate(timeout=300)
    assert process.returncode == 0, errors
    found: list[str] = json.loads(output)
    return found


def test_hash_seed_place_and_order_change_no_byte(tmp_path: Path) -> None:
    processes = [
        start("0", ROOT),
        start("1", ROOT),
        start("31337", tmp_path, backwards=True),
    ]
    first, second, third = map(digests, processes)
    assert differing(first, second) == []
    assert differing(first, third[::-1]) == []


@pytest.mark.parametrize(
    "arguments",
    [("derive", "general", "--detail", "full"), ("generate", "4-3-2", *SOFTMAX)],
    ids=lambda arguments: arguments[0],
)
def test_a_process_writes_the_same_bytes_to_a_file_every_time(
    arguments: tuple[str, ...], tmp_path: Path
) -> None:
    written = set()
    for seed in ("0", "7"):
        path = tmp_path / "file"
        subprocess.run(
            [
                sys.executable,
                "-c",
                "from symbackprop.cli import main; main()",
                *arguments,
                "-o",
                str(path),
            ],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)},
            timeout=120,
            check=True,
        )
        written.add(hashlib.sha256(path.read_bytes()).hexdigest())
    assert len(written) == 1


def differing(one: list[str], other: list[str]) -> list[str]:
    """The commands whose output differs."""
    return [
        " ".join(arguments) for arguments, a, b in zip(ARGUMENTS, one, other, strict=True) if a != b
    ]
