"""Expressions as formulas: one rule a kind of node; what no rule knows is an error."""

from __future__ import annotations

from dataclasses import dataclass

from sympy import (
    Add,
    E,
    Expr,
    Float,
    Heaviside,
    Indexed,
    Integer,
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
from sympy.functions.elementary.exponential import exp
from sympy.logic.boolalg import And, BooleanTrue, Not, Or

from symbackprop.errors import NotSupported
from symbackprop.notation.elementary import BY_HEAD
from symbackprop.notation.expressions import (
    Applied,
    Bound,
    Delta,
    Link,
    Partial,
    Plus,
    Product,
    Vector,
)
from symbackprop.notation.functions import Apply
from symbackprop.notation.names import NamePrinter
from symbackprop.notation.printers.order import (
    add_rank,
    count_factors,
    flat,
    is_negative,
    name_of,
)
from symbackprop.notation.printers.styles import LOCAL, SLOPE, Text
from symbackprop.notation.profiles import AdjointStyle
from symbackprop.notation.quantities import Role, is_scalar


@dataclass(frozen=True)
class FormulaPrinter(NamePrinter):
    """Prints expressions and products; order is kept where a reader must see it."""

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
        factors = flat(link)
        number = Mul(*[f for f in factors if isinstance(f, Rational)])
        negative, number = bool(number.is_negative), abs(number)
        above: list[Expr] = [Integer(number.p)]
        below: list[Expr] = [Integer(number.q)] if number.q != 1 else []
        for factor in factors:
            if isinstance(factor, Rational):
                continue
            if isinstance(factor, Pow) and is_negative(factor.exp):
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
        wide |= isinstance(expr, Piecewise) and not isinstance(self.style, Text)
        return self.style.parens(text) if wide and several else text

    def _leads_with_minus(self, text: str) -> bool:
        return text.startswith(self.style.minus)

    def _sum_sign(self, bound: Bound) -> str:
        letter = self.index(bound.letter)
        if not self.profile.bounds:
            return self.style.sum(letter, "")
        return self.style.sum(f"{letter}={self.index(bound.low)}", self.index(bound.high))

    def expr(self, expr: Expr) -> str:
        """Any expression. Raises NotSupported for a node that no rule knows."""
        for kind, rule in _RULES.items():
            if isinstance(expr, kind):
                return rule(self, expr)
        if expr.is_Function:
            return self._elementary(expr)
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
        return self.style.letter(self.lettering.letter(expr.name))

    def _indexed(self, expr: Indexed) -> str:
        name = str(expr.base.label.name)
        if name not in self.quantities:
            letter = self.style.letter(self.lettering.letter(f"{name}[]"))
            return self.style.scripts(letter, self._subscript(tuple(expr.indices)), "")
        return self.instance(self.quantities[name], tuple(expr.indices))

    def _partial(self, expr: Partial) -> str:
        of, by = expr.args
        plus = "^{+}" if self._is_marked(expr) else ""
        below, bare = self.bare.expr(by), self.bare
        quantity = self.quantities.get(name_of(of))
        role = Role.ADJOINT if quantity and quantity.role is Role.COST else LOCAL
        if isinstance(of, Indexed | Symbol | Apply):
            return self.style.coloured(bare.style.derivative(bare.expr(of), below, plus), role)
        operator = self.style.coloured(bare.style.operator(below, plus), role)
        return operator + self.style.parens(self.expr(of))

    def _is_marked(self, expr: Partial) -> bool:
        of, by = (name_of(arg) for arg in expr.args)
        return expr.marked or (not expr.total and (of, by) in self.marked)

    def _plus(self, expr: Expr) -> str:
        whole = all(arg.is_integer for arg in expr.args)
        args = expr.args
        if isinstance(expr, Add):
            args = sorted(args, key=lambda arg: add_rank(arg, whole))
        return self._joined([self._summand(arg) for arg in args])

    def _summand(self, expr: Expr) -> tuple[bool, str]:
        if isinstance(expr, Mul | Product | Number | Pow):
            negative, pieces = self._link((expr,), count_factors(expr) > 1)
            return negative, self._product(pieces) or "1"
        return False, self.expr(expr)

    def _mul(self, expr: Expr) -> str:
        negative, pieces = self._link((expr,), True)
        body = self._product(pieces) or "1"
        return f"{self.style.minus}{body}" if negative else body

    def _power(self, expr: Pow) -> str:
        base, exponent = expr.args
        if is_negative(exponent):
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

    def _pattern(self, latex: str, text: str, argument: str) -> str:
        return self._filled(self.style.name(latex, text), argument)

    def _filled(self, name: str, argument: str) -> str:
        if name == "|#|" and "|" in argument:
            name = "abs"
        if "#" in name:
            return name.replace("#", argument)
        return f"{name}{self.style.parens(argument)}"

    def _delta(self, expr: Delta) -> str:
        if self.profile.adjoint_style is AdjointStyle.DELTA or not self.lettering.has_delta:
            left, right = (self.index(arg) for arg in expr.args)
            return f"[{left} {self.style.equals} {right}]"
        subs = self._subscript(tuple(expr.args))
        return self.style.scripts(self.style.letter("delta"), subs, "")

    def _applied(self, expr: Applied) -> str:
        return self._call(self.expr(expr.args[0]), expr.args[1:])

    def _vector(self, expr: Vector) -> str:
        return self.expr(expr.args[0])

    def _elementary(self, expr: Expr) -> str:
        """A function of the table; an exponential is a power where formulas have powers."""
        row = BY_HEAD[expr.func]
        if isinstance(expr, exp) and not isinstance(self.style, Text):
            if self.lettering.has_e:
                return self.style.power("e", self.expr(expr.args[0]))
            return self._call(r"\exp", expr.args)
        args = expr.args
        if row.picks:
            args = tuple(sorted(args, key=lambda a: (not a.is_number, str(a))))
        if isinstance(expr, Heaviside) and args[1] == Rational(1, 2):
            args = args[:1]
        if isinstance(expr, floor | ceiling):
            args = (factor_terms(args[0]),)
        name = self.style.name(row.latex, row.text_name)
        body = self.expr(args[0])
        if name == "|#|" and "|" in body:
            return self._call("abs", args)
        return name.replace("#", body) if "#" in name else self._call(name, args)

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
        word = " and " if isinstance(expr, And) else " or "
        return self.style.words(word).join(self._test(arg, expr) for arg in expr.args)

    def _test(self, expr: Expr, within: Expr) -> str:
        """One of the conditions joined; alternatives among conditions that all hold stand alone."""
        text = self.expr(expr)
        return self.style.parens(text) if isinstance(within, And) and isinstance(expr, Or) else text

    def _negation(self, expr: Expr) -> str:
        return self.style.words("not ") + self.style.parens(self.expr(expr.args[0]))

    def _pi(self, _: Expr) -> str:
        return self.style.letter("pi")

    def _e(self, _: Expr) -> str:
        return self._elementary(exp(1, evaluate=False))


_RULES = {
    Number: FormulaPrinter._number,
    Symbol: FormulaPrinter._symbol,
    Indexed: FormulaPrinter._indexed,
    Partial: FormulaPrinter._partial,
    Plus: FormulaPrinter._plus,
    Add: FormulaPrinter._plus,
    Product: FormulaPrinter._mul,
    Mul: FormulaPrinter._mul,
    Pow: FormulaPrinter._power,
    Sum: FormulaPrinter._bound_sum,
    Apply: FormulaPrinter._apply,
    Delta: FormulaPrinter._delta,
    Applied: FormulaPrinter._applied,
    Vector: FormulaPrinter._vector,
    Piecewise: FormulaPrinter._piecewise,
    And: FormulaPrinter._conjunction,
    Or: FormulaPrinter._conjunction,
    Not: FormulaPrinter._negation,
    Gt: FormulaPrinter._relation,
    Ge: FormulaPrinter._relation,
    Lt: FormulaPrinter._relation,
    Le: FormulaPrinter._relation,
    Eq: FormulaPrinter._relation,
    Ne: FormulaPrinter._relation,
    type(pi): FormulaPrinter._pi,
    **dict.fromkeys(BY_HEAD, FormulaPrinter._elementary),
    type(E): FormulaPrinter._e,
}
