"""PyTorch compiled: ``torch.func.grad_and_value`` under ``torch.compile``."""

from __future__ import annotations

import torch

from benchmarks.peers import Call
from benchmarks.peers.torch_model import cost, tensors, to_gradient
from benchmarks.shapes import make_data


def make(shape: tuple[int, ...], samples: int, dtype: str) -> Call:
    """Compile for these shapes alone; no tape beside, no checks of sizes at run time."""
    torch.set_grad_enabled(False)
    torch._dynamo.reset()
    arguments = tensors(make_data(shape, samples, dtype))
    function = torch.compile(
        torch.func.grad_and_value(cost, argnums=(0, 1)),
        fullgraph=True,
        dynamic=False,
        options={"size_asserts": False},
    )
    return Call(function, arguments, lambda result: to_gradient(*result[0]))
