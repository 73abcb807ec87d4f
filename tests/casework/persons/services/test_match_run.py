"""Matching run: it proposes pairs, and undoes no human decision."""

from __future__ import annotations

from collections.abc import Callable
from math import log2
from typing import Any

import pytest
from django.db import transaction
from django.db.models import Q

from kerege.casework.cases.services.registration import change_identity
from kerege.casework.persons.models import MatchCandidate, MatchDue, PairDecision
from kerege.casework.persons.services import match_run, review
from kerege.casework.vault.crypto import envelope
from kerege.casework.vault.models.identities import IndexEntry, Membership
from kerege.casework.vault.queries import candidate_search as vault
from kerege.casework.vault.services.identities import newest
from kerege.core import audit
from kerege.core.audit.models import AuditEvent
from kerege.core.authorization import Actor, session_scope
from kerege.core.security.keyring import keyring
from kerege.linkage import register_matching
from tests.casework.conftest import identity
from tests.casework.persons.conftest import MACHINE, SERIK, SERIK_LATIN, person
from tests.casework.persons.services.match_people import SEEN, State, again, serik, woman

pytestmark = [pytest.mark.django_db, pytest.mark.db]


def test_two_spellings_are_proposed_and_not_linked(pair: Callable[..., Any]) -> None:
    row = pair()
    assert (row.state, row.left_id < row.right_id) == (State.OPEN, True)
    assert Membership.objects.values("person").distinct().count() == 2


def test_a_proposal_holds_numbers_and_no_values(pair: Callable[..., Any]) -> None:
    row = pair()
    assert all(isinstance(level, int) for level in row.levels.values())
    assert all(isinstance(bits, float) for bits in row.parts.values())


def test_a_stored_record_waits_and_the_run_takes_it_up_once(twice: Callable[..., Any]) -> None:
    twice()
    assert MatchDue.objects.count() == 2
    assert match_run.match_due(MACHINE).records == 2
    assert match_run.match_due(MACHINE).records == 0
    assert AuditEvent.objects.filter(action="persons.match").count() == 1


def test_the_event_of_a_run_names_nobody(pair: Callable[..., Any]) -> None:
    pair()
    assert set(AuditEvent.objects.get(action="persons.match").details) <= {
        "records",
        "proposed",
        "withdrawn",
        "linked",
        "parted",
        "model",
    }


def test_a_common_name_alone_proposes_nobody(make_case: Callable[..., Any]) -> None:
    for _ in range(2):
        make_case(person=identity("Ахметова", "Айгүл", birth_date="", gender="", citizenships=[]))
    match_run.match_due(MACHINE)
    assert not MatchCandidate.objects.exists()


def test_rare_names_weigh_more_than_common_ones(
    operator: Actor, make_case: Callable[..., Any], monkeypatch: Any
) -> None:
    """By how common they are in the register, and wherever the machine weighs a pair it says the same."""
    monkeypatch.setattr(vault, "size", lambda: 100_000)
    monkeypatch.setattr(vault.AgencyRecords, "count", lambda records: 100_000)
    rare = identity("Щебетун", "Олеся", birth_date="1996-05-14")
    common = identity("Кравцова", "Марфа", birth_date="1996-05-14")
    with audit.act(operator, "test.desk"):
        before = (
            make_case(person=rare) and vault.scored(rare)[0].match
        )  # the registration page, before the second registration
    make_case(person=rare)
    for year in range(1970, 1980):
        make_case(person=identity("Кравцов", "Тихон", birth_date=f"{year}-01-02"))
    for _ in range(2):
        make_case(person=common)
    match_run.match_due(MACHINE)
    rows = {row.parts["family"]: row for row in MatchCandidate.objects.all()}
    # two bear the one and twelve the other, and six tenths of a record are added
    assert max(rows) - min(rows) == pytest.approx(log2(12.6 / 2.6))
    row = rows[max(rows)]
    opened = vault.open_many([row.left_id, row.right_id])
    left, right = opened[row.left_id], opened[row.right_id]
    assert row.weight == before.weight
    for one, two in ((left, right), (right, left)):
        assert vault.weighed(one.attributes, [two.attributes])[0].parts == row.parts
    MatchCandidate.objects.all().delete()
    with transaction.atomic():
        assert match_run.get_or_create_candidate(right, left).parts == row.parts


def test_no_record_elsewhere_changes_a_pair_of_one_agency(
    pair: Callable[..., Any], make_case: Callable[..., Any], make_agency: Any, monkeypatch: Any
) -> None:
    """Neither the names nor the number of records elsewhere: they would disclose who is known there."""
    seen = ("weight", "probability", "parts", "levels", "risks")
    row = pair()
    before = MatchCandidate.objects.filter(pk=row.pk).values(*seen).get()
    monkeypatch.setattr(vault, "size", lambda: 100_000)
    for number in range(13):
        make_case(make_agency("ngo", "ngo"), person=SERIK | {"birth_date": f"19{60 + number}-03-04"})
    match_run.rematch(MACHINE)
    assert MatchCandidate.objects.filter(pk=row.pk).values(*seen).get() == before


def test_a_crowd_elsewhere_hides_no_pair_of_one_agency(make_case: Callable[..., Any], make_agency: Any) -> None:
    """A search opens few records; those of other agencies do not use them up."""
    one, two = make_case(person=SERIK_LATIN), make_case(person=SERIK_LATIN | {"birth_date": "1996"})
    for _ in range(vault.SCORED + 1):
        make_case(make_agency("ngo", "ngo"), person=SERIK_LATIN)
    match_run.match_due(MACHINE)
    assert MatchCandidate.objects.filter(agency=one.agency).count() == 1
    ids = [one.record_id, two.record_id]
    assert MatchCandidate.objects.filter(Q(left__in=ids) | Q(right__in=ids), agency=None).exists()


def test_a_common_name_is_not_counted(make_case: Callable[..., Any], monkeypatch: Any) -> None:
    for _ in range(3):
        make_case(person=SERIK)
    names = register_matching.names_to_count(
        register_matching.PersonAttributes((("Айгүл", "", SERIK["names"][0]["family"]),))
    )
    with session_scope.bypass_row_security("test"):
        assert set(vault.count_name_records(names).values()) == {3}
        monkeypatch.setattr(vault, "MOST_COUNTED", 3)
        assert vault.count_name_records(names) == {}


def test_a_proposal_falls_only_far_below_where_it_rose(pair: Callable[..., Any], monkeypatch: Any) -> None:
    row = pair()
    above = row.probability + 1e-12
    monkeypatch.setattr(match_run, "JOIN", above)
    again()
    row.refresh_from_db()
    assert row.state == State.OPEN  # it would not be proposed now, and it stays
    monkeypatch.setattr(match_run, "FRACTURE", above)
    again()
    row.refresh_from_db()
    assert row.state == State.WITHDRAWN


def test_what_was_withdrawn_comes_back_only_above_the_upper_bound(pair: Callable[..., Any], monkeypatch: Any) -> None:
    row = pair()
    MatchCandidate.objects.update(state=State.WITHDRAWN)
    monkeypatch.setattr(match_run, "JOIN", row.probability + 1e-12)
    again()
    row.refresh_from_db()
    assert row.state == State.WITHDRAWN
    monkeypatch.undo()
    again()
    row.refresh_from_db()
    assert row.state == State.OPEN


def test_a_changed_identity_is_matched_again(operator: Actor, twice: Callable[..., Any]) -> None:
    first, _second = twice(two=identity("Смирнова", "Ольга", birth_date="1971-01-01"))
    match_run.match_due(MACHINE)
    assert not MatchCandidate.objects.exists()
    change_identity(operator, first, identity("Smirnova", "Olga", birth_date="1971-01-01"))
    match_run.match_due(MACHINE)
    assert MatchCandidate.objects.get().state == State.OPEN


def test_a_proposal_that_a_correction_refutes_is_withdrawn(operator: Actor, twice: Callable[..., Any]) -> None:
    first, _second = twice()
    match_run.match_due(MACHINE)
    change_identity(operator, first, identity("Смирнова", "Ольга", birth_date="1971-01-01"))
    match_run.match_due(MACHINE)
    assert MatchCandidate.objects.get().state == State.WITHDRAWN


@pytest.mark.parametrize("kind", PairDecision.Kind.values)
def test_what_a_human_decided_outlives_every_run(operator: Actor, pair: Callable[..., Any], kind: str) -> None:
    row = pair()
    review.answer(operator, row, "same" if kind == "must" else "different")
    before = list(Membership.objects.order_by("pk").values_list("record", "person", "to_at"))
    again()
    row.refresh_from_db()
    assert row.state == (State.SAME if kind == "must" else State.DIFFERENT)
    assert PairDecision.objects.get().kind == kind
    assert list(Membership.objects.order_by("pk").values_list("record", "person", "to_at")) == before


def test_two_open_cases_of_one_agency_are_left_to_people(twice: Callable[..., Any]) -> None:
    first, second = twice(one=serik(documents=[SEEN]), two=SERIK_LATIN | {"documents": [SEEN]})
    match_run.match_due(MACHINE)
    assert person(first) != person(second)
    assert MatchCandidate.objects.get().risks == ["open_cases"]


def test_an_automatic_link_is_parted_only_below_the_lower_bound(operator: Actor, twice: Callable[..., Any]) -> None:
    first, second = twice(True, one=serik(documents=[SEEN]), two=SERIK_LATIN | {"documents": [SEEN]})
    match_run.match_due(MACHINE)
    before = person(second), person(first)
    change_identity(operator, first, serik(documents=[]))
    match_run.match_due(MACHINE)
    assert person(first) == person(second)  # less certain, still together
    change_identity(operator, first, identity("Смирнова", "Ольга", birth_date="1971-01-01"))
    assert match_run.match_due(MACHINE).parted == 1
    assert person(first) != person(second)
    assert before[0] in {person(first), person(second)}
    assert Membership.objects.filter(to_at=None).count() == 2


def test_blocking_keys_are_hashed_into_the_index_of_names(make_case: Callable[..., Any]) -> None:
    from kerege.casework.vault.identity import blocking_keys

    case = make_case()
    keys = blocking_keys(newest(case.record))
    _, key = keyring().current("index")
    assert keys
    held = {bytes(token) for token in IndexEntry.objects.filter(record=case.record).values_list("token", flat=True)}
    assert {envelope.token(key, text) for text in keys} <= held


# -- groups of the quality board ---------------------------------------------------------------------------------------
def test_a_proposal_is_stored_with_its_groups(pair: Callable[..., Any]) -> None:
    row = pair(one=woman() | {"documents": []}, two=woman() | {"documents": []})
    assert (row.sex, row.language, row.script) == ("female", "kk", "cyrillic")
