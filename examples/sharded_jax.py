"""A gradient over samples that lie on several devices: JAX shards the batch, and adds up.

The mean over samples is a sum, so nothing in the generated code has to know of devices. Run it with

    python examples/sharded_jax.py

It needs jax and array-api-compat. Without accelerators it makes four devices of this machine.
"""

import os

os.environ.setdefault("XLA_FLAGS", "--xla_force_host_platform_device_count=4")
os.environ.setdefault("JAX_ENABLE_X64", "true")

import jax
import numpy as np
from jax.sharding import Mesh, NamedSharding, PartitionSpec

from symbackprop.codegen import generate, load
from symbackprop.model.costs import cost
from symbackprop.model.functions import activation
from symbackprop.model.layers import layered_model

WIDTHS, SAMPLES = (20, 30, 10), 4000


def main() -> float:
    """The largest difference from NumPy's gradient on one device."""
    rows = (activation("tanh"), activation("softmax"))
    model = layered_model(
        "digits", rows, cost("categorical_cross_entropy"), widths=WIDTHS, from_logits=True
    )
    alone = load(generate(model), "alone")
    spread = load(generate(model, target="array-api"), "spread")
    rng = np.random.default_rng(0)
    parameters = alone.initialise(rng)
    x = rng.normal(size=(SAMPLES, WIDTHS[0]))
    y = np.eye(WIDTHS[-1])[rng.integers(WIDTHS[-1], size=SAMPLES)]
    wanted = alone.gradient(parameters, x, y)

    mesh = Mesh(np.array(jax.devices()), ("samples",))
    by_rows = NamedSharding(mesh, PartitionSpec("samples"))
    everywhere = NamedSharding(mesh, PartitionSpec())
    x, y = jax.device_put(x, by_rows), jax.device_put(y, by_rows)
    leaves = jax.device_put(spread.Parameters(*parameters), everywhere)
    found = jax.jit(spread.gradient)(leaves, x, y)
    print(f"{len(jax.devices())} devices, {SAMPLES} samples, {x.sharding.spec} sharded")
    return max(
        float(np.abs(np.asarray(one) - other).max() / np.abs(other).max())
        for one, other in zip((*found.w, *found.b), (*wanted.w, *wanted.b), strict=True)
    )


if __name__ == "__main__":
    difference = main()
    print(f"largest relative difference from one device: {difference:.1e}")
    assert difference < 1e-12
