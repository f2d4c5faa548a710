"""What every command says and where: results, errors, exit codes, how far it is."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import click

from symbackprop.errors import SymbackpropError, UsageError, VerificationError
from symbackprop.escaping import message
from symbackprop.files import reason

FINE, FAILED, WRONG = 0, 1, 2


class Commands(click.Group):
    """Turns every error that a user can cause into one line and an exit code."""

    def main(self, *arguments: Any, **options: Any) -> Any:
        """Run a command and end the process; nothing that was typed is echoed as it was."""
        if sys.stdout is None:
            # Whoever writes to it gets an error; as None, it would swallow what is written.
            sys.stdout = open(os.devnull, encoding="utf-8")  # noqa: SIM115
        try:
            code = super().main(*arguments, **{**options, "standalone_mode": False})
        except click.ClickException as error:
            code = complain(*_explained(error), code=error.exit_code)
        except click.Abort:
            code = complain("symbackprop: stopped", code=FAILED)
        except VerificationError as error:
            code = complain(f"symbackprop: {message(str(error))}", code=FAILED)
        except SymbackpropError as error:
            code = complain(f"symbackprop: {message(str(error))}", code=WRONG)
        except OSError as error:
            code = complain(f"symbackprop: standard output: {reason(error)}", code=WRONG)
            _abandon()
        sys.exit(code if isinstance(code, int) else FINE)


def _explained(error: click.ClickException) -> Iterator[str]:
    """What click says of wrong usage: how to call the command, and what is wrong."""
    context = getattr(error, "ctx", None)
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        yield error.format_message()
        return
    if context is not None:
        yield context.get_usage()
        yield f"Try '{context.command_path} {context.help_option_names[-1]}' for help.\n"
    yield f"Error: {message(error.format_message())}"


def _abandon() -> None:
    """Let go of what standard output still holds, for the end of Python would fail on it."""
    from symbackprop.documents.output import abandon

    abandon()


def complain(*lines: str, code: int) -> int:
    """Say what is wrong on standard error, where there is one. Returns the exit code."""
    with suppress(OSError, ValueError):
        for line in lines:
            click.echo(line, err=True)
    return code


class Progress:
    """A bar on standard error, for people, once something takes longer than a second."""

    def __init__(self) -> None:
        self.started = time.monotonic()
        self.shown = sys.stderr.isatty()

    def __call__(self, done: int, total: int) -> None:
        """Show how far it is; called before each part."""
        if not self.shown or time.monotonic() - self.started < 1:
            return
        filled = 30 * done // total
        bar = "#" * filled + "-" * (30 - filled)
        end = "\r" if done + 1 < total else "\r\033[K"
        click.echo(f"verifying [{bar}] {done}/{total}{end}", nl=False, err=True)


def emit(text: str, output: str | None, check: bool = False, *sources: str | Path | None) -> None:
    """Write to the file, to standard output, or compare with the file; never over a source."""
    from symbackprop.documents.output import is_current, print_text, write_text

    if check:
        if output is None:
            raise UsageError("--check compares with a file: name it with -o FILE")
        if not is_current(output, text):
            complain(f"symbackprop: {message(output)} is not what would be written now", code=1)
            raise SystemExit(FAILED)
        return
    if output is None:
        with suppress(BrokenPipeError):
            print_text(text if text.endswith("\n") else f"{text}\n")
    else:
        write_text(output, text, [one for one in sources if one is not None])
