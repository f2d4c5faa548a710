"""The symbolic side: how derivations and generated code grow with depth and width.

Whole processes are ratios to a bare ``import sympy``; SymPy's own explicit composition stands
beside the derivations.

    python -m benchmarks.symbolic
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import sympy

from symbackprop.codegen import generate
from symbackprop.derivation.derive import derive
from symbackprop.derivation.forms import form_named
from symbackprop.model.builtin import build

Results = dict[str, Any]
RESULTS = Path("build/benchmarks/symbolic.json")
DEPTHS = (5, 10, 20, 50)
WIDTHS = (3, 100, 10_000)
REPEATS = 5


def median_cpu(function: Callable[[], object], repeats: int = REPEATS) -> float:
    """The median of the processor seconds of a call, after one that is not counted."""
    function()
    taken = []
    for _ in range(repeats):
        start = time.process_time()
        function()
        taken.append(time.process_time() - start)
    return statistics.median(taken)


def sizes(depth: int, width: int) -> str:
    """A network of equal layers."""
    return "-".join([str(width)] * (depth + 1))


def by_depth() -> dict[str, float]:
    """Seconds of the unrolled derivation, every layer by its number, by depth."""
    form = form_named("unrolled")
    found = {}
    for depth in DEPTHS:
        name = sizes(depth, 3)
        found[str(depth)] = median_cpu(lambda name=name: derive(build(name), form=form), 3)
    return found


def by_width() -> dict[str, float]:
    """Seconds of the derivation of 50 layers by width."""
    found = {}
    for width in WIDTHS:
        name = sizes(50, width)
        found[str(width)] = median_cpu(lambda name=name: derive(build(name)))
    return found


def explicit(depth: int, width: int) -> float:
    """Seconds that SymPy takes for one weight's derivative of the explicit composition."""

    def once() -> object:
        w = [
            sympy.Matrix(width, width, sympy.symbols(f"w{d}_:{width * width}"))
            for d in range(depth)
        ]
        a = sympy.Matrix(sympy.symbols(f"x:{width}"))
        for weights in w:
            a = (weights * a).applyfunc(sympy.tanh)
        cost = sum(entry**2 for entry in a)
        return [cost.diff(entry) for weights in w for entry in weights]

    return median_cpu(once, 1)


def processes() -> dict[str, float]:
    """Whole processes, as ratios of medians to a bare ``import sympy``, in turn."""
    commands = {
        "import sympy": ["-c", "import sympy"],
        "derive general": ["-m", "symbackprop", "derive", "general"],
        "derive general, full": ["-m", "symbackprop", "derive", "general", "--detail", "full"],
    }
    taken: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(REPEATS + 1):
        for name, arguments in commands.items():
            start = time.perf_counter()
            subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)
            taken[name].append(time.perf_counter() - start)
    medians = {name: statistics.median(times[1:]) for name, times in taken.items()}
    return {name: value / medians["import sympy"] for name, value in medians.items()}


CODE = """
import re, sys, time
from symbackprop.codegen import generate
from symbackprop.derivation.derive import derive
from symbackprop.model.builtin import build
def kib(name):
    return int(re.search(name + r":\\s*(\\d+)", open("/proc/self/status").read())[1])
model = build(sys.argv[1])
before = kib("VmRSS")
start = time.process_time()
derive(model)
middle = time.process_time()
text = generate(model)
end = time.process_time()
peak = kib("VmHWM")
print(middle - start, end - middle, (peak - before) / 1024, len(text.splitlines()))
"""


def generated(depth: int, width: int) -> dict[str, float]:
    """Derive, then lower and print, in a process of its own; the best of three."""
    command = [sys.executable, "-c", CODE, sizes(depth, width)]
    runs = [
        tuple(map(float, subprocess.run(command, check=True, capture_output=True).stdout.split()))
        for _ in range(3)
    ]
    derived, printed, memory, lines = min(runs, key=sum)
    return {
        "derive, s": round(derived, 3),
        "lower and print, s": round(printed, 3),
        "memory, MiB": round(memory, 1),
        "lines": int(lines),
    }


IMPORT = """
import sys, time
import numpy
sys.path.insert(0, sys.argv[1])
start = time.perf_counter()
import gradients
print(1000 * (time.perf_counter() - start))
"""


def imported(depth: int, width: int) -> float:
    """Milliseconds that importing a generated module takes after NumPy, compiled anew each time."""
    text = generate(build(sizes(depth, width)), loops=False)
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "gradients.py").write_text(text, encoding="utf-8")
        command = [sys.executable, "-B", "-c", IMPORT, folder]
        runs = [
            float(subprocess.run(command, check=True, capture_output=True).stdout)
            for _ in range(REPEATS)
        ]
    return statistics.median(runs)


def measure() -> Results:
    """All of it."""
    return {
        "unrolled derivation, seconds by depth": by_depth(),
        "derivation of 50 layers, seconds by width": by_width(),
        "derivation of general, seconds": median_cpu(lambda: derive(build("general"))),
        "explicit composition in SymPy, seconds": {
            f"{depth} layers of {width}": explicit(depth, width)
            for depth, width in ((1, 4), (2, 4), (3, 3))
        },
        "derivation and generated code": {
            f"{depth} layers of {width}": generated(depth, width)
            for depth, width in ((25, 10_000), (50, 10_000), (100, 10_000), (100, 10))
        },
        "whole processes, ratio to import sympy": processes(),
        "import of a generated module of 20 layers written out, ms beyond NumPy": imported(20, 256),
    }


def section(results: Results) -> str:
    """The results as a section of the page on performance."""
    lines = ["## Deriving and generating", "", "Processor time, each step in a fresh process.", ""]
    code = results["derivation and generated code"]
    heads = list(next(iter(code.values())))
    lines += ["| | " + " | ".join(heads) + " |", "|---|" + "--:|" * len(heads)]
    lines += [
        f"| {name} | " + " | ".join(map(str, row.values())) + " |" for name, row in code.items()
    ]
    lines += ["", "| | |", "|---|--:|"]
    for name, value in results.items():
        if name == "derivation and generated code":
            continue
        if not isinstance(value, dict):
            value = {"": value}
        lines += [f"| {name}{': ' if key else ''}{key} | {one:.3g} |" for key, one in value.items()]
    return "\n".join([*lines, ""])


def main() -> None:
    """Measure, print and keep the results."""
    results = measure()
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    RESULTS.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
    print(section(results))


if __name__ == "__main__":
    main()
