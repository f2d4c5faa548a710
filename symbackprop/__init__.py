"""Backpropagation, derived once: documents, code and checks from one symbolic derivation.

>>> from symbackprop import Network
>>> network = Network.from_sizes("3-2")
>>> network.derive("w").verify().ok
True
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from symbackprop.version import __version__

if TYPE_CHECKING:
    from symbackprop.errors import SymbackpropError as SymbackpropError
    from symbackprop.model.costs import CostRow as CostRow
    from symbackprop.model.functions import FunctionRow as FunctionRow
    from symbackprop.model.layers import Dense as Dense
    from symbackprop.model.model import Model as Model
    from symbackprop.network import Derivation as Derivation
    from symbackprop.network import Network as Network
    from symbackprop.network import derive as derive
    from symbackprop.network import worked as worked
    from symbackprop.notation.profiles import Profile as Profile
    from symbackprop.verification.gradient import check_gradient as check_gradient

_HOMES = {
    "CostRow": "symbackprop.model.costs",
    "Dense": "symbackprop.model.layers",
    "Derivation": "symbackprop.network",
    "FunctionRow": "symbackprop.model.functions",
    "Model": "symbackprop.model.model",
    "Network": "symbackprop.network",
    "Profile": "symbackprop.notation.profiles",
    "SymbackpropError": "symbackprop.errors",
    "check_gradient": "symbackprop.verification.gradient",
    "derive": "symbackprop.network",
    "worked": "symbackprop.network",
}

__all__ = [*_HOMES, "__version__"]


def __getattr__(name: str) -> object:
    """Import a public name when it is first used: SymPy alone takes a third of a second."""
    if name not in _HOMES:
        raise AttributeError(f"module 'symbackprop' has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)
