"""A model as the parts of a module of array code: what its template lays out."""

from __future__ import annotations

import keyword
import re
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

from symbackprop.codegen import equations
from symbackprop.codegen.instances import Key, instances_in, listed
from symbackprop.codegen.layout import Group, text
from symbackprop.codegen.numpy_printer import NumpyPrinter
from symbackprop.codegen.system import shapes_of, systems
from symbackprop.codegen.view import ArrayView, ModuleView, RoutineView
from symbackprop.errors import UsageError
from symbackprop.model.definitions import name_of
from symbackprop.model.model import Model
from symbackprop.notation.quantities import Quantity, Role
from symbackprop.version import __version__

RESERVED = frozenset(
    {"np", "xp", "math", "sys", "parameters", "samples", "single", "theta", "workspace"}
    | {"count", "index", "Parameters", "Array", "Any", "ArrayLike", "SHAPES", "SAMPLE_SHAPES"}
    | {"forward", "cost", "gradient", "flatten", "unflatten", "initialise", "len", "sum", "list"}
)


def safe(name: str) -> str:
    """A quantity's name as the name of a variable and of a field.

    >>> safe("lambda"), safe("w")
    ('lambda_', 'w')
    """
    clean = name.strip("_") or "q"
    return clean + "_" if keyword.iskeyword(clean) or clean in RESERVED else clean


@dataclass(frozen=True)
class Options:
    """What a caller may choose."""

    exact_saturation: bool = False
    source: str = ""


@dataclass(frozen=True)
class Job:
    """One function to print: what it computes, and how what it returns is put together."""

    name: str
    wanted: tuple[Key, ...]
    result: str
    grouped: tuple[Quantity, ...] = ()
    each: bool = False
    targets: bool = True


class ModuleBuilder:
    """Lowers and prints each function of a module."""

    printer = NumpyPrinter

    def __init__(self, model: Model, options: Options) -> None:
        self.mean, self.one = systems(model)
        self.model = model
        self.options = options
        self.helpers: set[str] = set()
        self.inputs = model.with_role(Role.INPUT)
        self.targets = model.with_role(Role.TARGET)
        self.parameters = model.with_role(Role.PARAMETER)
        self.given = (*self.inputs, *self.targets, *self.parameters)
        self.names = {q.name: safe(q.name) for q in model.quantities}
        if not self.inputs or not self.parameters:
            raise UsageError(f"model {model.name}: code needs an input and a parameter")
        if any(any(listed(q)) for q in (*self.inputs, *self.targets)):
            raise UsageError(
                f"model {model.name}: an input or a target differs from layer to layer"
            )

    def view(self) -> ModuleView:
        """All parts of the module."""
        mean, cost = self.mean, (self.mean.model.cost.name, ())
        gradient = tuple(key for q in self.parameters for key in mean.gradients(q))
        inputs = tuple(key for q in self.inputs for key in mean.gradients(q))
        each = tuple(key for q in self.parameters for key in self.one.gradients(q))
        one = "Array" if len(self.inputs) == 1 else "tuple[Array, ...]"
        out = "Array" if len(mean.outputs) == 1 else "tuple[Array, ...]"
        pair = "tuple[Any, Parameters]"
        fields = self.parameters
        return ModuleView(
            title=escaped(self.options.source or self.model.name),
            version=__version__,
            equations=self._equations(),
            functions=self._functions(),
            parameters=tuple(self._array(q) for q in fields),
            inputs=tuple(self._array(q) for q in self.inputs),
            targets=tuple(self._array(q) for q in self.targets),
            forward=self._routine(Job("forward", mean.outputs, out, targets=False)),
            cost=self._routine(Job("cost", (cost,), "Any")),
            gradient=self._routine(Job("gradient", gradient, "Parameters", fields)),
            cost_and_gradient=self._routine(
                Job("cost_and_gradient", (cost, *gradient), pair, fields)
            ),
            gradient_per_sample=self._routine(
                Job("gradient_per_sample", each, "Parameters", fields, each=True)
            ),
            gradient_inputs=self._routine(Job("gradient_inputs", inputs, one)),
            flat=self._flat(),
            shapes=self._shapes(),
            sample_shapes=self._sample_shapes(),
            initial=self._initial(),
            helpers=frozenset(self.helpers),
        )

    def _equations(self) -> tuple[str, ...]:
        lines: list[str] = []
        for number, definition in self.mean.definitions.items():
            domain = equations.range_text(definition)
            whole = equations.equation_text(definition) + (f"   for {domain}" if domain else "")
            head = f"    ({number})".ljust(9)
            lines.extend(textwrap.wrap(head + whole, 86, subsequent_indent=" " * 13))
        return tuple(escaped(line) for line in lines)

    def _functions(self) -> tuple[str, ...]:
        rows = {row.name: row for row in self.model.functions}
        found = equations.functions_used(tuple(self.mean.definitions.values()), rows)
        return tuple(
            escaped(part)
            for line in found
            for part in textwrap.wrap(f"    {line}", 86, subsequent_indent=" " * 13)
        )

    def _array(self, quantity: Quantity) -> ArrayView:
        shapes = shapes_of(self.one, quantity)
        summed = is_summed(self.model, quantity)
        return ArrayView(
            self.names[quantity.name],
            any(listed(quantity)),
            tuple(map(str, shapes)),
            tuple(shape[-1] if summed and shape else 0 for shape in shapes),
            escaped(quantity.meaning.replace("{", "").replace("}", "")),
        )

    def _routine(self, job: Job) -> RoutineView:
        given = (*self.inputs, *(self.targets if job.targets else ()))
        names = [self.names[q.name] for q in given]
        statements, results = self._statements(job)
        used = re.findall(r"\w+", " ".join((*statements, *map(str, results))))
        back = self._returned(job, results)
        single = "single" if "single" in str(back) else "_"
        fields = ", ".join(self.names[q.name] for q in self.parameters)
        fields += "," if len(self.parameters) == 1 else ""
        call = Group("_checked(", ("parameters", *(f"{n}={n}" for n in names)), ")")
        unpacked = f"({fields}), ({', '.join(names)}{',' if len(names) == 1 else ''}), {single} = "
        lines = [text(call, 4, unpacked)]
        lines += [f"    samples = len({names[0]})"] if "samples" in used else []
        lines += [f"    {line}" for line in statements]
        lines.append(text(back, 4, "return "))
        return RoutineView(self._signature(job, names), "\n".join(lines))

    def _signature(self, job: Job, names: Sequence[str]) -> str:
        arguments = ("parameters: Parameters", *(f"{name}: ArrayLike" for name in names))
        return text(Group(f"def {job.name}(", arguments, f") -> {job.result}:"))

    def _statements(self, job: Job) -> tuple[list[str], dict[Key, str]]:
        """The lines of the body, and the code of each result."""
        system = self.one if job.each else self.mean
        program, order = system.program(
            job.wanted, each=job.each, exact_saturation=self.options.exact_saturation
        )
        given = {q.name: self.names[q.name] for q in self.given}
        printer = self.printer(program, given)
        statements, codes = printer.run()
        self.helpers |= printer.helpers
        return [one.line for one in statements], dict(zip(order, codes, strict=True))

    def _returned(self, job: Job, results: dict[Key, str]) -> str | Group:
        """The code of what a function returns."""
        if job.grouped:
            system = self.one if job.each else self.mean
            fields = tuple(self._field(q, system.gradients(q), results) for q in job.grouped)
            gradient = Group("Parameters(", fields, ")")
            rest = tuple(results[key] for key in job.wanted if key[0] == self.mean.model.cost.name)
            return Group("(", (*rest, gradient), ")") if rest else gradient
        codes = tuple(results[key] for key in job.wanted)
        if job.name != "cost":
            codes = tuple(f"{code}[0] if single else {code}" for code in codes)
        return codes[0] if len(codes) == 1 else Group("(", codes, ")")

    def _field(
        self, quantity: Quantity, keys: Sequence[Key], results: dict[Key, str]
    ) -> Group | str:
        name, codes = self.names[quantity.name], tuple(results[key] for key in keys)
        if any(listed(quantity)):
            return Group(f"{name}=(", codes, ",)" if len(codes) == 1 else ")")
        return f"{name}={codes[0]}"

    def _flat(self) -> RoutineView:
        names = [self.names[q.name] for q in (*self.inputs, *self.targets)]
        arguments = ("theta: ArrayLike", *(f"{name}: ArrayLike" for name in names))
        signature = Group("def cost_and_gradient_flat(", arguments, ") -> tuple[Any, Array]:")
        call = f"cost_and_gradient(unflatten(theta), {', '.join(names)})"
        body = f"    value, found = {call}\n    return value, flatten(found)"
        return RoutineView(text(signature), body)

    def _shapes(self) -> str:
        fields: list[Group | str] = []
        for q in self.parameters:
            view = self._array(q)
            close = ",)" if len(view.shapes) == 1 else ")"
            fields.append(
                Group(f"{view.name}=(", view.shapes, close)
                if view.listed
                else f"{view.name}={view.shapes[0]}"
            )
        return text(Group("Parameters(", tuple(fields), ")"), 0, "SHAPES: Any = ")

    def _sample_shapes(self) -> str:
        views = [self._array(q) for q in (*self.inputs, *self.targets)]
        items = tuple(f'"{view.name}": {view.shapes[0]}' for view in views)
        return text(Group("{", items, "}"), 0, "SAMPLE_SHAPES: dict[str, tuple[int, ...]] = ")

    def _initial(self) -> str:
        fields: list[Group | str] = []
        for q in self.parameters:
            view = self._array(q)
            codes = tuple(
                f"_random(rng, {shape}, {fan}, dtype)" if fan else f"np.zeros({shape}, dtype)"
                for shape, fan in zip(view.shapes, view.fans, strict=True)
            )
            close = ",)" if len(codes) == 1 else ")"
            fields.append(
                Group(f"{view.name}=(", codes, close) if view.listed else f"{view.name}={codes[0]}"
            )
        return text(Group("Parameters(", tuple(fields), ")"), 4, "return ")


def is_summed(model: Model, quantity: Quantity) -> bool:
    """Whether a definition sums over an index of this parameter, as z does over that of w."""
    for definition in model.uses_of(quantity):
        for term in definition.terms:
            letters = {bound.letter for bound in term.sums}
            for factor in term.factors:
                for one in instances_in(factor):
                    if name_of(one) == quantity.name and letters & one.free_symbols:
                        return True
    return False


def escaped(line: str) -> str:
    """Text that can stand in a docstring or a comment: printable, without quotes or backslashes."""
    clean = "".join(c if c.isprintable() else " " for c in line)
    return clean.replace("\\", "/").replace('"', "'")
