"""A foreign manifest is never refused: a value of an unexpected type counts as absent."""

from __future__ import annotations

from typing import Any

import pytest

from kerege.evidence.sdc.published_tables.stated_manifest import StatedManifest, StatedSnapshot, StatedTable


def test_no_key_is_required_and_unknown_keys_are_ignored() -> None:
    assert StatedManifest.model_validate({}) == StatedManifest.model_validate({"more": 1})
    assert StatedTable.model_validate({"more": [1]}) == StatedTable()


@pytest.mark.parametrize(
    ("title", "expected"),
    [("T", "T"), ({"en": "E", "ru": 1}, "E"), ({"ru": "R"}, ""), ("  ", ""), (3, ""), (None, ""), ({"en": []}, "")],
)
def test_a_title_is_a_text_or_has_an_english_one(title: Any, expected: str) -> None:
    assert StatedManifest.model_validate({"title": title}).title == expected


@pytest.mark.parametrize(
    ("value", "expected"), [("2025", "2025"), (2025, "2025"), (True, ""), (2.5, ""), (None, ""), ([], "")]
)
def test_a_period_is_a_text_or_a_whole_number(value: Any, expected: str) -> None:
    assert StatedManifest.model_validate({"period": value}).period == expected


def test_the_snapshot_of_a_unit_is_found_among_invalid_entries() -> None:
    entries = [1, {"unit": 3, "as_of": "x"}, {"unit": "victims", "fingerprint": 7, "as_of": None}, {"unit": "victims"}]
    manifest = StatedManifest.model_validate({"snapshots": entries})
    assert manifest.snapshot("victims") == StatedSnapshot.model_validate({"unit": "victims", "fingerprint": "7"})
    assert manifest.snapshot("crimes") == manifest.snapshot("") == StatedSnapshot()
    assert StatedManifest.model_validate({"snapshots": {"unit": "victims"}}).snapshots == []


@pytest.mark.parametrize(("policy", "expected"), [({"sensitive": ["a", 1]}, ["a"]), ({"sensitive": "a"}, []), ([], [])])
def test_sensitive_columns_are_texts(policy: Any, expected: list[str]) -> None:
    assert StatedManifest.model_validate({"policy": policy}).policy.sensitive == expected


def test_multi_valued_columns_are_a_list_or_unstated() -> None:
    assert StatedTable.model_validate({"multi": "m"}).multi is None
    assert StatedTable.model_validate({"multi": ["m", 1]}).multi == ["m"]
    assert StatedTable.model_validate({"name": "t", "of": 3, "params": []}) == StatedTable(name="t")
