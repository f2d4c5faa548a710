"""NumPy tuned by hand: buffers allocated once, everything written in place.

What it uses, each because it was measured to pay:

- one sample is a vector all the way, and an outer product is ``(n, 1).dot((1, m))``;
- ``a.dot(b, out)`` for small products, ``matmul`` for large ones;
- outputs given by position, and 0-d arrays in place of Python numbers;
- minus z computed as (-b) - a W^T, which saves a pass over z;
- the sigmoid of large buffers through tanh in float32;
- bias gradients as a product with ones instead of a sum over rows;
- elementwise work on large buffers in blocks that stay in cache;
- samples as columns where there are more samples than neurons;
- buffers that begin on a cache line.

The gradient returned is the buffers themselves: valid until the next call.
"""

from __future__ import annotations

from benchmarks.peers import Call
from benchmarks.peers.buffered_batch import columns, rows
from benchmarks.peers.buffered_vector import one_layer, two_layers
from benchmarks.shapes import make_data


def make(shape: tuple[int, ...], samples: int, dtype: str) -> Call:
    """The form that is fastest for this shape."""
    data = make_data(shape, samples, dtype)
    if samples == 1:
        build = {2: one_layer, 3: two_layers}[len(shape)]
        return Call(build(shape, dtype), tuple(data), lambda result: result, "vectors")
    build_batch = columns if samples > max(shape[1:]) else rows
    function = build_batch(shape, samples, dtype)
    return Call(function, tuple(data), lambda result: result, build_batch.__name__)
