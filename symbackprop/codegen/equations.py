"""Equations as plain text in index notation, for the docstring of a generated module.

They name what the code names: quantities by their variables and not by the letters of a notation,
which may call z what the code calls a, and adjoints as ``d_z``; indices are those of the arrays.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from sympy import Expr
from sympy.printing.str import StrPrinter

from symbackprop.model.definitions import Definition
from symbackprop.model.functions import FunctionRow
from symbackprop.notation.expressions import Condition, Relation, Term
from symbackprop.notation.functions import Apply
from symbackprop.notation.readable import readable
from symbackprop.notation.symbols import spelled


class TextPrinter(StrPrinter):
    """Expressions as one types them; it adds the nodes that SymPy does not know.

    taken: the names in a model; those that the project adds stay out of their way.
    """

    def __init__(self, taken: Collection[str] = ()) -> None:
        super().__init__()
        self.taken = taken

    def name(self, letter: Expr) -> str:
        """The name of a letter, of a size or of a quantity."""
        return spelled(str(letter.name), self.taken)

    def _print_Symbol(self, expr: Expr) -> str:
        return self.name(expr)

    def _print_Plus(self, expr: Expr) -> str:
        parts = [self._print(arg) for arg in expr.args]
        signed = [part if part.startswith("-") else f"+{part}" for part in parts]
        text = " ".join(f"{part[0]} {part[1:]}" for part in signed)
        return f"({text[2:] if text.startswith('+') else '-' + text[2:]})"

    def _print_Product(self, expr: Expr) -> str:
        return " ".join(self.parenthesize(arg, 50) for arg in expr.args)

    def _print_Sum(self, expr: Expr) -> str:
        letters = " ".join(f"sum_{self.name(limit[0])}" for limit in expr.limits)
        return f"({letters} {self.parenthesize(expr.function, 40)})"

    def _print_Apply(self, expr: Expr) -> str:
        place = "" if expr.place == 0 else f"^({expr.place})"
        return f"{expr.head}{chr(39) * expr.order}{place}({self._print(expr.argument)})"

    def _print_Indexed(self, expr: Expr) -> str:
        indices = ", ".join(self._print(i).replace(" ", "") for i in expr.indices)
        return f"{self.name(expr.base.label)}[{indices}]"


def equation_text(definition: Definition, print_: TextPrinter) -> str:
    """A definition as text: its sides, its range, and the condition of each of its terms.

    Terms whose conditions are the same stand together as one case.
    """
    clean = _readable(definition)
    cases: dict[tuple[Condition, ...], list[Term]] = {}
    for term in clean.terms:
        cases.setdefault(term.guards, []).append(term)
    parts = [
        _sum(terms, print_) + (f" [if {_conditions(guards, print_)}]" if guards else "")
        for guards, terms in cases.items()
    ]
    right = " + ".join(parts).replace("+ -", "- ") or "0"
    return f"{print_.doprint(clean.target)} = {right}"


def range_text(definition: Definition, print_: TextPrinter) -> str:
    """Where an equation holds: ``s = 0..N-1, j = 0..n[l]-1``."""
    return ", ".join(
        f"{print_.name(b.letter)} = {_compact(b.low, print_)}..{_compact(b.high, print_)}"
        for b in definition.domain
    )


def _sum(terms: Sequence[Term], print_: TextPrinter) -> str:
    parts = [_term(term, print_) for term in terms]
    text = parts[0]
    for part in parts[1:]:
        text += f" - {part[1:].lstrip()}" if part.startswith("-") else f" + {part}"
    return text


def _term(term: Term, print_: TextPrinter) -> str:
    sums = "".join(f"sum_{print_.name(bound.letter)} " for bound in term.sums)
    factors = [print_.parenthesize(factor, 50) for factor in term.factors if factor != 1]
    signs = sum(factor in ("-1", "(-1)") for factor in factors)
    kept = [factor for factor in factors if factor not in ("-1", "(-1)")] or ["1"]
    return ("-" if signs % 2 else "") + sums + " ".join(kept)


def _conditions(guards: Sequence[Condition], print_: TextPrinter) -> str:
    return " and ".join(_condition(guard, print_) for guard in guards)


def _condition(guard: Condition, print_: TextPrinter) -> str:
    positive = [arg for arg in guard.expr.as_ordered_terms() if not arg.could_extract_minus_sign()]
    left: Expr = sum(positive, guard.expr * 0)
    right = left - guard.expr
    if guard.relation is Relation.DIVISIBLE:
        return f"{guard.modulus} divides {_compact(guard.expr, print_)}"
    sign = "=" if guard.relation is Relation.ZERO else ">="
    return f"{_compact(left, print_)} {sign} {_compact(right, print_)}"


def _compact(expr: Expr, print_: TextPrinter) -> str:
    return print_.doprint(expr).replace(" ", "")


def _readable(definition: Definition) -> Definition:
    """The definition with letters that one reads in place of fresh ones."""
    taken = frozenset(bound.letter for bound in definition.domain)
    return replace(definition, terms=readable(definition.terms, taken))


def functions_used(definitions: Sequence[Definition], rows: Mapping[str, FunctionRow]) -> list[str]:
    """The named functions in some definitions, each with its formula: ``sigmoid(t) = ...``."""
    heads = {
        one.head
        for definition in definitions
        for term in definition.terms
        for factor in term.factors
        for one in factor.atoms(Apply)
    }
    return [f"{head}(t) = {TextPrinter().doprint(rows[head].formula)}" for head in sorted(heads)]
