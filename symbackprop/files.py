"""Reading files of users: bounded, regular files only, every problem an InputError with its file.

Whoever reads says how many bytes there may be, so that no file can fill the memory; a FIFO, a
device or a socket is refused before anything is read from it, so that nothing waits for ever.
"""

from __future__ import annotations

import os
import stat
import tomllib
from pathlib import Path
from typing import Any

from symbackprop.errors import InputError

KINDS = (
    (stat.S_ISDIR, "it is a directory"),
    (stat.S_ISFIFO, "it is a FIFO, not a regular file"),
    (stat.S_ISSOCK, "it is a socket, not a regular file"),
    (stat.S_ISCHR, "it is a device, not a regular file"),
    (stat.S_ISBLK, "it is a device, not a regular file"),
)
"""What is no regular file, and what is said of it."""

_FLAGS = os.O_RDONLY | sum(getattr(os, name, 0) for name in ("O_NONBLOCK", "O_NOCTTY", "O_BINARY"))
_TOML_BYTES = 1_000_000


def read_bytes(path: str | Path, limit: int) -> bytes:
    """What a regular file of at most ``limit`` bytes holds.

    Raises InputError for what is missing, no regular file, unreadable or larger.
    """
    try:
        _check_regular(path, os.stat(path).st_mode)
        with os.fdopen(os.open(path, _FLAGS), "rb") as file:
            _check_regular(path, os.fstat(file.fileno()).st_mode)
            content = file.read(limit + 1)
    except (OSError, ValueError) as error:
        raise InputError(f"cannot read {path}: {reason(error)}") from None
    if len(content) > limit:
        raise InputError(f"cannot read {path}: it is larger than {limit} bytes")
    return content


def read_text(path: str | Path, limit: int, what: str) -> str:
    """The text of a file in UTF-8; ``what`` is what it should be."""
    try:
        return read_bytes(path, limit).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(
            f"{path} is not UTF-8 text, so it is no {what}: see byte {error.start}"
        ) from None


def read_toml(path: str | Path, what: str, limit: int = _TOML_BYTES) -> dict[str, Any]:
    """The table that a TOML file holds; ``what`` is what it should be: a model file, a notation."""
    try:
        return tomllib.loads(read_text(path, limit, what))
    except (ValueError, RecursionError) as error:
        why = "nested too deeply" if isinstance(error, RecursionError) else error
        raise InputError(f"{path} is no valid TOML: {why}") from None


def reason(error: OSError | ValueError) -> str:
    """Why a file cannot be read or written, in the words of the system."""
    return (isinstance(error, OSError) and error.strerror) or str(error)


def _check_regular(path: str | Path, mode: int) -> None:
    for is_kind, words in KINDS:
        if is_kind(mode):
            raise InputError(f"cannot read {path}: {words}")
