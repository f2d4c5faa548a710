r"""The tree of a formula as it is printed: no node knows what a letter stands for.

Every node has `start` and `end`, its place in the file (`source.text[start:end]`); they do not
count when nodes are compared. What depends on the notation is left open, and marked:

* **Scripts** are kept as they are printed, outermost last, in `below` (subscripts), `above`
  (superscripts) and `primes`. Whether `^2` is a layer or a power, `_{12}` two indices or one, `^T`
  a transpose, `^{(l)}` a layer, is decided by a notation. Each script is an ordinary tree:
  `^{(l)}` is a `Group`, `_{j,k}` a `Sequence`, `_{jk}` a `Product` without signs, `_{12}` a
  `Number`, `_{0_j}` a `Scripted` number, `^{(s)(l)}` a `Product` of two groups, `^*` a `Symbol`
  named "*". `script_items` lists the parts of a script in the reading in which it is a list of
  indices. Primes written as `^\prime`, also as the first or last part of a script, are counted as
  `primes`.
* **A symbol in front of parentheses** is a `Call`, with the scripts that follow the parentheses. It
  is `certain` if it cannot be a product: the head is a function like `\log` or `\max`, or there are
  several arguments or dots. Otherwise it may be a product of the head with the group in
  parentheses, and then the scripts of the call are those of the group: `w(a-y)^2`. As the argument
  of a function without parentheses, `\log a(1-y)`, such a product would be ambiguous.
* **The sign of a derivative** is kept: "partial", "d", "delta" or "Delta".
* **Signs of products** are kept, "" for factors side by side. Where it matters (matrices, "\odot")
  factors side by side belong together most closely, and then the signs are read from left to right:
  `W^\top \delta \odot s \cdot x` is ((W^\top \delta) \odot s) \cdot x, in one flat `Product`.
* **Parentheses** are kept as `Group`, also round a whole term.
"""

from dataclasses import dataclass, field
from functools import singledispatch

from symbackprop.reading.tokens import Note


@dataclass(frozen=True, slots=True)
class Node:
    """A piece of a formula, from the offset `start` up to `end`."""

    start: int = field(compare=False)
    end: int = field(compare=False)


@dataclass(frozen=True, slots=True)
class Number(Node):
    """A number as it was typed: digits, perhaps with a decimal point."""

    text: str


@dataclass(frozen=True, slots=True)
class Symbol(Node):
    r"""A letter, or several that are one name, with its scripts.

    `name` is "w", "sigma" for `\sigma`, "learningRate", "z2", "log", "argmax"; "top" for `\top`;
    "*", "+" and the like for a sign that is a whole script; "1" for a one in a font of its own
    (`\mathbb{1}`). `accents` ("hat", "bar") and `fonts` ("mathbf", "mathcal") are those of the
    letter alone, outermost first.
    """

    name: str
    below: tuple[Node, ...] = ()
    above: tuple[Node, ...] = ()
    primes: int = 0
    accents: tuple[str, ...] = ()
    fonts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Scripted(Node):
    r"""Scripts on anything but a symbol or a call: `(a-y)^2`, `\|x\|_2^2`, `10^{-3}`."""

    base: Node
    below: tuple[Node, ...] = ()
    above: tuple[Node, ...] = ()
    primes: int = 0


@dataclass(frozen=True, slots=True)
class Group(Node):
    """An expression in brackets; `bracket` is the opening one: "(", "[", "{" or "<"."""

    bracket: str
    body: Node


@dataclass(frozen=True, slots=True)
class Call(Node):
    r"""A symbol in front of brackets (or a function like `\log` in front of its argument, with
    `bracket` ""), and the scripts behind. Not `certain`: perhaps a product instead.
    """

    head: Symbol
    arguments: tuple[Node, ...]
    bracket: str
    certain: bool
    below: tuple[Node, ...] = ()
    above: tuple[Node, ...] = ()
    primes: int = 0


@dataclass(frozen=True, slots=True)
class Negative(Node):
    """The operand with a minus in front."""

    operand: Node


@dataclass(frozen=True, slots=True)
class Add(Node):
    """Terms in their order; a term that is subtracted is a `Negative`."""

    terms: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Product(Node):
    r"""Factors in their order, and the signs between them (one less than factors).

    A sign is "", "*", ".", "@", "\cdot", "\times", or elementwise "\odot", "\circ", "\otimes".
    """

    factors: tuple[Node, ...]
    signs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Quotient(Node):
    """A fraction; `form` is "frac", "/" or "over"."""

    numerator: Node
    denominator: Node
    form: str


@dataclass(frozen=True, slots=True)
class Root(Node):
    """A root; `degree` is None for the square root."""

    body: Node
    degree: Node | None = None


@dataclass(frozen=True, slots=True)
class Norm(Node):
    """An expression between double bars."""

    body: Node


@dataclass(frozen=True, slots=True)
class Absolute(Node):
    """An expression between single bars."""

    body: Node


@dataclass(frozen=True, slots=True)
class Indicator(Node):
    r"""1 where the relation holds, else 0: `[j = q]`, `\mathbb{1}_{j = q}`."""

    condition: Node


@dataclass(frozen=True, slots=True)
class Reduction(Node):
    r"""A sum, a product or an extremum over what is printed `below` and `above` its sign.

    `operator` is "sum", "prod", "max", "min", "sup", "inf", "argmax", "argmin" or "lim". `below`
    is a symbol (`\sum_j`), a relation (`j=0`, `j \in S`), a sequence of them, or None. The body
    goes as far as the term does: up to the next plus, minus or relation outside brackets.
    """

    operator: str
    below: Node | None
    above: Node | None
    body: Node


@dataclass(frozen=True, slots=True)
class Derivative(Node):
    r"""The derivative of `operand` with respect to `variables`, one for each time.

    `sign` is "partial", "d", "delta" or "Delta"; `local` tells `\partial^+`, with everything else
    held fixed. `form` is "frac", "/", "over", or "operator" where the operand stands behind the
    fraction. In `\frac{\partial^2 C}{\partial w^2}` the 2 below is the second time; where the sign
    above has no 2, `\partial w^2` is a derivative with respect to `w^2`.
    """

    sign: str
    operand: Node
    variables: tuple[Node, ...]
    local: bool
    form: str


@dataclass(frozen=True, slots=True)
class Differential(Node):
    r"""A sign of derivatives that is no part of a fraction: `\Delta w`, `dZ^{[1]}`, `\partial w`.

    A `d` counts as one only if the next letter follows without a space.
    """

    sign: str
    operand: Node
    order: int = 1
    local: bool = False


@dataclass(frozen=True, slots=True)
class Gradient(Node):
    r"""`\nabla C`, or `\nabla_w C` with its variable."""

    operand: Node
    variable: Node | None = None


@dataclass(frozen=True, slots=True)
class Matrix(Node):
    """Rows of cells; `environment` tells the brackets ("bmatrix", "pmatrix", "array", ...)."""

    environment: str
    rows: tuple[tuple[Node, ...], ...]


@dataclass(frozen=True, slots=True)
class Condition(Node):
    r"""When something holds: `\text{if } l < L`, `l = 1, \dots, L`, `\text{otherwise}`.

    `words` are all its words ("if", "for all", "otherwise", "" if there are none), `clauses` the
    relations or bare symbols, and `joints` stand between them: "," "and" or "or".
    """

    words: str
    clauses: tuple[Node, ...]
    joints: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Case(Node):
    """One row of `Cases`."""

    value: Node
    condition: Condition | None


@dataclass(frozen=True, slots=True)
class Cases(Node):
    """A value by cases."""

    rows: tuple[Case, ...]


@dataclass(frozen=True, slots=True)
class Dots(Node):
    r"""`\dots`, `\vdots` and their like: something that is left out."""

    text: str


@dataclass(frozen=True, slots=True)
class Sequence(Node):
    r"""Items with commas between them: `1, \dots, L`, `j, k`."""

    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Relation(Node):
    r"""A chain of members and the signs between them (one less): `a = b = c`, `0 \le k < n`."""

    members: tuple[Node, ...]
    signs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Arrows(Node):
    r"""A chain of arrows, which is no equation: `x \rightarrow a \rightarrow y`."""

    members: tuple[Node, ...]
    signs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Words(Node):
    """Prose between formulas."""

    text: str


@dataclass(frozen=True, slots=True)
class Label(Node):
    r"""What an equation is called.

    `form` is "label", "tag", "arrow" for `\rightarrow (A)`, "gap" for `\quad (A)`, or "outside" for
    a label that Markdown puts behind the display.
    """

    text: str
    form: str


@dataclass(frozen=True, slots=True)
class Statement(Node):
    r"""One formula of a display, with everything that was said about it.

    `body` is a `Relation` for an equation; a bare expression, `Arrows` or `Words` is no equation.
    `conditions` limit it. `remarks` are words that were passed over and may matter to a reader;
    `notes` are commands that changed only the look of a part (`\textcolor`, `\underbrace`).
    """

    body: Node
    conditions: tuple[Condition, ...] = ()
    labels: tuple[Label, ...] = ()
    remarks: tuple[Words, ...] = ()
    notes: tuple[Note, ...] = field(default=(), compare=False)


@singledispatch
def script_items(script: Node) -> tuple[Node, ...]:
    """The parts of a script, read as a list of indices.

    `_{jk}` and `_{j,k}` give j and k; `^{(s)(l)}` and `^{(l),s}` their two parts; `_{j(k+1)}` j
    and the group; `_{dk}` d and k; `_{12}`, `_{j+1}`, `^{(l)}` themselves.
    """
    return (script,)


@script_items.register
def _(script: Sequence) -> tuple[Node, ...]:
    return tuple(part for item in script.items for part in script_items(item))


@script_items.register
def _(script: Product) -> tuple[Node, ...]:
    if any(script.signs):
        return (script,)
    return tuple(part for factor in script.factors for part in script_items(factor))


@script_items.register
def _(script: Call) -> tuple[Node, ...]:
    if script.certain or script.below or script.above or script.primes:
        return (script,)
    (body,) = script.arguments
    return script.head, Group(script.head.end, script.end, script.bracket, body)
