"""JSON: it obeys its schema, and what is read back from it is a derivation that holds."""

import copy
import json
from functools import cache

import pytest
from jsonschema import Draft202012Validator

from symbackprop.verification.draw import small_sizes
from symbackprop.verification.equality import judge
from symbackprop.verification.reference import Reference
from tests.documents_web import rebuild
from tests.documents_web.support import CASES, MODELS, document
from tests.support import FULL, ROOT

SCHEMA = json.loads((ROOT / "docs" / "schema" / "derivation-1.schema.json").read_text())
TARGETS = {"4-3-2": ("w[2,2]@L-1", "b")}


@cache
def validator() -> Draft202012Validator:
    Draft202012Validator.check_schema(SCHEMA)
    return Draft202012Validator(SCHEMA)


def data(model: str, *targets: str, **options: str) -> dict:
    return json.loads(document(model, "json", *targets, **options))


@pytest.mark.parametrize(("model", "notation", "detail"), CASES if FULL else CASES[::7])
def test_it_obeys_the_schema(model: str, notation: str, detail: str) -> None:
    found = data(model, notation=notation, detail=detail)
    errors = [f"{list(e.absolute_path)}: {e.message[:200]}" for e in validator().iter_errors(found)]
    assert errors == []
    assert found["verification"]["holds"]
    assert found["detail"] == detail


def test_the_schema_can_fail() -> None:
    good = data("chain", detail="brief")
    for change in (
        lambda d: d.pop("model"),
        lambda d: d.update(version=2),
        lambda d: d["sections"][0]["equations"][0].update(more=1),
        lambda d: d["targets"][0].update(op="tree"),
    ):
        bad = copy.deepcopy(good)
        change(bad)
        assert not validator().is_valid(bad)


def references(found: dict, batch: bool, actual: bool) -> list[Reference]:
    model = rebuild.model(found["batch" if batch else "model"])
    sizes = small_sizes(model, 4, 3)
    if actual:
        sizes |= {("n", int(size.indices[0])): n for size, n in model.sizes.items()}
    return [Reference(model, sizes, seed=seed) for seed in (1, 2)]


@pytest.mark.parametrize("model", MODELS)
def test_what_is_read_back_holds(model: str) -> None:
    found = data(model, *TARGETS.get(model, ()), detail="full")
    places: dict[tuple[bool, bool], list[Reference]] = {}
    for section in found["sections"]:
        for equation in section["equations"]:
            kind = (equation["batch"], equation["actual_sizes"])
            where = places.setdefault(kind, []) or places[kind]
            if not where:
                where += references(found, *kind)
            for step in rebuild.steps(equation):
                assert judge(step, where).holds(1e-10), equation["key"]


def test_a_wrong_number_is_found() -> None:
    found = data("chain", "w")
    section = next(one for one in found["sections"] if one["topic"] == "target")
    equation = section["equations"][0]
    equation["lines"][-1]["terms"][0]["links"].append([{"op": "integer", "value": 2}])
    where = references(found, False, False)
    assert not all(judge(step, where).holds(1e-10) for step in rebuild.steps(equation))


def test_names_do_not_depend_on_the_notation() -> None:
    one, other = data("3-2"), data("3-2", notation="ng")
    assert one["model"] == other["model"]
    assert (
        one["sections"][0]["equations"][0]["left"] != other["sections"][0]["equations"][0]["left"]
    )
