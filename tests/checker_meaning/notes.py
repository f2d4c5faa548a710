"""Notes for the checker: equations that are right, and what a slip makes of them."""

from symbackprop.checker.report import check_text

DEFINITIONS = r"""
\[ C_0 = \sum_{j=0}^{n_L-1} (a_j^{(L)} - y_j)^2 \]
"""


def display(*formulas):
    return "\n".join(rf"\[ {formula} \]" for formula in formulas)


def findings(*formulas, before=DEFINITIONS, **options):
    """What is said of some formulas, behind the usual definition of the cost."""
    report = check_text(before + display(*formulas), "tex", **options)
    return report.findings[before.count(r"\[") :]


def verdicts(*formulas, **options):
    return [str(one.verdict) for one in findings(*formulas, **options)]
