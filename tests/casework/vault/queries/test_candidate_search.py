"""Candidate search in a register whose records and names are counted by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from django.core.cache import cache

from kerege.casework.vault.identity import Identity, blocking_keys, person_attributes
from kerege.casework.vault.models.identities import IdentityRecord
from kerege.casework.vault.queries import candidate_search, identities
from kerege.casework.vault.services import erasure
from kerege.casework.vault.services.identities import store_records
from kerege.core import audit
from kerege.core.authorization import Actor
from kerege.linkage import register_matching
from tests.casework.conftest import identity

pytestmark = [pytest.mark.django_db, pytest.mark.db]


@pytest.fixture
def store(operator: Actor, make_agency: Callable[..., Any]) -> Callable[..., list[UUID]]:
    """Return a function that stores identities as records of the agency and returns their ids."""

    def records(*values: Identity) -> list[UUID]:
        with audit.act(operator, "test"):
            stored = store_records(operator, [(make_agency(), one, "") for one in values])
        return [record.id for record, _key in stored]

    return records


def person(number: int) -> Identity:
    """Return one of many persons without anything in common."""
    return Identity(
        names=[{"kind": "main", "family": f"Фамилия{'абвгдежзик'[number % 10]}", "given": f"Имя{number}"}],
        birth_date=f"{1950 + number}-{1 + number % 12:02}-{2 + number % 27:02}",
    )


def test_a_blocking_key_finds_sixty_records_and_no_record_if_more_share_it(store: Any) -> None:
    ids = store(*[identity()] * 60)
    keys = blocking_keys(identity())
    assert sorted(candidate_search.sharing(keys)) == sorted(ids)
    store(identity())
    assert candidate_search.sharing(keys) == []


def test_records_that_share_more_keys_and_rarer_ones_come_first(store: Any) -> None:
    same, *_others = store(identity(), *(identity(birth_date=f"19{70 + number}-03-05") for number in range(3)))
    assert candidate_search.sharing(blocking_keys(identity()))[0] == same


def test_nobody_is_found_without_keys(store: Any) -> None:
    store(identity())
    assert candidate_search.sharing(()) == []
    assert candidate_search.count_name_records(()) == {}


def test_a_name_counts_its_records_and_one_of_several_words_those_of_the_rarest(store: Any) -> None:
    names = ["Айгүл", "Айгүл", "Айгүл", "Айгүл Нұр", "Болат"]
    store(*(identity(family=f"Фамилия{number}", given=given) for number, given in enumerate(names)))
    counted = candidate_search.count_name_records([("given", "aigul"), ("given", "aigul nur"), ("given", "nobody")])
    by_fold = {key[1]: count for key, count in counted.items()}
    assert by_fold.get("aigul") == 4
    assert by_fold.get("aigul nur") == 1
    assert "nobody" not in by_fold


def test_the_size_of_the_register_is_counted_once_in_ten_minutes(store: Any) -> None:
    store(person(1), person(2))
    assert candidate_search.size() == 2
    store(person(3))
    assert candidate_search.size() == 2


def test_the_match_of_the_same_person_comes_first_and_at_most_twelve_are_scored(store: Any) -> None:
    store(*(identity(birth_date=f"19{60 + number}-05") for number in range(14)))
    (same,) = store(identity())
    scored = candidate_search.scored(identity())
    assert len(scored) == 12
    assert scored[0].record.id == same
    weights = [row.match.weight for row in scored]
    assert weights == sorted(weights, reverse=True)
    assert same not in {row.record.id for row in candidate_search.scored(identity(), without=[same])}
    within = IdentityRecord.objects.filter(pk=same)
    assert [row.record.id for row in candidate_search.scored(identity(), within=within)] == [same]


def test_an_erased_record_is_no_candidate(store: Any, operator: Actor) -> None:
    (record,) = store(identity())
    (opened,) = candidate_search.open_many([record]).values()
    assert (opened.id, opened.identity) == (record, identity())
    erasure.erase(operator, erasure.Person.objects.get(memberships__record=record))
    assert candidate_search.open_many([record]) == {}
    assert candidate_search.scored(identity()) == []


def test_a_search_returns_at_most_fifty_records(store: Any, make_actor: Any, make_agency: Any) -> None:
    store(*[identity()] * 51)
    assert len(identities.find(make_actor("caseworker", agency=make_agency()), "Айгүл")) == 50


def test_a_match_is_weighed_by_the_records_of_its_names_and_an_uncounted_name_as_a_common_one(store: Any) -> None:
    """Three records have the given name, and none the family name of the searched person."""
    records = register_matching.in_steps(100_000)
    cache.set(candidate_search.SIZE, 100_000)
    store(*(identity(family=f"Фамилия{number}", given="Айгүл") for number in range(3)), identity(given="Болат"))
    searched = person_attributes(identity(family="Несохранённая", given="Айгүл"))
    counts = {"given": 3}

    def by_hand(column: str, _value: str) -> float | None:
        return register_matching.share(column, counts[column], records) if column in counts else None

    expected = register_matching.match_person(searched, [searched], records, by_hand)
    assert candidate_search.weighed(searched, [searched]) == expected
    assert expected != register_matching.match_person(searched, [searched], records)
    assert candidate_search.weighed(searched, []) == []
