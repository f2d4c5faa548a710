"""What symbackprop generates, by target: the same networks, lowered and printed when it is made."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from benchmarks.peers import TINY, Call
from benchmarks.shapes import Gradient, layer_widths, make_data
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


def tiny_network(shape: tuple[int, ...]) -> bool:
    """Whether the parameters are so few that they are unrolled."""
    return sum(after * (before + 1) for before, after in layer_widths(shape)) <= TINY


def compiled(shape: tuple[int, ...], samples: int, dtype: str) -> Call:
    """The target numba: vectors for one sample of a tiny network, else a workspace."""
    if samples > 1 or not tiny_network(shape):
        return _in_workspace(module(shape, target="numba"), shape, samples, dtype)
    code = module(shape, target="numba")
    data = make_data(shape, samples, dtype)
    theta = code.flatten(code.Parameters(data.w, data.b))
    out = np.empty_like(theta)

    def unpack(_: Any) -> Gradient:
        return Gradient(*code.unflatten(out))

    return Call(code.gradient_flat, (theta, np.concatenate((data.x, data.y)), out), unpack)


def _plain(code: Any, shape: tuple[int, ...], samples: int, dtype: str) -> Call:
    data = make_data(shape, samples, dtype)
    parameters = code.Parameters(data.w, data.b)
    return Call(code.gradient, (parameters, data.x, data.y), lambda result: Gradient(*result))


def buffered(shape: tuple[int, ...], samples: int, dtype: str) -> Call:
    """The target numpy with a workspace."""
    return _in_workspace(module(shape, buffers=True), shape, samples, dtype)


def _in_workspace(code: Any, shape: tuple[int, ...], samples: int, dtype: str) -> Call:
    data = make_data(shape, samples, dtype)
    parameters, workspace = code.Parameters(data.w, data.b), code.Workspace(samples, dtype)
    function = partial(code.gradient, workspace=workspace)
    return Call(function, (parameters, data.x, data.y), lambda result: Gradient(*result))


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

    torch.set_grad_enabled(False)
    code = module(shape, target="array-api")
    data = make_data(shape, samples, dtype)
    w, b = (tuple(map(torch.from_numpy, part)) for part in (data.w, data.b))
    x, y = torch.from_numpy(data.x), torch.from_numpy(data.y)

    def unpack(result: Any) -> Gradient:
        return Gradient(*(tuple(np.asarray(leaf) for leaf in part) for part in result))

    return Call(code.gradient, (code.Parameters(w, b), x, y), unpack)


def torch_compiled(shape: tuple[int, ...], samples: int, dtype: str) -> Call:
    """The same under torch.compile, for these shapes alone, as the peer beside it."""
    import torch

    torch._dynamo.reset()
    call = torch_tensors(shape, samples, dtype)
    function = torch.compile(call.function, dynamic=False, options={"size_asserts": False})
    return Call(function, call.arguments, call.unpack)


def jax_compiled(shape: tuple[int, ...], samples: int, dtype: str) -> Call:
    """The target array-api under jax.jit, as the peer beside it: the call waits for the result."""
    import jax

    if dtype == "float64":
        jax.config.update("jax_enable_x64", True)
    code = module(shape, target="array-api")
    data = jax.tree.map(jax.numpy.asarray, make_data(shape, samples, dtype))
    compiled = jax.jit(code.gradient)

    def call(*arguments: Any) -> Any:
        result = compiled(*arguments)
        result[1][0].block_until_ready()  # all results of one execution are ready together
        return result

    def unpack(result: Any) -> Gradient:
        return Gradient(*(tuple(np.asarray(leaf) for leaf in part) for part in result))

    return Call(call, (code.Parameters(data.w, data.b), data.x, data.y), unpack)
