"""What the templates of code receive: one frozen dataclass, whose fields are their variables."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ArrayView:
    """A given array, or a tuple of arrays.

    name: of the variable and the field. listed: whether it is a tuple. shapes: of one sample, as
    code. meaning: a phrase for what its values mean, empty for any real numbers. drawn: code that
    draws values of some samples of it.
    """

    name: str
    listed: bool
    shapes: tuple[str, ...]
    meaning: str = ""
    drawn: str = ""


@dataclass(frozen=True)
class RoutineView:
    """A function: its ``def`` line, and its body as indented lines."""

    signature: str
    body: str


@dataclass(frozen=True)
class WorkspaceView:
    """The arrays of one function: the name of the field, and the body of what allocates them."""

    field: str
    body: str


@dataclass(frozen=True)
class ModuleView:
    """A module: where it comes from, its equations, its arrays, its functions.

    helpers: the names of functions, and of the module math, that the bodies use and the template
    must provide.
    """

    title: str
    version: str
    equations: tuple[str, ...]
    functions: tuple[str, ...]
    parameters: tuple[ArrayView, ...]
    inputs: tuple[ArrayView, ...]
    targets: tuple[ArrayView, ...]
    outputs: tuple[str, ...]
    forward: RoutineView
    cost: RoutineView
    gradient: RoutineView
    gradient_one: RoutineView
    cost_and_gradient: RoutineView
    cost_and_gradient_one: RoutineView
    gradient_per_sample: RoutineView
    gradient_inputs: RoutineView
    flat: RoutineView
    shapes: str
    sample_shapes: str
    initial: str
    helpers: frozenset[str]
    workspaces: tuple[WorkspaceView, ...] = ()
    contiguous: bool = False
