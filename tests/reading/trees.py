"""Random trees of formulas, and a small unparser that knows nothing of the parser.

Trees are those that a parser can give: no sum within a sum without parentheses, no symbol side
by side with parentheses (that would be a call), nothing behind a sum sign in the same product.
"""

from dataclasses import dataclass, replace
from functools import singledispatchmethod
from random import Random

from hypothesis import strategies as st

from symbackprop.reading.syntax import tree as syntax
from symbackprop.reading.syntax.tree import Node

SIGNS = ("", "", "*", ".", "\\cdot", "\\times", "\\odot")
RELATIONS = ("=", ":=", "\\approx", "\\le", "<")
NAMES = ("w", "a", "z", "b", "x", "L", "sigma", "eta", "net", "learningRate", "h1")
COMMANDS = frozenset({"sigma", "eta", "top", "exp", "log", "max"})


def _symbols(scripts: st.SearchStrategy[Node] | None) -> st.SearchStrategy[syntax.Symbol]:
    name = st.sampled_from(NAMES)
    if scripts is None:
        return st.builds(lambda name: syntax.Symbol(0, 0, name), name)
    some = st.lists(scripts, max_size=1).map(tuple)
    return st.builds(
        lambda name, below, above, primes, accents: syntax.Symbol(
            0, 0, name, below, above, primes, accents
        ),
        name,
        some,
        some,
        st.integers(0, 2),
        st.sampled_from([(), (), ("hat",), ("bar",)]),
    )


NUMBERS = st.sampled_from(["0", "1", "2", "12", "0.5"]).map(lambda text: syntax.Number(0, 0, text))
SYMBOLS = _symbols(None)


def _group(body: Node) -> Node:
    return syntax.Group(0, 0, "(", body)


def _atoms(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    """Factors with expressions in them."""
    symbols = _symbols(inner)
    heads = _symbols(SYMBOLS).map(lambda symbol: replace(symbol, accents=()))
    power = st.builds(lambda above: (above,), inner)
    return st.one_of(
        symbols,
        inner.map(_group),
        st.builds(lambda b, a: syntax.Scripted(0, 0, _group(b), (), a), inner, power),
        inner.map(lambda body: syntax.Norm(0, 0, body)),
        inner.map(lambda body: syntax.Root(0, 0, body)),
        st.builds(lambda h, a: syntax.Call(0, 0, h, (a,), "(", False), heads, inner),
        st.builds(lambda h, a, b: syntax.Call(0, 0, h, (a, b), "(", True), heads, inner, inner),
        inner.map(lambda a: syntax.Call(0, 0, syntax.Symbol(0, 0, "exp"), (a,), "(", True)),
        st.builds(lambda a, b: syntax.Quotient(0, 0, a, b, "frac"), inner, inner),
        st.builds(
            lambda s, o, v: syntax.Derivative(0, 0, s, o, (v,), False, "frac"),
            st.sampled_from(["partial", "d", "delta", "Delta"]),
            inner.map(_group) | symbols,
            symbols,
        ),
        st.builds(lambda o: syntax.Gradient(0, 0, o), symbols),
        st.builds(lambda a, b: syntax.Matrix(0, 0, "bmatrix", ((a, b), (b, a))), inner, inner),
    )


def _product(factors: list[Node], signs: list[str], last: list[Node]) -> Node:
    parts = [*factors, *last]
    used = []
    for left, right, sign in zip(parts, parts[1:], signs, strict=False):
        callable_left = isinstance(left, syntax.Symbol | syntax.Gradient)
        bracket = isinstance(right, syntax.Group | syntax.Scripted)
        numbers = isinstance(left, syntax.Number) and isinstance(right, syntax.Number)
        used.append("*" if (callable_left and bracket) or numbers else sign)
    return parts[0] if len(parts) == 1 else syntax.Product(0, 0, tuple(parts), tuple(used))


def _sums(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    atoms = _atoms(inner) | NUMBERS
    bound = SYMBOLS | st.builds(
        lambda a, b: syntax.Relation(0, 0, (a, b), ("=",)), SYMBOLS, NUMBERS
    )
    reductions = st.builds(
        lambda o, b, x: syntax.Reduction(0, 0, o, b, None, x),
        st.sampled_from(["sum", "prod", "max"]),
        bound,
        atoms,
    )
    factors = st.lists(atoms, min_size=1, max_size=3)
    signs = st.lists(st.sampled_from(SIGNS), min_size=3, max_size=3)
    products = st.builds(_product, factors, signs, st.lists(reductions, max_size=1))
    signed = products | products.map(lambda term: syntax.Negative(0, 0, term))
    return signed | st.lists(signed, min_size=2, max_size=3).map(
        lambda parts: syntax.Add(0, 0, tuple(parts))
    )


EXPRESSIONS = st.recursive(SYMBOLS | NUMBERS, _sums, max_leaves=12)
EQUATIONS = st.lists(EXPRESSIONS, min_size=2, max_size=3).flatmap(
    lambda members: st.lists(
        st.sampled_from(RELATIONS), min_size=len(members) - 1, max_size=len(members) - 1
    ).map(lambda signs: syntax.Relation(0, 0, tuple(members), tuple(signs)))
)


@dataclass(frozen=True, slots=True)
class Unparser:
    """LaTeX for a tree, in one of the many spellings that print the same."""

    random: Random

    def choose(self, *spellings: str) -> str:
        return self.random.choice(spellings)

    def braces(self, node: Node) -> str:
        return "{" + self(node) + "}"

    def brackets(self, inside: str) -> str:
        left, right = self.random.choice(
            [("(", ")"), (r"\left(", r"\right)"), (r"\bigl(", r"\bigr)")]
        )
        return f"{left}{inside}{right}"

    def scripts(self, node: syntax.Symbol | syntax.Scripted | syntax.Call) -> str:
        below = "".join(f"_{self.braces(script)}" for script in node.below)
        above = "".join(f"^{self.braces(script)}" for script in node.above)
        return "'" * node.primes + self.choose(below + above, above + below)

    @singledispatchmethod
    def __call__(self, node: object) -> str:
        raise TypeError(type(node).__name__)

    @__call__.register
    def _(self, node: syntax.Number) -> str:
        return self.choose(node.text, r"\textcolor{red}{" + node.text + "}")

    @__call__.register
    def _(self, node: syntax.Symbol) -> str:
        name = f"\\{node.name} " if node.name in COMMANDS else f"{node.name}"
        for accent in reversed(node.accents):
            name = f"\\{accent}{{{name}}}"
        text = name + self.scripts(node)
        return self.choose(f"{text} ", f"{{{text}}}", f"\\htmlClass{{x}}{{{text}}}")

    @__call__.register
    def _(self, node: syntax.Scripted) -> str:
        return self(node.base) + self.scripts(node)

    @__call__.register
    def _(self, node: syntax.Group) -> str:
        return self.brackets(self(node.body))

    @__call__.register
    def _(self, node: syntax.Call) -> str:
        inside = self.choose(",", r",\,").join(self(argument) for argument in node.arguments)
        return self(node.head) + self.brackets(inside) + self.scripts(node)

    @__call__.register
    def _(self, node: syntax.Negative) -> str:
        return f"-{self(node.operand)}"

    @__call__.register
    def _(self, node: syntax.Add) -> str:
        first, *rest = (self(term) for term in node.terms)
        return first + "".join(term if term.startswith("-") else f"+{term}" for term in rest)

    @__call__.register
    def _(self, node: syntax.Product) -> str:
        text = self(node.factors[0])
        for sign, factor in zip(node.signs, node.factors[1:], strict=True):
            text += f" {sign}" + self.choose(" ", " \\; ") + self(factor)
        return text

    @__call__.register
    def _(self, node: syntax.Quotient) -> str:
        above, below = self.braces(node.numerator), self.braces(node.denominator)
        return self.choose(r"\frac", r"\dfrac", r"\tfrac ") + above + below

    @__call__.register
    def _(self, node: syntax.Root) -> str:
        return r"\sqrt" + self.braces(node.body)

    @__call__.register
    def _(self, node: syntax.Norm) -> str:
        left, right = self.random.choice([(r"\lVert", r"\rVert"), (r"\left\|", r"\right\|")])
        return f"{left} {self(node.body)} {right}"

    @__call__.register
    def _(self, node: syntax.Reduction) -> str:
        below = f"_{self.braces(node.below)}" if node.below else ""
        operator = f"\\{node.operator}" + self.choose("", r"\limits")
        return f"{operator}{below} {self(node.body)}"

    @__call__.register
    def _(self, node: syntax.Derivative) -> str:
        sign = "d " if node.sign == "d" else f"\\{node.sign} "
        below = "".join(sign + self(variable) for variable in node.variables)
        return f"\\frac{{{sign}{self(node.operand)}}}{{{below}}}"

    @__call__.register
    def _(self, node: syntax.Gradient) -> str:
        return rf"\nabla {self(node.operand)}"

    @__call__.register
    def _(self, node: syntax.Matrix) -> str:
        rows = r" \\ ".join(" & ".join(self(cell) for cell in row) for row in node.rows)
        return rf"\begin{{{node.environment}}} {rows} \end{{{node.environment}}}"

    @__call__.register
    def _(self, node: syntax.Relation) -> str:
        text = self(node.members[0])
        for sign, member in zip(node.signs, node.members[1:], strict=True):
            text += self.choose(" ", r"\quad ", "\n", "% so\n") + f"{sign} {self(member)}"
        return text
