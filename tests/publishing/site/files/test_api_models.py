"""JSON Schemas of the API v1: valid, complete, and only growing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest

from kerege.publishing.site.files import api_indicator, api_models
from kerege.publishing.site.files.figure_file import FigureFile
from tests.publishing.site.files.hand_made import COUNTED, EMPTY, ESTIMATED, HOSTILE_FIGURE

# every key and type of v1; a new one is added at the end of the list, none is ever taken away
SNAPSHOT = Path(__file__).with_name("api_v1_keys.txt")


def list_keys(name: str) -> Iterator[str]:
    """Yield every key of a schema with its type."""
    tree = api_models.schema(name)
    models = {"": tree} | tree.get("$defs", {})
    for model, part in models.items():
        for key, value in part.get("properties", {}).items():
            yield f"{name} {model or '-'}.{key} {json.dumps(_type(value), sort_keys=True)}"


def _type(value: dict[str, object]) -> object:
    return {
        key: value[key] for key in ("type", "anyOf", "items", "enum", "$ref", "additionalProperties") if key in value
    }


def test_no_key_and_no_type_of_version_1_was_removed() -> None:
    keys = {key for name in api_models.MODELS for key in list_keys(name)}
    kept = set(SNAPSHOT.read_text(encoding="utf-8").splitlines())
    assert kept - keys == set()
    assert keys - kept == set(), "add the new keys to api_v1_keys.txt"


@pytest.mark.parametrize("figure", [COUNTED, ESTIMATED, HOSTILE_FIGURE, EMPTY], ids=lambda figure: figure.kind)
def test_the_schema_accepts_every_file_of_an_indicator(figure: FigureFile) -> None:
    schema = api_models.schema("indicator")
    jsonschema.Draft202012Validator.check_schema(schema)
    content = api_indicator.write({lang: replace(figure, lang=lang) for lang in ("kk", "ru", "en")})
    jsonschema.Draft202012Validator(schema).validate(json.loads(content))


def test_the_schema_refuses_a_value_without_its_status() -> None:
    content = json.loads(api_indicator.write({lang: replace(COUNTED, lang=lang) for lang in ("kk", "ru", "en")}))
    del content["values"][0]["status"]
    with pytest.raises(jsonschema.ValidationError, match="status"):
        jsonschema.Draft202012Validator(api_models.schema("indicator")).validate(content)
