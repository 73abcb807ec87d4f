"""Notes for the pages of shared-out work (see first.py)."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from kerege.casework.cases.models.case import Case
from kerege.casework.cases.services import approvals, delegation
from kerege.core.accounts.actors import actor_for
from kerege.core.accounts.models import User
from kerege.core.authorization import Actor

SUBJECT = {
    "cases:task-edit": "task",
    "cases:task-undo": "task",
    "cases:approval": "approval",
    "cases:cover-end": "cover",
    "cases:undo-reassignment": "reassignment",
}
POST_ONLY = {"cases:task-undo", "cases:cover-end", "cases:undo-reassignment"}


def furnish(own: Any, elsewhere: Any, words: Any) -> dict[str, Any]:
    """Something that waits for approval, a cover between two colleagues, and cases that were given away."""
    asker, today = Actor(label="user:asker", roles=frozenset({"operator"})), timezone.localdate()
    second = User.objects.create_user(
        f"second-{own.agency.code}-{User.objects.count()}", None, full_name="Second", language="en"
    )
    second.assignments.create(agency=own.agency, role="supervisor")
    boss = actor_for(second, own.agency)
    case = Case.objects.select_related("record__data_key").get(pk=own.case.pk)
    cover = delegation.set_cover(boss, own.agency, own.user, second, today, today)
    given = delegation.reassign(boss, own.agency, [case.pk], own.user, words.note)
    approval = approvals.ask_approval(asker, case, "closure", words.note, proposal=_proposal(today))
    own.case.refresh_from_db()
    return {"approval": approval, "cover": cover, "reassignment": given}


def _proposal(today: Any) -> dict[str, str]:
    return {"status": "closed", "reason": "completed", "on": today.isoformat()}
