"""Indices, symbols, quantities, expressions, notation profiles and the printers."""
