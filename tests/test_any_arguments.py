"""Every public function and class, called with arguments of every sort: only errors of our own."""

from __future__ import annotations

import inspect
import random
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import symbackprop
from symbackprop.errors import SymbackpropError
from tests.support import FULL

TRIALS = 300 if FULL else 40
NETWORK = symbackprop.Network.from_sizes("2-1")
DERIVATION = NETWORK.derive("w")
SORTS: tuple[Any, ...] = (
    None, True, -1, 0, 3, 2.5, float("nan"), 10**30, "", "x", "3-2", "w[1]", "\0", "{0}", "$x$",
    b"x", [], ["w"], [1, 2], (), {}, {"a": 1}, object(), NETWORK, DERIVATION, symbackprop.Dense(2),
)  # fmt: skip


def callables() -> Iterator[tuple[str, Callable[..., Any]]]:
    """What the package offers: functions, classes, their class methods and methods."""
    owners = {"Network": NETWORK, "Derivation": DERIVATION}
    for name in symbackprop.__all__:
        found = getattr(symbackprop, name)
        if not callable(found) or (inspect.isclass(found) and issubclass(found, Exception)):
            continue
        yield name, found
        for own, _ in inspect.getmembers(found) if inspect.isclass(found) else ():
            method = getattr(owners.get(name, found), own)
            static = isinstance(inspect.getattr_static(found, own), classmethod | staticmethod)
            if not own.startswith("_") and callable(method) and (static or name in owners):
                yield f"{name}.{own}", method


CALLABLES = dict(callables())


def drawn(source: random.Random, parameters: list[inspect.Parameter]) -> tuple[list[Any], dict]:
    """Arguments: what must be given, and now and then what may be."""
    given: list[Any] = []
    named: dict[str, Any] = {}
    positional = True
    for one in parameters:
        needed = one.default is one.empty or source.random() < 0.35
        if one.kind is one.VAR_POSITIONAL and positional:
            given += [source.choice(SORTS) for _ in range(source.randrange(3))]
        elif one.kind is one.KEYWORD_ONLY and needed:
            named[one.name] = source.choice(SORTS)
        elif one.kind in (one.POSITIONAL_ONLY, one.POSITIONAL_OR_KEYWORD) and positional:
            positional = needed
            given += [source.choice(SORTS)] if needed else []
    return given, named


@pytest.mark.parametrize("name", CALLABLES)
def test_arguments_of_any_sort_are_taken_or_refused(
    name: str, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    function, source = CALLABLES[name], random.Random(name)
    parameters = list(inspect.signature(function).parameters.values())
    for _ in range(TRIALS):
        given, named = drawn(source, parameters)
        try:
            function(*given, **named)
        except SymbackpropError:
            continue
        except Exception as error:
            error.add_note(f"{name}(*{given!r:.300}, **{named!r:.300})")
            raise


def test_the_package_is_walked() -> None:
    assert {"Network", "derive", "Network.from_sizes", "Derivation.render"} <= set(CALLABLES)
