"""A gradient over samples that lie on several devices: JAX shards the batch, and adds up.

The mean over samples is a sum, so nothing in the generated code has to know of devices. It is given
arrays that are spread along the samples; under `jax.jit` each device works on its own samples, and
the compiled program adds the parts. Run it with

    pip install 'symbackprop[examples]'
    python examples/sharded_jax.py

It makes several devices of this machine's processor; with `--devices 0` it takes the accelerators
that JAX finds. The result is compared with the same gradient on one device, and with NumPy's.
"""

from __future__ import annotations

import argparse
import os
import sys

LIMIT = 1e-12


def positive(text: str) -> int:
    """A whole number from 1."""
    number = int(text)
    if number < 1:
        raise ValueError
    return number


def options() -> argparse.Namespace:
    """What was asked for on the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--devices", type=int, default=4, help="made of this processor; 0: none")
    parser.add_argument("--samples", type=positive, default=1000, help="for each device")
    parser.add_argument("--inputs", type=positive, default=20)
    parser.add_argument("--hidden", type=positive, default=30)
    parser.add_argument("--classes", type=positive, default=10)
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args()


def prepare(devices: int) -> None:
    """Set what JAX reads when it is imported: numbers of 64 bits, how many devices to make."""
    os.environ["JAX_ENABLE_X64"] = "true"
    if devices > 0:
        flags = os.environ.get("XLA_FLAGS", "")
        os.environ["XLA_FLAGS"] = f"{flags} --xla_force_host_platform_device_count={devices}"
        os.environ["JAX_PLATFORMS"] = "cpu"


def difference(found: tuple, wanted: tuple) -> float:
    """The largest difference of two gradients, each array relative to its largest entry."""
    import numpy as np

    pairs = zip((*found.w, *found.b), (*wanted.w, *wanted.b), strict=True)
    return max(
        float(np.abs(np.asarray(one) - np.asarray(other)).max() / np.abs(other).max())
        for one, other in pairs
    )


def main() -> None:
    """Compute the gradient on all devices and on one, and compare."""
    chosen = options()
    prepare(chosen.devices)
    try:
        import array_api_compat  # noqa: F401 (what the generated code imports)
        import jax
        import numpy as np
        from jax.sharding import Mesh, NamedSharding, PartitionSpec

        from symbackprop import Dense, Network
    except ImportError as error:
        sys.exit(f"{error}: pip install 'symbackprop[examples]'")

    network = Network(
        chosen.inputs,
        [Dense(chosen.hidden, "tanh"), Dense(chosen.classes, "softmax")],
        cost="categorical_cross_entropy",
    )
    numpy_module = network.compile()
    module = network.compile(target="array-api")
    devices = jax.devices()
    samples = chosen.samples * len(devices)
    rng = np.random.default_rng(chosen.seed)
    parameters = numpy_module.initialise(rng)
    x = rng.normal(size=(samples, chosen.inputs))
    y = np.eye(chosen.classes)[rng.integers(chosen.classes, size=samples)]

    gradient = jax.jit(module.gradient)
    leaves = module.Parameters(*parameters)
    on_one = gradient(*jax.device_put((leaves, x, y), devices[0]))

    mesh = Mesh(np.array(devices), ("samples",))
    everywhere = NamedSharding(mesh, PartitionSpec())
    along_samples = NamedSharding(mesh, PartitionSpec("samples"))
    given = (jax.device_put(leaves, everywhere), *jax.device_put((x, y), along_samples))
    on_all = gradient(*given)

    places = {shard.device for shard in given[1].addressable_shards}
    sums = gradient.lower(*given).compile().as_text().count("all-reduce(")
    print(f"{samples} samples on {len(places)} devices, {chosen.samples} on each")
    print(f"sums over devices in the compiled program: {sums}")
    from_one = difference(on_all, on_one)
    from_numpy = difference(on_all, numpy_module.gradient(parameters, x, y))
    print(f"largest relative difference from one device: {from_one:.1e}")
    print(f"largest relative difference from NumPy: {from_numpy:.1e}")
    if not max(from_one, from_numpy) <= LIMIT:
        sys.exit(f"that is more than {LIMIT:.0e}")


if __name__ == "__main__":
    main()
