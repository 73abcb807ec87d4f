"""Data Package 2.0 beside the CSV for people."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from kerege.publishing.site.files import datapackage, people_csv
from kerege.publishing.site.files.figure_file import FigureFile
from tests.publishing.site.files.hand_made import COUNTED, EMPTY, ESTIMATED, HOSTILE_FIGURE
from tests.publishing.site.files.vendored_schemas import list_faults

SCHEMA = "data-package-2-0.json"


@pytest.mark.parametrize("lang", ["kk", "ru", "en"])
@pytest.mark.parametrize("figure", [COUNTED, ESTIMATED, EMPTY, HOSTILE_FIGURE], ids=lambda figure: figure.kind)
def test_the_schema_of_data_package_accepts_every_descriptor(figure: FigureFile, lang: str) -> None:
    assert list_faults(SCHEMA, datapackage.write(replace(figure, lang=lang))) == []


def test_the_schema_of_data_package_refuses_a_field_of_unknown_type() -> None:
    tree = json.loads(datapackage.write(COUNTED))
    tree["resources"][0]["schema"]["fields"][0]["type"] = "count"
    assert list_faults(SCHEMA, json.dumps(tree).encode()) != []


def test_the_descriptor_names_the_columns_and_the_size_of_the_csv() -> None:
    [resource] = json.loads(datapackage.write(COUNTED))["resources"]
    content = people_csv.write(COUNTED)
    header = content.decode("utf-8-sig").split("\r\n")[0].split(",")
    assert [field["name"] for field in resource["schema"]["fields"]] == header
    assert resource["bytes"] == len(content)
