"""Reminders of half-yearly reports: two weeks before their last day, and each month after it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from kerege.coordination.measures.models import MeasureBody
from kerege.coordination.measures.queries import DueReport, list_unsent
from kerege.coordination.reminders import LATE, SOON, Reminder, write
from kerege.core.authorization import session_scope

KIND = "measures.remind"
AHEAD = timedelta(days=14)


def remind(today: date) -> int:
    """Write the reminders of a day; return how many messages are new."""
    with session_scope.bypass_row_security("the worker looks for reports that are due"):
        bodies = MeasureBody.objects.filter(measure__plan__starts_on__lte=today, agency__active=True)
        due = list_unsent(bodies, today)
    return write(KIND, list(_list_reminders(due, today)))


def _list_reminders(due: Iterable[DueReport], today: date) -> Iterator[Reminder]:
    """Yield one reminder for each body, half-year and stage, however many measures it has."""
    near = [row for row in due if row.due_on - AHEAD <= today]
    yield from dict.fromkeys(
        Reminder(row.body.agency_id, f"{row.half}:{LATE if row.due_on < today else SOON}") for row in near
    )
