"""What documents state beside their steps: each kind of statement, and a slip of 0.1 % in it."""

from dataclasses import replace

import pytest
from sympy import Rational

from symbackprop import Network
from symbackprop.derivation.forms import FORMS
from symbackprop.documents.algorithm import Assign, Loop, program
from symbackprop.documents.gradient import column, require_column
from symbackprop.documents.statements.execution import Unfounded, execute
from symbackprop.documents.statements.function_form import require_dependence
from symbackprop.documents.statements.required import require_targets
from symbackprop.documents.statements.statements import judge_statements
from symbackprop.errors import VerificationError
from symbackprop.matrix import expressions as mx
from symbackprop.matrix.entries import Shown
from symbackprop.matrix.form import matrix_form
from symbackprop.matrix.judge import difference
from symbackprop.notation.expressions import Applied, Vector
from symbackprop.notation.symbols import spelled
from tests.documents.slips import NETWORKS, SLIP, changed, derived, scaled

# -- targets --------------------------------------------------------------------------------------


@pytest.mark.parametrize("targets", [(), ("a",), ("z", "b")], ids=str)
@pytest.mark.parametrize(
    ("name", "form"),
    [
        (name, row.name)
        for name in NETWORKS
        for row in FORMS
        if not row.layers or name in ("general", "4-3-2")
    ],
)
def test_every_target_has_its_equation(name, form, targets):
    require_targets(derived(name, form, targets))


@pytest.mark.parametrize("target", ["w[1,2]@1", "w[0,1]@L", "b[1]@2", "a[0]@0", "x"])
@pytest.mark.parametrize("form", [row.name for row in FORMS])
def test_a_numbered_target_has_its_equation(form, target):
    require_targets(derived("4-3-2", form, (target,)))


@pytest.mark.parametrize(
    ("targets", "key", "named"),
    [((), "w", r"w\[l, j, k\] at w\[1, 0, 0\]"), (("b[1]@2",), "b:2:1", r"b\[2, 1\]")],
)
def test_a_target_without_an_equation_is_named(targets, key, named):
    without = changed(derived("4-3-2", "chain", targets), key, lambda one: None)
    with pytest.raises(VerificationError, match=f"derivative of the cost by {named}"):
        require_targets(without)


def test_an_equation_for_other_layers_is_not_enough():
    derivation = derived("4-3-2", "delta")
    narrower = changed(
        derivation,
        "w",
        lambda one: replace(
            one, letters=tuple(replace(b, low=b.low + (b.letter.name == "l")) for b in one.letters)
        ),
    )
    with pytest.raises(VerificationError, match=r"w\[l, j, k\] at w\[1, 0, 0\]"):
        require_targets(narrower)


# -- function forms -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NETWORKS)
def test_function_forms_say_what_depends_on_what(name):
    assert bool(require_dependence(derived(name))) == (name != "chain")


def test_a_softmax_is_a_function_of_the_whole_layer():
    found = [one for one in derived("mixed").equations if one.key.startswith("function-form")]
    forms = {str(line.terms[0].factors[0]) for one in found for line in one.lines}
    assert any("Applied(a[2, j], Vector(z[2]))" in one for one in forms)


def test_a_function_form_that_leaves_something_out_is_named():
    def single(expr):
        if isinstance(expr, Vector):
            base = expr.args[0].base
            return base[(*expr.args[0].indices, derivation.model.quantity("c").letters[0])]
        return expr.func(*map(single, expr.args)) if isinstance(expr, Applied) else expr

    derivation = derived("mixed")
    wrong = changed(
        derivation,
        "function-form:summand",
        lambda one: replace(
            one,
            lines=tuple(
                replace(line, terms=tuple(term.mapped(single) for term in line.terms))
                for line in one.lines
            ),
        ),
    )
    message = (
        r"function form of equation function-form:summand .* a\[2, 0\] is also computed from z"
    )
    with pytest.raises(VerificationError, match=message):
        require_dependence(wrong)


# -- the algorithm --------------------------------------------------------------------------------

STATED = ("general", "chain", "4-3-2", "softmax")


@pytest.mark.parametrize("name", STATED)
def test_the_algorithm_computes_the_gradient(name):
    derivation = derived(name)
    done = execute(derivation, program(derivation))
    assert done.lines >= 8
    assert done.values > done.lines


def test_with_a_softmax_the_derivatives_by_z_are_computed():
    keys = [one.key for line in program(derived("softmax")) for one in getattr(line, "body", ())]
    assert keys.index("z") < keys.index("w")


def lines_of(name):
    return [
        one.key
        for line in program(derived(name))
        for one in (line.body if isinstance(line, Loop) else (line,))
    ]


def with_line(lines, key, change):
    """A program with a line changed, or (None) left out."""
    found = []
    for line in lines:
        if isinstance(line, Assign):
            found += [one for one in [change(line) if line.key == key else line] if one]
        else:
            body = [change(one) if one.key == key else one for one in line.body]
            found.append(replace(line, body=tuple(one for one in body if one)))
    return tuple(found)


@pytest.mark.parametrize(
    ("name", "key"), [(name, key) for name in ("4-3-2", "softmax") for key in lines_of(name)]
)
def test_a_slip_in_a_line_is_named(name, key):
    derivation = derived(name)
    wrong = with_line(
        program(derivation), key, lambda line: replace(line, terms=scaled(line.terms))
    )
    with pytest.raises(VerificationError, match=f"cites equation {key} is wrong: it computes"):
        execute(derivation, wrong)


@pytest.mark.parametrize("key", lines_of("4-3-2"))
def test_a_line_that_is_left_out_is_missed(key):
    derivation = derived("4-3-2")
    if key in ("def:C0", "def:c"):
        return
    with pytest.raises(Unfounded, match=r"which no line before it computes|does not compute"):
        execute(derivation, with_line(program(derivation), key, lambda line: None))


def test_an_algorithm_that_cannot_be_run_is_not_stated():
    without = changed(derived("4-3-2"), "a:l-1:k", lambda one: None)
    assert judge_statements(without).executed is None


# -- the gradient ---------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NETWORKS)
def test_a_gradient_without_an_entry_is_named(name):
    derivation = derived(name)
    entries = column(derivation)
    require_column(derivation, entries)
    for left_out in (one for one in entries if one is not None):
        missing = tuple(one for one in entries if one != left_out)
        with pytest.raises(VerificationError, match=r"gradient has no place for [wb]"):
            require_column(derivation, missing)


@pytest.mark.parametrize(
    ("targets", "stated"),
    [((), True), (("w", "b"), True), (("w",), False), (("w[0,0]@1", "b[0]@1"), False)],
)
def test_a_gradient_is_shown_where_all_parameters_are_asked_for(targets, stated):
    assert ("∇C" in NETWORKS["4-3-2"].derive(*targets).to_text()) == stated


# -- matrix forms ---------------------------------------------------------------------------------


@pytest.mark.parametrize("batch", [False, True])
@pytest.mark.parametrize("name", ["4-3-2", "mixed"])
def test_a_slip_in_a_matrix_equation_is_named(name, batch):
    form = matrix_form(NETWORKS[name].model, ["w", "b"], batch=batch, errors="z")
    for equation in form.equations:
        slipped = mx.scaled([mx.Constant(mx.ONE, mx.ONE, SLIP)], equation.right)
        wrong = [replace(e, right=slipped) if e == equation else e for e in form.equations]
        with pytest.raises(
            VerificationError, match=f"matrix equation of {spelled(equation.key[0])}"
        ):
            difference(replace(form, equations=tuple(wrong)), batch)


def test_the_forward_pass_is_not_written_through_derivatives():
    network = Network.from_sizes("3-2", cost="half_squared_error")
    form = matrix_form(network.model, ["w", "b"], batch=False, errors="z")
    cost = next(one for one in form.equations if one.key[0] == "C0")
    slope = next(one for one in form.equations if one.key[0].startswith("d_a"))
    half = mx.Constant(mx.ONE, mx.ONE, Rational(1, 2))
    through = mx.scaled([half], mx.times(mx.transposed(slope.left), slope.left))
    wrong = [replace(e, right=through) if e is cost else e for e in form.equations]
    message = "matrix equation of C0 is written through the derivative d_a"
    with pytest.raises(VerificationError, match=message):
        difference(replace(form, equations=tuple(wrong)), False)


def test_a_wrong_shape_is_named(monkeypatch):
    right = Shown._width_of
    monkeypatch.setattr(Shown, "_width_of", lambda self, place: right(self, place) - 1)
    with pytest.raises(VerificationError, match=r"matrix equation \w+:\w+ says n"):
        NETWORKS["general"].derive(form="matrix").to_text()
