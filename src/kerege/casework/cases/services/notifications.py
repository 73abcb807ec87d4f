"""Notices inside the system, and messages outside it, about waiting work. None names a person."""

from __future__ import annotations

from uuid import UUID

from django.urls import reverse
from django.utils import timezone, translation

from kerege.casework.cases.models.notices import Notice
from kerege.casework.cases.models.workload import Cover
from kerege.casework.cases.services.code_checks import check_codes
from kerege.core import audit, authorization, outgoing_messages
from kerege.core.accounts import message_queue
from kerege.core.accounts.models import Agency, OutgoingMessage, User
from kerege.core.authorization import Actor, session_scope
from kerege.vocabulary import codes

SEND = "notices.send"  # kind of the messages about notices
# roles that receive a notice without a user or role
WORKERS = ("caseworker", "supervisor", "identifying_officer")


def notify(
    agency: Agency,
    kind: str,
    *,
    user: User | None = None,
    role: str = "",
    reference: str = "",
    url_name: str = "",
    object_id: UUID | None = None,
) -> Notice:
    """Create a notice for a user, for a role in an agency, or for all who work on cases there.

    The caller has authorised the act. A message with the reference and a link waits for each recipient in the same
    transaction, and the worker sends it.
    """
    row = Notice(
        agency=agency,
        user=user,
        role=role,
        kind=kind,
        reference=reference,
        url_name=url_name,
        object_id=object_id,
        at=timezone.now(),
    )
    check_codes(row)
    with session_scope.bypass_row_security("an act of one agency notifies another agency"):
        row.save()
        if object_id:
            # Only the newest notice about an object is current, so mark the earlier ones as read.
            earlier = Notice.objects.filter(agency=agency, user=user, role=role, object_id=object_id, read_at=None)
            earlier.exclude(pk=row.pk).update(read_at=row.at)
    queue_notice(row)
    return row


def queue_notice(notice: Notice) -> None:
    """Store a message about a notice for each recipient and each way of sending; the worker sends it."""
    if ways := outgoing_messages.ways():
        with session_scope.bypass_row_security("the cover of a user of another agency is a recipient too"):
            users = recipients(notice)
        message_queue.put(
            OutgoingMessage(user=user, kind=SEND, object_id=str(notice.pk), way=way) for user in users for way in ways
        )


def read_notice(actor: Actor, notice: Notice) -> Notice:
    """Mark a notice as read."""
    with audit.act(actor, "notices.read", target=f"notice:{notice.pk}"):
        authorization.require(actor, "notices.read", notice)
        Notice.objects.filter(pk=notice.pk, read_at=None).update(read_at=timezone.now())
    return notice


def read_notices_of(actor: Actor, object_id: UUID) -> None:
    """Mark the actor's notices about an object as read."""
    unread = authorization.scope(actor, Notice, action="notices.read").filter(object_id=object_id, read_at=None)
    Notice.objects.filter(pk__in=list(unread.values_list("pk", flat=True))).update(read_at=timezone.now())


def recipients(notice: Notice) -> list[User]:
    """Return the recipients of a notice: its user and those who cover for them, or the users of its role.

    All of them work at the agency of the notice now.
    """
    if notice.user is not None:
        return [*_users_at(notice.agency_id, pk=notice.user_id), *_covering_users(notice)]
    return _users_at(notice.agency_id, assignments__role__in=[notice.role] if notice.role else WORKERS)


def _users_at(agency_id: UUID, **conditions: object) -> list[User]:
    # one call of filter: the conditions on a role and on its agency apply to the same assignment
    users = User.objects.filter(is_active=True, assignments__agency=agency_id, **conditions)
    return list(users.distinct().order_by("username"))


def _covering_users(notice: Notice) -> list[User]:
    """Return the colleagues who cover for the notice's user today and still work at the agency."""
    today = timezone.localdate()
    running = Cover.objects.filter(
        agency=notice.agency_id, absent=notice.user, ended_at=None, from_on__lte=today, until__gte=today
    )
    return _users_at(notice.agency_id, pk__in=running.values("by"))


def queue_stored_notice(pk: str) -> None:
    """Store the messages of a task that an earlier version queued."""
    if notice := Notice.objects.select_related("agency", "user").filter(pk=pk).first():
        queue_notice(notice)


def send_notice(message: OutgoingMessage) -> None:
    """Send the kind of a notice, its reference and a link to a recipient, and nothing else.

    A user who is not a recipient any more, because they lost the role or the cover ended, gets nothing.
    """
    notice, user = Notice.objects.filter(pk=message.object_id).first(), message.user
    if notice is None or not _is_recipient(notice, user):
        raise message_queue.NothingToSend
    with translation.override(user.language):
        sentence = codes.label("notice_kind", notice.kind, user.language)
        outgoing_messages.send(message, notice.reference, sentence, notice_url(notice))


def _is_recipient(notice: Notice, user: User) -> bool:
    with session_scope.bypass_row_security("the worker checks the recipients of a message again"):
        return user in recipients(notice)


def notice_url(notice: Notice) -> str:
    """Return the URL of the notice's object in the active language; '' when it has none."""
    args = [notice.object_id] if notice.object_id else []
    return reverse(notice.url_name, args=args) if notice.url_name else ""
