"""Modules whose gradients write into a workspace."""

from __future__ import annotations

import re
from collections.abc import Sequence

from symbackprop.arrays.system import System
from symbackprop.codegen.modules.module import PAIR, ModuleBuilder
from symbackprop.codegen.modules.routines import Job, Routines
from symbackprop.codegen.modules.view import RoutineView, WorkspaceView
from symbackprop.codegen.printers.buffer_printer import BufferPrinter
from symbackprop.codegen.printers.layout import Group, text


class BufferModule(ModuleBuilder):
    """As NumPy's module, but for ``gradient`` and ``cost_and_gradient``."""

    def _routines(self) -> dict[str, RoutineView]:
        found = super()._routines()
        self.workspaces: list[WorkspaceView] = []
        for name, result in (("gradient", "Parameters"), ("cost_and_gradient", PAIR)):
            found[name] = self._dispatching(name, result)
            mean = self._job(name, result, self.mean)
            one = self._job(name, result, self.one)
            alone = self._buffered(self.one, one, f"_{name}_one")
            rows = self._buffered(self.mean, mean, f"_{name}_rows")
            both = (
                f'{alone.body}\n\n\n{rows.signature}\n    """For several samples."""\n{rows.body}'
            )
            found[f"{name}_one"] = RoutineView(alone.signature, both)
        return found

    def _workspaces(self) -> tuple[WorkspaceView, ...]:
        return tuple(self.workspaces)

    def _job(self, name: str, result: str, system: System) -> Job:
        gradient = tuple(key for q in self.parameters for key in system.gradients(q))
        cost = ((system.model.cost.name, ()),) if name.startswith("cost") else ()
        return Job(name, (*cost, *gradient), result, self.parameters)

    def _sample_names(self) -> list[str]:
        return [self.names[q.name] for q in (*self.inputs, *self.targets)]

    def _dispatching(self, name: str, result: str) -> RoutineView:
        """The public function: it checks, and calls the one for one sample or for several."""
        names = self._sample_names()
        arguments = (
            "parameters: Parameters",
            *(f"{one}: ArrayLike" for one in names),
            "*",
            "workspace: Workspace | None = None",
        )
        given = ", ".join(("parameters", *names))
        rank = len(self.inputs[0].axes)
        call = Group("_prepared(", ("workspace", "parameters", *names), ")")
        lines = [
            f"    if workspace is None or not workspace.knows({given}):",
            text(call, 8, f"workspace, {given} = "),
            f"    if {names[0]}.ndim == {rank}:",
            f"        return _{name}_one({given}, workspace)",
            f"    return _{name}_rows({given}, workspace)",
        ]
        return RoutineView(
            text(Group(f"def {name}(", arguments, f") -> {result}:")), "\n".join(lines)
        )

    def _buffered(self, system: System, job: Job, name: str) -> RoutineView:
        """A function that works on the arrays of a workspace."""
        program, order = system.program(job.wanted, exact_saturation=self.options.exact_saturation)
        given = (*self.inputs, *self.targets, *self.parameters)
        names_of_given = {q.name: self.names[q.name] for q in given}
        printer = BufferPrinter(program, names_of_given, without=self.options.without)
        statements, codes = printer.run()
        self.helpers.update(printer.helpers)
        self.helpers.update(f"numpy.{one}" for one in printer.functions)
        results = dict(zip(order, codes, strict=True))
        print_ = self._printing()
        back = print_.returned(system, job, results)
        arrays = dict(printer.arrays)
        gradient = back.items[-1] if isinstance(back, Group) and back.opening == "(" else back
        lines = [f"    {one.code}" for one in statements]
        found = str(gradient)
        words = set(re.findall(r"\w+", re.sub(r"\w+=", "", found))) - {"Parameters"}
        if words <= set(arrays):
            arrays["found"] = found
            kept = ("found",) if gradient is back else (*back.items[:-1], "found")  # type: ignore[union-attr]
            back = kept[0] if len(kept) == 1 else Group("(", kept, ")")
        field = name.removeprefix("_")
        self.workspaces.append(self._workspace(field, arrays, gradient, printer.widths))
        body = self._body(field, arrays, lines, back)
        names = self._sample_names()
        arguments = (
            "parameters: Parameters",
            *(f"{one}: Array" for one in names),
            "workspace: Workspace",
        )
        return RoutineView(text(Group(f"def {name}(", arguments, f") -> {job.result}:")), body)

    def _body(
        self, field: str, arrays: dict[str, str], lines: Sequence[str], back: str | Group
    ) -> str:
        used = set(re.findall(r"\w+", " ".join((*lines, str(back)))))
        names = tuple(name if name in used else "_" for name in arrays)
        fields = [self.names[q.name] for q in self.parameters]
        unpacked = ", ".join(fields) + ("," if len(fields) == 1 else "")
        unpacked = f"({unpacked})" if len(fields) == 1 else unpacked
        return "\n".join(
            [
                f"    arrays = workspace.{field}",
                "    if arrays is None:",
                f"        arrays = _{field}_arrays(workspace)",
                f"        workspace.{field} = arrays",
                text(Group("(", names, ",) = arrays" if len(names) == 1 else ") = arrays"), 4),
                f"    {unpacked} = parameters",
                *(["    samples = workspace.samples"] if "samples" in used else []),
                *lines,
                text(back, 4, "return "),
            ]
        )

    def _workspace(
        self, field: str, arrays: dict[str, str], gradient: str | Group, widths: set[str]
    ) -> WorkspaceView:
        """The function that allocates the arrays of one routine."""
        lines = ["    dtype = workspace.dtype"]
        if any(re.search(r"\bsamples\b", code) for code in arrays.values()):
            lines.append("    samples = workspace.samples")
        if widths:
            lines.append(f"    columns = samples > {max(map(int, widths))}")
        for name, code in arrays.items():
            if name == "found":
                lines.append(text(gradient, 4, "found = "))
            else:
                if not code.startswith(("_", "np.")):
                    lines.append(f"    {name} = {code}")
                    continue
                opening, inside = code.split("(", 1)
                lines.append(text(Group(f"{opening}(", (inside[:-1],), ")"), 4, f"{name} = "))
        close = ",)" if len(arrays) == 1 else ")"
        lines.append(text(Group("(", tuple(arrays), close), 4, "return "))
        return WorkspaceView(field, "\n".join(lines))

    def _printing(self) -> Routines:
        return Routines(
            self.inputs, self.targets, self.parameters, self.names, self.printer, self.helpers
        )
