"""Panels on a case's page about identification: decisions with their clocks, and screenings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from kerege.casework.cases.models.case import Case, Decision
from kerege.casework.cases.page_layout import CasePanel, case_panels
from kerege.casework.cases.shared_view import granted
from kerege.casework.cases.timeline import directory
from kerege.casework.intake.models import DecisionReview, Notification, Screening
from kerege.casework.intake.queries.identification import CLOCK, STATUS_CATEGORY
from kerege.casework.intake.queries.proposals import build_proposal
from kerege.casework.intake.services.identification import open_requests
from kerege.casework.vault.services.identities import open_text
from kerege.core import authorization
from kerege.core.authorization import Actor
from kerege.vocabulary import profile
from kerege.vocabulary import screening as standard
from kerege.web.templatetags.kerege import language


def screenings_context(actor: Actor, case: Case) -> dict[str, Any]:
    """Return the context of the screenings that the actor may read, newest first, at most 10."""
    rows = authorization.scope(actor, Screening, action="screenings.view").filter(case=case).select_related("agency")
    tools = standard.tools()
    titled = []
    for row in rows[:10]:
        tool = tools.get(row.tool)
        titled.append((row, tool.title.in_language(language()) if tool else "", build_proposal(row)))
    return {"screenings": titled, "may_screen": authorization.allows(actor, "screenings.start", case)}


@dataclass(frozen=True)
class DecisionDetails:
    """A decision on the page: grounds, notifications, review, outcome of the review, permitted actions."""

    row: Decision
    grounds: str
    by: str
    notifications: list[Notification]
    review: DecisionReview | None
    why: str
    outcome: Decision | None
    may_notify: bool
    may_review: bool


def decisions_context(actor: Actor, case: Case) -> dict[str, Any]:
    """Return the context of the decisions on both tracks, and of the requests that wait."""
    all_decisions = case.decisions.select_related("authority", "grounds__data_key", "review__why__data_key")
    categories = granted(actor, case)
    rows = [row for row in all_decisions if _is_visible(actor, row, categories)]
    names = directory(row.decided_by for row in rows)
    notifications = Notification.objects.filter(decision__in=rows)
    notifications_by_decision: dict[Any, list[Notification]] = {}
    for item in notifications:
        notifications_by_decision.setdefault(item.decision_id, []).append(item)
    permitted = {
        action: set(authorization.scope(actor, Decision, action=action).filter(case=case).values_list("pk", flat=True))
        for action in ("decisions.notify", "decisions.review")
    }
    decision_rows = []
    for row in rows:
        readable = actor.agency_id in {case.agency_id, row.authority_id}
        review = getattr(row, "review", None)
        later = [item for item in rows if review and item.track == row.track and item.created_at > review.created_at]
        is_latest = max(item.created_at for item in rows if item.track == row.track) == row.created_at
        decision_rows.append(
            DecisionDetails(
                row=row,
                grounds=(open_text(row.grounds) or "") if readable else "",
                by=names.worker(row.decided_by),
                notifications=notifications_by_decision.get(row.pk, []),
                review=review,
                why=(open_text(review.why) or "") if review and readable else "",
                outcome=min(later, key=lambda item: item.created_at) if later else None,
                may_notify=row.pk in permitted["decisions.notify"],
                may_review=row.pk in permitted["decisions.review"] and review is None and is_latest,
            )
        )
    return {"decisions": decision_rows[::-1], "requests": _request_rows(actor, case)} | {
        "may_request": authorization.allows(actor, "decisions.request", case)
    }


def _is_visible(actor: Actor, row: Decision, categories: frozenset[str] | None) -> bool:
    """Return whether the actor sees a decision.

    An agency with a share sees its own decisions, and the tracks whose data category is shared.
    """
    return categories is None or row.authority_id == actor.agency_id or STATUS_CATEGORY[row.track] in categories


def _request_rows(actor: Actor, case: Case) -> list[dict[str, Any]]:
    """Return the latest requests that the actor's agency sent or received, with their deadlines."""
    waiting = set(open_requests().filter(case=case).values_list("pk", flat=True))
    own = Q(from_agency=actor.agency_id) | Q(authority=actor.agency_id)
    rows = case.decision_requests.filter(own).select_related("authority", "from_agency", "message__data_key")
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


case_panels.add(
    CasePanel("intake/_decisions.html", decisions_context, "identification", order=10, shared=True),
    CasePanel("intake/_screenings.html", screenings_context, "identification", order=20, shared=True),
)
