"""Passes change how fast a module is and not what it computes, whichever are left out."""

from dataclasses import replace

import pytest

from symbackprop.arrays.passes.pipeline import BUFFERED, OPTIONAL, PASSES
from symbackprop.arrays.program.program import Matmul
from symbackprop.arrays.system import systems
from symbackprop.codegen import generate, load
from symbackprop.errors import UsageError
from symbackprop.model.batch import SAMPLES
from symbackprop.notation.symbols import size
from tests.codegen.bare import bare, compare
from tests.codegen.support import dense, needed
from tests.support.models import convolution, recurrent, softmax_row, three_factors

MODELS = {
    "dense": dense((3, 4, 2), ("sigmoid", "tanh"), "squared_error"),
    "deep": dense((3, 4, 2, 2), ("sigmoid",) * 3, "squared_error"),
    "kinks": dense((3, 4, 2), ("relu", "leaky_relu"), "huber"),
    "softmax": dense((3, 4, 2), ("silu", "softmax"), "categorical_cross_entropy"),
    "softmax_row": bare(softmax_row()),
    "recurrent": bare(recurrent()),
    "convolution": bare(convolution(2)),
    "three_factors": bare(three_factors()),
}
SUBSETS = [(), *((name,) for name in OPTIONAL), OPTIONAL]


@pytest.mark.parametrize("without", SUBSETS, ids=lambda names: "+".join(names) or "none")
@pytest.mark.parametrize("name", MODELS)
def test_results_are_those_of_the_reference(name, without):
    compare(load(generate(MODELS[name], without=without)), MODELS[name])


@pytest.mark.parametrize("target", ["numpy buffers", "scalar", "array-api", "numba"])
@pytest.mark.parametrize("name", ["softmax", "convolution"])
def test_results_of_other_targets_without_any_pass(name, target):
    needed(target)
    kind, _, form = target.partition(" ")
    text = generate(MODELS[name], target=kind, buffers=bool(form), without=OPTIONAL)
    compare(load(text), MODELS[name])


#: A model whose text each pass changes.
CHANGED = {
    "slopes_from_values": "dense",
    "fold_choices": "kinks",
    "order_contractions": "three_factors",
    "recognise_products": "dense",
    "share_common": "dense",
    "drop_unused": "softmax",
    "reuse_buffers": "dense",
    "join_vectors": "deep",
}


@pytest.mark.parametrize("name", OPTIONAL)
def test_each_pass_is_a_switch(name):
    model = MODELS[CHANGED[name]]
    buffers = name in {one.name for one in BUFFERED}
    text = generate(model, buffers=buffers)
    assert generate(model, buffers=buffers, without=(name,)) != text
    assert generate(model, buffers=buffers, without=()) == text


def test_every_pass_has_a_doctest_and_a_line_of_its_own():
    for one in (*PASSES, *BUFFERED):
        assert ">>>" in one.change.__doc__
        assert one.description
    names = [one.name for one in (*PASSES, *BUFFERED)]
    assert len(set(names)) == len(names)


def test_a_pass_that_cannot_be_left_out():
    with pytest.raises(UsageError, match=r"unknown pass 'speed'; .*share_common.*reuse_buffers"):
        generate(MODELS["dense"], without=("speed",))
    with pytest.raises(UsageError, match=r"pass expand_rows is needed; .*fold_choices"):
        generate(MODELS["dense"], without=("expand_rows",))


@pytest.mark.parametrize(
    ("sizes", "first"),
    [
        ({"I": 50, "J": 2, "K": 60}, (SAMPLES, 2)),  # x v^T first: it is thin
        ({"I": 2, "J": 60, "K": 50}, (2, 50)),  # u v first: it is small
    ],
)
def test_the_order_of_contractions_is_the_cheapest(sizes, first):
    model = three_factors()
    model = replace(model, sizes={size(name): count for name, count in sizes.items()})
    mean = systems(model)[0]
    program, _ = mean.program(mean.outputs)
    products = [op.shape for op in program.ops if isinstance(op, Matmul)]
    assert products == [first, (SAMPLES, sizes["I"])]
    assert load(generate(model))._self_check() < 1e-6
