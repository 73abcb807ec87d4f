"""Learning of a link between agencies needs consent or law; many pairs are kept apart at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from kerege.base.errors import Refused
from kerege.casework.cases.models.case import Case
from kerege.casework.persons.models import MatchCandidate, Merge, PairDecision, PairReview
from kerege.casework.persons.queries import cross_agency, quality
from kerege.casework.persons.services import bulk, match_run
from kerege.casework.persons.services import review as review_services
from kerege.casework.persons.thresholds import SMALLEST
from kerege.core.audit.models import AuditEvent
from kerege.core.authorization import Actor, Denied
from tests.casework.conftest import CANARY, identity
from tests.casework.persons.conftest import MACHINE, SERIK, person
from tests.casework.persons.services.review_acts import OTHER_PAPERS, State, fresh

pytestmark = [pytest.mark.django_db, pytest.mark.db]


def test_a_share_is_told_of_enough_second_looks_alone() -> None:
    few, enough = (quality.RecheckRates("machine", "", looked, 1) for looked in (SMALLEST - 1, SMALLEST))
    assert (few.rate, few.interval) == (None, None)
    assert enough.rate == 1 / SMALLEST


# -- across agencies: who learns of it ---------------------------------------------------------------------------------
def test_agencies_learn_nothing_without_consent_or_law(
    pair: Callable[..., Any], coordinator: Any, make_actor: Any
) -> None:
    from kerege.casework.cases.models.case import Event

    row = pair(elsewhere=True)
    before = Event.objects.count()
    review_services.answer(coordinator(), row, "same")
    for case in Case.objects.all():
        worker = make_actor("caseworker", agency=case.agency)
        assert cross_agency.agencies_that_know(worker, case) == []
    assert Event.objects.count() == before


def test_with_consent_the_other_agency_learns_who_knows_the_person(
    operator: Actor, twice: Callable[..., Any], coordinator: Any, make_actor: Any
) -> None:
    from kerege.casework.assistance.models.consents import Consent
    from kerege.casework.assistance.services.consents import record_consent

    first, second = twice(True)
    consent = Consent(
        case=first, purpose="sharing_with_agency", recipient=second.agency, given=True, on=first.registered_on
    )
    record_consent(operator, consent)
    match_run.match_due(MACHINE)
    review_services.answer(coordinator(), MatchCandidate.objects.get(), "same")
    hers = make_actor("caseworker", agency=second.agency)
    assert cross_agency.agencies_that_know(hers, second) == [first.agency]
    # the consent lets the second agency know of the first, not the reverse
    assert cross_agency.agencies_that_know(make_actor("caseworker", agency=first.agency), first) == []
    assert cross_agency.agencies_that_know(hers, first) == []


def test_a_link_counts_one_person(pair: Callable[..., Any], coordinator: Any) -> None:
    from django.utils import timezone

    from kerege.casework.exchange.snapshots.victim_rows import victim_rows

    row = pair(elsewhere=True)
    assert len(victim_rows(timezone.localdate())) == 2
    review_services.answer(coordinator(), row, "same")
    assert len(victim_rows(timezone.localdate())) == 1


def test_sisters_are_risky_whatever_else_agrees(twice: Callable[..., Any]) -> None:
    phone = {"phones": ["+77010000001"]}
    twice(True, one=SERIK | phone, two=identity(CANARY, "Айнұр", birth_date="1996-05-14") | phone)
    match_run.match_due(MACHINE)
    for row in MatchCandidate.objects.all():  # the engine may not even propose them
        assert {"twin", "sibling"} & set(row.risks)


def test_the_operator_links_nothing_by_running_the_job(twice: Callable[..., Any]) -> None:
    first, second = twice(True)
    match_run.match_due(MACHINE)
    match_run.rematch(MACHINE)
    assert person(first) != person(second)
    assert not Merge.objects.exists()


# -- many at once ------------------------------------------------------------------------------------------------------
def test_many_pairs_are_kept_apart_at_once_and_no_run_asks_again(pair: Callable[..., Any], coordinator: Any) -> None:
    row, reviewers = pair(elsewhere=True, **OTHER_PAPERS), [coordinator(), coordinator()]
    assert row.is_risky
    bulk.keep_apart(reviewers, [row])
    assert fresh(row).state == State.DIFFERENT
    assert sorted(PairReview.objects.values_list("by", "answer")) == sorted(
        (one.label, "different") for one in reviewers
    )
    assert PairDecision.objects.get().kind == PairDecision.Kind.CANNOT
    assert AuditEvent.objects.filter(action="persons.answer").count() == 1
    match_run.rematch(MACHINE)
    assert fresh(row).state == State.DIFFERENT


def test_many_pairs_at_once_follow_the_rules_of_one(
    pair: Callable[..., Any], coordinator: Any, make_actor: Any
) -> None:
    row, reviewers = pair(elsewhere=True), [coordinator(), coordinator()]
    with pytest.raises(Denied):
        bulk.keep_apart([reviewers[0], make_actor("caseworker")], [row])
    review_services.answer(reviewers[0], row, "unsure")
    with pytest.raises(Refused, match="that nobody answered"):
        bulk.keep_apart(reviewers, [row])
    assert not PairDecision.objects.exists()
