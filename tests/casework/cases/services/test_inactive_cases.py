"""Cases that nobody closes are closed after their period, so that the period of a closed case begins."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from kerege.casework.cases import health_checks
from kerege.casework.cases.models.case import Case, Event, Task
from kerege.casework.cases.services import inactive_cases, legal_holds, retention, retention_rules
from kerege.core.audit import clock
from kerege.core.authorization import Actor

pytestmark = pytest.mark.db
TODAY = date(2031, 6, 1)
OVER = datetime(2026, 6, 1, 12, tzinfo=UTC)  # five years before TODAY


def age(case: Case, last: datetime = OVER) -> Case:
    """Let the last entry of a case be of a day."""
    Case.objects.filter(pk=case.pk).update(created_at=last, registered_on=last.date())
    Event.objects.filter(case=case).update(at=last)
    return case


def due() -> list[Any]:
    return [item.id for item in retention_rules.due("inactive_case", TODAY)]


def test_a_case_is_due_five_years_after_its_last_entry(make_case: Any) -> None:
    case = age(make_case())
    age(make_case(), OVER + timedelta(days=1))
    Case.objects.filter(pk=age(make_case()).pk).update(
        status="closed", closed_on=OVER.date(), closure_reason="completed"
    )
    assert due() == [case.pk]


def test_a_later_task_or_a_hold_keeps_it_open(make_case: Any, operator: Actor) -> None:
    case = age(make_case())
    task = Task.objects.create(agency=case.agency, case=case, kind="other", due_on=date(2026, 6, 2), created_at=OVER)
    assert due() == []
    task.delete()
    legal_holds.place_hold(operator, case, "claim")
    age(case)
    assert due() == []
    assert retention_rules.kept_longer("inactive_case", TODAY) == 1


def test_after_the_approval_the_schedule_closes_it(
    make_case: Any, operator: Actor, make_actor: Any, make_agency: Any
) -> None:
    case, active = age(make_case()), age(make_case())
    coordinator = make_actor("coordinator", agency=make_agency("ministry", "social_protection"))
    retention.approve_removal(coordinator, "inactive_case", TODAY)
    [item] = [item for item in retention_rules.due("inactive_case", TODAY) if item.id == active.pk]
    age(active, OVER + timedelta(days=9))
    inactive_cases.close_inactive(operator, item, coordinator.label)  # an entry was made meanwhile
    assert retention.run_approved(operator, TODAY) == {"inactive_case": 1}
    case.refresh_from_db()
    active.refresh_from_db()
    assert (case.status, case.closure_reason, active.status) == ("closed", "lost_contact", "open")


def test_doctor_reports_what_waits_long_for_an_approval(make_case: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    age(make_case())
    due_on = date(2031, 6, 1)
    for today, state in ((due_on + health_checks.LATE, "ok"), (due_on + health_checks.LATE + timedelta(1), "warn")):
        monkeypatch.setattr(clock, "today", lambda today=today: today)
        assert health_checks.retention().state == state
    assert "inactive_case" in health_checks.retention().words
