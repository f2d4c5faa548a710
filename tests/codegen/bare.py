"""Models with numbers for their sizes, and their modules compared with the plain reference."""

from dataclasses import replace

import numpy as np

from symbackprop.model.arrays import listed
from symbackprop.notation.quantities import Role
from symbackprop.notation.symbols import size
from symbackprop.verification.draw import small_sizes
from symbackprop.verification.indices import integer
from symbackprop.verification.reference import Reference
from tests.codegen.support import DOUBLE, difference

SAMPLES = 3


def bare(model):
    """The model with small numbers for its plain sizes."""
    numbers = small_sizes(model)
    return replace(model, sizes={size(name): count for name, count in numbers.items()})


def numbers_of(model):
    """The sizes of a model as the reference takes them."""
    return {
        (str(key.base.label), *map(int, key.indices)) if key.is_Indexed else key.name: int(count)
        for key, count in model.sizes.items()
    }


def places(reference, quantity):
    """All places of a quantity, in ascending order."""
    found = [()]
    letters = [axis.letter.name for axis in quantity.axes]
    for axis in quantity.axes:
        found = [
            (*place, value)
            for place in found
            for env in [dict(zip(letters, place, strict=False))]
            for value in range(
                integer(axis.low)(env, reference), integer(axis.high)(env, reference) + 1
            )
        ]
    return found


def arrays(reference, quantity, read):
    """The values of a quantity as a module wants them: one array, or one a layer."""
    groups = {}
    split = sum(listed(quantity))
    for place in places(reference, quantity):
        value = complex(read(quantity.name, place)).real
        groups.setdefault(place[:split], []).append((place[split:], value))
    found = []
    for group in groups.values():
        extents = [max(indices) - min(indices) + 1 for indices in zip(*dict(group), strict=True)]
        found.append(np.array([value for _, value in group]).reshape(extents))
    return found


def leaves(part):
    """The arrays of a field."""
    return list(part) if isinstance(part, tuple) else [part]


def compare(module, model):
    """Every function of a module against the reference's complex steps."""
    references = [Reference(model, numbers_of(model), seed=seed) for seed in range(SAMPLES)]
    first = references[0]
    fields = []
    for quantity in model.with_role(Role.PARAMETER):
        found = arrays(first, quantity, first.read)
        fields.append(tuple(found) if any(listed(quantity)) else found[0])
    given = [
        np.stack([arrays(one, quantity, one.read)[0] for one in references])
        for role in (Role.INPUT, Role.TARGET)
        for quantity in model.with_role(role)
    ]
    parameters = module.Parameters(*fields)
    cost, gradient = module.cost_and_gradient(parameters, *given)
    each = module.gradient_per_sample(parameters, *given)
    inputs = module.gradient_inputs(parameters, *given)
    alone = module.gradient(parameters, *(array[0] for array in given))
    name = model.cost.name
    assert difference([cost], [np.mean([one.read(name, ()).real for one in references])]) <= DOUBLE

    def total(one):
        return lambda name, place: one.total(model.cost.name, (), name, place)

    for quantity in model.with_role(Role.PARAMETER):
        rows = [arrays(one, quantity, total(one)) for one in references]
        wanted = [np.stack(parts) for parts in zip(*rows, strict=True)]
        found = leaves(getattr(gradient, quantity.name))
        assert difference(found, [one.mean(axis=0) for one in wanted]) <= DOUBLE
        assert difference(leaves(getattr(alone, quantity.name)), rows[0]) <= DOUBLE
        assert difference(leaves(getattr(each, quantity.name)), wanted) <= DOUBLE
    (quantity,) = model.with_role(Role.INPUT)
    wanted = np.stack([arrays(one, quantity, total(one))[0] for one in references])
    assert difference([inputs], [wanted / SAMPLES]) <= DOUBLE
