"""Writing files: whole or not at all, and never over what was there when something goes wrong."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from symbackprop.errors import InputError


def write_text(path: str | Path, text: str) -> None:
    """Write ``text`` to ``path`` through a temporary file beside it. Raises InputError."""
    target = Path(path)
    try:
        if target.is_dir():
            raise InputError(f"cannot write {target}: it is a folder")
        mode = target.stat().st_mode & 0o777 if target.exists() else 0o666 & ~_umask()
        if target.exists() and not os.access(target, os.W_OK):
            raise InputError(f"cannot write {target}: it is read-only")
        if target.exists() and not target.is_file():
            target.write_text(text, encoding="utf-8")
            return
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
        try:
            with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
                file.write(text)
            os.chmod(name, mode)
            os.replace(name, target)
        except BaseException:
            os.unlink(name)
            raise
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise InputError(f"cannot write {target}: {reason}") from None


def _umask() -> int:
    current = os.umask(0)
    os.umask(current)
    return current


def is_current(path: str | Path, text: str) -> bool:
    """Whether the file at ``path`` holds exactly ``text``."""
    try:
        return Path(path).read_bytes() == text.encode("utf-8")
    except (OSError, ValueError):
        return False
