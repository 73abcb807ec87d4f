"""What has been kept long enough goes, after somebody looked at it, by another's hand; what must be kept stays."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from kerege.base.errors import BadInput
from kerege.casework.cases.models.case import Case
from kerege.casework.cases.models.records import CaseFile, ErasureRequest, RetentionApproval
from kerege.casework.cases.services import attachments, legal_holds, retention_rules
from kerege.casework.cases.services import retention as retention_services
from kerege.casework.intake.models import Signal
from kerege.casework.intake.services.signals import SignalDraft, close_signal, send_signal
from kerege.casework.vault.models.identities import DataKey, Person
from kerege.casework.vault.services import identities as vault
from kerege.core.authorization import Actor, Denied
from tests.casework.cases.test_attachments import draft
from tests.casework.conftest import identity
from tests.registries import with_only

pytestmark = pytest.mark.db
TODAY = date(2031, 6, 1)
LONG_AGO, LATELY = date(2026, 6, 1), date(2026, 6, 2)  # five years to the day, and a day less


@pytest.fixture
def coordinator(make_actor: Any, make_agency: Any) -> Actor:
    return make_actor("coordinator", agency=make_agency("ministry", "social_protection"))


def closed(case: Case, on: date = LONG_AGO, reason: str = "completed") -> Case:
    Case.objects.filter(pk=case.pk).update(status="closed", closed_on=on, closure_reason=reason)
    return case


def due(kind: str) -> list[str]:
    return [row.label for row in retention_rules.due(kind, TODAY)]


def test_a_person_is_due_to_the_day_when_every_case_of_hers_is(make_case: Any, operator: Actor) -> None:
    first = closed(make_case())
    second = closed(make_case(told=identity(given="Айгул")), LATELY)
    make_case(told=identity(given="Болат"))  # open
    assert due("closed_case") == [first.reference]
    vault.link(operator, second.record, Person.objects.get(memberships__record=first.record))
    assert due("closed_case") == []
    closed(second)
    assert due("closed_case") == [f"{first.reference}, {second.reference}"]
    [row] = retention_rules.due("closed_case", TODAY)
    assert (row.since, row.due_on) == (LONG_AGO, TODAY)


def test_who_is_found_not_to_be_a_victim_is_due_sooner(make_case: Any) -> None:
    case = closed(make_case(), date(2030, 6, 1), "not_a_victim")
    closed(make_case(told=identity(given="Болат")), date(2030, 6, 1))
    assert due("not_a_victim_case") == [case.reference]
    assert due("closed_case") == []


def test_nothing_is_due_while_it_is_held_or_where_the_profile_is_silent(
    make_case: Any, operator: Actor, monkeypatch: Any
) -> None:
    case = closed(make_case())
    attachments.add_file(operator, case, draft())
    assert due("file") == [case.reference]
    hold = legal_holds.place_hold(operator, case, "claim")
    assert (due("closed_case"), due("file")) == ([], [])
    legal_holds.end_hold(operator, hold)
    assert due("closed_case") == [case.reference]
    monkeypatch.setattr(retention_rules, "months", lambda kind: None)
    assert (due("closed_case"), due("file")) == ([], [])


def test_what_is_over_its_term_and_must_be_kept_is_counted(make_case: Any, operator: Actor) -> None:
    case = closed(make_case())
    attachments.add_file(operator, case, draft())
    closed(make_case(told=identity(given="Болат")))
    assert retention_rules.kept_longer("closed_case", TODAY) == 0
    legal_holds.place_hold(operator, case, "claim")
    assert [retention_rules.kept_longer(kind, TODAY) for kind in ("closed_case", "file", "signal")] == [1, 1, 0]


def test_files_go_before_the_record(make_case: Any, operator: Actor) -> None:
    case = closed(make_case(), date(2028, 6, 1))
    attachments.add_file(operator, case, draft())
    assert (due("file"), due("closed_case")) == ([case.reference], [])


def old_signal(operator: Actor, make_agency: Any) -> Signal:
    from django.utils import timezone

    signal = send_signal(operator, SignalDraft(make_agency("far"), make_agency(), "hotline", narrative="оқиға"))
    Signal.objects.filter(pk=signal.pk).update(received_at=timezone.now().replace(year=2025))
    return signal


def test_signals_that_led_to_no_case_lose_their_text(make_case: Any, operator: Actor, make_agency: Any) -> None:
    alone, led = old_signal(operator, make_agency), old_signal(operator, make_agency)
    close_signal(operator, led, make_case())
    assert due("signal") == [alone.reference]


def test_nothing_goes_unless_it_was_approved_and_then_only_once(
    make_case: Any, operator: Actor, coordinator: Actor, make_agency: Any
) -> None:
    case, signal = closed(make_case()), old_signal(operator, make_agency)
    assert retention_services.run_approved(operator, TODAY) == {}
    retention_services.approve_removal(coordinator, "closed_case", TODAY)
    retention_services.approve_removal(coordinator, "signal", TODAY)
    late = closed(make_case(told=identity(given="Болат")), LATELY)
    # later, when more is due than was approved
    assert retention_services.run_approved(operator, date(2031, 7, 1)) == {"closed_case": 1, "signal": 1}
    assert DataKey.objects.get(record__cases=case).wrapped is None
    assert DataKey.objects.get(pk=signal.data_key_id).wrapped is None
    assert DataKey.objects.get(record__cases=late).wrapped is not None
    receipt = ErasureRequest.objects.get(case=case)
    assert (receipt.outcome, receipt.ground, receipt.decided_by) == ("erased", "term_over", operator.label)
    assert receipt.requested_by == coordinator.label
    assert {row.removed for row in RetentionApproval.objects.all()} == {1}
    assert retention_services.run_approved(operator, date(2031, 7, 1)) == {}


def test_what_began_to_be_held_after_the_approval_stays(make_case: Any, operator: Actor, coordinator: Actor) -> None:
    case = closed(make_case())
    retention_services.approve_removal(coordinator, "closed_case", TODAY)
    legal_holds.place_hold(operator, case, "claim")
    assert retention_services.run_approved(operator, TODAY) == {}
    assert DataKey.objects.get(record__cases=case).wrapped is not None


def test_old_files_are_shredded_with_what_was_told_of_them(make_case: Any, operator: Actor, coordinator: Actor) -> None:
    row = attachments.add_file(operator, closed(make_case(), date(2028, 6, 1)), draft())
    retention_services.approve_removal(coordinator, "file", TODAY)
    assert retention_services.run_approved(operator, TODAY) == {"file": 1}
    row = CaseFile.objects.get(pk=row.pk)
    assert (row.about, row.stored.wrapped) == (None, None)


def test_a_run_that_breaks_off_goes_on(make_case: Any, operator: Actor, coordinator: Actor, monkeypatch: Any) -> None:
    for name in ("Айгүл", "Болат", "Дана"):
        closed(make_case(told=identity(given=name)))
    retention_services.approve_removal(coordinator, "closed_case", TODAY)
    rule, left = retention_rules.retention_rules.get("closed_case"), [None]
    assert rule is not None

    def once(*args: Any) -> None:
        left.pop()
        rule.remove(*args)

    with_only(monkeypatch, retention_rules.retention_rules, replace(rule, remove=once))
    with pytest.raises(IndexError):
        retention_services.run_approved(operator, TODAY)
    left.extend([None] * 5)
    assert retention_services.run_approved(operator, TODAY) == {"closed_case": 2}


def test_who_may_not_approve_or_run_does_not(
    make_case: Any, operator: Actor, coordinator: Actor, make_actor: Any
) -> None:
    closed(make_case())
    for act in (
        lambda: retention_services.approve_removal(make_actor("auditor"), "closed_case", TODAY),
        lambda: retention_services.approve_removal(operator, "closed_case", TODAY),
        lambda: retention_services.run_approved(coordinator, TODAY),
    ):
        with pytest.raises(Denied):
            act()
    with pytest.raises(BadInput):
        retention_services.approve_removal(coordinator, "signal", TODAY)  # nothing is due
