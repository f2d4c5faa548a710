"""What is asked of a writer that needs more than the laid-out view: the derivation itself."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from symbackprop.derivation.verify import Report
from symbackprop.documents.layout import Layout
from symbackprop.documents.views import DocumentView


@dataclass(frozen=True)
class Request:
    """One document to be written.

    folder: a user's templates, looked in first. dialect: which host a format of several is for.
    """

    layout: Layout
    title: str
    report: Report
    folder: Path | None = None
    dialect: str = ""

    @property
    def view(self) -> DocumentView:
        """The derivation laid out."""
        return self.layout.document(self.title, self.report)
