"""Models: what is refused, with a message that says what and where."""

from __future__ import annotations

import pytest
from sympy import Integer, Sum

from symbackprop.errors import ModelError
from symbackprop.model.batch import MEAN, SAMPLES, batched
from symbackprop.model.builtin import build
from symbackprop.model.definitions import Definition, as_terms, define
from symbackprop.model.functions import FunctionRow, T
from symbackprop.model.model import Model, directions
from symbackprop.notation.expressions import Bound, Product, term
from symbackprop.notation.functions import apply
from symbackprop.notation.quantities import Axis, Kind, Quantity, Role
from symbackprop.notation.symbols import index, scalar, size
from symbackprop.verification.draw import small_sizes
from symbackprop.verification.reference import Reference
from tests.support.models import BARE_MODELS, recurrent

j, k, t = index("j"), index("k"), index("t")
i, m = index("i"), index("m")
COUNT, STEPS = size("K"), size("T")
NODES = Axis(j, Integer(0), COUNT - 1)
TIMES = Axis(t, Integer(0), STEPS, Kind.TIME)

x = Quantity("x", Role.INPUT, (NODES,))
w = Quantity("w", Role.PARAMETER, (NODES,))
z = Quantity("z", Role.INTERMEDIATE, (NODES,))
a = Quantity("a", Role.INTERMEDIATE, (NODES,))
COST = Quantity("C0", Role.COST)
TOTAL = define(COST, (), Sum(z[j] ** 2, (j, 0, COUNT - 1)))
WEIGHTED = define(z, (j,), Product(w[j], x[j]))


def model(*definitions: Definition, quantities: tuple[Quantity, ...] = (x, w, z, COST)) -> Model:
    return Model("m", quantities, definitions)


def test_a_model_in_order_is_accepted() -> None:
    found = model(WEIGHTED, TOTAL)
    assert found.cost == COST
    assert found.quantity("z") == z
    assert found.quantity(w[2]) == w
    assert [d.quantity for d in found.uses_of(w)] == [z]
    assert found.definitions_of(z) == (WEIGHTED,)
    assert found.with_role(Role.INPUT, Role.PARAMETER) == (x, w)
    assert found.symbols == (COUNT,)


def test_what_is_mentioned_must_be_declared() -> None:
    with pytest.raises(ModelError, match=r"no quantity 'w'; it has x, z, C0"):
        model(WEIGHTED, TOTAL, quantities=(x, z, COST))


def test_a_quantity_is_declared_once() -> None:
    with pytest.raises(ModelError, match="x is declared twice"):
        model(WEIGHTED, TOTAL, quantities=(x, x, w, z, COST))


def test_a_quantity_may_be_called_like_a_derivative() -> None:
    other = Quantity("d_w", Role.INPUT, (NODES,))
    made = model(WEIGHTED, TOTAL, quantities=(x, w, other, z, COST))
    assert made.quantity("d_w") == other
    assert made.quantity(w.adjoint.name).adjoint_of == w


def test_an_intermediate_quantity_must_be_defined() -> None:
    with pytest.raises(ModelError, match="a is never defined"):
        model(WEIGHTED, TOTAL, quantities=(x, w, z, a, COST))


@pytest.mark.parametrize("role", [Role.INPUT, Role.PARAMETER, Role.TARGET])
def test_what_is_given_must_not_be_defined(role: Role) -> None:
    given = Quantity("z", role, (NODES,))
    with pytest.raises(ModelError, match=f"z is declared as {role} and defined"):
        model(define(given, (j,), w[j]), TOTAL, quantities=(x, w, given, COST))


def test_an_instance_is_defined_once() -> None:
    again = define(z, (j,), x[j])
    with pytest.raises(ModelError, match="may define the same z"):
        model(WEIGHTED, again, TOTAL)
    first = define(z, (Integer(0),), x[0])
    with pytest.raises(ModelError, match="may define the same z"):
        model(first, WEIGHTED, TOTAL)


def test_disjoint_definitions_are_accepted() -> None:
    first = define(z, (Integer(0),), x[0])
    rest = define(z, (j,), x[j], domain=(Bound(j, Integer(1), COUNT - 1),))
    assert len(model(first, rest, TOTAL, quantities=(x, z, COST)).definitions) == 3


def test_there_must_be_a_definition() -> None:
    with pytest.raises(ModelError, match="no definition"):
        model(quantities=(x, COST))


def test_the_cost_is_a_scalar() -> None:
    with pytest.raises(ModelError, match="last definition must be a scalar cost; z has indices"):
        model(WEIGHTED, quantities=(x, w, z))


def test_a_quantity_may_not_need_itself() -> None:
    with pytest.raises(ModelError, match="cycle"):
        model(define(z, (j,), w[j] * z[j]), TOTAL)


def test_two_quantities_may_not_need_each_other() -> None:
    with pytest.raises(ModelError, match="cycle"):
        model(
            define(z, (j,), w[j] * a[j]),
            define(a, (j,), apply("tanh", z[j])),
            TOTAL,
            quantities=(x, w, z, a, COST),
        )


def chain(shift: int, low: int, high: object) -> Model:
    h = Quantity("h", Role.INTERMEDIATE, (TIMES,))
    first = STEPS if shift > 0 else Integer(0)
    return Model(
        "chain",
        (h, COST),
        (
            define(h, (first,), Integer(1)),
            define(h, (t,), apply("tanh", h[t + shift]), domain=(Bound(t, Integer(low), high),)),  # type: ignore[arg-type]
            define(COST, (), h[STEPS - first] ** 2),
        ),
    )


def test_a_recurrence_runs_forward_or_backward() -> None:
    assert directions(chain(-1, 1, STEPS))["h"] == 1
    assert directions(chain(1, 0, STEPS - 1))["h"] == -1


def test_a_recurrence_that_stays_in_its_place_is_a_cycle() -> None:
    with pytest.raises(ModelError, match="cycle"):
        chain(0, 1, STEPS)


def test_a_recurrence_in_both_directions_is_a_cycle() -> None:
    h = Quantity("h", Role.INTERMEDIATE, (TIMES,))
    inner = (Bound(t, Integer(1), STEPS - 1),)
    with pytest.raises(ModelError, match="cycle"):
        Model(
            "both",
            (h, COST),
            (
                define(h, (Integer(0),), Integer(1)),
                define(h, (STEPS,), Integer(1)),
                define(h, (t,), h[t - 1] + h[t + 1], domain=inner),
                define(COST, (), h[1]),
            ),
        )


def test_a_place_without_a_fixed_distance_is_refused() -> None:
    h = Quantity("h", Role.INTERMEDIATE, (TIMES,))
    with pytest.raises(ModelError, match="not a fixed distance"):
        Model(
            "far",
            (h, COST),
            (
                define(h, (Integer(0),), Integer(1)),
                define(h, (t,), h[STEPS - t], domain=(Bound(t, Integer(1), STEPS),)),
                define(COST, (), h[STEPS]),
            ),
        )


@pytest.mark.parametrize("place", [-1, COUNT, COUNT + 3])
def test_a_number_out_of_range_is_refused_where_it_is_written(place: object) -> None:
    with pytest.raises(ModelError, match=r"outside 0\.\.K - 1"):
        x[place]


def test_the_number_of_indices_is_checked() -> None:
    with pytest.raises(ModelError, match="x has 1 indices, 2 were given"):
        x[0, 1]
    with pytest.raises(ModelError, match="C0 has 0 indices, 1 were given"):
        COST[0]


def test_an_instance_out_of_range_in_a_definition_is_refused() -> None:
    from symbackprop.notation.symbols import base

    with pytest.raises(ModelError, match="outside"):
        model(define(z, (j,), w[j] * base("x")[-1]), TOTAL)


def test_a_stray_letter_is_refused() -> None:
    with pytest.raises(ModelError, match="uses k, which is neither an index"):
        define(z, (j,), w[j] * x[k])
    with pytest.raises(ModelError, match="uses j"):
        define(COST, (), z[j])


def test_a_letter_bound_by_a_sum_is_no_stray() -> None:
    assert define(z, (j,), w[j] * Sum(x[k], (k, 0, COUNT - 1))).terms


@pytest.mark.parametrize("name", ["", "w}", "2w", r"w}\input{/etc/passwd}", "x; import os", "w w"])
def test_a_name_is_a_plain_identifier(name: str) -> None:
    with pytest.raises(ModelError, match="cannot name a quantity"):
        Quantity(name, Role.INPUT)
    with pytest.raises(ModelError, match="cannot name a function"):
        FunctionRow(name, "f", "f", formula=T)


def test_the_axes_of_a_quantity_have_letters_of_their_own() -> None:
    with pytest.raises(ModelError, match="two axes share a letter"):
        Quantity("v", Role.PARAMETER, (NODES, NODES))


def test_a_formula_uses_its_argument_only() -> None:
    with pytest.raises(ModelError, match="uses u; it may use T"):
        FunctionRow("f", "f", "f", formula=T + scalar("u"))


def test_a_function_without_a_row_is_refused() -> None:
    found = model(define(z, (j,), apply("mystery", w[j])), TOTAL)
    with pytest.raises(ModelError, match="'mystery', which no row defines"):
        found.function("mystery")


def test_bounds_may_use_the_letters_before_them() -> None:
    triangle = Quantity("v", Role.PARAMETER, (NODES, Axis(k, Integer(0), j)))
    assert triangle[2, 2]
    with pytest.raises(ModelError, match=r"3 is outside 0\.\.2"):
        triangle[2, 3]


def test_terms_keep_the_order_they_are_given_in() -> None:
    assert [t.factors for t in as_terms(Product(x[j], w[j]))] == [(x[j], w[j])]
    given = define(z, (j,), w[j], term(x[j], w[j]), x[j])
    assert [t.factors for t in given.terms] == [(w[j],), (x[j], w[j]), (x[j],)]


J_BOTH, K_BOTH = (Bound(letter, Integer(0), Integer(1)) for letter in (j, k))
SHADOWED = {
    "the letter of the left side": lambda: (
        x[j] * Sum(w[j], (j, 0, 1)),
        x[j] * Sum(w[k], (k, 0, 1)),
    ),
    "that of a sum around a function": lambda: (
        Sum(x[k] * apply("tanh", Sum(w[k], (k, 0, 1))), (k, 0, 1)),
        Sum(x[k] * apply("tanh", Sum(w[j], (j, 0, 1))), (k, 0, 1)),
    ),
    "that of a term": lambda: (
        term(
            x[k],
            apply("tanh", Sum(w[k] * x[j], (k, 0, 1))),
            sums=(K_BOTH,),
        ),
        term(
            x[k],
            apply("tanh", Sum(w[i] * x[j], (i, 0, 1))),
            sums=(K_BOTH,),
        ),
    ),
    "that of a sum beside a function": lambda: (
        Product(Sum(w[k], (k, 0, 1)), apply("tanh", Sum(x[k], (k, 0, 1)))),
        Product(Sum(w[k], (k, 0, 1)), apply("tanh", Sum(x[i], (i, 0, 1)))),
    ),
    "that of the left side, by a term": lambda: (
        term(w[j], sums=(J_BOTH,)),
        term(w[k], sums=(K_BOTH,)),
    ),
    "two sums, the bound of one the letter of the other": lambda: (
        Sum(x[k] * Sum(w[k] * x[j], (k, 0, j), (j, 0, 1)), (k, 0, 1)),
        Sum(x[k] * Sum(w[i] * x[m], (i, 0, m), (m, 0, 1)), (k, 0, 1)),
    ),
}


@pytest.mark.parametrize("case", SHADOWED)
def test_a_letter_that_is_bound_twice_is_two_letters(case: str) -> None:
    """The same values, and letters that differ wherever both are in use."""
    values: list[list[complex]] = []
    for right in SHADOWED[case]():
        made = model(define(z, (j,), right), TOTAL)
        reference = Reference(made, small_sizes(made), seed=1)
        values.append([reference.read("z", (place,)) for place in (0, 1)])
        for one in made.definitions[0].terms:
            own = {bound.letter for bound in one.sums} | {j}
            inner = [limit[0] for f in one.factors for s in f.atoms(Sum) for limit in s.limits]
            assert not own & set(inner)
    assert values[0] == pytest.approx(values[1], rel=1e-15)


def test_a_definition_at_a_place() -> None:
    found = WEIGHTED.at((Integer(2),))
    assert found is not None
    assert (found.target, found.terms[0].factors) == (z[2], (w[2], x[2]))
    assert define(z, (Integer(0),), x[0]).at((Integer(1),)) is None


@pytest.mark.parametrize("name", ["general", "chain", "3-2"])
def test_the_batched_model_has_the_mean_of_the_costs_of_its_samples(name: str) -> None:
    single = build(name)
    batch = batched(single)
    sizes = small_sizes(batch)
    whole = Reference(batch, sizes, seed=1)
    costs = [whole.read("C0", (s,)).real for s in range(sizes[SAMPLES.name])]
    assert len({round(c, 9) for c in costs}) == len(costs) >= 2
    assert whole.read(MEAN.name, ()).real == pytest.approx(sum(costs) / len(costs), rel=1e-15)
    shared = {q.name for q in batch.with_role(Role.PARAMETER)}
    for s, wanted in enumerate(costs):
        values = {
            (key[0], key[1] if key[0] in shared else key[1][1:]): v
            for key, v in whole.given.items()
            if key[0] in shared or key[1][0] == s
        }
        assert Reference(single, sizes, values).read("C0", ()).real == pytest.approx(wanted)


@pytest.mark.parametrize("bare", BARE_MODELS, ids=[m.name for m in BARE_MODELS])
def test_every_bare_model_can_be_batched(bare: Model) -> None:
    batch = batched(bare)
    assert batch.cost == MEAN
    assert Reference(batch, small_sizes(batch)).read(MEAN.name, ()).imag == 0


def test_a_recurrence_marks_what_differs_locally_and_in_total() -> None:
    assert ("z", "w") in recurrent().ambiguous_partials
    assert build("general").ambiguous_partials == frozenset()
