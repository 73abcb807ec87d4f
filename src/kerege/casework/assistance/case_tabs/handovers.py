"""What the page of a case shows of handovers, and how its timeline tells of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from kerege.casework.cases.models import Case
from kerege.casework.cases.tabs import Panel
from kerege.core import access
from kerege.core.access import Actor
from kerege.web.templatetags.kerege import code

if TYPE_CHECKING:
    from kerege.casework.cases.timeline import Directory, Words


def handovers(actor: Actor, case: Case) -> dict[str, Any]:
    """Between whom the case changed hands, and whether the actor may hand it over."""
    rows = case.handovers.select_related("from_agency", "to_agency").order_by("-offered_at")
    return {"handovers": list(rows[:5]), "may_hand_over": access.allows(actor, "handovers.offer", case)}


def _handover(detail: dict[str, Any], known: Directory) -> Words:
    title = _("Handover: %(status)s") % {"status": code(detail["status"], "handover_status")}
    return title, known.agencies.get(detail.get("to", ""), "")


def _transfer_asked(detail: dict[str, Any], known: Directory) -> Words:
    return _("Another agency asks for the case"), known.agencies.get(detail.get("to", ""), "")


PANEL = Panel("assistance/_handover.html", handovers, "sharing", order=60, action="cases.share")
EVENTS = {"handover": _handover, "transfer_asked": _transfer_asked}
