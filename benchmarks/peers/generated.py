"""What symbackprop generates, by target: the same networks, lowered and printed when it is made."""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.peers import Call
from benchmarks.shapes import Gradient, make_data
from symbackprop.codegen import generate, load
from symbackprop.model.costs import cost
from symbackprop.model.functions import activation
from symbackprop.model.layers import layered_model


def module(shape: tuple[int, ...], **options: Any) -> Any:
    """The generated module of a network."""
    sigmoid = activation("sigmoid")
    rows = (sigmoid,) * (len(shape) - 1)
    model = layered_model("net", rows, cost("squared_error"), widths=shape, from_logits=True)
    return load(generate(model, **options))


def allocating(shape: tuple[int, ...], samples: int, dtype: str) -> Call:
    """The target numpy."""
    return _plain(module(shape), shape, samples, dtype)


def loops_compiled(shape: tuple[int, ...], samples: int, dtype: str) -> Call:
    """The target numba, on vectors for one sample of a tiny network."""
    code = module(shape, target="numba")
    if samples > 1 or not hasattr(code, "gradient_flat"):
        return _plain(code, shape, samples, dtype)
    data = make_data(shape, samples, dtype)
    theta = code.flatten(code.Parameters(data.w, data.b))

    def unpack(result: Any) -> Gradient:
        return Gradient(*code.unflatten(result))

    return Call(code.gradient_flat, (theta, data.x, data.y, np.empty_like(theta)), unpack)


def _plain(code: Any, shape: tuple[int, ...], samples: int, dtype: str) -> Call:
    data = make_data(shape, samples, dtype)
    parameters = code.Parameters(data.w, data.b)
    return Call(code.gradient, (parameters, data.x, data.y), lambda result: Gradient(*result))


def buffered(shape: tuple[int, ...], samples: int, dtype: str) -> Call:
    """The target numpy with a workspace."""
    code = module(shape, buffers=True)
    data = make_data(shape, samples, dtype)
    parameters, workspace = code.Parameters(data.w, data.b), code.Workspace(samples, dtype)

    def gradient(parameters: Any, x: Any, y: Any) -> Any:
        return code.gradient(parameters, x, y, workspace=workspace)

    return Call(gradient, (parameters, data.x, data.y), lambda result: Gradient(*result))


def scalar(shape: tuple[int, ...], samples: int, dtype: str) -> Call:
    """The target scalar, on vectors."""
    code = module(shape, target="scalar")
    data = make_data(shape, samples, dtype)
    theta = code.flatten(code.Parameters(data.w, data.b))

    def unpack(result: Any) -> Gradient:
        return Gradient(*code.unflatten(result))

    return Call(code.gradient_flat, (theta, data.x, data.y), unpack)


def torch_tensors(shape: tuple[int, ...], samples: int, dtype: str) -> Call:
    """The target array-api on tensors of PyTorch."""
    import torch

    code = module(shape, target="array-api")
    data = make_data(shape, samples, dtype)
    w, b = (tuple(map(torch.from_numpy, part)) for part in (data.w, data.b))
    x, y = torch.from_numpy(data.x), torch.from_numpy(data.y)

    def unpack(result: Any) -> Gradient:
        return Gradient(*(tuple(np.asarray(leaf) for leaf in part) for part in result))

    return Call(code.gradient, (code.Parameters(w, b), x, y), unpack)
