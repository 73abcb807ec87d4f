"""The statements of any manifest are read without trust in their form."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from kerege.evidence.release.stated_release import StatedRelease


def read(folder: Path, content: Any) -> StatedRelease | None:
    (folder / "manifest.json").write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    return StatedRelease.read(folder)


def test_the_statements_of_a_release_are_read(tmp_path: Path) -> None:
    stated = read(
        tmp_path,
        {
            "format": "kerege-release/1",
            "period": 2025,
            "embargo": "2026-07-30T10:00:00+05:00",
            "attack": {"safe": True},
            "tables": [{"name": "sex", "of": "victims", "method": "suppress"}, {"method": 5}, "no table"],
            "microdata": [{}, {}],
            "estimates": [{}],
        },
    )
    assert stated is not None
    assert (stated.format, stated.period, stated.embargo) == ("kerege-release/1", "2025", "2026-07-30T10:00:00+05:00")
    assert (stated.is_assessed, stated.microdata, stated.estimates) == (True, 2, 1)
    assert stated.tables is not None
    assert [table.method for table in stated.tables] == ["suppress", "", ""]
    assert stated.tables[0].of == "victims"


@pytest.mark.parametrize("attack", [None, "absent"])
def test_a_manifest_without_a_report_is_not_assessed(tmp_path: Path, attack: str | None) -> None:
    stated = read(tmp_path, {"attack": None} if attack is None else {})
    assert stated is not None
    assert not stated.is_assessed


def test_tables_that_are_no_list_are_none_and_an_empty_list_stays_one(tmp_path: Path) -> None:
    for value, expected in (("sex", None), ({}, None), ([], [])):
        stated = read(tmp_path, {"tables": value})
        assert stated is not None
        assert stated.tables == expected
    absent = read(tmp_path, {})
    assert absent is not None
    assert absent.tables is None


def test_other_types_count_as_absent(tmp_path: Path) -> None:
    stated = read(tmp_path, {"format": ["x"], "period": True, "embargo": 5, "microdata": "many", "estimates": 3})
    assert stated == read(tmp_path, {})


@pytest.mark.parametrize("content", [b"no JSON", b"\xff", [1], "text", b"[" * 200_000, b""])
def test_a_file_that_is_no_json_object_states_nothing(tmp_path: Path, content: Any) -> None:
    assert read(tmp_path, content) is None


def test_a_folder_without_a_manifest_states_nothing(tmp_path: Path) -> None:
    assert StatedRelease.read(tmp_path) is None
