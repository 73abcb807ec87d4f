"""JSON that two readers could understand differently is refused."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as some

from kerege.base import strict_json

NUMBERS = some.integers() | some.floats(allow_nan=False, allow_infinity=False)
VALUES = some.recursive(
    some.none() | some.booleans() | some.text() | NUMBERS,
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.text(), inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.parametrize(
    "text",
    [
        "NaN",
        "-Infinity",
        "1e309",
        "-1e999",
        "9007199254740993.0",
        "0.10000000000000000555",
        "1e-400",
        "1e99999999999999999999",
        "0e99999999999999999999",
        '{"id": 1, "id": 2}',
        '[{"a": {"b": 1, "b": 1}}]',
        "[" + "9" * 5000 + "]",
        "{",
    ],
)
def test_an_ambiguous_text_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        strict_json.parse(text)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_another_encoding_than_utf_8_is_refused(encoding: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        strict_json.parse('{"name": "Айгүл"}'.encode(encoding))


@given(VALUES)
def test_what_a_program_writes_is_read(value: object) -> None:
    assert strict_json.parse(json.dumps(value)) == value
    assert strict_json.parse(json.dumps(value).encode()) == value
