"""Queries of the inbox and outbox of signals, and of the coarse state that a sender may know."""

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
# statuses of a service that has begun
BEGUN = ("ongoing", "completed", "interrupted")
LENGTH = 8
MAX_ROWS = 200  # rows of the inbox that the page shows
# Closure reasons grouped as a sender may know them. A reason without an entry would reveal more of the person.
ENDINGS = {
    "helped": ("completed", "term_ended", "returned"),
    "handed_on": ("transferred",),
    "stopped": ("withdrawn", "lost_contact"),
}


def list_inbox(actor: Actor) -> QuerySet[Signal]:
    """Return signals that wait at the actor's agency, urgent ones first."""
    waiting = authorization.scope(actor, Signal, action="signals.read").filter(state__in=["new", "seen"])
    return waiting.select_related("from_agency", "outside").order_by(URGENT_FIRST, "received_at", "id")


def list_acted_on(actor: Actor) -> QuerySet[Signal]:
    """Return signals that led to a case at the actor's agency, newest first.

    Each has the annotation `known`, the number of its cases.
    """
    rows = authorization.scope(actor, Signal, action="signals.read").filter(state=Signal.State.CASE_OPENED)
    return rows.select_related("from_agency").annotate(known=Count("cases")).order_by("-received_at", "-id")


def list_sent(actor: Actor) -> QuerySet[Signal]:
    """Return signals that the actor's agency sent, newest first. `add_states` adds their state."""
    rows = authorization.scope(actor, Signal, action="signals.follow").select_related("to_agency", "from_agency")
    return rows.order_by("-received_at", "-id")


def add_states(rows: Iterable[Signal]) -> list[Signal]:
    """Return the signals with `became` (state) and `ended` (how help ended), without data of a person."""
    signals = list(rows)
    with session_scope.bypass_row_security("the sender of a signal sees its progress and nothing of a case"):
        states = {pk: state for pk, *state in _states([row.pk for row in signals])}
    for row in signals:
        row.became, row.ended = states[row.pk]  # type: ignore[attr-defined]
    return signals


def _states(signal_ids: list[UUID]) -> QuerySet[Signal, tuple[UUID, str, str]]:
    """Return id, state and end of help of these signals."""
    begun_services = Event.objects.filter(case__signals=OuterRef("pk"), kind="service", detail__status__in=BEGUN)
    cases = Case.objects.filter(signals=OuterRef("pk"))
    has_ended = Exists(cases) & ~Exists(cases.exclude(status="closed"))
    became = [
        When(state=Signal.State.NEW, then=Value("received")),
        When(state=Signal.State.SEEN, then=Value("seen")),
        When(Q(state=Signal.State.CLOSED) | has_ended, then=Value("closed")),
        When(Exists(begun_services), then=Value("help_began")),
    ]
    # for several persons, an end is shown only when it applies to all
    ended = [When(Q(state=Signal.State.CLOSED) & ~Exists(cases), then=Value("no_case"))]
    ended += [
        When(has_ended & ~Exists(cases.exclude(closure_reason__in=reasons)), then=Value(name))
        for name, reasons in ENDINGS.items()
    ]
    return (
        Signal.objects.filter(pk__in=signal_ids)
        .annotate(became=Choose(*became, default=Value("looked_into")), ended=Choose(*ended, default=Value("")))
        .values_list("pk", "became", "ended")
    )


def look_up(actor: Actor, reference: str) -> Signal | None:
    """Return a signal of the actor's agency by its reference, in any spelling; None when there is none."""
    typed = re.sub(r"[^0-9A-Z]", "", reference.upper())
    if len(typed) > LENGTH:  # the random part may begin with S too, so remove the prefix from a longer text only
        typed = typed.removeprefix("S")
    if len(typed) != LENGTH:
        return None
    return next(iter(add_states(list_sent(actor).filter(reference=f"S-{typed[:4]}-{typed[4:]}"))), None)
