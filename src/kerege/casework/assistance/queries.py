"""Reads of assistance."""

from __future__ import annotations

from django.db.models import Q, QuerySet
from django.utils import timezone

from kerege.casework.assistance.models import Consent, Referral
from kerege.casework.assistance.services import SHARING
from kerege.casework.cases.models import Case
from kerege.core import access
from kerege.core.access import Actor
from kerege.standard.profile import active


def inbox(actor: Actor) -> QuerySet[Referral]:
    """Referrals that wait for the actor's agency, the oldest clock first."""
    waiting = access.scope(actor, Referral, action="referrals.answer").filter(status__in=["sent", "seen"])
    return waiting.select_related("case", "from_agency").order_by("due_on")


def waiting_for_others(actor: Actor) -> QuerySet[Referral]:
    """Referrals of the actor's agency that nobody has answered yet."""
    sent = access.scope(actor, Referral, action="referrals.follow").filter(status__in=["sent", "seen"])
    return sent.select_related("case", "to_agency").order_by("due_on")


def usable_consents(case: Case) -> QuerySet[Consent]:
    """Consents on which something may rest today: given, not withdrawn, not run out."""
    running = Q(until=None) | Q(until__gte=timezone.localdate())
    rows = Consent.objects.filter(running, case=case, given=True, withdrawn_on=None, purpose__in=SHARING)
    return rows.select_related("recipient")


def basis_title(basis: str, language: str) -> str:
    """What a legal basis of the profile is called; one that the profile no longer names stays as it was written."""
    titles = {entry.id: entry.title.in_language(language) for entry in active().legal_basis}
    return titles.get(basis, basis)

