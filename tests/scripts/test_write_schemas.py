"""The JSON schemas in the documentation are those of the models, and files that are written fit them."""

from __future__ import annotations

import json
import runpy
from pathlib import Path
from typing import Any, get_args

import pytest
from jsonschema import Draft202012Validator

from kerege.evidence.release.spec.microdata import Preset
from kerege.evidence.synthesis.presets import PRESETS
from tests.evidence.release.test_manifest import DRAFT, OTHERS, WHOLE, changed, places
from tests.evidence.release.test_manifest import SCHEMA as PUBLISHED

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs/reference/schemas"
WRITE = "run `python scripts/write_schemas.py`"


@pytest.fixture(scope="module")
def made() -> dict[str, str]:
    schemas: dict[str, str] = runpy.run_path(str(ROOT / "scripts/write_schemas.py"))["schemas"]()
    return schemas


def schema(name: str) -> Draft202012Validator:
    tree = json.loads((FOLDER / name).read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(tree)
    return Draft202012Validator(tree)


def test_the_committed_schemas_are_those_of_the_models(made: dict[str, str]) -> None:
    assert {path.name for path in FOLDER.glob("*.json")} == set(made), WRITE
    for name, text in made.items():
        assert (FOLDER / name).read_text(encoding="utf-8") == text, f"{name}: {WRITE}"


def test_every_schema_is_one(made: dict[str, str]) -> None:
    for name in made:
        schema(name)


def _beyond_a_generated_schema(tree: dict[str, Any]) -> bool:
    """Return whether only a rule in Python finds the fault: an estimate is a range or a rule."""
    return any(error.validator == "oneOf" for error in PUBLISHED.iter_errors(tree))


def test_the_generated_schema_of_a_manifest_says_what_the_published_one_says() -> None:
    ours = schema("manifest.json")
    differ = [
        tree
        for path in places(WHOLE)
        for tree in changed(path)
        if PUBLISHED.is_valid(tree) != ours.is_valid(tree) and not _beyond_a_generated_schema(tree)
    ]
    assert len(OTHERS) > 30
    assert differ == []


def test_a_draft_fits_its_schema() -> None:
    assert list(schema("draft.json").iter_errors(DRAFT)) == []


@pytest.mark.parametrize(
    ("entry", "fits"),
    [
        ({}, True),
        ({"where": {"year": "2025"}, "title": {"kk": "a", "ru": "b", "en": "c"}}, True),
        ({"where": {"year": []}}, False),
        ({"method": "magic"}, False),
        ({"more": 1}, False),
        ({"name": "../sex"}, False),
    ],
)
def test_the_schema_of_a_specification_says_what_its_reader_says(entry: dict[str, Any], fits: bool) -> None:
    tree = {"title": "T", "period": "2025", "table": [{"name": "sex", "of": "victims"} | entry]}
    assert schema("release-spec.json").is_valid(tree) == fits


def test_the_presets_of_a_manifest_are_those_of_the_engine() -> None:
    assert get_args(Preset) == tuple(PRESETS)
