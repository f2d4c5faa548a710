"""A model as the parts of a module of array code: what its template lays out."""

from __future__ import annotations

import keyword
import textwrap
from dataclasses import dataclass

from symbackprop.arrays.program.instances import instances_in
from symbackprop.arrays.system import shapes_of, systems
from symbackprop.codegen import equations
from symbackprop.codegen.modules.routines import Job, Rolling, Routines
from symbackprop.codegen.modules.view import ArrayView, ModuleView, RoutineView, WorkspaceView
from symbackprop.codegen.printers.layout import LIMIT, Group, packed, text
from symbackprop.codegen.printers.numpy_printer import NumpyPrinter
from symbackprop.codegen.reserved import RESERVED
from symbackprop.codegen.self_check import drawn
from symbackprop.codegen.stable import stabilised
from symbackprop.errors import UsageError
from symbackprop.escaping import python as escaped
from symbackprop.model.arrays import listed
from symbackprop.model.definitions import name_of
from symbackprop.model.model import Model
from symbackprop.notation.domains import REAL
from symbackprop.notation.quantities import Quantity, Role
from symbackprop.version import __version__


def safe(name: str, reserved: frozenset[str] = RESERVED) -> str:
    """A quantity's name as the name of a variable and of a field.

    >>> safe("lambda"), safe("w")
    ('lambda_', 'w')
    """
    clean = name.strip("_") or "q"
    return clean + "_" if keyword.iskeyword(clean) or clean in reserved else clean


PAIR = "tuple[Any, Parameters]"


@dataclass(frozen=True)
class Options:
    """What a caller may choose.

    rolling: how layers that repeat become loops, if they do. without: the passes left out.
    """

    exact_saturation: bool = False
    source: str = ""
    rolling: Rolling | None = None
    without: frozenset[str] = frozenset()


class ModuleBuilder:
    """Lowers and prints each function of a module.

    contiguous: whether its arrays must be so.
    """

    contiguous = False
    reserved = RESERVED
    """What no array of a model may be called in the code."""

    def __init__(self, model: Model, printer: type[NumpyPrinter], options: Options) -> None:
        self.printer = printer
        model = stabilised(model)
        self.mean, self.one = (one.going_without(options.without) for one in systems(model))
        self.model = model
        self.options = options
        self.helpers: set[str] = set()
        self.inputs = model.with_role(Role.INPUT)
        self.targets = model.with_role(Role.TARGET)
        self.parameters = model.with_role(Role.PARAMETER)
        self.given = (*self.inputs, *self.targets, *self.parameters)
        self.names = {q.name: safe(q.name, self.reserved) for q in model.quantities}
        if not self.inputs or not self.parameters:
            raise UsageError(f"model {model.name}: code needs an input and a parameter")
        if any(any(listed(q)) for q in (*self.inputs, *self.targets)):
            raise UsageError(
                f"model {model.name}: an input or a target differs from layer to layer"
            )

    def view(self) -> ModuleView:
        """All parts of the module."""
        routines = self._routines()
        if any("math." in routine.body for routine in routines.values()):
            self.helpers.add("math")
        return ModuleView(
            title=self._title(),
            version=__version__,
            equations=self._equations(),
            functions=self._functions(),
            parameters=tuple(self._array(q) for q in self.parameters),
            inputs=tuple(self._array(q) for q in self.inputs),
            targets=tuple(self._array(q) for q in self.targets),
            outputs=self._outputs(),
            **routines,
            flat=self._flat(),
            shapes=self._shapes(),
            sample_shapes=self._sample_shapes(),
            initial=self._initial(),
            helpers=frozenset(self.helpers),
            workspaces=self._workspaces(),
            contiguous=self.contiguous,
        )

    def _title(self) -> str:
        """What the module computes the gradients of, over lines after the words in front of it."""
        title = escaped(self.options.source or self.model.name)
        before = '"""Gradients of '
        lines = textwrap.wrap(f"{title}.", LIMIT, initial_indent=before)
        return "\n".join(lines)[len(before) : -1]

    def _routines(self) -> dict[str, RoutineView]:
        """The functions of the module, by the fields of its view."""
        print_ = Routines(
            self.inputs,
            self.targets,
            self.parameters,
            self.names,
            self.printer,
            self.helpers,
            self.options.exact_saturation,
            self.options.rolling,
        )
        mean, one, fields = self.mean, self.one, self.parameters
        cost, alone = (mean.model.cost.name, ()), (one.model.cost.name, ())
        gradient = tuple(key for q in fields for key in mean.gradients(q))
        inputs = tuple(key for q in self.inputs for key in mean.gradients(q))
        by_x = "Array" if len(self.inputs) == 1 else "tuple[Array, ...]"
        out = "Array" if len(mean.outputs) == 1 else "tuple[Array, ...]"
        return {
            "forward": print_.public(
                mean, Job("forward", mean.outputs, out, targets=False, row=True)
            ),
            "cost": print_.public(mean, Job("cost", (cost,), "Any")),
            "gradient": print_.public(
                mean, Job("gradient", gradient, "Parameters", fields, alone="_gradient_one")
            ),
            "gradient_one": print_.private(
                one, Job("_gradient_one", gradient, "Parameters", fields)
            ),
            "cost_and_gradient": print_.public(
                mean,
                Job(
                    "cost_and_gradient",
                    (cost, *gradient),
                    PAIR,
                    fields,
                    alone="_cost_and_gradient_one",
                ),
            ),
            "cost_and_gradient_one": print_.private(
                one, Job("_cost_and_gradient_one", (alone, *gradient), PAIR, fields)
            ),
            "gradient_per_sample": print_.public(
                one, Job("gradient_per_sample", gradient, "Parameters", fields, each=True)
            ),
            "gradient_inputs": print_.public(mean, Job("gradient_inputs", inputs, by_x, row=True)),
        }

    def _outputs(self) -> tuple[str, ...]:
        """The shapes of what `forward` returns for one sample."""
        sizes = self.one.sizes
        instances = map(self.one.schedule.instance, self.one.outputs)
        return tuple(
            str(tuple(sizes.number(b.high - b.low + 1) for b in instance.axes))
            for instance in instances
        )

    def _workspaces(self) -> tuple[WorkspaceView, ...]:
        """What allocates the arrays of functions that keep them; a plain module has none."""
        return ()

    def _equations(self) -> tuple[str, ...]:
        lines: list[str] = []
        print_ = equations.TextPrinter(self.model.names)
        for number, definition in self.mean.definitions.items():
            domain = equations.range_text(definition, print_)
            whole = equations.equation_text(definition, print_) + (
                f"   for {domain}" if domain else ""
            )
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
        name, domain = self.names[quantity.name], quantity.domain
        return ArrayView(
            name,
            any(listed(quantity)),
            tuple(map(str, shapes)),
            "" if domain == REAL else domain.phrase,
            drawn(domain, quantity.role, name, shapes[0]),
        )

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
            fields.append(
                self._tuple(view.name, view.shapes, "({item},) * {count}")
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
            summed = is_summed(self.model, q)
            codes = tuple(
                f"_random(rng, {shape}, {shape[-1]}, dtype)"
                if summed and shape
                else f"np.zeros({shape}, dtype)"
                for shape in shapes_of(self.one, q)
            )
            fields.append(
                self._tuple(view.name, codes, "tuple({item} for _ in range({count}))")
                if view.listed
                else f"{view.name}={codes[0]}"
            )
        return text(Group("Parameters(", tuple(fields), ")"), 4, "return ")

    def _tuple(self, name: str, items: tuple[str, ...], many: str) -> Group | str:
        """A field that is a tuple; equal neighbours are written once where code has loops."""
        rolling = self.options.rolling
        shown = items if rolling is None else packed(items, rolling.least, f"*{many}")
        if len(shown) == 1 and shown != items:
            return f"{name}={shown[0].removeprefix('*')}"
        return Group(f"{name}=(", shown, ",)" if len(shown) == 1 else ")")


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
