"""Compensation and protection of a linked person: what must be told, reviewed and reported at once."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone

from kerege.base.errors import BadInput
from kerege.casework.cases.models.case import Task
from kerege.casework.cases.models.notices import Notice
from kerege.casework.justice import case_links, services, victim_support
from kerege.casework.justice.models import Breach, CaseLink, Compensation, Crime, ProtectionMeasure
from kerege.core.authorization import Denied
from tests.casework.justice.test_case_links import add_consent

pytestmark = [pytest.mark.django_db, pytest.mark.db]
DAY = date(2025, 3, 10)


@pytest.fixture
def police(make_agency: Any) -> Any:
    return make_agency("police", "internal_affairs")


@pytest.fixture
def officer(make_actor: Any, police: Any) -> Any:
    return make_actor("justice_officer", agency=police)


def record(officer: Any, police: Any, offence: str) -> Crime:
    row = Crime(agency=police, source="mia", register_number="25-99317", offence=offence, registered_on=DAY)
    return services.record_crimes(officer, [row])[0]


@pytest.fixture
def crime(officer: Any, police: Any) -> Crime:
    return record(officer, police, "kz128")


@pytest.fixture
def link(operator: Any, officer: Any, police: Any, crime: Crime, make_case: Any) -> CaseLink:
    case = make_case()
    add_consent(operator, case, police)
    return case_links.link_case(officer, crime, case.reference)


def test_a_linked_victim_of_an_eligible_article_must_be_told_of_the_fund(
    crime: Crime, link: CaseLink, officer: Any
) -> None:
    assert victim_support.read_fund_state(crime) == victim_support.FundState(is_eligible=True, untold=1)
    assert victim_support.list_untold(officer) == [crime]
    row = services.add_line(officer, Compensation(crime=crime, source="fund", link=link))
    assert victim_support.read_fund_state(crime).untold == 1
    victim_support.add_compensation_step(officer, row, "told", DAY)
    assert victim_support.read_fund_state(crime).untold == 0
    assert victim_support.list_untold(officer) == []


def test_the_fund_pays_nothing_for_another_article(officer: Any, police: Any) -> None:
    state = victim_support.read_fund_state(record(officer, police, "kz308"))
    assert state == victim_support.FundState(is_eligible=False, untold=0)


def test_only_the_fund_is_recorded_without_an_amount(crime: Crime, officer: Any) -> None:
    with pytest.raises(BadInput):
        services.add_line(officer, Compensation(crime=crime, source="offender"))


def protect(officer: Any, crime: Crime, **values: Any) -> ProtectionMeasure:
    return services.add_line(officer, ProtectionMeasure(crime=crime, person="victim", kind="escort", **values))


def test_a_measure_was_asked_for_or_began_and_a_refused_one_did_not_begin(crime: Crime, officer: Any) -> None:
    for values in ({}, {"requested_on": DAY, "ends_on": DAY}, {"starts_on": DAY, "refused_on": DAY}):
        with pytest.raises(BadInput):
            protect(officer, crime, **values)
    row = protect(officer, crime, requested_on=DAY)
    victim_support.change_measure(officer, row, {"refused_on": DAY})
    with pytest.raises(BadInput):
        victim_support.change_measure(officer, row, {"starts_on": DAY})


def test_a_running_measure_is_reviewed_after_the_days_of_the_profile(crime: Crime, officer: Any) -> None:
    today = timezone.localdate()
    old = protect(officer, crime, starts_on=today - timedelta(days=31))
    protect(officer, crime, starts_on=today - timedelta(days=30))
    protect(officer, crime, starts_on=today - timedelta(days=90), ends_on=today - timedelta(days=1))
    assert list(victim_support.due_reviews(officer)) == [old]
    victim_support.change_measure(officer, old, {"reviewed_on": today})
    assert list(victim_support.due_reviews(officer)) == []


def test_a_breach_reaches_the_helpers_at_once_and_tells_them_of_no_crime(
    crime: Crime, link: CaseLink, officer: Any
) -> None:
    row = protect(officer, crime, starts_on=DAY, link=link)
    assert victim_support.record_breach(officer, row, Breach(on=DAY, kind="threat"))
    task = Task.objects.get(case=link.case, kind="contact_person")
    assert task.due_on == timezone.localdate()
    notices = Notice.objects.filter(kind="safety_breach")
    assert set(notices.values_list("role", "reference")) == {
        ("caseworker", link.case.reference),
        ("supervisor", link.case.reference),
    }
    assert {notice.object_id for notice in notices} == {link.case_id}


def test_a_breach_reaches_nobody_when_the_consent_has_ended(
    crime: Crime, link: CaseLink, officer: Any, operator: Any
) -> None:
    row = protect(officer, crime, starts_on=DAY, link=link)
    add_consent(operator, link.case, crime.agency, given=False)
    assert not victim_support.record_breach(officer, row, Breach(on=DAY, kind="threat"))
    assert not Notice.objects.filter(kind="safety_breach").exists()


def test_officers_of_another_agency_change_nothing(
    crime: Crime, officer: Any, make_actor: Any, make_agency: Any
) -> None:
    stranger = make_actor("justice_officer", agency=make_agency("border", "border_service"))
    row = protect(officer, crime, starts_on=DAY)
    paid = services.add_line(officer, Compensation(crime=crime, source="fund"))
    with pytest.raises(Denied):
        victim_support.change_measure(stranger, row, {"threat": "high"})
    with pytest.raises(Denied):
        victim_support.record_breach(stranger, row, Breach(on=DAY, kind="threat"))
    with pytest.raises(Denied):
        victim_support.add_compensation_step(stranger, paid, "told", DAY)
