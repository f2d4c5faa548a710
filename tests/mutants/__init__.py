"""Mutants: the sources with one slip each, and whether a test fails; `make mutants` runs them."""
