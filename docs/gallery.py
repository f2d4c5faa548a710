"""Build the gallery: one page a model with its document, slides, Markdown, diagram and code.

`docs/conf.py` calls `build` before each build of the documentation. PDF files are made where LaTeX
is installed; elsewhere the pages offer their sources alone.
"""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from symbackprop.cli import main


@dataclass(frozen=True)
class Piece:
    """One file of a page: its ending, what it is, its command, whether TeX sets it."""

    ending: str
    title: str
    command: tuple[str, ...]
    typeset: bool = False


@dataclass(frozen=True)
class Page:
    """One model: the name on the command line, a title, what is said of it, whether it has code."""

    model: str
    title: str
    words: str
    sized: bool = True


PAGES = (
    Page("general", "A network of L layers", "Symbolic depth and widths, g^(l) in a layer.", False),
    Page("chain", "A chain of single neurons", "No index but that of the layer.", False),
    Page("3-2", "Three inputs, two outputs", "The smallest network that shows every index."),
    Page("4-3-2", "One hidden layer", "Its hidden weights reach the cost on two paths."),
)

DOCUMENTS = (
    Piece("tex", "Article", ("derive", "--format", "latex"), typeset=True),
    Piece("slides.tex", "Slides", ("derive", "--format", "beamer", "--detail", "brief"), True),
    Piece("md", "Markdown", ("derive", "--format", "markdown")),
    Piece("html", "Page of MathML", ("derive", "--format", "html")),
    Piece("json", "Derivation as data", ("derive", "--format", "json")),
    Piece("txt", "Text", ("derive", "--format", "text")),
)
DIAGRAM = Piece("svg", "Diagram", ("diagram", "--format", "svg"))
CODE = Piece("py", "NumPy module", ("generate",))


def build(folder: Path) -> None:
    """Write all pages into ``folder``."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for page in PAGES:
        (folder / f"{page.model}.md").write_text(_page(folder, page), encoding="utf-8")
    entries = "\n".join(page.model for page in PAGES)
    index = (
        "# Gallery\n\nEach page shows one model in every format; all files are written by the "
        f"commands beside them.\n\n```{{toctree}}\n:maxdepth: 1\n\n{entries}\n```\n"
    )
    (folder / "index.md").write_text(index, encoding="utf-8")


def _page(folder: Path, page: Page) -> str:
    lines = [f"# {page.title}", "", page.words, "", "| file | command |", "|---|---|"]
    files = folder / "files"
    files.mkdir(exist_ok=True)
    for piece in (*DOCUMENTS, DIAGRAM, *((CODE,) if page.sized else ())):
        name = f"{page.model}.{piece.ending}"
        command = (piece.command[0], page.model, *piece.command[1:])
        main(args=[*command, "-o", str(files / name)], standalone_mode=False)
        links = [f"{{download}}`{piece.title} <files/{name}>`"]
        if piece.typeset and _typeset(files / name):
            links.append(f"{{download}}`PDF <files/{Path(name).with_suffix('.pdf').name}>`")
        lines.append(f"| {', '.join(links)} | `symbackprop {' '.join(command)} -o {name}` |")
    lines += ["", f"![The network {page.model}](files/{page.model}.svg)", ""]
    lines += ["```{literalinclude} files/" + f"{page.model}.txt", ":language: text", "```", ""]
    return "\n".join(lines)


def _typeset(source: Path) -> bool:
    """Set a document where LaTeX is installed; whether there is a PDF now."""
    if shutil.which("pdflatex") is None:
        return False
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", source.name]
    for _ in range(2):
        subprocess.run(command, cwd=source.parent, check=True, stdout=subprocess.DEVNULL)
    for ending in ("aux", "log", "out", "nav", "snm", "toc", "vrb"):
        source.with_suffix(f".{ending}").unlink(missing_ok=True)
    return source.with_suffix(".pdf").exists()
