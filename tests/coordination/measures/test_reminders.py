"""Reminders of half-yearly reports: once before the last day, and once after it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone

from kerege.coordination.measures import reminders
from kerege.coordination.measures.jobs import message_kinds
from kerege.coordination.measures.models import Measure, MeasureBody, MeasurePlan, MeasureReport
from kerege.core.accounts.models import OutgoingMessage
from kerege.vocabulary.profile import active

pytestmark = [pytest.mark.django_db, pytest.mark.db]
HALF = "2025-H1"
LAST = date(2025, 6, 30)
OPEN = date(2026, 12, 31)


def due() -> date:
    return LAST + timedelta(days=active().plan_report.days)


@pytest.fixture(autouse=True)
def _ways(settings: Any) -> None:
    settings.MESSAGE_SENDERS = ["kerege.core.outgoing_messages.by_email"]


@pytest.fixture
def secretary(make_user: Any, bodies: dict[str, Any]) -> Any:
    user = make_user("secretary", agency=bodies["akimat-35"])
    user.email, user.language = "a@example.org", "ru"
    user.save()
    return user


@pytest.fixture
def duties(bodies: dict[str, Any], make_user: Any, secretary: Any) -> list[MeasureBody]:
    """Return the duties of the akimat on two measures; its caseworker is no secretary."""
    make_user("caseworker", agency=bodies["akimat-35"])
    days = {"starts_on": date(2025, 1, 1), "ends_on": OPEN}
    plan = MeasurePlan.objects.create(agency=bodies["mlsp"], titles={"ru": "План"}, **days)
    rows = []
    for number, (term, due_on) in enumerate((("half_yearly", OPEN), ("day", OPEN)), 1):
        measure = Measure.objects.create(plan=plan, number=str(number), place=number, term=term, due_on=due_on)
        rows.append(MeasureBody.objects.create(measure=measure, agency=bodies["akimat-35"], leads=True))
    return rows


def written() -> list[tuple[str, str]]:
    rows = OutgoingMessage.objects.order_by("created_at", "object_id")
    return list(rows.values_list("user__email", "object_id"))


def report(body: MeasureBody, half: str, **values: Any) -> None:
    MeasureReport.objects.create(body=body, half=half, text="Сделано", written_by="x", **values)


def test_a_secretary_is_reminded_once_before_the_last_day_and_once_after_it(duties: list[MeasureBody]) -> None:
    assert reminders.remind(due() - timedelta(days=15)) == 0
    assert reminders.remind(due() - timedelta(days=14)) == 1
    assert reminders.remind(due()) == 0
    assert reminders.remind(due() + timedelta(days=1)) == 1
    assert reminders.remind(due() + timedelta(days=2)) == 0
    assert written() == [("a@example.org", f"{HALF}:soon"), ("a@example.org", f"{HALF}:late")]


def test_a_body_that_reported_is_not_reminded(duties: list[MeasureBody]) -> None:
    for body in duties:
        report(body, HALF, state="submitted", submitted_on=LAST)
    assert reminders.remind(due() + timedelta(days=1)) == 0
    MeasureReport.objects.filter(body=duties[0]).update(state="returned", decided_on=LAST)
    assert reminders.remind(due() + timedelta(days=1)) == 1


def test_a_measure_with_one_day_that_was_completed_needs_no_further_report(duties: list[MeasureBody]) -> None:
    report(duties[0], "2025-H2", state="submitted", submitted_on=LAST)
    report(duties[1], HALF, state="accepted", submitted_on=LAST, decided_on=LAST, completes=True)
    assert reminders.remind(date(2026, 1, 16)) == 0


def test_the_message_names_no_measure_and_links_to_the_reports(duties: list[MeasureBody], mailoutbox: Any) -> None:
    reminders.remind(due() + timedelta(days=1))
    message_kinds.get(reminders.KIND).value(OutgoingMessage.objects.get())  # type: ignore[union-attr]  # it is there
    (letter,) = mailoutbox
    assert letter.to == ["a@example.org"]
    assert letter.body.startswith("Отчёт вашего органа просрочен.")
    assert "Мероприятие" not in letter.body


def test_the_home_page_of_a_secretary_counts_late_reports(
    duties: list[MeasureBody], secretary: Any, sign_in: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    shift = due() + timedelta(days=1) - timezone.localdate()
    started = timezone.now()
    monkeypatch.setattr(timezone, "now", lambda: started + shift)
    page = sign_in(secretary).get("/en/work/").content.decode()
    assert "overdue reports of your body" in page
    assert '<span class="kg-tile__number">2</span>' in page
