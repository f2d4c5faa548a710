"""Modules of plain Python numbers: for networks so small that a call of NumPy costs more."""

from __future__ import annotations

from dataclasses import replace

from symbackprop.arrays.program.placed import Key
from symbackprop.arrays.system import System, count_entries, places_from_zero
from symbackprop.codegen.modules.module import ModuleBuilder
from symbackprop.codegen.modules.view import RoutineView
from symbackprop.codegen.printers.layout import Group, text
from symbackprop.codegen.printers.scalar_printer import ScalarPrinter
from symbackprop.errors import UsageError
from symbackprop.notation.quantities import Quantity

LARGEST = 2000
"""Up to so many parameters the sums are written out."""


class ScalarModule(ModuleBuilder):
    """All functions rest on three that take and return lists of numbers, one sample at a time."""

    def _routines(self) -> dict[str, RoutineView]:
        one = replace(self.one, unrolled=True)
        count = count_entries(one, self.parameters)
        if count > LARGEST:
            raise UsageError(
                f"the scalar target is for tiny networks: {count} parameters are more than "
                f"the {LARGEST} it is for; take numpy or numba"
            )
        cost: list[Key] = [(one.model.cost.name, ())]
        gradient = [key for q in self.parameters for key in one.gradients(q)]
        inputs = [key for q in self.inputs for key in one.gradients(q)]
        empty = RoutineView("", "")
        return {
            "forward": self._flat_routine(one, "_forward", list(one.outputs), False),
            "cost": self._flat_routine(one, "_cost", cost, True),
            "gradient": self._flat_routine(one, "_gradient", gradient, True),
            "cost_and_gradient": self._flat_routine(one, "_both", [*cost, *gradient], True),
            "gradient_inputs": self._flat_routine(one, "_gradient_inputs", inputs, True),
            "gradient_one": empty,
            "cost_and_gradient_one": empty,
            "gradient_per_sample": empty,
        }

    def _flat_routine(
        self, system: System, name: str, wanted: list[Key], targets: bool
    ) -> RoutineView:
        """A function of lists of numbers that returns a tuple of numbers."""
        program, order = system.program(wanted, exact_saturation=self.options.exact_saturation)
        given = [*self.inputs, *(self.targets if targets else ())]
        names = {q.name: self.names[q.name] for q in (*self.parameters, *given)}
        entries = self._entries(system)
        printer = ScalarPrinter(program, entries)
        printer.taken |= {"theta", *names.values(), *entries.values()}
        statements, codes = printer.run()
        results = dict(zip(order, codes, strict=True))
        arguments = ("theta: list[float]", *(f"{names[q.name]}: list[float]" for q in given))
        signature = text(Group(f"def {name}(", arguments, ") -> tuple[float, ...]:"))
        lines = [self._unpacked(entries, self.parameters, "theta")]
        lines += [self._unpacked(entries, (q,), names[q.name]) for q in given]
        lines += [f"    {one.line}" for one in statements]
        values = tuple(results[key] for key in wanted)
        lines.append(text(Group("(", values, ",)" if len(values) == 1 else ")"), 4, "return "))
        return RoutineView(signature, "\n".join(lines))

    def _entries(self, system: System) -> dict[tuple[str, tuple[int, ...]], str]:
        """The variables of given numbers; no two are called alike: w_1 at 0 is not w at 1, 0."""
        given = (*self.parameters, *self.inputs, *self.targets)
        taken = {"theta", *(self.names[q.name] for q in given)}
        found: dict[tuple[str, tuple[int, ...]], str] = {}
        for quantity in given:
            for place in places_from_zero(system, quantity):
                name = "_".join([self.names[quantity.name], *map(str, place)])
                while place and name in taken:
                    name += "_"
                taken.add(name)
                found[quantity.name, place] = name
        return found

    def _unpacked(
        self,
        entries: dict[tuple[str, tuple[int, ...]], str],
        quantities: tuple[Quantity, ...],
        source: str,
    ) -> str:
        """The numbers of a list as variables."""
        own = [quantity.name for quantity in quantities]
        variables = tuple(
            variable for name in own for (of, _), variable in entries.items() if of == name
        )
        close = ",) = " if len(variables) == 1 else ") = "
        return text(Group("(", variables, f"{close}{source}"), 4)
