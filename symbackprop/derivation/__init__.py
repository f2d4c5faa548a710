"""Derivations: the calculus run for a target, with every equality kept as a justified step."""
