"""Page of the programme's headline figures, for users inside the programme."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.views.decorators.http import require_GET

from kerege.casework.exchange import headline_figures as room
from kerege.core import pages
from kerege.core.accounts.actors import actor_of
from kerege.vocabulary import reference_figures
from kerege.web.templatetags.kerege import code

SERVICES = "assistance.services"  # path of the figure that lists kinds of service
KINDS = (room.COMPUTED, room.DERIVED, room.QUOTED, room.UNKNOWN)


@pages.page("figures.compute")
@require_GET
def figures(request: HttpRequest) -> HttpResponse:
    """Show every headline figure beside the printed one: exact counts, not for publication."""
    rows = room.compare(room.read_figure_data(actor_of(request)), reference_figures.figures())
    groups = [(kind, [_with_texts(row) for row in rows if row.kind == kind]) for kind in KINDS]
    return TemplateResponse(request, "exchange/figures.html", {"groups": [group for group in groups if group[1]]})


def _with_texts(row: room.FigureComparison) -> tuple[room.FigureComparison, str, str]:
    """Return a row with the texts of its two values; services in the reader's language."""
    if row.id == SERVICES:
        return row, _get_service_labels(row.printed), _get_service_labels(row.value)
    return row, row.printed_text, row.value_text


def _get_service_labels(services: object) -> str:
    """Return kinds of service in the reader's language, from labels as printed or codes."""
    if not isinstance(services, list):
        return room.in_words(services)
    return code(sorted(str(service).lower().replace(" ", "_") for service in services), "service_programme")
