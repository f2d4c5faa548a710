"""Files, links, pipes, devices and streams: what is read, what is written, what is left behind."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from symbackprop.cli import main
from symbackprop.documents.output import write_text
from tests.support import ROOT

WAS_THERE = "was there"
LAYER = "inputs = 2\ncost = 'squared_error'\n[[layers]]\nwidth = 1\nactivation = 'tanh'\n"


def run(*arguments: str, shell: str = "", **settings: str) -> subprocess.CompletedProcess[bytes]:
    """The command in a process of its own. shell: what follows it there, such as `> file`."""
    command = [sys.executable, "-m", "symbackprop", *arguments]
    if shell:
        command = ["sh", "-c", f'"$@" {shell}', "sh", *command]
    return subprocess.run(
        command,
        env={**os.environ, "PYTHONPATH": str(ROOT), **settings},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=60,
        check=False,
    )


def refused(found: subprocess.CompletedProcess[bytes], *words: str) -> None:
    """One line that says why, exit code 2, and nothing else."""
    says(found.returncode, found.stderr.decode(), *words)


def says(code: int, said: str, *words: str) -> None:
    assert code == 2, said
    assert said.startswith("symbackprop: ")
    assert said.count("\n") == 1
    for word in words:
        assert word in said


READERS = {
    "derive a model": ("derive", "{}"),
    "generate a model": ("generate", "{}"),
    "verify a model": ("verify", "{}"),
    "values": ("derive", "2-1", "--values", "{}"),
    "a notation": ("derive", "2-1", "--notation", "{}"),
    "notes": ("check", "{}"),
}


@pytest.mark.parametrize("reader", READERS)
def test_a_pipe_without_a_writer_is_refused(reader: str, tmp_path: Path) -> None:
    path = tmp_path / ("notes.md" if reader == "notes" else "model.toml")
    os.mkfifo(path)
    found = CliRunner().invoke(main, [one.format(path) for one in READERS[reader]])
    says(found.exit_code, found.stderr, "FIFO")


@pytest.mark.parametrize("reader", READERS)
def test_a_device_without_an_end_is_refused(reader: str, tmp_path: Path) -> None:
    path = tmp_path / ("notes.md" if reader == "notes" else "model.toml")
    path.symlink_to("/dev/zero")
    found = CliRunner().invoke(main, [one.format(path) for one in READERS[reader]])
    says(found.exit_code, found.stderr, "device")


def test_a_full_standard_output_is_told() -> None:
    refused(run("derive", "2-1", shell="> /dev/full"), "No space left")


def test_a_closed_standard_output_is_told() -> None:
    found = run("derive", "2-1", shell=">&-")
    assert found.returncode == 2
    assert b"standard output" in found.stderr
    assert b"Traceback" not in found.stderr


def test_a_reader_that_goes_away_is_nothing_wrong() -> None:
    found = run("derive", "4-3-2", "--detail", "full", shell="| head -c 10")
    assert found.stdout == b"% Backprop"
    assert found.stderr == b""


@pytest.mark.parametrize("encoding", ["latin-1", "ascii"])
def test_output_is_utf_8_whatever_the_terminal_says(encoding: str) -> None:
    found = run("derive", "2-1", "--format", "text", PYTHONIOENCODING=encoding, PYTHONUTF8="0")
    assert found.returncode == 0
    assert found.stderr == b""
    assert "∂" in found.stdout.decode("utf-8")


def test_a_link_stays_a_link_and_its_file_is_written(tmp_path: Path) -> None:
    there = tmp_path / "there" / "notes.tex"
    there.parent.mkdir()
    there.write_text(WAS_THERE)
    link = tmp_path / "notes.tex"
    link.symlink_to(there)
    assert run("derive", "2-1", "-o", str(link)).returncode == 0
    assert link.is_symlink()
    assert there.read_text("utf-8").startswith("% Backpropagation")


def test_a_model_is_not_written_over(tmp_path: Path) -> None:
    path = tmp_path / "model.toml"
    path.write_text(LAYER)
    link = tmp_path / "other.toml"
    link.symlink_to(path)
    for output in (path, link):
        refused(run("derive", str(path), "-o", str(output)), "what was read")
    assert path.read_text() == LAYER


def test_a_network_whose_name_is_longer_than_a_file_system_allows(tmp_path: Path) -> None:
    path = tmp_path / "there.py"
    path.write_text("before")
    assert run("generate", "-".join(["1"] * 140), "-o", str(path)).returncode == 0
    assert "def gradient(" in path.read_text()


def test_names_as_long_as_a_file_system_allows(tmp_path: Path) -> None:
    path = tmp_path / ("x" * 251 + ".tex")
    write_text(path, "text\n")
    assert path.read_text() == "text\n"
    assert [one.name for one in tmp_path.iterdir()] == [path.name]


def test_what_a_killed_run_left_goes_with_the_next(tmp_path: Path) -> None:
    """A run is killed while it writes; the file is whole or as it was, and nothing stays."""
    path = tmp_path / "notes.tex"
    path.write_text(WAS_THERE)
    killed = (
        "import os, signal\n"
        "from symbackprop.documents.output import write_text\n"
        "os.replace = lambda *a, **k: os.kill(os.getpid(), signal.SIGKILL)\n"
        "import pathlib; pathlib.Path.replace = os.replace\n"
        f"write_text({str(path)!r}, 'new')\n"
    )
    process = subprocess.run(
        [sys.executable, "-c", killed], env={**os.environ, "PYTHONPATH": str(ROOT)}, check=False
    )
    assert process.returncode < 0
    assert path.read_text() == WAS_THERE
    assert len(list(tmp_path.iterdir())) == 2
    write_text(path, "newer")
    assert path.read_text() == "newer"
    assert [one.name for one in tmp_path.iterdir()] == [path.name]
