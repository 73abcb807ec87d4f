"""What the page of a case shows of assistance: services with payer and provider, consents, referrals."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from kerege.casework.assistance import handover_panel
from kerege.casework.assistance.care_panels import CARE, CARE_EVENTS, services, stay_state
from kerege.casework.cases.models import Case
from kerege.casework.cases.panels import Badge, Panel
from kerege.core import access
from kerege.core.access import Actor


def consents(actor: Actor, case: Case) -> dict[str, Any]:
    """The consent ledger, for the agency that owns the case."""
    return {"consents": list(case.consents.select_related("recipient"))}


def referrals(actor: Actor, case: Case) -> dict[str, Any]:
    """Referrals of the case that the actor's agency sent or received."""
    own = {actor.agency_id}
    rows = case.referrals.select_related("from_agency", "to_agency")
    shown = [row for row in rows if row.from_agency_id in own or row.to_agency_id in own or case.agency_id in own]
    return {"referrals": shown, "may_refer": access.allows(actor, "cases.share", case)}


def consent_state(actor: Actor, case: Case) -> Badge | None:
    """Whether the person agreed to anything, for the agency that owns the case."""
    if case.agency_id != actor.agency_id:
        return None
    given = list(case.consents.values_list("given", "withdrawn_on"))
    running = sum(yes and not withdrawn for yes, withdrawn in given)
    return Badge(_("Consents"), str(running) if given else _("not asked"), "green" if running else "yellow")


PANELS = [
    *CARE,
    Panel("assistance/_services.html", services, "assistance", order=50, shared=True),
    Panel("assistance/_consents.html", consents, "sharing", order=20, action="cases.share"),
    Panel("assistance/_referrals.html", referrals, "sharing", order=40),
    handover_panel.PANEL,
]
BADGES = [consent_state, stay_state]
EVENTS = CARE_EVENTS | handover_panel.EVENTS
