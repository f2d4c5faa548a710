"""The printer: expressions, terms and conditions in a notation profile, as LaTeX or as text.

It never reorders what a reader must see in order (`Term`, `Plus`, `Product`), writes index
arithmetic as a lecturer does (l - 1, not -1 + l), and raises on what it does not know.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Protocol

from sympy import (
    Abs,
    Add,
    Expr,
    Float,
    Indexed,
    Integer,
    Max,
    Min,
    Mul,
    Number,
    Piecewise,
    Pow,
    Rational,
    Sum,
    Symbol,
    ceiling,
    factor_terms,
    floor,
    pi,
)
from sympy.core.relational import Eq, Ge, Gt, Le, Lt, Ne
from sympy.functions.elementary.exponential import exp, log
from sympy.logic.boolalg import And, BooleanTrue

from symbackprop.errors import NotSupported
from symbackprop.notation.expressions import (
    Applied,
    Bound,
    Condition,
    Delta,
    Link,
    Partial,
    Plus,
    Product,
    Relation,
    Term,
    Terms,
    Vector,
)
from symbackprop.notation.functions import Apply
from symbackprop.notation.profiles import (
    DEFAULT,
    AdjointStyle,
    ChainOrder,
    LayerMark,
    Letter,
    Profile,
)
from symbackprop.notation.quantities import Kind, Quantity, Role, is_scalar
from symbackprop.notation.rebase import Rebase
from symbackprop.notation.styles import LATEX, LOCAL, SLOPE, Latex, Text


class NamedFunction(Protocol):
    """What the printer wants to know of a function's row."""

    @property
    def latex(self) -> str:
        """The name in LaTeX."""

    @property
    def text(self) -> str:
        """The name in plain text."""

    @property
    def slope_latex(self) -> str | None:
        """The pattern of the derivative in LaTeX, where it has a name of its own."""

    @property
    def slope_text(self) -> str | None:
        """The same in plain text."""

    @property
    def by_layer(self) -> bool:
        """Whether it differs from layer to layer."""


@dataclass(frozen=True)
class Printer:
    """Prints in one profile and one style.

    quantities: the quantities by name, adjoints included. functions: the rows by head.
    cost: the name of the scalar that adjoints are derivatives of.
    marked: pairs (of, by) of names whose local and total derivatives differ: they carry a plus.
    """

    quantities: Mapping[str, Quantity]
    functions: Mapping[str, NamedFunction]
    cost: str
    profile: Profile = DEFAULT
    style: Latex | Text = LATEX
    marked: frozenset[tuple[str, str]] = frozenset()

    # -- terms ----------------------------------------------------------------------------------

    def terms(self, terms: Terms) -> str:
        """A sum of terms; guards that are left are written as brackets behind their term."""
        if not terms:
            return "0"
        terms = self._counted(terms)
        parts = [self.term_parts(term) for term in terms]
        return self._joined(parts)

    def _counted(self, terms: Terms) -> Terms:
        """The terms in the reader's counting of nodes."""
        if self.profile.first_index == 0:
            return terms
        factors = [factor for term in terms for factor in term.factors]
        return Rebase.of(self.quantities, factors).terms(terms)

    def side(self, expr: Expr) -> str:
        """An expression that stands alone, such as the left side of an equation."""
        if self.profile.first_index == 0:
            return self.expr(expr)
        return self.expr(Rebase.of(self.quantities, [expr]).expr(expr))

    def range(self, bound: Bound, instances: Iterable[Expr]) -> Bound:
        """The range of a free letter of some instances, in the reader's counting."""
        if self.profile.first_index == 0:
            return bound
        return Rebase.of(self.quantities, instances).bound(bound)

    def term_parts(self, term: Term) -> tuple[bool, str]:
        """Whether a term is negative, and its printed absolute value."""
        links = term.links
        if self.profile.chain_order is ChainOrder.COST_LAST:
            links = tuple(reversed(links))
        before, links = _constants(links) if term.sums else ((), links)
        several = len(term.factors) > 1
        negative, front = self._link(before, several) if before else (False, [])
        pieces: list[str] = []
        for link in links:
            minus, printed = self._link(link, several)
            negative ^= minus
            pieces += printed
        body = self._product(pieces) or "1"
        sums = "".join(self._sum_sign(bound) for bound in term.sums)
        if front and front != ["1"]:
            sums = f"{self._product(front)} {sums}"
        brackets = "".join(f"{self.style.space}[{self.condition(guard)}]" for guard in term.guards)
        return negative, f"{sums}{body}{brackets}"

    def _joined(self, parts: list[tuple[bool, str]]) -> str:
        text = ""
        for negative, body in parts:
            if text:
                text += f" {self.style.mark}{self.style.minus if negative else '+'} {body}"
            else:
                text = f"{self.style.minus}{body}" if negative else body
        return text

    def _link(self, link: Link, several: bool) -> tuple[bool, list[str]]:
        """The sign of a link, and its printed factors, negative powers as one fraction."""
        factors = _flat(link)
        number = Mul(*[f for f in factors if isinstance(f, Rational)])
        negative, number = bool(number.is_negative), abs(number)
        above: list[Expr] = [Integer(number.p)]
        below: list[Expr] = [Integer(number.q)] if number.q != 1 else []
        for factor in factors:
            if isinstance(factor, Rational):
                continue
            if isinstance(factor, Pow) and _negative(factor.exp):
                below.append(Pow(factor.base, -factor.exp))
            else:
                above.append(factor)
        if len(above) > 1 or below or several:
            above = [f for f in above if f != 1]
        if not below:
            many = several or len(above) > 1
            return negative, [self.factor(f, many) for f in above]
        return negative, self._fractions(above, below)

    def _fractions(self, above: list[Expr], below: list[Expr]) -> list[str]:
        plain = all(f.is_integer for f in below) and not all(f.is_integer for f in above)
        inside = [f for f in above if f.is_number or not plain]
        outside = [f for f in above if not (f.is_number or not plain)]
        top = self._product([self.factor(f, len(inside) > 1) for f in inside]) or "1"
        bottom = self._product([self.factor(f, len(below) > 1) for f in below])
        return [self.style.fraction(top, bottom), *(self.factor(f, True) for f in outside)]

    def _product(self, pieces: list[str]) -> str:
        text = ""
        for piece in (p for p in pieces if p):
            if not text:
                text = piece
            elif piece[0].isdigit():
                text += f" {self.style.dot}{piece}"
            elif text[-1].isdigit() and text.isdigit() and piece[0] == "(":
                text += piece
            else:
                text += f"{self._times(text, piece)}{piece}"
        return text

    def _times(self, before: str, after: str) -> str:
        """The space between two factors: none to speak of before a parenthesis."""
        return " " if after[0] == "(" or after.startswith(r"\left") else self.style.times

    def factor(self, expr: Expr, several: bool = True) -> str:
        """A factor of a product: sums in parentheses."""
        text = self.expr(expr)
        wide = isinstance(expr, Add | Plus | Sum) or (expr.is_Number and expr.is_negative)
        wide |= isinstance(expr, Mul | Product) and self._leads_with_minus(text)
        return self.style.parens(text) if wide and several else text

    def _leads_with_minus(self, text: str) -> bool:
        return text.startswith(self.style.minus)

    def _sum_sign(self, bound: Bound) -> str:
        letter = self.index(bound.letter)
        if not self.profile.bounds:
            return self.style.sum(letter, "")
        return self.style.sum(f"{letter}={self.index(bound.low)}", self.index(bound.high))

    # -- conditions -----------------------------------------------------------------------------

    def condition(self, condition: Condition) -> str:
        """A condition on indices, as a reader writes it: l < L, l = L, n_L >= 3."""
        style = self.style
        left, right = _sides(condition)
        match condition.relation:
            case Relation.ZERO:
                return f"{self.index(left)} {style.equals} {self.index(right)}"
            case Relation.NONNEGATIVE:
                if left.is_Integer:
                    return f"{self.index(right)} {style.less} {self.index(left + 1)}"
                strict = right.as_coeff_Add()[0] == 1 and not right.is_Integer
                if strict:
                    return f"{self.index(right - 1)} {style.less} {self.index(left)}"
                return f"{self.index(left)} {style.at_least} {self.index(right)}"
            case Relation.DIVISIBLE:
                words = style.words(f" is divisible by {condition.modulus}")
                return f"{self.index(condition.expr)}{words}"

    def conditions(self, conditions: tuple[Condition, ...]) -> str:
        """Several conditions, joined by commas."""
        return f",{self.style.space}".join(self.condition(one) for one in conditions)

    # -- expressions ----------------------------------------------------------------------------

    def index(self, expr: Expr) -> str:
        """Index arithmetic, written without spaces: symbols first, then the number."""
        text = self.expr(expr).replace(self.style.mark, "") if self.style.mark else self.expr(expr)
        return text.replace(" - ", "-").replace(" + ", "+")

    def expr(self, expr: Expr) -> str:
        """Any expression. Raises NotSupported for a node that no rule knows."""
        for kind, rule in _RULES.items():
            if isinstance(expr, kind):
                return rule(self, expr)
        if expr.is_Function:
            return self._call(self.style.letter(expr.func.__name__), expr.args)
        raise NotSupported(f"the printer does not know {type(expr).__name__}: {expr}")

    def _call(self, name: str, args: tuple[Expr, ...]) -> str:
        return f"{name}{self.style.parens(', '.join(self.expr(arg) for arg in args))}"

    def _number(self, expr: Expr) -> str:
        if isinstance(expr, Float):
            return f"{float(expr):.6g}"
        if isinstance(expr, Rational) and not isinstance(expr, Integer):
            minus = self.style.minus if expr.p < 0 else ""
            return minus + self.style.fraction(str(abs(expr.p)), str(expr.q))
        return str(expr)

    def _symbol(self, expr: Symbol) -> str:
        if is_scalar(expr) and expr.name in self.quantities:
            return self.instance(self.quantities[expr.name], ())
        name = self.profile.samples if expr.name == "N" else expr.name
        return self.style.letter(self.profile.indices.get(name, name))

    def _indexed(self, expr: Indexed) -> str:
        name = str(expr.base.label.name)
        if name not in self.quantities:
            letter = self.profile.widths if name == "n" else name
            subs = self._subscript(tuple(expr.indices))
            return self.style.scripts(self.style.letter(letter), subs, "")
        return self.instance(self.quantities[name], tuple(expr.indices))

    def instance(
        self, quantity: Quantity, indices: tuple[Expr, ...], letter: Letter | None = None
    ) -> str:
        """An instance of a quantity, or of the derivative of the cost by one.

        letter: what is printed instead of the quantity's own letter.
        """
        if quantity.adjoint_of is not None:
            return self._adjoint(quantity.adjoint_of, indices)
        letter = letter or self.letter(quantity)
        layer = self._layer(quantity, indices)
        nodes = [
            i
            for axis, i in zip(quantity.axes, indices, strict=False)
            if axis.kind is not Kind.LAYER
        ]
        if self.profile.weight_from_first and quantity.name == "w" and len(nodes) == 2:
            nodes.reverse()
        sampled = any(
            axis.kind is Kind.SAMPLE for axis, _ in zip(quantity.axes, indices, strict=False)
        )
        fixed = "" if sampled else letter.sub
        printed = self.style.scripts(
            self.style.letter(letter.base), self._subscript(tuple(nodes), fixed), layer
        )
        return self.style.coloured(printed, quantity.role)

    @property
    def bare(self) -> Printer:
        """The same printer without colours, for what stands inside a coloured subexpression."""
        return self if self.style.bare is self.style else replace(self, style=self.style.bare)

    def letter(self, quantity: Quantity) -> Letter:
        """The printed letter of a quantity: the profile's, or one read off its name."""
        known = self.profile.letters.get(quantity.name)
        if known is not None:
            return known
        base, _, sub = quantity.name.partition("_")
        stripped = base.rstrip("0123456789")
        digits = base[len(stripped) :]
        return Letter(stripped, ",".join(part for part in (digits, sub.replace("_", "")) if part))

    def _layer(self, quantity: Quantity, indices: tuple[Expr, ...]) -> str:
        for axis, value in zip(quantity.axes, indices, strict=False):
            if axis.kind is Kind.LAYER:
                return self.layer(value)
        return ""

    def layer(self, value: Expr) -> str:
        """A layer as the profile marks it."""
        text = self.index(value)
        match self.profile.layer_mark:
            case LayerMark.ROUND:
                return f"({text})"
            case LayerMark.SQUARE:
                return f"[{text}]"
            case LayerMark.BARE:
                return text

    def _subscript(self, indices: tuple[Expr, ...], fixed: str = "") -> str:
        texts = [self.index(i) for i in indices]
        simple = all(len(t) == 1 or (t.startswith("\\") and t[1:].isalpha()) for t in texts)
        joined = ("" if simple else ",").join(texts)
        if fixed and joined:
            return fixed + ("" if simple and len(fixed) == 1 else ",") + joined
        return fixed + joined

    def _adjoint(self, of: Quantity, indices: tuple[Expr, ...]) -> str:
        return self.style.coloured(self.bare._named_adjoint(of, indices), Role.ADJOINT)

    def _named_adjoint(self, of: Quantity, indices: tuple[Expr, ...]) -> str:
        """The derivative of the cost as the profile names it: a fraction, delta, dz, nabla."""
        match self.profile.adjoint_style:
            case AdjointStyle.DELTA if of.name == self.profile.error_of:
                return self.instance(of, indices, Letter("delta"))
            case AdjointStyle.DIFFERENTIAL:
                return "d" + self.instance(of, indices)
            case AdjointStyle.NABLA:
                below = self.instance(of, indices)
                return f"{self.style.scripts(self.style.nabla, below, '')} {self._cost()}"
        return self.style.derivative(self._cost(), self.instance(of, indices), "")

    def _cost(self) -> str:
        return self.instance(self.quantities[self.cost], ())

    def _partial(self, expr: Partial) -> str:
        of, by = expr.args
        plus = "^{+}" if self._is_marked(expr) else ""
        below, bare = self.bare.expr(by), self.bare
        quantity = self.quantities.get(_name(of))
        role = Role.ADJOINT if quantity and quantity.role is Role.COST else LOCAL
        if isinstance(of, Indexed | Symbol | Apply):
            return self.style.coloured(bare.style.derivative(bare.expr(of), below, plus), role)
        operator = self.style.coloured(bare.style.operator(below, plus), role)
        return operator + self.style.parens(self.expr(of))

    def _is_marked(self, expr: Partial) -> bool:
        of, by = (_name(arg) for arg in expr.args)
        return not expr.total and (of, by) in self.marked

    def _plus(self, expr: Expr) -> str:
        whole = all(arg.is_integer for arg in expr.args)
        args = expr.args
        if isinstance(expr, Add):
            args = sorted(args, key=lambda arg: _add_rank(arg, whole))
        return self._joined([self._summand(arg) for arg in args])

    def _summand(self, expr: Expr) -> tuple[bool, str]:
        if isinstance(expr, Mul | Product | Number | Pow):
            negative, pieces = self._link((expr,), _width(expr) > 1)
            return negative, self._product(pieces) or "1"
        return False, self.expr(expr)

    def _mul(self, expr: Expr) -> str:
        negative, pieces = self._link((expr,), True)
        body = self._product(pieces) or "1"
        return f"{self.style.minus}{body}" if negative else body

    def _power(self, expr: Pow) -> str:
        base, exponent = expr.args
        if _negative(exponent):
            return self._product(self._fractions([], [Pow(base, -exponent)]))
        if exponent == Rational(1, 2):
            return self.style.name(rf"\sqrt{{{self.expr(base)}}}", f"√({self.expr(base)})")
        text = self.expr(base)
        atomic = isinstance(base, Symbol | Integer) and "^" not in text
        if isinstance(base, Indexed) or not atomic:
            text = self.style.parens(text)
        return self.style.power(text, self.expr(exponent))

    def _bound_sum(self, expr: Sum) -> str:
        signs = "".join(self._sum_sign(Bound(*limit)) for limit in reversed(expr.limits))
        body = self.expr(expr.function)
        if isinstance(expr.function, Add | Plus):
            body = self.style.parens(body)
        return f"{self.style.mark}{signs}{body}"

    def _apply(self, expr: Apply) -> str:
        if expr.order and self.bare is not self and isinstance(expr.argument, Indexed | Symbol):
            return self.style.coloured(self.bare._apply(expr), SLOPE)
        row = self.functions[expr.head]
        argument = self.expr(expr.argument)
        if expr.order == 1 and row.slope_latex is not None:
            return self._pattern(row.slope_latex, row.slope_text or "", argument)
        name = self.function_name(expr.head, expr.place, expr.order)
        return self._filled(name, argument)

    def function_name(self, head: str, place: Expr | None = None, order: int = 0) -> str:
        """The printed name of a function or of one of its derivatives, without an argument."""
        row = self.functions[head]
        own = self.style.name(row.latex, row.text)
        general = bool(self.profile.activation) and row.by_layer
        name = self.style.letter(self.profile.activation) if general else own
        primes = self.style.name(r"\prime" * order, "'" * order)
        layer = self.layer(place) if row.by_layer and place and not general else ""
        if "#" in name:
            return name + "'" * order
        if not layer:
            return name + "'" * order
        if isinstance(self.style, Latex):
            return self.style.scripts(name, "", layer + primes)
        return f"{name}{primes}^{layer}"

    def _pattern(self, latex: str, text: str, argument: str) -> str:
        return self._filled(self.style.name(latex, text), argument)

    def _filled(self, name: str, argument: str) -> str:
        if "#" in name:
            return name.replace("#", argument)
        return f"{name}{self.style.parens(argument)}"

    def _delta(self, expr: Delta) -> str:
        if self.profile.adjoint_style is AdjointStyle.DELTA:
            left, right = (self.index(arg) for arg in expr.args)
            return f"[{left} {self.style.equals} {right}]"
        subs = self._subscript(tuple(expr.args))
        return self.style.scripts(self.style.letter("delta"), subs, "")

    def _applied(self, expr: Applied) -> str:
        return self._call(self.expr(expr.args[0]), expr.args[1:])

    def _vector(self, expr: Vector) -> str:
        return self.expr(expr.args[0])

    def _exp(self, expr: Expr) -> str:
        if isinstance(self.style, Text):
            return self._call("exp", expr.args)
        return self.style.power("e", self.expr(expr.args[0]))

    def _log(self, expr: Expr) -> str:
        return self._call(self.style.name(r"\log", "log"), expr.args)

    def _extremum(self, expr: Expr) -> str:
        name = "max" if isinstance(expr, Max) else "min"
        args = sorted(expr.args, key=lambda a: (not a.is_number, str(a)))
        return self._call(self.style.name(rf"\{name}", name), tuple(args))

    def _rounded(self, expr: Expr) -> str:
        down = isinstance(expr, floor)
        body = self.expr(factor_terms(expr.args[0]))
        if down:
            return self.style.name(rf"\left\lfloor {body} \right\rfloor", f"⌊{body}⌋")
        return self.style.name(rf"\left\lceil {body} \right\rceil", f"⌈{body}⌉")

    def _absolute(self, expr: Expr) -> str:
        body = self.expr(expr.args[0])
        return self.style.name(rf"\left|{body}\right|", f"|{body}|")

    def _piecewise(self, expr: Piecewise) -> str:
        rows = []
        for value, test in expr.args:
            when = (
                self.style.words("otherwise")
                if isinstance(test, BooleanTrue)
                else self.style.words("if ") + self.expr(test)
            )
            rows.append((self.expr(value), when))
        if isinstance(self.style, Text):
            return "{" + "; ".join(f"{value} {when}" for value, when in rows) + "}"
        body = r" \\ ".join(rf"{value} & {when}" for value, when in rows)
        return rf"\begin{{cases}} {body} \end{{cases}}"

    def _relation(self, expr: Expr) -> str:
        sign = {Gt: ">", Lt: "<", Eq: "="}.get(type(expr)) or {
            Ge: self.style.at_least,
            Le: self.style.at_most,
            Ne: self.style.name(r"\ne", "≠"),
        }[type(expr)]
        return f"{self.expr(expr.args[0])} {sign} {self.expr(expr.args[1])}"

    def _conjunction(self, expr: Expr) -> str:
        return self.style.words(" and ").join(self.expr(arg) for arg in expr.args)

    def _elementary(self, expr: Expr) -> str:
        name = type(expr).__name__
        return self._call(self.style.name(_FUNCTION_NAMES[name], name), expr.args)

    def _pi(self, _: Expr) -> str:
        return self.style.letter("pi")


_FUNCTION_NAMES = {name: rf"\{name}" for name in ("sin", "cos", "tan", "sinh", "cosh", "tanh")} | {
    name: rf"\operatorname{{{name}}}" for name in ("erf", "erfc", "atan", "asinh", "sign")
}


def _flat(link: Link) -> list[Expr]:
    """The factors of a link, products opened, numbers of one product first."""
    found: list[Expr] = []
    for factor in link:
        if isinstance(factor, Product):
            found += _flat(tuple(factor.args))
        elif isinstance(factor, Mul):
            found += sorted(factor.args, key=_mul_rank)
        else:
            found.append(factor)
    return found


def _mul_rank(expr: Expr) -> tuple[int, str]:
    if expr.is_number:
        return 0, ""
    if isinstance(expr, Symbol | Indexed | Pow):
        return 1, str(expr)
    return (3 if isinstance(expr, Sum) else 2), str(expr)


def _add_rank(expr: Expr, whole: bool) -> tuple[int, int, str]:
    """What is positive first; then sums and numbers, which come last in index arithmetic."""
    negative = expr.could_extract_minus_sign()
    if expr.is_number and whole:
        return 3, 0, ""
    first = expr.has(Sum) or expr.is_number
    return int(negative), int(not first), str(expr)


def _constants(links: tuple[Link, ...]) -> tuple[Link, tuple[Link, ...]]:
    """The numbers and sizes that stand before a sum, and the links without them."""
    kept = tuple(tuple(f for f in _flat(link) if not _is_constant(f)) for link in links)
    return tuple(f for link in links for f in _flat(link) if _is_constant(f)), tuple(
        link for link in kept if link
    )


def _is_constant(expr: Expr) -> bool:
    """A fraction, a sign, or a power of a symbolic size such as 1/N."""
    if expr.is_number:
        return not expr.is_Integer or bool(expr == -1)
    base = expr.base if isinstance(expr, Pow) else expr
    return isinstance(base, Symbol | Indexed) and bool(base.is_positive and base.is_integer)


def _negative(expr: Expr) -> bool:
    return bool(expr.is_number and expr.is_negative)


def _width(expr: Expr) -> int:
    return len(expr.args) if isinstance(expr, Mul | Product) else 1


def _name(expr: Expr) -> str:
    return str(expr.base.label.name) if isinstance(expr, Indexed) else str(expr)


def _sides(condition: Condition) -> tuple[Expr, Expr]:
    """What is positive on the left, what is negative on the right."""
    left, right = Integer(0), Integer(0)
    for part in Add.make_args(condition.expr):
        if part.could_extract_minus_sign():
            right = right - part
        else:
            left = left + part
    if left.is_Integer and right.is_Integer is not True and condition.relation is Relation.ZERO:
        return right, left
    if condition.relation is Relation.ZERO and len(str(left)) > len(str(right)):
        return right, left
    if condition.relation is Relation.ZERO and str(left).isupper():
        return right, left
    return left, right


_RULES = {
    Number: Printer._number,
    Symbol: Printer._symbol,
    Indexed: Printer._indexed,
    Partial: Printer._partial,
    Plus: Printer._plus,
    Add: Printer._plus,
    Product: Printer._mul,
    Mul: Printer._mul,
    exp: Printer._exp,
    Pow: Printer._power,
    Sum: Printer._bound_sum,
    Apply: Printer._apply,
    Delta: Printer._delta,
    Applied: Printer._applied,
    Vector: Printer._vector,
    log: Printer._log,
    Max: Printer._extremum,
    Min: Printer._extremum,
    floor: Printer._rounded,
    ceiling: Printer._rounded,
    Abs: Printer._absolute,
    Piecewise: Printer._piecewise,
    And: Printer._conjunction,
    Gt: Printer._relation,
    Ge: Printer._relation,
    Lt: Printer._relation,
    Le: Printer._relation,
    Eq: Printer._relation,
    Ne: Printer._relation,
    type(pi): Printer._pi,
}

__all__ = ["AdjointStyle", "NamedFunction", "Printer", "Role"]
