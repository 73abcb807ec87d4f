"""Users who ask for work in the queue: it is done with the rights that they have when it is done."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from kerege.core import audit, authorization
from kerege.core.accounts.actors import actor_for
from kerege.core.accounts.models import Agency, User
from kerege.core.authorization import Actor, Denied
from kerege.core.authorization.rules import model_of


def require_right(originator: str, action: str, ids: Sequence[object]) -> None:
    """Raise Denied, and record it, unless the user may still do the action in their agency.

    `originator` is the result of `Actor.reference`. An action about a model is about the record with the first id.
    """
    actor = _current_actor(originator)
    try:
        model = model_of(action)
        if model is None:
            authorization.require(actor, action)
        else:
            authorization.find(actor, model, action=action, pk=ids[0])
    except Denied as denied:
        audit.refuse(actor, denied)
        raise


def _current_actor(originator: str) -> Actor:
    """Return the user with their present roles in that agency; without roles if they left it."""
    user_id, _, agency_id = originator.partition(":")
    user = User.objects.filter(pk=user_id).first()
    if user is None:
        return Actor(label=f"user:{user_id}")
    actor = actor_for(user, Agency.objects.filter(pk=agency_id).first() if agency_id else None)
    is_same_agency = actor.agency_id == (UUID(agency_id) if agency_id else None)
    return actor if is_same_agency else Actor(label=actor.label, user_id=actor.user_id)
