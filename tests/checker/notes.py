"""Notes for the checker: equations that are right, and what a slip makes of them."""

from symbackprop.checker.meaning.conditions import with_conditions
from symbackprop.checker.report import check_text
from symbackprop.reading.statements import parse

DEFINITIONS = r"""
\[ z_j^{(l)} = \sum_{k=0}^{n_{l-1}-1} w_{jk}^{(l)} a_k^{(l-1)} + b_j^{(l)} \]
\[ a_j^{(l)} = \sigma(z_j^{(l)}), \quad \sigma(t) = \frac{1}{1 + e^{-t}} \]
\[ C_0 = \sum_{j=0}^{n_L-1} (a_j^{(L)} - y_j)^2 \]
"""


def display(*formulas):
    return "\n".join(rf"\[ {formula} \]" for formula in formulas)


def findings(*formulas, before=DEFINITIONS, **options):
    """What is said of some formulas, behind the usual definitions."""
    report = check_text(before + display(*formulas), "tex", **options)
    return report.findings[-sum(len(with_conditions(parse(formula))) for formula in formulas) :]


def verdicts(*formulas, **options):
    return [str(one.verdict) for one in findings(*formulas, **options)]
