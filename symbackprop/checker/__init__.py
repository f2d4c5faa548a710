"""The equations of notes judged: what each means in a network, whether it holds, where it slips.

check_text(text, kind) the equations of a text, each with its verdict
"""

from symbackprop.checker.report import Report, check_text

__all__ = ["Report", "check_text"]
