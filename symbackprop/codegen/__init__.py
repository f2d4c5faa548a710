"""Definitions and adjoint equations lowered to an array program, and printed as source code."""
