"""A model under unlucky names says and computes what it does under harmless ones."""

from __future__ import annotations

import ast
import math
import re
from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from sympy import Integer, Sum, exp

from symbackprop import Dense, Network, check_gradient
from symbackprop.codegen import generate, load
from symbackprop.codegen.reserved import PRIVATE, RESERVED, function_name
from symbackprop.codegen.targets import TARGETS, Target
from symbackprop.derivation.derive import derive
from symbackprop.derivation.verify import verify
from symbackprop.errors import ModelError, UsageError
from symbackprop.model.definitions import define
from symbackprop.model.functions import FunctionRow, T, activation
from symbackprop.model.model import Model
from symbackprop.notation.expressions import Bound
from symbackprop.notation.files import read_profile
from symbackprop.notation.functions import apply
from symbackprop.notation.printers.printer import Printer
from symbackprop.notation.printers.speech import SPEECH, SpeechPrinter
from symbackprop.notation.printers.styles import LATEX, TEXT, Latex, Text
from symbackprop.notation.profiles import PROFILES, Profile
from symbackprop.notation.quantities import Axis, Kind, Quantity, Role
from symbackprop.notation.symbols import base, fresh, index, own, scalar, size, sizes
from tests.codegen.bare import bare
from tests.codegen.support import dense
from tests.names.support import LETTERS, QUANTITIES, UNLUCKY, Names, build, draw
from tests.support import rotating
from tests.support.models import convolution, recurrent

KINDS = [(row.name, row.buffers) for row in TARGETS if row.name != "numba"]


def numbers(names: Names, target: str, buffers: bool) -> list[np.ndarray]:
    """The cost, its gradients and the outputs of three samples."""
    module = load(generate(build(names), target=target, buffers=buffers))
    source = np.random.default_rng(0)
    weights, scale, bias = source.normal(size=(5, 3)), source.normal(), source.normal(size=5)
    parameters = module.Parameters(weights, np.array(scale), bias)
    x, y = source.normal(size=(3, 3)), source.normal(size=(3, 5))
    found = [module.cost(parameters, x, y), module.gradient_inputs(parameters, x, y)]
    found += [*module.gradient(parameters, x, y), module.forward(parameters, x)]
    return [np.asarray(one) for one in (*found, *module.gradient_per_sample(parameters, x, y))]


@pytest.mark.parametrize(("target", "buffers"), KINDS)
@pytest.mark.parametrize("block", range(4))
def test_code_computes_the_same_under_any_names(target: str, buffers: bool, block: int) -> None:
    wanted = numbers(Names(), target, buffers)
    for seed in range(5 * block, 5 * block + 5):
        for first, second in zip(wanted, numbers(draw(seed), target, buffers), strict=True):
            np.testing.assert_allclose(second, first, rtol=1e-12, atol=1e-12, err_msg=str(seed))


@pytest.mark.parametrize("seed", range(4))
def test_a_derivation_holds_under_any_names(seed: int) -> None:
    report = verify(derive(build(draw(seed)), ()))
    assert report.ok, f"{draw(seed)}: {report}"


@pytest.mark.parametrize(
    ("what", "name"),
    [("nodes", "N"), ("node", "s"), ("scale", "C"), ("weight", "sigma"), ("scale", "t")],
)
def test_a_size_an_index_or_a_parameter_may_be_called_so(what: str, name: str) -> None:
    model = build(Names(**{what: name}))
    assert verify(derive(model, ())).ok
    module = load(generate(model))
    assert check_gradient(module.gradient, model).ok


@pytest.mark.parametrize("loops", [None, True])
@pytest.mark.parametrize("row", TARGETS, ids=lambda row: f"{row.name}-{row.buffers}")
def test_functions_are_called_what_nothing_else_in_a_module_is(row: Target, loops: bool) -> None:
    """Every private name of every module is known, so that no function of a user takes it."""
    if loops and row.rolled is None:
        pytest.skip("this target writes no loops over layers")
    deep = dense((2, *[3] * 6, 2), ("tanh",) * 7, "squared_error")
    wide = dense((2, 3, 2), ("gelu", "softmax"), "categorical_cross_entropy")
    for model in (deep, wide) if loops else (deep, wide, bare(convolution(2)), bare(recurrent())):
        tree = ast.parse(generate(model, target=row.name, buffers=row.buffers, loops=loops))
        found = {one.id for one in ast.walk(tree) if isinstance(one, ast.Name)}
        found |= {one.arg for one in ast.walk(tree) if isinstance(one, ast.arg)}
        found |= {one.name for one in ast.walk(tree) if isinstance(one, ast.FunctionDef)}
        own = {function_name(head, order) for head in model.rows for order in (0, 1)}
        own |= {f"{name}_out" for name in own}
        private = {name for name in found - own if re.match("_[^_]", name)}
        assert private - PRIVATE == set()


@pytest.mark.parametrize("first", range(0, len(RESERVED), len(QUANTITIES)))
def test_names_of_the_templates_may_be_quantities(first: int) -> None:
    names = sorted(RESERVED)[first : first + len(QUANTITIES)]
    called = Names(**dict(zip(QUANTITIES, names, strict=False)))
    for one, other in zip(numbers(Names(), "loops", False), numbers(called, "loops", False),
                          strict=True):  # fmt: skip
        np.testing.assert_allclose(other, one, rtol=1e-12, atol=1e-12)


# -- what is printed -------------------------------------------------------------------------------


def printed(model: Model, profile: Profile, style: Latex | Text) -> dict[str, str]:
    """Everything that has a letter, and how it is printed in a document of all samples."""
    kind = SpeechPrinter if style is SPEECH else Printer
    show = kind.of(model, profile, style)
    found = {f"quantity {q.name}": show.expr(q.symbol) for q in model.quantities}
    found |= {f"adjoint {q.name}": show.expr(q.adjoint.symbol) for q in model.quantities}
    found |= {f"letter {one}": show.expr(one) for one in sorted(model.letters, key=str)}
    heads = {name for name, row in model.rows.items() if not row.by_layer and "#" not in row.text}
    found |= {f"function {head}": show.function_name(head) for head in sorted(heads)}
    found |= {f"own {one}": show.expr(one) for one in (size(own("N")), index(own("s")), T)}
    found["own C"] = show.style.letter(show.lettering.quantities[own("C")].base)
    return found


@pytest.mark.parametrize("style", [LATEX, TEXT, SPEECH], ids=["latex", "text", "speech"])
@pytest.mark.parametrize("profile", PROFILES, ids=[row.name for row in PROFILES])
def test_no_two_things_print_alike(profile: Profile, style: Latex | Text) -> None:
    for seed in range(20):
        found = printed(build(draw(seed)), profile, style)
        for (one, first), (other, second) in combinations(found.items(), 2):
            assert first != second, f"{draw(seed)}: {one} and {other} both print {first}"


@pytest.mark.parametrize("profile", PROFILES, ids=[row.name for row in PROFILES])
@pytest.mark.parametrize("name", ["general", "chain", "3-2"])
def test_a_quantity_of_a_user_keeps_its_letter(profile: Profile, name: str) -> None:
    """A notation's letters belong to the built-in network, and to nothing that is called alike."""
    model = build(Names(input="x", weight="w", bias="b", sum="z", state="a", target="y"))
    show = Printer.of(model, profile, TEXT)
    for quantity in model.quantities[:7]:
        assert show.lettering.quantities[quantity.name].base == quantity.name


def test_a_notation_may_not_give_two_quantities_one_letter(tmp_path: object) -> None:
    path = tmp_path / "ours.toml"  # type: ignore[operator]
    path.write_text('[letters]\na = "z"\n')
    with pytest.raises(UsageError, match=r"notation ours: z and a would both be printed z"):
        Network.from_sizes("3-2").derive("w").to_text(notation=read_profile(path))


def test_a_notation_file_names_quantities_of_a_users_model(tmp_path: object) -> None:
    path = tmp_path / "ours.toml"  # type: ignore[operator]
    path.write_text('[letters]\nhidden = "H"\n')
    show = Printer.of(build(Names()), read_profile(path), TEXT)
    assert show.lettering.quantities["hidden"].base == "H"


@pytest.mark.parametrize("names", list(combinations(("w1", "w_1", "w_1_"), 2)))
def test_names_that_differ_by_a_stroke_differ_in_print(names: tuple[str, str]) -> None:
    model = build(Names(scale=names[0], bias=names[1]))
    for style in (LATEX, TEXT, SPEECH):
        found = printed(model, PROFILES[0], style)
        assert len(set(found.values())) == len(found)


def test_the_exponential_is_written_out_beside_an_e() -> None:
    e, y, cost = Quantity("e", Role.PARAMETER), Quantity("y", Role.INPUT), Quantity("C0", Role.COST)
    model = Model("exponential", (e, y, cost), (define(cost, (), exp(y[()]) * e[()]),))
    shown = Printer.of(model, PROFILES[0], LATEX).expr(exp(y[()]))
    assert shown == r"\exp(y)"


# -- functions -------------------------------------------------------------------------------------


def test_two_different_functions_of_one_name_are_refused() -> None:
    model = build(Names(function="sigmoid"))
    other = FunctionRow("sigmoid", "f", "f", formula=T**3)
    with pytest.raises(ModelError, match="two different functions are called sigmoid"):
        Model("both", model.quantities, model.definitions, functions=(*model.functions, other))
    equal = activation("tanh")
    again = Model("twice", model.quantities, model.definitions, functions=(*model.functions, equal))
    assert again.function("tanh") == equal


def test_a_sigmoid_of_the_users_is_what_the_user_says() -> None:
    mine = FunctionRow("sigmoid", "f", "f", formula=2 * T)
    network = Network(1, [Dense(1, mine)], cost="squared_error")
    module = network.compile()
    found = module.forward(module.Parameters((np.array([[3.0]]),), (np.array([0.5]),)), [2.0])
    assert float(found[0]) == pytest.approx(13.0)
    assert "2 t" in network.derive("w").to_text()


def test_two_sigmoids_in_one_network_are_refused() -> None:
    mine = FunctionRow("sigmoid", "f", "f", formula=2 * T)
    with pytest.raises(ModelError, match="two different functions are called sigmoid"):
        Network(1, [Dense(1, mine), Dense(1, "softplus")])


def test_a_cost_is_computed_from_what_a_function_is_not_from_what_it_is_called() -> None:
    image = activation("sigmoid").image
    fake = FunctionRow("sigmoid", "f", "f", formula=1 / (1 + exp(-2 * T)), image=image)
    same = FunctionRow("logistic", "f", "f", formula=activation("sigmoid").formula, image=image)
    for row, wanted in ((fake, 2.0), (same, 1.0)):
        network = Network(1, [Dense(1, row)], cost="binary_cross_entropy")
        module = network.compile()
        parameters = module.Parameters((np.array([[1.0]]),), (np.array([0.0]),))
        cost = float(module.cost(parameters, [0.7], [1.0]))
        assert cost == pytest.approx(math.log1p(math.exp(-wanted * 0.7)))


# -- names of the project's own --------------------------------------------------------------------


@pytest.mark.parametrize("make", [index, size, sizes, base, scalar])
def test_a_user_cannot_make_a_symbol_of_the_projects_own(make: object) -> None:
    for name in (str(own("N")), fresh(index("j")).name):
        with pytest.raises(ModelError, match="keeps for names of its own"):
            make(name)  # type: ignore[operator]
    with pytest.raises(ModelError, match="cannot name a quantity"):
        Quantity(str(own("C")), Role.PARAMETER)


def test_the_names_of_the_search_are_many() -> None:
    assert len(set(UNLUCKY)) == len(UNLUCKY) > 10 + len(QUANTITIES) + len(LETTERS)


# -- variables -------------------------------------------------------------------------------------


VARIABLES = ["r", "k", "v", "t", "blocks", "rows", "total", "d_q"]


def steps_of_time(name: str) -> Model:
    """q_t = tanh(w q_{t-1} + x_t), q called otherwise, and a cost with a sum and a choice."""
    t, j = index("t"), index("j")
    times, count = Axis(t, Integer(1), Integer(3), Kind.TIME), Integer(3)
    x = Quantity("x", Role.INPUT, (times,))
    y = Quantity("y", Role.TARGET, (Axis(j, Integer(0), count - 1, Kind.NODE),))
    w, total = Quantity("w", Role.PARAMETER), Quantity("E", Role.COST)
    q = Quantity(name, Role.INTERMEDIATE, (replace(times, low=Integer(0)),))
    gap = apply("leaky_relu", q[count] / 3 - y[j])
    definitions = (
        define(q, (Integer(0),), Integer(1)),
        define(
            q,
            (t,),
            apply("tanh", w.symbol * q[t - 1] + x[t]),
            domain=(Bound(t, times.low, times.high),),
        ),
        define(total, (), Sum(gap, (j, Integer(0), count - 1)), q[Integer(2)] ** 2),
    )
    return Model("times", (x, y, w, q, total), definitions)


@pytest.mark.parametrize(("name", "kind"), rotating(VARIABLES, KINDS, 3))
def test_values_are_called_as_no_variable_is(name: str, kind: tuple[str, bool]) -> None:
    """A quantity r at time 1 is r1, like the first array of a workspace."""
    target, buffers = kind
    found = []
    for called in ("q", name):
        module = load(generate(steps_of_time(called), target=target, buffers=buffers))
        source = np.random.default_rng(0)
        x, y, parameters = source.normal(size=(2, 3)), source.normal(size=(2, 3)), 0.7
        for rows in (slice(None), 0):
            value, slope = module.cost_and_gradient(
                module.Parameters(np.array(parameters)), x[rows], y[rows]
            )
            found.append((value, *slope))
    for one, other in zip(found[:2], found[2:], strict=True):
        np.testing.assert_allclose(other, one, rtol=1e-12)
