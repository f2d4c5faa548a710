"""PyTorch as it comes: the cost run forward, ``torch.autograd.grad`` backward."""

from __future__ import annotations

import torch

from benchmarks.peers import Call
from benchmarks.peers.torch_model import Tensors, cost, tensors, to_gradient
from benchmarks.shapes import make_data


def gradient(w: Tensors, b: Tensors, x: torch.Tensor, y: torch.Tensor) -> Tensors:
    """The gradient with respect to all weights, then all biases."""
    return torch.autograd.grad(cost(w, b, x, y), (*w, *b))


def make(shape: tuple[int, ...], samples: int, dtype: str) -> Call:
    """The parameters are leaves that ask for a gradient."""
    w, b, x, y = tensors(make_data(shape, samples, dtype))
    for parameter in (*w, *b):
        parameter.requires_grad_()
    depth = len(w)
    return Call(gradient, (w, b, x, y), lambda r: to_gradient(r[:depth], r[depth:]))
