"""Review of access in each quarter: administrators confirm the roles still needed; others end."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from kerege.base.errors import Refused
from kerege.core import audit, authorization
from kerege.core.accounts import forbidden_roles, sessions
from kerege.core.accounts.events import roles_ended
from kerege.core.accounts.models import AccessReview, Agency, Role, RoleAssignment
from kerege.core.accounts.second_person import agency_and_below, is_national
from kerege.core.audit.models import AuditEvent
from kerege.core.authorization import Actor, session_scope
from kerege.vocabulary.profile import active


@dataclass(frozen=True)
class ReviewedRole:
    """A role in a review: its assignment, when its holder last acted with it, and whether it is confirmed.

    `ends_on` is the day on which a role against the rules ends at the latest: nobody can confirm it.
    """

    assignment: RoleAssignment
    last_used: datetime | None
    is_confirmed: bool
    ends_on: date | None = None


def quarter_of(day: date) -> str:
    """Return the quarter of a day, such as 2026-Q4."""
    return f"{day.year}-Q{(day.month + 2) // 3}"


def reviewable(actor: Actor) -> Q:
    """Return the condition on the roles that an administrator may confirm: never their own.

    These are the roles in their agency, and the administrators of the agencies below it. A national agency also
    confirms the administrators of agencies that are below none.
    """
    if actor.agency_id is None:
        return authorization.nothing(actor)
    below = Q(agency__in=agency_and_below(actor.agency_id), role=Role.ADMINISTRATOR)
    if is_national(actor.agency_id):
        below |= Q(agency__parent=None, role=Role.ADMINISTRATOR)
    return ~Q(user=actor.user_id) & (Q(agency=actor.agency_id) | below)


def roles_to_review(actor: Actor) -> list[ReviewedRole]:
    """Return the roles in open reviews that the actor may confirm, by agency and user name.

    Roles that are held against the rules are listed without a review too.
    """
    rows = authorization.scope(actor, RoleAssignment, action="access.review").select_related("user", "agency")
    reviews = {review.agency_id: review for review in AccessReview.objects.filter(closed_at=None)}
    rows = rows.order_by("agency__code", "user__username", "role")
    forbidden = {row.pk: forbidden_roles.ends_on(row) for row in forbidden_roles.list_forbidden()}
    return [
        ReviewedRole(
            row, _last_used(row), _is_confirmed(row, reviews.get(row.agency_id)), ends_on=forbidden.get(row.pk)
        )
        for row in rows
        if row.pk in forbidden or (row.agency_id in reviews and _is_older(row, reviews[row.agency_id]))
    ]


def _is_confirmed(row: RoleAssignment, review: AccessReview | None) -> bool:
    return review is not None and str(row.pk) in review.confirmed


def _is_older(row: RoleAssignment, review: AccessReview) -> bool:
    return row.since is None or row.since <= review.opened_at


def _last_used(row: RoleAssignment) -> datetime | None:
    """Return the time at which the holder last acted with a role, according to the audit log."""
    events = AuditEvent.objects.filter(actor=f"user:{row.user.username}", agency=str(row.agency_id))
    with session_scope.bypass_row_security("the reviewer of a role sees when its holder last used it"):
        event = events.filter(details__acted_as__icontains=f'"{row.role}"').order_by("-seq").first()
    return event.at if event else None


def confirm(actor: Actor, assignment_ids: Iterable[int]) -> int:
    """Confirm that these roles are still needed; return their number.

    Raises Denied for roles of others, Refused for a role that its holder may not hold.
    """
    with audit.act(actor, "access.review") as event:
        rows = [
            authorization.find(actor, RoleAssignment, action="access.review", pk=number) for number in assignment_ids
        ]
        forbidden = {row.pk for row in forbidden_roles.list_forbidden()}
        if any(row.pk in forbidden for row in rows):
            raise Refused(_("A role that is held against the rules cannot be confirmed. Nothing was confirmed."))
        for row in rows:
            review = AccessReview.objects.select_for_update().filter(agency=row.agency_id, closed_at=None).first()
            if review is not None:
                review.confirmed[str(row.pk)] = actor.label
                review.save(update_fields=["confirmed"])
        event.note(users=sorted({str(row.user_id) for row in rows}), confirmed=len(rows))
    return len(rows)


def run_reviews(now: datetime) -> None:
    """Open the reviews of the quarter, and close those that are due: roles that nobody confirmed end."""
    today = timezone.localtime(now).date()
    for agency in Agency.objects.filter(active=True, assignments__isnull=False).distinct():
        AccessReview.objects.get_or_create(
            agency=agency,
            quarter=quarter_of(today),
            defaults={"opened_at": now, "due_on": today + timedelta(days=active().roles.review_days)},
        )
    for review in AccessReview.objects.filter(closed_at=None, due_on__lt=today).select_related("agency"):
        _close(review, now)


def _close(review: AccessReview, now: datetime) -> None:
    actor = Actor.system("access-review")
    with audit.act(actor, "access.close_review", f"accessreview:{review.pk}") as event:
        ended = []
        forbidden = {row.pk for row in forbidden_roles.list_forbidden()}
        for row in RoleAssignment.objects.filter(agency=review.agency).select_related("user").order_by("pk"):
            # asked for each row: of several administrators whom nobody confirmed one stays until the next review
            is_confirmed = str(row.pk) in review.confirmed and row.pk not in forbidden
            if is_confirmed or not _is_older(row, review) or forbidden_roles.is_last_administrator(row, forbidden):
                continue
            ended.append(f"{row.user_id}:{row.role}")
            row.delete()
            if not row.user.assignments.exists():
                sessions.end_all(row.user)
        review.closed_at = now
        review.save(update_fields=["closed_at"])
        event.note(agency=str(review.agency_id), ended=sorted(ended))
        if ended:
            roles_ended.send(AccessReview, agency=review.agency, count=len(ended))
