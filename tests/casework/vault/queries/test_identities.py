"""Search by name and document number: every word, the best match first, merged records once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from kerege.casework.cases.models.case import Case, Share
from kerege.casework.vault.identity import Identity
from kerege.casework.vault.models.identities import IdentityRecord
from kerege.casework.vault.queries import identities
from kerege.casework.vault.services.identities import store_records
from kerege.core import audit
from kerege.core.accounts.models import Agency
from kerege.core.authorization import Actor
from tests import rights
from tests.rights import NOW, Rows, make

pytestmark = [pytest.mark.django_db, pytest.mark.db]


@pytest.fixture
def rows() -> Rows:
    """Return a user of an agency."""
    return rights.start_rows()


@pytest.fixture
def caseworker(rows: Rows) -> Actor:
    """Return the caseworker who searches."""
    return rows.actor("caseworker")


def named(family: str, given: str = "", number: str = "") -> Identity:
    """Return an identity with a name and a document number."""
    documents: Any = [{"kind": "passport", "number": number}] if number else []
    return Identity(names=[{"kind": "main", "family": family, "given": given}], documents=documents)


def store(agency: Agency, *persons: Identity) -> list[UUID]:
    """Store identities at an agency, and return the ids of their records."""
    operator = Actor.system("tests")
    with audit.act(operator, "test"):
        return [record.pk for record, _key in store_records(operator, [(agency, person, "") for person in persons])]


def test_every_word_of_the_text_must_match(rows: Rows, caseworker: Actor) -> None:
    both, family, given = store(rows.own, named("Серикова", "Айгүл"), named("Серикова", "Болат"), named("Ким", "Айгүл"))
    assert identities.find(caseworker, "Серикова Айгүл") == [both]
    assert set(identities.find(caseworker, "Серикова")) == {both, family}
    assert set(identities.find(caseworker, "Айгүл")) == {both, given}
    assert identities.find(caseworker, "Серикова Жанна") == []
    assert identities.find(caseworker, "") == identities.find(caseworker, " - ") == []


def test_a_document_number_ranks_above_a_name_and_is_listed_once(rows: Rows, caseworker: Actor) -> None:
    by_name, by_both, by_number = store(
        rows.own, named("N123456"), named("N123456", number="N 123456"), named("Ким", number="n-123456")
    )
    hits = identities.find(caseworker, "N123456")
    assert set(hits[:2]) == {by_both, by_number}
    assert hits[2:] == [by_name]
    assert identities.find(caseworker, "N123456", limit=2) == hits[:2]
    assert identities.find(caseworker, "N123456", limit=1) == hits[:1]


def test_the_exact_name_comes_before_one_that_only_sounds_alike(rows: Rows, caseworker: Actor) -> None:
    alike, exact, other = store(rows.own, named("Серикава"), named("Серикова"), named("Ким"))
    hits = identities.find(caseworker, "Серикова")
    assert hits[0] == exact
    assert other not in hits
    assert identities.find(caseworker, "Серикова", limit=1) == [exact]
    assert set(hits) <= {alike, exact}


def test_an_agency_finds_the_survivor_of_a_merge_and_another_one_the_record_shared_with_it(rows: Rows) -> None:
    teller = make(Agency)
    merged, survivor = store(teller, named("Серикова"), named("Серикова"))
    IdentityRecord.objects.filter(pk=merged).update(superseded_by=survivor)
    case = make(Case, record=IdentityRecord.objects.get(pk=merged), agency=teller)
    make(Share, case=case, agency=rows.own, basis="legal", named=True, from_at=NOW - timedelta(days=1))
    at_home = Actor("user:home", rows.user.pk, teller.pk, frozenset({"caseworker"}))
    assert identities.find(at_home, "Серикова") == [survivor]
    assert identities.find(Actor.system("tests"), "Серикова") == [survivor]
    assert identities.find(rows.actor("caseworker"), "Серикова") == [merged]


def test_a_share_without_the_name_is_found_neither_by_name_nor_by_number(rows: Rows, caseworker: Actor) -> None:
    hidden, shown = store(make(Agency), *[named("Серикова", number="N123456")] * 2)
    for record, is_named in ((hidden, False), (shown, True)):
        case = make(Case, record=IdentityRecord.objects.get(pk=record))
        make(Share, case=case, agency=rows.own, basis="legal", named=is_named, from_at=NOW - timedelta(days=1))
    assert identities.find(caseworker, "Серикова") == identities.find(caseworker, "N123456") == [shown]


def test_a_chain_of_merges_leads_every_record_to_the_last_one(rows: Rows) -> None:
    first, second, third, other = store(rows.own, *[named("Ким", number="N123456")] * 3, named("Ким"))
    for record, into in ((first, second), (second, third)):
        IdentityRecord.objects.filter(pk=record).update(superseded_by=into)
    assert identities.with_merged([third]) == {first: third, second: third, third: third}
    assert identities.with_merged([other]) == {other: other}
    assert identities.with_merged([]) == {}


def test_a_name_that_is_no_number_finds_no_document(rows: Rows) -> None:
    store(rows.own, named("Ким", number="ABCDEF"), named("Ким", number="12345"))
    assert identities.with_document("ABCDEF") == identities.with_document("12345") == []
