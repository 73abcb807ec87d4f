"""The sharing tab of a case: consents, shares and referrals."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from kerege.casework.cases.models.case import Case
from kerege.casework.cases.page_layout import Badge
from kerege.casework.cases.services.shares import running_shares
from kerege.core import authorization
from kerege.core.authorization import Actor
from kerege.vocabulary import codes


def build_consents_panel(actor: Actor, case: Case) -> dict[str, Any]:
    """Return the consent ledger of a case, each entry with its points and whether it runs."""
    rows: list[Any] = list(case.consents.select_related("recipient"))
    points, today = list(codes.code_list("consent_point").codes), timezone.localdate()
    for row in rows:
        row.points = [(point, point in row.explained) for point in points]
        row.over = bool(row.until and row.until < today)
        row.running = row.given and not row.withdrawn_on and not row.over
    return {"consents": rows}


def build_shares_panel(actor: Actor, case: Case) -> dict[str, Any]:
    """Return the running shares of a case: which agency sees which data."""
    return {"shares": list(running_shares().filter(case=case).select_related("agency").order_by("agency__code"))}


def build_referrals_panel(actor: Actor, case: Case) -> dict[str, Any]:
    """Return the referrals of a case that the actor's agency sent or received; the owner gets all."""
    rows = case.referrals.select_related("from_agency", "to_agency")
    if case.agency_id != actor.agency_id:
        rows = rows.filter(Q(from_agency=actor.agency_id) | Q(to_agency=actor.agency_id))
    may = case.takes_more and authorization.allows(actor, "cases.share", case)
    return {"referrals": list(rows), "may_refer": may}


def build_consent_badge(actor: Actor, case: Case) -> Badge | None:
    """Return a badge with the number of running consents; None for an agency that does not own the case."""
    if case.agency_id != actor.agency_id:
        return None
    rows, today = list(case.consents.values_list("given", "withdrawn_on", "until")), timezone.localdate()
    running = sum(given and not withdrawn and (until is None or until >= today) for given, withdrawn, until in rows)
    return Badge(_("Consents"), str(running) if rows else _("not asked"), "green" if running else "yellow")
