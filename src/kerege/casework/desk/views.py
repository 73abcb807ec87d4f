"""The home page: one part for each role that the actor has in her agency."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from kerege.casework.awareness import queries as awareness
from kerege.casework.cases import queries as cases
from kerege.casework.desk import places, queries
from kerege.core import access
from kerege.core.access import Actor

Part = Callable[[Actor], dict[str, Any]]


def _caseworker(actor: Actor) -> dict[str, Any]:
    work = queries.work(actor)
    shown = [*work.cases, *(task.case for task in [*work.overdue, *work.today, *work.soon] if task.case)]
    return {
        "work": work,
        "names": queries.names(actor, shown),
        "referrals": queries.referrals(actor),
        "signals": queries.signals(actor),
        "unanswered": queries.unanswered(actor),
    }


def _supervisor(actor: Actor) -> dict[str, Any]:
    return {
        "loads": queries.workload(actor),
        "unassigned": queries.unassigned(actor),
        "overdue": queries.Waiting.of(queries.overdue(actor)),
        "referrals": queries.referrals(actor),
        "signals": queries.signals(actor),
    }


def _identifying_officer(actor: Actor) -> dict[str, Any]:
    return {"waiting": queries.without_decision(actor), "reviews": queries.reviews(actor)}


def _justice_officer(actor: Actor) -> dict[str, Any]:
    crimes, stages = queries.crimes(actor)
    return {"crimes": crimes, "stages": stages}


def _coordinator(actor: Actor) -> dict[str, Any]:
    return {"pipeline": queries.pipeline(actor), "awareness": awareness.overview(actor)}


def _first_responder(actor: Actor) -> dict[str, Any]:
    return {"sent": queries.sent_signals(actor)}


# in the order in which they stand on the page of somebody who has several roles
PARTS: dict[str, Part] = {
    "caseworker": _caseworker,
    "supervisor": _supervisor,
    "identifying_officer": _identifying_officer,
    "justice_officer": _justice_officer,
    "coordinator": _coordinator,
    "first_responder": _first_responder,
}


@access.page("desk.home")
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """What is to be done today."""
    actor = Actor.of(request)
    parts = [(f"desk/_{role}.html", read(actor)) for role, read in PARTS.items() if role in actor.roles]
    told = cases.notices(actor)
    context = {"parts": parts, "places": places.of(actor.roles), "today": timezone.localdate(), "notices": told}
    return TemplateResponse(request, "desk/home.html", context)
