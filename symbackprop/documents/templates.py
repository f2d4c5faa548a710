"""The templates of documents: where they are found, how they are marked, how they are filled."""

from __future__ import annotations

import os
import traceback
from collections.abc import Callable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING

from jinja2 import (
    BaseLoader,
    ChoiceLoader,
    Environment,
    FileSystemLoader,
    StrictUndefined,
    TemplateError,
    TemplateNotFound,
    TemplateSyntaxError,
)
from jinja2.loaders import split_template_path
from jinja2.sandbox import SandboxedEnvironment

from symbackprop.errors import InputError, SymbackpropError
from symbackprop.files import read_text

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


def template_folder() -> Path:
    """The folder of the templates: in the installed package, or beside it in a checkout."""
    package = Path(__file__).resolve().parents[1]
    inside = package / "templates"
    return (inside if inside.is_dir() else package.parent / "templates") / "documents"


_MOST_BYTES = 1_000_000

Filters = Mapping[str, Callable[..., object]]

#: Marks that do not collide with TeX.
LATEX_MARKS = {
    "block_start_string": r"\BLOCK{",
    "block_end_string": "}",
    "variable_start_string": r"\VAR{",
    "variable_end_string": "}",
    "comment_start_string": r"\#{",
    "comment_end_string": "}",
}


def fill(
    name: str,
    view: DataclassInstance,
    *,
    marks: Mapping[str, str],
    filters: Filters,
    folder: Path | None = None,
) -> str:
    """A template filled with the fields of a view; a user's folder is looked in first.

    Templates run sandboxed, and fail on a variable that they are not given: InputError says where.
    """
    shipped = FileSystemLoader(str(template_folder()))
    environment = SandboxedEnvironment(
        loader=shipped if folder is None else ChoiceLoader([_Own(folder), shipped]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,
        **marks,
    )
    environment.filters.update(filters)
    variables = {one.name: getattr(view, one.name) for one in fields(view)}
    try:
        return environment.get_template(name).render(variables)
    except SymbackpropError:
        raise
    except TemplateError as error:
        raise InputError(f"template {name}{_line(error)}: {error.message}") from error
    except Exception as error:
        if folder is None or _line(error) == "":
            raise
        why = f"{type(error).__name__}: {error}"
        raise InputError(f"template {name}{_line(error)}: {why}") from error


class _Own(BaseLoader):
    """The templates of a user's folder: regular files of a bounded size, in UTF-8."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def get_source(self, environment: Environment, template: str) -> tuple[str, str, None]:
        """A template's text and path. Raises TemplateNotFound where there is no such file."""
        path = self.folder.joinpath(*split_template_path(template))
        if not os.path.lexists(path):
            raise TemplateNotFound(template)
        return read_text(path, _MOST_BYTES, "template"), str(path), None


def _line(error: Exception) -> str:
    """Where in a template an error is, as far as Jinja says."""
    if isinstance(error, TemplateSyntaxError):
        return f", line {error.lineno}"
    lines = [
        frame.lineno
        for frame in traceback.extract_tb(error.__traceback__)
        if frame.filename.endswith(".jinja")
    ]
    return f", line {lines[-1]}" if lines else ""
