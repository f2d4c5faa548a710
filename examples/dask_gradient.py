"""A gradient over more samples than fit into memory, by several processes: Dask adds up.

The mean over samples is a sum, so nothing in the generated code has to know of processes: it is
given Dask arrays, chunked along the samples, and returns Dask arrays. A chunk of the data is made
where it is needed, and forgotten after it. Run it with

    pip install 'symbackprop[examples]'
    python examples/dask_gradient.py

The data are larger than the memory of all workers together, and Dask ends a worker that exceeds its
own. The result is compared with the gradient of the numpy target, summed in this process chunk by
chunk. `--help` names the sizes that can be changed; with `--scheduler` the work goes to the workers
of a cluster that runs already, which need nothing but NumPy and Dask.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections import Counter
from collections.abc import Callable

try:
    import array_api_compat  # noqa: F401 (what the generated code imports)
    import dask.array as da
    import numpy as np
    from dask.utils import parse_bytes
    from distributed import Client, LocalCluster, get_task_stream, progress
    from rich.progress import track

    from symbackprop import Dense, Network
except ImportError as error:
    sys.exit(f"{error}: pip install 'symbackprop[examples]'")

LIMIT = 1e-12


def positive(text: str) -> int:
    """A whole number from 1."""
    number = int(text)
    if number < 1:
        raise ValueError
    return number


def options() -> argparse.Namespace:
    """What was asked for on the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--samples", type=positive, default=500_000)
    parser.add_argument("--chunk", type=positive, default=10_000, help="samples in a chunk")
    parser.add_argument("--inputs", type=positive, default=200)
    parser.add_argument("--hidden", type=positive, default=30)
    parser.add_argument("--classes", type=positive, default=10)
    parser.add_argument("--workers", type=positive, default=2, help="processes, one thread each")
    parser.add_argument("--memory", type=parse_bytes, default="320 MiB", help="of one worker")
    parser.add_argument("--scheduler", help="the address of a cluster, instead of workers here")
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args()


def inputs(seed: int, number: int, rows: int, columns: int) -> np.ndarray:
    """The inputs of one chunk: the same for the same seed and number, wherever they are made."""
    return np.random.default_rng((seed, 0, number)).standard_normal((rows, columns))


def targets(seed: int, number: int, rows: int, columns: int) -> np.ndarray:
    """The targets of one chunk: a class for each sample, as a row with a single one."""
    classes = np.random.default_rng((seed, 1, number)).integers(columns, size=rows)
    return np.eye(columns)[classes]


def lazy(make: Callable[..., np.ndarray], seed: int, rows: list[int], columns: int) -> da.Array:
    """All chunks as one array; Dask makes a chunk when it needs it."""

    def block(block_info: dict | None = None) -> np.ndarray:
        here = block_info[None]
        return make(seed, here["chunk-location"][0], *here["chunk-shape"])

    chunks = (tuple(rows), (columns,))
    return da.map_blocks(block, chunks=chunks, dtype=float, meta=np.empty((0, 0)))


def leaves(gradient: tuple) -> list:
    """The arrays of a gradient."""
    return [*gradient.w, *gradient.b]


def by_workers(gradient: tuple, client: Client) -> list[np.ndarray]:
    """A gradient as the workers compute it, with a bar that shows how far they are."""
    with get_task_stream(client) as stream:
        futures = client.compute(leaves(gradient))
        progress(futures, notebook=False)
        found = client.gather(futures)
    tasks = Counter(task["worker"] for task in stream.data)
    memory = client.run(lambda dask_worker: max(dask_worker.monitor.quantities["memory"]))
    print()
    for worker, process in client.run(os.getpid).items():
        print(f"process {process}: {tasks[worker]} tasks, {memory[worker] / 1e6:.0f} MB at most")
    return found


def in_this_process(module, parameters: tuple, rows: list[int], chosen) -> list[np.ndarray]:
    """The gradient of the whole as the mean of those of the chunks."""
    total = [np.zeros_like(leaf) for leaf in leaves(parameters)]
    for number, count in enumerate(track(rows, "in this process")):
        x = inputs(chosen.seed, number, count, chosen.inputs)
        y = targets(chosen.seed, number, count, chosen.classes)
        part = module.gradient(parameters, x, y)
        for leaf, one in zip(total, leaves(part), strict=True):
            leaf += count / chosen.samples * one
    return total


def main() -> None:
    """Compute both gradients and compare them."""
    chosen = options()
    network = Network(
        chosen.inputs,
        [Dense(chosen.hidden, "tanh"), Dense(chosen.classes, "softmax")],
        cost="categorical_cross_entropy",
    )
    numpy_module = network.compile()
    parameters = numpy_module.initialise(chosen.seed)
    full, rest = divmod(chosen.samples, chosen.chunk)
    rows = [chosen.chunk] * full + [rest] * (rest > 0)

    module = network.compile(target="array-api")
    w, b = parameters
    lazy_parameters = module.Parameters(
        w=tuple(map(da.from_array, w)), b=tuple(map(da.from_array, b))
    )
    x = lazy(inputs, chosen.seed, rows, chosen.inputs)
    y = lazy(targets, chosen.seed, rows, chosen.classes)
    gradient = module.gradient(lazy_parameters, x, y)  # nothing is computed yet

    print(f"{(x.nbytes + y.nbytes) / 1e6:.0f} MB of data in {len(rows)} chunks")
    cluster = chosen.scheduler
    if not cluster:
        print(f"{chosen.workers} workers with {chosen.memory / 1e6:.0f} MB of memory each")
        cluster = LocalCluster(
            n_workers=chosen.workers,
            threads_per_worker=1,
            memory_limit=chosen.memory,
            dashboard_address=None,
        )
    with Client(cluster) as client:
        found = by_workers(gradient, client)
    if not chosen.scheduler:
        cluster.close()

    wanted = in_this_process(numpy_module, parameters, rows, chosen)
    difference = max(
        float(np.abs(one - other).max() / np.abs(other).max())
        for one, other in zip(found, wanted, strict=True)
    )
    print(f"largest relative difference from one process: {difference:.1e}")
    if not difference <= LIMIT:
        sys.exit(f"that is more than {LIMIT:.0e}")


if __name__ == "__main__":
    main()
