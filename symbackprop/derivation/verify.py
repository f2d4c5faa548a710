"""Every step of a derivation, judged in numbers by the reference before anything is written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from itertools import product

from sympy import Expr, Indexed, Integer, Sum, Symbol

from symbackprop.derivation.derive import Derivation
from symbackprop.derivation.places import indices_of, layer_axis
from symbackprop.derivation.renumber import renumbered, small_numbers
from symbackprop.derivation.steps import Equation
from symbackprop.errors import NotSupported, VerificationError
from symbackprop.model.model import Model
from symbackprop.notation.expressions import Bound
from symbackprop.notation.quantities import Kind
from symbackprop.verification.draw import Manner, small_sizes
from symbackprop.verification.equality import Equality, Verdict, judge
from symbackprop.verification.reference import Reference

TOLERANCE = 1e-10
SAMPLES = 2
_DEPTH = 3
_MOST_VALUES = 5
_MOST_SIZES = 2


@dataclass(frozen=True, slots=True)
class JudgedStep:
    """One step with its verdict: the equation it belongs to, its position there, its rule."""

    key: str
    position: int
    rule: str
    verdict: Verdict

    @property
    def ok(self) -> bool:
        """Whether the step was tried and holds."""
        return self.verdict.holds(TOLERANCE)


@dataclass(frozen=True, slots=True)
class Report:
    """What came of verifying a derivation; it raises nothing by itself."""

    steps: tuple[JudgedStep, ...]
    equations: int

    @property
    def ok(self) -> bool:
        """Whether every step holds."""
        return all(step.ok for step in self.steps)

    @property
    def max_error(self) -> float:
        """The largest relative difference between the two sides of a step."""
        return max((step.verdict.error for step in self.steps), default=0.0)

    @property
    def assignments(self) -> int:
        """How many assignments of index values were evaluated, over all steps."""
        return sum(step.verdict.assignments for step in self.steps)

    @property
    def possible(self) -> int:
        """How many assignments there are; what was evaluated of them is a sample."""
        return sum(step.verdict.possible for step in self.steps)

    @property
    def failures(self) -> tuple[JudgedStep, ...]:
        """The steps that do not hold."""
        return tuple(step for step in self.steps if not step.ok)

    def __str__(self) -> str:
        """One line for people."""
        sampled = f" of {self.possible}" if self.possible > self.assignments else ""
        counts = (
            f"{len(self.steps)} steps of {self.equations} equations, "
            f"{self.assignments}{sampled} index assignments"
        )
        if self.ok:
            return f"verified: {counts}, largest relative difference {self.max_error:.1e}"
        return f"FAILED: {len(self.failures)} of {counts}"

    def require(self) -> None:
        """Raise VerificationError, naming the first failing step, unless every step holds."""
        for step in self.failures:
            raise VerificationError(
                f"step {step.position} of equation {step.key} ({step.rule}) does not hold: "
                f"{_counterexample(step.verdict)}. Please report this defect of symbackprop"
            )


def _counterexample(verdict: Verdict) -> str:
    if verdict.worst is None:
        return "no index values satisfy its conditions"
    values, left, right = verdict.worst
    place = ", ".join(f"{name} = {number:g}" for name, number in values) or "no free index"
    return f"{left.real:.12g} against {right.real:.12g} at {place}"


def verify(derivation: Derivation, progress: Callable[[int, int], None] | None = None) -> Report:
    """Judge every step of a derivation, for all values of its free indices.

    progress: called before each equation with how many are done, of how many.
    """
    judge_of = _Places(derivation)
    steps: list[JudgedStep] = []
    for done, equation in enumerate(derivation.equations):
        if progress is not None:
            progress(done, len(derivation.equations))
        references = judge_of.references(equation)
        for position, (line, equality) in enumerate(equation.steps(), start=1):
            judged = judge_of.judged(equation, equality)
            verdict = judge(judged, references)
            if not verdict.assignments:
                verdict = judge_of.elsewhere(equation, judged)
            steps.append(JudgedStep(equation.key, position, line.rule, verdict))
    return Report(tuple(steps), len(derivation.equations))


class _Places:
    """The references that equations are judged in, each made when it is first needed."""

    def __init__(self, derivation: Derivation) -> None:
        self.derivation = derivation
        self.made: dict[tuple[bool, bool], list[Reference]] = {}
        self.numbers = small_numbers(derivation.model, derivation.targets)
        self.needed = needed_values(derivation)
        self.manner: Manner | None = None

    def judged(self, equation: Equation, equality: Equality) -> Equality:
        """What is judged of an equality: the same with small node numbers."""
        if equation.actual:
            return equality
        model = self.derivation.batch if equation.batch else self.derivation.model
        return renumbered(equality, model, self.numbers)

    def elsewhere(self, equation: Equation, judged: Equality) -> Verdict:
        """The verdict at other sizes, for what holds only at some: a case where L = 1, or K = 1.

        Sizes that its conditions and the ranges of its letters speak of take all small values.
        """
        conditions = [*judged.given, *(one for b in judged.letters for one in b.conditions)]
        names = {symbol.name for one in conditions for symbol in one.expr.free_symbols}
        model = self.derivation.model
        spoken = [size for size in model.symbols if size.name in names][:_MOST_SIZES]
        found: list[Reference] = []
        for values in product(range(1, _MOST_VALUES + 1), repeat=len(spoken)):
            sizes = dict(zip((size.name for size in spoken), values, strict=True))
            depth = max((sizes[one.name] for one in model.depths if one in spoken), default=0)
            with suppress(NotSupported):  # where the model has no values at such sizes
                found += self._make(equation.batch, equation.actual, depth or self._depth(), sizes)
        return judge(judged, found)

    def references(self, equation: Equation) -> list[Reference]:
        """One reference a sample; one for the batched model, which holds its samples itself."""
        key = (equation.batch, equation.actual)
        if key not in self.made:
            self.made[key] = self._make(*key, self._depth())
        return self.made[key]

    def _depth(self) -> int:
        """Enough layers for the targets and for the assumptions of every equation."""
        targets = depth_for(self.derivation.model, self.derivation.targets)
        return max(targets, assumed_depth(self.derivation))

    def _make(
        self, batch: bool, actual: bool, depth: int, special: Mapping[object, int] | None = None
    ) -> list[Reference]:
        one, targets = self.derivation.model, self.derivation.targets
        model = self.derivation.batch if batch else one
        least = len(self.numbers) + 2 if self.numbers else least_width(one, targets)
        sizes = small_sizes(model, depth, least, self.needed)
        if actual:
            sizes |= bound_sizes(model)
        sizes |= special or {}
        seeds = (1,) if batch else tuple(range(1, SAMPLES + 1))
        return references_of(model, sizes, seeds)


def references_of(
    model: Model, sizes: Mapping[object, int], seeds: tuple[int, ...]
) -> list[Reference]:
    """References in which every definition has a real value, drawn in the first manner that works.

    Raises NotSupported when none does, naming a quantity that has no value.
    """
    for manner in Manner:
        found = [
            Reference(model, sizes, seed=seed, mixed_targets=True, manner=manner) for seed in seeds
        ]
        missing = [name for one in found for name in one.missing]
        if not missing:
            return found
    raise NotSupported(
        f"model {model.name}: {missing[0]} has no real value at any of the values that were drawn "
        "for what it is computed from, so that nothing can be verified"
    )


def bound_sizes(model: Model) -> dict[object, int]:
    """The numbers that the model's own sizes are bound to, as a reference takes them."""
    return {
        (str(size.base.label.name), *(int(i) for i in size.indices))
        if isinstance(size, Indexed)
        else str(size): number
        for size, number in model.sizes.items()
    }


def needed_values(derivation: Derivation) -> dict[Expr, int]:
    """How many different values a range must have: as many as a term has letters of that range.

    With two values a test is blind to what three different nodes would show.
    """
    found: dict[Expr, int] = {}
    for equation in derivation.equations:
        for term in (term for line in equation.lines for term in line.terms):
            bounds = [*term.sums, *(b for b in equation.letters if b.letter in term.free_symbols)]
            bounds += [
                Bound(*limit)
                for factor in term.factors
                for total in factor.atoms(Sum)
                for limit in total.limits
            ]
            counts = Counter(size for bound in bounds for size in _sizes_in(bound.high - bound.low))
            for size, number in counts.items():
                found[size] = max(found.get(size, 0), min(number, _MOST_VALUES))
    return found


def _sizes_in(length: Expr) -> set[Expr]:
    """The plain sizes and the families of sizes in the length of a range."""
    families = {one.base for one in length.atoms(Indexed)}
    labels = {base.label for base in families}
    plain = {s for s in length.free_symbols if isinstance(s, Symbol) and s.is_positive}
    return {*families, *(plain - labels)}


def depth_for(model: Model, targets: tuple[Expr, ...]) -> int:
    """A depth of three layers, and as many more as the targets count back from the last one."""
    back = 0
    for target in targets:
        quantity = model.quantity(target)
        position = layer_axis(quantity)
        if position is not None:
            behind = (quantity.axes[position].high - indices_of(target)[position]).expand()
            ahead = indices_of(target)[position]
            back = max(back, int(behind) if behind.is_Integer else 0)
            back = max(back, int(ahead) if isinstance(ahead, Integer) else 0)
    return _DEPTH + back


def assumed_depth(derivation: Derivation) -> int:
    """The depth that its equations assume: L >= 4 where four layers of the cost are composed."""
    return max(
        (
            int(depth - condition.expr)
            for equation in derivation.equations
            for condition in equation.assumptions
            for depth in condition.expr.free_symbols
            if depth in derivation.model.depths and (depth - condition.expr).is_Integer
        ),
        default=0,
    )


def least_width(model: Model, targets: tuple[Expr, ...]) -> int:
    """The smallest width in which every node that a target names exists."""
    largest = 1
    for target in targets:
        quantity = model.quantity(target)
        for axis, value in zip(quantity.axes, indices_of(target), strict=True):
            if axis.kind is not Kind.LAYER and value.is_Integer:
                largest = max(largest, int(value))
    return largest + 1
