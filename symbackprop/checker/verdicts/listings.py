"""Equations that only give a name: the gradient as the column of its derivatives."""

from __future__ import annotations

from dataclasses import dataclass

from symbackprop.checker.meaning.lookup import Lookup
from symbackprop.notation.quantities import Role
from symbackprop.reading.syntax.tree import (
    Derivative,
    Differential,
    Dots,
    Gradient,
    Matrix,
    Node,
    Relation,
    Scripted,
    Symbol,
)


@dataclass(frozen=True, slots=True)
class Assessment:
    """Whether something that is no ordinary equality holds, and why."""

    holds: bool
    why: str


def assess(body: Relation, lookup: Lookup) -> Assessment | None:
    """Judge a gradient with its entries; None if it is something else."""
    if len(body.members) != 2 or not isinstance(body.members[0], Gradient):
        return None
    left, right = body.members
    right = right.base if isinstance(right, Scripted) else right
    if not isinstance(left, Gradient) or left.variable or not isinstance(right, Matrix):
        return None
    entries = [cell for row in right.rows for cell in row if not isinstance(cell, Dots)]
    for position, entry in enumerate(entries, start=1):
        if not _is_entry(entry, left.operand, lookup):
            return Assessment(
                False, f"entry {position} is no derivative of this cost by a parameter"
            )
        if entry in entries[: position - 1]:
            return Assessment(False, f"entry {position} occurs twice")
    return Assessment(True, "a definition: the gradient lists the derivatives by the parameters")


def _is_entry(entry: Node, cost: Node, lookup: Lookup) -> bool:
    variable = _variable(entry, cost)
    quantity = lookup.quantity(variable) if isinstance(variable, Symbol) else None
    return quantity is not None and quantity.role is Role.PARAMETER


def _variable(entry: Node, cost: Node) -> Node | None:
    """By what an entry differentiates the cost: written out, as dW, or with a nabla."""
    if isinstance(entry, Derivative) and len(entry.variables) == 1:
        return entry.variables[0] if _same(entry.operand, cost) else None
    if isinstance(entry, Gradient):
        return entry.variable if _same(entry.operand, cost) else None
    return entry.operand if isinstance(entry, Differential) and entry.sign == "d" else None


def _same(one: Node, other: Node) -> bool:
    """Whether two symbols differ in their fonts only."""
    if not isinstance(one, Symbol) or not isinstance(other, Symbol):
        return one == other
    return (one.name, one.below, one.above) == (other.name, other.below, other.above)
