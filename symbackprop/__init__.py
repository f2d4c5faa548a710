"""Backpropagation, derived once: documents, code and checks from one symbolic derivation."""

from symbackprop.version import __version__

__all__ = ["__version__"]
