"""What the page of a case shows of identification: decisions with their clocks, and screenings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from kerege.casework.cases.models.case import Case, Decision
from kerege.casework.cases.shared_view import granted
from kerege.casework.cases.tabs import Panel, case_tabs
from kerege.casework.cases.timeline import directory
from kerege.casework.intake.models import Notification, Review, Screening
from kerege.casework.intake.queries.identification import CLOCK, TOLD_IN
from kerege.casework.intake.queries.proposals import proposal
from kerege.casework.intake.services.identification import open_requests
from kerege.casework.vault.services.identities import open_text
from kerege.core import authorization
from kerege.core.authorization import Actor
from kerege.vocabulary import profile
from kerege.vocabulary import screening as standard
from kerege.web.templatetags.kerege import language


def screenings(actor: Actor, case: Case) -> dict[str, Any]:
    """Screenings of the case that the actor may read, the newest first."""
    rows = authorization.scope(actor, Screening, action="screenings.view").filter(case=case).select_related("agency")
    tools = standard.tools()
    shown = []
    for row in rows[:10]:
        tool = tools.get(row.tool)
        shown.append((row, tool.title.in_language(language()) if tool else "", proposal(row)))
    return {"screenings": shown, "may_screen": authorization.allows(actor, "screenings.start", case)}


@dataclass(frozen=True)
class Told:
    """A decision as the tab shows it: grounds, notifications, review, and what may be done."""

    row: Decision
    grounds: str
    by: str
    notifications: list[Notification]
    review: Review | None
    why: str
    outcome: Decision | None
    may_notify: bool
    may_review: bool


def decisions(actor: Actor, case: Case) -> dict[str, Any]:
    """Decisions on both tracks with grounds, notification and review, and the requests that wait."""
    taken = case.decisions.select_related("authority", "grounds__data_key", "review__why__data_key")
    categories = granted(actor, case)
    rows = [row for row in taken if _shows(actor, row, categories)]
    known = directory(row.decided_by for row in rows)
    told = Notification.objects.filter(decision__in=rows)
    heard: dict[Any, list[Notification]] = {}
    for one in told:
        heard.setdefault(one.decision_id, []).append(one)
    may = {
        action: set(authorization.scope(actor, Decision, action=action).filter(case=case).values_list("pk", flat=True))
        for action in ("decisions.notify", "decisions.review")
    }
    found = []
    for row in rows:
        readable = actor.agency_id in {case.agency_id, row.authority_id}
        review = getattr(row, "review", None)
        later = [one for one in rows if review and one.track == row.track and one.created_at > review.created_at]
        latest = max(one.created_at for one in rows if one.track == row.track) == row.created_at
        found.append(
            Told(
                row,
                (open_text(row.grounds) or "") if readable else "",
                known.worker(row.decided_by),
                heard.get(row.pk, []),
                review,
                (open_text(review.why) or "") if review and readable else "",
                min(later, key=lambda one: one.created_at) if later else None,
                row.pk in may["decisions.notify"],
                row.pk in may["decisions.review"] and review is None and latest,
            )
        )
    return {"told": found[::-1], "requests": _requests(actor, case)} | {
        "may_request": authorization.allows(actor, "decisions.request", case)
    }


def _shows(actor: Actor, row: Decision, categories: frozenset[str] | None) -> bool:
    """An agency with which the case is shared sees its own decisions, and a track whose category is shared."""
    return categories is None or row.authority_id == actor.agency_id or TOLD_IN[row.track] in categories


def _requests(actor: Actor, case: Case) -> list[dict[str, Any]]:
    """Requests for a decision that the actor's agency sent or received, with their clocks."""
    waiting = set(open_requests().filter(case=case).values_list("pk", flat=True))
    mine = Q(from_agency=actor.agency_id) | Q(authority=actor.agency_id)
    rows = case.decision_requests.filter(mine).select_related("authority", "from_agency", "message__data_key")
    clock = profile.active()
    return [
        {
            "row": row,
            "waiting": row.pk in waiting,
            "due": clock.due(CLOCK, row.requested_on),
            "message": open_text(row.message) or "",
            "own": row.from_agency_id == actor.agency_id,
        }
        for row in rows[:10]
    ]


case_tabs.add(
    Panel("intake/_decisions.html", decisions, "identification", order=10, shared=True),
    Panel("intake/_screenings.html", screenings, "identification", order=20, shared=True),
)
