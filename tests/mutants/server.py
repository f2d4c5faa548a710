"""Runs tests in processes that have the libraries at hand: a script of its own, no module.

It imports what takes long and nothing of the project; each request, a line of JSON with ``tests``
and ``limit`` (seconds), is run by a fork of it in the folder it was started in. The answer is a
line of JSON: ``found``, "passed", "failed" or "too long", and ``by``, the test that failed.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
import tempfile
import time
import warnings
from pathlib import Path

import click
import jax
import jinja2
import mpmath
import numpy
import opt_einsum
import pydantic
import pytest
import sympy

LIBRARIES = (click, jax, jinja2, mpmath, numpy, opt_einsum, pydantic, sympy)
OPTIONS = ("-x", "-q", "--no-header", "--tb=no", "-p", "no:cacheprovider", "-p", "no:xdist")
TICK = 0.02


def main() -> None:
    """Answer until the requests end."""
    warnings.filterwarnings("ignore", category=RuntimeWarning)  # JAX warns of any fork.
    warnings.filterwarnings("ignore", category=DeprecationWarning)
    answers = os.dup(1)
    folder = Path(tempfile.mkdtemp())
    for line in sys.stdin:
        request = json.loads(line)
        path = folder / "output.txt"
        found = _run(request["tests"], request["limit"], path)
        text = path.read_text("utf-8", "replace")
        failed = [line for line in text.splitlines() if line.startswith(("FAILED ", "ERROR "))]
        by = failed[0].split(" ", 1)[1].split(" - ")[0] if failed else text[-300:]
        os.write(answers, json.dumps({"found": found, "by": by}).encode() + b"\n")
    shutil.rmtree(folder)


def _run(tests: list[str], limit: float, path: Path) -> str:
    process = os.fork()
    if not process:
        os.setsid()
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        output = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(output, 1)
        os.dup2(output, 2)
        sys.path.insert(0, os.getcwd())
        code = pytest.main([*OPTIONS, *tests])
        sys.stdout.flush()
        os._exit(int(code))
    end = time.monotonic() + limit
    while time.monotonic() < end:
        done, status = os.waitpid(process, os.WNOHANG)
        if done:
            return "passed" if os.waitstatus_to_exitcode(status) == 0 else "failed"
        time.sleep(TICK)
    os.killpg(process, signal.SIGKILL)
    os.waitpid(process, 0)
    return "too long"


if __name__ == "__main__":
    main()
