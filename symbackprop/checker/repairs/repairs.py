"""The table of small repairs of a formula, the most likely first."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from symbackprop.checker.repairs import costs as cost_repairs
from symbackprop.checker.repairs import indices as index_repairs
from symbackprop.checker.repairs import terms as term_repairs
from symbackprop.checker.repairs.sites import Repair, Site

Rule = Callable[[Site], Iterator[Repair]]


def repairs(site: Site) -> Iterator[Repair]:
    """Every small repair of a member, the most likely first."""
    for rule in RULES:
        yield from rule(site)


RULES: tuple[Rule, ...] = (
    index_repairs.missing_index,
    index_repairs.swapped_in_symbol,
    term_repairs.other_quantity,
    term_repairs.prime,
    cost_repairs.other_cost,
    term_repairs.sign,
    term_repairs.factor,
    index_repairs.swapped_letters,
    index_repairs.other_letter,
    index_repairs.other_layer,
    term_repairs.sums,
    term_repairs.missing_slope,
    term_repairs.missing_bias,
    term_repairs.transposes,
)
