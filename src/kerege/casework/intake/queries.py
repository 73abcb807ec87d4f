"""Inbox and outbox of signals."""

from __future__ import annotations

from django.db.models import Case, QuerySet, Value, When

from kerege.casework.intake.models import Signal
from kerege.core import access
from kerege.core.access import Actor

URGENT_FIRST = Case(When(urgency="immediate", then=Value(0)), When(urgency="high", then=Value(1)), default=Value(2))


def inbox(actor: Actor) -> QuerySet[Signal]:
    """Signals waiting at the actor's agency, the urgent ones first."""
    waiting = access.scope(actor, Signal, action="signals.read").filter(state__in=["new", "seen"])
    return waiting.select_related("from_agency").order_by(URGENT_FIRST, "received_at")


def sent(actor: Actor) -> QuerySet[Signal]:
    """What the actor's agency sent, newest first, by state only."""
    return access.scope(actor, Signal, action="signals.follow").select_related("to_agency", "from_agency")
