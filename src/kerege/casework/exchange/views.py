"""Page of the programme's headline figures, for users inside the programme."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.views.decorators.http import require_GET

from kerege.casework.exchange import headline_figures as room
from kerege.core import pages
from kerege.core.accounts.actors import actor_of
from kerege.vocabulary import reference_figures

KINDS = (room.COMPUTED, room.DERIVED, room.QUOTED, room.UNKNOWN)


@pages.page("figures.compute")
@require_GET
def figures(request: HttpRequest) -> HttpResponse:
    """Show every headline figure beside the printed one: exact counts, not for publication."""
    rows = room.compare(room.open_books(actor_of(request)), reference_figures.figures())
    groups = [(kind, [row for row in rows if row.kind == kind]) for kind in KINDS]
    context = {"groups": [group for group in groups if group[1]], "agree": all(row.agrees for row in rows)}
    return TemplateResponse(request, "exchange/figures.html", context)
