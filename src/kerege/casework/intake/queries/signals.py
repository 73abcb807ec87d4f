"""Inbox and outbox of signals, and what became of those that were sent, in coarse words."""

from __future__ import annotations

import re
from collections.abc import Iterable
from uuid import UUID

from django.db.models import Case as Choose
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Value, When

from kerege.casework.cases.models.case import Case, Event
from kerege.casework.intake.models import Signal
from kerege.core import authorization
from kerege.core.authorization import Actor, session_scope

URGENT_FIRST = Choose(When(urgency="immediate", then=Value(0)), When(urgency="high", then=Value(1)), default=Value(2))
# states of a service that the person already has
BEGUN = ("ongoing", "completed", "interrupted")
LENGTH = 8
# how help ended, as coarsely as a sender may know; a reason that is not named here says something of the person
ENDINGS = {
    "helped": ("completed", "term_ended", "returned"),
    "handed_on": ("transferred",),
    "stopped": ("withdrawn", "lost_contact"),
}


def inbox(actor: Actor) -> QuerySet[Signal]:
    """Signals waiting at the actor's agency, the urgent ones first."""
    waiting = authorization.scope(actor, Signal, action="signals.read").filter(state__in=["new", "seen"])
    return waiting.select_related("from_agency").order_by(URGENT_FIRST, "received_at")


def acted_on(actor: Actor) -> QuerySet[Signal]:
    """Signals that led to a case at the actor's agency, the newest first, each with `known`: for how many people."""
    rows = authorization.scope(actor, Signal, action="signals.read").filter(state=Signal.State.CASE_OPENED)
    return rows.select_related("from_agency").annotate(known=Count("cases")).order_by("-received_at")


def sent(actor: Actor) -> QuerySet[Signal]:
    """What the actor's agency sent, newest first. How far each is, `followed` tells."""
    return authorization.scope(actor, Signal, action="signals.follow").select_related("to_agency", "from_agency")


def followed(rows: Iterable[Signal]) -> list[Signal]:
    """These signals, each with `became` (how far it is) and `ended` (how help ended, coarsely): nothing of a person."""
    found = list(rows)
    with session_scope.beyond("the sender of a signal reads how far it is, and nothing of a case"):
        states = {pk: told for pk, *told in _states([row.pk for row in found])}
    for row in found:
        row.became, row.ended = states[row.pk]  # type: ignore[attr-defined]
    return found


def _states(wanted: list[UUID]) -> QuerySet[Signal, tuple[UUID, str, str]]:
    helped = Event.objects.filter(case__signals=OuterRef("pk"), kind="service", detail__status__in=BEGUN)
    cases = Case.objects.filter(signals=OuterRef("pk"))
    over = Exists(cases) & ~Exists(cases.exclude(status="closed"))
    became = [
        When(state=Signal.State.NEW, then=Value("received")),
        When(state=Signal.State.SEEN, then=Value("seen")),
        When(Q(state=Signal.State.CLOSED) | over, then=Value("closed")),
        When(Exists(helped), then=Value("help_began")),
    ]
    # of several people only what is true of all
    ended = [When(Q(state=Signal.State.CLOSED) & ~Exists(cases), then=Value("no_case"))]
    ended += [
        When(over & ~Exists(cases.exclude(closure_reason__in=reasons)), then=Value(name))
        for name, reasons in ENDINGS.items()
    ]
    return (
        Signal.objects.filter(pk__in=wanted)
        .annotate(became=Choose(*became, default=Value("looked_into")), ended=Choose(*ended, default=Value("")))
        .values_list("pk", "became", "ended")
    )


def look_up(actor: Actor, reference: str) -> Signal | None:
    """A signal of the actor's agency by its reference, however it was written down."""
    typed = re.sub(r"[^0-9A-Z]", "", reference.upper())
    if len(typed) > LENGTH:  # a number may begin with an S of its own
        typed = typed.removeprefix("S")
    if len(typed) != LENGTH:
        return None
    return next(iter(followed(sent(actor).filter(reference=f"S-{typed[:4]}-{typed[4:]}"))), None)
