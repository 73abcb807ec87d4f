"""What the page of a case shows of identification: screenings."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from kerege.casework.cases.models import Case
from kerege.casework.cases.panels import Panel
from kerege.casework.cases.timeline import Directory, Words
from kerege.casework.intake.models import Screening
from kerege.casework.intake.proposals import proposal
from kerege.core import access
from kerege.core.access import Actor
from kerege.standard import screening as standard
from kerege.web.templatetags.kerege import code, language


def screenings(actor: Actor, case: Case) -> dict[str, Any]:
    """Screenings of the case that the actor may read, the newest first."""
    rows = access.scope(actor, Screening, action="screenings.view").filter(case=case).select_related("agency")
    tools = standard.tools()
    shown = []
    for row in rows[:10]:
        tool = tools.get(row.tool)
        shown.append((row, tool.title.in_language(language()) if tool else "", proposal(row)))
    return {"screenings": shown, "may_screen": access.allows(actor, "screenings.start", case)}


def _requested(detail: dict[str, Any], known: Directory) -> Words:
    title = _("Decision asked for: %(agency)s") % {"agency": known.agencies.get(detail.get("to", ""), "?")}
    return title, code(detail.get("track", ""), "decision_track")


def _notified(detail: dict[str, Any], known: Directory) -> Words:
    title = _("The person was told of the decision")
    return title, code(detail.get("track", ""), "decision_track")


def _review_asked(detail: dict[str, Any], known: Directory) -> Words:
    return _("A decision is reviewed"), code(detail.get("track", ""), "decision_track")


PANELS = [Panel("intake/_screenings.html", screenings, "identification", order=20)]
EVENTS = {"decision_requested": _requested, "notified": _notified, "review_asked": _review_asked}
