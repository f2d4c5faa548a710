"""What the torch peers share: tensors on the same memory, and the cost."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from benchmarks.shapes import Data, Gradient

Tensors = Sequence[torch.Tensor]


def tensors(data: Data) -> tuple[Tensors, Tensors, torch.Tensor, torch.Tensor]:
    """The data as tensors."""
    w = tuple(map(torch.from_numpy, data.w))
    b = tuple(map(torch.from_numpy, data.b))
    return w, b, torch.from_numpy(data.x), torch.from_numpy(data.y)


def cost(w: Tensors, b: Tensors, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """The squared error, the mean over samples where there are several."""
    one = x.dim() == 1
    a = x
    for weights, bias in zip(w, b, strict=True):
        z = torch.addmv(bias, weights, a) if one else torch.nn.functional.linear(a, weights, bias)
        a = torch.sigmoid(z)
    total = torch.nn.functional.mse_loss(a, y, reduction="sum")
    return total if one else total / len(x)


def to_gradient(w: Tensors, b: Tensors) -> Gradient:
    """Tensors read as NumPy arrays."""
    return Gradient(
        tuple(tensor.detach().numpy() for tensor in w),
        tuple(tensor.detach().numpy() for tensor in b),
    )
