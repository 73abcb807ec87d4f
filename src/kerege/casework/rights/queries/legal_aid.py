"""Open matters of legal aid and open charges of an agency."""

from __future__ import annotations

from django.db.models import F, QuerySet

from kerege.casework.cases.models.case import Case
from kerege.casework.rights.models.legal_aid import LegalAid, Penalised
from kerege.core import authorization
from kerege.core.authorization import Actor


def list_open_aid(actor: Actor) -> QuerySet[LegalAid]:
    """Return the legal aid that was not refused and has not ended, first the requests without an answer."""
    rows = LegalAid.objects.filter(case__in=_running_cases(actor), refused_on=None, ended_on=None)
    return rows.select_related("case__caseworker").order_by(F("granted_on").asc(nulls_first=True), "asked_on", "pk")


def list_open_charges(actor: Actor) -> QuerySet[Penalised]:
    """Return the open charges, first those whose body was not told that the person is a victim."""
    rows = Penalised.objects.filter(case__in=_running_cases(actor), outcome="open")
    return rows.select_related("case__caseworker").order_by(F("informed_on").asc(nulls_first=True), "since_on", "pk")


def _running_cases(actor: Actor) -> QuerySet[Case]:
    return authorization.scope(actor, Case, action="cases.change").exclude(status="closed")
