"""An outsider's view of a manifest: what is of another kind than expected counts as absent, and nothing is refused."""

from __future__ import annotations

from typing import Any

import pytest

from kerege.evidence.sdc.constraints.stated_manifest import StatedManifest, StatedSnapshot, StatedTable


def test_nothing_is_required_and_unknown_keys_are_passed_over() -> None:
    assert StatedManifest.model_validate({}) == StatedManifest.model_validate({"more": 1})
    assert StatedTable.model_validate({"more": [1]}) == StatedTable()


@pytest.mark.parametrize(
    ("title", "told"),
    [("T", "T"), ({"en": "E", "ru": 1}, "E"), ({"ru": "R"}, ""), ("  ", ""), (3, ""), (None, ""), ({"en": []}, "")],
)
def test_a_title_is_a_text_or_has_an_english_one(title: Any, told: str) -> None:
    assert StatedManifest.model_validate({"title": title}).title == told


@pytest.mark.parametrize(
    ("value", "told"), [("2025", "2025"), (2025, "2025"), (True, ""), (2.5, ""), (None, ""), ([], "")]
)
def test_a_period_is_a_text_or_a_whole_number(value: Any, told: str) -> None:
    assert StatedManifest.model_validate({"period": value}).period == told


def test_the_snapshot_of_a_unit_is_found_among_what_is_none() -> None:
    known = [1, {"unit": 3, "as_of": "x"}, {"unit": "victims", "fingerprint": 7, "as_of": None}, {"unit": "victims"}]
    found = StatedManifest.model_validate({"snapshots": known})
    assert found.snapshot("victims") == StatedSnapshot.model_validate({"unit": "victims", "fingerprint": "7"})
    assert found.snapshot("crimes") == found.snapshot("") == StatedSnapshot()
    assert StatedManifest.model_validate({"snapshots": {"unit": "victims"}}).snapshots == []


@pytest.mark.parametrize(("policy", "told"), [({"sensitive": ["a", 1]}, ["a"]), ({"sensitive": "a"}, []), ([], [])])
def test_sensitive_columns_are_texts(policy: Any, told: list[str]) -> None:
    assert StatedManifest.model_validate({"policy": policy}).policy.sensitive == told


def test_a_table_says_of_several_values_or_does_not() -> None:
    assert StatedTable.model_validate({"multi": "m"}).multi is None
    assert StatedTable.model_validate({"multi": ["m", 1]}).multi == ["m"]
    assert StatedTable.model_validate({"name": "t", "of": 3, "params": []}) == StatedTable(name="t")
