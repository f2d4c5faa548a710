"""temporary table"""

import mpmath
import numpy as np
from sympy import *


def _mp(name):
    f = getattr(mpmath, name)

    def one(z):
        with mpmath.workdps(40):
            return complex(f(mpmath.mpc(z)))

    def value(z):
        z = np.asarray(z, complex)
        u, inv = np.unique(z.ravel(), return_inverse=True)
        return np.array([one(complex(x)) for x in u], complex)[inv].reshape(z.shape)

    return value


FUNCTIONS = {
    exp: np.exp,
    log: np.log,
    sin: np.sin,
    cos: np.cos,
    tan: np.tan,
    tanh: np.tanh,
    sinh: np.sinh,
    cosh: np.cosh,
    erf: _mp("erf"),
    erfc: _mp("erfc"),
    atan: _mp("atan"),
    Abs: lambda z: np.where(z.real > 0, z, -z),
    sign: lambda z: np.sign(z.real) + 0j,
    Max: lambda *a: __import__("functools").reduce(
        lambda x, y: np.where(x.real >= y.real, x, y), a
    ),
    Min: lambda *a: __import__("functools").reduce(
        lambda x, y: np.where(x.real <= y.real, x, y), a
    ),
    Heaviside: lambda z, *a: (z.real > 0) + 0j,
    floor: lambda z: np.floor(z.real) + 0j,
    ceiling: lambda z: np.ceil(z.real) + 0j,
}
