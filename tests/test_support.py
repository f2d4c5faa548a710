"""Each helper of the tests can fail, so that its silence means something."""

from pathlib import Path

import pytest

from tests.support import browser, latex, math, missing, package

ARTICLE = r"""\documentclass{article}
\usepackage{amsmath}
\begin{document}
%s
\end{document}
"""


@pytest.mark.parametrize("engine", latex.ENGINES)
def test_a_good_document_compiles(engine: str, tmp_path: Path) -> None:
    body = r"See~\eqref{eq:a}.\begin{align} a &= b \label{eq:a} \end{align}\newpage Last."
    result = latex.compile_tex(ARTICLE % body, tmp_path, engine)
    assert result.errors == ()
    assert result.undefined == ()
    assert result.overfull == 0
    assert result.pages == 2
    assert result.pdf is not None
    assert "See (1)." in latex.pdf_text(result.pdf)
    assert len(latex.pdf_pages(result.pdf, tmp_path / "pages")) == 2


def test_a_file_is_compiled_without_a_trace_beside_it(tmp_path: Path) -> None:
    source = tmp_path / "notes" / "article.tex"
    source.parent.mkdir()
    source.write_text(ARTICLE % "Text.")
    result = latex.compile_tex(source, tmp_path / "out")
    assert result.pdf == tmp_path / "out" / "article.pdf"
    assert list(source.parent.iterdir()) == [source]


@pytest.mark.parametrize("engine", latex.ENGINES)
@pytest.mark.parametrize("body", [r"\unknown", "$a", r"\[a" + "\n\n" + r"b\]", r"\begin{align}a"])
def test_an_error_of_tex_is_seen(body: str, engine: str, tmp_path: Path) -> None:
    assert latex.compile_tex(ARTICLE % body, tmp_path, engine).errors


def test_the_largest_overfull_box_is_seen(tmp_path: Path) -> None:
    body = r"\hbox to 10pt{\hbox to 15pt{}}\hbox to 10pt{\hbox to 22.5pt{}}"
    result = latex.compile_tex(ARTICLE % body, tmp_path)
    assert result.errors == ()
    assert result.overfull == pytest.approx(12.5)


def test_a_reference_that_leads_nowhere_is_seen(tmp_path: Path) -> None:
    result = latex.compile_tex(ARTICLE % r"See \ref{eq:nowhere}.", tmp_path)
    assert result.undefined == ("eq:nowhere",)


def test_a_missing_program_skips_at_home_and_fails_in_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="latexmk is not installed"):
        latex.require_tex()
    with pytest.raises(pytest.skip.Exception, match="Chromium is not installed"):
        browser.require_browser()
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="make it so"):
        missing("it", "make it so")
    with pytest.raises(pytest.fail.Exception, match="no_such_package is not installed"):
        package("no_such_package")


@pytest.mark.parametrize(
    "body",
    [
        r"\frac{\partial C_0}{\partial w_{jk}^{(l)}}",
        r"\begin{cases} a & \text{if } l < L \\ b & \text{if } l = L \end{cases}",
        r"\begin{align} a &= b \label{eq:a} \\ &= c \tag{2} \end{align}",
        r"W^{\top}\delta \odot \sigma'(z)",
    ],
)
def test_a_good_formula_is_valid(body: str) -> None:
    assert math.check_formula(body).startswith("<math")


@pytest.mark.parametrize(
    "body", ["", r"\frac{1}{2", r"\unknown", "a^b^c", "a & b", r"\left( a", "a\n\nb", "$a$"]
)
def test_a_bad_formula_is_rejected(body: str) -> None:
    with pytest.raises(math.InvalidFormulaError):
        math.check_formula(body)


def test_formulas_are_found_where_they_are() -> None:
    source = (
        "A $a$ costs \\$5.\n% no $b$\n$$\nc\n$$\n```\n$d$\n```\n`$e$`\n"
        r"\begin{equation}f\end{equation}"
    )
    found = math.formulas(source)
    assert [(formula.body.strip(), formula.display, formula.line) for formula in found] == [
        ("a", False, 1),
        ("c", True, 3),
        (r"\begin{equation}f\end{equation}", True, 10),
    ]


PAGE = """<!DOCTYPE html><meta name="color-scheme" content="light dark"><title>T</title>
<style>
  body { background: #fff } #d { display: none }
  @media (prefers-color-scheme: dark) { body { background: #000 } }
</style><p id="p">one</p><script>
  document.getElementById("p").textContent = matchMedia("(prefers-color-scheme: dark)").matches;
</script>"""


def test_the_browser_reads_a_page_light_and_dark(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text(PAGE)
    assert '<p id="p">false</p>' in browser.dom(page)
    assert '<p id="p">true</p>' in browser.dom(page, dark=True)
    light = browser.screenshot(page, tmp_path / "light.png").read_bytes()
    dark = browser.screenshot(page, tmp_path / "dark.png", dark=True).read_bytes()
    assert light.startswith(b"\x89PNG")
    assert light != dark
