"""The templates of documents: where they are found, how they are marked, how they are filled."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING

from jinja2 import FileSystemLoader, StrictUndefined, TemplateError, TemplateSyntaxError
from jinja2.sandbox import SandboxedEnvironment

from symbackprop.errors import InputError

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


def template_folder() -> Path:
    """The folder of the templates: in the installed package, or beside it in a checkout."""
    package = Path(__file__).resolve().parents[1]
    inside = package / "templates"
    return (inside if inside.is_dir() else package.parent / "templates") / "documents"


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
    folders = [template_folder()] if folder is None else [folder, template_folder()]
    environment = SandboxedEnvironment(
        loader=FileSystemLoader([str(one) for one in folders]),
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
    except TemplateError as error:
        raise InputError(f"template {name}{_line(error)}: {error.message}") from error


def _line(error: TemplateError) -> str:
    """Where in a template an error is, as far as Jinja says."""
    if isinstance(error, TemplateSyntaxError):
        return f", line {error.lineno}"
    lines = [
        frame.lineno
        for frame in traceback.extract_tb(error.__traceback__)
        if frame.filename.endswith(".jinja")
    ]
    return f", line {lines[-1]}" if lines else ""
