"""The peers: one module each, one row each in ``PEERS``.

A row names ``module:function``.  The function is a factory ``make(shape, samples, dtype)`` that
returns a ``Call``: what is called, with which arguments (in the peer's own types, converted
beforehand), and how its result is read back as NumPy arrays.  Modules are imported in the
worker process of that peer only, so that an optional package is needed by its own row alone.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from benchmarks.shapes import Column, Gradient

BASELINE = "products"
REFERENCE = "allocating"
TINY = 40
"""Up to so many parameters a network is unrolled into scalars."""
HUGE = 1_000_000
"""Beyond so many parameters, one neuron at a time is not worth waiting for."""


@dataclass(frozen=True)
class Call:
    """``function(*arguments)`` is what is timed; ``unpack`` reads its result as a gradient.

    ``unpack`` is None for peers that compute no gradient (the bare products).  ``note`` says what
    the factory chose, where it had a choice.
    """

    function: Callable[..., Any]
    arguments: tuple[Any, ...] = ()
    unpack: Callable[[Any], Gradient] | None = None
    note: str = ""


Factory = Callable[[tuple[int, ...], int, str], Call]


def everywhere(column: Column) -> bool:
    """For peers that take part in every column."""
    return True


def tiny(column: Column) -> bool:
    """For peers that are meant for tiny networks and one sample."""
    return column.samples == 1 and column.parameters <= TINY


def not_huge(column: Column) -> bool:
    """For peers that would need minutes in the largest column."""
    return column.parameters <= HUGE or column.samples < 100


@dataclass(frozen=True)
class Peer:
    """One row of the table."""

    name: str
    title: str
    factory: str
    applies: Callable[[Column], bool] = everywhere
    packages: tuple[str, ...] = ()

    def load(self) -> Factory:
        """Import the peer's module and return its factory."""
        module, _, function = self.factory.partition(":")
        factory: Factory = getattr(importlib.import_module(module), function)
        return factory


PEERS = (
    Peer("products", "bare products alone", "benchmarks.peers.products:make"),
    Peer(
        "torch-products",
        "the same products in torch",
        "benchmarks.peers.torch_products:make",
        packages=("torch",),
    ),
    Peer("allocating", "NumPy allocating", "benchmarks.peers.allocating:make"),
    Peer("buffered", "NumPy, best buffered", "benchmarks.peers.buffered:make"),
    Peer("scalar", "scalar Python, unrolled", "benchmarks.peers.scalar:make", applies=tiny),
    Peer("numba", "numba", "benchmarks.peers.numba_loops:make", packages=("numba", "scipy")),
    Peer(
        "pytensor",
        "pytensor, best mode",
        "benchmarks.peers.pytensor_graph:make",
        packages=("pytensor",),
    ),
    Peer("jax", "jax.jit (value_and_grad)", "benchmarks.peers.jax_jit:make", packages=("jax",)),
    Peer("torch", "torch eager", "benchmarks.peers.torch_eager:make", packages=("torch",)),
    Peer(
        "torch-compile",
        "torch.compile (grad_and_value)",
        "benchmarks.peers.torch_compiled:make",
        packages=("torch",),
    ),
    Peer(
        "autograd",
        "autograd",
        "benchmarks.peers.autograd_tape:make",
        packages=("autograd",),
    ),
    Peer("neuron", "one neuron at a time", "benchmarks.peers.neuron:make", applies=not_huge),
    Peer("generated", "generated: numpy", "benchmarks.peers.generated:allocating"),
    Peer("generated-buffers", "generated: numpy, buffers", "benchmarks.peers.generated:buffered"),
    Peer(
        "generated-scalar",
        "generated: scalar",
        "benchmarks.peers.generated:scalar",
        applies=tiny,
    ),
    Peer(
        "generated-numba",
        "generated: numba",
        "benchmarks.peers.generated:compiled",
        packages=("numba", "scipy"),
    ),
    Peer(
        "generated-torch",
        "generated: array-api on torch",
        "benchmarks.peers.generated:torch_tensors",
        packages=("torch", "array_api_compat"),
    ),
    Peer(
        "generated-jax",
        "generated: array-api, jax.jit",
        "benchmarks.peers.generated:jax_compiled",
        packages=("jax", "array_api_compat"),
    ),
    Peer(
        "generated-torch-compile",
        "generated: array-api, torch.compile",
        "benchmarks.peers.generated:torch_compiled",
        packages=("torch", "array_api_compat"),
    ),
)


def find(name: str) -> Peer:
    """The row of that name; a KeyError names the rows there are."""
    for peer in PEERS:
        if peer.name == name:
            return peer
    raise KeyError(f"no peer {name!r}; there are {', '.join(peer.name for peer in PEERS)}")
