"""Crimes whose proceedings ended long ago are deleted, unless a linked case needs them."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from kerege.casework.cases.models.case import Case
from kerege.casework.cases.services import legal_holds, retention, retention_rules
from kerege.casework.justice.models import CaseLink, Crime, Suspect
from kerege.core.authorization import Actor

pytestmark = [pytest.mark.django_db, pytest.mark.db]
TODAY = date(2041, 6, 1)
OVER, RUNNING = date(2026, 6, 1), date(2026, 6, 2)  # fifteen years before TODAY, and one day less


@pytest.fixture
def record_crime(make_agency: Any) -> Any:
    agency = make_agency("police", "internal_affairs")

    def make(stage: str = "convicted", on: date | None = OVER) -> Crime:
        facts = {"source": "mia", "offence": "kz128", "registered_on": date(2020, 1, 1), "created_by": "x"}
        crime = Crime.objects.create(agency=agency, stage=stage, stage_on=on, created_at="2020-01-01T00:00Z", **facts)
        Suspect.objects.create(crime=crime, sex="male")
        return crime

    return make


def due(kind: str = "crime", today: date = TODAY) -> list[Any]:
    return [row.id for row in retention_rules.due(kind, today)]


def link(crime: Crime, case: Case) -> None:
    CaseLink.objects.create(crime=crime, case=case, basis="consent", linked_at="2020-01-01T00:00Z", linked_by="x")


def test_a_crime_is_due_fifteen_years_after_its_proceedings_ended(record_crime: Any) -> None:
    over = [record_crime(stage) for stage in ("convicted", "acquitted", "closed")]
    record_crime(on=RUNNING)
    record_crime("in_court")
    assert set(due()) == {crime.pk for crime in over}


def test_a_crime_without_an_end_is_due_twenty_five_years_after_its_last_stage_or_registration(
    record_crime: Any, make_actor: Any, make_agency: Any, operator: Actor
) -> None:
    in_court, registered = record_crime("in_court"), record_crime("registered", None)
    record_crime("convicted")
    assert due("open_crime", date(2044, 12, 31)) == []
    assert due("open_crime", date(2045, 1, 1)) == [registered.pk]
    assert due("open_crime", date(2051, 6, 1)) == [registered.pk, in_court.pk]
    coordinator = make_actor("coordinator", agency=make_agency("ministry", "social_protection"))
    retention.approve_removal(coordinator, "open_crime", date(2045, 1, 1))
    assert retention.run_approved(operator, date(2045, 1, 1)) == {"open_crime": 1}
    assert not Crime.objects.filter(pk=registered.pk).exists()


def test_a_linked_case_that_is_open_or_held_keeps_the_crime(record_crime: Any, make_case: Any, operator: Actor) -> None:
    crime, case = record_crime(), make_case()
    link(crime, case)
    assert due() == []
    Case.objects.filter(pk=case.pk).update(status="closed", closed_on=OVER, closure_reason="completed")
    assert due() == [crime.pk]
    legal_holds.place_hold(operator, case, "claim")
    assert due() == []
    assert retention_rules.kept_longer("crime", TODAY) == 1


def test_after_the_approval_the_schedule_deletes_it_with_its_suspects(
    record_crime: Any, make_actor: Any, make_agency: Any, operator: Actor
) -> None:
    crime, other = record_crime(), record_crime(on=RUNNING)
    assert retention.run_approved(operator, TODAY) == {}
    coordinator = make_actor("coordinator", agency=make_agency("ministry", "social_protection"))
    retention.approve_removal(coordinator, "crime", TODAY)
    assert retention.run_approved(operator, TODAY) == {"crime": 1}
    assert list(Crime.objects.values_list("pk", flat=True)) == [other.pk]
    assert not Suspect.objects.filter(crime=crime.pk).exists()
