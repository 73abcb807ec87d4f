"""Reminders of decisions: at half of the term and after it; then the chair is reminded too."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from uuid import UUID

from kerege.coordination.commissions.models import CommissionMember, ResolutionBody
from kerege.coordination.reminders import CHAIR, LATE, SOON, Reminder, write
from kerege.coordination.reports import SENT
from kerege.core.authorization import session_scope

KIND = "commissions.remind"


def remind(today: date) -> int:
    """Write the reminders of a day; return how many messages are new."""
    with session_scope.bypass_row_security("the worker looks for decisions that are due"):
        rows = ResolutionBody.objects.exclude(state__in=SENT).select_related("resolution__meeting")
        chairs = CommissionMember.objects.filter(post="chair", until_on=None)
        chair_of = dict(chairs.values_list("commission_id", "agency_id"))
        reminders = [reminder for row in rows for reminder in _list_reminders(row, chair_of, today)]
    return write(KIND, reminders)


def _list_reminders(row: ResolutionBody, chair_of: Mapping[UUID, UUID], today: date) -> Iterator[Reminder]:
    meeting, due_on = row.resolution.meeting, row.resolution.due_on
    if today < meeting.on + (due_on - meeting.on) / 2:
        return
    # the number is cut to leave room for the stage in the row of the message
    about = row.resolution_id.hex[:24]
    yield Reminder(row.agency_id, f"{about}:{LATE if due_on < today else SOON}")
    chair = chair_of.get(meeting.commission_id)
    if due_on < today and chair:
        yield Reminder(chair, f"{about}:{CHAIR}")
