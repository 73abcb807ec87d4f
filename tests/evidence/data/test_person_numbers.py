"""Numbers identify equal people within one snapshot, and nobody across two."""

from __future__ import annotations

import hashlib
from random import Random

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kerege.evidence.data.person_numbers import NUMBERS, number_people, single_people

KEY = b"k" * 32
ROWS = st.lists(st.lists(st.sampled_from("abcdefgh"), max_size=3), max_size=8)


@settings(max_examples=50, deadline=None)
@given(ROWS)
def test_numbers_run_from_1_and_equal_people_have_equal_numbers(rows: list[list[str]]) -> None:
    numbers = number_people(rows, KEY, "services 2025-12-31")
    people = {identity for row in rows for identity in row}
    assert {number for row in numbers for number in row} == set(range(1, len(people) + 1))
    for first, first_numbers in zip(rows, numbers, strict=True):
        assert first_numbers == sorted(first_numbers)
        for second, second_numbers in zip(rows, numbers, strict=True):
            assert len(set(first) & set(second)) == len(set(first_numbers) & set(second_numbers))


@settings(max_examples=30, deadline=None)
@given(ROWS, st.randoms())
def test_the_order_of_registration_has_no_effect(rows: list[list[str]], random: Random) -> None:
    places = list(range(len(rows)))
    random.shuffle(places)
    numbers = number_people(rows, KEY, "services 2025-12-31")
    assert number_people([rows[place] for place in places], KEY, "services 2025-12-31") == [
        numbers[place] for place in places
    ]


PEOPLE = [[f"person {number}"] for number in range(40)]


@pytest.mark.parametrize(
    ("key", "context"), [(b"l" * 32, "services 2025-12-31"), (KEY, "services 2025-06-30"), (KEY, "contacts 2025-12-31")]
)
def test_another_key_or_another_snapshot_gives_another_order(key: bytes, context: str) -> None:
    """Two snapshots with one order would show who is in both."""
    assert number_people(PEOPLE, key, context) != number_people(PEOPLE, KEY, "services 2025-12-31")


def test_the_numbers_are_ranks_of_keyed_hashes() -> None:
    """RFC 7693: the key of a snapshot is a hash of its context under the key of the installation."""
    key = hashlib.blake2b(b"person numbers services 2025-12-31", key=KEY, digest_size=32).digest()
    hashes = [hashlib.blake2b(person.encode(), key=key).digest() for (person,) in PEOPLE]
    ranks = [[1 + sum(other < own for other in hashes)] for own in hashes]
    assert number_people(PEOPLE, KEY, "services 2025-12-31") == ranks


def test_the_first_64_bytes_of_a_long_key_count() -> None:
    long_key = bytes(range(100))
    assert number_people(PEOPLE, long_key, "x") == number_people(PEOPLE, long_key[:64], "x")
    assert number_people(PEOPLE, long_key, "x") != number_people(PEOPLE, long_key[:63], "x")


def test_a_row_without_people_is_a_person_of_its_own() -> None:
    """Its number is below 0, so that it is not a number of a known person; null counts as no people."""
    people = single_people(pl.Series([[], [1, 2], None, [2], []], dtype=NUMBERS))
    assert people.to_list() == [[-1], [1, 2], [-3], [2], [-5]]
    assert people.dtype == pl.List(pl.Int64)
