"""The same matrix products as the baseline, by torch, on the same memory."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from benchmarks.peers import Call
from benchmarks.peers.products import list_products


def make(shape: tuple[int, ...], samples: int, dtype: str) -> Call:
    """Each product with the torch function of its kind, writing into an existing tensor."""
    products: list[tuple[Callable[..., Any], Any, Any, Any]] = []
    for left, right, out in list_products(shape, samples, dtype):
        tensors = (torch.from_numpy(left), torch.from_numpy(right), torch.from_numpy(out))
        products.append(_bind(*tensors))
    return Call(_run, (products,))


def _bind(
    left: torch.Tensor, right: torch.Tensor, out: torch.Tensor
) -> tuple[Callable[..., Any], torch.Tensor, torch.Tensor, torch.Tensor]:
    if right.dim() == 1:
        return torch.mv, left, right, out
    if left.dim() == 1:
        return torch.mv, right.T, left, out
    if left.shape[1] == 1:
        return torch.outer, left[:, 0], right[0], out
    return torch.mm, left, right, out


def _run(products: list[tuple[Callable[..., Any], Any, Any, Any]]) -> None:
    for multiply, left, right, out in products:
        multiply(left, right, out=out)
