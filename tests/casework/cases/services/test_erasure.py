"""Erasure: another user decides, open or held cases prevent it, and statistics stay the same."""

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
from tests.casework.cases.services.test_attachments import draft
from tests.casework.conftest import identity

pytestmark = pytest.mark.db
DAY = date(2025, 6, 1)


def close_directly(case: Case) -> Case:
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
    return close_directly(make_case())


def submit_request(actor: Actor, case: Case) -> ErasureRequest:
    return erasure.request_erasure(actor, case, "person_asked", DAY)


def is_unreadable(case: Case) -> bool:
    return DataKey.objects.get(record__cases=case).wrapped is None


def test_an_approved_request_erases_all_data_and_leaves_a_receipt(
    case: Case, operator: Actor, supervisor: Actor, coordinator: Actor, make_agency: Any
) -> None:
    assignment.add_note(operator, case, "жазба")
    file = attachments.add_file(operator, case, draft())
    signal = send_signal(operator, SignalDraft(case.agency, make_agency("far"), "hotline", narrative="оқиға"))
    close_signal(operator, signal, case)
    receipt_row = erasure.approve_erasure(coordinator, submit_request(supervisor, case))
    assert (receipt_row.outcome, receipt_row.records, receipt_row.files) == ("erased", 1, 1)
    assert receipt_row.receipt.startswith("R-")
    assert is_unreadable(case)
    file.refresh_from_db()
    assert file.removed_at is not None
    assert DataKey.objects.get(pk=Signal.objects.get(pk=signal.pk).data_key_id).wrapped is None
    assert case.events.filter(kind="erased").exists()
    assert audit.verify().ok


def test_requesters_cannot_decide_their_own_request(case: Case, make_user: Any, make_agency: Any) -> None:
    actor = actor_for(make_user("supervisor", "coordinator", agency=make_agency()), make_agency())
    with pytest.raises(BadInput):
        erasure.approve_erasure(actor, submit_request(actor, case))
    assert not is_unreadable(case)


def test_requesting_and_deciding_need_different_roles(
    case: Case, supervisor: Actor, coordinator: Actor, make_actor: Any, make_agency: Any
) -> None:
    row = submit_request(supervisor, case)
    for stranger in (supervisor, make_actor("supervisor", agency=make_agency("other"))):
        with pytest.raises(Denied):
            erasure.approve_erasure(stranger, row)
    with pytest.raises(Denied):
        submit_request(coordinator, case)
    with pytest.raises(BadInput):
        submit_request(supervisor, case)  # twice


def test_an_open_case_or_hold_of_the_own_agency_refuses_the_request_at_once(
    make_case: Any, case: Case, supervisor: Actor
) -> None:
    with pytest.raises(BadInput):
        submit_request(supervisor, make_case())
    legal_holds.place_hold(supervisor, case, "claim")
    with pytest.raises(BadInput):
        submit_request(supervisor, case)


def test_an_open_case_elsewhere_prevents_approval_without_naming_the_agency(
    case: Case, operator: Actor, supervisor: Actor, coordinator: Actor, make_case: Any, make_agency: Any
) -> None:
    elsewhere = make_case(agency=make_agency("other"), person=identity(given="Айгул"))
    vault.link(operator, elsewhere.record, Person.objects.get(memberships__record=case.record))
    row = submit_request(supervisor, case)  # the requesting agency does not learn about the other one
    assert erasure.find_obstacles(row.person).running == 1
    with pytest.raises(BadInput):
        erasure.approve_erasure(coordinator, row)
    erasure.decline_erasure(coordinator, row, "must_be_kept")
    close_directly(elsewhere)
    second_request = erasure.approve_erasure(coordinator, submit_request(supervisor, case))
    assert second_request.records == 2
    assert is_unreadable(elsewhere)


@pytest.mark.parametrize(("stage", "is_held"), [("investigation", True), ("in_court", True), ("convicted", False)])
def test_open_proceedings_hold_a_case_without_showing_it(
    stage: str, is_held: bool, case: Case, supervisor: Actor, coordinator: Actor, make_agency: Any
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
    row = submit_request(supervisor, case)
    assert bool(erasure.find_obstacles(row.person).held) is is_held
    if is_held:
        with pytest.raises(BadInput):
            erasure.approve_erasure(coordinator, row)
    else:
        erasure.approve_erasure(coordinator, row)
    assert is_unreadable(case) is not is_held


def test_a_request_can_be_withdrawn_and_is_decided_once(case: Case, supervisor: Actor, coordinator: Actor) -> None:
    row = erasure.withdraw_erasure(supervisor, submit_request(supervisor, case))
    assert row.outcome == "withdrawn"
    for decide in (
        lambda: erasure.approve_erasure(coordinator, row),
        lambda: erasure.decline_erasure(coordinator, row, "other"),
        lambda: erasure.withdraw_erasure(supervisor, row),
    ):
        with pytest.raises(BadInput):
            decide()
    assert not is_unreadable(case)


def test_every_unit_of_the_statistics_is_the_same_before_and_after(
    case: Case, make_case: Any, operator: Actor, supervisor: Actor, coordinator: Actor
) -> None:
    make_case(person=identity(given="Болат"))
    [service] = [Service(case=case, kind="shelter", status="requested", payer="state", provider=case.agency)]
    provision.add_services(operator, [service])
    before = {unit: freeze.rows(unit, date(2026, 1, 1)) for unit in units()}
    erasure.approve_erasure(coordinator, submit_request(supervisor, case))
    assert {unit: freeze.rows(unit, date(2026, 1, 1)) for unit in units()} == before
    assert len(before["victims"]) == 2
    case.refresh_from_db()
    assert (case.sex, case.age_band, case.citizenships) == ("female", "26_30", ["KZ"])
