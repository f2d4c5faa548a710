"""Files of notes: what is read, as which kind, and what is said of a file that cannot be."""

from __future__ import annotations

from pathlib import Path

from symbackprop.checker.report import Report, check_text
from symbackprop.errors import InputError, UsageError
from symbackprop.files import read_text
from symbackprop.model.files import read_model_file
from symbackprop.notation.profiles import Profile
from symbackprop.reading.text.displays import FileKind

KINDS: dict[str, FileKind] = {
    ".tex": "tex", ".ltx": "tex", ".latex": "tex", ".sty": "tex",
    ".md": "markdown", ".markdown": "markdown", ".qmd": "markdown", ".txt": "markdown",
}  # fmt: skip
_MOST_BYTES = 20_000_000


def check_file(
    path: Path,
    *,
    model: str = "",
    notation: str | Profile | None = None,
    activation: str | None = None,
    cost: str | None = None,
) -> Report:
    """Check a file: see `check_text`. Raises InputError for a file that cannot be read as text."""
    kind = KINDS.get(path.suffix.lower())
    if kind is None:
        known = ", ".join(KINDS)
        raise UsageError(f"{path}: notes are read from {known} files")
    text = read_notes(path)
    if not model.endswith(".toml"):
        return check_text(
            text, kind, model=model, notation=notation, activation=activation, cost=cost
        )
    if activation is not None or cost is not None:
        raise UsageError("a model file names its activations and its cost itself")
    return check_text(text, kind, model=read_model_file(Path(model)).model(), notation=notation)


def read_notes(path: Path) -> str:
    """The text of a file. Raises InputError that says why it cannot be had."""
    text = read_text(path, _MOST_BYTES, "text")
    if "\0" in text:
        raise InputError(f"{path} is no text: it has a zero byte")
    return text.replace("\r\n", "\n").replace("\r", "\n")
