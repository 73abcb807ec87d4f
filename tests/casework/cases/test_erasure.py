"""One asks, another decides; what runs or must be kept is not erased; statistics keep their row."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from kerege.base.errors import BadInput
from kerege.casework.assistance.models.provision import Service
from kerege.casework.assistance.services import provision
from kerege.casework.cases.models.case import Case
from kerege.casework.cases.models.records import ErasureRequest
from kerege.casework.cases.services import assignment, attachments, erasure, legal_holds
from kerege.casework.exchange.snapshots import freeze
from kerege.casework.intake.models import Signal
from kerege.casework.intake.services.signals import SignalDraft, close_signal, send_signal
from kerege.casework.justice.models import CaseLink, Crime
from kerege.casework.vault.models.identities import DataKey, Person
from kerege.casework.vault.services import identities as vault
from kerege.core import audit
from kerege.core.accounts.actors import actor_for
from kerege.core.authorization import Actor, Denied
from kerege.vocabulary.snapshot_columns import units
from tests.casework.cases.test_attachments import draft
from tests.casework.conftest import identity

pytestmark = pytest.mark.db
DAY = date(2025, 6, 1)


def closed(case: Case) -> Case:
    Case.objects.filter(pk=case.pk).update(status="closed", closed_on=DAY, closure_reason="completed")
    case.refresh_from_db()
    return case


@pytest.fixture
def supervisor(make_actor: Any, make_agency: Any) -> Actor:
    return make_actor("supervisor", agency=make_agency())


@pytest.fixture
def coordinator(make_actor: Any, make_agency: Any) -> Actor:
    return make_actor("coordinator", agency=make_agency("ministry", "social_protection"))


@pytest.fixture
def case(make_case: Any) -> Case:
    return closed(make_case())


def ask(actor: Actor, case: Case) -> ErasureRequest:
    return erasure.request_erasure(actor, case, "person_asked", DAY)


def unreadable(case: Case) -> bool:
    return DataKey.objects.get(record__cases=case).wrapped is None


def test_a_request_approved_by_another_erases_everything_and_leaves_a_receipt(
    case: Case, operator: Actor, supervisor: Actor, coordinator: Actor, make_agency: Any
) -> None:
    assignment.add_note(operator, case, "жазба")
    file = attachments.add_file(operator, case, draft())
    signal = send_signal(operator, SignalDraft(case.agency, make_agency("far"), "hotline", narrative="оқиға"))
    close_signal(operator, signal, case)
    done = erasure.approve_erasure(coordinator, ask(supervisor, case))
    assert (done.outcome, done.records, done.files) == ("erased", 1, 1)
    assert done.receipt.startswith("R-")
    assert unreadable(case)
    file.refresh_from_db()
    assert file.removed_at is not None
    assert DataKey.objects.get(pk=Signal.objects.get(pk=signal.pk).data_key_id).wrapped is None
    assert case.events.filter(kind="erased").exists()
    assert audit.verify().ok


def test_nobody_decides_what_she_asked_for(case: Case, make_user: Any, make_agency: Any) -> None:
    both = actor_for(make_user("supervisor", "coordinator", agency=make_agency()), make_agency())
    with pytest.raises(BadInput):
        erasure.approve_erasure(both, ask(both, case))
    assert not unreadable(case)


def test_who_asks_cannot_decide_and_who_decides_cannot_ask(
    case: Case, supervisor: Actor, coordinator: Actor, make_actor: Any, make_agency: Any
) -> None:
    row = ask(supervisor, case)
    for stranger in (supervisor, make_actor("supervisor", agency=make_agency("other"))):
        with pytest.raises(Denied):
            erasure.approve_erasure(stranger, row)
    with pytest.raises(Denied):
        ask(coordinator, case)
    with pytest.raises(BadInput):
        ask(supervisor, case)  # twice


def test_a_running_case_or_a_hold_is_said_to_the_own_agency_at_once(
    make_case: Any, case: Case, supervisor: Actor
) -> None:
    with pytest.raises(BadInput):
        ask(supervisor, make_case())
    legal_holds.place_hold(supervisor, case, "claim")
    with pytest.raises(BadInput):
        ask(supervisor, case)


def test_what_runs_or_must_be_kept_elsewhere_stops_the_decision_and_is_told_without_its_place(
    case: Case, operator: Actor, supervisor: Actor, coordinator: Actor, make_case: Any, make_agency: Any
) -> None:
    elsewhere = make_case(agency=make_agency("other"), told=identity(given="Айгул"))
    vault.link(operator, elsewhere.record, Person.objects.get(memberships__record=case.record))
    row = ask(supervisor, case)  # the own agency learns nothing of the other
    assert erasure.find_obstacles(row.person).running == 1
    with pytest.raises(BadInput):
        erasure.approve_erasure(coordinator, row)
    erasure.decline_erasure(coordinator, row, "must_be_kept")
    closed(elsewhere)
    again = erasure.approve_erasure(coordinator, ask(supervisor, case))
    assert again.records == 2
    assert unreadable(elsewhere)


@pytest.mark.parametrize(("stage", "kept"), [("investigation", True), ("in_court", True), ("convicted", False)])
def test_open_proceedings_hold_without_saying_so(
    stage: str, kept: bool, case: Case, supervisor: Actor, coordinator: Actor, make_agency: Any
) -> None:
    from django.utils import timezone

    crime = Crime.objects.create(
        agency=make_agency("police", "internal_affairs"),
        source="mia",
        offence="kz128",
        registered_on=DAY,
        stage=stage,
        created_at=timezone.now(),
        created_by="x",
    )
    CaseLink.objects.create(crime=crime, case=case)
    row = ask(supervisor, case)
    assert bool(erasure.find_obstacles(row.person).held) is kept
    if kept:
        with pytest.raises(BadInput):
            erasure.approve_erasure(coordinator, row)
    else:
        erasure.approve_erasure(coordinator, row)
    assert unreadable(case) is not kept


def test_a_request_can_be_taken_back_and_is_decided_once(case: Case, supervisor: Actor, coordinator: Actor) -> None:
    row = erasure.withdraw_erasure(supervisor, ask(supervisor, case))
    assert row.outcome == "withdrawn"
    for decide in (
        lambda: erasure.approve_erasure(coordinator, row),
        lambda: erasure.decline_erasure(coordinator, row, "other"),
        lambda: erasure.withdraw_erasure(supervisor, row),
    ):
        with pytest.raises(BadInput):
            decide()
    assert not unreadable(case)


def test_every_unit_of_the_statistics_is_the_same_before_and_after(
    case: Case, make_case: Any, operator: Actor, supervisor: Actor, coordinator: Actor
) -> None:
    make_case(told=identity(given="Болат"))
    [told] = [Service(case=case, kind="shelter", status="requested", payer="state", provider=case.agency)]
    provision.add_services(operator, [told])
    before = {unit: freeze.rows(unit, date(2026, 1, 1)) for unit in units()}
    erasure.approve_erasure(coordinator, ask(supervisor, case))
    assert {unit: freeze.rows(unit, date(2026, 1, 1)) for unit in units()} == before
    assert len(before["victims"]) == 2
    case.refresh_from_db()
    assert (case.sex, case.age_band, case.citizenships) == ("female", "26_30", ["KZ"])
