"""Formulas written by hand, in the form that neither overflows nor loses what it is about.

    log(1 + exp(t)), log(exp(a) + exp(b))    softplus
    1 / (1 + exp(-t)), exp(a) / (exp(a) + exp(b))    sigmoid
    log of a product, of a power, of a sigmoid, of a softmax    the sum of the logarithms
    log(cosh(t))    the function of that name
    the root of a sum of squares    0 for its slope where it is 0, which stands at its kink

Each is an identity of real numbers. It is applied to the definitions before they are
differentiated, so that what is computed from them is stable too: the rows of the functions that
come in say how. A sum of exponentials over an index is found later, in
`symbackprop.arrays.program.rows`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sympy import Add, Expr, Integer, Mul, Pow, Rational, Sum, cosh, exp, log, sign, sqrt
from sympy.codegen.cfunctions import log1p
from sympy.core.parameters import distribute

from symbackprop.model.definitions import Definition
from symbackprop.model.functions import FUNCTIONS, SELF, FunctionRow, T
from symbackprop.model.model import Model, noted
from symbackprop.notation.expressions import Plus, Product, Term, plain
from symbackprop.notation.functions import Apply, apply
from symbackprop.notation.slopes import derivative

ROOT = FunctionRow(
    "root",
    r"\sqrt{#}",
    "√#",
    formula=sqrt(T),
    derivative=sign(T) / (2 * (SELF + 1 - sign(T))),
    kinks=((Integer(0), Integer(0)),),
)
"""The root, with 0 for its slope at 0: what comes out for the norm of a vector of zeros."""

NEEDED = {row.name: row for row in (*FUNCTIONS, ROOT)}


@noted
def stabilised(model: Model) -> Model:
    """The model with its definitions and its functions in stable forms.

    A function of the user that has the name of one that is needed keeps that name: then the
    forms with it are left alone.
    """
    own = {row.name: row for row in model.functions}
    foreign = {name for name, row in own.items() if NEEDED.get(name, row) != row}
    if foreign:
        return model
    definitions = tuple(_definition(one) for one in model.definitions)
    functions = {name: _row(row) for name, row in own.items()}
    for definition in definitions:
        for head in _heads(definition):
            functions.setdefault(head, NEEDED[head])
    if "sigmoid" not in functions and "softplus" in functions:
        functions["sigmoid"] = NEEDED["sigmoid"]
    return replace(model, definitions=definitions, functions=tuple(functions.values()))


def _heads(definition: Definition) -> list[str]:
    found = {one.head for t in definition.terms for f in t.factors for one in f.atoms(Apply)}
    return sorted(head for head in found if head in NEEDED)


def _definition(one: Definition) -> Definition:
    terms = tuple(_term(term) for term in one.terms)
    return one if terms == one.terms else replace(one, terms=terms)


def _term(term: Term) -> Term:
    if not any(_may_change(factor) for factor in term.factors):
        return term
    with distribute(False):
        found = _factors(term.factors)
    return replace(term, links=(tuple(found),))


def _row(row: FunctionRow) -> FunctionRow:
    """A row whose formula has a stable form that it does not say."""
    if row.formula is None or row.reads_row or row.stable is not None or row.name in NEEDED:
        return row
    found = stable(row.formula)
    if found == row.formula:
        return row
    given = row.slope is not None or row.derivative is not None
    return replace(row, stable=found, slope=row.slope if given else derivative(found, T))


def _may_change(expr: Expr) -> bool:
    return expr.has(exp, log, log1p, cosh) or any(
        one.exp == Rational(1, 2) for one in expr.atoms(Pow)
    )


def stable(expr: Expr) -> Expr:
    """An expression with all that has a stable form in that form.

    >>> from symbackprop.notation.symbols import scalar
    >>> t = scalar("t")
    >>> stable(log(1 + exp(t)))
    Apply(softplus, 0, 0, t)
    """
    if not expr.args or not _may_change(expr):
        return expr
    if isinstance(expr, log):
        return _logarithm(expr.args[0])
    if isinstance(expr, log1p):
        return _logarithm(Add(1, expr.args[0])) if isinstance(expr.args[0], exp) else expr
    if isinstance(expr, Sum):
        return Sum(stable(expr.function), *expr.limits)
    if isinstance(expr, Mul | Product):
        found = _factors(expr.args)
        return expr if tuple(found) == expr.args else expr.func(*found)
    if isinstance(expr, Pow):
        return _power(expr)
    return expr.func(*[stable(arg) for arg in expr.args])


def _power(expr: Pow) -> Expr:
    base, exponent = expr.args
    if exponent == Rational(1, 2) and _is_sum_of_squares(base):
        return apply("root", stable(base))
    if _exponents(base) is not None:
        found = _factors([expr])
        return found[0] if len(found) == 1 else Mul(*found)
    return Pow(stable(base), stable(exponent))


def _is_sum_of_squares(expr: Expr) -> bool:
    """Whether an expression is a sum of squares and of nothing else, so that it may be 0."""
    if isinstance(expr, Sum):
        return _is_sum_of_squares(expr.function)
    if isinstance(expr, Add | Plus):
        return all(_is_sum_of_squares(arg) for arg in expr.args)
    if isinstance(expr, Mul | Product):
        return all(arg.is_positive or _is_sum_of_squares(arg) for arg in expr.args)
    return isinstance(expr, Pow) and expr.exp == 2


def _exponents(expr: Expr) -> list[Expr] | None:
    """The a and b of exp(a) + exp(b), of 1 + exp(b); None for anything else."""
    if not isinstance(expr, Add | Plus) or not expr.has(exp):
        return None
    found: list[Expr] = []
    for arg in expr.args:
        factors = list(Mul.make_args(arg)) if not isinstance(arg, Product) else list(arg.args)
        numbers = [f for f in factors if f.is_number and f.is_positive]
        powers = [f.args[0] for f in factors if isinstance(f, exp)]
        if len(numbers) + len(powers) != len(factors):
            return None
        found.append(Add(*powers, log(Mul(*numbers))))
    return found


def _log_sum_exp(exponents: Sequence[Expr]) -> Expr:
    """The logarithm of a sum of exponentials, two at a time; exp(0) comes last: softplus."""
    first, *others = sorted(exponents, key=lambda one: bool(one == 0))
    total = first
    for one in others:
        total = one + apply("softplus", _less(total, one))
    return total


def _less(first: Expr, second: Expr) -> Expr:
    with distribute(True):
        return plain(first) - plain(second)


def _logarithm(expr: Expr) -> Expr:
    """The logarithm of an expression, as a sum where its factors have logarithms of their own."""
    whole = stable(expr) if _exponents(expr) is None else expr
    parts: list[Expr] = []
    left: list[Expr] = []
    for factor in whole.args if isinstance(whole, Mul | Product) else (whole,):
        base, count = factor.as_base_exp() if isinstance(factor, Pow) else (factor, Integer(1))
        found = _known_logarithm(base)
        if found is None:
            left.append(factor)
        else:
            parts.append(count * found)
    if not parts:
        return log(whole)
    return Add(*parts, log(Mul(*left)))


def _known_logarithm(base: Expr) -> Expr | None:
    """The logarithm of what is positive and has one in a better form."""
    exponents = _exponents(base)
    if exponents is not None:
        return _log_sum_exp(exponents)
    if isinstance(base, exp):
        return base.args[0]
    if isinstance(base, cosh):
        return apply("log_cosh_function", base.args[0])
    if isinstance(base, Sum) and isinstance(base.function, exp):
        return log(base)
    if isinstance(base, Apply) and base.head == "sigmoid" and base.order == 0:
        return -apply("softplus", -base.argument)
    if isinstance(base, Add | Plus) and len(base.args) == 2 and Integer(1) in base.args:
        other = -next(arg for arg in base.args if arg != 1)
        if isinstance(other, Apply) and other.head == "sigmoid" and other.order == 0:
            return -apply("softplus", other.argument)
    return None


def _factors(factors: Sequence[Expr]) -> list[Expr]:
    """The factors of a product, each sum of exponentials below with an exponential above it."""
    found: list[Expr] = []
    for factor in factors:
        found.extend(factor.args if isinstance(factor, Mul | Product) else (factor,))
    for below in tuple(found):
        if not isinstance(below, Pow) or not below.exp.is_Integer or below.exp > -1:
            continue
        exponents = _exponents(below.base)
        if exponents is None:
            continue
        shares = _shares(found, exponents, -int(below.exp))
        if shares is not None:
            found[found.index(below)] = shares[0]
            found.extend(shares[1:])
    return [_alone(factor) for factor in found]


def _alone(factor: Expr) -> Expr:
    """A factor by itself."""
    if isinstance(factor, Pow) and _exponents(factor.base) is not None:
        return Pow(stable(factor.base), factor.exp)
    return stable(factor)


def _shares(found: list[Expr], exponents: Sequence[Expr], count: int) -> list[Expr] | None:
    """The parts that exponentials have in their sum; those used are taken out of ``found``."""
    above: list[Expr] = []
    for factor in found:
        if isinstance(factor, exp) and factor.args[0] in exponents and len(above) < count:
            above.append(factor.args[0])
    missing = count - len(above)
    if missing and 0 not in exponents:
        return None
    for one in above:
        found.remove(exp(one))
    return [_share(one, exponents) for one in (*above, *[Integer(0)] * missing)]


def _share(one: Expr, exponents: Sequence[Expr]) -> Expr:
    """The exponential of ``one`` over the sum of all."""
    others = list(exponents)
    others.remove(one)
    return apply("sigmoid", _less(one, _log_sum_exp(others)))


__all__ = ["stabilised", "stable"]
