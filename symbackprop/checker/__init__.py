"""The equations of notes judged: what each means in a network, whether it holds, where it slips.

The stages, each with what goes in and what comes out:

    provenance      a text                   the model that it says it is about
    meaning         a tree                   its value in a small network, for given indices
    verdicts        a statement              holds, fails or cannot tell, and by which reading
    repairs         a statement that fails   the small edit after which it holds
    report          a text                   the verdicts on all of its equations
    notes           a file                   the same, or what is wrong with the file
"""

from symbackprop.checker.report import Report, check_text

__all__ = ["Report", "check_text"]
