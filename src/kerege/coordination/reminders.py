"""Reminders to bodies that owe a report: a message to each of their secretaries, once for each stage.

A message holds a fixed sentence and a link. Its row says which half-year or decision it is about; while the row is
kept, which is a month, the same reminder is not written again.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from kerege.core import outgoing_messages
from kerege.core.accounts import message_queue
from kerege.core.accounts.models import OutgoingMessage, Role, User
from kerege.core.authorization import session_scope

SOON, LATE, CHAIR = "soon", "late", "chair"


@dataclass(frozen=True)
class Reminder:
    """A reminder to the secretaries of a body: what it is about, such as `2026-H1:late`."""

    agency: UUID
    about: str


def write(kind: str, reminders: Collection[Reminder]) -> int:
    """Store the messages of reminders that were not written yet; return how many are new."""
    with session_scope.bypass_row_security("the worker reminds the secretaries of each body"):
        rows = [
            OutgoingMessage(user=user, kind=kind, object_id=reminder.about, way=way)
            for reminder in reminders
            for user in _secretaries(reminder.agency)
            for way in outgoing_messages.ways()
        ]
        known = set(OutgoingMessage.objects.filter(kind=kind).values_list("user_id", "object_id", "way"))
    new = [row for row in rows if (row.user_id, row.object_id, row.way) not in known]
    message_queue.put(new)
    return len(new)


def _secretaries(agency: UUID) -> list[User]:
    # one call of filter: the role and the agency are of the same assignment
    rows = User.objects.filter(is_active=True, assignments__agency=agency, assignments__role=Role.SECRETARY)
    return list(rows.distinct().order_by("username"))


def send(message: OutgoingMessage, page: str) -> None:
    """Send the sentence of the stage of a reminder and a link, in the language of the user."""
    stage = message.object_id.rpartition(":")[2]
    with translation.override(message.user.language):
        sentences = {
            LATE: _("A report of your body is overdue"),
            CHAIR: _("A body has not carried out a decision of your commission in time"),
        }
        sentence = sentences.get(stage, _("A report of your body is due soon"))
        outgoing_messages.send(message, "", sentence, reverse(page))
