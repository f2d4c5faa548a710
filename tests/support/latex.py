r"""Compile LaTeX and read what the engine said.

result = compile_tex(source, tmp_path, engine="lualatex")
assert not result.errors
assert result.overfull <= 5
"""

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.support import ROOT, missing

ENGINES = {"pdflatex": "-pdf", "lualatex": "-pdflua"}
"""The engines, each with latexmk's option for it."""

_ERROR = re.compile(r"^(?:! .*|.+?:\d+: .*)$", re.MULTILINE)
_OVERFULL = re.compile(r"^Overfull \\[hv]box \((\d+(?:\.\d+)?)pt too (?:wide|high)\)", re.MULTILINE)
_UNDEFINED = re.compile(
    r"^(?:LaTeX|Package \w+) Warning: (?:Reference|Citation) `(.+?)'", re.MULTILINE
)
_PAGES = re.compile(r"^Output written on .*\((\d+) pages?", re.MULTILINE)


@dataclass(frozen=True)
class Compiled:
    """What came of one compilation."""

    pdf: Path | None
    """The document, or None when there is none."""
    errors: tuple[str, ...]
    """Each error line of the engine, with file and line number."""
    overfull: float
    """The largest overfull box in pt, 0 when there is none."""
    undefined: tuple[str, ...]
    """References that lead nowhere."""
    pages: int
    log: str


def require_tex(*programs: str) -> None:
    """Skip the running test when TeX is missing; fail it where CI is set."""
    for program in programs or ("latexmk", *ENGINES):
        if shutil.which(program) is None:
            missing(program, "the packages are listed in .ci/run")


def compile_tex(source: str | Path, directory: Path, engine: str = "pdflatex") -> Compiled:
    """Compile LaTeX text, or a file, and put all that comes of it into the directory.

    Runs as often as the references need, without shell escape and without anybody's latexmkrc.
    """
    require_tex("latexmk", engine)
    directory.mkdir(parents=True, exist_ok=True)
    if isinstance(source, str):
        path = directory / "document.tex"
        path.write_text(source, encoding="utf-8")
    else:
        path = source.resolve()
    process = subprocess.run(
        [
            "latexmk",
            "-norc",
            ENGINES[engine],
            "-interaction=nonstopmode",
            "-file-line-error",
            "-no-shell-escape",
            f"-outdir={directory.resolve()}",
            path.name,
        ],
        cwd=path.parent,
        env={
            **os.environ,
            "max_print_line": "10000",
            # LuaTeX's font cache: kept between tests, and never in a home that may not exist.
            "TEXMFVAR": str(ROOT / "build" / "texmf-var"),
        },
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=180,
        check=False,
    )
    logfile = directory / f"{path.stem}.log"
    log = logfile.read_text(encoding="utf-8", errors="replace") if logfile.exists() else ""
    errors = tuple(dict.fromkeys(_ERROR.findall(log)))
    if process.returncode != 0 and not errors:
        errors = (f"latexmk ended with {process.returncode}: {process.stdout[-2000:]}",)
    pdf = directory / f"{path.stem}.pdf"
    pages = _PAGES.search(log)
    return Compiled(
        pdf=pdf if pdf.exists() else None,
        errors=errors,
        overfull=max(map(float, _OVERFULL.findall(log)), default=0.0),
        undefined=tuple(dict.fromkeys(_UNDEFINED.findall(log))),
        pages=int(pages[1]) if pages else 0,
        log=log,
    )


def pdf_text(pdf: Path) -> str:
    """The text of a PDF, laid out as on the page."""
    require_tex("pdftotext")
    command = ["pdftotext", "-layout", str(pdf), "-"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def pdf_pages(pdf: Path, directory: Path, dpi: int = 80) -> list[Path]:
    """The pages of a PDF as PNG pictures, to be looked at."""
    require_tex("pdftoppm")
    directory.mkdir(parents=True, exist_ok=True)
    stem = directory / pdf.stem
    subprocess.run(["pdftoppm", "-png", "-r", str(dpi), str(pdf), str(stem)], check=True)
    return sorted(directory.glob(f"{pdf.stem}-*.png"))
