"""Inbox and outbox of signals, and what became of those that were sent, in coarse words."""

from __future__ import annotations

import re

from django.db.models import Case as Choose
from django.db.models import Exists, OuterRef, Q, QuerySet, Value, When

from kerege.casework.cases.models import Event
from kerege.casework.intake.models import Signal
from kerege.core import access
from kerege.core.access import Actor

URGENT_FIRST = Choose(When(urgency="immediate", then=Value(0)), When(urgency="high", then=Value(1)), default=Value(2))
# states of a service that the person already has
BEGUN = ("ongoing", "completed", "interrupted")
LENGTH = 8


def inbox(actor: Actor) -> QuerySet[Signal]:
    """Signals waiting at the actor's agency, the urgent ones first."""
    waiting = access.scope(actor, Signal, action="signals.read").filter(state__in=["new", "seen"])
    return waiting.select_related("from_agency").order_by(URGENT_FIRST, "received_at")


def sent(actor: Actor) -> QuerySet[Signal]:
    """What the actor's agency sent, newest first, each with `became`: the state, nothing of the person."""
    rows = access.scope(actor, Signal, action="signals.follow").select_related("to_agency", "from_agency")
    helped = Event.objects.filter(case=OuterRef("case"), kind="service", detail__status__in=BEGUN)
    steps = [
        When(state=Signal.State.NEW, then=Value("received")),
        When(state=Signal.State.SEEN, then=Value("seen")),
        When(Q(state=Signal.State.CLOSED) | Q(case__status="closed"), then=Value("closed")),
        When(Exists(helped), then=Value("help_began")),
    ]
    return rows.annotate(became=Choose(*steps, default=Value("looked_into")))


def look_up(actor: Actor, reference: str) -> Signal | None:
    """A signal of the actor's agency by its reference, however it was written down."""
    typed = re.sub(r"[^0-9A-Z]", "", reference.upper()).removeprefix("S")
    if len(typed) != LENGTH:
        return None
    return sent(actor).filter(reference=f"S-{typed[:4]}-{typed[4:]}").first()
