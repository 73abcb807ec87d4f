"""The home page: one part for each role that the actor has in her agency."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from kerege.casework.cases import queries as cases
from kerege.casework.desk import places
from kerege.core import access
from kerege.core.access import Actor
from kerege.web import homepage


@access.page("desk.home")
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """What is to be done today."""
    actor = Actor.of(request)
    parts = [(part.template, part.read(actor)) for part in homepage.dashboard.all() if part.role in actor.roles]
    told = cases.notices(actor)
    context = {"parts": parts, "places": places.of(actor.roles), "today": timezone.localdate(), "notices": told}
    return TemplateResponse(request, "desk/home.html", context)
