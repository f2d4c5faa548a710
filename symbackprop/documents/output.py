"""Writing: to a file, whole or not at all, and to standard output; always in UTF-8.

What is written says of itself that it is UTF-8 (LaTeX, HTML, Python), so standard output gets the
same bytes as a file would, whatever encoding the terminal has.
"""

from __future__ import annotations

import hashlib
import os
import stat
import sys
import tempfile
from collections.abc import Iterable
from contextlib import nullcontext, suppress
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import IO

from symbackprop.errors import InputError
from symbackprop.files import read_bytes, reason

#: What locks files; Windows has no such thing, and never removes a file that is open.
_LOCKS: ModuleType | None = import_module("fcntl") if os.name == "posix" else None


def write_text(path: str | Path, text: str, sources: Iterable[str | Path] = ()) -> None:
    """Write ``text`` to ``path``, through a temporary file beside it that then takes its place.

    A symbolic link stays and its target is written. What an earlier run to this file left behind
    when it was killed is removed. sources: files that were read, which are never overwritten.

    Raises InputError.
    """
    target = Path(path)
    try:
        content = text.encode("utf-8")
        found = _status(target)
        if found is not None and stat.S_ISDIR(found.st_mode):
            raise InputError(f"cannot write {target}: it is a folder")
        if found is not None and not os.access(target, os.W_OK):
            raise InputError(f"cannot write {target}: it is read-only")
        for source in sources:
            if found is not None and _is_file(found, source):
                raise InputError(f"cannot write {target}: it is what was read; name another file")
        real = Path(os.path.realpath(target))
        if (found is not None and not _same(found, _status(real))) or (
            found is not None and not stat.S_ISREG(found.st_mode)
        ):
            _pour(target, content)
        else:
            _replace(real, content, 0o666 & ~_umask() if found is None else found.st_mode & 0o777)
    except (OSError, ValueError) as error:
        raise InputError(f"cannot write {target}: {reason(error)}") from None


def is_current(path: str | Path, text: str) -> bool:
    """Whether the file at ``path`` holds exactly ``text``; a missing one does not.

    Raises InputError for what is no regular file.
    """
    content = text.encode("utf-8", "surrogatepass")
    try:
        found = _status(Path(path))
    except (OSError, ValueError):
        return False
    if found is None or (stat.S_ISREG(found.st_mode) and found.st_size != len(content)):
        return False
    return read_bytes(path, len(content)) == content


def print_text(text: str) -> None:
    """Write ``text`` to standard output, as UTF-8, and see it off.

    Raises InputError where there is no standard output or it takes no more, BrokenPipeError where
    nobody reads it.
    """
    out = sys.stdout
    if out is None or not out.writable():
        raise InputError("standard output is closed; name a file with -o FILE")
    try:
        out.flush()
        buffer: IO[bytes] | None = getattr(out, "buffer", None)
        if buffer is None:
            out.write(text)
        else:
            buffer.write(text.encode("utf-8"))
        out.flush()
    except BrokenPipeError:
        abandon()
        raise
    except (OSError, ValueError) as error:
        abandon()
        raise InputError(f"cannot write to standard output: {reason(error)}") from None


def abandon() -> None:
    """Send what standard output still holds nowhere, so that the end of Python does not fail."""
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


# -- files ------------------------------------------------------------------------------------


def _status(path: Path) -> os.stat_result | None:
    """What is at a path, links followed; None where nothing is. Raises OSError for loops."""
    try:
        return os.stat(path)
    except FileNotFoundError:
        return None


def _is_file(found: os.stat_result, path: str | Path) -> bool:
    """Whether a file is the one at ``path``, which may also be the name of a network."""
    try:
        return _same(found, _status(Path(path)))
    except (OSError, ValueError):
        return False


def _same(one: os.stat_result, other: os.stat_result | None) -> bool:
    return other is not None and os.path.samestat(one, other)


def _pour(target: Path, content: bytes) -> None:
    """Write into what is no regular file; a FIFO that nobody reads is an error, not a wait."""
    handle = os.open(target, os.O_WRONLY | getattr(os, "O_NONBLOCK", 0))
    with os.fdopen(handle, "wb", buffering=0) as file:
        if hasattr(os, "set_blocking"):
            os.set_blocking(handle, True)
        left = memoryview(content)
        while left:
            left = left[file.write(left) or 0 :]


def _replace(target: Path, content: bytes, mode: int) -> None:
    """Write a temporary file beside the target, which then takes its place."""
    mark = f".symbackprop-{hashlib.sha256(os.fsencode(target.name)).hexdigest()[:12]}-"
    _clean(target.parent, mark)
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=mark, suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as file:
            with suppress(OSError):
                _lock(file)
            file.write(content)
            file.flush()
            os.chmod(name, mode)
            if _LOCKS is not None:
                os.replace(name, target)
        if _LOCKS is None:
            os.replace(name, target)
    except BaseException:
        with suppress(OSError):
            os.unlink(name)
        raise


def _clean(folder: Path, mark: str) -> None:
    """Remove the temporary files of runs to the same target that were killed."""
    with suppress(OSError), os.scandir(folder) as entries:
        left = [
            entry.path
            for entry in entries
            if entry.name.startswith(mark)
            and entry.name.endswith(".tmp")
            and entry.is_file(follow_symlinks=False)
        ]
        for path in left:
            with suppress(OSError), open(path, "rb") if _LOCKS else nullcontext() as file:
                _lock(file)
                os.unlink(path)


def _lock(file: IO[bytes] | None) -> None:
    """Hold a file while it is written. Raises OSError when another run holds it."""
    if _LOCKS is not None:
        _LOCKS.flock(file, _LOCKS.LOCK_EX | _LOCKS.LOCK_NB)


def _umask() -> int:
    current = os.umask(0)
    os.umask(current)
    return current
