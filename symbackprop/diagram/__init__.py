"""Diagrams of networks, read off the model: TikZ and SVG, with the paths of a derivative."""

from symbackprop.diagram.draw import FORMATS, draw

__all__ = ["FORMATS", "draw"]
