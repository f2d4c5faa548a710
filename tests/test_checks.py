"""Tests of the checks: every public check fails where something is a thousandth off, by name.

The gradient check and the self-check of modules have files of their own: `test_gradient.py` and
`test_self_check.py`.
"""

import json
from dataclasses import replace

import numpy as np
import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator
from sympy import Float

from symbackprop import Network
from symbackprop.checker.report import check_text
from symbackprop.cli import main
from symbackprop.derivation.verify import JudgedStep, Report, verify
from symbackprop.errors import VerificationError
from symbackprop.matrix import expressions as mx
from symbackprop.matrix.form import matrix_form
from symbackprop.matrix.judge import difference
from symbackprop.model.functions import ACTIVATIONS, COST_FUNCTIONS, FunctionRow
from symbackprop.notation.symbols import spelled
from symbackprop.verification.equality import Verdict, relative
from tests.support import ROOT
from tests.support.tables import assert_walked

SLIP = Float("1.001", 17)
TARGETS = ("w", "b", "a")


@pytest.fixture(scope="module")
def derived():
    return Network.from_sizes("4-3-2", activation=["tanh", "sigmoid"]).derive(*TARGETS).derived


# -- the step verifier ----------------------------------------------------------------------------


def alone(derivation, equation):
    """A derivation of nothing but one equation."""
    section = replace(derivation.sections[0], equations=(equation,))
    return replace(derivation, sections=(section,))


def slipped(equation):
    """The equation with its last line a thousandth too large."""
    *before, last = equation.lines
    terms = tuple(replace(term, links=((SLIP,), *term.links)) for term in last.terms)
    return replace(equation, lines=(*before, replace(last, terms=terms)))


def test_every_equation_that_is_off_is_named(derived):
    tried = 0
    for equation in derived.equations:
        steps = list(equation.steps())
        if not steps:
            continue
        found = verify(alone(derived, slipped(equation)))
        assert not found.ok, equation.key
        assert {(step.key, step.position) for step in found.failures} == {
            (equation.key, len(steps))
        }
        with pytest.raises(VerificationError, match="does not hold") as caught:
            found.require()
        assert f"step {len(steps)} of equation {equation.key} " in str(caught.value)
        tried += 1
    assert tried >= 20


def test_the_verdict_of_a_step_is_its_number():
    def step(error, assignments=3):
        return JudgedStep("w", 1, "chain", Verdict(error, assignments))

    assert step(1e-12).ok
    assert not step(1e-3).ok
    assert not step(1e-9).ok
    assert not step(0.0, assignments=0).ok
    assert Report((step(1e-12), step(1e-13)), 1).ok
    assert not Report((step(1e-12), step(1e-3)), 1).ok
    assert Report((step(1e-12), step(1e-3)), 1).failures == (step(1e-3),)
    assert Report((step(1e-12), step(1e-3)), 1).max_error == 1e-3
    assert relative(1.001, 1.0) == pytest.approx(0.001 / 1.001)


# -- the rows of the tables -----------------------------------------------------------------------

ROWS = {row.name: row for row in (*ACTIVATIONS, *COST_FUNCTIONS) if not row.reads_row}


def test_every_function_of_the_tables_is_spoiled():
    reads = {row.name: "reads its whole layer" for row in ACTIVATIONS if row.reads_row}
    assert_walked(ROWS, (*ACTIVATIONS, *COST_FUNCTIONS), reads)


@pytest.mark.parametrize("name", ROWS)
def test_a_derivative_of_a_row_that_is_off_is_named(name):
    row = ROWS[name]
    own = FunctionRow(
        f"own_{name}", "o", "o", formula=row.formula, derivative=row.printed_derivative
    )
    wrong = replace(own, derivative=SLIP * row.printed_derivative)
    assert Network.from_sizes("2-1", activation=own).derive("w").verify().ok
    found = Network.from_sizes("2-1", activation=wrong).derive("w").verify()
    assert not found.ok
    assert any(f"own_{name}" in step.key for step in found.failures), found.failures


# -- matrix equations -----------------------------------------------------------------------------


@pytest.mark.parametrize("batch", [False, True])
def test_every_matrix_equation_that_is_off_is_named(batch):
    form = matrix_form(Network.from_sizes("4-3-2").model, ["w", "b"], batch=batch, errors="z")
    assert difference(form, batch) < 1e-12
    keys = list(dict.fromkeys(equation.key[0] for equation in form.equations))
    assert len(keys) >= 6
    for key in keys:
        equations = tuple(
            replace(one, right=_scaled(one.right)) if one.key[0] == key else one
            for one in form.equations
        )
        with pytest.raises(VerificationError, match=f"matrix equation of {spelled(key)}"):
            difference(replace(form, equations=equations), batch)


def _scaled(node):
    return mx.Scaled(node.rows, node.cols, (mx.Constant(mx.ONE, mx.ONE, SLIP), node))


# -- the checker of notes -------------------------------------------------------------------------

STATED = r"""
\[ z_j^{(l)} = \sum_{k=0}^{n_{l-1}-1} w_{jk}^{(l)} a_k^{(l-1)} + b_j^{(l)} \]
\[ a_j^{(l)} = \sigma(z_j^{(l)}) \]
\[ C_0 = \sum_{j=0}^{1} (a_j^{(2)} - y_j)^2 \]
"""
DERIVED = {
    "output": r"\frac{\partial C_0}{\partial a_j^{(2)}} = 2 (a_j^{(2)} - y_j)",
    "slope": r"\frac{\partial a_j^{(2)}}{\partial z_j^{(2)}} = \sigma'(z_j^{(2)})",
}


@pytest.mark.parametrize("name", DERIVED)
@pytest.mark.parametrize("factor", [r"\frac{1001}{1000}", r"\frac{999}{1000}"])
def test_an_equation_of_notes_that_is_off_fails_by_its_line(tmp_path, name, factor):
    left, right = DERIVED[name].split(" = ", 1)
    file = tmp_path / "notes.tex"

    def run(equation):
        file.write_text(f"{STATED}\n\\[ {equation} \\]\n")
        return CliRunner().invoke(main, ["check", str(file), "--model", "4-3-2"])

    right_one = run(f"{left} = {right}")
    assert (right_one.exit_code, "4 hold" in right_one.output) == (0, True), right_one.output
    wrong = run(f"{left} = {factor} ({right})")
    assert wrong.exit_code == 1, wrong.output
    assert f"{file}:6:" in wrong.output
    assert ": fails" in wrong.output


def test_check_text_counts_what_fails():
    off = DERIVED["slope"].replace("= ", r"= \frac{1001}{1000} ")
    found = check_text(rf"{STATED} \[ {off} \]", "notes.tex")
    assert [one.verdict.name for one in found.findings] == ["HOLDS"] * 3 + ["FAILS"]


# -- files that went stale ------------------------------------------------------------------------

DERIVE = ("derive", "3-2", "--format", "text")
GENERATE = ("generate", "3-2")


@pytest.mark.parametrize("command", [DERIVE, GENERATE], ids=["derive", "generate"])
def test_a_file_that_is_off_by_one_digit_is_stale(tmp_path, command):
    path = tmp_path / "made.txt"

    def run(*options):
        return CliRunner().invoke(main, [*command, *options, "-o", str(path)])

    assert run().exit_code == 0
    assert run("--check").exit_code == 0
    text = path.read_text()
    place = next(n for n, letter in enumerate(text) if letter == "2")
    for changed in (text[:place] + "3" + text[place + 1 :], text + " ", text[:-1]):
        path.write_text(changed)
        result = run("--check")
        assert result.exit_code == 1
        assert str(path) in result.output
        assert path.read_text() == changed


# -- the schema -----------------------------------------------------------------------------------


def test_a_document_that_leaves_the_schema_is_named():
    schema = json.loads((ROOT / "docs" / "schema" / "derivation-1.schema.json").read_text())
    result = CliRunner().invoke(main, ["derive", "3-2", "--format", "json"])
    document = json.loads(result.output)
    validator = Draft202012Validator(schema)
    assert list(validator.iter_errors(document)) == []
    for field in schema["required"]:
        without = {key: value for key, value in document.items() if key != field}
        (error,) = validator.iter_errors(without)
        assert repr(field) in error.message
    for field in document:
        wrong = {**document, field: np.pi}
        assert any(list(e.absolute_path) == [field] for e in validator.iter_errors(wrong)), field
