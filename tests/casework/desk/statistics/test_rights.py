"""Figures about rights: each is counted by hand here, over all agencies, and names no person."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone

from kerege.casework.desk.statistics.programme import ReportingPeriod
from kerege.casework.desk.statistics.rights import count_rights
from kerege.casework.justice.models import Compensation, CompensationStep, Crime, ProtectionMeasure
from kerege.casework.rights.models.child import BestInterest, Guardian
from kerege.casework.rights.models.legal_aid import LegalAid, Penalised
from kerege.casework.rights.models.legal_stay import StayStep
from kerege.casework.rights.models.person_rights import Complaint, RightsTold
from kerege.core.authorization import Actor
from tests.rights import make

pytestmark = [pytest.mark.db, pytest.mark.django_db]
DAY = date(2025, 3, 3)
YEAR = ReportingPeriod(date(2025, 1, 1), date(2025, 12, 31))


@pytest.fixture
def actor(make_actor: Any) -> Actor:
    coordinator: Actor = make_actor("coordinator")
    return coordinator


def after(days: int) -> date:
    return DAY + timedelta(days=days)


def test_legal_aid_and_charges_are_counted_by_their_days(actor: Actor, make_case: Any, make_agency: Any) -> None:
    cases = [make_case(make_agency(code), on=DAY) for code in ("one", "two", "three", "four")]
    make_case(make_agency("old"), on=date(2024, 5, 1)).legalaids.create(
        matter="wages", asked_on=DAY, recorded_at=timezone.now(), created_by="x"
    )
    for case, (granted, refused, first, outcome) in zip(
        cases,
        [(2, None, "yes", "in_favour"), (8, None, "no", "settled"), (None, 3, "", ""), (None, None, "", "")],
        strict=True,
    ):
        row = LegalAid(case=case, matter="wages", asked_on=DAY, at_first_interview=first, outcome=outcome)
        row.recorded_at, row.created_by = timezone.now(), "x"
        row.granted_on = after(granted) if granted else None
        row.refused_on = after(refused) if refused else None
        row.save()
    make(Penalised, case=cases[0], act="theft", outcome="open", since_on=DAY)
    make(RightsTold, case=cases[1], told_on=DAY, language="kk", manner="in_person")
    figures = count_rights(actor, YEAR)
    assert (figures.legal_aid, figures.granted.part, figures.refused) == (4, 2, 1)
    assert (figures.at_first_interview.part, figures.at_first_interview.of) == (1, 2)
    assert (figures.days_to_lawyer.median, figures.days_to_lawyer.unknown) == (5, 2)
    assert dict(figures.aid_outcomes.counts) == {"in_favour": 1, "settled": 1}
    assert dict(figures.charges.counts) == {"open": 1}
    assert (figures.rights_explained.part, figures.rights_explained.of) == (1, 4)


def test_complaints_and_reviews_are_in_time_or_not(actor: Actor, make_case: Any, make_agency: Any) -> None:
    """The clock of a complaint is 15 working days: 3 March 2025 to 28 March, with the holidays of Nauryz."""
    case, about = make_case(make_agency("one"), on=DAY), make_agency("two", "ngo")
    for answered, outcome in ((after(10), "upheld"), (after(90), "rejected"), (None, "")):
        make(Complaint, case=case, about=about, sent_on=DAY, answered_on=answered, outcome=outcome)
    make(Complaint, case=case, about=about, sent_on=timezone.localdate())  # its clock runs: it counts for neither
    for question, decided, review in (
        ("school", DAY, after(30)),
        ("school", after(20), None),  # follows in time
        ("stay", DAY, after(30)),
        ("stay", after(40), None),  # follows too late
        ("return", DAY, timezone.localdate() + timedelta(days=5)),  # not due yet
    ):
        make(BestInterest, case=case, question=question, decided_on=decided, review_on=review)
    figures = count_rights(actor, YEAR)
    assert (figures.answered_in_time.part, figures.answered_in_time.of) == (1, 3)
    assert dict(figures.complaints.counts) == {"upheld": 1, "rejected": 1}
    assert (figures.reviewed_in_time.part, figures.reviewed_in_time.of) == (1, 2)


def test_only_a_guardian_without_a_conflict_ends_the_wait(actor: Actor, make_case: Any, make_agency: Any) -> None:
    case = make_case(make_agency("one"), on=DAY)
    for days, conflict in ((1, "yes"), (6, "no"), (9, "no")):
        make(
            Guardian,
            case=case,
            from_on=after(days),
            until=None,
            conflict=conflict,
            conflict_ground="gains" if conflict == "yes" else "",
        )
    assert count_rights(actor, YEAR).days_to_guardian.median == 6


def test_permits_protection_and_the_fund(actor: Actor, make_case: Any, make_agency: Any) -> None:
    case, crime = make_case(make_agency("one"), on=DAY), make(Crime, agency=make_agency("police", "internal_affairs"))
    for kind, refusal in (("permit", ""), ("refusal", "papers"), ("refusal", "late")):
        make(StayStep, case=case, kind=kind, refusal=refusal, done_on=DAY, shelter_stay=None)
    for refused, starts in ((None, DAY), (DAY, None), (None, None)):
        make(
            ProtectionMeasure,
            crime=crime,
            requested_on=DAY,
            decided_on=None,
            refused_on=refused,
            starts_on=starts,
            ends_on=None,
        )
    for states in (("told", "asked", "paid"), ("told", "asked"), ("told",)):
        claim = make(Compensation, crime=crime, source="fund", paid=None)
        for state in states:
            make(CompensationStep, compensation=claim, state=state, on=DAY)
    figures = count_rights(actor, YEAR)
    assert dict(figures.steps.counts) == {"permit": 1, "refusal": 2}
    assert dict(figures.refusals.counts) == {"papers": 1, "late": 1}
    assert dict(figures.protection.counts) == {"granted": 1, "declined": 1, "waiting": 1}
    assert dict(figures.fund.counts) == {"told": 3, "asked": 2, "paid": 1}
    assert (figures.paid_of_asked.part, figures.paid_of_asked.of) == (1, 2)


def test_the_page_of_the_process_shows_them_to_the_coordinator_alone(sign_in: Any, make_user: Any) -> None:
    page = sign_in(make_user("coordinator")).get("/en/work/process/").content.decode()
    assert "Rights of the person" in page
    assert sign_in(make_user("caseworker")).get("/en/work/process/").status_code == 403
