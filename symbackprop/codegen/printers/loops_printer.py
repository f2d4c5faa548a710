"""Instances as plain loops, one loop for each index and each sum of their equations."""

from __future__ import annotations

import keyword
import re
from collections.abc import Callable, Sequence
from functools import partial
from itertools import chain, count

from sympy import (
    Add,
    Expr,
    Indexed,
    Integer,
    Mul,
    Number,
    NumberSymbol,
    Piecewise,
    Pow,
    Rational,
    Sum,
    Symbol,
    ceiling,
    floor,
    fraction,
    together,
)

from symbackprop.arrays.program.expressions import FUNCTIONS
from symbackprop.arrays.program.placed import Instance, Key
from symbackprop.arrays.program.refusals import named
from symbackprop.arrays.program.rows import LogSumExp, Softmax
from symbackprop.arrays.system import System
from symbackprop.codegen.printers.numpy_printer import OPERATORS, power
from symbackprop.codegen.printers.printer import Code, Level, number_code
from symbackprop.codegen.printers.scalar_printer import WORDS, joined_tests
from symbackprop.codegen.reserved import RESERVED, function_name
from symbackprop.errors import NotSupported
from symbackprop.model.arrays import listed
from symbackprop.model.definitions import name_of
from symbackprop.model.functions import SELF, FunctionRow, T
from symbackprop.notation import elementary, symbols
from symbackprop.notation.expressions import Bound, Condition, Plus, Product, Relation, Term
from symbackprop.notation.functions import Apply
from symbackprop.notation.quantities import Role, is_scalar

Leaf = Callable[[Expr], "Code | None"]

_RESERVED = RESERVED | {"t"}


class LoopsPrinter:
    """Prints what a system computes; ``functions`` collects the named functions that it calls."""

    def __init__(self, system: System, names: dict[str, str]) -> None:
        self.system = system
        self.names = names
        self.functions: set[tuple[str, int]] = set()
        self.helpers: set[str] = set()
        self._variables: dict[Key, str] = {}
        quantities = system.schedule.quantities
        self._taken = {*names.values(), *map(symbols.spelled, quantities), *_RESERVED}

    def body(self, wanted: Sequence[Key]) -> list[str]:
        """The statements that compute the wanted instances and all that they read."""
        schedule = self.system.schedule
        needed: dict[Key, None] = {}
        stack = list(wanted)
        while stack:
            key = stack.pop()
            if key not in needed:
                needed[key] = None
                stack.extend(schedule.mentions(key))
        keys = sorted(needed, key=lambda key: (schedule.depth(key), key))
        lines: list[str] = []
        for key in keys:
            with named(schedule.quantities[key[0]]):
                lines += self._instance(schedule.instance(key))
        return lines

    def variable(self, key: Key) -> str:
        """The variable of an instance."""
        if key not in self._variables:
            name = symbols.spelled(key[0]) + "_".join(map(str, key[1]))
            while name in {*self.names.values(), *self._variables.values(), *_RESERVED}:
                name += "_"
            self._variables[key] = name
            self._taken.add(name)
        return self._variables[key]

    def _instance(self, instance: Instance) -> list[str]:
        target = self.variable(instance.key)
        letters: dict[Symbol, str] = {}
        for bound in instance.axes:
            letters[bound.letter] = _free(bound.letter, self._taken | set(letters.values()))
        lines: list[str] = []
        if instance.axes:
            extents = [self._count(bound) for bound in instance.axes]
            shape = f"{extents[0]}," if len(extents) == 1 else ", ".join(extents)
            lines.append(f"{target} = np.zeros(({shape}), dtype)")
            places = [letters[b.letter] + _minus(b.low) for b in instance.axes]
            target = f"{target}[{', '.join(places)}]"
        for depth, bound in enumerate(instance.axes):
            lines.append("    " * depth + self._loop(bound, letters))
        pad = "    " * len(instance.axes)
        inner = self._terms(instance.terms, letters)
        lines += [pad + line for line in inner[:-1]]
        lines.append(f"{pad}{target} = {inner[-1]}  # ({instance.equation})")
        return lines

    def _terms(self, terms: Sequence[Term], letters: dict[Symbol, str]) -> list[str]:
        """The lines that add the sums up, and last the code of the value."""
        lines: list[str] = []
        plain = [self._product(t, letters) for t in terms if not (t.sums or t.guards)]
        summed = [term for term in terms if term.sums or term.guards]
        if summed:
            lines.append("total = 0.0")
        for term in summed:
            own = dict(letters)
            loops: list[tuple[str, str]] = []
            for bound in term.sums:
                own[bound.letter] = _free(bound.letter, self._taken | set(own.values()))
                loops.append((own[bound.letter], self._loop(bound, own)))
            inner = [f"total += {self._product(term, own)}"]
            if term.guards:
                tests = " and ".join(self._test(guard, own) for guard in term.guards)
                inner = [f"if {tests}:", f"    {inner[0]}"]
            for letter, loop in reversed(loops):
                used = re.search(rf"\b{letter}\b", " ".join(inner))
                head = loop if used else loop.replace(f"for {letter} in", "for _ in")
                inner = [head, *(f"    {line}" for line in inner)]
            lines += inner
        value = " + ".join((["total"] if summed else []) + plain) or "0.0"
        return [*lines, value.replace("+ -", "- ")]

    def _product(self, term: Term, letters: dict[Symbol, str]) -> str:
        leaf = partial(self._leaf, letters)
        factors = [f for f in term.factors if f != 1] or [Integer(1)]
        return self._mul(factors, leaf).at(Level.MULTIPLY)

    def _test(self, guard: Condition, letters: dict[Symbol, str]) -> str:
        """A condition on indices, its summands on the sides where they are positive."""
        leaf = partial(self._leaf, letters)
        expr = self.system.sizes.bound(guard.expr).expand()
        if guard.relation is Relation.DIVISIBLE:
            return f"{self.expr(expr, leaf).at(Level.SIGN)} % {guard.modulus} == 0"
        parts = Add.make_args(expr)
        above = [part for part in parts if not part.could_extract_minus_sign()]
        below = [-part for part in parts if part not in above]
        left, right = (self.expr(Add(*side), leaf).text for side in (above, below))
        return f"{left} {'==' if guard.relation is Relation.ZERO else '>='} {right}"

    def _loop(self, bound: Bound, letters: dict[Symbol, str]) -> str:
        leaf = partial(self._leaf, letters)
        low = self.expr(bound.low, leaf).text
        high = self.expr(bound.high + 1, leaf).text
        inside = high if low == "0" else f"{low}, {high}"
        return f"for {letters[bound.letter]} in range({inside}):"

    def _count(self, bound: Bound) -> str:
        return self.expr(bound.high - bound.low + 1, lambda _: None).text

    def _leaf(self, letters: dict[Symbol, str], expr: Expr) -> Code | None:
        if isinstance(expr, Symbol) and expr in letters:
            return Code(letters[expr])
        if isinstance(expr, Indexed) or is_scalar(expr):
            return Code(self._read(expr, letters))
        if isinstance(expr, Softmax | LogSumExp):
            return self._row(expr, letters)
        if isinstance(expr, Sum):
            return self._inner_sum(expr, letters)
        if isinstance(expr, floor | ceiling) and expr.is_integer:
            return self._divided(expr, partial(self._leaf, letters))
        return None

    def _inner_sum(self, expr: Sum, letters: dict[Symbol, str]) -> Code:
        """A sum inside of a function, as Python's own."""
        own, loops = dict(letters), ""
        for limit in reversed(expr.limits):
            bound = Bound(*limit)
            own[bound.letter] = _free(bound.letter, self._taken | set(own.values()))
            loops += f" {self._loop(bound, own)[:-1]}"
        return Code(f"sum({self.expr(expr.function, partial(self._leaf, own)).text}{loops})")

    def _divided(self, expr: Expr, leaf: Leaf) -> Code | None:
        """An index that is a quotient rounded, in whole numbers."""
        above, below = fraction(together(expr.args[0]))
        if not below.is_Integer or not above.is_integer:
            return None
        if isinstance(expr, floor):
            return Code(f"{self.expr(above, leaf).at(Level.SIGN)} // {below}", Level.MULTIPLY)
        text = self.expr((-above).expand(), leaf).at(Level.SIGN)
        return Code(f"-({text} // {below})", Level.SIGN)

    def _read(
        self, one: Expr, letters: dict[Symbol, str], row: tuple[Expr, str] | None = None
    ) -> str:
        """An entry of a given array or of an instance.

        row: the index in whose place a part of its axis stands, and that part.
        """
        schedule = self.system.schedule
        quantity = schedule.quantities[name_of(one)]
        indices = tuple(one.indices) if isinstance(one, Indexed) else ()
        defined = schedule.defines(quantity.name)
        flags = schedule.scheduled(quantity) if defined else listed(quantity)
        leaf = partial(self._leaf, letters)
        text = self.variable(schedule.key(one)) if defined else self.names[quantity.name]
        inside: list[str] = []
        for flag, axis, index in zip(flags, quantity.ranges(indices), indices, strict=True):
            low = self.system.sizes.bound(axis.low)
            if flag and not defined:
                text += f"[{index - low}]"
            elif row is not None and index == row[0]:
                inside.append(row[1])
            elif not flag:
                inside.append(self.expr((index - low).expand(), leaf).text)
        return f"{text}[{', '.join(inside)}]" if inside else text

    def _row(self, expr: Softmax | LogSumExp, letters: dict[Symbol, str]) -> Code:
        """A function of a row: a run of entries along one axis of an instance."""
        body, letter, low, high = expr.args[:4]
        places = list(body.indices) if isinstance(body, Indexed) else []
        if [letter in place.free_symbols for place in places].count(True) != 1:
            raise NotSupported(f"a row of {body}")
        own = next(n for n, place in enumerate(places) if letter in place.free_symbols)
        if places[own] != letter:
            raise NotSupported(f"a row of {body}")
        axis = self.system.schedule.quantities[name_of(body)].ranges(tuple(places))[own]
        bounds = [self.system.sizes.bound(end) for end in (axis.low, low, high)]
        if not all(isinstance(end, Integer) for end in bounds):
            raise NotSupported(f"a row of {body} over {low}..{high}")
        start, stop = int(bounds[1] - bounds[0]), int(bounds[2] - bounds[0]) + 1
        row = self._read(body, letters, (letter, f"{start}:{stop}"))
        self.helpers.add("log_sum_exp")
        total = f"_log_sum_exp({row})"
        if isinstance(expr, LogSumExp):
            return Code(total)
        here = self._read(body.xreplace({letter: expr.args[4]}), letters)
        return Code(f"math.exp({here} - {total})")

    def expr(self, expr: Expr, leaf: Leaf) -> Code:
        """The code of an expression of numbers."""
        found = leaf(expr)
        if found is not None:
            return found
        if isinstance(expr, Number | NumberSymbol) or not expr.free_symbols:
            return number_code(expr, "samples")
        if isinstance(expr, Symbol):
            return Code("samples")
        if isinstance(expr, Add | Plus):
            return self._sum(expr.args, leaf)
        if isinstance(expr, Mul | Product):
            return self._mul(expr.args, leaf)
        if isinstance(expr, Pow):
            return self._power(expr, leaf)
        return self._function(expr, leaf)

    def _sum(self, args: Sequence[Expr], leaf: Leaf) -> Code:
        parts = [self.expr(arg, leaf).at(Level.MULTIPLY) for arg in args]
        parts.sort(key=lambda part: part.startswith("-"))
        return Code(" + ".join(parts).replace("+ -", "- "), Level.ADD)

    def _mul(self, args: Sequence[Expr], leaf: Leaf) -> Code:
        negative = sum(1 for arg in args if arg == -1) % 2
        kept = [arg for arg in args if arg not in (1, -1)] or [Integer(1)]
        below = [a for a in kept if isinstance(a, Pow) and a.args[1].is_Integer and a.args[1] < 0]
        tops = [self.expr(a, leaf).at(Level.SIGN) for a in kept if a not in below] or ["1.0"]
        text = " * ".join(tops)
        text += "".join(f" / {self.expr(1 / a, leaf).at(Level.SIGN)}" for a in below)
        level = Level.MULTIPLY if len(kept) > 1 or negative else self.expr(kept[0], leaf).level
        return Code(f"-{text}" if negative else text, level)

    def _power(self, expr: Pow, leaf: Leaf) -> Code:
        base, exponent = expr.args
        if exponent == Rational(1, 2):
            return Code(f"math.sqrt({self.expr(base, leaf).text})")
        if exponent.is_negative:
            inside = self.expr(base**-exponent, leaf).at(Level.SIGN)
            return Code(f"1.0 / {inside}", Level.MULTIPLY)
        return power(self.expr(base, leaf), self.expr(exponent, leaf))

    def _function(self, expr: Expr, leaf: Leaf) -> Code:
        if isinstance(expr, Apply):
            self.functions.add((expr.head, expr.order))
            return Code(
                f"{function_name(expr.head, expr.order)}({self.expr(expr.argument, leaf).text})"
            )
        if isinstance(expr, Piecewise):
            return self._piecewise(expr, leaf)
        args = [self.expr(arg, leaf) for arg in expr.args]
        inside = ", ".join(arg.at(Level.ADD) for arg in args)
        name = FUNCTIONS.get(type(expr), "")
        if name in OPERATORS:
            left, right = (arg.at(Level.ADD) for arg in args)
            return Code(f"{left} {OPERATORS[name]} {right}", Level.COMPARE)
        if name in WORDS:
            return joined_tests(name, [arg.at(Level.COMPARE) for arg in args])
        if (written := elementary.written(expr)) is not None:
            return self.expr(written, leaf)
        row = elementary.row_of(expr)
        if row is None:
            raise NotSupported(f"no code is written for {type(expr).__name__}: {expr}")
        return Code(row.number_code.replace("#", inside))

    def _piecewise(self, expr: Piecewise, leaf: Leaf) -> Code:
        *cases, (last, _) = expr.args
        text = self.expr(last, leaf).at(Level.ADD)
        for value, test in reversed(cases):
            yes, condition = self.expr(value, leaf).at(Level.ADD), self.expr(test, leaf).text
            text = f"{yes} if {condition} else {text}"
        return Code(f"({text})")

    def function(self, row: FunctionRow, order: int, exact: bool) -> str:
        """The code of the value of a named function, or of its derivative, of ``t``."""
        found = row.formula if row.stable is None else row.stable
        if order == 1:
            choices = (row.exact_slope if exact else None, row.slope, row.printed_derivative)
            found = next((one for one in choices if one is not None), None)
        if found is None or order > 1:
            raise NotSupported(f"function {row.name} has no formula of order {order}")

        def leaf(expr: Expr) -> Code | None:
            if expr == T:
                return Code("t")
            if expr == SELF:
                self.functions.add((row.name, 0))
                return Code(f"{function_name(row.name, 0)}(t)")
            return None

        return self.expr(found, leaf).text


def _free(letter: Symbol, taken: set[str]) -> str:
    """A readable name for a letter that is none of a variable or of another letter."""
    name = symbols.hint(letter)
    others = symbols.ALPHABETS.get(name, symbols.NODE_LETTERS)
    numbered = (f"{name}{number}" for number in count(1))
    found = (one for one in chain((name,), others, numbered) if one not in taken)
    return next(one for one in found if not keyword.iskeyword(one))


def _minus(low: Expr) -> str:
    return "" if low == 0 else f" - {low}"


__all__ = ["LoopsPrinter", "Role", "function_name"]
