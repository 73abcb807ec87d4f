"""Retention: disposal needs an approval and another user to run it, and held items stay."""

from __future__ import annotations

import importlib
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.apps import apps
from pytest_django import Settings

from kerege.base.errors import BadInput
from kerege.casework.cases import jobs as case_jobs
from kerege.casework.cases.models.case import Case
from kerege.casework.cases.models.records import CaseFile, ErasureRequest, RetentionApproval
from kerege.casework.cases.services import attachments, legal_holds, retention_rules
from kerege.casework.cases.services import retention as retention_services
from kerege.casework.intake.models import Signal
from kerege.casework.intake.services.signals import SignalDraft, close_signal, send_signal
from kerege.casework.vault.models.identities import DataKey, Person
from kerege.casework.vault.services import identities as vault
from kerege.core.accounts.models import User
from kerege.core.audit.models import AuditEvent
from kerege.core.authorization import Actor, Denied
from tests.casework.cases.services.test_attachments import draft
from tests.casework.conftest import identity
from tests.registries import with_only

pytestmark = pytest.mark.db
TODAY = date(2031, 6, 1)
FIVE_YEARS_AGO, DAY_TOO_LATE = date(2026, 6, 1), date(2026, 6, 2)  # exactly five years before TODAY, and one day less


@pytest.fixture
def coordinator(make_actor: Any, make_agency: Any) -> Actor:
    return make_actor("coordinator", agency=make_agency("ministry", "social_protection"))


def close_directly(case: Case, on: date = FIVE_YEARS_AGO, reason: str = "completed") -> Case:
    Case.objects.filter(pk=case.pk).update(status="closed", closed_on=on, closure_reason=reason)
    return case


def due_labels(kind: str) -> list[str]:
    return [row.label for row in retention_rules.due(kind, TODAY)]


def test_a_person_is_due_when_every_case_of_theirs_is(make_case: Any, operator: Actor) -> None:
    first = close_directly(make_case())
    second = close_directly(make_case(person=identity(given="Айгул")), DAY_TOO_LATE)
    make_case(person=identity(given="Болат"))  # open
    assert due_labels("closed_case") == [first.reference]
    vault.link(operator, second.record, Person.objects.get(memberships__record=first.record))
    assert due_labels("closed_case") == []
    close_directly(second)
    assert due_labels("closed_case") == [f"{first.reference}, {second.reference}"]
    [row] = retention_rules.due("closed_case", TODAY)
    assert (row.since, row.due_on) == (FIVE_YEARS_AGO, TODAY)


def test_a_person_who_is_not_a_victim_is_due_sooner(make_case: Any) -> None:
    case = close_directly(make_case(), date(2030, 6, 1), "not_a_victim")
    close_directly(make_case(person=identity(given="Болат")), date(2030, 6, 1))
    assert due_labels("not_a_victim_case") == [case.reference]
    assert due_labels("closed_case") == []


def test_nothing_is_due_under_a_hold_or_without_a_retention_period(
    make_case: Any, operator: Actor, monkeypatch: Any
) -> None:
    case = close_directly(make_case())
    attachments.add_file(operator, case, draft())
    assert due_labels("file") == [case.reference]
    hold = legal_holds.place_hold(operator, case, "claim")
    assert (due_labels("closed_case"), due_labels("file")) == ([], [])
    legal_holds.end_hold(operator, hold)
    assert due_labels("closed_case") == [case.reference]
    monkeypatch.setattr(retention_rules, "months", lambda kind: None)
    assert (due_labels("closed_case"), due_labels("file")) == ([], [])


def test_held_items_past_their_period_are_counted(make_case: Any, operator: Actor) -> None:
    case = close_directly(make_case())
    attachments.add_file(operator, case, draft())
    close_directly(make_case(person=identity(given="Болат")))
    assert retention_rules.kept_longer("closed_case", TODAY) == 0
    legal_holds.place_hold(operator, case, "claim")
    assert [retention_rules.kept_longer(kind, TODAY) for kind in ("closed_case", "file", "signal")] == [1, 1, 0]


def test_files_are_due_before_the_record(make_case: Any, operator: Actor) -> None:
    case = close_directly(make_case(), date(2028, 6, 1))
    attachments.add_file(operator, case, draft())
    assert (due_labels("file"), due_labels("closed_case")) == ([case.reference], [])


def old_signal(operator: Actor, make_agency: Any) -> Signal:
    from django.utils import timezone

    signal = send_signal(operator, SignalDraft(make_agency("far"), make_agency(), "hotline", narrative="оқиға"))
    Signal.objects.filter(pk=signal.pk).update(received_at=timezone.now().replace(year=2025, day=1))
    return signal


def test_signals_that_led_to_no_case_lose_their_text(make_case: Any, operator: Actor, make_agency: Any) -> None:
    without_case, with_case = old_signal(operator, make_agency), old_signal(operator, make_agency)
    close_signal(operator, with_case, make_case())
    assert due_labels("signal") == [without_case.reference]


def test_an_upgrade_ends_approvals_that_were_given_before_the_schedule_ran(
    make_case: Any, operator: Actor, coordinator: Actor, settings: Settings
) -> None:
    case = close_directly(make_case())
    retention_services.approve_removal(coordinator, "closed_case", TODAY)
    migration = importlib.import_module("kerege.casework.cases.migrations.0005_approvals_of_earlier_versions")
    migration.end_open_approvals(apps, None)
    settings.RETENTION_RUNS = True
    at = datetime(2031, 7, 1, tzinfo=UTC)
    case_jobs.run_scheduled_disposals(at)
    assert DataKey.objects.get(record__cases=case).wrapped is not None
    retention_services.approve_removal(coordinator, "closed_case", TODAY)  # after a new look
    case_jobs.run_scheduled_disposals(at)
    assert DataKey.objects.get(record__cases=case).wrapped is None


def test_only_approved_items_are_disposed_of_and_only_once(
    make_case: Any, operator: Actor, coordinator: Actor, make_agency: Any
) -> None:
    case, signal = close_directly(make_case()), old_signal(operator, make_agency)
    assert retention_services.run_approved(operator, TODAY) == {}
    retention_services.approve_removal(coordinator, "closed_case", TODAY)
    retention_services.approve_removal(coordinator, "signal", TODAY)
    closed_later = close_directly(make_case(person=identity(given="Болат")), DAY_TOO_LATE)
    # run later, when more is due than was approved
    assert retention_services.run_approved(operator, date(2031, 7, 1)) == {"closed_case": 1, "signal": 1}
    assert DataKey.objects.get(record__cases=case).wrapped is None
    assert DataKey.objects.get(pk=signal.data_key_id).wrapped is None
    assert DataKey.objects.get(record__cases=closed_later).wrapped is not None
    receipt = ErasureRequest.objects.get(case=case)
    assert (receipt.outcome, receipt.ground, receipt.decided_by) == ("erased", "term_over", operator.label)
    assert receipt.requested_by == coordinator.label
    assert {row.removed for row in RetentionApproval.objects.all()} == {1}
    assert retention_services.run_approved(operator, date(2031, 7, 1)) == {}


def test_an_approval_ends_without_a_disposal_when_the_user_lost_the_right(
    make_case: Any, operator: Actor, coordinator: Actor
) -> None:
    case = close_directly(make_case())
    approval = retention_services.approve_removal(coordinator, "closed_case", TODAY)
    roles = User.objects.get(pk=coordinator.user_id).assignments
    roles.all().delete()
    assert retention_services.run_approved(operator, TODAY) == {}
    assert DataKey.objects.get(record__cases=case).wrapped is not None
    refused = AuditEvent.objects.get(action="retention.approve", outcome="refused")
    assert refused.actor == coordinator.label
    roles.create(agency_id=coordinator.agency_id, role="coordinator")
    assert retention_services.run_approved(operator, TODAY) == {}  # the approval has ended
    approval = retention_services.approve_removal(coordinator, "closed_case", TODAY)
    RetentionApproval.objects.filter(pk=approval.pk).update(originator="")  # of a version that stored no user
    assert retention_services.run_approved(operator, TODAY) == {}
    assert DataKey.objects.get(record__cases=case).wrapped is not None


def test_an_item_held_after_the_approval_stays(make_case: Any, operator: Actor, coordinator: Actor) -> None:
    case = close_directly(make_case())
    retention_services.approve_removal(coordinator, "closed_case", TODAY)
    legal_holds.place_hold(operator, case, "claim")
    assert retention_services.run_approved(operator, TODAY) == {}
    assert DataKey.objects.get(record__cases=case).wrapped is not None


def test_old_files_are_destroyed_with_their_name_and_note(make_case: Any, operator: Actor, coordinator: Actor) -> None:
    row = attachments.add_file(operator, close_directly(make_case(), date(2028, 6, 1)), draft())
    retention_services.approve_removal(coordinator, "file", TODAY)
    assert retention_services.run_approved(operator, TODAY) == {"file": 1}
    row = CaseFile.objects.get(pk=row.pk)
    assert (row.about, row.stored.wrapped) == (None, None)


def test_an_interrupted_run_continues(make_case: Any, operator: Actor, coordinator: Actor, monkeypatch: Any) -> None:
    for name in ("Айгүл", "Болат", "Дана"):
        close_directly(make_case(person=identity(given=name)))
    retention_services.approve_removal(coordinator, "closed_case", TODAY)
    rule, remaining_calls = retention_rules.retention_rules.get("closed_case"), [None]
    assert rule is not None

    def limited_remove(*args: Any) -> None:
        remaining_calls.pop()
        rule.remove(*args)

    with_only(monkeypatch, retention_rules.retention_rules, replace(rule, remove=limited_remove))
    with pytest.raises(IndexError):
        retention_services.run_approved(operator, TODAY)
    remaining_calls.extend([None] * 5)
    assert retention_services.run_approved(operator, TODAY) == {"closed_case": 2}


def test_approving_and_running_need_their_roles(
    make_case: Any, operator: Actor, coordinator: Actor, make_actor: Any
) -> None:
    close_directly(make_case())
    for act in (
        lambda: retention_services.approve_removal(make_actor("auditor"), "closed_case", TODAY),
        lambda: retention_services.approve_removal(operator, "closed_case", TODAY),
        lambda: retention_services.run_approved(coordinator, TODAY),
    ):
        with pytest.raises(Denied):
            act()
    with pytest.raises(BadInput):
        retention_services.approve_removal(coordinator, "signal", TODAY)  # nothing is due
