"""The templates of code: where they are found, and how they are filled."""

from __future__ import annotations

from dataclasses import fields
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from symbackprop.codegen.modules.view import ModuleView
from symbackprop.codegen.printers.layout import formatted


def template_folder() -> Path:
    """The folder of the templates: in the installed package, or beside it in a checkout."""
    package = Path(__file__).resolve().parents[1]
    inside = package / "templates"
    return (inside if inside.is_dir() else package.parent / "templates") / "code"


@cache
def environment() -> Environment:
    """Templates that fail on what they are not given."""
    return Environment(
        loader=FileSystemLoader(template_folder()),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,
    )


def filled(name: str, view: ModuleView) -> str:
    """A template filled with the fields of a view, and laid out."""
    variables = {one.name: getattr(view, one.name) for one in fields(view)}
    return formatted(environment().get_template(name).render(variables))
