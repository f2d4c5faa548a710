"""The names in a model: of indices and sizes, of functions, and what the quantities are by kind."""

from __future__ import annotations

from functools import cached_property

from sympy import Indexed, IndexedBase, Symbol

from symbackprop.errors import ModelError
from symbackprop.model.definitions import Definition, name_of
from symbackprop.model.functions import FunctionRow, T
from symbackprop.notation import symbols
from symbackprop.notation.functions import Apply
from symbackprop.notation.quantities import Kind, Quantity, Role


class Names:
    """What a model calls things; `Model` has the fields."""

    quantities: tuple[Quantity, ...]
    definitions: tuple[Definition, ...]
    functions: tuple[FunctionRow, ...]

    @cached_property
    def letters(self) -> frozenset[Symbol]:
        """The indices and sizes that the model names, but for the families of sizes."""
        found: set[Symbol] = set(self.symbols)
        found |= {axis.letter for q in self.quantities for axis in q.axes}
        for definition in self.definitions:
            found |= {bound.letter for bound in definition.domain}
            for term in definition.terms:
                parts = [*term.factors, *(guard.expr for guard in term.guards)]
                parts += [end for bound in term.sums for end in (bound.low, bound.high)]
                found |= {bound.letter for bound in term.sums}
                found |= {one for part in parts for one in part.atoms(Symbol) if one.is_integer}
        return frozenset(found - {family.label for family in self.size_families})

    @cached_property
    def names(self) -> frozenset[str]:
        """Every name that the model's author chose, of quantities, indices and sizes."""
        found = {q.name for q in self.quantities} | {str(one.name) for one in self.letters}
        found |= {str(family.label.name) for family in self.size_families}
        return frozenset(name for name in found if not symbols.is_own(name))

    @cached_property
    def entered(self) -> frozenset[str]:
        """The quantities that parameters enter directly: the weighted inputs of a network."""
        parameters = {q.name for q in self.quantities if q.role is Role.PARAMETER}
        return frozenset(
            d.quantity.name
            for d in self.definitions
            if d.quantity.role is Role.INTERMEDIATE
            and any(one in parameters for one in map(name_of, d.instances()))
        )

    @cached_property
    def rows(self) -> dict[str, FunctionRow]:
        """The rows of functions by name, those that the definitions use first."""
        used = {
            one.head
            for definition in self.definitions
            for term in definition.terms
            for factor in term.factors
            for one in factor.atoms(Apply)
        }
        ordered = sorted(self.functions, key=lambda row: row.name not in used)
        return {row.name: row for row in ordered}

    @cached_property
    def symbols(self) -> tuple[Symbol, ...]:
        """The symbolic sizes of the model that are plain symbols, sorted by name."""
        found: set[Symbol] = set()
        for q in self.quantities:
            for axis in q.axes:
                found |= axis.low.free_symbols | axis.high.free_symbols
        for d in self.definitions:
            for bound in d.domain:
                found |= bound.low.free_symbols | bound.high.free_symbols
        families = {base.label for base in self.size_families}
        kept = {s for s in found if isinstance(s, Symbol) and s.is_positive and s not in families}
        return tuple(sorted(kept, key=str))

    @cached_property
    def size_families(self) -> tuple[IndexedBase, ...]:
        """The families of symbolic sizes, such as the widths n, sorted by name."""
        found: set[IndexedBase] = set()
        for q in self.quantities:
            for axis in q.axes:
                for one in (axis.high - axis.low).atoms(Indexed):
                    found.add(one.base)
        return tuple(sorted(found, key=str))

    @cached_property
    def depths(self) -> tuple[Symbol, ...]:
        """The symbolic numbers of layers, sorted by name."""
        highs = {axis.high for q in self.quantities for axis in q.axes if axis.kind is Kind.LAYER}
        return tuple(sorted(highs & set(self.symbols), key=str))


def check_functions(name: str, functions: tuple[FunctionRow, ...]) -> None:
    """Raise ModelError where two different functions have one name."""
    rows: dict[str, FunctionRow] = {}
    for row in functions:
        if rows.setdefault(row.name, row) != row:
            raise ModelError(
                f"model {name}: two different functions are called {row.name}: "
                f"{_told(rows[row.name])} and {_told(row)}; give one of them another name"
            )


def _told(row: FunctionRow) -> str:
    """A function by its formula, for messages."""
    formula = "an abstract function" if row.formula is None else str(row.formula)
    return f"{row.text}, {formula.replace(str(T), 't')}"
