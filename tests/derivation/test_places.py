"""Where definitions apply, which places exist, and what a target is called there."""

import pytest
from sympy import Integer

from symbackprop.derivation.collect import places_of
from symbackprop.derivation.places import assumptions_of, definition_at, exist, letters_of
from symbackprop.errors import ModelError
from symbackprop.model.builtin import build
from symbackprop.network import Network
from symbackprop.notation.expressions import Bound, at_least
from symbackprop.notation.symbols import index

GENERAL, SIZES = build("general"), build("4-3-2")
SOFTMAX = build("4-3-2", ["tanh", "softmax"], "categorical_cross_entropy")
l_, j, k = index("l"), index("j"), index("k")


@pytest.mark.parametrize(
    ("least", "low"), [(-1, 1), (0, 1), (1, 1), (2, 2), (4, 4)], ids=lambda n: str(n)
)
def test_what_is_known_narrows_a_range_and_never_widens_it(least, low):
    z = GENERAL.by_name["z"]
    layer = next(bound.low for bound in z.ranges((l_, j)) if bound.letter == l_)
    assert layer == 1
    found, nodes = letters_of(GENERAL, [z[l_, j]], (at_least(l_, least),))
    assert (found.letter, found.low) == (l_, low)
    assert nodes.letter == j
    depth = found.high
    for above in (1, 0):
        (same, _) = letters_of(GENERAL, [z[l_, j]], (at_least(depth + above, l_),))
        assert same == Bound(l_, Integer(1), depth)
    (lower, _) = letters_of(GENERAL, [z[l_, j]], (at_least(depth - 2, l_),))
    assert lower == Bound(l_, Integer(1), depth - 2)


def test_places_that_exist_at_the_sizes_of_a_model():
    z, general = SIZES.by_name["z"], GENERAL.by_name["z"]
    assert [exist(SIZES, [z[Integer(2), Integer(n)]]) for n in (0, 1, 2, 7)] == [True] * 2 + [
        False
    ] * 2
    assert exist(GENERAL, [general[Integer(5), Integer(7)]])
    assert assumptions_of(GENERAL, [general[Integer(5), j]])
    assert assumptions_of(SIZES, [z[Integer(2), Integer(1)]]) == ()
    with pytest.raises(ModelError, match="out of range in z"):
        assumptions_of(SIZES, [z[Integer(2), Integer(2)]])


def test_the_definition_at_a_place():
    a, softmax = GENERAL.by_name["a"], SOFTMAX.by_name["a"]
    assert definition_at(GENERAL, a[Integer(0), k]).terms[0].factors == (GENERAL.by_name["x"][k],)
    with pytest.raises(ModelError, match=r"a\[l, j\] has no definition in model 4-3-2"):
        definition_at(SOFTMAX, softmax[l_, j])


def test_a_target_has_its_layer_as_a_number_where_there_is_one_layer():
    keys = {
        sizes: [one.key for one in Network.named(sizes).derive("w").derived.equations]
        for sizes in ("3-2", "4-3-2", "5-4-3-2")
    }
    assert "mean:w:1:j:k" in keys["3-2"]
    assert "mean:w" in keys["4-3-2"]
    assert "mean:w" in keys["5-4-3-2"]
    for model in (GENERAL, SIZES):
        w = model.by_name["w"][l_, j, k]
        assert places_of(model, w) == [(w, ())]
    split = places_of(SOFTMAX, SOFTMAX.by_name["a"][l_, j])
    assert [str(one) for one, _ in split] == ["a[0, j]", "a[1, j]", "a[2, j]"]


def test_verifying_says_how_far_it_is():
    derivation = Network.named("3-2").derive("b")
    seen = []
    derivation.verify(progress=lambda done, of: seen.append((done, of)))
    count = len(derivation.derived.equations)
    assert seen == [(n, count) for n in range(count)]
