"""The functions of a module: what each computes, and its body as code."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from symbackprop.arrays.passes.repeats import with_loops
from symbackprop.arrays.program.placed import Key
from symbackprop.arrays.program.program import Program
from symbackprop.arrays.system import System
from symbackprop.codegen.modules.view import RoutineView
from symbackprop.codegen.printers.layout import Group, text
from symbackprop.codegen.printers.numpy_printer import NumpyPrinter
from symbackprop.codegen.printers.rolled_printer import RolledPrinter
from symbackprop.model.arrays import listed
from symbackprop.notation.quantities import Quantity

WholeList = Callable[[tuple[str, ...]], "str | None"]


def no_list(_: tuple[str, ...]) -> str | None:
    """What says of code without lists that no values stand in one."""
    return None


def _from_list(field: Group | str, whole: WholeList) -> Group | str:
    """A tuple of all entries of a list, as that list made a tuple."""
    if isinstance(field, str):
        return field
    name = whole(tuple(map(str, field.items)))
    return field if name is None else f"{field.opening.removesuffix('(')}tuple({name})"


@dataclass(frozen=True)
class Job:
    """One function to print: what it computes, and how what it returns is put together.

    result: its type. grouped: the quantities whose adjoints become the fields of a gradient.
    each: without the sum over samples. targets: whether it reads them. What it does with one
    sample: ``alone`` names another function, with ``row`` it calls itself with one row.
    """

    name: str
    wanted: tuple[Key, ...]
    result: str
    grouped: tuple[Quantity, ...] = ()
    each: bool = False
    targets: bool = True
    alone: str = ""
    row: bool = False


@dataclass(frozen=True)
class Rolling:
    """That code has loops: what prints them, and from how many turns on there is one."""

    printer: type[RolledPrinter]
    least: int


@dataclass(frozen=True)
class Routines:
    """Prints functions of array code.

    inputs, targets, parameters: the given quantities; names: their variables. rolling: how groups
    of operations that repeat become loops; None writes all of them out.
    """

    inputs: tuple[Quantity, ...]
    targets: tuple[Quantity, ...]
    parameters: tuple[Quantity, ...]
    names: Mapping[str, str]
    printer: type[NumpyPrinter]
    helpers: set[str]
    exact_saturation: bool = False
    rolling: Rolling | None = None

    def public(self, system: System, job: Job) -> RoutineView:
        """A function that checks its arguments."""
        names = self._given(job)
        statements, back = self._body(system, job)
        arguments = ("parameters: Parameters", *(f"{name}: ArrayLike" for name in names))
        signature = text(Group(f"def {job.name}(", arguments, f") -> {job.result}:"))
        checked = ", ".join(("parameters", *names))
        call = Group("_checked(", ("parameters", *names), ")")
        asked = ", ".join(("parameters", *names))
        quick = [f"    if not _accepts({asked}):"] if self.printer.quick else []
        lines = [
            *quick,
            text(call, 4 + 4 * len(quick), f"{checked} = "),
            *self._one_sample(job, names),
            *self._unpacked(job, (*statements, *back)),
            *statements,
        ]
        return RoutineView(signature, "\n".join((*lines, *back)))

    def private(self, system: System, job: Job) -> RoutineView:
        """A function that is given arrays as they must be."""
        names = self._given(job)
        statements, back = self._body(system, job)
        arguments = ("parameters: Parameters", *(f"{name}: Array" for name in names))
        signature = text(Group(f"def {job.name}(", arguments, f") -> {job.result}:"))
        lines = (*self._unpacked(job, (*statements, *back)), *statements, *back)
        return RoutineView(signature, "\n".join(lines))

    def _given(self, job: Job) -> list[str]:
        return [self.names[q.name] for q in (*self.inputs, *(self.targets if job.targets else ()))]

    def _one_sample(self, job: Job, names: Sequence[str]) -> list[str]:
        """What is done when the first argument is one sample."""
        rank = len(self.inputs[0].axes)
        test = f"    if {names[0]}.ndim == {rank}:"
        if job.alone:
            return [test, f"        return {job.alone}(parameters, {', '.join(names)})"]
        rest = self.printer.rest
        rows = ", ".join(f"{name}[None{rest}]" for name in names)
        if job.row:
            call, first = f"{job.name}(parameters, {rows})", f"[0{rest}]"
            several = len(job.wanted) != 1
            found = f"tuple(row{first} for row in {call})" if several else f"{call}{first}"
            return [test, f"        return {found}"]
        return [test, f"        {', '.join(names)} = {rows}"]

    def _unpacked(self, job: Job, lines: Sequence[str]) -> list[str]:
        """The parameters and the number of samples as variables, those that are used."""
        words = set(re.findall(r"\w+", " ".join(lines)))
        prologue = self.printer.prologue
        fields = [self.names[q.name] for q in self.parameters]
        found = [f"    {', '.join(fields)}{',' if len(fields) == 1 else ''} = parameters"]
        if len(fields) == 1:
            found = [f"    ({fields[0]},) = parameters"]
        if not words & set(fields):
            found = []
        given = self._given(job)[0]
        if "samples" in words:
            found.append(f"    samples = {given}.shape[0]")
        if prologue and prologue.split()[0] in words:
            found.insert(0, f"    {prologue.format(given)}")
        return found

    def _body(self, system: System, job: Job) -> tuple[list[str], list[str]]:
        """The lines of the statements, and those of what is returned."""
        program, order = system.program(
            job.wanted,
            each=job.each,
            exact_saturation=self.exact_saturation,
            form=self.printer.form,
        )
        given = (*self.inputs, *self.targets, *self.parameters)
        printer = self._printer(system, program, {q.name: self.names[q.name] for q in given})
        statements, codes = printer.run()
        self.helpers.update(printer.helpers)
        results = dict(zip(order, codes, strict=True))
        lines = [f"    {one.line}" for one in statements]
        whole = printer.whole if isinstance(printer, RolledPrinter) else no_list
        return lines, [text(self.returned(system, job, results, whole), 4, "return ")]

    def _printer(self, system: System, program: Program, names: Mapping[str, str]) -> NumpyPrinter:
        """What prints a program: with loops, if it repeats itself."""
        if self.rolling is not None:
            rolled, loops = with_loops(program, self.rolling.least)
            if loops:
                return self.rolling.printer(rolled, names, loops, system.schedule.letter)
        return self.printer(program, names)

    def returned(
        self, system: System, job: Job, results: Mapping[Key, str], whole: WholeList = no_list
    ) -> str | Group:
        """The code of what a function returns.

        whole: the name of the list that has just these entries, if there is one.
        """
        adjoints = {q.adjoint.name for q in job.grouped}
        rest = tuple(results[key] for key in job.wanted if key[0] not in adjoints)
        if not job.grouped:
            return rest[0] if len(rest) == 1 else Group("(", rest, ")")
        fields = tuple(
            _from_list(self._field(q, system.gradients(q), results), whole) for q in job.grouped
        )
        gradient = Group("Parameters(", fields, ")")
        return Group("(", (*rest, gradient), ")") if rest else gradient

    def _field(
        self, quantity: Quantity, keys: Sequence[Key], results: Mapping[Key, str]
    ) -> Group | str:
        codes = tuple(results[key] for key in keys)
        if any(listed(quantity)):
            return Group("(", codes, ",)" if len(codes) == 1 else ")")
        return codes[0]
