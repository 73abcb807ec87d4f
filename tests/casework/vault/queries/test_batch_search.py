"""The search for a batch of records finds and weighs as the search for each of them does."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kerege.casework.vault.identity import Identity, Name
from kerege.casework.vault.models.identities import IdentityRecord, IndexEntry
from kerege.casework.vault.queries import batch_search, candidate_search, index_counts
from kerege.casework.vault.queries.batch_search import BatchSearch, Earlier
from kerege.casework.vault.queries.candidate_search import Opened, Scored, search_terms
from kerege.casework.vault.services.identities import store_records
from kerege.core import audit
from kerege.core.authorization import Actor, session_scope

pytestmark = [pytest.mark.django_db, pytest.mark.db]

NARROW = {"SCORED": 3, "MOST_SHARING": 8, "MOST_COUNTED": 11}
FAMILIES = ("Каримова", "Karimova", "Ахметова", "Щебетун", "Кравцова")
GIVEN = ("Айгүл", "Aigul", "Олеся", "Дана")


def someone(draw: random.Random) -> Identity:
    """Return one of the people of a small town: many share names and birthdays."""
    names = [Name(family=draw.choice(FAMILIES), given=draw.choice(GIVEN)) for _ in range(draw.choice((1, 1, 2)))]
    return Identity(names=names, birth_date=f"19{draw.choice((80, 90))}-0{draw.randint(1, 3)}-1{draw.randint(1, 3)}")


@pytest.fixture
def store(operator: Actor, make_agency: Callable[..., Any]) -> Callable[[int], list[Opened]]:
    """Return a function that stores records, half of them at one of three agencies, and returns all."""
    agencies, draw = [make_agency(code, "ngo") for code in "abc"], random.Random(7)

    def register(count: int) -> list[Opened]:
        with audit.act(operator, "test"):
            store_records(operator, [(draw.choice([*agencies, agencies[0]]), someone(draw), "") for _ in range(count)])
        return list(candidate_search.open_many(IdentityRecord.objects.values_list("pk", flat=True)).values())

    return register


@pytest.fixture
def opened(store: Callable[[int], list[Opened]]) -> list[Opened]:
    """Return 24 records of three agencies."""
    return store(24)


def narrow(monkeypatch: pytest.MonkeyPatch, limits: dict[str, int]) -> None:
    for name, limit in limits.items():
        for module in (batch_search, candidate_search, index_counts):
            monkeypatch.setattr(module, name, limit, raising=False)


def search_one(record: Opened) -> list[Scored]:
    """Return the candidates of a record at its agency and elsewhere, by one search for each."""
    own = candidate_search.AgencyRecords(record.agency_id)
    at_agency = candidate_search.scored(record.identity, without={record.id}, within=own)
    return at_agency + candidate_search.scored(record.identity, outside=record.agency_id)


def search_batch(records: list[Opened]) -> list[list[Scored]]:
    """Return the candidates of each record, searched as one batch."""
    with session_scope.bypass_row_security("test"):
        search = BatchSearch(index_counts.read_index_counts(), {})
    search.read(records)
    return [search.scored(record, ()) for record in records]


@pytest.mark.parametrize("limits", [{}, NARROW], ids=["usual", "narrow"])
def test_a_batch_finds_and_weighs_as_a_search_for_each_record(
    opened: list[Opened], limits: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    narrow(monkeypatch, limits)
    expected = [search_one(record) for record in opened]
    assert search_batch(opened) == expected
    assert {record.id for record in opened} == {row.record.id for rows in expected for row in rows}


def test_a_larger_batch_needs_no_more_queries(opened: list[Opened]) -> None:
    def count(records: list[Opened]) -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            search_batch(records)
        return len(queries)

    assert count(opened) <= count(opened[:3]) + 2


def test_records_done_are_not_scored_again(opened: list[Opened]) -> None:
    with session_scope.bypass_row_security("test"):
        search = BatchSearch(index_counts.read_index_counts(), {})
    search.read(opened)
    first, *rest = search.scored(opened[0], ())
    assert search.scored(opened[0], {first.record.id}) == rest


def read_counts() -> index_counts.IndexCounts:
    """Return the counts of the index."""
    with session_scope.bypass_row_security("test"):
        return index_counts.read_index_counts()


def encode(counts: index_counts.IndexCounts, record: Opened) -> bytes:
    """Return the counts of a record as a night stores them."""
    terms = search_terms(record.attributes)
    return counts.encode(record.agency_id, [*terms.searched], [*terms.named])


@pytest.mark.parametrize("new", [0, 1, 4])
def test_pairs_that_an_earlier_run_scored_are_left_out_and_no_others(
    store: Callable[[int], list[Opened]], new: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The candidates of both times are those of one search for each record."""
    narrow(monkeypatch, {"SCORED": 3, "MOST_SHARING": 24})
    old = store(24)
    before, counts = {record.id: {row.record.id for row in search_one(record)} for record in old}, read_counts()
    records = store(new)
    changed = {record.id.bytes for record in records} - {record.id.bytes for record in old}
    search = BatchSearch(read_counts(), {}, Earlier({record.id: encode(counts, record) for record in old}, changed))
    search.read(records)
    left_out = 0
    for record in old:
        now, scored = (
            {row.record.id for row in search_one(record)},
            {row.record.id for row in search.scored(record, ())},
        )
        assert scored in (now - before[record.id], now)
        left_out += len(now - scored)
    assert left_out > 24


def test_every_candidate_is_scored_after_a_record_went_that_shared_a_key(store: Callable[[int], list[Opened]]) -> None:
    """Which candidates were the best before does not follow any more from those that are left."""
    gone, *old = store(24)
    counts = read_counts()
    IndexEntry.objects.filter(record=gone.id).delete()
    search = BatchSearch(read_counts(), {}, Earlier({record.id: encode(counts, record) for record in old}))
    search.read(old)
    shared = {*search_terms(gone.attributes).searched}
    sharers = [record for record in old if shared & {*search_terms(record.attributes).searched}]
    assert sharers
    assert all(search.scored(record, ()) == search_one(record) for record in sharers)
