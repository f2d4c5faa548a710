"""Derivations laid out and written.

The stages, each with what goes in and what comes out:

    layout          a derivation             views: sections, paragraphs, displays
    prose           sections                 their words, those that their equations bear out
    measure         formulas                 how wide and high they are set, where they are broken
    statements      what is stated besides   judged in numbers, or not stated
    formats         views                    the text of a document
    output          a text                   a file, whole or not at all
"""

from symbackprop.documents.formats.formats import FORMATS, render

__all__ = ["FORMATS", "render"]
