"""The array-api target on the arrays of several libraries, against the numpy target on NumPy's."""

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from itertools import product
from typing import Any

import numpy as np
import pytest
from sympy import Integer, Sum

from symbackprop.codegen import generate, load
from symbackprop.model.definitions import define
from symbackprop.model.model import Model
from symbackprop.notation.expressions import Product
from symbackprop.notation.quantities import Quantity, Role
from symbackprop.notation.symbols import index
from tests.codegen import bare as small
from tests.codegen.support import DOUBLE, SINGLE, dense, difference
from tests.support import package
from tests.support.models import convolution, nodes

package("array_api_compat")
i, j, k, m, t = map(index, "ijkmt")


def needed(name):
    """A library, or the end of the test; PyTorch is too heavy for the extra `test`."""
    return pytest.importorskip(name) if name == "torch" else package(name)


def unchanged(value):
    return value


@dataclass(frozen=True)
class Library:
    """The module that makes arrays and how, what is done to a function, how results are read."""

    module: str
    maker: str = "asarray"
    wrap: Callable[..., Any] = unchanged
    read: Callable[..., Any] = unchanged

    def make(self, array):
        """The library's array with the numbers of one of NumPy's."""
        options = {"chunks": {0: 2}} if self.maker == "from_array" else {}
        return getattr(importlib.import_module(self.module), self.maker)(array, **options)


LIBRARIES = {
    "numpy": Library("numpy"),
    "the standard alone": Library("array_api_strict"),
    "jax": Library("jax.numpy"),
    "jax under jit": Library("jax.numpy", wrap=lambda function: needed("jax").jit(function)),
    "torch": Library("torch"),
    "dask": Library("dask.array", "from_array", read=lambda found: needed("dask").compute(*found)),
}


def library(name):
    """A library of the table, or a skipped test."""
    needed(LIBRARIES[name].module.partition(".")[0])
    return LIBRARIES[name]


def axes(letters, *counts):
    return tuple(nodes(letter, Integer(n)) for letter, n in zip(letters, counts, strict=True))


def bare(inputs, w, y, letters, counts, value, target):
    """A model whose output z is ``value`` and whose cost is the sum of (z - ``target``)^2.

    inputs, w and y are pairs of a name and axes; value and target get the quantities by name.
    """
    made = [Quantity(name, Role.INPUT, place) for name, place in inputs]
    made.append(Quantity(w[0], Role.PARAMETER, w[1]))
    made.append(Quantity("z", Role.INTERMEDIATE, axes(letters, *counts)))
    made.append(Quantity(y[0], Role.TARGET, y[1]))
    made.append(Quantity("C0", Role.COST))
    q = {quantity.name: quantity for quantity in made}
    bounds = [(letter, 0, n - 1) for letter, n in zip(letters, counts, strict=True)]
    error = (q["z"][letters] - target(q)) ** 2
    return Model(
        "bare",
        tuple(made),
        (define(q["z"], letters, value(q)), define(q["C0"], (), Sum(error, *bounds[::-1]))),
    )


MODELS = {
    "softmax": dense((3, 4, 2), ("gelu", "softmax"), "categorical_cross_entropy"),
    "masks": dense((4, 3, 2), ("leaky_relu", "relu"), "hinge"),
    "convolution": small.bare(convolution(2)),
    "two inputs, axes read backwards": bare(
        [("x", axes([i], 4)), ("u", axes([i], 4))],
        ("w", axes([i], 4)),
        ("y", axes([i], 7)),
        (i,),
        (4,),
        lambda q: Product(q["u"][i], q["w"][3 - i], q["x"][i]),
        lambda q: q["y"][5 - i],
    ),
    "axes in another order": bare(
        [("x", axes([i, j, k, m], 2, 3, 4, 2))],
        ("w", axes([m, i, k], 2, 2, 4)),
        ("y", axes([i, j, k, m], 2, 3, 4, 2)),
        (i, j, k, m),
        (2, 3, 4, 2),
        lambda q: Product(q["w"][m, i, k], q["x"][i, j, k, m]),
        lambda q: q["y"][i, j, k, m],
    ),
    "a product a step": bare(
        [("x", axes([t, k], 2, 4))],
        ("w", axes([t, j, k], 2, 3, 4)),
        ("y", axes([t, j], 2, 3)),
        (t, j),
        (2, 3),
        lambda q: Sum(Product(q["w"][t, j, k], q["x"][t, k]), (k, 0, 3)),
        lambda q: q["y"][t, j],
    ),
}
FUNCTIONS = ("forward", "cost", "gradient", "cost_and_gradient", "cost_and_gradient_flat")
FUNCTIONS += ("gradient_per_sample", "gradient_inputs")
SINGLE_PRECISION = "masks"
CASES = [
    (name, case)
    for name, case in product(LIBRARIES, MODELS)
    # JAX takes long without jit, and einsum is not in the standard, though all libraries have it.
    if (name != "jax" or case == SINGLE_PRECISION)
    and (name, case) != ("the standard alone", "a product a step")
]


@cache
def modules(case):
    """The modules of one model: NumPy's, and that of the array API."""
    return load(generate(MODELS[case])), load(generate(MODELS[case], target="array-api"))


def drawn(module, samples, dtype=np.float64):
    """Parameters in one vector, and several samples: moderate numbers away from kinks."""
    rng = np.random.default_rng(7)
    theta = module.flatten(module.initialise(rng))
    theta = (theta + 0.1 * rng.standard_normal(theta.shape)).astype(dtype)
    shapes = module.SAMPLE_SHAPES.values()
    return theta, [rng.uniform(0.1, 0.9, (samples, *shape)).astype(dtype) for shape in shapes]


def leaves(result):
    """The arrays of what a function returns."""
    if isinstance(result, tuple):
        return [leaf for one in result for leaf in leaves(one)]
    return [result]


def called(module, name, theta, given, wrap=unchanged):
    """What a function of a module gives, as a list of arrays."""
    given = given[:-1] if name == "forward" else given
    parameters = theta if name.endswith("flat") else module.unflatten(theta)
    return leaves(wrap(getattr(module, name))(parameters, *given))


@pytest.mark.parametrize(("name", "case"), CASES)
def test_every_function(name, case):
    arrays, (plain, module) = library(name), modules(case)
    dtype, limit = (np.float32, SINGLE) if case == SINGLE_PRECISION else (np.float64, DOUBLE)
    theta, given = drawn(plain, 5, dtype)
    copies = [array.copy() for array in (theta, *given)]
    for one in (False, True):
        samples = [array[1] if one else array for array in given]
        exact = [np.asarray(array, np.float64) for array in (theta, *samples)]
        made = [arrays.make(array) for array in (theta, *samples)]
        for function in FUNCTIONS:
            found = called(module, function, made[0], made[1:], arrays.wrap)
            assert {type(leaf) for leaf in found} <= {type(made[0]), dtype}
            found = [np.asarray(leaf) for leaf in arrays.read(found)]
            assert {leaf.dtype for leaf in found} == {np.dtype(dtype)}
            wanted = called(plain, function, exact[0], exact[1:])
            assert difference(found, wanted) <= limit, (function, one)
    for array, copy in zip((theta, *given), copies, strict=True):
        assert (array == copy).all()


@pytest.mark.parametrize("module", modules("two inputs, axes read backwards"))
def test_one_sample_of_several_inputs_is_one_of_a_batch(module):
    theta, given = drawn(module, 1)
    parameters = module.unflatten(theta)
    alone = module.gradient_inputs(parameters, *(array[0] for array in given))
    assert difference(alone, [row[0] for row in module.gradient_inputs(parameters, *given)]) == 0


@pytest.mark.parametrize("name", LIBRARIES)
def test_memory_order(name):
    arrays, (plain, module) = library(name), modules("masks")
    theta, given = drawn(plain, 5)
    wanted = called(plain, "cost_and_gradient_flat", theta, given)
    for turned in (np.asfortranarray, lambda array: np.repeat(array, 2, axis=-1)[..., ::2]):
        made = [arrays.make(turned(array)) for array in (theta, *given)]
        found = called(module, "cost_and_gradient_flat", made[0], made[1:], arrays.wrap)
        assert difference(arrays.read(found), wanted) <= DOUBLE


@pytest.mark.parametrize("name", LIBRARIES)
def test_wrong_arguments(name):
    arrays, (plain, module) = library(name), modules("masks")
    theta, (x, y) = drawn(plain, 4)
    parameters = module.unflatten(arrays.make(theta))
    for given, message in (
        ((x[:0], y[:0]), "x has no sample: its first axis is empty"),
        ((x[:, :2], y), r"x must have shape .4,. or .samples, 4., not .4, 2."),
        ((x, y[:2]), r"y must have shape .4, 2., not .2, 2."),
        ((x.astype(int), y), "real numbers, not .*int64"),
        ((x + 1j, y), "real numbers, not .*complex128"),
    ):
        with pytest.raises(ValueError, match=message):
            arrays.wrap(module.gradient)(parameters, *map(arrays.make, given))
    if name not in ("numpy", "jax under jit"):
        with pytest.raises(ValueError, match=r"one array library, not .*numpy\.ndarray"):
            module.gradient(parameters, x, y)


@pytest.mark.parametrize("case", ["softmax", "two inputs, axes read backwards"])
def test_vmap_over_samples_and_over_networks(case):
    jax, arrays, (plain, module) = needed("jax"), library("jax"), modules(case)
    theta, given = drawn(plain, 5)
    made = [arrays.make(array) for array in given]
    wanted = called(plain, "gradient_per_sample", theta, given)
    over_samples = jax.jit(jax.vmap(module.gradient, in_axes=(None, *[0] * len(given))))
    found = over_samples(module.unflatten(arrays.make(theta)), *made)
    assert difference(leaves(found), wanted) <= DOUBLE
    thetas = np.stack([theta, -theta, theta / 2])
    function = jax.vmap(module.cost_and_gradient_flat, in_axes=(0, *[None] * len(given)))
    for row, value, slope in zip(thetas, *jax.jit(function)(thetas, *made), strict=True):
        assert difference((value, slope), plain.cost_and_gradient_flat(row, *given)) <= DOUBLE


def refused(*args, **kwargs):
    raise AssertionError("something was computed")


@pytest.mark.parametrize("case", MODELS)
def test_dask_computes_nothing_before_it_is_asked(case):
    dask, arrays, module = needed("dask"), library("dask"), modules(case)[1]
    theta, given = drawn(module, 5)
    made = [arrays.make(array) for array in (theta, *given)]
    with dask.config.set(scheduler=refused):
        for function in FUNCTIONS:
            found = called(module, function, made[0], made[1:])
        with pytest.raises(AssertionError, match="something was computed"):
            dask.compute(*found)


def test_dask_keeps_the_chunks_of_the_samples():
    arrays, (plain, module) = library("dask"), modules("softmax")
    theta, (x, y) = drawn(plain, 5)
    parameters, x, y = module.unflatten(arrays.make(theta)), arrays.make(x), arrays.make(y)
    for rows in (module.forward(parameters, x), module.gradient_inputs(parameters, x, y)):
        assert rows.chunks[0] == (2, 2, 1)


def test_dask_must_know_the_number_of_samples():
    arrays, (plain, module) = library("dask"), modules("masks")
    theta, (x, _) = drawn(plain, 5)
    parameters, x = module.unflatten(arrays.make(theta)), arrays.make(x)
    some = x[x[:, 0] > 0.4]
    with pytest.raises(ValueError, match="the number of samples must be known, not nan"):
        module.forward(parameters, some)
    some = some.compute_chunk_sizes()
    assert module.forward(parameters, some).shape == (some.shape[0], 2)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("activation", ["sigmoid", "silu", "softplus"])
def test_nothing_overflows_far_out(activation, dtype):
    model = dense((1, 1), (activation,), "squared_error")
    written, wanted = (load(generate(model, target=name)) for name in ("array-api", "numpy"))
    w, b = np.ones((1, 1), dtype), np.zeros(1, dtype)
    x = np.array([[-3e4], [-800.0], [-90.0], [-20.0], [0.0], [90.0], [3e4]], dtype)
    parameters = written.Parameters((w,), (b,))
    found, other = (np.asarray(one.forward(parameters, x)) for one in (written, wanted))
    assert found.dtype == other.dtype == dtype
    # tanh leaves one rounding of 1 where the sigmoid is small; silu multiplies that by x.
    tolerance = np.finfo(dtype).eps * np.maximum(1, np.abs(x))
    assert (np.abs(found - other) <= tolerance).all()
    assert np.isfinite(written.gradient(parameters, x, np.zeros_like(x)).w[0]).all()
