"""The rules that a step can apply: a name, the remark beside an equation, the sentence in prose."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: ``remark`` stands beside a line, ``sentence`` explains it in full."""

    name: str
    remark: str
    sentence: str


_RULES = (
    Rule("definition", "definition", "Put in the definition."),
    Rule(
        "linearity", "derivative of a sum", "The derivative of a sum is the sum of the derivatives."
    ),
    Rule(
        "delta",
        "every other quantity is constant",
        "A quantity responds to itself with 1 and to every other one with 0: "
        "that is a Kronecker delta for each index.",
    ),
    Rule(
        "contraction",
        "the delta picks one term",
        "Under the sum the Kronecker delta leaves the one term whose index it names.",
    ),
    Rule(
        "own_summand",
        "the other summands are constant",
        "Only the summand that mentions the quantity responds to it.",
    ),
    Rule("derivative", "derivative of the function", "Differentiate the function by its argument."),
    Rule(
        "fold",
        "in terms of the function's own value",
        "The derivative can be written with the value that the forward pass already has.",
    ),
    Rule(
        "all_paths",
        "chain rule over all paths",
        "Sum over everything that mentions the quantity, over all of its indices.",
    ),
    Rule(
        "chain",
        "chain rule",
        "Only what mentions the quantity responds to it; what survives is the sum over the paths.",
    ),
    Rule("through", "chain rule", "Follow the one path further towards the cost."),
    Rule(
        "grouped",
        "taken together",
        "What lies between the two is one derivative: how the later answers to the earlier.",
    ),
    Rule("explicit", "all derivatives put in", "Put in every derivative, down to the cost."),
    Rule("numbers", "numbers multiplied", "Multiply the numbers."),
    Rule("locals", "local derivatives", "Put in the local derivatives."),
    Rule("adjoint", "known derivative", "Put in the derivative that is known already."),
    Rule("written_out", "sum written out", "Write the sum out, one term a path."),
    Rule("composition", "", "Replace a quantity by its definition."),
    Rule("function_form", "", "Write each quantity as a function of what it depends on."),
    Rule(
        "mean", "mean over the samples", "The derivative of a mean is the mean of the derivatives."
    ),
)

RULES = {rule.name: rule for rule in _RULES}
