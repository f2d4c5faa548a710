"""The matrix form in documents: notations, layouts, formats, and what TeX says of the pages."""

import re

import pytest

from symbackprop import documents
from symbackprop.documents import matrix
from symbackprop.documents.layout import Layout
from symbackprop.errors import VerificationError
from symbackprop.matrix.form import matrix_form
from symbackprop.network import Network
from symbackprop.notation.printers.styles import LATEX, TEXT
from symbackprop.notation.profiles import PROFILES, profile
from symbackprop.notation.symbols import own
from tests.matrix.test_trees import NETWORKS, every, sabotaged, swapped
from tests.support.latex import compile_tex
from tests.support.math import check_formula, formulas

_KNOWN: dict[tuple[str, str], tuple] = {}


def verified(name: str, form: str):
    """A derivation and its report: they do not depend on the notation."""
    if (name, form) not in _KNOWN:
        derived = NETWORKS[name].derive(form=form)
        _KNOWN[name, form] = derived, derived.verify()
    return _KNOWN[name, form]


def rendered(name, form, notation, kind="latex", **options) -> str:
    derived, report = verified(name, form)
    return documents.render(
        derived.derived, report, kind, notation=notation, title=derived.title, **options
    )


def matrix_part(text: str) -> list[str]:
    """The lines of a text document that belong to the matrix form."""
    lines = [line.strip() for line in text.splitlines()]
    start = next(n for n, line in enumerate(lines) if line.endswith("matrix form"))
    return lines[start:]


@pytest.mark.parametrize("notation", [row.name for row in PROFILES])
@pytest.mark.parametrize("form", ["matrix", "batch"])
@pytest.mark.parametrize("name", NETWORKS)
def test_formulas_are_valid_in_every_notation(name, form, notation):
    text = rendered(name, form, notation)
    found = formulas(text[text.index(r"\label{sec:" + form) :])
    assert len(found) >= 3
    for formula in found:
        check_formula(formula.body, display=formula.display)


@pytest.mark.parametrize(
    ("notation", "expected"),
    [
        ("deeplizard", "δ^(l) = (W^(l+1)ᵀ δ^(l+1)) ⊙ g'^(l)(z^(l))"),
        ("3blue1brown", "δ^(l) = (W^(l+1)ᵀ δ^(l+1)) ⊙ σ'(z^(l))"),
        ("nielsen", "δ^{l} = (W^{l+1}ᵀ δ^{l+1}) ⊙ σ'(z^{l})"),
        ("bishop", "δ^(l) = (W^(l+1)ᵀ δ^(l+1)) ⊙ h'(a^(l))"),
        ("goodfellow", "∇_{h^(l)} ℒ = W^(l+1)ᵀ ∇_{a^(l+1)} ℒ"),
        ("ng", "dz^[l] = da^[l] ⊙ g'(z^[l])"),
    ],
)
def test_the_backward_equation(notation, expected):
    assert any(
        re.sub(r"[{}]", "", line).startswith(re.sub(r"[{}]", "", expected))
        for line in matrix_part(rendered("general", "matrix", notation, "text"))
    )


def test_the_gradient_of_the_weights_is_an_outer_product():
    lines = matrix_part(rendered("general", "matrix", "deeplizard", "text"))
    assert "∂C_0/∂W^(l) = δ^(l) a^(l-1)ᵀ    (n_l×n_{l-1} = n_l×1 · 1×n_{l-1})" in lines
    words = " ".join(lines)
    reason = words[words.index("For ∂C_0/∂W^(l)") : words.index("For ∂C_0/∂b^(l)")]
    assert "outer product" in reason
    assert "a^(l-1) is transposed" in reason


def test_rows_and_columns():
    rows = matrix_part(rendered("4-3-2", "batch", "deeplizard", "text"))
    assert any(line.startswith("Z^(1) = X W^(1)ᵀ + 1 b^(1)ᵀ    (N×3 = N×4 · 4×3") for line in rows)
    columns = rows[rows.index("The same with samples as columns") :]
    assert "Z^(1) = W^(1) X + b^(1) 1ᵀ" in columns
    assert "∂C/∂W^(2) = Δ^(2) A^(1)ᵀ" in columns
    first = matrix_part(rendered("4-3-2", "batch", "ng", "text"))
    assert any(line.startswith("Z^[1] = W^[1] X + b^[1] 1ᵀ    (3×m = 3×4 · 4×m") for line in first)
    assert "dW^[2] = dZ^[2]ᵀ A^[1]" in first[first.index("The same with samples as rows") :]


def test_shapes_stand_under_their_factors():
    text = rendered("4-3-2", "matrix", "3blue1brown")
    assert (
        r"\underbrace{W^{(2)\top}}_{3 \times 2} \, \underbrace{\delta^{(2)}}_{2 \times 1}" in text
    )


def test_a_brief_document_has_the_matrices_alone():
    brief = rendered("general", "matrix", "deeplizard", detail="brief")
    assert r"\underbrace" not in brief
    assert r"\label{eq:matrix:z:1}" in brief
    assert ":entry}" not in brief


@pytest.mark.parametrize("kind", [row.name for row in documents.FORMATS if row.name != "sty"])
@pytest.mark.parametrize("form", ["matrix", "batch"])
def test_every_format_can_be_written(kind, form):
    assert rendered("4-3-2", form, "ng", kind)


@pytest.mark.parametrize("style", [LATEX, TEXT])
def test_labels_are_told_apart(style):
    derived, report = verified("4-3-2", "batch")
    layout = Layout(
        derived.derived, profile("ng"), style, documents.formats.formats.detail_named("full")
    )
    view = layout.document("", report)
    labels = [one.label for section in view.sections for one in section.equations]
    assert len(set(labels)) == len(labels)


def test_a_deep_network_is_written_by_its_runs():
    network = Network.from_sizes("-".join(["2", "3"] * 5))
    derived = network.derive("w", form="matrix")
    text = documents.render(derived.derived, derived.verify(), "text")
    lines = matrix_part(text)
    assert "for l = 1, …, 8" in lines
    assert any(line.startswith("δ^(l) = (W^(l+1)ᵀ δ^(l+1)) ⊙ σ'(z^(l))") for line in lines)


@pytest.mark.parametrize(
    ("name", "form", "notation", "kind"),
    [
        ("general", "matrix", "deeplizard", "latex"),
        ("general", "batch", "ng", "latex"),
        ("hetero", "batch", "goodfellow", "latex"),
        ("4-3-2", "batch", "nielsen", "latex"),
        ("chain", "batch", "bishop", "latex"),
        ("general", "matrix", "goodfellow", "handout"),
        ("hetero", "batch", "goodfellow", "handout"),
    ],
)
def test_pages_compile_without_overfull_boxes(name, form, notation, kind, tmp_path):
    result = compile_tex(rendered(name, form, notation, kind), tmp_path)
    assert not result.errors
    assert not result.undefined
    assert result.overfull <= 5


def test_nothing_is_written_when_an_equation_does_not_hold(monkeypatch):
    def wrong(*args, **options):
        return sabotaged(matrix_form(*args, **options), own("d_w"), lambda n: every(n, swapped))

    derived = Network.from_sizes("5-3").derive(form="matrix")
    monkeypatch.setattr(matrix, "matrix_form", wrong)
    with pytest.raises(VerificationError, match="matrix equation of d_w 1 does not hold"):
        derived.to_latex()
