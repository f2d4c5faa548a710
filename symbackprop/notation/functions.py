"""Named functions of one argument, such as activations; their derivatives are named too."""

from __future__ import annotations

from sympy import Expr, Function, Integer, Symbol


class Apply(Function):
    """``Apply(head, place, order, argument)``: the order-th derivative of a named function.

    ``head`` is the name, ``place`` the layer for a function that differs from layer to layer
    (g^(l)), and 0 for one that does not (sigma). SymPy differentiates it like any function; an
    undefined `Function` would turn into ``Subs`` as soon as its argument is a sum.
    """

    nargs = 4

    @property
    def head(self) -> str:
        """The function's name."""
        return str(self.args[0].name)

    @property
    def place(self) -> Expr:
        """The layer it belongs to, 0 for none."""
        return self.args[1]

    @property
    def order(self) -> int:
        """How often it is differentiated."""
        return int(self.args[2])

    @property
    def argument(self) -> Expr:
        """What it is applied to."""
        return self.args[3]

    def fdiff(self, argindex: int = 4) -> Expr:
        """The derivative with respect to the argument: the next order."""
        if argindex != 4:
            raise ValueError("only the argument of a named function can vary")
        return Apply(self.args[0], self.args[1], Integer(self.order + 1), self.args[3])

    def _eval_is_real(self) -> bool:
        return True


def apply(head: str, argument: Expr, place: Expr | None = None, order: int = 0) -> Expr:
    """The named function ``head`` (of layer ``place``) at ``argument``."""
    return Apply(Symbol(head), Integer(0) if place is None else place, Integer(order), argument)
