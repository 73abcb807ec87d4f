"""Telling somebody inside the system, and by message outside of it, that something waits. No person is named."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.urls import reverse
from django.utils import timezone, translation

from kerege.casework.cases.models.notices import Notice
from kerege.casework.cases.models.workload import Cover
from kerege.casework.cases.services.code_checks import check_codes
from kerege.core import audit, authorization, outgoing_messages
from kerege.core.accounts.models import Agency, User
from kerege.core.authorization import Actor
from kerege.vocabulary import codes

# who is meant where a notice names no role
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
    """Leave a notice for a user of an agency, for a role in it, or for all who work on cases there.

    Part of an act that was allowed already. When it is committed, a message with the reference and a link goes out.
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
    row.save()
    if object_id:
        # of several notices about one thing the newest tells how it stands
        earlier = Notice.objects.filter(agency=agency, user=user, role=role, object_id=object_id, read_at=None)
        earlier.exclude(pk=row.pk).update(read_at=row.at)
    transaction.on_commit(lambda: _send(row), robust=True)
    return row


def read_notice(actor: Actor, notice: Notice) -> Notice:
    """Mark a notice as read."""
    with audit.act(actor, "notices.read", target=f"notice:{notice.pk}"):
        authorization.require(actor, "notices.read", notice)
        Notice.objects.filter(pk=notice.pk, read_at=None).update(read_at=timezone.now())
    return notice


def read_notices_of(actor: Actor, object_id: UUID) -> None:
    """Whoever opens what a notice is about has read it."""
    mine = authorization.scope(actor, Notice, action="notices.read").filter(object_id=object_id, read_at=None)
    Notice.objects.filter(pk__in=list(mine.values_list("pk", flat=True))).update(read_at=timezone.now())


def recipients(notice: Notice) -> list[User]:
    """The users whom a notice is for; while a colleague is away, whoever steps in for her too."""
    if notice.user is not None:
        return [notice.user, *_stand_ins(notice)]
    roles = [notice.role] if notice.role else WORKERS
    found = User.objects.filter(is_active=True, assignments__agency=notice.agency_id, assignments__role__in=roles)
    return list(found.distinct())


def _stand_ins(notice: Notice) -> list[User]:
    """Who covers today the colleague whom a notice is for, and still works at the agency."""
    today = timezone.localdate()
    running = Cover.objects.filter(
        agency=notice.agency_id, absent=notice.user, ended_at=None, from_on__lte=today, until__gte=today
    )
    here = User.objects.filter(is_active=True, assignments__agency=notice.agency_id)
    return list(here.filter(pk__in=running.values("by")).distinct().order_by("username"))


def _send(notice: Notice) -> None:
    """The kind of notice, its reference and where to look: nothing else ever leaves the system."""
    if not outgoing_messages.senders():
        return
    for user in recipients(notice):
        with translation.override(user.language):
            sentence = codes.label("notice_kind", notice.kind, user.language)
            outgoing_messages.send(user, notice.reference, sentence, address(notice))


def address(notice: Notice) -> str:
    """Where a notice leads, in the active language; '' when nowhere."""
    args = [notice.object_id] if notice.object_id else []
    return reverse(notice.url_name, args=args) if notice.url_name else ""
