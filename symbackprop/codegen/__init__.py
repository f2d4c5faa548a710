"""Definitions and adjoint equations lowered to an array program, and printed as source code.

The pipeline: `system` numbers the equations of a model, `instances` schedules them at concrete
sizes, `lower` makes an array program of them, `passes` improve it, a printer prints its operations,
and a template lays the module out.
"""

from symbackprop.codegen.generate import generate, load, targets

__all__ = ["generate", "load", "targets"]
