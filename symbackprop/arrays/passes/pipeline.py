"""The table of passes: what is done to a program before it is printed, in this order."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from symbackprop.arrays.passes.buffers import Allocation, allocate
from symbackprop.arrays.passes.contractions import order_contractions, recognise_products
from symbackprop.arrays.passes.expand import expand_functions, expand_rows, slopes_from_values
from symbackprop.arrays.passes.joining import join_vectors
from symbackprop.arrays.passes.passes import drop_unused, fold_choices, share_common
from symbackprop.arrays.program.program import Program
from symbackprop.errors import UsageError

Made = TypeVar("Made", Program, Allocation)


@dataclass(frozen=True)
class Pass(Generic[Made]):
    """One pass: its name, what it is, its function.

    needed: whether there is no code without it, or wrong code; all others only make it better.
    """

    name: str
    description: str
    change: Callable[[Program], Made]
    needed: bool = False


PASSES: tuple[Pass[Program], ...] = (
    Pass(
        "slopes_from_values",
        "derivatives of functions from their values: a (1 - a) for the slope of the sigmoid",
        slopes_from_values,
    ),
    Pass(
        "expand_functions",
        "named functions as their formulas; no printer knows a name",
        expand_functions,
        needed=True,
    ),
    Pass(
        "expand_rows",
        "softmax and log-sum-exp less the maximum of their row; else they overflow",
        expand_rows,
        needed=True,
    ),
    Pass(
        "fold_choices",
        "choices of two numbers that are multiplied, as masks",
        fold_choices,
    ),
    Pass(
        "order_contractions",
        "products of three arrays and more two at a time, in the cheapest order",
        order_contractions,
    ),
    Pass(
        "recognise_products",
        "matrix products with their transposes, outer products, products of entries",
        recognise_products,
    ),
    Pass("share_common", "equal operations made one", share_common),
    Pass("drop_unused", "operations left out that no result needs", drop_unused),
)
REUSE_BUFFERS = Pass(
    "reuse_buffers",
    "with buffers: one buffer for values that are not needed at the same time",
    allocate,
)
JOIN_VECTORS = Pass(
    "join_vectors",
    "with buffers: the same arithmetic on several vectors as one call on the vectors joined",
    join_vectors,
)
BUFFERED: tuple[Pass[Any], ...] = (JOIN_VECTORS, REUSE_BUFFERS)
"""What is done for buffers alone."""
OPTIONAL = (
    *(one.name for one in PASSES if not one.needed),
    *(one.name for one in BUFFERED),
)
"""The names of the passes that may be left out."""


def checked(without: Collection[str]) -> frozenset[str]:
    """The names of passes to leave out. Raises UsageError for one that cannot be."""
    for name in without:
        if name not in OPTIONAL:
            known = ", ".join(OPTIONAL)
            needed = any(one.name == name for one in PASSES)
            problem = f"pass {name} is needed" if needed else f"unknown pass {name!r}"
            raise UsageError(f"{problem}; those that can be left out are {known}")
    return frozenset(without)


def improved(program: Program, without: Collection[str] = ()) -> Program:
    """The program after all passes but those that are left out.

    >>> from symbackprop.arrays.program.program import Elementwise, Op
    >>> twice = tuple(Elementwise((0,), (3,), "exp") for _ in range(2))
    >>> before = Program((Op((), (3,)), *twice), (), (1, 2))
    >>> len(improved(before).ops), len(improved(before, {"share_common"}).ops)
    (2, 3)
    """
    for one in PASSES:
        if one.name not in without:
            program = one.change(program)
    return program
