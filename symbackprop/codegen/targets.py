"""The table of targets: what code can be written, and by what."""

from __future__ import annotations

from dataclasses import dataclass

from symbackprop.codegen.modules.buffer_module import BufferModule
from symbackprop.codegen.modules.compiled_module import CompiledModule
from symbackprop.codegen.modules.loops_module import LoopsModule
from symbackprop.codegen.modules.module import ModuleBuilder
from symbackprop.codegen.modules.scalar_module import ScalarModule
from symbackprop.codegen.printers.array_api_printer import ArrayApiPrinter
from symbackprop.codegen.printers.numpy_printer import NumpyPrinter
from symbackprop.codegen.printers.rolled_printer import RolledArrayApiPrinter, RolledPrinter
from symbackprop.errors import UsageError


@dataclass(frozen=True)
class Target:
    """One kind of code: its name, what it is, its template and printer, the extra it needs.

    rolled: what prints it with loops over layers, if there is such a form.
    """

    name: str
    description: str
    template: str
    printer: type[NumpyPrinter]
    builder: type[ModuleBuilder] = ModuleBuilder
    extra: str = ""
    buffers: bool = False
    rolled: type[RolledPrinter] | None = None


TARGETS: tuple[Target, ...] = (
    Target(
        "numpy",
        "NumPy as one writes it beside the equations",
        "numpy.py.jinja",
        NumpyPrinter,
        rolled=RolledPrinter,
    ),
    Target(
        "numpy",
        "NumPy that writes into buffers allocated once",
        "numpy_buffers.py.jinja",
        NumpyPrinter,
        BufferModule,
        buffers=True,
    ),
    Target(
        "scalar",
        "plain Python with every sum written out, for tiny networks",
        "scalar.py.jinja",
        NumpyPrinter,
        ScalarModule,
    ),
    Target(
        "loops",
        "plain loops, one for each sum of the equations, for teaching",
        "loops.py.jinja",
        NumpyPrinter,
        LoopsModule,
    ),
    Target(
        "numba",
        "loops and BLAS products that numba compiles",
        "numba.py.jinja",
        NumpyPrinter,
        CompiledModule,
        extra="numba",
    ),
    Target(
        "array-api",
        "the array API standard: JAX, PyTorch, CuPy, Dask, NumPy",
        "array_api.py.jinja",
        ArrayApiPrinter,
        extra="array-api",
        rolled=RolledArrayApiPrinter,
    ),
)


def target(name: str, *, buffers: bool = False) -> Target:
    """The target called ``name``. Raises UsageError for an unknown one."""
    for row in TARGETS:
        if row.name == name and row.buffers == buffers:
            return row
    known = ", ".join(dict.fromkeys(row.name for row in TARGETS))
    if buffers and any(row.name == name for row in TARGETS):
        raise UsageError(f"target {name} has no form with buffers; only numpy has")
    raise UsageError(f"unknown target {name!r}; known are {known}")
