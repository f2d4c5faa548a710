"""What the self-check of a module draws for its inputs and targets, as code."""

from __future__ import annotations

from symbackprop.notation.domains import REAL, Domain
from symbackprop.notation.quantities import Role

SAMPLES = 3
"""How many samples the self-check takes, apart from one alone."""


def drawn(domain: Domain, role: Role, name: str, shape: tuple[int, ...]) -> str:
    """An expression of `rng` for the values of some samples of a quantity, within its domain.

    shape: of one sample, which the module has under the quantity's name.
    """
    rows = f'({SAMPLES}, *SAMPLE_SHAPES["{name}"])'
    if domain.values:
        values = ", ".join(repr(float(value)) for value in domain.values)
        return f"rng.choice(({values}), {rows})"
    if domain.total is not None:
        if not shape:
            return f"np.full({SAMPLES}, {domain.total!r})"
        ones = f"np.ones({shape[-1]})"
        scale = "" if domain.total == 1 else f"{domain.total!r} * "
        return f"{scale}rng.dirichlet({ones}, {(SAMPLES, *shape[:-1])!r})"
    if domain == REAL and role is Role.INPUT:
        return f"rng.standard_normal({rows})"
    low, high = domain.span
    return f"rng.uniform({low:.6g}, {high:.6g}, {rows})"
