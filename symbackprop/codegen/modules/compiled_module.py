"""Modules whose gradients are loops and BLAS products that numba compiles."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import prod

from symbackprop.arrays.program.placed import Key
from symbackprop.arrays.program.program import Shape
from symbackprop.arrays.system import System, count_entries, places_from_zero
from symbackprop.codegen.modules.buffer_module import BufferModule
from symbackprop.codegen.modules.routines import Job
from symbackprop.codegen.modules.view import RoutineView, WorkspaceView
from symbackprop.codegen.printers.layout import Group, text
from symbackprop.codegen.printers.nest_printer import NestPrinter
from symbackprop.codegen.printers.scalar_printer import ScalarPrinter
from symbackprop.codegen.reserved import RESERVED
from symbackprop.model.functions import Form

TINY = 64
"""Up to so many numbers in a vector, the gradient of vectors is written out."""
LINE = 16
"""Arrays begin at multiples of so many numbers: on a cache line, in float32 as in float64."""


@dataclass
class Memory:
    """Arrays one after the other in a vector, those with samples last.

    ``length`` numbers, and ``a_row`` for each of ``rows``: the samples, rounded up to a line.
    """

    name: str
    length: int = 0
    a_row: int = 0

    def take(self, shape: Shape) -> str:
        """The code of the next array of this shape."""
        numbers = [extent for extent in shape if isinstance(extent, int)]
        extents = ", ".join(str(e) if isinstance(e, int) else "samples" for e in shape)
        size = prod(numbers)
        if not has_samples(shape):
            code = f"{self.name}[{self.length}:{self.length + size}]"
            self.length += -(-size // LINE) * LINE
        else:
            start = _sum(self.length, _times(self.a_row, "rows"))
            stop = _sum(start, _times(size, "samples"))
            between = f"{start} : {stop}" if start else f": {stop}"
            code = f"{self.name}[{between}]"
            self.a_row += size
        return code if len(shape) == 1 else f"{code}.reshape({extents})"


def has_samples(shape: Shape) -> bool:
    """Whether the number of samples is one of the extents."""
    return not all(isinstance(extent, int) for extent in shape)


def _times(number: int, name: str) -> str:
    return "" if number == 0 else name if number == 1 else f"{number} * {name}"


def _sum(first: int | str, second: str) -> str:
    return " + ".join(str(part) for part in (first, second) if part)


class CompiledModule(BufferModule):
    """As the module with buffers, which are filled by compiled loops."""

    contiguous = True
    reserved = RESERVED | {"memory", "out", "arrays", "found", "kind", "rows", "value", "compiled"}

    def _routines(self) -> dict[str, RoutineView]:
        found = super()._routines()
        flat = self._vectors()
        body = f"{found['gradient_one'].body}{flat}"
        return found | {"gradient_one": replace(found["gradient_one"], body=body)}

    def _buffered(self, system: System, job: Job, name: str) -> RoutineView:
        """A function that calls the compiled one on the arrays of a workspace."""
        program, order = system.program(
            job.wanted, exact_saturation=self.options.exact_saturation, form=Form.DIRECT
        )
        given = (*self.inputs, *self.targets, *self.parameters)
        printer = NestPrinter(program, {q.name: self.names[q.name] for q in given})
        statements, codes = printer.run()
        self.helpers.update(printer.helpers)
        results = dict(zip(order, codes, strict=True))
        lines = [one.code for one in statements]
        memory, out = Memory("memory"), Memory("out")
        arrays: list[tuple[str, str]] = []
        found: dict[Key, str] = {}
        gradient_keys = job.wanted[1:] if job.name.startswith("cost") else job.wanted
        ends = {node: key for key, node in zip(order, program.results, strict=True)}
        fixed_first = sorted(printer.arrays, key=lambda node: has_samples(program.ops[node].shape))
        for node in fixed_first:
            code = (out if node in ends else memory).take(program.ops[node].shape)
            arrays.append((printer.arrays[node], code))
        codes_of = dict(arrays)
        for key in gradient_keys:
            if results[key] in codes_of:
                found[key] = codes_of[results[key]]
            else:  # one number
                found[key] = f"{out.take((1,))}.reshape(())"
                lines.append(f"{found[key].partition(':')[0]}] = {results[key]}")
        back = self._printing().returned(system, job, {**results, **found})
        gradient = back.items[-1] if isinstance(back, Group) and back.opening == "(" else back
        value = results[job.wanted[0]] if gradient is not back else ""
        field = name.removeprefix("_")
        rows = any("rows" in code for code in found.values())
        self.workspaces.append(self._memory(field, memory, out, gradient, rows))
        kernel = self._kernel(name, printer, arrays, lines, value)
        return RoutineView(*self._caller(name, job, bool(value), kernel))

    def _caller(self, name: str, job: Job, value: bool, kernel: str) -> tuple[str, str]:
        """The function that has the loops run, and after it the loops."""
        names = self._sample_names()
        field = name.removeprefix("_")
        arguments = (
            "parameters: Parameters",
            *(f"{one}: Array" for one in names),
            "workspace: Workspace",
        )
        fields = [self.names[q.name] for q in self.parameters]
        unpacked = ", ".join(fields) + ("," if len(fields) == 1 else "")
        call = Group(f"{name}_loops(", (*fields, *names, "memory", "out"), ")")
        body = [
            f"    arrays = workspace.{field}",
            "    if arrays is None:",
            f"        arrays = _{field}_arrays(workspace)",
            f"        workspace.{field} = arrays",
            "    memory, out, found = arrays",
            f"    {f'({unpacked})' if len(fields) == 1 else unpacked} = parameters",
            text(call, 4, "value = " if value else ""),
            "    return workspace.dtype.type(value), found" if value else "    return found",
        ]
        signature = text(Group(f"def {name}(", arguments, f") -> {job.result}:"))
        return signature, "\n".join([*body, "", "", kernel])

    def _kernel(
        self,
        name: str,
        printer: NestPrinter,
        arrays: list[tuple[str, str]],
        lines: list[str],
        value: str,
    ) -> str:
        """The compiled function."""
        fields = [self.names[q.name] for q in self.parameters]
        names = (*fields, *self._sample_names(), "memory", "out")
        first = self._sample_names()[0]
        head = [f"    kind = {first}.dtype.type"] if printer.numbers else []
        head += [f"    {constant} = kind({code})" for constant, code in printer.numbers.items()]
        prologue: list[str] = []
        if any("samples" in one for one in (*lines, *head, *(code for _, code in arrays))):
            prologue.append(f"    samples = {first}.shape[0]")
        if any("rows" in code for _, code in arrays):
            prologue.append(f"    rows = (samples + {LINE - 1}) // {LINE} * {LINE}")
        views = [f"    {array} = {code}" for array, code in arrays]
        signature = text(
            Group(f"def {name}_loops(", tuple(f"{n}: Any" for n in names), ") -> Any:")
        )
        return "\n".join(
            [
                "@compiled",
                signature,
                '    """The loops."""',
                *prologue,
                *head,
                *views,
                *(f"    {line}" for line in lines),
                *([f"    return {value}"] if value else []),
            ]
        )

    def _memory(
        self, field: str, memory: Memory, out: Memory, gradient: str | Group, rows: bool
    ) -> WorkspaceView:
        """The function that allocates what one routine writes into."""
        lines = []
        if memory.a_row or out.a_row or rows:
            lines += [
                "    samples = workspace.samples",
                f"    rows = (samples + {LINE - 1}) // {LINE} * {LINE}",
            ]
        for one in (memory, out):
            size = str(one.length) + (f" + {one.a_row} * rows" if one.a_row else "")
            lines.append(f"    {one.name} = _aligned(({size},), workspace.dtype)")
        lines += [text(gradient, 4, "found = "), "    return memory, out, found"]
        return WorkspaceView(field, "\n".join(lines))

    def _vectors(self) -> str:
        """The gradient for one sample of a tiny network, on vectors, every sum written out."""
        one = replace(self.one, unrolled=True)
        entries: dict[Key, str] = {}
        for vector, group in (
            ("theta", self.parameters),
            ("sample", (*self.inputs, *self.targets)),
        ):
            if count_entries(one, group) > TINY:
                return ""
            places = [(q.name, place) for q in group for place in places_from_zero(one, q)]
            entries |= {key: f"{vector}[{n}]" for n, key in enumerate(places)}
        wanted = [key for q in self.parameters for key in one.gradients(q)]
        program, order = one.program(
            wanted, exact_saturation=self.options.exact_saturation, form=Form.DIRECT
        )
        self.helpers.add("math")
        statements, codes = ScalarPrinter(program, entries).run()
        results = dict(zip(order, codes, strict=True))
        lines = [f"    {statement.line}" for statement in statements]
        lines += [f"    out[{n}] = {results[key]}" for n, key in enumerate(wanted)]
        return "\n".join(
            [
                "",
                "",
                "",
                '@njit(error_model="numpy", fastmath=_FAST)',
                "def gradient_flat(theta: Any, sample: Any, out: Any) -> None:",
                '    """The gradient for one sample, written into ``out``: nothing is checked.',
                "",
                "    theta: parameters in the order of `flatten`. sample: inputs, then targets.",
                '    """',
                *lines,
            ]
        )
