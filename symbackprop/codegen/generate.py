"""A model to a module: the text of its code, and the text imported."""

from __future__ import annotations

import ast
import hashlib
import sys
from collections.abc import Collection
from dataclasses import dataclass, field
from importlib.abc import ExecutionLoader
from importlib.util import module_from_spec, spec_from_loader
from types import ModuleType

from symbackprop.arrays.passes.pipeline import checked
from symbackprop.codegen.modules.module import Options
from symbackprop.codegen.modules.routines import Rolling
from symbackprop.codegen.row_judge import judge
from symbackprop.codegen.targets import TARGETS, Target, target
from symbackprop.codegen.templates import filled
from symbackprop.errors import NotSupported, UsageError
from symbackprop.model.model import Model

MANY, FEW = 8, 3
"""From how many layers on there is a loop: as it is, and for who asks for loops."""

_PATH = frozenset("/\\:")


def generate(
    model: Model,
    *,
    target: str = "numpy",
    buffers: bool = False,
    exact_saturation: bool = False,
    loops: bool | None = None,
    source: str = "",
    without: Collection[str] = (),
) -> str:
    """The text of a module that computes a model and its gradients.

    model: of one sample, its sizes bound to numbers. source: what the header says it was made
    from. exact_saturation: derivatives that keep their digits where an activation saturates.
    loops: whether layers, or times, that repeat are written as a Python loop; left out, they are
    when there are eight of them or more, and the target has such a form. without: names of passes
    of `symbackprop.arrays.passes.pipeline` to leave out, so that one can measure what they gain.
    Plain loops are written without any pass.

    Raises UsageError for an unknown target or pass or a size without a number, or for loops that
    the target does not have, NotSupported for an expression that no code is written for,
    ModelError for a function whose forms for code say something else than its formula.
    """
    row = _row(target, buffers)
    judge(model)
    options = Options(exact_saturation, source, _rolling(row, loops), checked(without))
    text = filled(row.template, row.builder(model, row.printer, options).view())
    return _parsed(text, model, row)


def _parsed(text: str, model: Model, row: Target) -> str:
    """The text of a module, which Python must be able to read."""
    try:
        ast.parse(text)
    except SyntaxError as error:
        line = text.splitlines()[(error.lineno or 1) - 1].strip()
        raise NotSupported(
            f"model {model.name}: the target {row.name} cannot write {line!r}"
        ) from None
    return text


def _rolling(row: Target, loops: bool | None) -> Rolling | None:
    """How a target writes loops, if it shall."""
    if row.rolled is None:
        if loops:
            raise UsageError(f"target {row.name} has no loops over layers")
        return None
    if loops is None:
        return Rolling(row.rolled, MANY)
    return Rolling(row.rolled, FEW) if loops else None


def _row(name: str, buffers: bool) -> Target:
    return target(name, buffers=buffers)


def targets() -> tuple[Target, ...]:
    """All kinds of code that can be written."""
    return TARGETS


@dataclass(frozen=True)
class _Text(ExecutionLoader):
    """Loads a module from its text, which tracebacks and `inspect` can show."""

    text: str = field(repr=False)

    def get_filename(self, fullname: str) -> str:
        """A name as a file has one; there is no such file."""
        return f"{fullname}.py"

    def get_source(self, fullname: str) -> str:
        """The text."""
        return self.text


def load(text: str, name: str = "gradients") -> ModuleType:
    """Import the text of a module; nothing is written.

    name: what the module is called, with a digest of its text behind it.

    Raises UsageError for a name that could be a path or is no text.
    """
    if not isinstance(name, str) or not name.isprintable() or not _PATH.isdisjoint(name):
        raise UsageError(f"a module cannot be called {name!r}: use letters, digits, - and _")
    digest = hashlib.sha256(text.encode()).hexdigest()[:16]
    called = f"{name}_{digest}"
    spec = spec_from_loader(called, _Text(text))
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    sys.modules[called] = module
    spec.loader.exec_module(module)
    return module
