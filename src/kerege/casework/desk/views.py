"""The home page: one part for each role that the actor has in their agency."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from kerege.casework.cases.queries import cases
from kerege.casework.desk import role_links
from kerege.casework.desk.rules import has_home
from kerege.core import pages
from kerege.core.accounts.actors import actor_of
from kerege.web import dashboard


@pages.page("desk.home")
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """Show the work of today; a minister has a board instead."""
    actor = actor_of(request)
    if not has_home(actor):
        return redirect("desk:ministry-board")
    parts = [(part.template, part.read(actor)) for part in dashboard.dashboard.all() if part.role in actor.roles]
    notices = cases.notices(actor)
    context = {
        "parts": parts,
        "places": role_links.list_role_links(actor.roles),
        "today": timezone.localdate(),
        "notices": notices,
    }
    return TemplateResponse(request, "desk/home.html", context)
