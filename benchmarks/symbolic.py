"""The symbolic side: how derivations grow with depth and width, and whole processes.

Everything is a ratio in one run: derivations to a reference derivation, processes to a bare
``import sympy``, and SymPy's own explicit composition beside them.

    python -m benchmarks.symbolic
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import sympy

from symbackprop.derivation.derive import derive
from symbackprop.derivation.forms import form_named
from symbackprop.model.builtin import build

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


def main() -> None:
    """Measure, print and keep the results."""
    results = {
        "unrolled derivation, seconds by depth": by_depth(),
        "derivation of 50 layers, seconds by width": by_width(),
        "derivation of general, seconds": median_cpu(lambda: derive(build("general"))),
        "explicit composition in SymPy, seconds": {
            f"{depth} layers of {width}": explicit(depth, width)
            for depth, width in ((1, 4), (2, 4), (3, 3))
        },
        "whole processes, ratio to import sympy": processes(),
    }
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    RESULTS.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(results, indent=2))


if __name__ == "__main__":
    main()
