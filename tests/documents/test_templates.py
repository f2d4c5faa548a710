"""Templates: what each receives stands in their README, and a user's own come first."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

from symbackprop.codegen.modules import view as code_views
from symbackprop.documents import views
from symbackprop.documents.formats import beamer, fragment, frames
from symbackprop.documents.formats.formats import FORMATS
from symbackprop.errors import InputError
from tests.documents.support import rendered
from tests.support import ROOT
from tests.support.documentation import blocks, run_page
from tests.support.latex import compile_tex

README = ROOT / "templates" / "README.md"
VIEWS = (
    views.DocumentView,
    views.SectionView,
    views.EquationView,
    views.LineView,
    views.Span,
    views.SymbolView,
    views.StepView,
    views.TableView,
    views.ColourView,
    fragment.PackageView,
    beamer.SlidesView,
    frames.FrameView,
    frames.RevealView,
    code_views.ModuleView,
    code_views.ArrayView,
    code_views.RoutineView,
    code_views.WorkspaceView,
)


def listed() -> dict[str, list[str]]:
    """The fields that the README lists, by view."""
    _, *parts = re.split(r"^### (\w+)$", README.read_text(encoding="utf-8"), flags=re.MULTILINE)
    rows = re.compile(r"^\| (\w+) \| .+ \|$", re.MULTILINE)
    return {
        name: rows.findall(text)[1:] for name, text in zip(parts[::2], parts[1::2], strict=True)
    }


def test_the_readme_lists_every_view_and_no_other() -> None:
    assert list(listed()) == [view.__name__ for view in VIEWS]


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.__name__)
def test_the_readme_lists_the_fields_of(view: type) -> None:
    assert listed()[view.__name__] == [field.name for field in fields(view)]


def test_the_readme_lists_every_document_template_and_its_formats() -> None:
    rows = re.findall(r"^\| documents/(\S+) \| (.+?) \|", README.read_text(), re.MULTILINE)
    folder = ROOT / "templates" / "documents"
    assert {name for name, _ in rows} == {path.name for path in folder.iterdir()}
    named = {word for _, text in rows for word in text.split(", ")}
    # JSON is written without a template.
    assert {row.name for row in FORMATS} - {"json"} <= named


def test_a_template_sees_nothing_but_its_view(tmp_path: Path) -> None:
    (tmp_path / "fragment.tex.jinja").write_text("\n\\VAR{nothing}", encoding="utf-8")
    with pytest.raises(InputError, match=r"fragment.tex.jinja, line 2: 'nothing' is undefined"):
        rendered("chain", "fragment", folder=tmp_path)


def test_a_template_runs_in_the_sandbox(tmp_path: Path) -> None:
    own = r"\VAR{title.__class__.__mro__}"
    (tmp_path / "fragment.tex.jinja").write_text(own, encoding="utf-8")
    with pytest.raises(InputError, match="unsafe"):
        rendered("chain", "fragment", folder=tmp_path)


def test_a_template_reads_no_other_folder(tmp_path: Path) -> None:
    own = r'\BLOCK{include "../../pyproject.toml"}'
    (tmp_path / "fragment.tex.jinja").write_text(own, encoding="utf-8")
    with pytest.raises(InputError, match="pyproject"):
        rendered("chain", "fragment", folder=tmp_path)


def test_a_mistake_in_a_template_is_named_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "fragment.tex.jinja").write_text("\n\n\\BLOCK{fro x in y}", encoding="utf-8")
    with pytest.raises(InputError, match=r"fragment.tex.jinja, line 3: .*fro"):
        rendered("chain", "fragment", folder=tmp_path)


def test_a_piece_is_overridden_alone(tmp_path: Path) -> None:
    own = r"\definecolor{sbpParameter}{HTML}{FF0000}" + "\n"
    (tmp_path / "colours.tex.jinja").write_text(own, encoding="utf-8")
    for format_name in ("latex", "beamer", "handout", "sty"):
        text = rendered("chain", format_name, folder=tmp_path, colour=True)
        assert re.findall(r"\\definecolor.*", text) == [own.rstrip()]


def test_the_example_of_the_readme_is_a_document(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    text = README.read_text(encoding="utf-8")
    assert [block.language for block in blocks(text)] == ["python", "console"]
    run_page("templates/README.md", text, tmp_path)
    compiled = compile_tex(tmp_path / "notes.tex", tmp_path / "out", "pdflatex")
    assert not compiled.errors
    assert compiled.pages > 5
    assert "Department of Networks" in (tmp_path / "notes.tex").read_text(encoding="utf-8")
