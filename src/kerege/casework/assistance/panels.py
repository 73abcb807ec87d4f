"""What the page of a case shows of assistance: services with payer and provider, consents, referrals."""

from __future__ import annotations

from django.utils.translation import gettext as _

from kerege.casework.assistance.models import Service
from kerege.casework.cases.models import Case
from kerege.casework.cases.panels import Badge, Content, Panel
from kerege.core import access
from kerege.core.access import Actor


def services(actor: Actor, case: Case) -> Content:
    """Services; an agency that the case is only shared with sees its own lines and nothing else."""
    rows = access.scope(actor, Service, action="services.view").filter(case=case).select_related("provider")
    return Content({"services": list(rows), "may_serve": access.allows(actor, "services.add", case)})


def consents(actor: Actor, case: Case) -> Content:
    """The consent ledger, for the agency that owns the case."""
    if not access.allows(actor, "cases.share", case):
        return Content({"consents": None})
    rows = list(case.consents.select_related("recipient"))
    running = [row for row in rows if row.given and not row.withdrawn_on]
    badge = Badge(_("Consents"), str(len(running)) if rows else _("not asked"), "green" if running else "yellow")
    return Content({"consents": rows}, [badge])


def referrals(actor: Actor, case: Case) -> Content:
    """Referrals of the case that the actor's agency sent or received."""
    own = {actor.agency_id}
    rows = case.referrals.select_related("from_agency", "to_agency")
    shown = [row for row in rows if row.from_agency_id in own or row.to_agency_id in own or case.agency_id in own]
    return Content({"referrals": shown, "may_refer": access.allows(actor, "cases.share", case)})


PANELS = [
    Panel("assistance/_services.html", services, order=20),
    Panel("assistance/_referrals.html", referrals, order=30),
    Panel("assistance/_consents.html", consents, order=40),
]
