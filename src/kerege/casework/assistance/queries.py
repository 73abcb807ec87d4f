"""Reads of assistance."""

from __future__ import annotations

from django.db.models import QuerySet

from kerege.casework.assistance.models import Referral
from kerege.core import access
from kerege.core.access import Actor


def inbox(actor: Actor) -> QuerySet[Referral]:
    """Referrals that wait for the actor's agency, the oldest clock first."""
    waiting = access.scope(actor, Referral, action="referrals.answer").filter(status__in=["sent", "seen"])
    return waiting.select_related("case", "from_agency").order_by("due_on")


def waiting_for_others(actor: Actor) -> QuerySet[Referral]:
    """Referrals of the actor's agency that nobody has answered yet."""
    sent = access.scope(actor, Referral, action="referrals.follow").filter(status__in=["sent", "seen"])
    return sent.select_related("case", "to_agency").order_by("due_on")
