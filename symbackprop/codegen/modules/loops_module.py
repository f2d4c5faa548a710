"""Modules of plain loops."""

from __future__ import annotations

from symbackprop.arrays.program.placed import Key
from symbackprop.codegen.modules.module import ModuleBuilder
from symbackprop.codegen.modules.view import RoutineView
from symbackprop.codegen.printers.layout import Group, text
from symbackprop.codegen.printers.loops_printer import LoopsPrinter, function_name


class LoopsModule(ModuleBuilder):
    """All functions rest on three that loop over samples and nodes."""

    def _routines(self) -> dict[str, RoutineView]:
        mean = self.mean
        cost: list[Key] = [(mean.model.cost.name, ())]
        gradient = [key for q in self.parameters for key in mean.gradients(q)]
        inputs = [key for q in self.inputs for key in mean.gradients(q)]
        self.loops = LoopsPrinter(mean, self.names)
        empty = RoutineView("", "")
        found = {
            "forward": self._loop_routine("_forward", list(mean.outputs), False),
            "cost": self._loop_routine("_cost", cost, True),
            "gradient": self._loop_routine("_gradient", gradient, True),
            "cost_and_gradient": self._loop_routine("_both", [*cost, *gradient], True),
            "gradient_inputs": self._loop_routine("_gradient_inputs", inputs, True),
            "gradient_one": empty,
            "cost_and_gradient_one": empty,
        }
        found["gradient_per_sample"] = RoutineView("", self._named())
        self.helpers |= self.loops.helpers
        return found

    def _loop_routine(self, name: str, wanted: list[Key], targets: bool) -> RoutineView:
        parts = [self.mean.schedule.parts(key) for key in wanted]
        lines = self.loops.body([part for group in parts for part in group])
        given = [*self.parameters, *self.inputs, *(self.targets if targets else ())]
        arguments = tuple(f"{self.names[q.name]}: Any" for q in given)
        first = self.names[self.inputs[0].name]
        head = [f"    samples = {first}.shape[0]", f"    dtype = {first}.dtype"]
        values = tuple(self._value(key, group) for key, group in zip(wanted, parts, strict=True))
        close = ",)" if len(values) == 1 else ")"
        back = text(Group("(", values, close), 4, "return ")
        signature = text(Group(f"def {name}(", arguments, ") -> Any:"))
        body = [*(head if any("samples" in one for one in lines) else head[1:])]
        return RoutineView(signature, "\n".join([*body, *(f"    {one}" for one in lines), back]))

    def _value(self, key: Key, parts: list[Key]) -> str:
        if parts == [key]:
            return self.loops.variable(key)
        values = [self.loops.variable(part) for part in parts]
        for count, axis in self.mean.schedule.turns(key):
            groups = [values[n : n + count] for n in range(0, len(values), count)]
            values = [f"np.stack([{', '.join(group)}], {axis})" for group in groups]
        return values[0]

    def _named(self) -> str:
        """The named functions that the loops call, and those that these call in turn."""
        done: dict[tuple[str, int], str] = {}
        while waiting := sorted(self.loops.functions - set(done)):
            for head, order in waiting:
                row = self.model.function(head)
                code = self.loops.function(row, order, self.options.exact_saturation)
                done[head, order] = code
        lines: list[str] = []
        for head, order in sorted(done):
            mark = "'" * order
            lines += [
                "",
                "",
                f"def {function_name(head, order)}(t: float) -> Any:",
                f'    """{head}{mark}(t)."""',
                f"    return {done[head, order]}",
            ]
        return "\n".join(lines)
