"""Printers: expressions as formulas in LaTeX and text, and as words to be read aloud."""
