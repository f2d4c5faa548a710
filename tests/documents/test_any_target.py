"""Single values of networks of any size, in every form: what is asked for is written."""

import random

import pytest

from symbackprop.derivation.forms import FORMS
from symbackprop.model.functions import ACTIVATIONS
from symbackprop.network import Network
from tests.support import FULL

CASES = 400 if FULL else 16
WIDTHS = (1, 2, 3, 4, 9, 10, 17, 40, 300)


@pytest.mark.parametrize("seed", range(CASES))
def test_a_single_value_is_derived(seed):
    source = random.Random(seed)
    depth = source.choice((1, 1, 2, 2, 3, 4, 6))
    widths = [source.choice(WIDTHS) for _ in range(depth + 1)]
    activations = [source.choice(ACTIVATIONS).name for _ in range(depth)]
    activations[:-1] = ["tanh" if one == "softmax" else one for one in activations[:-1]]
    network = Network.from_sizes("-".join(map(str, widths)), activations)
    targets = [_target(source, widths) for _ in range(source.choice((1, 1, 2)))]
    form = source.choice(FORMS).name
    note = f"{widths} {activations} {targets} {form}"
    derivation = network.derive(*targets, form=form)
    text = derivation.render("text")
    assert "∂C_0/∂" in text, note


def _target(source, widths):
    layer = source.randrange(1, len(widths))
    letter = source.choice("wba")
    rows, columns = widths[layer], widths[layer - 1]
    numbers = [source.choice((0, rows - 1, source.randrange(rows)))]
    if letter == "w":
        numbers.append(source.choice((0, columns - 1, source.randrange(columns))))
    back = len(widths) - 1 - layer
    place = source.choice((str(layer), f"L-{back}" if back else "L"))
    return f"{letter}[{','.join(map(str, numbers))}]@{place}"
