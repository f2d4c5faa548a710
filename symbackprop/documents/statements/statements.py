"""What a document states beside the steps of its derivation: judged before anything is written."""

from __future__ import annotations

from dataclasses import dataclass

from symbackprop.derivation.derive import Derivation
from symbackprop.derivation.verify import Report
from symbackprop.derivation.worked import Worked
from symbackprop.documents.algorithm import program
from symbackprop.documents.prose import texts
from symbackprop.documents.statements.execution import Executed, Unfounded, execute
from symbackprop.documents.statements.function_form import require_dependence
from symbackprop.documents.statements.numbers_judge import require_numbers
from symbackprop.documents.statements.required import require_targets
from symbackprop.errors import VerificationError
from symbackprop.model.model import Model
from symbackprop.verification.gradient import check_gradient


@dataclass(frozen=True)
class Judged:
    """What was judged of a document, beside the steps of its derivation.

    executed: the algorithm that was run; None where there is none to be stated. matrices: how many
    matrix equations, numbers: how many worked numbers, code: how many entries of the gradient of
    the code that is shown.
    """

    executed: Executed | None = None
    matrices: int = 0
    numbers: int = 0
    code: int = 0


def judge_statements(
    derivation: Derivation, worked: Worked | None = None, code: Model | None = None
) -> Judged:
    """Judge a derivation's targets, function forms and algorithm, its worked numbers and its code.

    worked, code: what is worked through, and the model whose code is shown, where they are wanted.

    Raises VerificationError that names what is missing or not true.
    """
    require_targets(derivation)
    require_dependence(derivation)
    return Judged(
        executed=_executed(derivation),
        numbers=0 if worked is None else require_numbers(worked),
        code=0 if code is None else require_code(code),
    )


def require_code(model: Model) -> int:
    """Raise VerificationError unless the code of a model computes its gradient.

    Returns how many entries of it were compared with the reference.
    """
    from symbackprop import codegen

    module = codegen.load(codegen.generate(model), "shown")
    report = check_gradient(module.gradient, model, samples=2)
    if not report.ok:
        raise VerificationError(
            f"the code that is shown does not compute the gradient: {report}. "
            "Please report this defect of symbackprop"
        )
    return report.checked


def _executed(derivation: Derivation) -> Executed | None:
    lines = program(derivation)
    try:
        return execute(derivation, lines) if lines else None
    except Unfounded:
        return None


def closing(report: Report, judged: Judged) -> str:
    """The closing note of a document: what was judged before it was written."""
    parts = [
        f"{_count(len(report.steps), 'step')} of {_count(report.equations, 'equation')}",
        _assignments(report),
        f"largest relative difference {report.max_error:.1e}",
    ]
    besides = [
        text.format(count=_count(number, noun))
        for number, noun, text in (
            (judged.executed.lines if judged.executed else 0, "line", texts.EXECUTED),
            (judged.matrices, "matrix equation", texts.JUDGED_MATRICES),
            (judged.numbers, "worked number", texts.JUDGED_NUMBERS),
            (judged.code, "entry", texts.JUDGED_CODE),
        )
        if number
    ]
    note = f"{texts.VERIFIED}: {'; '.join(parts)}."
    return f"{note} {texts.BESIDES}: {'; '.join(besides)}." if besides else note


def _assignments(report: Report) -> str:
    """How many assignments of index values were evaluated; of how many, where it was a sample."""
    possible = getattr(report, "possible", report.assignments)
    if possible > report.assignments:
        return f"{report.assignments:,} of {possible:,} index assignments, sampled"
    return f"{_count(report.assignments, 'index assignment')}"


def _count(number: int, noun: str) -> str:
    """A number with its noun: 1 step, 1,684 index assignments, 2 entries."""
    plural = f"{noun.removesuffix('y')}ies" if noun.endswith("y") else f"{noun}s"
    return f"{number:,} {noun if number == 1 else plural}"
