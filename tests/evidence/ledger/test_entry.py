"""Entries: which values they take, how they are written, and the hash of a JSON value."""

from __future__ import annotations

import hashlib
import json
import re
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from kerege.evidence.data.snapshot import Snapshot
from kerege.evidence.ledger.entry import (
    EnteredCohort,
    EnteredSnapshot,
    EntryContents,
    LedgerEntry,
    LedgerHead,
    LedgerState,
    digest,
    now,
)

JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text("aé\n", max_size=2),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc", max_size=2), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=60, deadline=None)
@given(JSON_VALUES, JSON_VALUES)
def test_two_values_have_one_digest_only_if_they_are_the_same_json(first: object, second: object) -> None:
    texts = [json.dumps(value, sort_keys=True) for value in (first, second)]
    assert (digest(first) == digest(second)) is (texts[0] == texts[1])


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"b": [1, 2.0], "a": None}, '{"a":null,"b":[1,2.0]}'),
        ("Қызылорда", '"Қызылорда"'),  # UTF-8, not escaped
        (0.1, "0.1"),
        ([], "[]"),
    ],
)
def test_a_digest_is_the_sha_256_of_canonical_json(value: object, text: str) -> None:
    """Ledgers hold digests of earlier versions: a request would not be found again under another digest."""
    assert digest(value) == hashlib.sha256(text.encode()).hexdigest()


@pytest.mark.parametrize("value", [True, "0.1", None, float("nan"), float("inf"), [0.1]])
def test_a_loss_and_a_reserve_are_finite_numbers(value: object) -> None:
    for field in ("rho", "delta", "reserved"):
        with pytest.raises(ValidationError, match="is not a finite number"):
            EntryContents.model_validate({field: value})


def test_a_reserve_may_be_negative_and_a_loss_may_not() -> None:
    assert EntryContents(reserved=-0.5).reserved == -0.5
    for field in ("rho", "delta", "ceiling"):
        assert getattr(EntryContents.model_validate({field: 0}), field) == 0
        with pytest.raises(ValidationError, match="is not a number of 0 or more"):
            EntryContents.model_validate({field: -1e-12})


def test_an_integer_stays_an_integer() -> None:
    contents = EntryContents.model_validate({"rho": 1, "delta": 1.0})
    assert json.dumps(contents.tree) == '{"rho": 1, "delta": 1.0}'


def test_merged_contents_have_the_keys_of_both_and_the_later_values() -> None:
    first = EntryContents(kind="release", rho=0.5, series="a")
    second = EntryContents(rho=0.25, reason="decision 7")
    assert first.merged(second).tree == {"kind": "release", "rho": 0.25, "series": "a", "reason": "decision 7"}
    assert first.merged(EntryContents()).tree == first.tree
    assert EntryContents(rho=0.5).merged(EntryContents(rho=0)).rho == 0  # a key that is set counts, whatever its value


def test_an_entry_writes_only_the_keys_that_it_has_in_sorted_order() -> None:
    content = {
        "seq": 3,
        "prev": "0" * 64,
        "hash": "a" * 64,
        "reason": "по решению",
        "rho": 0,
        "later": {"z": 1, "b": 2},
    }
    entry = LedgerEntry.model_validate(content)
    assert entry.line == json.dumps(content, sort_keys=True, ensure_ascii=False)
    assert "по решению" in entry.line
    assert "\n" not in entry.line


@pytest.mark.parametrize(
    "content",
    [
        {"seq": 1, "prev": "0" * 63, "hash": "a" * 64},
        {"seq": 1, "prev": "0" * 64, "hash": "A" * 64},
        {"seq": 1.5, "prev": "0" * 64, "hash": "a" * 64},
        {"prev": "0" * 64, "hash": "a" * 64},
    ],
)
def test_an_entry_has_a_number_and_two_hashes_in_lower_case(content: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        LedgerEntry.model_validate(content)


def test_a_reference_to_a_snapshot_has_its_unit_date_and_hash() -> None:
    snapshot = Snapshot(pl.DataFrame({"a": ["x"]}), "victims", "2025-12-31", True, "c" * 64, path="secret.parquet")
    expected = {"unit": "victims", "sha256": "c" * 64, "as_of": "2025-12-31"}
    assert EnteredSnapshot.of(snapshot).tree == expected  # no path, and no fingerprint before the ledger gives one


def test_parts_of_a_newer_version_keep_their_keys_and_a_state_has_none() -> None:
    """The hash of an entry covers keys that this version does not know. A state is signed with a manifest."""
    for part in (
        EnteredCohort.model_validate({"column": "year", "values": ["2025"], "since": 1}),
        EnteredSnapshot.model_validate({"since": 1}),
        LedgerHead.model_validate({"seq": 1, "hash": "a" * 64, "since": 1}),
    ):
        assert part.tree["since"] == 1
    state = {"name": "a" * 64, "entries": 0, "hash": "b" * 64}
    assert LedgerState.model_validate(state).tree == state
    with pytest.raises(ValidationError, match="since"):
        LedgerState.model_validate(state | {"since": 1})


def test_the_time_of_an_entry_is_in_utc_to_the_second() -> None:
    text = now()
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", text)
    assert abs(datetime.fromisoformat(text) - datetime.now(UTC)) < timedelta(minutes=1)
