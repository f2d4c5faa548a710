"""Modules: the parts of a generated module of one target, as its template receives them."""
