"""Requests that a second person decides: a user other than the one who asked."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar
from uuid import UUID

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from kerege.base.errors import Refused
from kerege.core import authorization
from kerege.core.accounts.models import Agency
from kerege.core.accounts.second_person_models import SecondPersonRequest
from kerege.core.authorization import Actor

Request = TypeVar("Request", bound=SecondPersonRequest)


def decidable(actor: Actor, in_reach: Callable[[UUID], Q]) -> Q:
    """Return the condition on the requests that an actor may decide.

    They are neither their own nor about themselves. An administrator of a national agency decides on all; others on
    those that `in_reach` selects for their agency.
    """
    if actor.agency_id is None:
        return authorization.nothing(actor)
    not_own = ~Q(asked_by=actor.label) & ~Q(user=actor.user_id)
    return not_own if is_national(actor.agency_id) else not_own & in_reach(actor.agency_id)


def record_decision(actor: Actor, request: Request, *, give: bool) -> Request:
    """Lock a request, record the decision and return it.

    Raises Refused if it is decided already, or if the actor made it.
    """
    row = type(request)._default_manager.select_for_update().get(pk=request.pk)
    if row.outcome or row.asked_by == actor.label:
        raise Refused(_("This request was decided already."))
    row.outcome = row.Outcome.GIVEN if give else row.Outcome.REFUSED
    row.decided_by, row.decided_at = actor.label, timezone.now()
    row.save(update_fields=["outcome", "decided_by", "decided_at"])
    return row


def is_national(agency_id: UUID) -> bool:
    """Return whether an agency is marked as national."""
    return Agency.objects.filter(pk=agency_id, national=True).exists()


def agency_and_below(agency_id: UUID) -> set[UUID]:
    """Return an agency and all agencies below it."""
    known, level = {agency_id}, {agency_id}
    while level:
        level = set(Agency.objects.filter(parent__in=level).values_list("pk", flat=True)) - known
        known |= level
    return known
