"""Backpropagation, derived once: documents, code and checks from one symbolic derivation."""

__version__ = "0.1.0"
