"""What each pass of the compiler gains: ``python -m benchmarks.passes``.

Each module is generated with all passes and without one of them, and the gradient of both is timed
in turn, so that a slow moment of the machine meets both.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from sympy import Sum
from threadpoolctl import threadpool_limits

from symbackprop import Network
from symbackprop.arrays.passes.pipeline import BUFFERED, OPTIONAL
from symbackprop.codegen import generate, load
from symbackprop.model.definitions import define
from symbackprop.model.model import Model
from symbackprop.notation.expressions import Product
from symbackprop.notation.functions import apply
from symbackprop.notation.quantities import Axis, Quantity, Role
from symbackprop.notation.symbols import index, size

ROOT = Path(__file__).resolve().parent.parent
OUTPUT = ROOT / "build" / "benchmarks" / "passes.json"
SECONDS = 0.5
"""How long one pass is measured on one shape."""

Results = dict[str, dict[str, float]]


def axis(letter: str, count: Any) -> Axis:
    """An axis of so many places, from 0 on."""
    return Axis(index(letter), 0 * count, count - 1)


def bare(name: str, numbers: dict[str, int]) -> Model:
    """A convolution, or two matrices with no function between them, as definitions."""
    i, j, k, m = map(index, "ijkm")
    outputs, width, inputs = size("I"), size("J"), size("K")
    z = Quantity("z", Role.INTERMEDIATE, (axis("i", outputs),))
    a = Quantity("a", Role.INTERMEDIATE, (axis("i", outputs),))
    y = Quantity("y", Role.TARGET, (axis("i", outputs),))
    cost = Quantity("C0", Role.COST)
    if name == "convolution":
        x = Quantity("x", Role.INPUT, (axis("k", outputs + width - 1),))
        parameters = [Quantity("w", Role.PARAMETER, (axis("m", width),))]
        (w,) = parameters
        right = Sum(Product(w[m], x[i + m]), (m, 0, width - 1))
    else:
        x = Quantity("x", Role.INPUT, (axis("k", inputs),))
        u = Quantity("u", Role.PARAMETER, (axis("i", outputs), axis("j", width)))
        v = Quantity("v", Role.PARAMETER, (axis("j", width), axis("k", inputs)))
        parameters = [u, v]
        right = Sum(Product(u[i, j], v[j, k], x[k]), (k, 0, inputs - 1), (j, 0, width - 1))
    model = Model(
        name,
        (x, *parameters, z, a, y, cost),
        (
            define(z, (i,), right),
            define(a, (i,), apply("relu", z[i])),
            define(cost, (), Sum((a[i] - y[i]) ** 2, (i, 0, outputs - 1))),
        ),
    )
    return replace(model, sizes={size(letter): count for letter, count in numbers.items()})


def shapes() -> dict[str, tuple[Model, int]]:
    """What is measured: a model, and a number of samples."""
    deep = "-".join(["256"] * 21)
    return {
        "784-30-10, 256": (Network.from_sizes("784-30-10").stable_model, 256),
        "20 x 256, 64": (Network.from_sizes(deep).stable_model, 64),
        "convolution of 256 by 9, 64": (bare("convolution", {"I": 248, "J": 9}), 64),
        "50 x 20 x 60, 64": (bare("product", {"I": 50, "J": 20, "K": 60}), 64),
    }


def gradient(text: str, samples: int) -> Callable[[], Any]:
    """A call of the gradient of a generated module."""
    module = load(text)
    rng = np.random.default_rng(0)
    parameters = module.initialise(rng)
    given = [rng.random((samples, *shape)) for shape in module.SAMPLE_SHAPES.values()]
    buffers = hasattr(module, "Workspace")
    options = {"workspace": module.Workspace(samples)} if buffers else {}
    return lambda: module.gradient(parameters, *given, **options)


def ratio(first: Callable[[], Any], second: Callable[[], Any], seconds: float) -> float:
    """The least time of the second call over that of the first, taken in turn."""
    times: tuple[list[float], list[float]] = ([], [])
    for call in (first, second):
        call()
    end = time.perf_counter() + seconds
    while time.perf_counter() < end or len(times[0]) < 5:
        for call, found in zip((first, second), times, strict=True):
            start = time.perf_counter()
            call()
            found.append(time.perf_counter() - start)
    return min(times[1]) / min(times[0])


def measure(seconds: float = SECONDS) -> Results:
    """The time without each pass over the time with all of them, where the module differs.

    Passes with buffers are measured on modules with buffers, all on one thread.
    """
    results: Results = {}
    with threadpool_limits(1):
        for title, (model, samples) in shapes().items():
            results[title] = {}
            whole = {buffers: generate(model, buffers=buffers) for buffers in (False, True)}
            for name in OPTIONAL:
                buffers = name in {one.name for one in BUFFERED}
                text = generate(model, buffers=buffers, without=(name,))
                if text != whole[buffers]:
                    calls = [gradient(one, samples) for one in (whole[buffers], text)]
                    results[title][name] = ratio(calls[0], calls[1], seconds)
    return results


def section(results: Results) -> str:
    """The results as a section of the page on performance."""
    lines = [
        "## What each pass of the compiler gains",
        "",
        "The time of the whole gradient without one pass, over the time with all of them; nothing",
        "where the pass changes nothing. One thread; differences under 5 % are ties.",
        "",
        "| without | " + " | ".join(results) + " |",
        "|---|" + "--:|" * len(results),
    ]
    for name in OPTIONAL:
        cells = [f"{row[name]:.2f}" if name in row else "" for row in results.values()]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join([*lines, ""])


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print the section, write the results."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.passes", description=__doc__)
    parser.add_argument("--seconds", type=float, default=SECONDS, help="default: %(default)s")
    parser.add_argument("--output", type=Path, default=OUTPUT, help="default: %(default)s")
    options = parser.parse_args(arguments)
    results = measure(options.seconds)
    options.output.parent.mkdir(parents=True, exist_ok=True)
    options.output.write_text(json.dumps(results, indent=1) + "\n")
    print(section(results))
    return 0


if __name__ == "__main__":
    sys.exit(main())
