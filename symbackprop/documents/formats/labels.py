"""Numbers and anchors of equations, for formats that do not count by themselves."""

from __future__ import annotations

import re

from symbackprop.documents.views import DocumentView


def anchor(label: str) -> str:
    """A label as all hosts take one: letters, digits and hyphens.

    >>> anchor("eq:local:z:l-1")
    'eq-local-z-l-1'
    """
    words = re.sub(r"[^A-Za-z0-9]+", "-", label.replace("+", "-plus-"))
    return words.strip("-")


def numbers(view: DocumentView) -> dict[str, int]:
    """The number of each equation, by its label."""
    labels = [equation.label for section in view.sections for equation in section.equations]
    return {label: number for number, label in enumerate(labels, start=1)}
