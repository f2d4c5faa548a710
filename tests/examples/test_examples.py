"""The programs in examples/, run as a reader would, and what they claim."""

import os
import re
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import ROOT, package

DIGITS, DASK, JAX = "digits.py", "dask_gradient.py", "sharded_jax.py"
NEEDED = {DIGITS: "sklearn", DASK: "distributed", JAX: "jax"}
LIMIT = 1e-12


def run(name, folder, *arguments, **environment):
    """What became of an example that was run in a folder: any warning is an error."""
    given = {
        key: value for key, value in os.environ.items() if not key.startswith(("JAX_", "XLA_"))
    }
    return subprocess.run(
        [sys.executable, "-W", "error", ROOT / "examples" / name, *arguments],
        cwd=folder,
        env={**given, **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def output(name, folder, *arguments):
    """What an example printed; it must not have failed."""
    process = run(name, folder, *arguments)
    assert process.returncode == 0, process.stdout + process.stderr
    return process.stdout


def numbers(pattern, text):
    """The numbers of all places that fit a pattern; one at least."""
    found = re.findall(pattern, text)
    assert found, (pattern, text)
    return [tuple(map(float, one)) if isinstance(one, tuple) else float(one) for one in found]


def test_every_example_is_tested():
    assert {path.name for path in (ROOT / "examples").glob("*.py")} == set(NEEDED)


def test_dask_spreads_more_data_than_fit_into_memory(tmp_path: Path):
    package("distributed")
    text = output(DASK, tmp_path, "--samples", "290000")
    (data,) = numbers(r"(\d+) MB of data", text)
    ((workers, memory),) = numbers(r"(\d+) workers with (\d+) MB of memory each", text)
    shares = numbers(r"process (\d+): (\d+) tasks, (\d+) MB at most", text)
    assert workers == len({process for process, _, _ in shares}) == 2
    assert data > memory
    assert all(tasks > 0 and peak < memory for _, tasks, peak in shares)
    assert "100% Completed" in text
    assert numbers(r"difference from one process: (\S+)", text)[0] <= LIMIT


def test_jax_spreads_the_samples_over_devices(tmp_path: Path):
    package("jax")
    text = output(JAX, tmp_path, "--devices", "3")
    assert "3000 samples on 3 devices, 1000 on each" in text
    assert numbers(r"in the compiled program: (\d+)", text)[0] >= 1
    assert numbers(r"difference from one device: (\S+)", text)[0] <= LIMIT
    assert numbers(r"difference from NumPy: (\S+)", text)[0] <= LIMIT


def test_digits_are_learnt_and_plotted(tmp_path: Path):
    package("sklearn")
    text = output(DIGITS, tmp_path)
    assert numbers(r"test accuracy (\S+);", text)[0] > 0.95
    plot = (tmp_path / "build" / "digits-loss.png").read_bytes()
    assert plot.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", plot[16:24])
    assert width > height > 400


def test_a_seed_settles_the_training(tmp_path: Path):
    package("sklearn")
    one, other = (output(DIGITS, tmp_path, plot, "--epochs", "1") for plot in ("1.png", "2.png"))
    loss = r"loss (\S+), test (\S+), (\S+)% right"
    assert numbers(loss, one) == numbers(loss, other)
    assert (tmp_path / "1.png").read_bytes() == (tmp_path / "2.png").read_bytes()


@pytest.mark.parametrize(("name", "package"), [*NEEDED.items(), (JAX, "array_api_compat")])
def test_a_missing_package_is_named(name, package, tmp_path: Path):
    (tmp_path / f"{package}.py").write_text("raise ModuleNotFoundError('it is not here')\n")
    found = run(name, tmp_path, PYTHONPATH=str(tmp_path))
    assert found.returncode == 1
    assert found.stderr == "it is not here: pip install 'symbackprop[examples]'\n"


@pytest.mark.parametrize(
    ("name", "arguments", "code", "message"),
    [
        (DASK, ("--memory", "much"), 2, "argument --memory: invalid parse_bytes value: 'much'"),
        (JAX, ("--samples", "-3"), 2, "argument --samples: invalid positive value: '-3'"),
        (DIGITS, ("file/plot.png", "--epochs", "1"), 1, "cannot write file/plot.png: "),
    ],
)
def test_wrong_arguments(name, arguments, code, message, tmp_path: Path):
    package(NEEDED[name])
    (tmp_path / "file").touch()
    found = run(name, tmp_path, *arguments)
    assert found.returncode == code
    assert message in found.stderr
    assert "Traceback" not in found.stderr
