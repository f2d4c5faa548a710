"""A derivation laid out: views for the templates and one writer per format."""

from symbackprop.documents.formats import FORMATS, render

__all__ = ["FORMATS", "render"]
