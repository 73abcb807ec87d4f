"""Reminders of decisions: at half of the term, after it, and to the chair."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from kerege.coordination.commissions import reminders
from kerege.coordination.commissions.models import Commission, CommissionMember, Meeting, Resolution, ResolutionBody
from kerege.core.accounts.models import OutgoingMessage

pytestmark = [pytest.mark.django_db, pytest.mark.db]


def test_a_body_is_reminded_at_half_of_the_term_and_the_chair_of_what_is_late(
    bodies: dict[str, Any], make_user: Any, settings: Any
) -> None:
    settings.MESSAGE_SENDERS = ["kerege.core.outgoing_messages.by_email"]
    users = {code: make_user("secretary", agency=bodies[code]) for code in ("mlsp", "mia", "akimat-35")}
    commission = Commission.objects.create(agency=bodies["akimat-35"], region="35")
    CommissionMember.objects.create(commission=commission, agency=bodies["mia"], post="chair", from_on=date(2026, 1, 1))
    meeting = Meeting.objects.create(commission=commission, number="1", on=date(2026, 3, 2))
    resolution = Resolution.objects.create(meeting=meeting, number="1.1", due_on=date(2026, 3, 22))
    body = ResolutionBody.objects.create(resolution=resolution, agency=bodies["mlsp"])
    assert reminders.remind(date(2026, 3, 11)) == 0
    assert reminders.remind(date(2026, 3, 12)) == 1
    assert reminders.remind(date(2026, 3, 22)) == 0
    assert reminders.remind(date(2026, 3, 23)) == 2
    stages = {(row.user_id, row.object_id.rpartition(":")[2]) for row in OutgoingMessage.objects.all()}
    assert stages == {(users["mlsp"].pk, "soon"), (users["mlsp"].pk, "late"), (users["mia"].pk, "chair")}
    OutgoingMessage.objects.all().delete()
    ResolutionBody.objects.filter(pk=body.pk).update(state="submitted")
    assert reminders.remind(date(2026, 3, 23)) == 0
