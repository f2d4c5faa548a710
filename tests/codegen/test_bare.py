"""Models written as bare definitions, lowered and compared with the plain reference."""

from dataclasses import replace

import numpy as np
import pytest

from symbackprop.codegen import generate, load
from symbackprop.codegen.instances import listed
from symbackprop.notation.quantities import Role
from symbackprop.notation.symbols import size
from symbackprop.verification.reference import Reference, small_sizes
from tests.codegen.support import DOUBLE, TARGETS, difference, in_the_full_sweep, needed
from tests.support.models import BARE_MODELS

SAMPLES = 3
SHIFTED = [model for model in BARE_MODELS if model.name in ("recurrent", "convolution_2")]


def bound(model):
    """The model with small numbers for its sizes."""
    numbers = small_sizes(model)
    return replace(model, sizes={size(name): count for name, count in numbers.items()}), numbers


def shape(quantity, numbers):
    """The shape of a quantity that is one array."""
    mapping = {size(name): count for name, count in numbers.items()}
    return tuple(int((axis.high - axis.low + 1).subs(mapping)) for axis in quantity.axes)


def filled(array, quantity, read):
    """An array with the value of each instance."""
    lows = [int(axis.low) for axis in quantity.axes]
    for position in np.ndindex(array.shape):
        place = tuple(p + low for p, low in zip(position, lows, strict=True))
        array[position] = complex(read(quantity.name, place)).real
    return array


@pytest.mark.parametrize(
    ("target", "model"),
    [
        pytest.param(target, model, marks=in_the_full_sweep(target, model not in SHIFTED))
        for target in TARGETS
        for model in BARE_MODELS
    ],
    ids=lambda one: getattr(one, "name", one),
)
def test_bare_model(model, target):
    needed(target)
    model, numbers = bound(model)
    name, _, form = target.partition(" ")
    module = load(generate(model, target=name, buffers=bool(form)), model.name)
    compare(module, model, numbers)


def compare(module, model, numbers):
    """Every function of the module against the plain reference, at as many seeds as samples."""
    references = [Reference(model, numbers, seed=seed) for seed in range(SAMPLES)]
    zeros = {
        q.name: np.zeros(shape(q, numbers)) for q in model.quantities if q.role is not Role.COST
    }

    def values(quantity, read):
        return filled(zeros[quantity.name].copy(), quantity, read)

    parameters = []
    for quantity in model.with_role(Role.PARAMETER):
        array = values(quantity, references[0].read)
        parameters.append(tuple(array) if any(listed(quantity)) else array)
    given = [
        np.stack([values(quantity, one.read) for one in references])
        for role in (Role.INPUT, Role.TARGET)
        for quantity in model.with_role(role)
    ]
    parameters = module.Parameters(*parameters)
    cost, gradient = module.cost_and_gradient(parameters, *given)
    each = module.gradient_per_sample(parameters, *given)
    inputs = module.gradient_inputs(parameters, *given)
    alone = module.gradient(parameters, *(array[0] for array in given))
    name = model.cost.name
    assert difference([cost], [np.mean([one.read(name, ()).real for one in references])]) <= DOUBLE

    def total(one):
        return lambda name, place: one.total(model.cost.name, (), name, place)

    for quantity in model.with_role(Role.PARAMETER):
        wanted = np.stack([values(quantity, total(one)) for one in references])
        found = np.array(getattr(gradient, quantity.name))
        assert difference([found], [wanted.mean(axis=0)]) <= DOUBLE
        assert difference([np.array(getattr(alone, quantity.name))], [wanted[0]]) <= DOUBLE
        leaves = getattr(each, quantity.name)
        rows = np.stack(leaves, 1) if any(listed(quantity)) else leaves
        assert difference([rows], [wanted]) <= DOUBLE
    (quantity,) = model.with_role(Role.INPUT)
    wanted = np.stack([values(quantity, total(one)) for one in references])
    assert difference([inputs], [wanted / SAMPLES]) <= DOUBLE
