"""Actors made from a request or a user: the user, the agency in which they act, and their roles there."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone

from kerege.core.accounts.models import FORBIDDEN_DAYS, Agency, User
from kerege.core.authorization.actor import Actor

AGENCY_KEY = "agency"
NOBODY = Actor(label="anonymous")


def actor_of(request: HttpRequest) -> Actor:
    """Return the signed-in user in the agency that they chose; the database is queried once per request."""
    cached: Actor | None = getattr(request, "_actor", None)
    if cached is None:
        cached = _from_request(request)
        request._actor = cached  # type: ignore[attr-defined]
    return cached


def actor_for(user: User, agency: Agency | None = None) -> Actor:
    """Return a user in an agency; without one, in the first of theirs."""
    return _in_agency(user, agency.pk if agency else None)


def agency_of(actor: Actor) -> Agency:
    """Return the agency in which an actor acts; raise Agency.DoesNotExist for an actor outside any."""
    return Agency.objects.get(pk=str(actor.agency_id))


def _from_request(request: HttpRequest) -> Actor:
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return NOBODY
    chosen = request.session.get(AGENCY_KEY)
    return _in_agency(user, UUID(chosen) if chosen else None)


def _in_agency(user: User, chosen: UUID | None) -> Actor:
    label = f"user:{user.username}"
    if not user.is_active:
        return Actor(label=label, user_id=user.pk)
    # a forbidden role ends on its day also where no worker runs
    ended = Q(forbidden_since__lte=timezone.now() - timedelta(days=FORBIDDEN_DAYS))
    rows = user.assignments.exclude(ended).filter(agency__active=True).order_by("agency__code")
    by_agency: dict[UUID, set[str]] = {}
    for held_in, role in rows.values_list("agency_id", "role"):
        by_agency.setdefault(held_in, set()).add(role)
    agency_id: UUID | None = chosen if chosen in by_agency else next(iter(by_agency), None)
    roles = by_agency[agency_id] if agency_id else set()
    return Actor(label=label, user_id=user.pk, agency_id=agency_id, roles=frozenset(roles))
