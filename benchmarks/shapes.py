"""The eight columns of the table: network sizes, number of samples, and data for them.

Every network is dense with the sigmoid in all its layers.  The cost is the squared error summed
over the outputs; with several samples, the mean over the samples.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
ALIGNMENT = 64
DTYPES = ("float64", "float32")


class Gradient(NamedTuple):
    """The whole gradient: ``w[0]`` belongs to layer 1 and has shape (n_1, n_0)."""

    w: tuple[Array, ...]
    b: tuple[Array, ...]


class Data(NamedTuple):
    """Parameters and samples.  ``x`` is (n_0,) for one sample, else (samples, n_0)."""

    w: tuple[Array, ...]
    b: tuple[Array, ...]
    x: Array
    y: Array


@dataclass(frozen=True)
class Column:
    """One column of the table."""

    name: str
    shape: tuple[int, ...]
    samples: int

    @property
    def parameters(self) -> int:
        """How many weights and biases the network has."""
        return sum(after * (before + 1) for before, after in layer_widths(self.shape))

    @property
    def title(self) -> str:
        """The heading of the column: sizes, then samples."""
        return f"{self.name.rpartition('@')[0]}, {self.samples}"


COLUMNS = (
    Column("3-2@1", (3, 2), 1),
    Column("2-2-2@1", (2, 2, 2), 1),
    Column("784-30-10@1", (784, 30, 10), 1),
    Column("784-30-10@10", (784, 30, 10), 10),
    Column("784-30-10@256", (784, 30, 10), 256),
    Column("784-128-64-10@128", (784, 128, 64, 10), 128),
    Column("20x256@64", (256,) * 21, 64),
    Column("1024-4096-1024@256", (1024, 4096, 1024), 256),
)


def layer_widths(shape: Sequence[int]) -> list[tuple[int, int]]:
    """Pairs (inputs, outputs), one a layer.

    >>> layer_widths((3, 4, 2))
    [(3, 4), (4, 2)]
    """
    return list(itertools.pairwise(shape))


def aligned_empty(shape: int | tuple[int, ...], dtype: str | np.dtype[Any]) -> Array:
    """An uninitialised C-ordered array whose first element is on a cache line of its own."""
    kind = np.dtype(dtype)
    size = int(np.prod(shape)) * kind.itemsize
    raw = np.empty(size + ALIGNMENT, dtype=np.uint8)
    offset = -raw.ctypes.data % ALIGNMENT
    return raw[offset : offset + size].view(kind).reshape(shape)


def aligned(values: Array, dtype: str) -> Array:
    """An aligned copy, so that chance does not decide which peer gets aligned inputs."""
    result = aligned_empty(values.shape, dtype)
    result[...] = values
    return result


def make_data(shape: Sequence[int], samples: int, dtype: str, seed: int = 0) -> Data:
    """The same data for every peer; float32 data are the float64 data, rounded."""
    rng = np.random.default_rng(seed)
    widths = layer_widths(shape)
    w = [rng.normal(size=(after, before)) / np.sqrt(before) for before, after in widths]
    b = [rng.normal(size=after) / 2 for _, after in widths]
    x = rng.normal(size=(samples, shape[0]))
    y = rng.uniform(size=(samples, shape[-1]))
    if samples == 1:
        x, y = x[0], y[0]
    return Data(
        tuple(aligned(array, dtype) for array in w),
        tuple(aligned(array, dtype) for array in b),
        aligned(x, dtype),
        aligned(y, dtype),
    )
