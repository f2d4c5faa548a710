"""The compiler knows no network: models written as bare definitions, for every target.

The recurrent net, the convolution and the softmax row below are definitions and nothing else; what
their code computes is compared with the plain reference.
"""

import pytest

from symbackprop.arrays.program.lower import lowered
from symbackprop.arrays.program.program import (
    Contract,
    Matmul,
    Row,
    Spread,
    Stack,
    Tensordot,
    Windows,
)
from symbackprop.arrays.system import systems
from symbackprop.notation.quantities import Role
from tests.codegen.bare import bare, compare
from tests.codegen.support import TARGETS, in_the_full_sweep, made
from tests.support.models import (
    BARE_MODELS,
    convolution,
    recurrent,
    softmax_row,
    three_factors,
)

MODELS = (*BARE_MODELS, three_factors())
SHIFTED = ("recurrent", "convolution_2")


@pytest.mark.parametrize(
    ("target", "model"),
    [
        pytest.param(target, model, marks=in_the_full_sweep(target, model.name not in SHIFTED))
        for target in TARGETS
        for model in MODELS
    ],
    ids=lambda one: getattr(one, "name", one),
)
def test_bare_model(model, target):
    model = bare(model)
    compare(made(model, target), model)


def operations(model, role):
    """The operations that compute the gradients of the mean cost by the quantities of one role."""
    system = systems(bare(model))[0]
    wanted = [key for q in system.model.with_role(role) for key in system.gradients(q)]
    return system.program(wanted)[0].ops


@pytest.mark.parametrize("stride", [1, 2])
def test_a_convolution_is_windows_and_matrix_products(stride):
    """z_i = sum_m w_m x_(2 i + m): windows of x times w, and of w: errors times windows."""
    ops = operations(convolution(stride), Role.PARAMETER)
    assert not [op for op in ops if isinstance(op, Contract)]
    windows = [place for place, op in enumerate(ops) if isinstance(op, Windows)]
    assert [(ops[one].length, ops[one].step) for one in windows] == [(3, stride)]
    forward, backward = [op for op in ops if isinstance(op, Matmul | Tensordot)]
    assert windows[0] in forward.args
    assert windows[0] in backward.args


@pytest.mark.parametrize("stride", [1, 2])
def test_the_inputs_of_a_convolution_are_windows_too(stride):
    """Sum_m d_(k - m) w_m: windows of the errors, with zeros around and between them."""
    ops = operations(convolution(stride), Role.INPUT)
    (zeros,) = [place for place, op in enumerate(ops) if isinstance(op, Spread)]
    assert ops[zeros].step == stride
    (windows,) = [n for n, op in enumerate(ops) if isinstance(op, Windows) and zeros in op.args]
    assert [op for op in ops if isinstance(op, Matmul | Tensordot) and windows in op.args]


def test_a_recurrent_net_is_matrix_products_of_one_time_after_the_other():
    ops = operations(recurrent(), Role.PARAMETER)
    assert not [op for op in ops if isinstance(op, Contract | Stack)]
    times = 3
    assert len([op for op in ops if isinstance(op, Matmul)]) >= 3 * times


def test_a_softmax_written_as_quotients_is_found():
    system = systems(bare(softmax_row()))[0]
    program = lowered(system.schedule, [("p", ())])
    assert [op.function for op in program.ops if isinstance(op, Row)] == ["softmax"]
