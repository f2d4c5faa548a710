"""From one sample to all of them: the derivative of a mean is the mean of the derivatives."""

from __future__ import annotations

from sympy import Expr

from symbackprop.derivation.local import slug
from symbackprop.derivation.places import assumptions_of, conditions_of, indices_of, letters_of
from symbackprop.derivation.steps import Detail, Equation, Line
from symbackprop.model.model import Model
from symbackprop.notation.expressions import Term, Total, as_expr
from symbackprop.notation.readable import readable


def mean_equation(batch: Model, target: Expr) -> Equation:
    """The derivative of the mean cost by a parameter, from those of the samples' costs."""
    quantity = batch.quantity(target)
    letters = letters_of(batch, [target])
    taken = frozenset(bound.letter for bound in letters)
    definition = batch.definitions_of(batch.cost)[0]
    right = readable(definition.refreshed_terms, taken)
    pending = (Term(((Total(as_expr(right), target),),)),)
    each = tuple(
        Term(
            tuple(
                tuple(Total(f, target) if f.is_Indexed else f for f in link) for link in term.links
            ),
            term.sums,
        )
        for term in right
    )
    return Equation(
        f"mean:{slug(batch, target)}",
        quantity.adjoint[indices_of(target)],
        (
            Line(pending, "definition", detail=Detail.FULL),
            Line(each, "mean", detail=Detail.BRIEF),
        ),
        letters,
        conditions_of(batch, [target]),
        assumptions_of(batch, [target]),
        batch=True,
    )
